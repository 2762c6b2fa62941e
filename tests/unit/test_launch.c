/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of workload/launch: how a command starts, where its output goes, how it ends. */
#include "workload/launch.h"

#include "base/clock.h"
#include "base/text.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/launched.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define GATE_NS (300 * CLOCK_NS_PER_MS)

static char directory[128];

static void the_exit_code_is_that_of_a_shell(void **state)
{
	char out[64];

	(void)state;
	assert_int_equal(launched_run("exit 0", out, sizeof(out)), 0);
	assert_int_equal(launched_run("exit 7", out, sizeof(out)), 7);
	assert_int_equal(launched_run("kill -9 $$", out, sizeof(out)), 137);
}

static void a_missing_command_is_127_and_says_so(void **state)
{
	char out[256];
	int released;

	(void)state;
	assert_int_equal(launched_run_program((const char *const[]){"no-such-command-here", NULL},
					      out, sizeof(out), &released),
			 127);
	assert_int_equal(released, -ENOENT);
	assert_string_equal(out, "jouletop: no-such-command-here: not found\n");
}

static void a_file_that_is_no_program_is_126_and_says_so(void **state)
{
	char path[256], expected[320], out[320];
	int released, fd;

	(void)state;
	text_print(path, sizeof(path), "%s/plain", directory);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(launched_run_program((const char *const[]){path, NULL}, out, sizeof(out),
					      &released),
			 126);
	assert_int_equal(released, -EACCES);
	text_print(expected, sizeof(expected), "jouletop: %s: is not executable\n", path);
	assert_string_equal(out, expected);
	unlink(path);
}

static void the_gate_holds_until_released(void **state)
{
	bool conclusive = false;

	(void)state;
	for (int attempt = 0; attempt < 20 && !conclusive; attempt++) {
		int64_t begin_ns = clock_now_ns();
		struct launch launch;
		struct pollfd exec = {.events = POLLIN};
		int ready;

		assert_int_equal(launched_start(&launch, LAUNCH_PTY, "exit 3"), 0);
		exec.fd = launch.error_fd;
		ready = poll(&exec, 1, 100);
		/* on a machine that was busy for longer than the gate holds, nothing is proved */
		conclusive = clock_now_ns() - begin_ns < GATE_NS;
		if (conclusive)
			assert_int_equal(ready, 0);
		assert_false(launch.released);
		assert_int_equal(launch_release(&launch), 0);
		assert_true(launch.released);
		assert_int_equal(launch_release(&launch), 0);
		assert_int_equal(launched_finish(&launch), 3);
	}
	assert_true(conclusive);
}

static void a_command_that_nobody_releases_goes_by_itself(void **state)
{
	struct launch launch;

	(void)state;
	assert_int_equal(launched_start(&launch, LAUNCH_PTY, "exit 3"), 0);
	assert_int_equal(launched_finish(&launch), 3);
	assert_int_equal(launch_release(&launch), 0);
}

static void a_command_goes_when_its_parent_dies(void **state)
{
	pid_t pids[2] = {0}, parent;
	int told[2], status;

	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0); /* the orphan comes to us */
	assert_int_equal(pipe2(told, O_CLOEXEC), 0);
	parent = fork();
	if (parent == 0) {
		struct launch launch;
		bool good = launched_start(&launch, LAUNCH_INHERIT, "exit 3") == 0 &&
			    write(told[1], &launch.pid, sizeof(launch.pid)) == sizeof(launch.pid);

		_exit(good ? 0 : 1);
	}
	assert_int_equal(waitpid(parent, &status, 0), parent);
	assert_int_equal(status, 0);
	assert_int_equal(read(told[0], pids, sizeof(pids)), sizeof(pids[0]));
	assert_int_equal(waitpid(pids[0], &status, 0), pids[0]);
	assert_int_equal(launch_exit_code(status), 3);
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	close(told[0]);
	close(told[1]);
}

static void a_pty_is_the_controlling_terminal_of_its_own_session(void **state)
{
	char out[256], expected[64];
	struct launch launch;

	(void)state;
	assert_int_equal(
		launched_start(&launch, LAUNCH_PTY,
			       "[ -t 1 ] && [ -t 2 ] && [ ! -t 0 ] && : </dev/tty && echo $$ &&"
			       " cut -d' ' -f6 /proc/$$/stat"),
		0);
	assert_int_equal(launch_release(&launch), 0);
	launched_read(&launch, out, sizeof(out));
	text_print(expected, sizeof(expected), "%d\n%d\n", launch.pid, launch.pid);
	assert_string_equal(out, expected);
	assert_int_equal(launched_finish(&launch), 0);
}

static void without_a_pty_the_command_stays_in_our_session(void **state)
{
	struct launch launch;
	siginfo_t info;

	(void)state;
	assert_int_equal(launched_start(&launch, LAUNCH_INHERIT, "exit 0"), 0);
	assert_int_equal(launch.output_fd, -1);
	assert_int_equal(launch_release(&launch), 0);
	assert_int_equal(waitid(P_PID, (id_t)launch.pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(getsid(launch.pid), getsid(0));
	assert_int_equal(getpgid(launch.pid), getpgid(0));
	assert_int_equal(launched_finish(&launch), 0);
}

static void its_output_can_go_to_our_stderr(void **state)
{
	int saved = dup(STDERR_FILENO), streams[2];
	struct launch launch;
	char out[16] = "";

	(void)state;
	assert_int_equal(pipe(streams), 0);
	dup2(streams[1], STDERR_FILENO);
	assert_int_equal(launched_start(&launch, LAUNCH_STDERR, "echo hello"), 0);
	launch_release(&launch);
	launched_finish(&launch);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(streams[1]);
	assert_int_equal(read(streams[0], out, sizeof(out) - 1), 6);
	assert_string_equal(out, "hello\n");
	close(streams[0]);
}

static void a_pty_has_a_size(void **state)
{
	char out[64];
	int rows = 0, columns = 0;

	(void)state;
	assert_int_equal(launched_run("stty size </dev/tty", out, sizeof(out)), 0);
	assert_int_equal(sscanf(out, "%d %d", &rows, &columns), 2);
	assert_true(rows > 0 && columns > 0);
}

static int set_up(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	text_print(directory, sizeof(directory), "%s/launch-XXXXXX", base ? base : "/tmp");
	launch_raise_limits();
	return mkdtemp(directory) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_exit_code_is_that_of_a_shell),
		cmocka_unit_test(a_missing_command_is_127_and_says_so),
		cmocka_unit_test(a_file_that_is_no_program_is_126_and_says_so),
		cmocka_unit_test(the_gate_holds_until_released),
		cmocka_unit_test(a_command_that_nobody_releases_goes_by_itself),
		cmocka_unit_test(a_command_goes_when_its_parent_dies),
		cmocka_unit_test(a_pty_is_the_controlling_terminal_of_its_own_session),
		cmocka_unit_test(without_a_pty_the_command_stays_in_our_session),
		cmocka_unit_test(its_output_can_go_to_our_stderr),
		cmocka_unit_test(a_pty_has_a_size),
	};

	return cmocka_run_group_tests_name("launch", tests, set_up, tear_down);
}
