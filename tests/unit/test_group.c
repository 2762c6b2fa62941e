/* SPDX-License-Identifier: Apache-2.0 */
/* Rows for the threads panel. */
#include "base/clock.h"
#include "model/feed.h"
#include "model/group.h"
#include "tests/support/cmocka_all.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND CLOCK_NS_PER_S

struct fixture {
	struct feed *feed;
	struct session *session;
	struct group_row *rows;
	size_t capacity, count;
	uint32_t ticks;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->feed = feed_create();
	fixture->session = session_create(1);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	session_destroy(fixture->session);
	feed_destroy(fixture->feed);
	free(fixture->rows);
	free(fixture);
	return 0;
}

static void tick(struct fixture *fixture, int64_t time_ns)
{
	feed_tick(fixture->feed, time_ns, ++fixture->ticks, 0);
	session_apply(fixture->session, feed_batch(fixture->feed));
	batch_clear(feed_batch(fixture->feed));
}

static uint32_t process(struct fixture *fixture, int pid, const char *parent, const char *container,
			const char *user)
{
	char key[DOMAIN_KEY_SIZE], name[32];
	uint32_t domain;

	domain_key_process(key, pid, 1);
	snprintf(name, sizeof(name), "process %d", pid);
	domain = feed_domain(fixture->feed, DOMAIN_PROCESS, key, 0, name);
	if (parent)
		feed_label(fixture->feed, domain, "parent", parent);
	if (container)
		feed_label(fixture->feed, domain, "container", container);
	if (user)
		feed_label(fixture->feed, domain, "user", user);
	return domain;
}

static uint32_t thread(struct fixture *fixture, uint32_t parent, int pid, int tid)
{
	char key[DOMAIN_KEY_SIZE];

	domain_key_thread(key, pid, tid, 1);
	return feed_domain(fixture->feed, DOMAIN_THREAD, key, parent, "worker");
}

/* Two readings a second apart: what a thread did in that second. */
static void run(struct fixture *fixture, uint32_t domain, double busy_ratio, uint64_t cycles,
		uint64_t instructions)
{
	uint32_t series = feed_series(fixture->feed, domain, "counters", QUALITY_MEASURED);

	for (int i = 0; i < 2; i++) {
		int64_t time_ns = (10 + i) * SECOND;

		feed_counter(fixture->feed, series, METRIC_BUSY_NS, time_ns,
			     i ? (uint64_t)(busy_ratio * 1e9) : 0);
		feed_counter(fixture->feed, series, METRIC_CYCLES, time_ns, i ? cycles : 0);
		feed_counter(fixture->feed, series, METRIC_INSTRUCTIONS, time_ns,
			     i ? instructions : 0);
	}
	feed_gauge(fixture->feed, series, METRIC_CPU_NUMBER, 11 * SECOND, 3);
}

static void give(struct fixture *fixture, const char *key, int64_t energy_uj)
{
	struct domain *domain = session_find(fixture->session, key);
	struct series *series =
		session_series(fixture->session, domain, "weight:cycles", QUALITY_ATTRIBUTED);

	session_increase(fixture->session, series, METRIC_ENERGY_UJ, 10 * SECOND, 0);
	session_increase(fixture->session, series, METRIC_ENERGY_UJ, 11 * SECOND, energy_uj);
}

static void list(struct fixture *fixture, enum group_by by)
{
	fixture->count = group_rows(fixture->session, by, &fixture->rows, &fixture->capacity);
}

static void assert_near(double value, double wanted)
{
	assert_true(fabs(value - wanted) < 1e-9);
}

static void two_processes(struct fixture *fixture)
{
	uint32_t first = process(fixture, 100, "1", "train-0", "alice");
	uint32_t second = process(fixture, 200, "100", "train-0", "bob");

	tick(fixture, 10 * SECOND);
	run(fixture, thread(fixture, first, 100, 100), 1.0, 3000, 6000);
	run(fixture, thread(fixture, first, 100, 101), 0.5, 1000, 500);
	run(fixture, thread(fixture, second, 200, 200), 0.25, 800, 800);
	tick(fixture, 11 * SECOND);
}

