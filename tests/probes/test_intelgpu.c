/* SPDX-License-Identifier: Apache-2.0 */
/* What is required of Intel cards: a card's energy once, whichever counters it has; integrated graphics are the package's. */
#include "measure/probe.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/heard.h"
#include "tests/support/held.h"

#include <errno.h>
#include <string.h>

#define INSIDE	 "gpu-0000:00:02.0"
#define CARD	 "gpu-0000:03:00.0"
#define FLEX	 "gpu-0000:07:00.0"
#define GT	 "sys/class/drm/card1/gt/gt0/"
#define XE	 "sys/class/drm/card0/device/"
#define RUNTIME1 "sys/class/drm/card1/device/power/runtime_status"

extern const struct probe probe_intelgpu;

static int set_up(void **state)
{
	return held_set_up(state, &probe_intelgpu);
}

static struct probed *open_machine(void **state, const char *name)
{
	struct probed *probed = *state;
	probed_use_machine(probed, name);
	probed_must_open(probed);
	probed_sample(probed);
	return probed;
}

static void assert_gauge(struct probed *probed, const char *key, const char *source,
			 enum metric metric, int64_t expected)
{
	int64_t value = -1;
	if (!heard_value(probed->feed, heard_series(probed->feed, key, source), metric, &value))
		fail_msg("%s %s: nothing was told of %s", key, source, metric_info(metric)->name);
	assert_int_equal(value, expected);
}

static void a_counter_past_32_bits_is_read_whole(void **state)
{
	struct probed *probed = open_machine(state, "intel-arc");
	held_sample(probed, 10, 1);
	probed_assert_energy(probed, CARD, "i915:energy", 1500000000);
}

static void the_counter_of_a_tile_is_not_the_cards(void **state)
{
	struct probed *probed = open_machine(state, "intel-arc");
	held_sample(probed, 1, 1);
	assert_int_equal(heard_series(probed->feed, CARD, "i915:power"), 0);
	probed_assert_energy(probed, CARD, "i915:energy", 150000000);
}

static void each_figure_is_told_in_its_unit(void **state)
{
	struct probed *probed = open_machine(state, "intel-arc");
	assert_gauge(probed, CARD, "i915", METRIC_FREQUENCY_HZ, 2400000000);
	assert_gauge(probed, CARD, "i915", METRIC_FREQUENCY_MAX_HZ, 2400000000);
	assert_gauge(probed, CARD, "i915", METRIC_TEMPERATURE_MC, 66000);
	assert_gauge(probed, CARD, "i915", METRIC_POWER_LIMIT_UW, 190000000);
	assert_gauge(probed, INSIDE, "i915", METRIC_FREQUENCY_HZ, 350000000);
	held_sample(probed, 1, 1);
	assert_gauge(probed, CARD, "i915", METRIC_UTILIZATION_PPM, 900000);
	assert_gauge(probed, INSIDE, "i915", METRIC_UTILIZATION_PPM, 200000);
	assert_gauge(probed, CARD "/rc6", "i915", METRIC_RESIDENCY_NS, 100000000);
	assert_string_equal(heard_name(probed->feed, CARD), "gpu1 Arc A770");
}

static void graphics_inside_a_package_have_no_watts_of_their_own(void **state)
{
	struct probed *probed = open_machine(state, "intel-arc");
	const char *reason = "";
	assert_int_equal(heard_gap(probed->feed, heard_series(probed->feed, INSIDE, "i915:power"),
				   METRIC_SENSOR_POWER_UW, &reason),
			 ENODATA);
	assert_non_null(strstr(reason, "package"));
}

static void a_limit_that_holds_the_card_costs_time(void **state)
{
	struct probed *probed = open_machine(state, "intel-arc");
	held_sample(probed, 2, 1);
	assert_gauge(probed, CARD "/power-cap", "i915:throttle", METRIC_THROTTLE_NS, 2000000000);
	assert_gauge(probed, INSIDE "/power-cap", "i915:throttle", METRIC_THROTTLE_NS, 0);
	assert_string_equal(heard_label(probed->feed, CARD, "reasons"), "power cap");
	machine_write(probed->directory, GT "throttle_reason_pl1", "0");
	held_sample(probed, 1, 1);
	/* Held by what it does not name. */
	assert_string_equal(heard_label(probed->feed, CARD, "reasons"), "other limit");
	assert_gauge(probed, CARD "/power-cap", "i915:throttle", METRIC_THROTTLE_NS, 2000000000);
}

