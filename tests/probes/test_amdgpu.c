/* SPDX-License-Identifier: Apache-2.0 */
/* What is required of AMD cards: the watts of the machine's label, once; what cannot be read is said; none is woken. */
#include "measure/probe.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/heard.h"
#include "tests/support/held.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FIRST	"gpu-0000:23:00.0"
#define SECOND	"gpu-0000:a3:00.0"
#define DEVICE1 "sys/class/drm/card1/device"
#define HWMON1	DEVICE1 "/hwmon/hwmon5"

extern const struct probe probe_amdgpu;

static int set_up(void **state)
{
	return held_set_up(state, &probe_amdgpu);
}

static void assert_gauge(struct probed *probed, const char *key, const char *source,
			 enum metric metric, int64_t expected)
{
	int64_t value = -1;
	if (!heard_value(probed->feed, heard_series(probed->feed, key, source), metric, &value))
		fail_msg("%s %s: nothing was told of %s", key, source, metric_info(metric)->name);
	assert_int_equal(value, expected);
}

static int gap(struct probed *probed, const char *key, const char *source, enum metric metric,
	       const char **reason)
{
	return heard_gap(probed->feed, heard_series(probed->feed, key, source), metric, reason);
}

static void energy_is_what_the_firmware_counted(void **state)
{
	struct probed *probed = *state;
	probed_use_machine(probed, "amd-mi210");
	probed_must_open(probed);
	probed_sample(probed);
	held_sample(probed, 10, 1);
	probed_assert_energy(probed, FIRST, "amdgpu:energy", 2400000000);
	probed_assert_energy(probed, SECOND, "amdgpu:energy", 950000000);
}

static void each_figure_is_told_in_its_unit(void **state)
{
	struct probed *probed = *state;
	probed_use_machine(probed, "amd-mi210");
	probed_must_open(probed);
	probed_sample(probed);
	assert_gauge(probed, FIRST, "amdgpu:power", METRIC_SENSOR_POWER_UW, 240000000);
	assert_gauge(probed, FIRST, "amdgpu", METRIC_UTILIZATION_PPM, 870000);
	assert_gauge(probed, FIRST, "amdgpu", METRIC_MEMORY_UTILIZATION_PPM, 340000);
	assert_gauge(probed, FIRST, "amdgpu", METRIC_FREQUENCY_HZ, 1700000000);
	assert_gauge(probed, FIRST, "amdgpu", METRIC_FREQUENCY_MAX_HZ, 1700000000);
	assert_gauge(probed, FIRST, "amdgpu", METRIC_MEMORY_FREQUENCY_HZ, 1600000000);
	assert_gauge(probed, FIRST, "amdgpu", METRIC_TEMPERATURE_MC, 61000);
	assert_gauge(probed, FIRST "/memory", "amdgpu", METRIC_TEMPERATURE_MC, 55000);
	assert_gauge(probed, FIRST, "amdgpu", METRIC_POWER_LIMIT_UW, 300000000);
	assert_gauge(probed, FIRST, "amdgpu", METRIC_MEMORY_BYTES, 51539607552);
	assert_gauge(probed, FIRST, "amdgpu", METRIC_MEMORY_TOTAL_BYTES, 68702699520);
	assert_string_equal(heard_name(probed->feed, FIRST), "gpu0 MI210");
	assert_string_equal(heard_name(probed->feed, SECOND), "gpu1 MI210");
}

static void time_held_back_is_counted_by_cause(void **state)
{
	struct probed *probed = *state;
	probed_use_machine(probed, "amd-mi210");
	probed_must_open(probed);
	probed_sample(probed);
	assert_gauge(probed, FIRST "/power-cap", "amdgpu:throttle", METRIC_THROTTLE_NS, 0);
	held_sample(probed, 4, 0.5);
	assert_gauge(probed, FIRST "/power-cap", "amdgpu:throttle", METRIC_THROTTLE_NS, 2000000000);
	assert_gauge(probed, FIRST "/thermal", "amdgpu:throttle", METRIC_THROTTLE_NS, 0);
	assert_string_equal(heard_label(probed->feed, FIRST, "reasons"), "power cap");
}

