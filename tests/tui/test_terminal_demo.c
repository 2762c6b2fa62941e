/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal on a real pseudo terminal: this program runs itself as a small demo of two views
 * and reads its screen. */
#include "tests/support/cmocka_all.h"
#include "tests/support/terminal_demo.h"
#include "tests/support/vterm_screen.h"

#include "base/memory.h"
#include "screen/key.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char self_path[PATH_MAX];

struct stage {
	struct vterm_screen *screen;
	struct termios before;
	int report_fd;
};

static struct stage start(const char *const *changes, int width, int height)
{
	const char *const argv[] = {self_path, "--demo", NULL};
	struct stage stage;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_true(dup2(ends[1], TERMINAL_DEMO_REPORT_FD) == TERMINAL_DEMO_REPORT_FD);
	close(ends[1]);
	stage.report_fd = ends[0];
	stage.screen = vterm_screen_start(argv, changes, width, height);
	stage.before = vterm_screen_modes_before(stage.screen);
	close(TERMINAL_DEMO_REPORT_FD);
	return stage;
}

static void finish(struct stage *stage)
{
	vterm_screen_finish(stage->screen);
	close(stage->report_fd);
}

/* All that the demo reports until its end. */
static void assert_reports(struct stage *stage, const char *expected)
{
	char text[64] = "";
	size_t length = 0;
	ssize_t got;

	while (length + 1 < sizeof(text) &&
	       (got = read(stage->report_fd, text + length, sizeof(text) - 1 - length)) > 0)
		length += (size_t)got;
	text[length] = '\0';
	assert_string_equal(text, expected);
}

static void assert_restored(struct stage *stage)
{
	struct termios after = vterm_screen_modes(stage->screen);

	assert_false(vterm_screen_is_alternate(stage->screen));
	assert_true(vterm_screen_cursor_visible(stage->screen));
	assert_false(vterm_screen_mouse(stage->screen));
	assert_int_equal(after.c_iflag, stage->before.c_iflag);
	assert_int_equal(after.c_oflag, stage->before.c_oflag);
	assert_int_equal(after.c_lflag, stage->before.c_lflag);
	assert_int_equal(after.c_cflag, stage->before.c_cflag);
}

static bool has_mouse(struct vterm_screen *screen, void *user)
{
	(void)user;
	return vterm_screen_mouse(screen);
}

static void starting_and_quitting_leaves_the_terminal_as_it_was(void **state)
{
	struct stage stage = start(NULL, 120, 40);

	(void)state;
	vterm_screen_expect(stage.screen, "demo threads");
	vterm_screen_expect(stage.screen, "demo watts \u6F22 \u2588\u28FF");
	assert_true(vterm_screen_is_alternate(stage.screen));
	assert_false(vterm_screen_cursor_visible(stage.screen));
	assert_true(vterm_screen_wait(stage.screen, has_mouse, NULL));
	vterm_screen_send(stage.screen, "q");
	int status = vterm_screen_wait_exit(stage.screen);

	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_restored(&stage);
	assert_reports(&stage, "stopped\n");
	finish(&stage);
}

static void control_c_is_a_key_and_ends_it_cleanly(void **state)
{
	struct stage stage = start(NULL, 80, 24);

	(void)state;
	vterm_screen_expect(stage.screen, "demo threads");
	vterm_screen_send(stage.screen, "\003");
	int status = vterm_screen_wait_exit(stage.screen);

	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_restored(&stage);
	finish(&stage);
}

static void any_size_and_back_shows_what_fits(void **state)
{
	struct stage stage = start(NULL, 120, 40);

	(void)state;
	vterm_screen_expect(stage.screen, "demo watts");
	vterm_screen_resize(stage.screen, 60, 16);
	vterm_screen_expect_gone(stage.screen, "demo watts");
	vterm_screen_expect(stage.screen, "412.3 W");
	vterm_screen_resize(stage.screen, 1, 1);
	vterm_screen_expect_gone(stage.screen, "412.3 W");
	vterm_screen_resize(stage.screen, 200, 50);
	vterm_screen_expect(stage.screen, "demo watts");
	for (int i = 0; i < 200; i++)
		vterm_screen_resize(stage.screen, 40 + i % 50, 10 + i % 30);
	vterm_screen_resize(stage.screen, 100, 30);
	vterm_screen_expect(stage.screen, "demo watts");
	vterm_screen_expect(stage.screen, "H help  q quit");
	vterm_screen_send(stage.screen, "q");
	vterm_screen_wait_exit(stage.screen);
	assert_restored(&stage);
	finish(&stage);
}

