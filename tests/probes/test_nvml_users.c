/* SPDX-License-Identifier: Apache-2.0 */
/* What is required of the GPUs of NVIDIA: processes, activity, slices, modules, and GPUs that sleep. */
#include "tests/support/cmocka_all.h"
#include "tests/support/driver.h"
#include "tests/support/gpus.h"
#include "tests/support/heard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void key_of(pid_t pid, char key[DOMAIN_KEY_SIZE])
{
	char path[64], text[1024], *field;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	field = strrchr(text, ')');
	for (int i = 2; i < 22; i++)
		field = strchr(field + 1, ' ');
	domain_key_process(key, (int)pid, strtoull(field + 1, NULL, 10));
}

static void processes_are_told_with_memory_and_time(void **state)
{
	struct probed *probed = *state;
	char key[DOMAIN_KEY_SIZE];
	int64_t busy_ns = 0;

	key_of(getpid(), key);
	driver_add("0 process %d 50 2048", (int)getpid());
	driver_add("0 drawer %d 0 2048", (int)getpid());
	gpus_open_and_sample(probed);
	gpus_expect(probed, key, "nvml:" GPU_0, METRIC_GPU_MEMORY_BYTES, INT64_C(2048) << 20);
	gpus_expect(probed, key, "nvml:" GPU_0, METRIC_GPU_BUSY_NS, 0);
	for (int64_t end_ns = clock_now_ns() + GPUS_DEADLINE_NS; busy_ns == 0;) {
		assert_true(clock_now_ns() < end_ns);
		probed_sample(probed);
		heard_value(probed->feed, heard_series(probed->feed, key, "nvml:" GPU_0),
			    METRIC_GPU_BUSY_NS, &busy_ns);
	}
	/* Half of the time between the two looks, which are a second or more apart. */
	assert_true(busy_ns > CLOCK_NS_PER_S * 2 / 5);
}

static void many_processes_do_not_fit_at_first(void **state)
{
	struct probed *probed = *state;
	char key[DOMAIN_KEY_SIZE];

	key_of(getpid(), key);
	for (int i = 0; i < 100; i++)
		driver_add("0 process %d 10 100", 4000000 + i);
	driver_add("0 process %d 10 512", (int)getpid());
	gpus_open_and_sample(probed);
	gpus_expect(probed, key, "nvml:" GPU_0, METRIC_GPU_MEMORY_BYTES, INT64_C(512) << 20);
}

static void a_process_whose_memory_is_not_told_has_a_gap(void **state)
{
	struct probed *probed = *state;
	char key[DOMAIN_KEY_SIZE];

	key_of(getpid(), key);
	driver_add("0 process %d 10 0", (int)getpid());
	driver_add("0 fail:nvmlDeviceGetProcessUtilization 4");
	gpus_open_and_sample(probed);
	gpus_expect_gap(probed, key, "nvml:" GPU_0, METRIC_GPU_MEMORY_BYTES, ENODATA);
	gpus_expect_gap(probed, key, "nvml:" GPU_0, METRIC_GPU_BUSY_NS, EACCES);
}

static void processes_that_are_gone_are_not_told(void **state)
{
	struct probed *probed = *state;

	driver_add("0 process 4000001 50 2048");
	gpus_open_and_sample(probed);
	for (size_t i = 0; i < feed_batch(probed->feed)->count; i++) {
		const struct event *event = &feed_batch(probed->feed)->events[i];
		assert_false(event->type == EVENT_DOMAIN && event->detail == DOMAIN_PROCESS);
	}
}

static void processes_of_another_namespace_are_named_so(void **state)
{
	struct probed *probed = *state;

	sysroot_close(&probed->root);
	probed_use_text(probed, "dir sys\ndir proc\nlink proc/self/ns/pid pid:[4026532001]\n");
	probed->root.recorded = false;
	driver_add("0 process 4711 50 2048");
	gpus_open_and_sample(probed);
	assert_non_null(heard_name(probed->feed, "4711@0"));
	assert_non_null(strstr(heard_name(probed->feed, "4711@0"), "namespace"));
	gpus_expect(probed, "4711@0", "nvml:" GPU_0, METRIC_GPU_MEMORY_BYTES, INT64_C(2048) << 20);
}

