/* SPDX-License-Identifier: Apache-2.0 */
/* The watch on made-up trees: who is in it, when they come and go, what their CPU time is. */
#include "measure/watch.h"

#include "base/clock.h"
#include "measure/watch_map.h"
#include "measure/watch_stat.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/heard.h"
#include "tests/support/machine.h"
#include "tests/support/watched.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void all_threads_of_a_recorded_machine_are_found(void **state)
{
	struct watched stage;

	(void)state;
	watched_tree_open(&stage, WATCH_ALL, 0);
	watched_make(stage.directory, &(struct watched_made){10, 10, 1, "one", 'S', 5, 100, 7});
	watched_make(stage.directory,
		     &(struct watched_made){10, 11, 1, "two) (x", 'R', 250, 101, 7});
	watched_make(stage.directory, &(struct watched_made){9, 9, 1, "other", 'S', 0, 90, 8});
	watched_refresh(&stage);
	assert_int_equal(watched_count(&stage), 3);
	assert_int_equal(watched_thread(&stage, 11)->busy_ns, 2500 * CLOCK_NS_PER_MS);
	assert_false(watched_thread(&stage, 11)->born_under_watch);
	assert_true(watched_thread(&stage, 11)->born);
	assert_int_equal(watched_thread(&stage, 11)->cpu, 1);
	assert_int_equal(watched_process(&stage, 10)->threads, 2);
	assert_int_equal(watched_process(&stage, 9)->uid, 8);
	assert_string_equal(heard_name(stage.feed, "10/11@101"), "two) (x");
	assert_string_equal(heard_name(stage.feed, "10@100"), "one");
	watched_tree_close(&stage);
}

static void a_thread_that_did_not_run_is_not_changed(void **state)
{
	struct watched stage;

	(void)state;
	watched_tree_open(&stage, WATCH_ALL, 0);
	watched_make(stage.directory, &(struct watched_made){10, 10, 1, "one", 'S', 5, 100, 7});
	watched_make(stage.directory, &(struct watched_made){10, 11, 1, "two", 'S', 5, 100, 7});
	watched_refresh(&stage);
	watched_make(stage.directory, &(struct watched_made){10, 11, 1, "two", 'S', 8, 100, 7});
	watched_refresh(&stage);
	assert_false(watched_thread(&stage, 10)->changed);
	assert_false(watched_thread(&stage, 10)->born);
	assert_true(watched_thread(&stage, 11)->changed);
	assert_int_equal(watched_thread(&stage, 11)->busy_delta_ns, 30 * CLOCK_NS_PER_MS);
	watched_refresh(&stage);
	assert_false(watched_thread(&stage, 11)->changed);
	assert_int_equal(watched_thread(&stage, 11)->busy_delta_ns, 0);
	watched_tree_close(&stage);
}

static void a_reused_pid_is_another_process(void **state)
{
	struct watched stage;
	size_t died;

	(void)state;
	watched_tree_open(&stage, WATCH_ALL, 0);
	watched_make(stage.directory, &(struct watched_made){10, 10, 1, "old", 'S', 50, 100, 7});
	watched_refresh(&stage);
	size_t slot = watched_thread(&stage, 10)->slot;

	watched_make(stage.directory, &(struct watched_made){10, 10, 1, "new", 'S', 60, 900, 7});
	watched_refresh(&stage);
	assert_int_equal(watched_count(&stage), 1);
	assert_int_equal(watched_thread(&stage, 10)->start_ticks, 900);
	assert_true(watched_thread(&stage, 10)->born_under_watch);
	assert_int_equal(watched_thread(&stage, 10)->busy_delta_ns, 600 * CLOCK_NS_PER_MS);
	/* Probes may still look at the dead one by its slot. */
	assert_int_not_equal(watched_thread(&stage, 10)->slot, slot);
	assert_int_equal(watch_died(stage.watch, &died)[0].start_ticks, 100);
	assert_int_equal(died, 1);
	assert_int_equal(heard_count(stage.feed, EVENT_RETIRE), 2);
	assert_string_equal(heard_name(stage.feed, "10@900"), "new");
	watched_tree_close(&stage);
}

static void slots_are_reused_one_refresh_after_death(void **state)
{
	struct watched stage;

	(void)state;
	watched_tree_open(&stage, WATCH_ALL, 0);
	for (pid_t round = 0; round < 20; round++) {
		watched_make(stage.directory, &(struct watched_made){10, 10, 1, "a", 'S', 1,
								     (unsigned)(100 + round), 7});
		watched_refresh(&stage);
		assert_int_equal(watched_count(&stage), 1);
	}
	assert_true(watch_slots(stage.watch) <= 2);
	watched_tree_close(&stage);
}

