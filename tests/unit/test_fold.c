/* SPDX-License-Identifier: Apache-2.0 */
/* What dead threads and processes used is never lost, and their memory is. */
#include "base/clock.h"
#include "model/feed.h"
#include "model/session.h"
#include "tests/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#define SECOND	  CLOCK_NS_PER_S
#define PROCESSES 12
#define THREADS	  20

struct thread {
	uint32_t domain, series;
	uint64_t raw;
	char key[DOMAIN_KEY_SIZE];
};

struct process {
	uint32_t domain;
	int pid;
	struct thread threads[THREADS];
};

struct world {
	struct feed *feed;
	struct session *session;
	struct process processes[PROCESSES];
	int64_t now_ns;
	uint32_t ticks;
	int next_pid;
	int64_t given_uj; /* all energy that was ever given to a thread */
};

static int set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	world->feed = feed_create();
	world->session = session_create(1);
	world->next_pid = 100;
	srandom(4);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	session_destroy(world->session);
	feed_destroy(world->feed);
	free(world);
	return 0;
}

static void tick(struct world *world)
{
	feed_tick(world->feed, world->now_ns, ++world->ticks, 0);
	session_apply(world->session, feed_batch(world->feed));
	batch_clear(feed_batch(world->feed));
}

static void fold_a_second_later(struct world *world)
{
	world->now_ns += SECOND;
	tick(world);
	session_recorded(world->session);
	session_fold(world->session, world->now_ns);
}

static void bear_process(struct world *world, struct process *process)
{
	char key[DOMAIN_KEY_SIZE];

	process->pid = world->next_pid++;
	domain_key_process(key, process->pid, 1);
	process->domain = feed_domain(world->feed, DOMAIN_PROCESS, key, 0, "p");
	feed_label(world->feed, process->domain, "command", key);
}

static void bear_thread(struct world *world, const struct process *process, struct thread *thread)
{
	domain_key_thread(thread->key, process->pid, world->next_pid++, 1);
	thread->domain = feed_domain(world->feed, DOMAIN_THREAD, thread->key, process->domain, "t");
	thread->series = feed_series(world->feed, thread->domain, "counters", QUALITY_MEASURED);
	thread->raw = 0;
	feed_rule(world->feed, thread->series, METRIC_BUSY_NS,
		  &(struct counter_rule){.from_zero = true});
}

static void kill_thread(struct world *world, struct thread *thread)
{
	if (thread->domain)
		feed_retire(world->feed, world->now_ns, thread->domain);
	*thread = (struct thread){0};
}

static void kill_process(struct world *world, struct process *process)
{
	for (int i = 0; i < THREADS; i++)
		kill_thread(world, &process->threads[i]);
	feed_retire(world->feed, world->now_ns, process->domain);
	*process = (struct process){0};
}

static void run_thread(struct world *world, struct thread *thread)
{
	thread->raw += (uint64_t)random() % 1000;
	feed_counter(world->feed, thread->series, METRIC_BUSY_NS, world->now_ns, thread->raw);
	feed_gauge(world->feed, thread->series, METRIC_CPU_NUMBER, world->now_ns, random() % 8);
}

static void live_a_tick(struct world *world)
{
	world->now_ns += SECOND;
	for (int i = 0; i < PROCESSES; i++) {
		struct process *process = &world->processes[i];

		if (!process->domain) {
			if (random() % 3 == 0)
				bear_process(world, process);
			continue;
		}
		for (int k = 0; k < THREADS; k++) {
			struct thread *thread = &process->threads[k];

			if (!thread->domain && random() % 4 == 0)
				bear_thread(world, process, thread);
			else if (thread->domain && random() % 8 == 0)
				kill_thread(world, thread);
			if (thread->domain)
				run_thread(world, thread);
		}
		if (random() % 10 == 0)
			kill_process(world, process);
	}
	tick(world);
}

/* As the books do: shares are written after the tick, by two weights in turn. */
static void give_energy(struct world *world)
{
	size_t count;
	struct domain *const *threads = session_kind(world->session, DOMAIN_THREAD, &count);

	for (size_t i = 0; i < count; i++) {
		const char *source = random() % 2 ? "weight:cycles" : "weight:cpu-time";
		struct series *series =
			session_series(world->session, threads[i], source, QUALITY_ATTRIBUTED);
		int64_t energy_uj = random() % 100000;

		session_increase(world->session, series, METRIC_ENERGY_UJ, world->now_ns,
				 energy_uj);
		world->given_uj += energy_uj;
	}
}

