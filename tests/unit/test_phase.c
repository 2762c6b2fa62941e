/* SPDX-License-Identifier: Apache-2.0 */
/* Phases: energy at their edges, nesting, work, windows. */
#include "model/phase.h"

#include "base/clock.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/phased.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SECOND CLOCK_NS_PER_S

static void an_edge_between_two_readings_shares_their_energy_by_time(void **state)
{
	struct desk desk;
	int64_t energy_uj = 0;
	struct phase_figures step;
	double t;

	(void)state;
	desk_start(&desk);
	phased_run(&desk, 1, 0, &energy_uj);
	t = phased_start_s(&desk);
	phased_mark(&desk, t + 0.25, MARK_BEGIN, "step");
	phased_run(&desk, 1, 100, &energy_uj);
	phased_run(&desk, 1, 40, &energy_uj);
	phased_mark(&desk, t + 2.5, MARK_END, "step");
	phased_run(&desk, 2, 60, &energy_uj);
	step = phased_figures(&desk, "phase/step");
	/* 0.75 of 100 J, 40 J, 0.5 of 60 J. */
	desk_near(step.energy_j, 145);
	desk_near(step.mean_w, 145 / 2.25);
	desk_near(step.peak_w, 100);
	assert_int_equal(step.time_ns, 2250000000);
	assert_int_equal(step.count, 1);
	assert_false(step.is_open);
	assert_false(step.is_short);
	assert_int_equal(step.unsure_count, 0);
	assert_int_equal(step.quality, QUALITY_ATTRIBUTED);
	desk_end(&desk);
}

static void a_phase_shorter_than_the_meters_interval_is_marked(void **state)
{
	struct desk desk;
	int64_t energy_uj = 0;
	double t;

	(void)state;
	desk_start(&desk);
	phased_run(&desk, 2, 50, &energy_uj);
	t = phased_start_s(&desk);
	phased_mark(&desk, t + 0.2, MARK_BEGIN, "short");
	phased_mark(&desk, t + 0.4, MARK_END, "short");
	phased_mark(&desk, t + 0.4, MARK_BEGIN, "long");
	phased_run(&desk, 3, 50, &energy_uj);
	phased_mark(&desk, t + 3.4, MARK_END, "long");
	phased_run(&desk, 1, 50, &energy_uj);
	desk_near(phased_figures(&desk, "phase/short").energy_j, 10);
	assert_int_equal(phased_figures(&desk, "phase/short").short_count, 1);
	assert_true(phased_figures(&desk, "phase/short").is_short);
	assert_false(phased_figures(&desk, "phase/long").is_short);
	desk_end(&desk);
}

static void a_meter_that_stands_still_is_waited_for(void **state)
{
	struct desk desk;
	int64_t energy_uj = 0;
	double t;

	(void)state;
	desk_start(&desk);
	phased_run(&desk, 2, 50, &energy_uj);
	t = phased_start_s(&desk);
	phased_mark(&desk, t + 0.5, MARK_BEGIN, "step");
	phased_mark(&desk, t + 2.5, MARK_END, "step");
	for (int i = 0; i < 3; i++) {
		phased_read_energy(&desk, "package-0", desk.now_ns, energy_uj);
		phased_tick(&desk);
		assert_int_equal(phased_figures(&desk, "phase/step").count, 0);
		assert_true(isnan(phased_figures(&desk, "phase/step").energy_j));
	}
	/* 400 J over the four seconds since it last moved. */
	phased_run(&desk, 1, 400, &energy_uj);
	desk_near(phased_figures(&desk, "phase/step").energy_j, 200);
	desk_end(&desk);
}

static void what_no_reading_followed_is_said_and_is_not_zero(void **state)
{
	struct desk desk;
	int64_t energy_uj = 0;
	struct phase_figures step;
	double t;

	(void)state;
	desk_start(&desk);
	phased_run(&desk, 2, 50, &energy_uj);
	t = phased_start_s(&desk);
	phased_mark(&desk, t + 0.5, MARK_BEGIN, "step");
	phased_mark(&desk, t + 0.7, MARK_END, "step");
	desk_tick(&desk);
	phase_tick(desk.session, true);
	step = phased_figures(&desk, "phase/step");
	assert_int_equal(step.count, 1);
	assert_int_equal(step.unsure_count, 1);
	assert_true(isnan(step.energy_j));
	desk_end(&desk);
}

