/* SPDX-License-Identifier: Apache-2.0 */
/* What is required of the GPUs of NVIDIA: values, and what happens when the driver does not give them. */
#include "tests/support/cmocka_all.h"
#include "tests/support/driver.h"
#include "tests/support/gpus.h"
#include "tests/support/heard.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void without_a_driver_it_is_not_here(void **state)
{
	struct probed *probed = *state;
	struct error err;

	driver_uninstall();
	assert_int_equal(probed_open(probed, &err), -ENODEV);
	assert_non_null(strstr(err.text, "libnvidia-ml.so.1"));
}

static void a_driver_that_is_not_loaded_or_has_no_gpu_is_not_here(void **state)
{
	struct probed *probed = *state;
	struct error err;

	driver_script("all fail:nvmlInit_v2 9");
	assert_int_equal(probed_open(probed, &err), -ENODEV);
	assert_non_null(strstr(err.text, "not loaded"));
	probed->probe->close(probed->self);
	driver_script("all gpus 0");
	assert_int_equal(probed_open(probed, &err), -ENODEV);
	assert_non_null(strstr(err.text, "no GPU"));
}

static void a_library_that_does_not_fit_its_driver_says_what_to_do(void **state)
{
	struct probed *probed = *state;
	struct error err;

	driver_script("all fail:nvmlInit_v2 18");
	assert_int_equal(probed_open(probed, &err), -EIO);
	assert_non_null(strstr(err.text, "restart"));
}

static void it_knows_this_machine_only(void **state)
{
	struct probed *probed = *state;
	struct error err;

	probed->root.recorded = true;
	assert_int_equal(probed_open(probed, &err), -ENODEV);
	assert_non_null(strstr(err.text, "--root"));
	assert_int_equal(driver_opened(), 0);
}

static void a_gpu_is_told_as_its_driver_says(void **state)
{
	struct probed *probed = *state;

	driver_script("all name NVIDIA H200\n"
		      "all energy_mj 5000\n"
		      "all energy_mw 0\n"
		      "all power_mw 310000\n"
		      "all average_mw 305000\n"
		      "all limit_mw 650000\n"
		      "all memory_mw 60000\n"
		      "all utilization 87\n"
		      "all used_mib 2048\n"
		      "all celsius 61\n");
	gpus_open_and_sample(probed);
	assert_string_equal(heard_name(probed->feed, GPU_0), "gpu0 H200");
	assert_string_equal(heard_label(probed->feed, GPU_0, "model"), "NVIDIA H200");
	assert_string_equal(heard_label(probed->feed, GPU_0, "pci"), "0000:1b:00.0");
	assert_string_equal(heard_label(probed->feed, GPU_0, "architecture"), "Hopper");
	driver_add("all energy_mj 6250");
	probed_sample(probed);
	gpus_expect(probed, GPU_0, "nvml:energy", METRIC_ENERGY_UJ, 1250000);
	gpus_expect(probed, GPU_0, "nvml:instant", METRIC_SENSOR_POWER_UW, 310000000);
	gpus_expect(probed, GPU_0, "nvml:instant", METRIC_WINDOW_NS, 25 * CLOCK_NS_PER_MS);
	gpus_expect(probed, GPU_0, "nvml:average", METRIC_SENSOR_POWER_UW, 305000000);
	gpus_expect(probed, GPU_0, "nvml:average", METRIC_WINDOW_NS, CLOCK_NS_PER_S);
	gpus_expect(probed, GPU_0, "nvml", METRIC_POWER_LIMIT_UW, 650000000);
	gpus_expect(probed, GPU_0, "nvml", METRIC_FREQUENCY_HZ, 1755000000);
	gpus_expect(probed, GPU_0, "nvml:requested", METRIC_FREQUENCY_HZ, 1980000000);
	gpus_expect(probed, GPU_0, "nvml", METRIC_MEMORY_FREQUENCY_HZ, 3201000000);
	gpus_expect(probed, GPU_0, "nvml", METRIC_UTILIZATION_PPM, 870000);
	gpus_expect(probed, GPU_0, "nvml", METRIC_MEMORY_BYTES, INT64_C(2048) << 20);
	gpus_expect(probed, GPU_0, "nvml", METRIC_TEMPERATURE_MC, 61000);
	gpus_expect(probed, GPU_0 "/memory", "nvml:average", METRIC_SENSOR_POWER_UW, 60000000);
	assert_int_equal(heard_source(probed->feed, "nvml", NULL, NULL), SOURCE_OK);
}

