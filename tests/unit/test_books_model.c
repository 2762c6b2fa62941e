/* SPDX-License-Identifier: Apache-2.0 */
/* The books learn what work costs from raw counters, use it where it can be trusted, and still balance. */
#include "model/books.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/feed.h"
#include "tests/support/bench.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/simulated.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TICKS  120
#define IDLE_W 10

struct stage {
	struct simulated machine;
	struct session *session;
	struct books *books;
	struct feed *feed;
	struct batch *spare;
	uint32_t energy, threads[SIMULATED_JOBS];
	uint64_t energy_uj, busy_ns[SIMULATED_JOBS], cycles[SIMULATED_JOBS];
	uint64_t instructions[SIMULATED_JOBS];
	double true_j[SIMULATED_JOBS];
	int64_t now_ns;
	uint32_t ticks;
};

static void count(struct stage *stage, uint32_t series, enum metric metric, uint64_t raw)
{
	const struct counter_rule from_zero = {.from_zero = true};

	feed_rule(stage->feed, series, metric, &from_zero);
	feed_counter(stage->feed, series, metric, stage->now_ns, raw);
}

static void tick(struct stage *stage)
{
	stage->now_ns += CLOCK_NS_PER_S;
	for (int i = 0; i < SIMULATED_JOBS; i++) {
		const struct simulated_job *job = &stage->machine.jobs[i];

		stage->busy_ns[i] += (uint64_t)(job->busy_s * 1e9);
		stage->cycles[i] += (uint64_t)job->cycles;
		stage->instructions[i] += (uint64_t)job->instructions;
		stage->true_j[i] += job->true_j;
		count(stage, stage->threads[i], METRIC_BUSY_NS, stage->busy_ns[i]);
		count(stage, stage->threads[i], METRIC_CYCLES, stage->cycles[i]);
		count(stage, stage->threads[i], METRIC_INSTRUCTIONS, stage->instructions[i]);
		feed_gauge(stage->feed, stage->threads[i], METRIC_CPU_NUMBER, stage->now_ns, i);
	}
	stage->energy_uj += (uint64_t)(stage->machine.energy_j * 1e6) +
			    (uint64_t)(stage->ticks > 0 ? IDLE_W * 1000000 : 0);
	count(stage, stage->energy, METRIC_ENERGY_UJ, stage->energy_uj);
	feed_tick(stage->feed, stage->now_ns, ++stage->ticks, 0);
	stage->spare = feed_swap(stage->feed, stage->spare);
	session_apply(stage->session, stage->spare);
	batch_clear(stage->spare);
	books_tick(stage->books);
}

static void start(struct stage *stage, uint64_t seed, bool constant)
{
	const struct books_options options = {.baseline_w = IDLE_W, .baseline_named = "10 s"};

	*stage = (struct stage){.now_ns = 10 * CLOCK_NS_PER_S};
	simulated_start(&stage->machine, seed);
	stage->machine.smt = false;
	stage->machine.cores = 16;
	stage->machine.constant = constant;
	for (int i = 0; constant && i < SIMULATED_JOBS; i++)
		stage->machine.jobs[i].runs = true;
	stage->session = session_create(1);
	stage->feed = feed_create();
	stage->spare = memory_zeroed(1, sizeof(*stage->spare));
	stage->books = books_create(stage->session, &options);
	stage->energy = feed_series(
		stage->feed, feed_domain(stage->feed, DOMAIN_PACKAGE, "package-0", 0, "package-0"),
		"powercap", QUALITY_MEASURED);
	for (int i = 0; i < SIMULATED_JOBS; i++) {
		char key[DOMAIN_KEY_SIZE];
		uint32_t process;

		domain_key_process(key, 10 + i, 1);
		process = feed_domain(stage->feed, DOMAIN_PROCESS, key, 0, "job");
		domain_key_thread(key, 10 + i, 10 + i, 1);
		stage->threads[i] = feed_series(
			stage->feed, feed_domain(stage->feed, DOMAIN_THREAD, key, process, "job"),
			"counters", QUALITY_MEASURED);
	}
	tick(stage);
}

static void finish(struct stage *stage)
{
	books_destroy(stage->books);
	session_destroy(stage->session);
	feed_destroy(stage->feed);
	batch_finish(stage->spare);
	free(stage->spare);
}

static double energy_j(const struct stage *stage, int job)
{
	char key[DOMAIN_KEY_SIZE];
	int64_t energy_uj;

	domain_key_thread(key, 10 + job, 10 + job, 1);
	energy_uj = bench_energy(stage->session, key);
	return energy_uj > 0 ? (double)energy_uj / 1e6 : 0;
}

static void phases_that_differ_make_a_model_that_is_used(void **state)
{
	double misplaced_j = 0, by_cycles_j = 0, total_j = 0, model_ticks = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 8; seed++) {
		struct stage stage;
		double cycles = 0, sum_j = 0, before_j[SIMULATED_JOBS];

		start(&stage, seed, false);
		for (int i = 0; i < 2 * TICKS; i++) {
			if (i == TICKS) {
				for (int k = 0; k < SIMULATED_JOBS; k++) {
					before_j[k] = energy_j(&stage, k);
					stage.true_j[k] = 0;
				}
			}
			simulated_tick(&stage.machine);
			tick(&stage);
			model_ticks +=
				strcmp(books_weight(stage.session), "model") == 0 && i >= TICKS;
			assert_int_equal(bench_energy_of_kind(stage.session, DOMAIN_PACKAGE),
					 bench_energy_of_shares(stage.session));
		}
		for (int k = 0; k < SIMULATED_JOBS; k++) {
			cycles += (double)stage.cycles[k];
			sum_j += stage.true_j[k];
		}
		for (int k = 0; k < SIMULATED_JOBS; k++) {
			misplaced_j +=
				fabs(energy_j(&stage, k) - before_j[k] - stage.true_j[k]) / 2;
			by_cycles_j +=
				fabs(sum_j * (double)stage.cycles[k] / cycles - stage.true_j[k]) /
				2;
		}
		total_j += sum_j;
		finish(&stage);
	}
	assert_true(model_ticks > 8 * TICKS * 0.8);
	assert_true(misplaced_j / total_j < 0.05);
	assert_true(misplaced_j < by_cycles_j / 2);
}

static void a_constant_mix_is_left_to_the_cycles(void **state)
{
	struct stage stage;
	char text[64];

	(void)state;
	start(&stage, 3, true);
	for (int i = 0; i < TICKS; i++) {
		simulated_tick(&stage.machine);
		tick(&stage);
		assert_string_equal(books_weight(stage.session), "cycles");
	}
	assert_string_equal(books_fit(stage.session),
			    "not identifiable, the intervals are too much alike");
	/* The spread between cycles and CPU time stands beside it. */
	assert_true(books_band_ratio(stage.session) > 0.02);
	assert_true(text_starts_with(books_weight_text(stage.session, text, sizeof(text)),
				     "cycles, ±"));
	finish(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phases_that_differ_make_a_model_that_is_used),
		cmocka_unit_test(a_constant_mix_is_left_to_the_cycles),
	};

	return cmocka_run_group_tests_name("books_model", tests, NULL, NULL);
}