static void xe_tells_the_card_or_else_its_package_never_both(void **state)
{
	struct probed *probed = open_machine(state, "intel-xe");
	held_sample(probed, 4, 1);
	probed_assert_energy(probed, CARD, "xe:energy", 480000000);
	probed_assert_energy(probed, FLEX, "xe:energy", 100000000);
	assert_gauge(probed, FLEX, "xe", METRIC_POWER_LIMIT_UW, 75000000);
	assert_gauge(probed, CARD "/memory", "xe", METRIC_TEMPERATURE_MC, 60000);
	/* At rest its clock stands. */
	assert_gauge(probed, FLEX, "xe", METRIC_FREQUENCY_HZ, 0);
	assert_gauge(probed, FLEX, "xe", METRIC_UTILIZATION_PPM, 0);
}

static void a_read_that_fails_does_not_take_the_other_counter(void **state)
{
	struct probed *probed = open_machine(state, "intel-xe");
	machine_write(probed->directory, XE "hwmon/hwmon3/energy1_input", "?");
	probed_sample(probed);
	assert_int_equal(probed_gap(probed, CARD, "xe:energy", NULL), EINVAL);
}

static void a_card_that_sleeps_is_not_touched(void **state)
{
	struct probed *probed = open_machine(state, "intel-arc");
	const char *reason = "";
	machine_write(probed->directory, RUNTIME1, "suspended");
	machine_write(probed->directory, "sys/class/drm/card0/device/power/runtime_status",
		      "suspended");
	probed_fail_reads(0, 0, 0);
	probed_sample(probed);
	assert_int_equal(probed_reads(), 4);
	assert_int_equal(probed_gap(probed, CARD, "i915:energy", &reason), ESHUTDOWN);
	assert_non_null(strstr(reason, "sleeps"));
	machine_write(probed->directory, RUNTIME1, "active");
	held_sample(probed, 1, 1);
	probed_assert_energy(probed, CARD, "i915:energy", 150000000);
}

static void check_truth(struct probed *probed)
{
	int64_t value;
	if (probed_energy(probed, CARD, "xe:energy", &value))
		assert_int_equal(value % 120000000, 0);
	if (probed_energy(probed, FLEX, "xe:energy", &value))
		assert_int_equal(value % 25000000, 0);
	if (heard_value(probed->feed, heard_series(probed->feed, CARD, "xe"), METRIC_FREQUENCY_HZ,
			&value))
		assert_int_equal(value, 2850000000);
	if (heard_value(probed->feed, heard_series(probed->feed, CARD, "xe"),
			METRIC_UTILIZATION_PPM, &value))
		assert_int_equal(value, 700000);
}

static void look(struct probed *probed)
{
	struct error err;
	if (probed_open(probed, &err) < 0)
		return;
	probed_sample(probed);
	held_sample(probed, 2, 1);
	check_truth(probed);
}

static void whichever_read_fails_there_is_a_gap_or_the_truth(void **state)
{
	static const int codes[] = {EIO, EACCES, ENODEV};
	probed_use_machine(*state, "intel-xe");
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		probed_fail_each_read(*state, codes[i], look);
}

static void a_machine_without_intel_cards_says_so(void **state)
{
	struct probed *probed = *state;
	struct error err;
	probed_use_machine(probed, "amd-mi210");
	assert_int_equal(probed_open(probed, &err), -ENODEV);
	assert_non_null(strstr(err.text, "i915 or xe"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, probed_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_counter_past_32_bits_is_read_whole),
		TEST(the_counter_of_a_tile_is_not_the_cards),
		TEST(each_figure_is_told_in_its_unit),
		TEST(graphics_inside_a_package_have_no_watts_of_their_own),
		TEST(a_limit_that_holds_the_card_costs_time),
		TEST(xe_tells_the_card_or_else_its_package_never_both),
		TEST(a_read_that_fails_does_not_take_the_other_counter),
		TEST(a_card_that_sleeps_is_not_touched),
		TEST(whichever_read_fails_there_is_a_gap_or_the_truth),
		TEST(a_machine_without_intel_cards_says_so),
	};
	return cmocka_run_group_tests_name("intelgpu", tests, NULL, NULL);
}