static void trap_10_watts_tell_their_window_and_joules_are_counted(void **state)
{
	struct probed *probed = *state;

	driver_script("all name NVIDIA H200\n"
		      "all energy_mj 5000\n"
		      "all energy_mw 0\n"
		      "all power_mw 700000\n"
		      "all average_mw 90000\n");
	gpus_open_and_sample(probed);
	driver_add("all energy_mj 5100");
	probed_sample(probed);
	/* Neither sensor saw what was used. */
	gpus_expect(probed, GPU_0, "nvml:energy", METRIC_ENERGY_UJ, 100000);
	gpus_expect(probed, GPU_0, "nvml:instant", METRIC_WINDOW_NS, 25 * CLOCK_NS_PER_MS);
	gpus_expect(probed, GPU_0, "nvml:average", METRIC_WINDOW_NS, CLOCK_NS_PER_S);
}

static void a_refused_value_is_a_gap_with_its_reason(void **state)
{
	struct probed *probed = *state;

	driver_script("all fail:nvmlDeviceGetTotalEnergyConsumption 3\n"
		      "all fail:nvmlDeviceGetUtilizationRates 4\n"
		      "all fail:nvmlDeviceGetTemperature 999\n");
	gpus_open_and_sample(probed);
	gpus_expect_gap(probed, GPU_0, "nvml:energy", METRIC_ENERGY_UJ, ENOTSUP);
	gpus_expect_gap(probed, GPU_0, "nvml", METRIC_UTILIZATION_PPM, EACCES);
	gpus_expect_gap(probed, GPU_0, "nvml", METRIC_TEMPERATURE_MC, EIO);
	gpus_expect(probed, GPU_0, "nvml:instant", METRIC_SENSOR_POWER_UW, 100000000);
	assert_int_equal(heard_source(probed->feed, "nvml", NULL, NULL), SOURCE_PARTIAL);
}

static void any_function_may_be_missing(void **state)
{
	struct probed *probed = *state;
	const char *names[128];
	size_t count;

	gpus_open_and_sample(probed);
	count = driver_lookups();
	assert_true(count > 25);
	for (size_t i = 0; i < count; i++)
		names[i] = driver_lookup(i);
	for (size_t i = 0; i < count; i++) {
		struct error err;

		probed->probe->close(probed->self);
		memset(probed->self, 0, probed->probe->private_size);
		heard_clear(probed->feed);
		driver_lacks(names[i]);
		if (probed_open(probed, &err) < 0) {
			assert_true(err.text[0]);
			continue;
		}
		probed_sample(probed);
		probed_sample(probed);
		assert_true(heard_count(probed->feed, EVENT_VALUE) > 5);
	}
}

static void any_function_may_fail_with_any_code(void **state)
{
	static const int codes[] = {1, 2, 3, 4, 6, 7, 9, 10, 13, 15, 18, 21, 25, 999, 12345};
	struct probed *probed = *state;
	const char *names[128];
	size_t count;

	gpus_open_and_sample(probed);
	count = driver_lookups();
	for (size_t i = 0; i < count; i++)
		names[i] = driver_lookup(i);
	for (size_t i = 0; i < count * ARRAY_SIZE(codes); i++) {
		char script[256];
		struct error err;

		probed->probe->close(probed->self);
		memset(probed->self, 0, probed->probe->private_size);
		heard_clear(probed->feed);
		snprintf(script, sizeof(script), "all fail:%s %d\nall process %d 10 100\n",
			 names[i / ARRAY_SIZE(codes)], codes[i % ARRAY_SIZE(codes)], (int)getpid());
		driver_script(script);
		if (probed_open(probed, &err) < 0)
			assert_true(err.text[0]);
		else
			probed_sample(probed);
	}
}