static void threads_have_their_own_figures(void **state)
{
	struct fixture *fixture = *state;

	two_processes(fixture);
	list(fixture, GROUP_THREADS);
	assert_int_equal(fixture->count, 3);
	assert_int_equal(fixture->rows[1].pid, 100);
	assert_int_equal(fixture->rows[1].tid, 101);
	assert_int_equal(fixture->rows[1].cpu, 3);
	assert_int_equal(fixture->rows[1].memory_bytes, -1);
	assert_string_equal(fixture->rows[1].name, "worker");
	assert_near(fixture->rows[0].busy_ratio, 1.0);
	assert_near(fixture->rows[1].busy_ratio, 0.5);
	assert_near(fixture->rows[0].ipc, 2.0);
	assert_near(fixture->rows[1].ipc, 0.5);
}

static void what_is_not_known_is_not_a_number(void **state)
{
	struct fixture *fixture = *state;

	process(fixture, 100, NULL, NULL, NULL);
	tick(fixture, 10 * SECOND);
	list(fixture, GROUP_PROCESSES);
	assert_int_equal(fixture->count, 1);
	assert_true(isnan(fixture->rows[0].busy_ratio));
	assert_true(isnan(fixture->rows[0].power_w));
	assert_true(isnan(fixture->rows[0].energy_j));
	assert_true(isnan(fixture->rows[0].ipc));
	assert_int_equal(fixture->rows[0].memory_bytes, -1);
	assert_int_equal(fixture->rows[0].cpu, -1);
	assert_int_equal(fixture->rows[0].members, 0);
}

static void a_process_is_the_sum_of_its_threads(void **state)
{
	struct fixture *fixture = *state;

	two_processes(fixture);
	give(fixture, "100/100@1", 2000000);
	give(fixture, "100/101@1", 1000000);
	list(fixture, GROUP_PROCESSES);
	assert_int_equal(fixture->count, 2);
	assert_int_equal(fixture->rows[0].pid, 100);
	assert_int_equal(fixture->rows[0].tid, 0);
	assert_int_equal(fixture->rows[0].members, 2);
	assert_near(fixture->rows[0].busy_ratio, 1.5);
	assert_near(fixture->rows[0].energy_j, 3.0);
	assert_near(fixture->rows[0].power_w, 3.0);
	assert_near(fixture->rows[0].ipc, 6500.0 / 4000.0);
	assert_int_equal(fixture->rows[0].quality, QUALITY_ATTRIBUTED);
	assert_true(isnan(fixture->rows[1].energy_j));
}

static void threads_that_ended_still_count_for_the_energy_of_their_process(void **state)
{
	struct fixture *fixture = *state;
	uint32_t parent = process(fixture, 100, NULL, NULL, NULL);
	uint32_t mortal = thread(fixture, parent, 100, 101);

	thread(fixture, parent, 100, 100);
	tick(fixture, 10 * SECOND);
	give(fixture, "100/100@1", 2000000);
	give(fixture, "100/101@1", 500000);
	feed_retire(fixture->feed, 11 * SECOND, mortal);
	tick(fixture, 12 * SECOND);
	session_recorded(fixture->session);
	session_fold(fixture->session, 12 * SECOND);
	list(fixture, GROUP_PROCESSES);
	assert_int_equal(fixture->rows[0].members, 1);
	assert_near(fixture->rows[0].energy_j, 2.5);
}

