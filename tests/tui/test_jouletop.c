/* SPDX-License-Identifier: Apache-2.0 */
/* The whole program in a pseudo terminal: panels, sizes, quitting, and a command that outlives it. */
#include "tests/support/cmocka_all.h"

#include "base/clock.h"
#include "base/memory.h"
#include "screen/key.h"
#include "tests/support/vterm_screen.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *jouletop, *workload;
static char state_directory[] = "state-XXXXXX";
static char state_variable[64];

/* A command that says its pid and then works until killed. */
#define COMMAND "echo pid $$.; while :; do echo step; sleep 0.05; done"

static struct vterm_screen *start(const char *const *words, int width, int height)
{
	const char *argv[16] = {jouletop, "-d", "0.1"};
	const char *changes[] = {state_variable, NULL};
	size_t count = 3;

	for (; *words; words++)
		argv[count++] = *words;
	return vterm_screen_start(argv, changes, width, height);
}

#define START(width, height, ...) start((const char *const[]){__VA_ARGS__, NULL}, width, height)

static struct vterm_screen *start_command(int width, int height)
{
	return START(width, height, "--", "sh", "-c", COMMAND);
}

/* The pid that COMMAND has printed; read off the output panel. */
static pid_t command_pid(struct vterm_screen *screen)
{
	const char *text;
	long pid = 0;

	vterm_screen_send(screen, "0");
	vterm_screen_expect(screen, "pid ");
	vterm_screen_send(screen, "g");
	for (text = vterm_screen_text(screen); (text = strstr(text, "pid ")); text++)
		if (sscanf(text, "pid %ld.", &pid) == 1)
			break;
	vterm_screen_send(screen, "0");
	assert_true(pid > 1);
	return (pid_t)pid;
}

static bool has_ended(pid_t pid)
{
	int64_t deadline_ns = clock_now_ns() + 10 * CLOCK_NS_PER_S;

	while (clock_now_ns() < deadline_ns) {
		if (kill(pid, 0) < 0)
			return true;
		usleep(2000);
	}
	return false;
}

static void expect_restored(const struct vterm_screen *screen)
{
	assert_false(vterm_screen_is_alternate(screen));
	assert_true(vterm_screen_cursor_visible(screen));
	assert_false(vterm_screen_mouse(screen));
}

static bool log_holds(const char *text)
{
	int64_t deadline_ns = clock_now_ns() + 10 * CLOCK_NS_PER_S;
	char command[256];

	snprintf(command, sizeof(command), "grep -rq '%s' %s", text, state_directory);
	while (clock_now_ns() < deadline_ns) {
		if (system(command) == 0) /* a fixed pattern in a directory of the test's own */
			return true;
		usleep(10000);
	}
	return false;
}

static void shows_a_training_and_zooms_each_panel(void **state)
{
	static const struct {
		const char *key, *title;
	} panels[] = {
		{"1", "power"},	 {"2", "perf per watt"}, {"4", "frequency"}, {"5", "threads"},
		{"8", "SOURCE"}, {"9", "phases"},	 {"0", "output"},
	};
	struct vterm_screen *screen = START(120, 40, "--", workload, "--seconds", "60");

	(void)state;
	vterm_screen_expect(screen, "samples/J");
	for (size_t i = 0; i < ARRAY_SIZE(panels); i++) {
		vterm_screen_send(screen, panels[i].key);
		vterm_screen_expect(screen, "back");
		vterm_screen_expect(screen, panels[i].title);
		vterm_screen_send(screen, panels[i].key);
		vterm_screen_expect_gone(screen, "back");
	}
	vterm_screen_key(screen, KEY_F1);
	vterm_screen_expect(screen, "perf per watt");
	vterm_screen_key(screen, KEY_F1);
	vterm_screen_send(screen, "q");
	vterm_screen_expect(screen, "stop it");
	vterm_screen_send(screen, "s");
	vterm_screen_wait_exit(screen);
	expect_restored(screen);
	vterm_screen_finish(screen);
}

static void phases_stand_in_their_panel_and_w_begins_and_ends_a_window(void **state)
{
	struct vterm_screen *screen = START(120, 40, "--", workload, "--seconds", "60");

	(void)state;
	vterm_screen_expect(screen, "samples/J");
	vterm_screen_send(screen, "9");
	vterm_screen_expect(screen, "J/WORK");
	vterm_screen_expect(screen, "training");
	vterm_screen_expect(screen, "devices in training");
	vterm_screen_send(screen, "w");
	vterm_screen_expect(screen, "window 1");
	vterm_screen_expect(screen, "2 open");
	vterm_screen_send(screen, "w");
	vterm_screen_expect(screen, "1 open");
	vterm_screen_send(screen, "j?");
	vterm_screen_expect(screen, "window 1: ");
	vterm_screen_key(screen, KEY_ESCAPE);
	vterm_screen_send(screen, "9");
	vterm_screen_expect_gone(screen, "devices in");
	vterm_screen_send(screen, "qs");
	vterm_screen_wait_exit(screen);
	vterm_screen_finish(screen);
}

