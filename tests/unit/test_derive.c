/* SPDX-License-Identifier: Apache-2.0 */
/* Figures from totals: what moved, what stands still, what is not known; and what the total is made of. */
#include "model/derive.h"

#include "base/clock.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/desk.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct series *series_of(const struct desk *desk, const char *key)
{
	const struct domain *domain = session_find(desk->session, key);

	assert_non_null(domain);
	return domain->series;
}

static void one_reading_says_nothing_about_now(void **state)
{
	(void)state;

	struct desk desk;

	desk_start(&desk);
	feed_counter(desk.feed,
		     desk_series(&desk, DOMAIN_PACKAGE, "package-0", "powercap", QUALITY_MEASURED),
		     METRIC_ENERGY_UJ, desk.now_ns, 500);
	desk_tick(&desk);
	assert_true(isnan(derive_rate(desk.session, series_of(&desk, "package-0"), METRIC_ENERGY_UJ,
				      SPAN_NOW)));
	assert_true(isnan(derive_rate(desk.session, series_of(&desk, "package-0"), METRIC_BUSY_NS,
				      SPAN_NOW)));
	desk_near(derive_total(desk.session, series_of(&desk, "package-0"), METRIC_ENERGY_UJ,
			       SPAN_RUN),
		  0);
	desk_end(&desk);
}

static void a_meter_that_stands_still_keeps_its_watts_and_ages(void **state)
{
	(void)state;

	struct desk desk;
	uint32_t series;

	desk_start(&desk);
	series = desk_series(&desk, DOMAIN_PACKAGE, "package-0", "powercap", QUALITY_MEASURED);
	for (int i = 0; i < 5; i++) {
		feed_counter(desk.feed, series, METRIC_ENERGY_UJ, desk.now_ns,
			     i < 2 ? (uint64_t)i * 30000000 : 30000000);
		desk_tick(&desk);
	}

	struct derive_power power =
		derive_power(desk.session, session_find(desk.session, "package-0"), SPAN_NOW);

	desk_near(power.power_w, 30);
	desk_near(power.age_s, 3);
	assert_int_equal(power.quality, QUALITY_MEASURED);
	desk_end(&desk);
}

static void cpu_time_that_stands_still_is_zero(void **state)
{
	(void)state;

	struct desk desk;
	uint32_t series;
	static const uint64_t busy_ns[] = {0, 500000000, 500000000, 500000000, 750000000};
	static const double expected[] = {NAN, 0.5, 0, 0, 0.25};

	desk_start(&desk);
	series = desk_series(&desk, DOMAIN_CPU, "cpu0", "cpu", QUALITY_MEASURED);
	for (int i = 0; i < 5; i++) {
		feed_counter(desk.feed, series, METRIC_BUSY_NS, desk.now_ns, busy_ns[i]);
		desk_tick(&desk);

		double busy = derive_busy(desk.session, SPAN_NOW);

		if (isnan(expected[i]))
			assert_true(isnan(busy));
		else
			desk_near(busy, expected[i]);
	}
	desk_near(derive_busy(desk.session, SPAN_RUN), 0.75 / 4);
	desk_end(&desk);
}

/* It is read by a thread of its own: the newest reading may be as old as an interval at each tick. */
static void a_slow_source_is_still_only_when_its_next_reading_is_overdue(void **state)
{
	static const uint64_t busy_ns[] = {0, 500000000, 1000000000, 1000000000, 1000000000};
	static const double expected[] = {NAN, 0.5, 0.5, 0.5, 0};
	struct desk desk;
	uint32_t series;

	(void)state;
	desk_start(&desk);
	series = desk_series(&desk, DOMAIN_PROCESS, "7@7", "nvml:gpu-0", QUALITY_SAMPLED);
	for (int i = 0; i < 5; i++) {
		const struct series *told;
		double busy;

		feed_counter(desk.feed, series, METRIC_GPU_BUSY_NS,
			     desk.now_ns - 950 * CLOCK_NS_PER_MS, busy_ns[i]);
		desk_tick(&desk);
		told = domain_series(session_find(desk.session, "7@7"), METRIC_GPU_BUSY_NS);
		busy = derive_rate(desk.session, told, METRIC_GPU_BUSY_NS, SPAN_NOW);
		if (isnan(expected[i]))
			assert_true(isnan(busy));
		else
			desk_near(busy, expected[i]);
	}
	desk_end(&desk);
}

