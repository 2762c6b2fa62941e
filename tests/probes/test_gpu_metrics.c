/* SPDX-License-Identifier: Apache-2.0 */
/* What is required of the table of figures of AMD cards, and of the places of graphics processors. */
#include "probes/amdgpu/metrics.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/probed.h"

#include <errno.h>
#include <string.h>

static void close_nothing(void *self)
{
	(void)self;
}

static const struct probe no_probe = {.name = "none", .private_size = 1, .close = close_nothing};

/* All ones, as the driver fills it, but for its head. */
static void begin(uint8_t *bytes, size_t size, unsigned format, unsigned content)
{
	memset(bytes, 0xff, METRICS_SIZE_MAX);
	bytes[0] = (uint8_t)size;
	bytes[1] = (uint8_t)(size >> 8);
	bytes[2] = (uint8_t)format;
	bytes[3] = (uint8_t)content;
}

static void put(uint8_t *bytes, size_t offset, size_t width, uint64_t value)
{
	for (size_t i = 0; i < width; i++)
		bytes[offset + i] = (uint8_t)(value >> 8 * i);
}

static void each_revision_has_its_own_places(void **state)
{
	static const struct {
		unsigned content;
		size_t size, activity, power, energy, clock;
	} rows[] = {
		{1, 96, 16, 22, 24, 54},   {2, 104, 16, 22, 24, 54},  {3, 120, 16, 22, 24, 54},
		{4, 288, 12, 10, 24, 240}, {5, 360, 12, 10, 88, 312}, {6, 1664, 12, 10, 16, 264},
	};
	uint8_t bytes[METRICS_SIZE_MAX];
	struct metrics metrics;
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		begin(bytes, rows[i].size, 1, rows[i].content);
		put(bytes, rows[i].activity, 2, 87);
		put(bytes, rows[i].power, 2, 240);
		put(bytes, rows[i].energy, 8, 65536);
		put(bytes, rows[i].clock, 2, 1700);
		assert_int_equal(metrics_read(&metrics, bytes, rows[i].size), 0);
		assert_int_equal(metrics.gfx_activity_percent, 87);
		assert_int_equal(metrics.power_w, 240);
		assert_true(metrics.has_energy);
		assert_int_equal(metrics_energy_uj(metrics.energy), 1000000);
		assert_int_equal(metrics.gfx_mhz, 1700);
		assert_false(metrics.is_apu);
	}
}

static void what_the_driver_does_not_know_is_not_told(void **state)
{
	static const struct {
		unsigned content;
		size_t size;
	} rows[] = {{1, 96}, {3, 120}, {4, 288}, {5, 360}, {6, 1664}, {7, 2208}, {8, 3360}};
	uint8_t bytes[METRICS_SIZE_MAX];
	struct metrics metrics;
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		begin(bytes, rows[i].size, 1, rows[i].content);
		assert_int_equal(metrics_read(&metrics, bytes, rows[i].size), 0);
		assert_int_equal(metrics.gfx_activity_percent, METRICS_UNKNOWN);
		assert_int_equal(metrics.power_w, METRICS_UNKNOWN);
		assert_int_equal(metrics.temperature_c, METRICS_UNKNOWN);
		assert_int_equal(metrics.gfx_mhz, METRICS_UNKNOWN);
		assert_int_equal(metrics.memory_bytes_per_s, METRICS_UNKNOWN);
		assert_false(metrics.has_energy);
		assert_false(metrics.has_causes);
		assert_false(metrics.has_residencies);
	}
}

static void an_accumulator_of_zero_is_none(void **state)
{
	uint8_t bytes[METRICS_SIZE_MAX];
	struct metrics metrics;
	(void)state;
	begin(bytes, 120, 1, 3);
	put(bytes, 24, 8, 0);
	assert_int_equal(metrics_read(&metrics, bytes, 120), 0);
	assert_false(metrics.has_energy);
}

static void a_table_that_is_broken_off_or_unknown_is_refused(void **state)
{
	uint8_t bytes[METRICS_SIZE_MAX];
	struct metrics metrics;
	(void)state;
	begin(bytes, 120, 1, 3);
	for (size_t size = 0; size < 120; size++)
		assert_int_equal(metrics_read(&metrics, bytes, size), -ENODATA);
	begin(bytes, 96, 1, 3);
	assert_int_equal(metrics_read(&metrics, bytes, 120), -ENODATA);
	begin(bytes, 64, 1, 9);
	assert_int_equal(metrics_read(&metrics, bytes, 64), -EPROTO);
	begin(bytes, 300, 3, 7);
	assert_int_equal(metrics_read(&metrics, bytes, 300), -EPROTO);
	assert_true(metrics.is_apu);
}