static void a_counter_that_begins_anew_is_a_gap_and_goes_on(void **state)
{
	struct probed *probed = *state;

	driver_script("all energy_mw 0\nall energy_mj 9000");
	gpus_open_and_sample(probed);
	driver_add("all energy_mj 9500");
	probed_sample(probed);
	gpus_expect(probed, GPU_0, "nvml:energy", METRIC_ENERGY_UJ, 500000);
	driver_add("all energy_mj 20");
	probed_sample(probed);
	gpus_expect_gap(probed, GPU_0, "nvml:energy", METRIC_ENERGY_UJ, ERANGE);
	driver_add("all energy_mj 120");
	probed_sample(probed);
	gpus_expect(probed, GPU_0, "nvml:energy", METRIC_ENERGY_UJ, 600000);
}

static void what_a_meter_counted_in_a_suspension_is_left_out(void **state)
{
	struct probed *probed = *state;

	driver_script("all energy_mw 0\nall energy_mj 1000");
	gpus_open_and_sample(probed);
	driver_add("all energy_mj 900000");
	probed->context.slept_ns = 60 * CLOCK_NS_PER_S;
	probed_sample(probed);
	probed->context.slept_ns = 0;
	driver_add("all energy_mj 900250");
	probed_sample(probed);
	gpus_expect(probed, GPU_0, "nvml:energy", METRIC_ENERGY_UJ, 250000);
}

static void a_gpu_that_hangs_stalls_no_other(void **state)
{
	struct probed *probed = *state;
	int64_t before = 0, after = 0;

	driver_script("all gpus 3\nall energy_step_ms 0");
	gpus_open_and_sample(probed);
	driver_add("1 hang:nvmlDeviceGetClockInfo 1");
	gpus_sample_until(probed, GPU_1, "nvml:energy", METRIC_ENERGY_UJ, ETIMEDOUT);
	gpus_expect_gap(probed, GPU_1, "nvml", METRIC_TEMPERATURE_MC, ETIMEDOUT);
	assert_int_equal(heard_source(probed->feed, "nvml", NULL, NULL), SOURCE_PARTIAL);
	static const char *const others[] = {GPU_0, GPU_2};
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		assert_true(probed_energy(probed, others[i], "nvml:energy", &before));
		probed_sample(probed);
		assert_true(probed_energy(probed, others[i], "nvml:energy", &after));
		assert_true(after > before);
	}
	driver_add("1 hang:nvmlDeviceGetClockInfo 0");
	gpus_sample_until(probed, GPU_1, "nvml:energy", METRIC_ENERGY_UJ, 0);
}

static void a_lost_gpu_is_said_and_the_others_go_on(void **state)
{
	struct probed *probed = *state;
	const char *reason = NULL;
	int64_t value;

	driver_script("all gpus 2");
	gpus_open_and_sample(probed);
	driver_add("0 lost 1");
	probed_sample(probed);
	gpus_expect_gap(probed, GPU_0, "nvml:energy", METRIC_ENERGY_UJ, ENODEV);
	assert_int_equal(heard_source(probed->feed, "nvml", &reason, NULL), SOURCE_PARTIAL);
	assert_non_null(strstr(reason, "gpu0"));
	assert_non_null(strstr(reason, "lost"));
	assert_true(probed_energy(probed, GPU_1, "nvml:energy", &value));
}

