/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of workload/launch: the command finds the world as it was before us. */
#include "workload/launch.h"

#include "base/text.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/launched.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define SOFT_LIMIT 99

static char handed_down[128]; /* the descriptors that we found, and one that we made */

static void the_descriptor_limit_is_that_of_before(void **state)
{
	struct rlimit limit;
	char out[64];

	(void)state;
	getrlimit(RLIMIT_NOFILE, &limit);
	assert_true(limit.rlim_cur == limit.rlim_max);
	launched_run("ulimit -n", out, sizeof(out));
	assert_int_equal(atoi(out), SOFT_LIMIT);
}

/* Those that the C library keeps for itself (32, 33) are not ours to judge. */
#define LIBRARY_SIGNALS (3ULL << 31)

/* The mask of the ignored signals of this process, as the command's must be. */
static unsigned long long read_ignored(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	unsigned long long mask;
	char line[256];

	assert_non_null(file);
	do
		assert_non_null(fgets(line, sizeof(line), file));
	while (sscanf(line, "SigIgn: %llx", &mask) != 1);
	fclose(file);
	return mask & ~LIBRARY_SIGNALS;
}

static void signals_are_those_of_before(void **state)
{
	/* not through a shell: that one would undo the mask itself */
	static const char *const words[] = {"grep", "Sig[BI][lg][kn]", "/proc/self/status"};
	unsigned long long ignored = read_ignored(), seen_blocked, seen_ignored;
	char out[256];
	sigset_t all, before;
	int released;

	(void)state;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	signal(SIGPIPE, SIG_IGN);
	launched_run_program(words, out, sizeof(out), &released);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	/* SIGUSR1 was ignored before us, SIGPIPE was not */
	assert_int_equal(sscanf(out, "SigBlk: %llx SigIgn: %llx", &seen_blocked, &seen_ignored), 2);
	assert_true(seen_blocked == 0);
	assert_true((ignored & (1ULL << (SIGUSR1 - 1))) != 0);
	assert_true((seen_ignored & ~LIBRARY_SIGNALS) == ignored);
}

static void no_descriptor_of_ours_reaches_the_command(void **state)
{
	int ours = open("/dev/null", O_RDONLY); /* NOLINT: close-on-exec is what is tested */
	char out[256];

	(void)state;
	assert_true(ours > 2);
	launched_run("for fd in 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do"
		     " if [ -e /dev/fd/$fd ]; then printf '%s ' $fd; fi; done",
		     out, sizeof(out));
	close(ours);
	/* what was handed to us stays: bash gives <(...) that way */
	assert_string_equal(out, handed_down);
}

static void the_place_of_the_marks_is_in_the_environment(void **state)
{
	char *argv[] = {launched_word("sh"), launched_word("-c"),
			launched_word("echo $JOULETOP_MARKS"), NULL};
	struct launch_options options = {
		.argv = argv, .output = LAUNCH_PTY, .marks_path = "/some/where"};
	struct launch launch;
	char out[64];

	(void)state;
	assert_int_equal(launch_start(&launch, &options, NULL), 0);
	assert_int_equal(launch_release(&launch), 0);
	launched_read(&launch, out, sizeof(out));
	assert_int_equal(launched_finish(&launch), 0);
	assert_string_equal(out, "/some/where\n");
	assert_null(getenv("JOULETOP_MARKS"));
}

static void under_sudo_the_command_is_the_users(void **state)
{
	char out[128];

	(void)state;
	if (geteuid() != 0)
		skip();
	setenv("SUDO_UID", "65432", 1); /* in no user database */
	setenv("SUDO_GID", "65433", 1);
	launched_run("id -u; id -g; id -G; echo ok >/dev/stderr", out, sizeof(out));
	assert_string_equal(out, "65432\n65433\n65433\nok\n");
	setenv("SUDO_UID", "0", 1);
	launched_run("id -u", out, sizeof(out));
	assert_string_equal(out, "0\n");
	unsetenv("SUDO_UID");
	launched_run("id -u", out, sizeof(out));
	assert_string_equal(out, "0\n");
	unsetenv("SUDO_GID");
}

static int set_up(void **state)
{
	struct rlimit limit;

	(void)state;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -1;
	limit.rlim_cur = SOFT_LIMIT;
	setrlimit(RLIMIT_NOFILE, &limit);
	signal(SIGUSR1, SIG_IGN);
	fcntl(STDERR_FILENO, F_DUPFD, 12);
	for (int fd = 3; fd < 20; fd++)
		if (fcntl(fd, F_GETFD) == 0)
			text_print(handed_down + strlen(handed_down), 8, "%d ", fd);
	launch_raise_limits();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_descriptor_limit_is_that_of_before),
		cmocka_unit_test(signals_are_those_of_before),
		cmocka_unit_test(no_descriptor_of_ours_reaches_the_command),
		cmocka_unit_test(the_place_of_the_marks_is_in_the_environment),
		cmocka_unit_test(under_sudo_the_command_is_the_users),
	};

	return cmocka_run_group_tests_name("launch_world", tests, set_up, NULL);
}