static void the_first_die_of_a_module_tells_for_both(void **state)
{
	struct probed *probed = *state;
	const char *reason = "";
	probed_use_machine(probed, "amd-mi250");
	probed_must_open(probed);
	probed_sample(probed);
	held_sample(probed, 4, 1);
	probed_assert_energy(probed, "gpu-0000:63:00.0", "amdgpu:energy", 1640000000);
	assert_int_equal(heard_series(probed->feed, "gpu-0000:68:00.0", "amdgpu:energy"), 0);
	assert_int_equal(
		gap(probed, "gpu-0000:68:00.0", "amdgpu:power", METRIC_SENSOR_POWER_UW, &reason),
		ENODATA);
	assert_non_null(strstr(reason, "first die"));
}

static void the_sensor_of_a_chip_with_cpus_is_its_packages(void **state)
{
	struct probed *probed = *state;
	probed_use_machine(probed, "amd-laptop");
	probed_must_open(probed);
	probed_sample(probed);
	assert_gauge(probed, "package-0", "amdgpu:soc", METRIC_SENSOR_POWER_UW, 18000000);
	assert_int_equal(heard_series(probed->feed, "gpu-0000:04:00.0", "amdgpu:power"), 0);
	assert_gauge(probed, "gpu-0000:04:00.0", "amdgpu", METRIC_UTILIZATION_PPM, 120000);
}

/* Reading any other file of it would wake it. */
static void a_card_that_sleeps_is_not_touched(void **state)
{
	struct probed *probed = *state;
	const char *reason = "";
	probed_use_machine(probed, "amd-laptop");
	probed_must_open(probed);
	probed_fail_reads(0, 0, 0);
	probed_sample(probed);
	int awake = probed_reads();
	machine_write(probed->directory, "sys/class/drm/card1/device/power/runtime_status",
		      "suspended");
	probed_fail_reads(0, 0, 0);
	probed_sample(probed);
	/* One file each is read, to its end: whether it sleeps. */
	assert_int_equal(probed_reads(), 4);
	assert_true(awake > 4);
	assert_int_equal(
		gap(probed, "gpu-0000:03:00.0", "amdgpu:power", METRIC_SENSOR_POWER_UW, &reason),
		ESHUTDOWN);
	assert_non_null(strstr(reason, "sleeps"));
	assert_int_equal(gap(probed, "gpu-0000:04:00.0", "amdgpu", METRIC_UTILIZATION_PPM, &reason),
			 ESHUTDOWN);
	assert_string_equal(heard_label(probed->feed, "gpu-0000:03:00.0", "state"), "suspended");
}

/* Reading it is use: it would never fall asleep. */
static void a_card_that_does_nothing_is_left_alone_for_a_while(void **state)
{
	struct probed *probed = *state;
	probed_use_machine(probed, "amd-mi210");
	machine_write(probed->directory, DEVICE1 "/power/control", "auto");
	machine_write(probed->directory, DEVICE1 "/power/autosuspend_delay_ms", "5000");
	machine_write(probed->directory, DEVICE1 "/gpu_busy_percent", "0");
	probed_must_open(probed);
	probed_sample(probed);
	held_sample(probed, 30, 1);
	probed_assert_energy(probed, FIRST, "amdgpu:energy", INT64_C(240000000) * 30);
	/* For six seconds nothing is told of it, and the other goes on. */
	held_sample(probed, 5, 1);
	probed_assert_energy(probed, FIRST, "amdgpu:energy", INT64_C(240000000) * 30);
	probed_assert_energy(probed, SECOND, "amdgpu:energy", INT64_C(95000000) * 35);
	/* It did not fall asleep: somebody else uses it, and it is read again for good. */
	held_sample(probed, 60, 1);
	probed_assert_energy(probed, FIRST, "amdgpu:energy", INT64_C(240000000) * 95);
	/* It works and stops, and falls asleep. */
	machine_write(probed->directory, DEVICE1 "/gpu_busy_percent", "50");
	held_sample(probed, 1, 1);
	machine_write(probed->directory, DEVICE1 "/gpu_busy_percent", "0");
	held_sample(probed, 32, 1);
	machine_write(probed->directory, DEVICE1 "/power/runtime_status", "suspended");
	held_sample(probed, 1, 1);
	assert_int_equal(probed_gap(probed, FIRST, "amdgpu:energy", NULL), ESHUTDOWN);
}

static void a_card_whose_state_cannot_be_read_is_left_alone(void **state)
{
	struct probed *probed = *state;
	probed_use_machine(probed, "amd-mi210");
	probed_must_open(probed);
	probed_fail_reads(1, 1, EIO);
	probed_sample(probed);
	assert_int_equal(gap(probed, FIRST, "amdgpu", METRIC_UTILIZATION_PPM, NULL), EIO);
}

