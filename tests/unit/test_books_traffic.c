/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of threads: the measured total is never exceeded, and without it they are a lower bound that says so. */
#include "model/books.h"

#include "base/clock.h"
#include "model/derive.h"
#include "tests/support/bench.h"
#include "tests/support/cmocka_all.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static const struct books_options options = {.baseline_w = NAN};

struct traffic {
	struct bench bench;
	uint32_t memory; /* series */
	uint64_t read, written, misses[2];
};

static void start(struct traffic *traffic, bool with_total)
{
	*traffic = (struct traffic){.memory = 0};
	bench_start(&traffic->bench, &options, true);
	if (with_total)
		traffic->memory = feed_series(traffic->bench.feed, traffic->bench.package,
					      "traffic:imc", QUALITY_MEASURED);
}

static void tick(struct traffic *traffic)
{
	struct bench *bench = &traffic->bench;
	int64_t now_ns = bench->now_ns + CLOCK_NS_PER_S;

	for (int i = 0; i < 2; i++)
		feed_counter(bench->feed, bench->counters[i], METRIC_LLC_MISSES, now_ns,
			     traffic->misses[i]);
	if (traffic->memory) {
		feed_counter(bench->feed, traffic->memory, METRIC_READ_BYTES, now_ns,
			     traffic->read);
		feed_counter(bench->feed, traffic->memory, METRIC_WRITE_BYTES, now_ns,
			     traffic->written);
	}
	bench_tick(bench);
}

static void run(struct traffic *traffic, uint64_t first_ms, uint64_t second_ms, uint64_t other_ms)
{
	bench_run(&traffic->bench, first_ms, second_ms, other_ms, 0);
}

static int64_t bytes(const struct traffic *traffic, const char *key, const char *source,
		     enum metric metric)
{
	const struct domain *domain = session_find(traffic->bench.session, key);

	for (const struct series *series = domain->series; series; series = series->next) {
		const struct cell *cell = series_cell(series, metric);

		if (strcmp(series->source, source) == 0 && cell)
			return cell->value;
	}
	return -1;
}

static void threads_share_the_measured_total_by_their_misses(void **state)
{
	struct traffic traffic;

	(void)state;
	start(&traffic, true);
	tick(&traffic);
	run(&traffic, 500, 500, 0);
	traffic.misses[0] += 3000;
	traffic.misses[1] += 1000;
	traffic.read += 800000;
	traffic.written += 400000;
	tick(&traffic);
	assert_int_equal(bytes(&traffic, "5/5@1", BOOKS_TRAFFIC_SHARED, METRIC_READ_BYTES), 600000);
	assert_int_equal(bytes(&traffic, "5/6@1", BOOKS_TRAFFIC_SHARED, METRIC_READ_BYTES), 200000);
	assert_int_equal(bytes(&traffic, "5/5@1", BOOKS_TRAFFIC_SHARED, METRIC_WRITE_BYTES),
			 300000);
	assert_int_equal(bytes(&traffic, "5/5@1", BOOKS_TRAFFIC_LEAST, METRIC_READ_BYTES), -1);

	const struct domain *thread = session_find(traffic.bench.session, "5/5@1");
	const struct series *series = domain_series(thread, METRIC_READ_BYTES);

	assert_int_equal(series->quality, QUALITY_ATTRIBUTED);
	assert_true(fabs(derive_bytes_per_s(traffic.bench.session, series, SPAN_NOW) - 900000) < 1);
	bench_end(&traffic.bench);
}

static void what_others_moved_is_not_given_to_watched_threads(void **state)
{
	struct traffic traffic;

	(void)state;
	start(&traffic, true);
	tick(&traffic);
	run(&traffic, 250, 250, 500);
	traffic.misses[0] += 10;
	traffic.misses[1] += 10;
	traffic.read += 1000000;
	tick(&traffic);
	assert_int_equal(bytes(&traffic, "5/5@1", BOOKS_TRAFFIC_SHARED, METRIC_READ_BYTES), 250000);
	/* But not less than they are known to have missed, and never more than there was. */
	run(&traffic, 250, 250, 500);
	traffic.misses[0] += 15000;
	traffic.read += 1000000;
	tick(&traffic);
	assert_int_equal(bytes(&traffic, "5/5@1", BOOKS_TRAFFIC_SHARED, METRIC_READ_BYTES),
			 250000 + 960000);
	run(&traffic, 250, 250, 500);
	traffic.misses[0] += 150000;
	traffic.read += 1000000;
	tick(&traffic);
	assert_int_equal(bytes(&traffic, "5/5@1", BOOKS_TRAFFIC_SHARED, METRIC_READ_BYTES),
			 250000 + 960000 + 1000000);
	bench_end(&traffic.bench);
}