static void a_gap_is_not_a_number_and_carries_its_errno(void **state)
{
	(void)state;

	struct desk desk;
	uint32_t series;
	char covers[64];

	desk_start(&desk);
	series = desk_series(&desk, DOMAIN_PACKAGE, "package-0", "powercap", QUALITY_MEASURED);
	for (uint64_t i = 0; i < 2; i++) {
		feed_counter(desk.feed, series, METRIC_ENERGY_UJ, desk.now_ns, i * 10000000);
		desk_tick(&desk);
	}
	feed_gap(desk.feed, series, METRIC_ENERGY_UJ, desk.now_ns, EIO, "the meter is gone");
	desk_tick(&desk);

	struct derive_power power =
		derive_power(desk.session, session_find(desk.session, "package-0"), SPAN_NOW);

	assert_true(isnan(power.power_w));
	assert_int_equal(power.gap, EIO);
	assert_string_equal(power.series->gap_reason, "the meter is gone");
	power = derive_total_power(desk.session, SPAN_NOW, covers, sizeof(covers));
	assert_true(isnan(power.power_w));
	assert_int_equal(power.gap, EIO);
	desk_end(&desk);
}

static void work_and_joules_come_from_the_same_window(void **state)
{
	(void)state;

	struct desk desk;

	desk_start(&desk);
	for (int i = 0; i < 6; i++) {
		desk_watts(&desk, DOMAIN_PACKAGE, "package-0", QUALITY_MEASURED, 50);
		if (i > 0)
			feed_work(desk.feed, desk.now_ns, "marks", "samples", i < 4 ? 100 : 200);
		feed_work(desk.feed, desk.now_ns, "marks", "flop", 1000000);
		desk_tick(&desk);
		if (i == 3)
			session_begin_window(desk.session);
	}

	struct derive_work run = derive_work(desk.session, SPAN_RUN);
	struct derive_work window = derive_work(desk.session, SPAN_WINDOW);
	struct derive_work now = derive_work(desk.session, SPAN_NOW);

	assert_string_equal(run.unit, "samples");
	assert_string_equal(run.named, "marks");
	desk_near(run.total, 700);
	desk_near(run.per_j, 700.0 / 250);
	desk_near(window.total, 400);
	desk_near(window.per_j, 400.0 / 100);
	desk_near(now.per_s, 200);
	desk_near(now.per_j, 200.0 / 50);
	assert_true(isnan(now.per_j_above));
	desk_end(&desk);
}

static void without_work_instructions_count_and_then_cpu_time(void **state)
{
	(void)state;

	for (int counted = 0; counted < 2; counted++) {
		struct desk desk;

		desk_start(&desk);
		for (uint64_t i = 0; i < 3; i++) {
			uint32_t series = desk_series(&desk, DOMAIN_THREAD, "5/5@1", "counters",
						      QUALITY_MEASURED);

			feed_counter(desk.feed, series, METRIC_BUSY_NS, desk.now_ns, i * 500000000);
			if (counted)
				feed_counter(desk.feed, series, METRIC_INSTRUCTIONS, desk.now_ns,
					     i * 4000);
			desk_watts(&desk, DOMAIN_PACKAGE, "package-0", QUALITY_MEASURED, 50);
			desk_tick(&desk);
		}

		struct derive_work work = derive_work(desk.session, SPAN_NOW);

		assert_string_equal(work.unit, counted ? "instr" : "CPU s");
		desk_near(work.per_s, counted ? 4000 : 0.5);
		desk_near(work.per_j, work.per_s / 50);
		desk_end(&desk);
	}
}

