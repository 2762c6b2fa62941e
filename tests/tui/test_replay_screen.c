/* SPDX-License-Identifier: Apache-2.0 */
/* A recording played in a pseudo terminal. */
#include "tests/support/cmocka_all.h"

#include "tests/support/vterm_screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *jouletop;
static char directory[] = "replay-XXXXXX";
static char csv[64], again[64];

/* Five seconds of a command: more than a busy machine takes until the first key is read. */
static int record(void **state)
{
	char command[256];

	(void)state;
	snprintf(csv, sizeof(csv), "%s/replay.csv", directory);
	snprintf(again, sizeof(again), "%s/again.csv", directory);
	snprintf(command, sizeof(command), "%s -b -d 0.1 -o %s -- sh -c 'sleep 5' 2>/dev/null",
		 jouletop, csv);
	return system(command);
}

static struct vterm_screen *play(const char *const *argv)
{
	struct vterm_screen *screen = vterm_screen_start(argv, NULL, 100, 30);

	vterm_screen_expect(screen, "threads");
	return screen;
}

static void replay_plays_holds_and_goes_to_a_time(void **state)
{
	const char *argv[] = {jouletop, "replay", csv, NULL};
	struct vterm_screen *screen;

	(void)state;
	screen = play(argv);
	vterm_screen_send(screen, " ");
	vterm_screen_send(screen, "g");
	vterm_screen_send(screen, "1.5\r");
	vterm_screen_expect(screen, "00:00:01");
	vterm_screen_send(screen, "]");
	vterm_screen_send(screen, "[");
	vterm_screen_send(screen, "q");
	assert_int_equal(WEXITSTATUS(vterm_screen_wait_exit(screen)), 0);
	assert_false(vterm_screen_is_alternate(screen));
	assert_true(vterm_screen_cursor_visible(screen));
	vterm_screen_finish(screen);
}

static void replay_recorded_again_ends_whole_at_a_jump(void **state)
{
	const char *argv[] = {jouletop, "replay", "-o", again, csv, NULL};
	char command[256];
	struct vterm_screen *screen;

	(void)state;
	screen = play(argv);
	/* Some of it has been written again by then. */
	vterm_screen_expect(screen, "00:00:01");
	vterm_screen_send(screen, "g");
	vterm_screen_send(screen, "0.5\r");
	vterm_screen_expect(screen, "ends at the jump");
	vterm_screen_send(screen, "]");
	vterm_screen_send(screen, "q");
	assert_int_equal(WEXITSTATUS(vterm_screen_wait_exit(screen)), 0);
	snprintf(command, sizeof(command), "%s replay -b %s 2>&1 | grep -q elapsed", jouletop,
		 again);
	assert_int_equal(system(command), 0);
	vterm_screen_finish(screen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replay_plays_holds_and_goes_to_a_time),
		cmocka_unit_test(replay_recorded_again_ends_whole_at_a_jump),
	};
	char remove[64];
	int failed;

	jouletop = getenv("JOULETOP");
	if (!jouletop || !mkdtemp(directory))
		return 77;
	failed = cmocka_run_group_tests_name("replay_screen", tests, record, NULL);
	snprintf(remove, sizeof(remove), "rm -rf %s", directory);
	return system(remove) == 0 ? failed : failed + 1;
}