static int64_t sum_of(const struct world *world, enum metric metric, bool marked)
{
	size_t count;
	struct domain *const *domains = session_domains(world->session, &count);
	int64_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		for (const struct series *series = domains[i]->series; series;
		     series = series->next) {
			const struct cell *cell = series_cell(series, metric);

			if (cell)
				sum += marked ? cell->mark_value : cell->value;
		}
	}
	return sum;
}

static void no_energy_is_lost_through_births_deaths_and_folds(void **state)
{
	struct world *world = *state;
	int64_t marked = 0;

	for (int i = 0; i < 600; i++) {
		int64_t busy_ns;

		live_a_tick(world);
		give_energy(world);
		if (i == 300) {
			session_begin_window(world->session);
			marked = world->given_uj;
		}
		busy_ns = sum_of(world, METRIC_BUSY_NS, false);
		if (random() % 4)
			session_recorded(world->session);
		session_fold(world->session, session_now_ns(world->session));
		assert_true(sum_of(world, METRIC_ENERGY_UJ, false) == world->given_uj);
		assert_true(sum_of(world, METRIC_ENERGY_UJ, true) == marked);
		assert_true(sum_of(world, METRIC_BUSY_NS, false) == busy_ns);
	}
	assert_non_null(session_find(world->session, "ended"));
	assert_true(world->next_pid > 3000);
}

static void the_dead_are_freed(void **state)
{
	struct world *world = *state;
	size_t bytes = 0, count;

	for (int i = 0; i < 400; i++) {
		live_a_tick(world);
		give_energy(world);
		session_recorded(world->session);
		session_fold(world->session, session_now_ns(world->session) + 1);
		if (i == 100)
			bytes = session_bytes(world->session);
	}
	session_domains(world->session, &count);
	assert_true(count < 2 * PROCESSES * (THREADS + 1));
	assert_true(session_bytes(world->session) < 2 * bytes);
	for (int i = 0; i < PROCESSES; i++) {
		if (world->processes[i].domain)
			kill_process(world, &world->processes[i]);
	}
	tick(world);
	for (int i = 0; i < 3; i++) {
		session_recorded(world->session);
		session_fold(world->session, session_now_ns(world->session) + 1);
	}
	session_domains(world->session, &count);
	assert_int_equal(count, 2);
}

static void numbers_are_dense_and_used_again(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 300; i++) {
		size_t count;
		struct domain *const *domains;

		live_a_tick(world);
		session_recorded(world->session);
		session_fold(world->session, session_now_ns(world->session) + 1);
		domains = session_domains(world->session, &count);
		for (size_t k = 0; k < count; k++) {
			assert_true(domains[k]->number < 2 * PROCESSES * (THREADS + 1));
			assert_ptr_equal(session_find(world->session, domains[k]->key), domains[k]);
		}
	}
}

static void a_thread_stays_until_it_is_recorded_and_shared_out(void **state)
{
	struct world *world = *state;
	struct process *process = &world->processes[0];
	char key[DOMAIN_KEY_SIZE];

	world->now_ns = SECOND;
	bear_process(world, process);
	bear_thread(world, process, &process->threads[0]);
	memcpy(key, process->threads[0].key, sizeof(key));
	run_thread(world, &process->threads[0]);
	kill_thread(world, &process->threads[0]);
	world->now_ns += SECOND;
	tick(world);
	session_fold(world->session, world->now_ns);
	assert_non_null(session_find(world->session, key));
	session_recorded(world->session);
	session_fold(world->session, SECOND);
	assert_non_null(session_find(world->session, key));
	session_find(world->session, key)->weight = 1;
	session_fold(world->session, world->now_ns);
	assert_non_null(session_find(world->session, key));
	session_find(world->session, key)->weight = 0;
	session_fold(world->session, world->now_ns);
	assert_null(session_find(world->session, key));
}

static const struct cell *ended_cell(const struct domain *domain, const char *source,
				     enum quality quality, enum metric metric)
{
	for (const struct series *series = domain->series; series; series = series->next) {
		if (series->quality == quality && strcmp(series->source, source) == 0)
			return series_cell(series, metric);
	}
	return NULL;
}