static void phases_nest_and_the_same_name_elsewhere_is_another_one(void **state)
{
	struct desk desk;
	int64_t energy_uj = 0;
	double t;

	(void)state;
	desk_start(&desk);
	phased_run(&desk, 2, 10, &energy_uj);
	t = phased_start_s(&desk);
	phased_mark(&desk, t + 0.0, MARK_BEGIN, "train");
	for (int i = 0; i < 2; i++) {
		phased_mark(&desk, t + i, MARK_BEGIN, "forward");
		phased_run(&desk, 1, 10, &energy_uj);
		phased_mark(&desk, t + i + 0.5, MARK_END, "forward");
	}
	phased_mark(&desk, t + 2, MARK_END, "train");
	phased_mark(&desk, t + 2, MARK_BEGIN, "forward");
	phased_mark(&desk, t + 2.25, MARK_END, "forward");
	phased_run(&desk, 2, 10, &energy_uj);
	assert_int_equal(phase_count(desk.session), 3);
	desk_near(phased_figures(&desk, "phase/train").energy_j, 20);
	desk_near(phased_figures(&desk, "phase/train/forward").energy_j, 10);
	assert_int_equal(phased_figures(&desk, "phase/train/forward").count, 2);
	assert_int_equal(phased_figures(&desk, "phase/train/forward").depth, 1);
	assert_int_equal(phased_figures(&desk, "phase/train/forward").parent, 0);
	desk_near(phased_figures(&desk, "phase/train/forward").energy_least_j, 5);
	desk_near(phased_figures(&desk, "phase/forward").energy_j, 2.5);
	desk_end(&desk);
}

static void overlapping_phases_have_their_own_energy_each(void **state)
{
	struct desk desk;
	int64_t energy_uj = 0;
	double t;

	(void)state;
	desk_start(&desk);
	phased_run(&desk, 2, 10, &energy_uj);
	t = phased_start_s(&desk);
	phased_mark(&desk, t + 0.0, MARK_BEGIN, "load");
	phased_mark(&desk, t + 0.5, MARK_BEGIN, "compute");
	phased_run(&desk, 1, 10, &energy_uj);
	phased_mark(&desk, t + 1.5, MARK_END, "load");
	phased_run(&desk, 2, 10, &energy_uj);
	phased_mark(&desk, t + 3.5, MARK_END, "compute");
	phased_run(&desk, 1, 10, &energy_uj);
	desk_near(phased_figures(&desk, "phase/load").energy_j, 15);
	desk_near(phased_figures(&desk, "phase/load/compute").energy_j, 30);
	desk_end(&desk);
}

static void phases_that_overlap_in_turn_do_not_sink_into_each_other(void **state)
{
	struct desk desk;
	int64_t energy_uj = 0;

	(void)state;
	desk_start(&desk);
	phased_run(&desk, 2, 10, &energy_uj);
	phased_mark(&desk, phased_start_s(&desk), MARK_BEGIN, "load");
	for (int i = 0; i < 2 * PHASE_NESTING_MAX; i++) {
		phased_mark(&desk, phased_start_s(&desk), MARK_BEGIN, "compute");
		phased_mark(&desk, phased_start_s(&desk), MARK_END, "load");
		phased_mark(&desk, phased_start_s(&desk), MARK_BEGIN, "load");
		phased_mark(&desk, phased_start_s(&desk), MARK_END, "compute");
		phased_run(&desk, 1, 10, &energy_uj);
	}
	phased_mark(&desk, phased_start_s(&desk), MARK_END, "load");
	phased_run(&desk, 2, 10, &energy_uj);
	assert_int_equal(phase_count(desk.session), 2);
	assert_int_equal(phased_figures(&desk, "phase/load/compute").count, 2 * PHASE_NESTING_MAX);
	assert_int_equal(phased_figures(&desk, "phase/load").count, 2 * PHASE_NESTING_MAX + 1);
	desk_end(&desk);
}