static void time_lost_is_told_by_cause(void **state)
{
	struct probed *probed = *state;
	int64_t lost_ns = 0;

	driver_script("all reasons 4\nall lost_thermal_ns 1000");
	gpus_open_and_sample(probed);
	assert_string_equal(heard_label(probed->feed, GPU_0, "reasons"), "power cap");
	gpus_sample_until(probed, GPU_0 "/power-cap", "nvml", METRIC_THROTTLE_NS, 0);
	probed_sample(probed);
	assert_true(heard_value(probed->feed,
				heard_series(probed->feed, GPU_0 "/power-cap", "nvml"),
				METRIC_THROTTLE_NS, &lost_ns));
	assert_true(lost_ns > 0);
	gpus_expect(probed, GPU_0 "/thermal", "nvml", METRIC_THROTTLE_NS, 0);
	driver_add("all lost_thermal_ns 701000");
	for (int64_t end_ns = clock_now_ns() + GPUS_DEADLINE_NS; clock_now_ns() < end_ns;) {
		probed_sample(probed);
		heard_value(probed->feed, heard_series(probed->feed, GPU_0 "/thermal", "nvml"),
			    METRIC_THROTTLE_NS, &lost_ns);
		if (lost_ns == 700000)
			return;
	}
	fail();
}

static void a_counter_that_wraps_in_a_second_is_refused(void **state)
{
	struct probed *probed = *state;

	driver_script("all gpm 0\nall pcie_read 1000\nall pcie_written 2000\nall field_type 1");
	gpus_open_and_sample(probed);
	gpus_expect_gap(probed, GPU_0, "nvml:pcie", METRIC_READ_BYTES, ERANGE);
	gpus_expect_gap(probed, GPU_0, "nvml:pcie", METRIC_WRITE_BYTES, ERANGE);
}

static void absurd_answers_are_gaps(void **state)
{
	struct probed *probed = *state;

	driver_script("all utilization 4294967295\nall field_type 0\nall instant_mw 1e300\n"
		      "all energy_mw 0\nall energy_mj 18000000000000000000");
	gpus_open_and_sample(probed);
	gpus_expect_gap(probed, GPU_0, "nvml", METRIC_UTILIZATION_PPM, ENODATA);
	gpus_expect_gap(probed, GPU_0, "nvml:instant", METRIC_SENSOR_POWER_UW, ENODATA);
	gpus_expect_gap(probed, GPU_0, "nvml:energy", METRIC_ENERGY_UJ, ERANGE);
}

static void a_field_that_is_unknown_takes_no_other_with_it(void **state)
{
	struct probed *probed = *state;

	driver_script("all poison:138 2\nall average_mw 123000");
	gpus_open_and_sample(probed);
	gpus_expect(probed, GPU_0, "nvml:average", METRIC_SENSOR_POWER_UW, 123000000);
	gpus_expect_gap(probed, GPU_0, "nvml:nvlink", METRIC_WRITE_BYTES, EINVAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, gpus_set_up, gpus_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_driver_it_is_not_here),
		TEST(a_driver_that_is_not_loaded_or_has_no_gpu_is_not_here),
		TEST(a_library_that_does_not_fit_its_driver_says_what_to_do),
		TEST(it_knows_this_machine_only),
		TEST(a_gpu_is_told_as_its_driver_says),
		TEST(trap_10_watts_tell_their_window_and_joules_are_counted),
		TEST(a_refused_value_is_a_gap_with_its_reason),
		TEST(any_function_may_be_missing),
		TEST(any_function_may_fail_with_any_code),
		TEST(a_counter_that_begins_anew_is_a_gap_and_goes_on),
		TEST(what_a_meter_counted_in_a_suspension_is_left_out),
		TEST(a_gpu_that_hangs_stalls_no_other),
		TEST(a_lost_gpu_is_said_and_the_others_go_on),
		TEST(time_lost_is_told_by_cause),
		TEST(a_counter_that_wraps_in_a_second_is_refused),
		TEST(absurd_answers_are_gaps),
		TEST(a_field_that_is_unknown_takes_no_other_with_it),
	};
	return cmocka_run_group_tests_name("nvml", tests, NULL, NULL);
}
