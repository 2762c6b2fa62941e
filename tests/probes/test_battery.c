/* SPDX-License-Identifier: Apache-2.0 */
/* What is required of batteries: their power is the machine's only while they feed it. */
#include "measure/probe.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/heard.h"
#include "tests/support/probed.h"

#include <errno.h>
#include <string.h>

#define BAT0 "sys/class/power_supply/BAT0"

extern const struct probe probe_battery;

static int set_up(void **state)
{
	return probed_set_up(state, &probe_battery);
}

static uint32_t series(struct probed *probed)
{
	return heard_series(probed->feed, "wall/BAT0", "battery:BAT0");
}

static void assert_power(struct probed *probed, int64_t expected_uw)
{
	int64_t power_uw = -1;
	assert_true(heard_value(probed->feed, series(probed), METRIC_SENSOR_POWER_UW, &power_uw));
	assert_int_equal(power_uw, expected_uw);
}

static int gap(struct probed *probed, const char **reason)
{
	return heard_gap(probed->feed, series(probed), METRIC_SENSOR_POWER_UW, reason);
}

static void a_discharging_battery_is_the_machine(void **state)
{
	struct probed *probed = *state;
	probed_use_machine(probed, "laptop-battery");
	probed_must_open(probed);
	probed_sample(probed);
	assert_power(probed, 12500000);
	assert_int_equal(heard_source(probed->feed, "battery", NULL, NULL), SOURCE_OK);
}

static void a_mouse_and_the_mains_are_not(void **state)
{
	struct probed *probed = *state;
	probed_use_machine(probed, "laptop-battery");
	probed_must_open(probed);
	assert_int_equal(heard_count(probed->feed, EVENT_SERIES), 1);
}

static void what_a_charging_battery_takes_is_not_what_the_machine_draws(void **state)
{
	static const char *const states[] = {"Charging", "Full", "Not charging", "Unknown"};
	struct probed *probed = *state;
	const char *reason;
	probed_use_machine(probed, "laptop-battery");
	probed_must_open(probed);
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		machine_write(probed->directory, BAT0 "/status", states[i]);
		probed_sample(probed);
		assert_int_equal(gap(probed, &reason), ENODATA);
		assert_non_null(strstr(reason, states[i]));
		machine_write(probed->directory, BAT0 "/status", "Discharging");
		probed_sample(probed);
		assert_power(probed, 12500000);
	}
}

static void no_watts_while_discharging_is_a_gap_and_not_zero(void **state)
{
	struct probed *probed = *state;
	probed_use_machine(probed, "laptop-battery");
	machine_write(probed->directory, BAT0 "/power_now", "0");
	probed_must_open(probed);
	probed_sample(probed);
	assert_int_equal(gap(probed, NULL), ENODATA);
}

static void volts_times_amperes_are_watts_whichever_their_sign(void **state)
{
	struct probed *probed = *state;
	probed_use_text(probed, "file " BAT0 "/type Battery\n"
				"file " BAT0 "/status Discharging\n"
				"file " BAT0 "/current_now -1500000\n"
				"file " BAT0 "/voltage_now 12000000\n");
	probed_must_open(probed);
	probed_sample(probed);
	assert_power(probed, 18000000);
	machine_write(probed->directory, BAT0 "/current_now", "9223372036854775807");
	probed_sample(probed);
	assert_int_equal(gap(probed, NULL), ERANGE);
}

static void look(struct probed *probed)
{
	struct error err;
	int64_t power_uw;
	if (probed_open(probed, &err) < 0)
		return;
	probed_sample(probed);
	if (heard_value(probed->feed, series(probed), METRIC_SENSOR_POWER_UW, &power_uw))
		assert_int_equal(power_uw, 12500000);
	else if (series(probed))
		assert_int_equal(gap(probed, NULL), EIO);
}

static void whichever_read_fails_there_is_a_gap_or_the_true_power(void **state)
{
	probed_use_machine(*state, "laptop-battery");
	probed_fail_each_read(*state, EIO, look);
}

static void a_machine_without_a_battery_says_so(void **state)
{
	struct probed *probed = *state;
	struct error err;
	probed_use_machine(probed, "xeon-2s");
	assert_int_equal(probed_open(probed, &err), -ENODEV);
	assert_non_null(strstr(err.text, "no battery"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, probed_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_discharging_battery_is_the_machine),
		TEST(a_mouse_and_the_mains_are_not),
		TEST(what_a_charging_battery_takes_is_not_what_the_machine_draws),
		TEST(no_watts_while_discharging_is_a_gap_and_not_zero),
		TEST(volts_times_amperes_are_watts_whichever_their_sign),
		TEST(whichever_read_fails_there_is_a_gap_or_the_true_power),
		TEST(a_machine_without_a_battery_says_so),
	};
	return cmocka_run_group_tests_name("battery", tests, NULL, NULL);
}
