/* SPDX-License-Identifier: Apache-2.0 */
/* The command outlives us: its terminal stays open and its output is kept. */
#include "tests/support/cmocka_all.h"

#include "base/clock.h"
#include "workload/keeper.h"

#include <errno.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[] = "keeper-XXXXXX";
static char log_path[64];

/* Waits until the file holds the text. */
static int log_holds(const char *text)
{
	int64_t deadline_ns = clock_now_ns() + 10 * CLOCK_NS_PER_S;
	char bytes[4096];

	while (clock_now_ns() < deadline_ns) {
		FILE *file = fopen(log_path, "r");
		size_t size = file ? fread(bytes, 1, sizeof(bytes) - 1, file) : 0;

		bytes[size] = '\0';
		if (file)
			fclose(file);
		if (strstr(bytes, text))
			return 1;
		usleep(1000);
	}
	return 0;
}

/* A process that starts a command on a pty with a keeper and then dies of `signo`. Returns the command's pid. */
static pid_t start_and_die(int signo)
{
	int report[2], life[2];
	pid_t owner, command = 0;

	assert_int_equal(pipe(report), 0);
	assert_int_equal(pipe(life), 0);
	owner = fork();
	if (owner == 0) {
		struct error err = {0};
		int master;
		pid_t pid = forkpty(&master, NULL, NULL, NULL);

		if (pid == 0) {
			/* Blocks until the owner is surely gone: the shell's read ends with our pipe. */
			dup2(life[0], 0);
			close(life[1]);
			execl("/bin/sh", "sh", "-c", "cat >/dev/null; echo still here; echo done",
			      (char *)NULL);
			_exit(127);
		}
		if (keeper_start(master, log_path, &err) < 0 ||
		    write(report[1], &pid, sizeof(pid)) < 0)
			_exit(1);
		raise(signo);
		_exit(2);
	}
	assert_int_equal(read(report[0], &command, sizeof(command)), sizeof(command));
	waitpid(owner, NULL, 0);
	for (int i = 0; i < 2; i++) {
		close(report[i]);
		close(life[i]);
	}
	return command;
}

static void command_lives_on_when_its_watcher_is_killed(void **state)
{
	(void)state;
	assert_true(start_and_die(SIGKILL) > 0);
	assert_true(log_holds("still here"));
	assert_true(log_holds("done"));
}

static void log_is_readable_for_its_owner_alone(void **state)
{
	struct stat status;

	(void)state;
	assert_int_equal(stat(log_path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void no_file_is_made_when_there_is_nothing_to_keep(void **state)
{
	struct error err = {0};
	int master, slave, status;
	int life;

	(void)state;
	unlink(log_path);
	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	life = keeper_start(master, log_path, &err);
	assert_true(life >= 0);
	close(slave);
	close(master);
	close(life);
	assert_true(waitpid(-1, &status, 0) > 0);
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(access(log_path, F_OK), -1);
}

static void log_is_not_written_through_a_link(void **state)
{
	(void)state;
	assert_int_equal(symlink("elsewhere", log_path), 0);
	assert_int_equal(keeper_open_log(log_path), -ELOOP);
	unlink(log_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_lives_on_when_its_watcher_is_killed),
		cmocka_unit_test(log_is_readable_for_its_owner_alone),
		cmocka_unit_test(no_file_is_made_when_there_is_nothing_to_keep),
		cmocka_unit_test(log_is_not_written_through_a_link),
	};
	int failed;

	if (!mkdtemp(directory))
		return 1;
	snprintf(log_path, sizeof(log_path), "%s/state/output.log", directory);
	failed = cmocka_run_group_tests_name("keeper", tests, NULL, NULL);
	unlink(log_path);
	snprintf(log_path, sizeof(log_path), "%s/state", directory);
	rmdir(log_path);
	rmdir(directory);
	return failed;
}
