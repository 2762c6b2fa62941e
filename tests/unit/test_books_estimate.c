/* SPDX-License-Identifier: Apache-2.0 */
/* Energy where no counter gives it: an estimate that says that it is one, and power integrated. */
#include "base/clock.h"
#include "model/derive.h"
#include "tests/support/bench.h"
#include "tests/support/cmocka_all.h"

#include <errno.h>
#include <math.h>

static void without_a_sensor_there_is_an_estimate_that_says_so(void **state)
{
	(void)state;

	const struct books_options options = {.baseline_w = NAN, .estimate = true};
	struct bench bench;
	char covers[64];
	size_t count;

	bench_start(&bench, &options, false);
	feed_meta(bench.feed, "memory_bytes", "8000000000");
	for (int i = 0; i < 3; i++) {
		bench_run(&bench, 500, 500, 0, 0);
		bench_tick(&bench);
	}

	struct derive_power total =
		derive_total_power(bench.session, SPAN_NOW, covers, sizeof(covers));

	assert_int_equal(total.quality, QUALITY_ESTIMATED);
	assert_true(total.low_w > 0 && total.low_w < total.power_w && total.power_w < total.high_w);
	assert_true(total.energy_j > 0);
	assert_int_equal(
		derive_power(bench.session, session_find(bench.session, "5/5@1"), SPAN_NOW).quality,
		QUALITY_ESTIMATED);
	assert_int_equal(bench_energy_of_kind(bench.session, DOMAIN_PACKAGE) +
				 bench_energy_of_kind(bench.session, DOMAIN_DRAM),
			 bench_energy_of_shares(bench.session));
	assert_string_equal(session_sources(bench.session, &count)[0].name, "estimate");
	assert_int_equal(session_sources(bench.session, &count)[0].state, SOURCE_OK);
	bench_end(&bench);
}

static void what_the_hypervisor_took_is_not_busy(void **state)
{
	const struct books_options options = {.baseline_w = NAN, .estimate = true};
	double idle_w = NAN;

	(void)state;
	for (int stolen = 0; stolen < 2; stolen++) {
		struct bench bench;

		bench_start(&bench, &options, false);
		for (int i = 0; i < 3; i++) {
			feed_counter(bench.feed, bench.cpus[0], METRIC_STEAL_NS,
				     bench.now_ns + CLOCK_NS_PER_S,
				     stolen ? (uint64_t)i * 900000000 : 0);
			bench_tick(&bench);
		}

		double power_w = derive_total_power(bench.session, SPAN_NOW, NULL, 0).power_w;

		assert_true(power_w > 0);
		if (stolen)
			assert_true(fabs(power_w - idle_w) < 1e-9);
		idle_w = power_w;
		bench_end(&bench);
	}
}

static void no_estimate_where_it_is_measured_or_not_wanted(void **state)
{
	(void)state;

	for (int measured = 0; measured < 2; measured++) {
		const struct books_options options = {.baseline_w = NAN, .estimate = measured};
		struct bench bench;
		size_t count;

		bench_start(&bench, &options, measured);
		bench_run(&bench, 500, 500, 0, 0);
		bench_tick(&bench);

		const struct source *source = session_sources(bench.session, &count);

		assert_int_equal(source[0].state, SOURCE_OFF);
		assert_string_equal(source[0].reason,
				    measured ? "a measured source is there" : "--no-estimate");
		assert_int_equal(bench_energy_of_kind(bench.session, DOMAIN_PACKAGE), 0);
		bench_end(&bench);
	}
}

static void sampled_power_is_integrated_and_not_across_gaps(void **state)
{
	(void)state;

	const struct books_options options = {.baseline_w = NAN};
	struct bench bench;
	uint32_t board, series;

	bench_start(&bench, &options, true);
	board = feed_domain(bench.feed, DOMAIN_BOARD, "board/ina3221/1", 0, "VDD_IN");
	series = feed_series(bench.feed, board, "hwmon:ina3221", QUALITY_SAMPLED);
	feed_gauge(bench.feed, series, METRIC_SENSOR_POWER_UW, bench.now_ns + CLOCK_NS_PER_S,
		   10000000);
	bench_tick(&bench);
	feed_gauge(bench.feed, series, METRIC_SENSOR_POWER_UW, bench.now_ns + CLOCK_NS_PER_S,
		   20000000);
	bench_tick(&bench);
	assert_int_equal(bench_energy(bench.session, "board/ina3221/1"), 15000000);
	feed_gap(bench.feed, series, METRIC_SENSOR_POWER_UW, bench.now_ns + CLOCK_NS_PER_S, EIO,
		 "");
	bench_tick(&bench);
	feed_gauge(bench.feed, series, METRIC_SENSOR_POWER_UW, bench.now_ns + CLOCK_NS_PER_S,
		   30000000);
	bench_tick(&bench);
	assert_int_equal(bench_energy(bench.session, "board/ina3221/1"), 15000000);
	feed_gauge(bench.feed, series, METRIC_SENSOR_POWER_UW, bench.now_ns + CLOCK_NS_PER_S,
		   30000000);
	bench_tick(&bench);
	assert_int_equal(bench_energy(bench.session, "board/ina3221/1"), 45000000);
	bench_end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_sensor_there_is_an_estimate_that_says_so),
		cmocka_unit_test(what_the_hypervisor_took_is_not_busy),
		cmocka_unit_test(no_estimate_where_it_is_measured_or_not_wanted),
		cmocka_unit_test(sampled_power_is_integrated_and_not_across_gaps),
	};

	return cmocka_run_group_tests_name("books_estimate", tests, NULL, NULL);
}