static void work_is_counted_in_the_output_that_is_shown(void **state)
{
	struct vterm_screen *screen =
		START(120, 40, "--work-match", "step ([0-9]+)", "--work-unit", "turns", "--", "sh",
		      "-c", "i=0; while :; do i=$((i+1)); echo step $i; sleep 0.05; done");

	(void)state;
	vterm_screen_expect(screen, "turns/J");
	vterm_screen_expect(screen, "turns by output");
	vterm_screen_send(screen, "0");
	vterm_screen_expect(screen, "step 2");
	vterm_screen_send(screen, "qs");
	vterm_screen_wait_exit(screen);
	vterm_screen_finish(screen);
}

static void survives_every_size(void **state)
{
	static const struct {
		int width, height;
	} sizes[] = {{60, 16}, {1, 1}, {20, 3}, {1, 40}, {200, 1}, {80, 24}, {1, 1}, {120, 40}};
	struct vterm_screen *screen = start_command(120, 40);

	(void)state;
	vterm_screen_expect(screen, "perf per watt");
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		vterm_screen_resize(screen, sizes[i].width, sizes[i].height);
	vterm_screen_expect(screen, "perf per watt");
	vterm_screen_resize(screen, 60, 16);
	vterm_screen_expect_gone(screen, "perf per watt");
	vterm_screen_expect(screen, "TID");
	vterm_screen_resize(screen, 120, 40);
	vterm_screen_expect(screen, "perf per watt");
	vterm_screen_send(screen, "qs");
	vterm_screen_wait_exit(screen);
	expect_restored(screen);
	vterm_screen_finish(screen);
}

static void quit_asks_and_stay_stays(void **state)
{
	struct vterm_screen *screen = start_command(100, 30);
	pid_t pid = command_pid(screen);

	(void)state;
	vterm_screen_send(screen, "q");
	vterm_screen_expect(screen, "stop it");
	vterm_screen_key(screen, KEY_ESCAPE);
	vterm_screen_expect_gone(screen, "stop it");
	assert_int_equal(kill(pid, 0), 0);
	vterm_screen_send(screen, "qs");
	assert_int_equal(WEXITSTATUS(vterm_screen_wait_exit(screen)), 128 + SIGTERM);
	assert_true(has_ended(pid));
	expect_restored(screen);
	vterm_screen_finish(screen);
}

static void quit_and_keep_leaves_the_command_running_and_ends_with_it(void **state)
{
	struct vterm_screen *screen = start_command(100, 30);
	pid_t pid = command_pid(screen);

	(void)state;
	vterm_screen_send(screen, "q");
	vterm_screen_expect(screen, "stop it");
	vterm_screen_key(screen, KEY_ENTER);
	vterm_screen_expect(screen, "keeps running");
	expect_restored(screen);
	assert_int_equal(kill(pid, 0), 0);
	assert_true(log_holds("step"));
	kill(pid, SIGKILL);
	assert_int_equal(WEXITSTATUS(vterm_screen_wait_exit(screen)), 128 + SIGKILL);
	assert_true(log_holds("elapsed"));
	vterm_screen_finish(screen);
}

static void lost_terminal_leaves_the_command_running_and_the_recording_whole(void **state)
{
	char csv[64], command[128];
	struct vterm_screen *screen;
	pid_t pid, self;

	(void)state;
	snprintf(csv, sizeof(csv), "%s/lost.csv", state_directory);
	screen = START(100, 30, "-o", csv, "--", "sh", "-c", COMMAND);
	pid = command_pid(screen);
	self = vterm_screen_pid(screen);
	vterm_screen_hang_up(screen);
	assert_true(log_holds("step"));
	assert_int_equal(kill(pid, 0), 0);
	kill(pid, SIGTERM);
	vterm_screen_wait_exit_unread(screen);
	assert_true(has_ended(self));
	/* Whole: the last line is a whole row, and replay has nothing to complain of. */
	snprintf(command, sizeof(command), "%s replay -b %s 2>&1 | grep -q elapsed", jouletop, csv);
	assert_int_equal(system(command), 0);
	vterm_screen_finish(screen);
}

static void killed_jouletop_leaves_the_command_running(void **state)
{
	struct vterm_screen *screen = start_command(100, 30);
	pid_t pid = command_pid(screen);

	(void)state;
	kill(vterm_screen_pid(screen), SIGKILL);
	vterm_screen_wait_exit(screen);
	assert_int_equal(kill(pid, 0), 0);
	assert_true(log_holds("step"));
	kill(pid, SIGKILL);
	vterm_screen_finish(screen);
}