static void a_gpu_that_sleeps_is_not_woken(void **state)
{
	struct probed *probed = *state;
	const char *reason = NULL;

	sysroot_close(&probed->root);
	probed_use_text(probed, "dir proc\n"
				"file sys/bus/pci/devices/0000:1b:00.0/vendor 0x10de\n"
				"file sys/bus/pci/devices/0000:1b:00.0/class 0x030200\n"
				"file sys/bus/pci/devices/0000:1b:00.0/power/runtime_status "
				"suspended\n");
	probed->root.recorded = false;
	gpus_open_and_sample(probed);
	assert_int_equal(driver_opened(), 0);
	assert_int_equal(heard_source(probed->feed, "nvml", &reason, NULL), SOURCE_OFF);
	assert_non_null(strstr(reason, "sleeps"));
}

static void one_of_two_that_sleeps_is_left_alone(void **state)
{
	struct probed *probed = *state;

	sysroot_close(&probed->root);
	probed_use_text(probed, "dir proc\n"
				"file sys/bus/pci/devices/0000:1b:00.0/power/runtime_status "
				"suspended\n"
				"file sys/bus/pci/devices/0000:1c:00.0/power/runtime_status "
				"active\n");
	probed->root.recorded = false;
	driver_script("all gpus 2");
	gpus_open_and_sample(probed);
	gpus_expect_gap(probed, GPU_0, "nvml:energy", METRIC_ENERGY_UJ, EAGAIN);
	gpus_expect(probed, GPU_1, "nvml:instant", METRIC_SENSOR_POWER_UW, 100000000);
}

static void the_oldest_driver_is_understood(void **state)
{
	struct probed *probed = *state;
	char key[DOMAIN_KEY_SIZE];

	key_of(getpid(), key);
	driver_lacks_versions();
	driver_script("all architecture 4\nall fail:nvmlDeviceGetFieldValues 13\n"
		      "all fail:nvmlDeviceGetTotalEnergyConsumption 3\n"
		      "all instant_mw -\nall used_mib 100\nall reserved_mib 28\n");
	driver_add("0 process %d 10 300", (int)getpid());
	driver_add("0 process %d 10 100", (int)getppid());
	gpus_open_and_sample(probed);
	probed_sample(probed);
	gpus_expect(probed, GPU_0, "nvml:power", METRIC_SENSOR_POWER_UW, 100000000);
	gpus_expect(probed, GPU_0, "nvml:power", METRIC_WINDOW_NS, 10 * CLOCK_NS_PER_MS);
	gpus_expect(probed, GPU_0, "nvml", METRIC_MEMORY_BYTES, INT64_C(128) << 20);
	gpus_expect(probed, key, "nvml:" GPU_0, METRIC_GPU_MEMORY_BYTES, INT64_C(300) << 20);
	gpus_expect_gap(probed, GPU_0, "nvml:energy", METRIC_ENERGY_UJ, ENOTSUP);
}

static void a_driver_that_comes_back_is_used_again(void **state)
{
	struct probed *probed = *state;

	driver_script("all energy_mw 0\nall energy_mj 7000");
	gpus_open_and_sample(probed);
	driver_add("all energy_mj 7400");
	probed_sample(probed);
	gpus_expect(probed, GPU_0, "nvml:energy", METRIC_ENERGY_UJ, 400000);
	driver_add("all fail:nvmlDeviceGetTotalEnergyConsumption 1");
	driver_add("all fail:nvmlInit_v2 9");
	probed_sample(probed);
	gpus_expect_gap(probed, GPU_0, "nvml:energy", METRIC_ENERGY_UJ, ENXIO);
	gpus_expect_gap(probed, GPU_0, "nvml", METRIC_FREQUENCY_HZ, ENXIO);
	assert_int_equal(heard_source(probed->feed, "nvml", NULL, NULL), SOURCE_FAILED);
	driver_add("all fail:nvmlDeviceGetTotalEnergyConsumption 0");
	driver_add("all fail:nvmlInit_v2 0");
	driver_add("all energy_mj 50");
	gpus_sample_until(probed, GPU_0, "nvml:energy", METRIC_ENERGY_UJ, ERANGE);
	driver_add("all energy_mj 150");
	probed_sample(probed);
	gpus_expect(probed, GPU_0, "nvml:energy", METRIC_ENERGY_UJ, 500000);
	assert_int_equal(heard_source(probed->feed, "nvml", NULL, NULL), SOURCE_OK);
}