static void an_open_phase_shows_what_it_has_used_so_far(void **state)
{
	struct desk desk;
	int64_t energy_uj = 0;
	struct phase_figures train;

	(void)state;
	desk_start(&desk);
	phased_run(&desk, 2, 10, &energy_uj);
	phased_mark(&desk, phased_start_s(&desk), MARK_BEGIN, "train");
	phased_run(&desk, 3, 20, &energy_uj);
	train = phased_figures(&desk, "phase/train");
	assert_true(train.is_open);
	assert_int_equal(train.count, 0);
	desk_near(train.energy_j, 60);
	desk_near(train.mean_w, 20);
	desk_end(&desk);
}

static void work_belongs_to_the_phase_in_which_it_was_told(void **state)
{
	struct desk desk;
	int64_t energy_uj = 0;
	double t;

	(void)state;
	desk_start(&desk);
	phased_run(&desk, 2, 10, &energy_uj);
	t = phased_start_s(&desk);
	phased_mark(&desk, t + 0.1, MARK_BEGIN, "train");
	feed_work(desk.feed, desk.now_ns - SECOND + 2, "marks", "samples", 64);
	feed_work(desk.feed, desk.now_ns - SECOND + 2, "marks", "flop", 1000);
	phased_mark(&desk, t + 0.3, MARK_END, "train");
	phased_mark(&desk, t + 0.3, MARK_BEGIN, "test");
	feed_work(desk.feed, desk.now_ns - SECOND + 4, "marks", "samples", 16);
	phased_mark(&desk, t + 0.4, MARK_END, "test");
	phased_mark(&desk, t + 0.4, MARK_BEGIN, "save");
	phased_mark(&desk, t + 0.5, MARK_END, "save");
	phased_run(&desk, 2, 10, &energy_uj);
	assert_string_equal(phased_figures(&desk, "phase/train").unit, "samples");
	desk_near(phased_figures(&desk, "phase/train").work, 64);
	desk_near(phased_figures(&desk, "phase/train").energy_per_work_j, 2.0 / 64);
	desk_near(phased_figures(&desk, "phase/test").work, 16);
	assert_string_equal(phased_figures(&desk, "phase/save").unit, "");
	assert_true(isnan(phased_figures(&desk, "phase/save").work));
	desk_end(&desk);
}

static void above_idle_is_given_where_the_idle_part_is_known(void **state)
{
	struct desk desk;
	int64_t energy_uj = 0, idle_uj = 0;
	uint32_t package, idle = 0;
	double t;

	(void)state;
	desk_start(&desk);
	phased_run(&desk, 2, 50, &energy_uj);
	package = feed_domain(desk.feed, DOMAIN_PACKAGE, "package-0", 0, "package-0");
	phased_mark(&desk, phased_start_s(&desk) + 0.5, MARK_BEGIN, "early");
	phased_run(&desk, 1, 50, &energy_uj);
	idle = feed_series(desk.feed,
			   feed_domain(desk.feed, DOMAIN_IDLE, "package-0/idle", package, "idle"),
			   "baseline", QUALITY_ATTRIBUTED);
	for (int i = 0; i < 4; i++) {
		t = phased_start_s(&desk);
		if (i == 2)
			phased_mark(&desk, t, MARK_BEGIN, "late");
		feed_gauge(desk.feed, idle, METRIC_ENERGY_UJ, desk.now_ns, idle_uj += 20000000);
		phased_run(&desk, 1, 50, &energy_uj);
	}
	phased_mark(&desk, t + 1, MARK_END, "early");
	phased_mark(&desk, t + 1, MARK_END, "late");
	feed_gauge(desk.feed, idle, METRIC_ENERGY_UJ, desk.now_ns, idle_uj += 20000000);
	phased_run(&desk, 1, 50, &energy_uj);
	desk_near(phased_figures(&desk, "phase/early/late").energy_j, 100);
	desk_near(phased_figures(&desk, "phase/early/late").above_j, 60);
	assert_true(isnan(phased_figures(&desk, "phase/early").above_j));
	desk_end(&desk);
}