static void zombies_are_dead(void **state)
{
	struct watched stage;

	(void)state;
	watched_tree_open(&stage, WATCH_ALL, 0);
	watched_make(stage.directory, &(struct watched_made){10, 10, 1, "a", 'Z', 1, 100, 7});
	watched_make(stage.directory, &(struct watched_made){11, 11, 1, "b", 'S', 1, 100, 7});
	watched_refresh(&stage);
	assert_null(watched_thread(&stage, 10));
	watched_make(stage.directory, &(struct watched_made){11, 11, 1, "b", 'Z', 1, 100, 7});
	watched_refresh(&stage);
	assert_null(watched_thread(&stage, 11));
	assert_null(watched_process(&stage, 11));
	watched_tree_close(&stage);
}

static void a_process_lives_on_after_its_first_thread(void **state)
{
	struct watched stage;

	(void)state;
	watched_tree_open(&stage, WATCH_ALL, 0);
	watched_make(stage.directory, &(struct watched_made){10, 10, 1, "a", 'S', 1, 100, 7});
	watched_make(stage.directory, &(struct watched_made){10, 11, 1, "a", 'R', 1, 101, 7});
	watched_refresh(&stage);
	watched_make(stage.directory, &(struct watched_made){10, 10, 1, "a", 'Z', 1, 100, 7});
	watched_refresh(&stage);
	watched_refresh(&stage);
	assert_null(watched_thread(&stage, 10));
	assert_non_null(watched_thread(&stage, 11));
	assert_int_equal(watched_process(&stage, 10)->threads, 1);
	watched_tree_close(&stage);
}

static void only_seeds_and_what_they_fork_are_watched(void **state)
{
	struct watched stage;

	(void)state;
	watched_tree_open(&stage, WATCH_PIDS, 0);
	watched_make(stage.directory, &(struct watched_made){10, 10, 1, "seed", 'S', 1, 100, 7});
	watched_make(stage.directory,
		     &(struct watched_made){20, 20, 1, "stranger", 'S', 1, 100, 7});
	/* Pids have wrapped: the grandchild stands before the child, the child before the seed. */
	watched_make(stage.directory,
		     &(struct watched_made){5, 5, 7, "grandchild", 'S', 1, 100, 7});
	watched_make(stage.directory, &(struct watched_made){7, 7, 10, "child", 'S', 1, 100, 7});
	assert_int_equal(watch_add(stage.watch, 10, NULL), 0);
	watched_refresh(&stage);
	assert_int_equal(watched_count(&stage), 3);
	assert_null(watched_thread(&stage, 20));
	/* Its parent has ended and init has adopted it: it stays. */
	watched_unmake(stage.directory, "7");
	watched_make(stage.directory,
		     &(struct watched_made){5, 5, 1, "grandchild", 'S', 2, 100, 7});
	watched_refresh(&stage);
	assert_null(watched_thread(&stage, 7));
	assert_non_null(watched_thread(&stage, 5));
	watched_tree_close(&stage);
}

static void only_processes_of_the_user_are_watched(void **state)
{
	struct watched stage;

	(void)state;
	watched_tree_open(&stage, WATCH_USER, 1000);
	watched_make(stage.directory, &(struct watched_made){10, 10, 1, "mine", 'S', 1, 100, 1000});
	watched_make(stage.directory,
		     &(struct watched_made){11, 11, 10, "not mine", 'S', 1, 100, 0});
	watched_refresh(&stage);
	assert_int_equal(watched_count(&stage), 1);
	assert_non_null(watched_thread(&stage, 10));
	watched_tree_close(&stage);
}

static void threads_beyond_the_bound_are_counted(void **state)
{
	struct watched stage;

	(void)state;
	watched_tree_open(&stage, WATCH_ALL, 0);
	for (pid_t pid = 1; pid <= WATCH_PROCESSES_MAX + 3; pid++)
		watched_make(stage.directory,
			     &(struct watched_made){pid, pid, 0, "p", 'S', 1, 100, 7});
	watched_refresh(&stage);
	assert_int_equal(watched_count(&stage), WATCH_PROCESSES_MAX);
	assert_int_equal(watch_left_out(stage.watch), 3);
	/* Where there is room again, one moves up. */
	watched_unmake(stage.directory, "1");
	watched_refresh(&stage);
	assert_int_equal(watched_count(&stage), WATCH_PROCESSES_MAX);
	assert_int_equal(watch_left_out(stage.watch), 2);
	watched_tree_close(&stage);
}

static void a_machine_without_processes_has_none(void **state)
{
	struct watched stage;

	(void)state;
	machine_make_directory(stage.directory, sizeof(stage.directory));
	machine_write(stage.directory, "sys/x", "x");
	watched_open(&stage, stage.directory, WATCH_ALL, 0);
	watched_refresh(&stage);
	assert_int_equal(watched_count(&stage), 0);
	watched_tree_close(&stage);
}