static void a_thread_folds_into_its_process_by_quality_and_only_what_adds_up(void **state)
{
	struct world *world = *state;
	struct process *process = &world->processes[0];
	struct domain *domain;

	world->now_ns = SECOND;
	bear_process(world, process);
	bear_thread(world, process, &process->threads[0]);
	run_thread(world, &process->threads[0]);
	tick(world);
	give_energy(world);
	domain = session_find(world->session, process->threads[0].key)->parent;
	kill_thread(world, &process->threads[0]);
	fold_a_second_later(world);
	assert_int_equal(
		ended_cell(domain, SESSION_ENDED_THREADS, QUALITY_ATTRIBUTED, METRIC_ENERGY_UJ)
			->value,
		world->given_uj);
	assert_non_null(
		ended_cell(domain, SESSION_ENDED_THREADS, QUALITY_MEASURED, METRIC_BUSY_NS));
	assert_null(ended_cell(domain, SESSION_ENDED_THREADS, QUALITY_MEASURED, METRIC_CPU_NUMBER));
	assert_null(domain_series(domain, METRIC_ENERGY_UJ));
}

static void the_own_totals_of_a_process_stay_apart_from_those_of_its_threads(void **state)
{
	struct world *world = *state;
	struct process *process = &world->processes[0];
	const struct domain *ended;
	uint32_t series;

	world->now_ns = SECOND;
	bear_process(world, process);
	bear_thread(world, process, &process->threads[0]);
	series = feed_series(world->feed, process->domain, "processes", QUALITY_MEASURED);
	feed_increase(world->feed, series, METRIC_BUSY_NS, world->now_ns, 77);
	feed_increase(world->feed, process->threads[0].series, METRIC_BUSY_NS, world->now_ns, 55);
	kill_process(world, process);
	for (int i = 0; i < 3; i++)
		fold_a_second_later(world);
	ended = session_find(world->session, "ended");
	assert_int_equal(
		ended_cell(ended, SESSION_ENDED_PROCESSES, QUALITY_MEASURED, METRIC_BUSY_NS)->value,
		77);
	assert_int_equal(
		ended_cell(ended, SESSION_ENDED_THREADS, QUALITY_MEASURED, METRIC_BUSY_NS)->value,
		55);
}

static void a_process_waits_for_its_threads(void **state)
{
	struct world *world = *state;
	struct process *process = &world->processes[0];
	char key[DOMAIN_KEY_SIZE];

	world->now_ns = SECOND;
	bear_process(world, process);
	bear_thread(world, process, &process->threads[0]);
	domain_key_process(key, process->pid, 1);
	feed_retire(world->feed, world->now_ns, process->domain);
	fold_a_second_later(world);
	assert_non_null(session_find(world->session, key));
	feed_retire(world->feed, world->now_ns, process->threads[0].domain);
	process->threads[0].domain = 0;
	fold_a_second_later(world);
	assert_null(session_find(world->session, key));
}

static void one_that_comes_back_before_the_fold_stays(void **state)
{
	struct world *world = *state;
	struct process *process = &world->processes[0];
	char key[DOMAIN_KEY_SIZE];
	size_t count;

	world->now_ns = SECOND;
	bear_process(world, process);
	domain_key_process(key, process->pid, 1);
	for (int i = 0; i < 3; i++) {
		feed_retire(world->feed, world->now_ns, process->domain);
		process->domain = feed_domain(world->feed, DOMAIN_PROCESS, key, 0, "p");
	}
	fold_a_second_later(world);
	assert_true(session_find(world->session, key)->alive);
	session_kind(world->session, DOMAIN_PROCESS, &count);
	assert_int_equal(count, 1);
	feed_retire(world->feed, world->now_ns, process->domain);
	process->domain = feed_domain(world->feed, DOMAIN_PROCESS, key, 0, "p");
	feed_retire(world->feed, world->now_ns, process->domain);
	fold_a_second_later(world);
	assert_null(session_find(world->session, key));
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(no_energy_is_lost_through_births_deaths_and_folds),
		WITH_WORLD(the_dead_are_freed),
		WITH_WORLD(numbers_are_dense_and_used_again),
		WITH_WORLD(a_thread_stays_until_it_is_recorded_and_shared_out),
		WITH_WORLD(a_thread_folds_into_its_process_by_quality_and_only_what_adds_up),
		WITH_WORLD(the_own_totals_of_a_process_stay_apart_from_those_of_its_threads),
		WITH_WORLD(a_process_waits_for_its_threads),
		WITH_WORLD(one_that_comes_back_before_the_fold_stays),
	};

	return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