static void keys_and_mouse_arrive(void **state)
{
	struct stage stage = start(NULL, 120, 40);

	(void)state;
	vterm_screen_expect(stage.screen, "row 0");
	vterm_screen_key(stage.screen, KEY_DOWN_ARROW);
	vterm_screen_expect(stage.screen, "row 1");
	vterm_screen_send(stage.screen, "jj");
	vterm_screen_expect(stage.screen, "row 3");
	vterm_screen_wheel(stage.screen, 10, 30, true);
	vterm_screen_expect(stage.screen, "row 6");
	vterm_screen_click(stage.screen, 5, 1);
	vterm_screen_expect_gone(stage.screen, "demo threads");
	vterm_screen_key(stage.screen, KEY_ESCAPE);
	vterm_screen_expect(stage.screen, "demo threads");
	vterm_screen_key(stage.screen, KEY_F10);
	vterm_screen_wait_exit(stage.screen);
	finish(&stage);
}

static void control_s_freezes_nothing_and_control_l_redraws(void **state)
{
	struct stage stage = start(NULL, 120, 40);

	(void)state;
	vterm_screen_expect(stage.screen, "row 0");
	vterm_screen_send(stage.screen, "\023j");
	vterm_screen_expect(stage.screen, "row 1");
	vterm_screen_send(stage.screen, "\014j");
	vterm_screen_expect(stage.screen, "row 2");
	vterm_screen_send(stage.screen, "q");
	vterm_screen_wait_exit(stage.screen);
	finish(&stage);
}

static void a_terminal_that_takes_nothing_stops_neither_show_nor_stop(void **state)
{
	struct stage stage = start(NULL, 200, 60);

	(void)state;
	vterm_screen_expect(stage.screen, "demo threads");
	vterm_screen_send(stage.screen, "F");
	int status = vterm_screen_wait_exit_unread(stage.screen);

	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_reports(&stage, "shown\nbusy\nstopped\n");
	struct termios after = vterm_screen_modes(stage.screen);

	assert_int_equal(after.c_lflag, stage.before.c_lflag);
	assert_int_equal(after.c_iflag, stage.before.c_iflag);
	finish(&stage);
}

static void a_hang_up_is_noticed(void **state)
{
	struct stage stage = start(NULL, 80, 24);

	(void)state;
	vterm_screen_expect(stage.screen, "demo threads");
	vterm_screen_hang_up(stage.screen);
	int status = vterm_screen_wait_exit(stage.screen);

	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == TERMINAL_DEMO_LOST);
	assert_reports(&stage, "lost\n");
	finish(&stage);
}

static void a_crash_gives_the_terminal_back(void **state)
{
	struct stage stage = start(NULL, 80, 24);

	(void)state;
	vterm_screen_expect(stage.screen, "demo threads");
	vterm_screen_send(stage.screen, "X");
	int status = vterm_screen_wait_exit(stage.screen);

	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == TERMINAL_DEMO_CRASHED);
	assert_restored(&stage);
	finish(&stage);
}

static void a_shell_can_stop_and_continue_it(void **state)
{
	const char *const argv[] = {"/bin/sh", "-i", NULL};
	const char *const changes[] = {"PS1=ready> ", "ENV", NULL};
	char command[PATH_MAX + 32];
	struct vterm_screen *screen = vterm_screen_start(argv, changes, 100, 30);

	(void)state;
	vterm_screen_expect(screen, "ready>");
	snprintf(command, sizeof(command), "%s --demo 9>/dev/null\n", self_path);
	vterm_screen_send(screen, command);
	vterm_screen_expect(screen, "demo threads");
	vterm_screen_send(screen, "\032");
	vterm_screen_expect(screen, "ready>");
	assert_false(vterm_screen_is_alternate(screen));
	assert_true(vterm_screen_cursor_visible(screen));
	vterm_screen_send(screen, "echo $((40 + 2)) here\n");
	vterm_screen_expect(screen, "42 here");
	vterm_screen_send(screen, "fg\n");
	vterm_screen_expect(screen, "demo threads at row 0");
	vterm_screen_send(screen, "j");
	vterm_screen_expect(screen, "row 1");
	vterm_screen_send(screen, "q");
	vterm_screen_expect(screen, "ready>");
	vterm_screen_finish(screen);
}

static void without_a_shell_control_z_changes_nothing(void **state)
{
	struct stage stage = start(NULL, 100, 30);

	(void)state;
	vterm_screen_expect(stage.screen, "row 0");
	vterm_screen_send(stage.screen, "\032j");
	vterm_screen_expect(stage.screen, "row 1");
	vterm_screen_send(stage.screen, "q");
	vterm_screen_wait_exit(stage.screen);
	finish(&stage);
}

