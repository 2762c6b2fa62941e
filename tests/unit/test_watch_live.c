/* SPDX-License-Identifier: Apache-2.0 */
/* The watch on this machine: threads and children that really come, run and go. */
#include "measure/watch.h"

#include "base/clock.h"
#include "tests/support/burner.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/watched.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEADLINE_NS (20 * CLOCK_NS_PER_S)

static void a_new_thread_is_seen_at_the_next_refresh(void **state)
{
	struct watched stage;
	struct burner burner;

	(void)state;
	watched_open(&stage, NULL, WATCH_PIDS, 0);
	watched_refresh(&stage);
	assert_non_null(watched_process(&stage, getpid()));
	assert_true(watched_process(&stage, getpid())->self);
	burner_start(&burner);
	watched_refresh(&stage);
	assert_non_null(watched_thread(&stage, burner.tid));
	assert_true(watched_thread(&stage, burner.tid)->born_under_watch);
	burner_stop(&burner);
	/* The kernel reaps a thread a little after it has been joined. */
	for (int64_t end_ns = clock_now_ns() + DEADLINE_NS; watched_thread(&stage, burner.tid);) {
		assert_true(clock_now_ns() < end_ns);
		watched_refresh(&stage);
	}
	watched_close(&stage);
}

static void cpu_time_of_a_thread_that_wakes_is_seen_at_the_next_refresh(void **state)
{
	struct watched stage;
	struct burner burner;

	(void)state;
	burner_start(&burner);
	watched_open(&stage, NULL, WATCH_PIDS, 0);
	/* By the watch's clock it has slept for long: it is not read as long as others explain what the process used. */
	for (int i = 0; i < 25; i++)
		watched_refresh(&stage);
	int64_t before_ns = watched_thread(&stage, burner.tid)->busy_ns;

	burner_burn(&burner, 60 * CLOCK_NS_PER_MS);
	watched_refresh(&stage);
	assert_true(watched_thread(&stage, burner.tid)->changed);
	assert_true(watched_thread(&stage, burner.tid)->busy_ns - before_ns > 40 * CLOCK_NS_PER_MS);
	assert_int_equal(watched_thread(&stage, burner.tid)->busy_ns - before_ns,
			 watched_thread(&stage, burner.tid)->busy_delta_ns);
	burner_stop(&burner);
	watched_close(&stage);
}

static pid_t fork_child(int *release)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();

	if (pid == 0) {
		char byte;

		close(ends[1]);
		_exit(read(ends[0], &byte, 1) < 0);
	}
	close(ends[0]);
	*release = ends[1];
	return pid;
}

static void children_of_a_seed_are_watched_and_retired(void **state)
{
	struct watched stage;
	int release;

	(void)state;
	watched_open(&stage, NULL, WATCH_PIDS, 0);
	watched_refresh(&stage);
	pid_t pid = fork_child(&release);

	/* The scan for processes is held back when it cost much. */
	for (int64_t end_ns = clock_now_ns() + DEADLINE_NS; !watched_process(&stage, pid);) {
		assert_true(clock_now_ns() < end_ns);
		watched_refresh(&stage);
	}
	assert_int_equal(watched_process(&stage, pid)->parent, getpid());
	assert_false(watched_process(&stage, pid)->self);
	close(release);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	watched_refresh(&stage);
	assert_null(watched_process(&stage, pid));
	watched_close(&stage);
}

static void an_unreaped_child_is_dead_within_a_second(void **state)
{
	struct watched stage;
	siginfo_t info;
	int release;

	(void)state;
	watched_open(&stage, NULL, WATCH_PIDS, 0);
	pid_t pid = fork_child(&release);

	for (int64_t end_ns = clock_now_ns() + DEADLINE_NS; !watched_process(&stage, pid);) {
		assert_true(clock_now_ns() < end_ns);
		watched_refresh(&stage);
	}
	close(release);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	for (int i = 0; i < 22; i++)
		watched_refresh(&stage);
	assert_null(watched_process(&stage, pid));
	waitpid(pid, NULL, 0);
	watched_close(&stage);
}

static void a_pid_that_is_not_there_is_no_seed(void **state)
{
	struct watched stage;
	struct error err;

	(void)state;
	watched_open(&stage, NULL, WATCH_PIDS, 0);
	assert_int_equal(watch_add(stage.watch, INT32_MAX, &err), -ESRCH);
	assert_non_null(strstr(err.text, "2147483647"));
	assert_int_equal(watch_add(stage.watch, -1, &err), -ESRCH);
	watched_close(&stage);
}

static void threads_are_read_also_when_descriptors_run_out(void **state)
{
	enum { COUNT = 40 };
	static struct burner burners[COUNT];
	struct rlimit before, few;
	struct watched stage;

	(void)state;
	for (int i = 0; i < COUNT; i++)
		burner_start(&burners[i]);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = 64;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	watched_open(&stage, NULL, WATCH_PIDS, 0);
	watched_refresh(&stage);
	for (int i = 0; i < COUNT; i++)
		burner_burn(&burners[i], 20 * CLOCK_NS_PER_MS);
	watched_refresh(&stage);
	for (int i = 0; i < COUNT; i++)
		assert_true(watched_thread(&stage, burners[i].tid)->busy_ns > 10 * CLOCK_NS_PER_MS);
	watched_close(&stage);
	setrlimit(RLIMIT_NOFILE, &before);
	for (int i = 0; i < COUNT; i++)
		burner_stop(&burners[i]);
}

static void a_watch_closes_what_it_opened(void **state)
{
	struct watched stage;

	(void)state;
	int before = dup(0);

	close(before);
	watched_open(&stage, NULL, WATCH_ALL, 0);
	watched_refresh(&stage);
	watched_refresh(&stage);
	watched_close(&stage);
	int after = dup(0);

	close(after);
	assert_int_equal(before, after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_thread_is_seen_at_the_next_refresh),
		cmocka_unit_test(cpu_time_of_a_thread_that_wakes_is_seen_at_the_next_refresh),
		cmocka_unit_test(children_of_a_seed_are_watched_and_retired),
		cmocka_unit_test(an_unreaped_child_is_dead_within_a_second),
		cmocka_unit_test(a_pid_that_is_not_there_is_no_seed),
		cmocka_unit_test(threads_are_read_also_when_descriptors_run_out),
		cmocka_unit_test(a_watch_closes_what_it_opened),
	};

	return cmocka_run_group_tests_name("watch_live", tests, NULL, NULL);
}
