/* SPDX-License-Identifier: Apache-2.0 */
/* The frequency panel: strips, stale clocks, sleep, what held the clocks down; and what it shows where there are none. */
#include "tests/support/cmocka_all.h"
#include "tests/support/drawing.h"
#include "tests/support/sessions.h"

#include <stdio.h>
#include <string.h>

extern const struct view view_frequency;

#define SECOND INT64_C(1000000000)

static void busy_clocks_and_stale_ones_are_told_apart(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_full(&sessions);
	drawing_start(&drawing, &view_frequency, sessions.session);
	/* 0.80 of 4.2 GHz is two eighths, 3.41 is six; 19.2 of 32 CPUs are in C6. */
	assert_string_equal(drawing_text(&drawing, 54, 5),
			    " cpu 0-15  ▆▆▆▆▆▆▆▆▆▆▆▂▂▂▂▂ 3.41 GHz busy  (0.8-4.2)\n"
			    " cpu 16-31 ▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂  800 MHz stale (0.8-4.2)\n"
			    " idle in   C6 60.0 %\n"
			    " heat      Package id 0 62 °C\n"
			    "\n");
	assert_int_equal(drawing.canvas.cells[54 + 12].role, ROLE_DIM);
	assert_true(drawing.canvas.cells[12].role >= ROLE_HEAT0 &&
		    drawing.canvas.cells[12].role <= ROLE_HEAT7);
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void a_vm_without_clocks_says_so_and_shows_busy_shares(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_vm(&sessions);
	drawing_start(&drawing, &view_frequency, sessions.session);
	assert_string_equal(drawing_text(&drawing, 60, 4),
			    " no frequency here: a VM without a cpufreq driver\n"
			    " busy share of each CPU instead:\n"
			    " cpu 0-3   ████   96.0 % busy\n"
			    "\n");
	assert_string_equal(drawing_subtitle(&drawing), "4 CPUs, busy share");
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void many_cpus_share_columns_and_lines(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_start(&sessions);
	for (int i = 0; i < 256; i++) {
		char key[16];
		uint32_t series;

		snprintf(key, sizeof(key), "cpu%d", i);
		series =
			sessions_series(&sessions, DOMAIN_CPU, key, "", 0, "cpu", QUALITY_MEASURED);
		feed_gauge(sessions.feed, series, METRIC_FREQUENCY_HZ, SECOND, 2000000000);
	}
	sessions_tick(&sessions, SECOND);
	drawing_start(&drawing, &view_frequency, sessions.session);
	drawing_text(&drawing, 66, 8);
	assert_non_null(strstr(drawing_row(&drawing, 0), " cpu 0-63 "));
	assert_non_null(strstr(drawing_row(&drawing, 3), " cpu 192-255 "));
	assert_non_null(strstr(drawing_row(&drawing, 3), "2.00 GHz"));
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void a_package_at_its_limit_is_named_as_an_inference(void **state)
{
	struct sessions sessions;
	struct drawing drawing;
	uint32_t series;

	(void)state;
	sessions_start(&sessions);
	series = sessions_series(&sessions, DOMAIN_PACKAGE, "package-0", "", 0,
				 "powercap:intel-rapl:0", QUALITY_MEASURED);
	feed_gauge(sessions.feed, series, METRIC_POWER_LIMIT_UW, SECOND, 100000000);
	for (int second = 1; second <= 61; second++) {
		feed_increase(sessions.feed, series, METRIC_ENERGY_UJ, second * SECOND,
			      second <= 1 ? 0 : 99000000);
		feed_increase(sessions.feed, series, METRIC_THROTTLE_NS, second * SECOND,
			      second <= 1 ? 0 : SECOND / 100);
		sessions_tick(&sessions, second * SECOND);
	}
	drawing_start(&drawing, &view_frequency, sessions.session);
	drawing_text(&drawing, 100, 6);
	assert_true(drawing_find(&drawing, "throttle  pppp") >= 0);
	assert_true(drawing_find(&drawing, "thermal 1.0 %  power limit 100.0 % (inferred)") >= 0);
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void zoomed_shows_the_clock_of_each_thread(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_full(&sessions);
	drawing_start(&drawing, &view_frequency, sessions.session);
	drawing.context.zoomed = true;
	drawing_text(&drawing, 80, 20);
	assert_non_null(strstr(drawing_row(&drawing, 6),
			       "   4730    99.8   3.40 GHz    3  pt_main_thread"));
	assert_non_null(
		strstr(drawing_row(&drawing, 8), "   4722    38.0   3.40 GHz    9  dataloader"));
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void a_gpu_tells_its_clocks_and_what_held_it_back(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_start(&sessions);
	for (int second = 1; second <= 61; second++) {
		struct feed *feed = sessions.feed;
		uint32_t gpu = feed_domain(feed, DOMAIN_GPU, "gpu-0000:1b:00.0", 0, "gpu0 H200");
		uint32_t series = feed_series(feed, gpu, "nvml", QUALITY_MEASURED);
		uint32_t cause = feed_domain(feed, DOMAIN_THROTTLE, "gpu-0000:1b:00.0/power-cap",
					     gpu, "power cap");
		uint32_t rest =
			feed_domain(feed, DOMAIN_IDLE_STATE, "gpu-0000:1b:00.0/rc6", gpu, "rc6");

		feed_gauge(feed, series, METRIC_FREQUENCY_HZ, second * SECOND, 1980000000);
		feed_gauge(feed, series, METRIC_MEMORY_FREQUENCY_HZ, second * SECOND, 3201000000);
		feed_gauge(feed, series, METRIC_POWER_LIMIT_UW, second * SECOND, 700000000);
		feed_increase(feed, feed_series(feed, cause, "nvml", QUALITY_MEASURED),
			      METRIC_THROTTLE_NS, second * SECOND,
			      second <= 1    ? 0
			      : second <= 31 ? SECOND / 4
					     : 0);
		feed_increase(feed, feed_series(feed, rest, "i915", QUALITY_MEASURED),
			      METRIC_RESIDENCY_NS, second * SECOND, second <= 1 ? 0 : SECOND / 2);
		sessions_tick(&sessions, second * SECOND);
	}
	drawing_start(&drawing, &view_frequency, sessions.session);
	drawing_text(&drawing, 100, 8);
	assert_true(drawing_find(&drawing, "gpu0      1980 MHz   mem 3.20 GHz   cap 700 W") >= 0);
	assert_true(drawing_find(&drawing, "why     pppppppppp··········  power cap 12.5 %") >= 0);
	/* A GPU's rest is not that of a CPU. */
	assert_int_equal(drawing_find(&drawing, "rc6"), -1);
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(busy_clocks_and_stale_ones_are_told_apart),
		cmocka_unit_test(a_vm_without_clocks_says_so_and_shows_busy_shares),
		cmocka_unit_test(many_cpus_share_columns_and_lines),
		cmocka_unit_test(a_package_at_its_limit_is_named_as_an_inference),
		cmocka_unit_test(zoomed_shows_the_clock_of_each_thread),
		cmocka_unit_test(a_gpu_tells_its_clocks_and_what_held_it_back),
	};

	return cmocka_run_group_tests_name("frequency", tests, NULL, NULL);
}