static void activity_comes_between_two_samples(void **state)
{
	struct probed *probed = *state;

	driver_script("all gpm_2 92.5\nall gpm_5 61\nall gpm_7 58\nall gpm_10 33\nall gpm:11 3\n"
		      "all gpm_12 777\nall gpm_21 1000\n");
	probed_must_open(probed);
	gpus_sample_until(probed, GPU_0, "nvml:gpm", METRIC_SM_ACTIVITY_PPM, 0);
	gpus_expect(probed, GPU_0, "nvml:gpm", METRIC_SM_ACTIVITY_PPM, 925000);
	gpus_expect(probed, GPU_0, "nvml:gpm", METRIC_TENSOR_ACTIVITY_PPM, 610000);
	gpus_expect(probed, GPU_0, "nvml:gpm", METRIC_HMMA_ACTIVITY_PPM, 580000);
	gpus_expect(probed, GPU_0, "nvml:gpm", METRIC_DRAM_ACTIVITY_PPM, 330000);
	gpus_expect_gap(probed, GPU_0, "nvml:gpm", METRIC_FP64_ACTIVITY_PPM, ENOTSUP);
	gpus_expect_gap(probed, GPU_0, "nvml:gpm", METRIC_FP32_ACTIVITY_PPM, ENODATA);
	gpus_sample_until(probed, GPU_0, "nvml:pcie", METRIC_READ_BYTES, 0);
	gpus_expect(probed, "roof/" GPU_0 "/bf16/tensor", "data-sheet", METRIC_ROOF_FLOP_PER_S,
		    989400000000000);
	gpus_expect(probed, "roof/" GPU_0 "/bf16/tensor", "data-sheet", METRIC_FREQUENCY_HZ,
		    1830000000);
	gpus_expect(probed, "roof/" GPU_0 "/read/dram", "data-sheet", METRIC_ROOF_BYTES_PER_S,
		    4800000000000);
	assert_string_equal(heard_name(probed->feed, "roof/" GPU_0 "/bf16/tensor"), "H200 SXM");
	assert_non_null(strstr(heard_label(probed->feed, GPU_0, "peaks"), "white paper"));
}

static void without_activity_counters_there_is_a_reason(void **state)
{
	struct probed *probed = *state;

	driver_script("all gpm 0\nall name NVIDIA GeForce RTX 9999");
	gpus_open_and_sample(probed);
	gpus_expect_gap(probed, GPU_0, "nvml:gpm", METRIC_TENSOR_ACTIVITY_PPM, ENOTSUP);
	assert_null(heard_label(probed->feed, GPU_0, "peaks"));
}

/* A name that contains another's is another GPU. */
static void peaks_are_those_of_the_whole_name(void **state)
{
	static const struct {
		const char *name, *called;
	} cases[] = {{"NVIDIA RTX A4000", NULL},
		     {"NVIDIA A40", "A40"},
		     {"NVIDIA H100 PCIe", "H100 PCIe"},
		     {"NVIDIA H100 80GB HBM3", "H100 SXM"},
		     {"NVIDIA GH200 480GB", "GH200"},
		     {"NVIDIA GB200", "GB200"},
		     {"NVIDIA L4", "L4"},
		     {"Tesla T4", "T4"}};

	struct probed *probed = *state;

	driver_script("all gpus 8");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		driver_add("%zu name %s", i, cases[i].name);
	gpus_open_and_sample(probed);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char key[DOMAIN_KEY_SIZE];

		snprintf(key, sizeof(key), "roof/gpu-0000:%02zx:00.0/fp16/tensor", 0x1b + i);

		const char *called = heard_name(probed->feed, key);

		if (cases[i].called)
			assert_string_equal(called, cases[i].called);
		else
			assert_null(called);
	}
}

static void a_process_in_a_slice_is_told_under_the_slice(void **state)
{
	struct probed *probed = *state;
	char key[DOMAIN_KEY_SIZE];

	driver_script("all slice 1c.3g.71gb 2\nall fail:nvmlDeviceGetProcessUtilization 3\n");
	driver_add("0 process %d 0 100 2", (int)getppid());
	key_of(getppid(), key);
	gpus_open_and_sample(probed);
	assert_string_equal(heard_label(probed->feed, GPU_0 "/slice-2", "compute slices"), "3");
	gpus_expect(probed, key, "nvml:" GPU_0 "/slice-2", METRIC_GPU_MEMORY_BYTES,
		    INT64_C(100) << 20);
	gpus_expect_gap(probed, key, "nvml:" GPU_0 "/slice-2", METRIC_GPU_BUSY_NS, ENOTSUP);
}

