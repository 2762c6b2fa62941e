/* SPDX-License-Identifier: Apache-2.0 */
/* The power panel: the total and what draws it, absent, old, averaged and estimated figures told apart. */
#include "tests/support/cmocka_all.h"
#include "tests/support/drawing.h"
#include "tests/support/sessions.h"

#include <errno.h>
#include <string.h>

extern const struct view view_power;

#define SECOND INT64_C(1000000000)

static void the_total_stands_first_and_its_parts_add_up(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_full(&sessions);
	drawing_start(&drawing, &view_power, sessions.session);
	/* 121.4 + 18.2 + 272.7 = 412.3 W; 89.1 + 13.4 + 199.6 = 302.1 kJ. */
	assert_string_equal(drawing_text(&drawing, 48, 7),
			    " total      412.3 W █████▎              302.1 kJ\n"
			    " package-0  121.4 W █▌        perf       89.1 kJ\n"
			    "   cores     98.0 W █▎        perf       71.9 kJ\n"
			    " dram-0      18.2 W ▎         perf       13.4 kJ\n"
			    " gpu0 H200  272.7 W ███▌      /700      199.6 kJ\n"
			    " psys-0     198.0 W ██▌       rapl      150.0 kJ\n"
			    " CPU above idle 59.3 W   idle 62.1 W (10 s, 2 d)\n");
	assert_string_equal(drawing_subtitle(&drawing), "package-0 + dram-0 + gpu0");
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void parts_and_containers_go_first_when_space_goes(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_full(&sessions);
	drawing_start(&drawing, &view_power, sessions.session);
	drawing_text(&drawing, 36, 4);
	assert_int_equal(drawing_find(&drawing, "cores"), -1);
	assert_int_equal(drawing_find(&drawing, "psys-0"), -1);
	assert_int_equal(drawing_find(&drawing, "gpu0 H200  272.7 W"), 3);
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void what_has_no_line_is_summed_in_the_last(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_full(&sessions);
	drawing_start(&drawing, &view_power, sessions.session);
	drawing_text(&drawing, 48, 3);
	/* 18.2 + 272.7 W beside the package's 121.4. */
	assert_non_null(strstr(drawing_row(&drawing, 2), " 2 more     290.9 W"));
	assert_non_null(strstr(drawing_row(&drawing, 2), "213.0 kJ"));
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void trap_12_an_estimate_has_its_sign_its_band_and_its_reason(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_vm(&sessions);
	drawing_start(&drawing, &view_power, sessions.session);
	assert_string_equal(drawing_text(&drawing, 48, 5),
			    " total       ~38 W est. ██▍░░ (17-80)   ~28.9 kJ\n"
			    " package-0   ~33 W est. ██▏░  (14-71)   ~25.1 kJ\n"
			    " dram-0     ~5.0 W est. ▍     (3-9)      ~3.8 kJ\n"
			    " no power sensor: VM without RAPL, no hwmon   8\n"
			    " W+idle: the idle power is not known yet\n");
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void a_machine_without_any_power_says_why_in_one_line(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_start(&sessions);
	feed_source(sessions.feed, "powercap", SOURCE_NO_ACCESS, "energy", "root only", "");
	feed_source(sessions.feed, "hwmon", SOURCE_NONE, "power", "", "");
	sessions_tick(&sessions, SECOND);
	drawing_start(&drawing, &view_power, sessions.session);
	assert_string_equal(drawing_text(&drawing, 60, 2),
			    " no power sensor: powercap no access, no hwmon            8\n"
			    "\n");
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void what_cannot_be_read_is_a_dash_with_its_reason(void **state)
{
	struct sessions sessions;
	struct drawing drawing;
	uint32_t series;

	(void)state;
	sessions_start(&sessions);
	series = sessions_series(&sessions, DOMAIN_PACKAGE, "package-0", "", 0,
				 "powercap:intel-rapl:0", QUALITY_MEASURED);
	feed_gap(sessions.feed, series, METRIC_ENERGY_UJ, SECOND, EACCES, "readable by root only");
	series = sessions_series(&sessions, DOMAIN_DRAM, "dram-0", "", 0, "powercap:intel-rapl:0:0",
				 QUALITY_MEASURED);
	feed_gap(sessions.feed, series, METRIC_ENERGY_UJ, SECOND, EIO, "the meter hangs");
	sessions_tick(&sessions, SECOND);
	sessions_tick(&sessions, 2 * SECOND);
	drawing_start(&drawing, &view_power, sessions.session);
	drawing_text(&drawing, 60, 4);
	assert_non_null(strstr(drawing_row(&drawing, 0), "total"));
	assert_null(strstr(drawing_row(&drawing, 0), "0.0"));
	assert_non_null(strstr(drawing_row(&drawing, 1), "-  no access: see 8"));
	assert_non_null(strstr(drawing_row(&drawing, 2), "-  the meter hangs"));
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void a_first_reading_is_pending_and_not_zero(void **state)
{
	struct sessions sessions;
	struct drawing drawing;
	uint32_t series;

	(void)state;
	sessions_start(&sessions);
	series = sessions_series(&sessions, DOMAIN_PACKAGE, "package-0", "", 0,
				 "powercap:intel-rapl:0", QUALITY_MEASURED);
	feed_counter(sessions.feed, series, METRIC_ENERGY_UJ, SECOND, 5000);
	sessions_tick(&sessions, SECOND);
	drawing_start(&drawing, &view_power, sessions.session);
	drawing_text(&drawing, 60, 2);
	assert_non_null(strstr(drawing_row(&drawing, 1), "package-0"));
	assert_non_null(strstr(drawing_row(&drawing, 1), "…"));
	assert_null(strstr(drawing_row(&drawing, 1), " W"));
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void a_meter_that_stands_still_shows_its_age(void **state)
{
	struct sessions sessions;
	struct drawing drawing;
	uint32_t series;

	(void)state;
	sessions_start(&sessions);
	series = sessions_series(&sessions, DOMAIN_PACKAGE, "package-0", "", 0,
				 "powercap:intel-rapl:0", QUALITY_MEASURED);
	for (int second = 1; second <= 6; second++) {
		uint64_t energy_uj = second < 3 ? (uint64_t)second * 100000000 : 300000000;

		feed_counter(sessions.feed, series, METRIC_ENERGY_UJ, second * SECOND, energy_uj);
		sessions_tick(&sessions, second * SECOND);
	}
	drawing_start(&drawing, &view_power, sessions.session);
	drawing_text(&drawing, 60, 2);
	assert_non_null(strstr(drawing_row(&drawing, 1), "100.0 W"));
	assert_non_null(strstr(drawing_row(&drawing, 1), "3 s old"));
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void an_averaged_sensor_shows_its_window(void **state)
{
	struct sessions sessions;
	struct drawing drawing;
	uint32_t series;

	(void)state;
	sessions_start(&sessions);
	series = sessions_series(&sessions, DOMAIN_GPU, "gpu-0", "gpu0", 0, "nvml:power",
				 QUALITY_SAMPLED);
	for (int second = 1; second <= 3; second++) {
		feed_gauge(sessions.feed, series, METRIC_SENSOR_POWER_UW, second * SECOND,
			   50000000);
		feed_gauge(sessions.feed, series, METRIC_WINDOW_NS, second * SECOND, SECOND);
		sessions_tick(&sessions, second * SECOND);
	}
	drawing_start(&drawing, &view_power, sessions.session);
	drawing_text(&drawing, 60, 2);
	assert_non_null(strstr(drawing_row(&drawing, 1), "50.0 W"));
	assert_non_null(strstr(drawing_row(&drawing, 1), "⌀1s"));
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

/* Two meters of one package: 100 W by the first, 98 W by the second. */
static void feed_twins(struct sessions *sessions)
{
	uint32_t domain = feed_domain(sessions->feed, DOMAIN_PACKAGE, "package-0", 0, "");
	uint32_t first =
		feed_series(sessions->feed, domain, "powercap:intel-rapl:0", QUALITY_MEASURED);
	uint32_t second =
		feed_series(sessions->feed, domain, "perf_power:energy-pkg", QUALITY_MEASURED);

	for (int tick = 0; tick < 3; tick++) {
		feed_increase(sessions->feed, first, METRIC_ENERGY_UJ, (tick + 1) * SECOND,
			      tick ? 100000000 : 0);
		feed_increase(sessions->feed, second, METRIC_ENERGY_UJ, (tick + 1) * SECOND,
			      tick ? 98000000 : 0);
		sessions_tick(sessions, (tick + 1) * SECOND);
	}
}

static void zoomed_shows_every_source_of_a_domain(void **state)
{
	struct sessions sessions;
	struct drawing drawing;
	int y;

	(void)state;
	sessions_start(&sessions);
	feed_twins(&sessions);
	drawing_start(&drawing, &view_power, sessions.session);
	drawing.context.zoomed = true;
	drawing_text(&drawing, 110, 20);
	y = drawing_find(&drawing, "beside it");
	assert_true(y > 1);
	assert_non_null(strstr(drawing_row(&drawing, y), "98.0"));
	assert_non_null(strstr(drawing_row(&drawing, y), "beside it -2.0 %"));
	assert_non_null(strstr(drawing_row(&drawing, y - 1), "100.0"));
	drawing_command(&drawing, COMMAND_DOWN, NULL);
	assert_non_null(strstr(drawing_why(&drawing), "package-0: 100.0 W now, measured"));
	assert_non_null(strstr(drawing.text, "beside it perf_power:energy-pkg: 98.0 W"));
	assert_non_null(strstr(drawing.text, "cores, caches and memory controller"));
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void zoomed_names_what_the_total_covers(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_full(&sessions);
	drawing_start(&drawing, &view_power, sessions.session);
	drawing.context.zoomed = true;
	drawing_text(&drawing, 110, 30);
	assert_true(drawing_find(&drawing, "total = package-0 + dram-0 + gpu0") > 0);
	assert_true(drawing_find(&drawing, "not in the total:") < drawing_find(&drawing, "psys-0"));
	assert_true(drawing_find(&drawing, "threads get package watts by cycles") > 0);
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_total_stands_first_and_its_parts_add_up),
		cmocka_unit_test(parts_and_containers_go_first_when_space_goes),
		cmocka_unit_test(what_has_no_line_is_summed_in_the_last),
		cmocka_unit_test(trap_12_an_estimate_has_its_sign_its_band_and_its_reason),
		cmocka_unit_test(a_machine_without_any_power_says_why_in_one_line),
		cmocka_unit_test(what_cannot_be_read_is_a_dash_with_its_reason),
		cmocka_unit_test(a_first_reading_is_pending_and_not_zero),
		cmocka_unit_test(a_meter_that_stands_still_shows_its_age),
		cmocka_unit_test(an_averaged_sensor_shows_its_window),
		cmocka_unit_test(zoomed_shows_every_source_of_a_domain),
		cmocka_unit_test(zoomed_names_what_the_total_covers),
	};

	return cmocka_run_group_tests_name("power", tests, NULL, NULL);
}