static int failing_read;

static ssize_t read_that_fails(int fd, void *buffer, size_t size, off_t offset)
{
	if (failing_read-- == 0) {
		errno = EIO;
		return -1;
	}
	return pread(fd, buffer, size, offset);
}

static void no_failed_read_makes_a_process_of_another(void **state)
{
	(void)state;
	for (int k = 0; k < 40; k++) {
		struct watched stage;

		watched_tree_open(&stage, WATCH_ALL, 0);
		watched_make(stage.directory,
			     &(struct watched_made){10, 10, 1, "a", 'S', 1, 100, 7});
		watched_make(stage.directory,
			     &(struct watched_made){10, 11, 1, "b", 'S', 1, 101, 7});
		stage.root.read_at = read_that_fails;
		failing_read = k;
		watched_refresh(&stage);
		watched_refresh(&stage);
		failing_read = INT32_MAX;
		watched_refresh(&stage);
		/* An unreadable account is no death: what was there once is there still, unchanged. */
		assert_int_equal(watched_count(&stage), 2);
		assert_int_equal(watched_thread(&stage, 11)->busy_ns, 10 * CLOCK_NS_PER_MS);
		assert_int_equal(heard_count(stage.feed, EVENT_RETIRE), 0);
		watched_tree_close(&stage);
	}
}

static void a_map_finds_what_was_put_in_and_not_removed(void **state)
{
	struct watch_map map = {.count = 0};
	uint32_t value;

	(void)state;
	for (pid_t pid = 1; pid <= 3000; pid++)
		watch_map_set(&map, pid * 64, (uint32_t)pid);
	for (pid_t pid = 1; pid <= 3000; pid += 2)
		watch_map_remove(&map, pid * 64);
	for (pid_t pid = 1; pid <= 3000; pid++) {
		assert_int_equal(watch_map_get(&map, pid * 64, &value), pid % 2 == 0);
		if (pid % 2 == 0)
			assert_int_equal(value, pid);
	}
	assert_int_equal(map.count, 1500);
	watch_map_finish(&map);
}

static void a_stat_that_is_cut_is_refused(void **state)
{
	static const char whole[] =
		"1 (a b) c) S 0 1 1 0 -1 4194560 0 0 0 0 12 3 0 0 20 0 1 0 99 0 0";
	struct watch_stat stat;

	(void)state;
	assert_int_equal(watch_stat_parse(whole, &stat), 0);
	assert_string_equal(stat.name, "a b) c");
	assert_int_equal(stat.busy_ns, 150 * CLOCK_NS_PER_MS);
	assert_int_equal(stat.start_ticks, 99);
	assert_int_equal(stat.cpu, -1);
	for (size_t length = 0; length < sizeof(whole) - 7; length++) {
		char text[sizeof(whole)];

		memcpy(text, whole, length);
		text[length] = '\0';
		assert_int_equal(watch_stat_parse(text, &stat), -EINVAL);
	}
}

static void an_account_that_is_not_kept_is_known(void **state)
{
	int64_t busy_ns;

	(void)state;
	assert_false(watch_schedstat_is_kept("0 0 0\n"));
	assert_true(watch_schedstat_is_kept("0 0 1\n"));
	assert_int_equal(watch_schedstat_parse("123 4 5\n", &busy_ns), 0);
	assert_int_equal(busy_ns, 123);
	assert_int_equal(watch_schedstat_parse("", &busy_ns), -EINVAL);
	assert_int_equal(watch_schedstat_parse("-1 4 5\n", &busy_ns), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_threads_of_a_recorded_machine_are_found),
		cmocka_unit_test(a_thread_that_did_not_run_is_not_changed),
		cmocka_unit_test(a_reused_pid_is_another_process),
		cmocka_unit_test(slots_are_reused_one_refresh_after_death),
		cmocka_unit_test(zombies_are_dead),
		cmocka_unit_test(a_process_lives_on_after_its_first_thread),
		cmocka_unit_test(only_seeds_and_what_they_fork_are_watched),
		cmocka_unit_test(only_processes_of_the_user_are_watched),
		cmocka_unit_test(threads_beyond_the_bound_are_counted),
		cmocka_unit_test(a_machine_without_processes_has_none),
		cmocka_unit_test(no_failed_read_makes_a_process_of_another),
		cmocka_unit_test(a_map_finds_what_was_put_in_and_not_removed),
		cmocka_unit_test(a_stat_that_is_cut_is_refused),
		cmocka_unit_test(an_account_that_is_not_kept_is_known),
	};

	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