static void ipc_and_clock_come_from_the_same_series(void **state)
{
	(void)state;

	struct desk desk;

	desk_start(&desk);
	for (uint64_t i = 0; i < 2; i++) {
		uint32_t series =
			desk_series(&desk, DOMAIN_THREAD, "5/5@1", "counters", QUALITY_MEASURED);

		feed_counter(desk.feed, series, METRIC_BUSY_NS, desk.now_ns, i * 500000000);
		feed_counter(desk.feed, series, METRIC_CYCLES, desk.now_ns, i * 1500000000);
		feed_counter(desk.feed, series, METRIC_INSTRUCTIONS, desk.now_ns, i * 3000000000);
		desk_tick(&desk);
	}

	const struct series *series = series_of(&desk, "5/5@1");

	desk_near(derive_metric(desk.session, series, METRIC_IPC), 2);
	desk_near(derive_metric(desk.session, series, METRIC_CLOCK_HZ), 3e9);
	desk_near(derive_metric(desk.session, series, METRIC_BUSY_RATIO), 0.5);
	assert_true(isnan(derive_metric(desk.session, series, METRIC_POWER_W)));
	desk_end(&desk);
}

static void a_recorded_share_is_shown_until_its_next_row_is_due(void **state)
{
	(void)state;

	/* The meter moves every tick, the thread is recorded every second one and then ends. */
	static const uint64_t share_j[] = {0, 0, 20, 20, 40, 40, 40, 40};
	static const double expected_w[] = {10, 10, 10, 10, 0, 0};
	struct desk desk;

	desk_start(&desk);
	for (int i = 0; i < 8; i++) {
		uint32_t series = desk_series(&desk, DOMAIN_THREAD, "5/5@1", "weight:cycles",
					      QUALITY_ATTRIBUTED);

		desk_watts(&desk, DOMAIN_PACKAGE, "package-0", QUALITY_MEASURED, 50);
		if (i == 0 || share_j[i] != share_j[i - 1])
			feed_gauge(desk.feed, series, METRIC_ENERGY_UJ, desk.now_ns,
				   (int64_t)share_j[i] * 1000000);
		desk_tick(&desk);
		if (i >= 2)
			desk_near(derive_power(desk.session, session_find(desk.session, "5/5@1"),
					       SPAN_NOW)
					  .power_w,
				  expected_w[i - 2]);
	}
	desk_end(&desk);
}

static void own_cost_is_that_of_own_threads(void **state)
{
	(void)state;

	struct desk desk;

	desk_start(&desk);
	assert_int_equal(derive_self(desk.session, SPAN_NOW).memory_bytes, -1);
	assert_true(isnan(derive_self(desk.session, SPAN_NOW).busy_ratio));
	for (uint64_t i = 0; i < 2; i++) {
		uint32_t process = feed_domain(desk.feed, DOMAIN_PROCESS, "7@1", 0, "jouletop");
		uint32_t thread =
			feed_domain(desk.feed, DOMAIN_THREAD, "7/7@1", process, "jouletop");

		feed_label(desk.feed, process, "self", "1");
		feed_label(desk.feed, thread, "self", "1");
		feed_counter(desk.feed, feed_series(desk.feed, thread, "sched", QUALITY_MEASURED),
			     METRIC_BUSY_NS, desk.now_ns, i * 3000000);
		feed_gauge(desk.feed, feed_series(desk.feed, process, "sched", QUALITY_MEASURED),
			   METRIC_MEMORY_BYTES, desk.now_ns, 9000000);
		desk_tick(&desk);
	}
	desk_near(derive_self(desk.session, SPAN_NOW).busy_ratio, 0.003);
	assert_int_equal(derive_self(desk.session, SPAN_NOW).memory_bytes, 9000000);
	desk_end(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_reading_says_nothing_about_now),
		cmocka_unit_test(a_meter_that_stands_still_keeps_its_watts_and_ages),
		cmocka_unit_test(cpu_time_that_stands_still_is_zero),
		cmocka_unit_test(a_slow_source_is_still_only_when_its_next_reading_is_overdue),
		cmocka_unit_test(a_gap_is_not_a_number_and_carries_its_errno),
		cmocka_unit_test(work_and_joules_come_from_the_same_window),
		cmocka_unit_test(without_work_instructions_count_and_then_cpu_time),
		cmocka_unit_test(ipc_and_clock_come_from_the_same_series),
		cmocka_unit_test(a_recorded_share_is_shown_until_its_next_row_is_due),
		cmocka_unit_test(own_cost_is_that_of_own_threads),
	};

	return cmocka_run_group_tests_name("derive", tests, NULL, NULL);
}