static void check_refusal(const char *const *changes, const char *remedy)
{
	struct stage stage = start(changes, 120, 24);

	vterm_screen_expect(stage.screen, remedy);
	int status = vterm_screen_wait_exit(stage.screen);

	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	assert_restored(&stage);
	finish(&stage);
}

static void an_unusable_terminal_type_is_said_with_its_remedy(void **state)
{
	(void)state;
	check_refusal((const char *const[]){"TERM=nosuchterm", NULL},
		      "TERM=nosuchterm is unknown here: set TERM=xterm-256color or use -b");
	check_refusal((const char *const[]){"TERM", NULL},
		      "TERM is not set: set TERM=xterm-256color or use -b");
	check_refusal((const char *const[]){"TERM=dumb", NULL}, "TERM=dumb cannot place text");
}

static void without_a_terminal_batch_mode_is_named(void **state)
{
	char command[PATH_MAX + 64];
	const char *const argv[] = {"/bin/sh", "-c", command, NULL};

	(void)state;
	snprintf(command, sizeof(command), "%s --demo 9>/dev/null | cat", self_path);

	struct vterm_screen *screen = vterm_screen_start(argv, NULL, 80, 24);

	vterm_screen_expect(screen, "no terminal: use -b for batch mode");
	vterm_screen_wait_exit(screen);
	vterm_screen_finish(screen);
}

static void colours_are_the_theme_s_and_absent_on_demand(void **state)
{
	struct stage stage = start(NULL, 120, 40);
	struct vterm_screen_cell cell;

	(void)state;
	vterm_screen_expect(stage.screen, "demo threads");
	cell = vterm_screen_cell(stage.screen, 2, 2);
	assert_int_equal(cell.code_point, 'd');
	assert_int_equal(cell.foreground, 81);
	assert_int_equal(cell.background, -1);
	assert_true(cell.bold);
	finish(&stage);

	stage = start((const char *const[]){"NO_COLOR=1", NULL}, 120, 40);
	vterm_screen_expect(stage.screen, "demo threads");
	cell = vterm_screen_cell(stage.screen, 2, 2);
	assert_int_equal(cell.code_point, 'd');
	assert_int_equal(cell.foreground, -1);
	assert_true(cell.bold);
	finish(&stage);
}

static void another_locale_than_utf8_gets_ascii(void **state)
{
	struct stage stage = start((const char *const[]){"LANG=C", NULL}, 120, 40);

	(void)state;
	vterm_screen_expect(stage.screen, "demo threads");
	vterm_screen_expect(stage.screen, "+- power ");
	finish(&stage);
}

static void poorer_terminals_work_too(void **state)
{
	static const char *const types[] = {"TERM=vt100", "TERM=linux", "TERM=screen-256color",
					    "TERM=xterm"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		/* For the console curses loads libgpm, which leaks ten bytes. */
		struct stage stage =
			start((const char *const[]){types[i], "ASAN_OPTIONS=detect_leaks=0", NULL},
			      100, 30);

		vterm_screen_expect(stage.screen, "demo threads");
		vterm_screen_send(stage.screen, "q");
		int status = vterm_screen_wait_exit(stage.screen);

		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
		finish(&stage);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starting_and_quitting_leaves_the_terminal_as_it_was),
		cmocka_unit_test(control_c_is_a_key_and_ends_it_cleanly),
		cmocka_unit_test(any_size_and_back_shows_what_fits),
		cmocka_unit_test(keys_and_mouse_arrive),
		cmocka_unit_test(control_s_freezes_nothing_and_control_l_redraws),
		cmocka_unit_test(a_terminal_that_takes_nothing_stops_neither_show_nor_stop),
		cmocka_unit_test(a_hang_up_is_noticed),
		cmocka_unit_test(a_crash_gives_the_terminal_back),
		cmocka_unit_test(a_shell_can_stop_and_continue_it),
		cmocka_unit_test(without_a_shell_control_z_changes_nothing),
		cmocka_unit_test(an_unusable_terminal_type_is_said_with_its_remedy),
		cmocka_unit_test(without_a_terminal_batch_mode_is_named),
		cmocka_unit_test(colours_are_the_theme_s_and_absent_on_demand),
		cmocka_unit_test(another_locale_than_utf8_gets_ascii),
		cmocka_unit_test(poorer_terminals_work_too),
	};

	if (argc > 1 && strcmp(argv[1], "--demo") == 0)
		return terminal_demo();
	if (realpath(argv[0], self_path) == NULL)
		return 1;
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("terminal_demo", tests, NULL, NULL);
}