static void without_a_total_misses_are_a_lower_bound(void **state)
{
	struct traffic traffic;

	(void)state;
	start(&traffic, false);
	tick(&traffic);
	for (int i = 1; i <= 3; i++) {
		run(&traffic, 500, 500, 0);
		traffic.misses[0] += 1000;
		tick(&traffic);
		assert_int_equal(bytes(&traffic, "5/5@1", BOOKS_TRAFFIC_LEAST, METRIC_READ_BYTES),
				 64000 * i);
	}

	const struct domain *thread = session_find(traffic.bench.session, "5/5@1");
	const struct series *series = domain_series(thread, METRIC_READ_BYTES);

	assert_int_equal(series->quality, QUALITY_ESTIMATED);
	assert_string_equal(series->source, BOOKS_TRAFFIC_LEAST);
	assert_true(fabs(derive_bytes_per_s(traffic.bench.session, series, SPAN_NOW) - 64000) < 1);
	/* Who missed nothing is not known to have moved nothing. */
	assert_int_equal(bytes(&traffic, "5/6@1", BOOKS_TRAFFIC_LEAST, METRIC_READ_BYTES), -1);
	bench_end(&traffic.bench);
}

static void a_gap_of_the_total_gives_nobody_its_bytes(void **state)
{
	struct traffic traffic;

	(void)state;
	start(&traffic, true);
	tick(&traffic);
	run(&traffic, 500, 500, 0);
	traffic.misses[0] += 1000;
	traffic.read += 1000000;
	tick(&traffic);
	assert_int_equal(bytes(&traffic, "5/5@1", BOOKS_TRAFFIC_SHARED, METRIC_READ_BYTES),
			 1000000);

	uint32_t memory = traffic.memory;

	run(&traffic, 500, 500, 0);
	traffic.memory = 0;
	traffic.misses[0] += 1000;
	feed_gap(traffic.bench.feed, memory, METRIC_READ_BYTES,
		 traffic.bench.now_ns + CLOCK_NS_PER_S, EIO, "");
	tick(&traffic);
	traffic.memory = memory;
	run(&traffic, 500, 500, 0);
	traffic.misses[1] += 1000;
	traffic.read += 7000000;
	tick(&traffic);
	assert_int_equal(bytes(&traffic, "5/6@1", BOOKS_TRAFFIC_SHARED, METRIC_READ_BYTES), -1);
	run(&traffic, 500, 500, 0);
	traffic.misses[1] += 1000;
	traffic.read += 1000000;
	tick(&traffic);
	assert_int_equal(bytes(&traffic, "5/6@1", BOOKS_TRAFFIC_SHARED, METRIC_READ_BYTES),
			 1000000);
	bench_end(&traffic.bench);
}

static void a_thread_that_slept_does_not_keep_its_last_rate(void **state)
{
	struct traffic traffic;

	(void)state;
	start(&traffic, false);
	tick(&traffic);
	run(&traffic, 500, 500, 0);
	traffic.misses[0] += 1000;
	tick(&traffic);
	for (int i = 0; i < 3; i++) {
		run(&traffic, 0, 500, 0);
		bench_tick(&traffic.bench);
	}

	const struct domain *thread = session_find(traffic.bench.session, "5/5@1");
	const struct series *series = domain_series(thread, METRIC_READ_BYTES);

	assert_true(derive_bytes_per_s(traffic.bench.session, series, SPAN_NOW) == 0);
	bench_end(&traffic.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_share_the_measured_total_by_their_misses),
		cmocka_unit_test(what_others_moved_is_not_given_to_watched_threads),
		cmocka_unit_test(without_a_total_misses_are_a_lower_bound),
		cmocka_unit_test(a_gap_of_the_total_gives_nobody_its_bytes),
		cmocka_unit_test(a_thread_that_slept_does_not_keep_its_last_rate),
	};

	return cmocka_run_group_tests_name("books_traffic", tests, NULL, NULL);
}