static void the_watts_of_a_chip_with_cpus_are_known_as_such(void **state)
{
	uint8_t bytes[METRICS_SIZE_MAX];
	struct metrics metrics;
	(void)state;
	begin(bytes, 120, 2, 1);
	assert_int_equal(metrics_read(&metrics, bytes, 120), 0);
	assert_true(metrics.is_apu);
}

static void causes_are_told_by_their_group(void **state)
{
	static const struct {
		uint64_t status;
		enum gpu_cause cause;
	} rows[] = {
		{1, GPU_CAUSE_POWER},
		{UINT64_C(1) << 7, GPU_CAUSE_POWER},
		{UINT64_C(1) << 16, GPU_CAUSE_CURRENT},
		{UINT64_C(1) << 36, GPU_CAUSE_THERMAL},
		{UINT64_C(1) << 45, GPU_CAUSE_THERMAL},
		{UINT64_C(1) << 47, GPU_CAUSE_PROCHOT},
		{UINT64_C(1) << 56, GPU_CAUSE_OTHER},
	};
	uint8_t bytes[METRICS_SIZE_MAX];
	struct metrics metrics;
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		begin(bytes, 120, 1, 3);
		put(bytes, 112, 8, rows[i].status);
		assert_int_equal(metrics_read(&metrics, bytes, 120), 0);
		assert_true(metrics.has_causes);
		assert_int_equal(metrics.causes, 1u << rows[i].cause);
	}
	/* Bits that each chip means otherwise say only that it is held. */
	begin(bytes, 96, 1, 1);
	put(bytes, 68, 4, 0x20);
	assert_int_equal(metrics_read(&metrics, bytes, 96), 0);
	assert_int_equal(metrics.causes, 1u << GPU_CAUSE_OTHER);
}

static void energy_is_exact_and_never_overflows(void **state)
{
	(void)state;
	assert_int_equal(metrics_energy_uj(0), 0);
	assert_int_equal(metrics_energy_uj(1), 15);
	assert_int_equal(metrics_energy_uj(1024), 15625);
	assert_int_equal(metrics_energy_uj(UINT64_C(65536) * 1000000000),
			 INT64_C(1000000000000000));
	assert_int_equal(metrics_energy_uj(UINT64_MAX - 1), INT64_MAX);
}

static void addresses_have_one_form(void **state)
{
	char address[GPU_ADDRESS_SIZE];
	(void)state;
	assert_true(gpu_address(address, "00000000:3B:00.0"));
	assert_string_equal(address, "0000:3b:00.0");
	assert_true(gpu_address(address, "0000:3b:00.0\n"));
	assert_string_equal(address, "0000:3b:00.0");
	assert_true(gpu_address(address, "00010000:01:00.0"));
	assert_string_equal(address, "10000:01:00.0");
	assert_false(gpu_address(address, "3b:00.0"));
	assert_false(gpu_address(address, "0000:3b:00.0x"));
	assert_false(gpu_address(address, "0000:3b:20.0"));
	assert_false(gpu_address(address, "card0"));
	assert_false(gpu_address(address, ""));
}

static void places_count_over_all_makers_but_not_management_controllers(void **state)
{
	struct probed probed;
	(void)state;
	probed_begin(&probed, &no_probe);
	probed_use_text(&probed, "file sys/bus/pci/devices/0000:02:00.0/class 0x030000\n"
				 "file sys/bus/pci/devices/0000:02:00.0/vendor 0x1a03\n"
				 "file sys/bus/pci/devices/0000:03:00.0/class 0x030200\n"
				 "file sys/bus/pci/devices/0000:03:00.0/vendor 0x10de\n"
				 "file sys/bus/pci/devices/0000:04:00.0/class 0x020000\n"
				 "file sys/bus/pci/devices/0000:04:00.0/vendor 0x8086\n"
				 "file sys/bus/pci/devices/0000:05:00.0/class 0x120000\n"
				 "file sys/bus/pci/devices/0000:05:00.0/vendor 0x1002\n");
	assert_int_equal(gpu_index(&probed.root, "0000:03:00.0"), 0);
	assert_int_equal(gpu_index(&probed.root, "0000:05:00.0"), 1);
	assert_int_equal(gpu_index(&probed.root, "0000:06:00.0"), -1);
	probed_end(&probed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_revision_has_its_own_places),
		cmocka_unit_test(what_the_driver_does_not_know_is_not_told),
		cmocka_unit_test(an_accumulator_of_zero_is_none),
		cmocka_unit_test(a_table_that_is_broken_off_or_unknown_is_refused),
		cmocka_unit_test(the_watts_of_a_chip_with_cpus_are_known_as_such),
		cmocka_unit_test(causes_are_told_by_their_group),
		cmocka_unit_test(energy_is_exact_and_never_overflows),
		cmocka_unit_test(addresses_have_one_form),
		cmocka_unit_test(places_count_over_all_makers_but_not_management_controllers),
	};
	return cmocka_run_group_tests_name("gpu_metrics", tests, NULL, NULL);
}