static void crash_restores_the_terminal_and_spares_the_command(void **state)
{
	struct vterm_screen *screen = start_command(100, 30);
	pid_t pid = command_pid(screen);

	(void)state;
	kill(vterm_screen_pid(screen), SIGSEGV);
	vterm_screen_wait_exit(screen);
	expect_restored(screen);
	assert_int_equal(kill(pid, 0), 0);
	kill(pid, SIGKILL);
	vterm_screen_finish(screen);
}

static void ended_command_leaves_its_figures_on_the_screen(void **state)
{
	struct vterm_screen *screen = START(100, 30, "--", "sh", "-c", "sleep 0.3; exit 5");

	(void)state;
	vterm_screen_expect(screen, "ended with code 5");
	vterm_screen_send(screen, "q");
	assert_int_equal(WEXITSTATUS(vterm_screen_wait_exit(screen)), 5);
	expect_restored(screen);
	vterm_screen_finish(screen);
}

/* A driver or bus that hangs: the screen comes, shows the source as pending, and lets itself be quit. */
static void library_that_never_starts_holds_up_nothing(void **state)
{
	const char *argv[] = {jouletop, "-d", "0.1", NULL};
	static char preload[4096];
	const char *changes[] = {state_variable, preload,
				 "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0", NULL};
	struct vterm_screen *screen;

	(void)state;
	snprintf(preload, sizeof(preload), "LD_PRELOAD=%s/tests/support/slow_sensors.so",
		 getenv("top_builddir"));
	if (access(strchr(preload, '=') + 1, R_OK) < 0)
		skip();
	screen = vterm_screen_start(argv, changes, 120, 40);
	vterm_screen_expect(screen, "whole machine");
	vterm_screen_expect(screen, "W est.");
	vterm_screen_send(screen, "8");
	vterm_screen_expect(screen, "hwmon");
	vterm_screen_expect(screen, "temperature sensors  \xe2\x80\xa6");
	vterm_screen_send(screen, "q");
	assert_int_equal(WEXITSTATUS(vterm_screen_wait_exit(screen)), 0);
	vterm_screen_finish(screen);
}

static void unknown_theme_is_named_and_no_command_is_started(void **state)
{
	struct vterm_screen *screen =
		START(100, 30, "--theme", "nosuch", "--", "sh", "-c", "echo started");

	(void)state;
	assert_int_equal(WEXITSTATUS(vterm_screen_wait_exit(screen)), 125);
	assert_non_null(strstr(vterm_screen_text(screen), "nosuch"));
	assert_null(strstr(vterm_screen_text(screen), "started"));
	vterm_screen_finish(screen);
}

static void unknown_terminal_is_named_with_the_remedy(void **state)
{
	const char *argv[] = {jouletop, "-d", "0.1", NULL};
	const char *changes[] = {state_variable, "TERM=no-such-terminal", NULL};
	struct vterm_screen *screen = vterm_screen_start(argv, changes, 100, 30);

	(void)state;
	assert_int_equal(WEXITSTATUS(vterm_screen_wait_exit(screen)), 1);
	assert_non_null(strstr(vterm_screen_text(screen), "no-such-terminal"));
	assert_non_null(strstr(vterm_screen_text(screen), "-b"));
	vterm_screen_finish(screen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_a_training_and_zooms_each_panel),
		cmocka_unit_test(phases_stand_in_their_panel_and_w_begins_and_ends_a_window),
		cmocka_unit_test(work_is_counted_in_the_output_that_is_shown),
		cmocka_unit_test(survives_every_size),
		cmocka_unit_test(quit_asks_and_stay_stays),
		cmocka_unit_test(quit_and_keep_leaves_the_command_running_and_ends_with_it),
		cmocka_unit_test(lost_terminal_leaves_the_command_running_and_the_recording_whole),
		cmocka_unit_test(killed_jouletop_leaves_the_command_running),
		cmocka_unit_test(crash_restores_the_terminal_and_spares_the_command),
		cmocka_unit_test(ended_command_leaves_its_figures_on_the_screen),
		cmocka_unit_test(library_that_never_starts_holds_up_nothing),
		cmocka_unit_test(unknown_theme_is_named_and_no_command_is_started),
		cmocka_unit_test(unknown_terminal_is_named_with_the_remedy),
	};
	const char *build = getenv("top_builddir");
	static char train[4096];
	char remove[64];
	int failed;

	jouletop = getenv("JOULETOP");
	if (!jouletop || !build || !mkdtemp(state_directory))
		return 77;
	snprintf(train, sizeof(train), "%s/tests/workloads/train", build);
	workload = access(train, X_OK) == 0 ? train : "sleep";
	snprintf(state_variable, sizeof(state_variable), "XDG_STATE_HOME=%s", state_directory);
	failed = cmocka_run_group_tests_name("jouletop", tests, NULL, NULL);
	snprintf(remove, sizeof(remove), "rm -rf %s", state_directory);
	return system(remove) == 0 ? failed : failed + 1;
}