static void a_card_that_wakes_goes_on_counting(void **state)
{
	struct probed *probed = *state;
	probed_use_machine(probed, "amd-mi210");
	probed_must_open(probed);
	probed_sample(probed);
	machine_write(probed->directory, DEVICE1 "/power/runtime_status", "suspended");
	held_sample(probed, 2, 1);
	assert_int_equal(probed_gap(probed, FIRST, "amdgpu:energy", NULL), ESHUTDOWN);
	machine_write(probed->directory, DEVICE1 "/power/runtime_status", "active");
	held_sample(probed, 1, 1);
	probed_assert_energy(probed, FIRST, "amdgpu:energy", 720000000);
	/* Nobody looked for which cause it was held back meanwhile. */
	assert_gauge(probed, FIRST "/power-cap", "amdgpu:throttle", METRIC_THROTTLE_NS, 0);
}

static void a_card_that_is_gone_is_said_and_found_again(void **state)
{
	struct probed *probed = *state;
	char from[256], to[256];
	const char *reason = "";
	probed_use_machine(probed, "amd-mi210");
	probed_must_open(probed);
	probed_sample(probed);
	snprintf(from, sizeof(from), "%s/sys/class/drm/card1", probed->directory);
	snprintf(to, sizeof(to), "%s/gone", probed->directory);
	assert_int_equal(rename(from, to), 0);
	held_sample(probed, 2, 1);
	assert_int_equal(probed_gap(probed, FIRST, "amdgpu:energy", &reason), ENODEV);
	assert_non_null(strstr(reason, "gone"));
	assert_int_equal(heard_notes(probed->feed, "is gone"), 1);
	assert_int_equal(heard_source(probed->feed, "amdgpu", &reason, NULL), SOURCE_PARTIAL);
	assert_non_null(strstr(reason, "1 of 2"));
	snprintf(from, sizeof(from), "%s/sys/class/drm/card7", probed->directory);
	assert_int_equal(rename(to, from), 0);
	held_sample(probed, 7, 1);
	assert_int_equal(heard_notes(probed->feed, "is back"), 1);
	probed_assert_energy(probed, FIRST, "amdgpu:energy", INT64_C(240000000) * 9);
	assert_int_equal(heard_source(probed->feed, "amdgpu", NULL, NULL), SOURCE_OK);
}

static void a_counter_that_disagrees_with_its_sensor_is_not_believed(void **state)
{
	struct probed *probed = *state;
	const char *reason = "";
	probed_use_machine(probed, "amd-mi210");
	machine_write(probed->directory, HWMON1 "/power1_average", "30000000");
	probed_must_open(probed);
	probed_sample(probed);
	held_sample(probed, 12, 1);
	assert_int_equal(probed_gap(probed, FIRST, "amdgpu:energy", &reason), EBADMSG);
	assert_non_null(strstr(reason, "disagrees"));
	assert_gauge(probed, FIRST, "amdgpu:power", METRIC_SENSOR_POWER_UW, 30000000);
	/* The one whose sensor agrees is. */
	probed_assert_energy(probed, SECOND, "amdgpu:energy", INT64_C(95000000) * 12);
}

static void garbage_is_a_gap_and_no_number(void **state)
{
	static const char *const garbage[] = {
		"", "watts", "-1", "99999999999999999999", "\xff\xfe", "9223372036854775807"};
	struct probed *probed = *state;
	probed_use_machine(probed, "amd-mi210");
	probed_must_open(probed);
	probed_sample(probed);
	for (size_t i = 0; i < ARRAY_SIZE(garbage); i++) {
		held_pass(probed, 0.5);
		machine_write(probed->directory, HWMON1 "/power1_average", garbage[i]);
		machine_write(probed->directory, DEVICE1 "/gpu_busy_percent", garbage[i]);
		machine_write(probed->directory, DEVICE1 "/gpu_metrics", garbage[i]);
		probed_sample(probed);
		assert_int_not_equal(
			gap(probed, FIRST, "amdgpu:power", METRIC_SENSOR_POWER_UW, NULL), 0);
		assert_int_not_equal(gap(probed, FIRST, "amdgpu", METRIC_UTILIZATION_PPM, NULL), 0);
		assert_int_not_equal(probed_gap(probed, FIRST, "amdgpu:energy", NULL), 0);
	}
}