static void slices_are_listed_and_retired(void **state)
{
	struct probed *probed = *state;

	driver_script("all slice 3g.71gb 2\nall slice 1g.18gb 9\nall total_mib 1000\n"
		      "all used_mib 10\nall reserved_mib 0\nall gpm_2 40");
	gpus_open_and_sample(probed);
	assert_non_null(strstr(heard_name(probed->feed, GPU_0 "/slice-2"), "3g.71gb"));
	gpus_expect(probed, GPU_0 "/slice-9", "nvml", METRIC_MEMORY_TOTAL_BYTES,
		    INT64_C(1000) << 20);
	assert_non_null(strstr(heard_label(probed->feed, GPU_0 "/slice-9", "energy"), "no meter"));
	assert_string_equal(heard_label(probed->feed, GPU_0 "/slice-2", "compute slices"), "3");
	gpus_sample_until(probed, GPU_0 "/slice-2", "nvml:gpm", METRIC_SM_ACTIVITY_PPM, 0);
	gpus_expect(probed, GPU_0 "/slice-2", "nvml:gpm", METRIC_SM_ACTIVITY_PPM, 400000);
	driver_script("all slice 3g.71gb 2");
	for (int64_t end_ns = clock_now_ns() + GPUS_DEADLINE_NS;
	     heard_count(probed->feed, EVENT_RETIRE) == 0;) {
		assert_true(clock_now_ns() < end_ns);
		probed_sample(probed);
	}
}

/* The module's power is the meter that the kernel shows too. */
static void a_module_is_the_twin_of_the_kernels_meter(void **state)
{
	struct probed *probed = *state;

	sysroot_close(&probed->root);
	probed_use_text(probed, "dir proc\n"
				"file sys/bus/pci/devices/0000:1b:00.0/numa_node 0\n");
	probed->root.recorded = false;
	driver_script("all name NVIDIA GH200 480GB\nall module_mw 620000\n"
		      "all instant_mw -\nall average_mw -");
	gpus_open_and_sample(probed);
	probed_sample(probed);
	gpus_expect(probed, "wall/power_meter-acpi-0/Module Power Socket 0", "nvml:module-0",
		    METRIC_SENSOR_POWER_UW, 620000000);
	/* What the old function says may be the module's: it is not taken for the GPU's. */
	gpus_expect_gap(probed, GPU_0, "nvml:power", METRIC_SENSOR_POWER_UW, ENOTSUP);
	assert_int_equal(heard_series(probed->feed, "wall/power_meter-acpi-0/Module Power Socket 0",
				      "nvml:instant"),
			 0);
}

/* What a board of one GPU calls its module is no meter of a machine. */
static void the_module_of_another_board_is_in_no_sum(void **state)
{
	struct probed *probed = *state;

	sysroot_close(&probed->root);
	probed_use_text(probed, "dir proc\n"
				"file sys/bus/pci/devices/0000:1b:00.0/numa_node 0\n");
	probed->root.recorded = false;
	driver_script("all module_mw 620000");
	gpus_open_and_sample(probed);
	gpus_expect(probed, "sensor/nvml/" GPU_0, "nvml:module-0", METRIC_SENSOR_POWER_UW,
		    620000000);
	assert_int_equal(
		heard_domain(probed->feed, "wall/power_meter-acpi-0/Module Power Socket 0"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, gpus_set_up, gpus_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(processes_are_told_with_memory_and_time),
		TEST(many_processes_do_not_fit_at_first),
		TEST(a_process_whose_memory_is_not_told_has_a_gap),
		TEST(processes_that_are_gone_are_not_told),
		TEST(processes_of_another_namespace_are_named_so),
		TEST(a_gpu_that_sleeps_is_not_woken),
		TEST(one_of_two_that_sleeps_is_left_alone),
		TEST(the_oldest_driver_is_understood),
		TEST(a_driver_that_comes_back_is_used_again),
		TEST(activity_comes_between_two_samples),
		TEST(without_activity_counters_there_is_a_reason),
		TEST(peaks_are_those_of_the_whole_name),
		TEST(a_process_in_a_slice_is_told_under_the_slice),
		TEST(slices_are_listed_and_retired),
		TEST(a_module_is_the_twin_of_the_kernels_meter),
		TEST(the_module_of_another_board_is_in_no_sum),
	};
	return cmocka_run_group_tests_name("nvml_users", tests, NULL, NULL);
}
