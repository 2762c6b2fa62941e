/* SPDX-License-Identifier: Apache-2.0 */
/* What is required of the zones that an Arm board's firmware meters. */
#include "measure/probe.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/heard.h"
#include "tests/support/probed.h"

#include <errno.h>

#define OUTER "board/arm-scmi:0"
#define INNER "board/arm-scmi:0:0"

extern const struct probe probe_scmi;

static int set_up(void **state)
{
	return probed_set_up(state, &probe_scmi);
}

static bool power(struct probed *probed, const char *key, const char *source, int64_t *power_uw)
{
	return heard_value(probed->feed, heard_series(probed->feed, key, source),
			   METRIC_SENSOR_POWER_UW, power_uw);
}

static void zones_are_read_as_the_firmware_says(void **state)
{
	struct probed *probed = *state;
	int64_t value;
	probed_use_machine(probed, "arm-scmi");
	probed_must_open(probed);
	probed_sample(probed);
	assert_true(power(probed, OUTER, "scmi:arm-scmi:0", &value));
	assert_int_equal(value, 20000000);
	assert_true(power(probed, INNER, "scmi:arm-scmi:0:0", &value));
	assert_int_equal(value, 9000000);
	assert_true(heard_value(probed->feed, heard_series(probed->feed, OUTER, "scmi:arm-scmi:0"),
				METRIC_WINDOW_NS, &value));
	assert_int_equal(value, 100 * CLOCK_NS_PER_MS);
}

static void inner_zones_stand_below_the_outer_one(void **state)
{
	struct probed *probed = *state;
	probed_use_machine(probed, "arm-scmi");
	probed_must_open(probed);
	assert_int_equal(probed_parent(probed, INNER), heard_domain(probed->feed, OUTER));
	assert_int_equal(probed_parent(probed, OUTER), 0);
	assert_string_equal(heard_name(probed->feed, INNER), "big");
}

static void a_zone_that_is_not_monitored_is_a_gap(void **state)
{
	struct probed *probed = *state;
	int64_t value;
	probed_use_machine(probed, "arm-scmi");
	probed_must_open(probed);
	probed_sample(probed);
	assert_false(power(probed, "board/arm-scmi:0:2", "scmi:arm-scmi:0:2", &value));
	assert_int_equal(
		heard_gap(probed->feed,
			  heard_series(probed->feed, "board/arm-scmi:0:2", "scmi:arm-scmi:0:2"),
			  METRIC_SENSOR_POWER_UW, NULL),
		ENOENT);
}

static void look(struct probed *probed)
{
	int64_t value;
	probed_must_open(probed);
	probed_sample(probed);
	if (power(probed, OUTER, "scmi:arm-scmi:0", &value))
		assert_int_equal(value, 20000000);
	if (power(probed, INNER, "scmi:arm-scmi:0:0", &value))
		assert_int_equal(value, 9000000);
}

static void whichever_read_fails_there_is_a_gap_or_the_true_power(void **state)
{
	probed_use_machine(*state, "arm-scmi");
	probed_fail_each_read(*state, EIO, look);
}

static void rapl_is_not_taken_for_it(void **state)
{
	struct probed *probed = *state;
	struct error err;
	probed_use_machine(probed, "xeon-2s");
	assert_int_equal(probed_open(probed, &err), -ENODEV);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, probed_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(zones_are_read_as_the_firmware_says),
		TEST(inner_zones_stand_below_the_outer_one),
		TEST(a_zone_that_is_not_monitored_is_a_gap),
		TEST(whichever_read_fails_there_is_a_gap_or_the_true_power),
		TEST(rapl_is_not_taken_for_it),
	};
	return cmocka_run_group_tests_name("scmi", tests, NULL, NULL);
}