static void without_a_table_single_files_tell(void **state)
{
	struct probed *probed = *state;
	char path[256];
	probed_use_machine(probed, "amd-mi210");
	snprintf(path, sizeof(path), "%s/" DEVICE1 "/gpu_metrics", probed->directory);
	assert_int_equal(unlink(path), 0);
	probed_must_open(probed);
	probed_sample(probed);
	assert_gauge(probed, FIRST, "amdgpu:power", METRIC_SENSOR_POWER_UW, 240000000);
	assert_gauge(probed, FIRST, "amdgpu", METRIC_FREQUENCY_HZ, 1700000000);
	assert_gauge(probed, FIRST, "amdgpu", METRIC_TEMPERATURE_MC, 61000);
	assert_int_equal(heard_series(probed->feed, FIRST, "amdgpu:energy"), 0);
}

static void a_machine_without_amd_cards_says_so(void **state)
{
	struct probed *probed = *state;
	struct error err;
	probed_use_machine(probed, "intel-arc");
	assert_int_equal(probed_open(probed, &err), -ENODEV);
	assert_non_null(strstr(err.text, "no card of the driver amdgpu"));
}

/* The power of a board never stands under a chip's package, nor the other way round, whichever read fails. */
static void check_truth(struct probed *probed)
{
	static const char *const keys[] = {FIRST, SECOND};
	static const int64_t power_uw[] = {240000000, 95000000};
	assert_int_equal(heard_domain(probed->feed, "package-0"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		uint32_t series = heard_series(probed->feed, keys[i], "amdgpu:power");
		int64_t value;
		if (heard_value(probed->feed, series, METRIC_SENSOR_POWER_UW, &value))
			assert_int_equal(value, power_uw[i]);
		if (probed_energy(probed, keys[i], "amdgpu:energy", &value))
			assert_true(value == 0 || value == power_uw[i] || value == 2 * power_uw[i]);
		series = heard_series(probed->feed, keys[i], "amdgpu");
		if (heard_value(probed->feed, series, METRIC_UTILIZATION_PPM, &value))
			assert_int_equal(value, i == 0 ? 870000 : 200000);
		if (heard_value(probed->feed, series, METRIC_TEMPERATURE_MC, &value))
			assert_true(value == 61000 || value == 48000);
	}
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
	static const int codes[] = {EIO, EACCES, ENODEV, EPERM};
	probed_use_machine(*state, "amd-mi210");
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		probed_fail_each_read(*state, codes[i], look);
}

static void the_recorded_card_is_found(void **state)
{
	struct probed *probed = *state;
	probed_use_recorded(probed, "procfs-fixtures");
	probed_must_open(probed);
	probed_sample(probed);
	assert_gauge(probed, "gpu-0000:09:00.0", "amdgpu", METRIC_UTILIZATION_PPM, 40000);
	assert_gauge(probed, "gpu-0000:09:00.0", "amdgpu", METRIC_FREQUENCY_HZ, 852000000);
	assert_gauge(probed, "gpu-0000:09:00.0", "amdgpu", METRIC_FREQUENCY_MAX_HZ, 1630000000);
	assert_gauge(probed, "gpu-0000:09:00.0", "amdgpu", METRIC_MEMORY_FREQUENCY_HZ, 167000000);
	assert_gauge(probed, "gpu-0000:09:00.0", "amdgpu", METRIC_MEMORY_BYTES, 1490378752);
	assert_int_not_equal(
		gap(probed, "gpu-0000:09:00.0", "amdgpu:power", METRIC_SENSOR_POWER_UW, NULL), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, probed_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(energy_is_what_the_firmware_counted),
		TEST(each_figure_is_told_in_its_unit),
		TEST(time_held_back_is_counted_by_cause),
		TEST(the_first_die_of_a_module_tells_for_both),
		TEST(the_sensor_of_a_chip_with_cpus_is_its_packages),
		TEST(a_card_that_sleeps_is_not_touched),
		TEST(a_card_that_does_nothing_is_left_alone_for_a_while),
		TEST(a_card_whose_state_cannot_be_read_is_left_alone),
		TEST(a_card_that_wakes_goes_on_counting),
		TEST(a_card_that_is_gone_is_said_and_found_again),
		TEST(a_counter_that_disagrees_with_its_sensor_is_not_believed),
		TEST(garbage_is_a_gap_and_no_number),
		TEST(without_a_table_single_files_tell),
		TEST(a_machine_without_amd_cards_says_so),
		TEST(whichever_read_fails_there_is_a_gap_or_the_truth),
		TEST(the_recorded_card_is_found),
	};
	return cmocka_run_group_tests_name("amdgpu", tests, NULL, NULL);
}