static void a_window_by_key_begins_and_ends_beside_the_phases(void **state)
{
	struct desk desk;
	int64_t energy_uj = 0;

	(void)state;
	desk_start(&desk);
	phased_run(&desk, 2, 10, &energy_uj);
	phased_mark(&desk, phased_start_s(&desk), MARK_BEGIN, "train");
	phased_run(&desk, 1, 10, &energy_uj);
	assert_int_equal(phase_toggle_window(desk.session, session_now_ns(desk.session)), 1);
	phased_mark(&desk, phased_start_s(&desk), MARK_BEGIN, "forward");
	phased_run(&desk, 2, 10, &energy_uj);
	assert_int_equal(phase_toggle_window(desk.session, session_now_ns(desk.session)), -1);
	phased_run(&desk, 1, 10, &energy_uj);
	assert_int_equal(phase_toggle_window(desk.session, session_now_ns(desk.session)), 2);
	phased_run(&desk, 1, 10, &energy_uj);
	desk_near(phased_figures(&desk, "phase/window 1").energy_j, 20);
	assert_int_equal(phased_figures(&desk, "phase/window 1").depth, 0);
	assert_true(phased_figures(&desk, "phase/window 2").is_open);
	assert_int_equal(phased_figures(&desk, "phase/train/forward").depth, 1);
	desk_end(&desk);
}

static void one_device_that_cannot_be_read_makes_the_total_unknown(void **state)
{
	struct desk desk;
	int64_t energy_uj = 0;
	uint32_t series;
	struct phase_device devices[PHASE_DEVICES_MAX];
	double t;

	(void)state;
	desk_start(&desk);
	series = desk_series(&desk, DOMAIN_PACKAGE, "package-1", "powercap:intel-rapl:1",
			     QUALITY_MEASURED);
	feed_gauge(desk.feed, series, METRIC_ENERGY_UJ, desk.now_ns, 0);
	phased_run(&desk, 2, 10, &energy_uj);
	t = phased_start_s(&desk);
	phased_mark(&desk, t, MARK_BEGIN, "step");
	phased_mark(&desk, t + 1, MARK_END, "step");
	phased_run(&desk, 12, 10, &energy_uj);
	/* The other package has never moved: that is not 0 J. */
	assert_int_equal(phased_figures(&desk, "phase/step").count, 1);
	assert_true(isnan(phased_figures(&desk, "phase/step").energy_j));
	assert_int_equal(phase_devices(desk.session, 0, devices), 2);
	for (int i = 0; i < 2; i++) {
		if (strcmp(devices[i].key, "package-0") == 0)
			desk_near(devices[i].energy_j, 10);
		else
			assert_true(isnan(devices[i].energy_j));
	}
	desk_end(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_edge_between_two_readings_shares_their_energy_by_time),
		cmocka_unit_test(a_phase_shorter_than_the_meters_interval_is_marked),
		cmocka_unit_test(a_meter_that_stands_still_is_waited_for),
		cmocka_unit_test(what_no_reading_followed_is_said_and_is_not_zero),
		cmocka_unit_test(phases_nest_and_the_same_name_elsewhere_is_another_one),
		cmocka_unit_test(overlapping_phases_have_their_own_energy_each),
		cmocka_unit_test(phases_that_overlap_in_turn_do_not_sink_into_each_other),
		cmocka_unit_test(an_open_phase_shows_what_it_has_used_so_far),
		cmocka_unit_test(work_belongs_to_the_phase_in_which_it_was_told),
		cmocka_unit_test(above_idle_is_given_where_the_idle_part_is_known),
		cmocka_unit_test(a_window_by_key_begins_and_ends_beside_the_phases),
		cmocka_unit_test(one_device_that_cannot_be_read_makes_the_total_unknown),
	};

	return cmocka_run_group_tests_name("phase", tests, NULL, NULL);
}