static void a_tree_has_children_below_their_parents_with_their_threads(void **state)
{
	static const int pids[] = {100, 100, 100, 200, 200, 300};
	static const int tids[] = {0, 100, 101, 0, 200, 0};
	static const int depths[] = {0, 1, 1, 1, 2, 0};
	struct fixture *fixture = *state;

	process(fixture, 300, "299", NULL, NULL);
	two_processes(fixture);
	list(fixture, GROUP_TREE);
	assert_int_equal(fixture->count, 6);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(fixture->rows[i].pid, pids[i]);
		assert_int_equal(fixture->rows[i].tid, tids[i]);
		assert_int_equal(fixture->rows[i].depth, depths[i]);
	}
}

static void a_tree_that_bites_its_tail_shows_everyone_once(void **state)
{
	struct fixture *fixture = *state;

	process(fixture, 1, "3", NULL, NULL);
	process(fixture, 2, "1", NULL, NULL);
	process(fixture, 3, "2", NULL, NULL);
	process(fixture, 4, "4", NULL, NULL);
	process(fixture, 5, "soup", NULL, NULL);
	tick(fixture, 10 * SECOND);
	list(fixture, GROUP_TREE);
	assert_int_equal(fixture->count, 5);
}

static void a_deep_tree_needs_no_deep_stack(void **state)
{
	struct fixture *fixture = *state;
	char parent[16];

	for (int pid = 1; pid <= 3000; pid++) {
		snprintf(parent, sizeof(parent), "%d", pid - 1);
		process(fixture, pid, parent, NULL, NULL);
	}
	tick(fixture, 10 * SECOND);
	list(fixture, GROUP_TREE);
	assert_int_equal(fixture->count, 3000);
	assert_int_equal(fixture->rows[2999].pid, 3000);
	assert_int_equal(fixture->rows[2999].depth, 2999);
}

static void labels_sum_their_processes(void **state)
{
	struct fixture *fixture = *state;

	process(fixture, 300, NULL, NULL, "bob");
	two_processes(fixture);
	list(fixture, GROUP_CONTAINER);
	assert_int_equal(fixture->count, 2);
	assert_string_equal(fixture->rows[0].name, "-");
	assert_string_equal(fixture->rows[1].name, "train-0");
	assert_null(fixture->rows[1].domain);
	assert_int_equal(fixture->rows[1].members, 2);
	assert_near(fixture->rows[1].busy_ratio, 1.75);
	list(fixture, GROUP_USER);
	assert_int_equal(fixture->count, 2);
	assert_string_equal(fixture->rows[0].name, "bob");
	assert_int_equal(fixture->rows[0].members, 2);
	assert_near(fixture->rows[0].busy_ratio, 0.25);
	assert_string_equal(fixture->rows[1].name, "alice");
}

static void the_dead_are_not_listed(void **state)
{
	struct fixture *fixture = *state;
	uint32_t parent = process(fixture, 100, NULL, NULL, NULL);
	uint32_t mortal = thread(fixture, parent, 100, 101);

	thread(fixture, parent, 100, 100);
	feed_retire(fixture->feed, 9 * SECOND, mortal);
	tick(fixture, 10 * SECOND);
	list(fixture, GROUP_THREADS);
	assert_int_equal(fixture->count, 1);
	list(fixture, GROUP_TREE);
	assert_int_equal(fixture->count, 2);
}

#define WITH_SESSION(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SESSION(threads_have_their_own_figures),
		WITH_SESSION(what_is_not_known_is_not_a_number),
		WITH_SESSION(a_process_is_the_sum_of_its_threads),
		WITH_SESSION(threads_that_ended_still_count_for_the_energy_of_their_process),
		WITH_SESSION(a_tree_has_children_below_their_parents_with_their_threads),
		WITH_SESSION(a_tree_that_bites_its_tail_shows_everyone_once),
		WITH_SESSION(a_deep_tree_needs_no_deep_stack),
		WITH_SESSION(labels_sum_their_processes),
		WITH_SESSION(the_dead_are_not_listed),
	};

	return cmocka_run_group_tests_name("group", tests, NULL, NULL);
}
