/* SPDX-License-Identifier: Apache-2.0 */
/* Work by the output of a command that stands in a terminal of its own user's: it keeps its terminal, its keyboard and Ctrl-C. */
#include "tests/support/cmocka_all.h"

#include "tests/support/vterm_screen.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static const char *jouletop;

static struct vterm_screen *start(const char *script)
{
	const char *argv[] = {jouletop,	     "-b",    "-d", "0.1", "--work-match", "step ([0-9]+)",
			      "--work-unit", "turns", "--", "sh",  "-c",	   script,
			      NULL};
	const char *changes[] = {NULL};

	return vterm_screen_start(argv, changes, 100, 30);
}

static void a_command_in_a_terminal_stays_in_one(void **state)
{
	struct vterm_screen *screen = start(
		"test -t 1 && test -t 2 && echo both; stty size; read line; echo \"read $line\"; "
		"echo step 3; echo step 7; exit 6");

	(void)state;
	vterm_screen_expect(screen, "both");
	vterm_screen_expect(screen, "30 100");
	vterm_screen_send(screen, "word\r");
	vterm_screen_expect(screen, "read word");
	vterm_screen_expect(screen, "work 7.00 turns (output)");
	assert_int_equal(WEXITSTATUS(vterm_screen_wait_exit(screen)), 6);
	vterm_screen_finish(screen);
}

static void its_user_can_interrupt_it(void **state)
{
	struct vterm_screen *screen =
		start("trap 'echo caught; exit 9' INT; echo step 1; while :; do "
		      "sleep 0.05; done");

	(void)state;
	vterm_screen_expect(screen, "step 1");
	vterm_screen_send(screen, "\003");
	vterm_screen_expect(screen, "caught");
	vterm_screen_expect(screen, "turns (output)");
	assert_int_equal(WEXITSTATUS(vterm_screen_wait_exit(screen)), 9);
	vterm_screen_finish(screen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_in_a_terminal_stays_in_one),
		cmocka_unit_test(its_user_can_interrupt_it),
	};

	jouletop = getenv("JOULETOP");
	if (!jouletop)
		return 77;
	return cmocka_run_group_tests_name("tap", tests, NULL, NULL);
}
