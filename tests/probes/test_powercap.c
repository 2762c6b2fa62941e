/* SPDX-License-Identifier: Apache-2.0 */
/* What is required of the energy counters of powercap, on made-up and recorded machines whose clock
 * the test holds. */
#include "measure/probe.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/heard.h"
#include "tests/support/held.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ZONE "sys/class/powercap/intel-rapl:0"

extern const struct probe probe_powercap;

static int set_up(void **state)
{
	return held_set_up(state, &probe_powercap);
}

static void assert_parent(struct probed *probed, const char *key, const char *parent)
{
	assert_int_equal(probed_parent(probed, key), heard_domain(probed->feed, parent));
}

static void energy_is_exact_also_across_a_wrap(void **state)
{
	struct probed *probed = *state;
	probed_use_machine(probed, "xeon-2s");
	probed_must_open(probed);
	for (int i = 0; i <= 20; i++) {
		probed_sample(probed);
		held_pass(probed, 0.5);
	}
	probed_assert_energy(probed, "package-0", "powercap:intel-rapl:0", 600000000);
	probed_assert_energy(probed, "cores-0", "powercap:intel-rapl:0:0", 400000000);
	probed_assert_energy(probed, "dram-0", "powercap:intel-rapl:0:1", 80000000);
	probed_assert_energy(probed, "dram-1", "powercap:intel-rapl:a:1", 70000000);
	assert_int_equal(heard_source(probed->feed, "powercap", NULL, NULL), SOURCE_OK);
	assert_int_equal(heard_count(probed->feed, EVENT_NOTE), 0);
}

static void hexadecimal_zones_are_found(void **state)
{
	struct probed *probed = *state;
	probed_use_machine(probed, "xeon-2s");
	probed_must_open(probed);
	probed_sample(probed);
	held_pass(probed, 2);
	probed_sample(probed);
	probed_assert_energy(probed, "package-1", "powercap:intel-rapl:a", 90000000);
}

static void domains_stand_where_their_energy_is_drawn(void **state)
{
	struct probed *probed = *state;
	probed_use_machine(probed, "xeon-2s");
	probed_must_open(probed);
	assert_parent(probed, "package-1", "socket-1");
	assert_parent(probed, "cores-1", "package-1");
	assert_parent(probed, "dram-1", "socket-1");
	assert_int_equal(probed_parent(probed, "socket-1"), 0);
}

static void psys_contains_packages_and_stands_apart(void **state)
{
	struct probed *probed = *state;
	probed_use_machine(probed, "client-psys-mmio");
	probed_must_open(probed);
	assert_int_equal(probed_parent(probed, "psys-0"), 0);
	assert_true(heard_domain(probed->feed, "psys-0") != 0);
	assert_parent(probed, "uncore-0", "package-0");
}

static void mmio_twins_are_not_counted_twice(void **state)
{
	struct probed *probed = *state;
	const char *reason;
	probed_use_machine(probed, "client-psys-mmio");
	probed_must_open(probed);
	probed_sample(probed);
	assert_int_equal(heard_series(probed->feed, "package-0", "powercap:intel-rapl-mmio:0"), 0);
	assert_true(heard_series(probed->feed, "package-0", "powercap:intel-rapl:0") != 0);
	assert_int_equal(heard_source(probed->feed, "powercap", &reason, NULL), SOURCE_OK);
	assert_non_null(strstr(reason, "intel-rapl-mmio"));
}

static void mmio_stands_in_for_a_zone_that_cannot_be_read(void **state)
{
	struct probed *probed = *state;
	const char *reason;
	/* The meter is a directory: reading it fails for everybody, root too. */
	probed_use_text(probed,
			"file sys/class/powercap/intel-rapl:0/name package-0\n"
			"dir sys/class/powercap/intel-rapl:0/energy_uj\n"
			"file sys/class/powercap/intel-rapl-mmio:0/name package-0\n"
			"motion sys/class/powercap/intel-rapl-mmio:0/energy_uj 5 10000000\n");
	probed_must_open(probed);
	probed_sample(probed);
	held_pass(probed, 1);
	probed_sample(probed);
	assert_int_equal(heard_series(probed->feed, "package-0", "powercap:intel-rapl:0"), 0);
	probed_assert_energy(probed, "package-0", "powercap:intel-rapl-mmio:0", 10000000);
	heard_source(probed->feed, "powercap", &reason, NULL);
	assert_non_null(strstr(reason, "intel-rapl-mmio:0 is used"));
}

static void zones_are_found_nested_and_by_die(void **state)
{
	struct probed *probed = *state;
	probed_use_text(probed, "file " ZONE "/name package-0-die-1\n"
				"motion " ZONE "/energy_uj 5 1000000\n"
				"file " ZONE "/intel-rapl:0:0/name dram\n"
				"motion " ZONE "/intel-rapl:0:0/energy_uj 5 1000000\n"
				"file sys/class/powercap/dtpm:0/name package-0\n"
				"motion sys/class/powercap/dtpm:0/energy_uj 5 1000000\n");
	probed_must_open(probed);
	assert_true(heard_series(probed->feed, "package-0-die-1", "powercap:intel-rapl:0") != 0);
	assert_true(heard_series(probed->feed, "dram-0-die-1", "powercap:intel-rapl:0:0") != 0);
	assert_int_equal(heard_count(probed->feed, EVENT_SERIES), 2);
}

static void a_package_that_stands_still_is_a_gap_not_zero_watts(void **state)
{
	struct probed *probed = *state;
	const char *reason;
	probed_use_machine(probed, "frozen");
	probed_must_open(probed);
	for (int i = 0; i < 20; i++) {
		probed_sample(probed);
		held_pass(probed, 0.5);
		assert_int_equal(probed_gap(probed, "package-0", "powercap:intel-rapl:0", NULL),
				 i <= 10 ? 0 : ENODATA);
	}
	probed_gap(probed, "package-0", "powercap:intel-rapl:0", &reason);
	assert_string_equal(reason, "the counter does not move");
	/* An iGPU that nobody uses draws nothing. */
	assert_int_equal(probed_gap(probed, "uncore-0", "powercap:intel-rapl:0:1", NULL), 0);
	probed_assert_energy(probed, "uncore-0", "powercap:intel-rapl:0:1", 0);
}

static void a_package_that_moves_again_is_measured_again(void **state)
{
	struct probed *probed = *state;
	probed_use_text(probed, "file " ZONE "/name package-0\nfile " ZONE "/energy_uj 1000\n");
	probed_must_open(probed);
	for (int i = 0; i < 20; i++) {
		probed_sample(probed);
		held_pass(probed, 0.5);
	}
	assert_int_equal(probed_gap(probed, "package-0", "powercap:intel-rapl:0", NULL), ENODATA);
	machine_write(probed->directory, ZONE "/energy_uj", "1900");
	probed_sample(probed);
	probed_assert_energy(probed, "package-0", "powercap:intel-rapl:0", 900);
}

static void a_slow_meter_is_not_taken_for_a_broken_one(void **state)
{
	struct probed *probed = *state;
	char text[32];
	probed_use_text(probed, "file " ZONE "/name package-0\nfile " ZONE "/energy_uj 1000\n");
	probed->context.interval_ns = CLOCK_NS_PER_S / 10;
	probed_must_open(probed);
	for (int i = 0; i < 200; i++) {
		if (i % 25 == 0)
			machine_write(probed->directory, ZONE "/energy_uj",
				      (text_print(text, sizeof(text), "%d", 1000 + i), text));
		probed_sample(probed);
		held_pass(probed, 0.1);
		/* Its period must have been seen once. */
		if (i > 25)
			assert_int_equal(
				probed_gap(probed, "package-0", "powercap:intel-rapl:0", NULL), 0);
	}
}

static void a_counter_that_wraps_faster_than_it_is_read_is_refused(void **state)
{
	struct probed *probed = *state;
	const char *reason;
	probed_use_text(probed, "file " ZONE "/name package-0\n"
				"motion " ZONE "/energy_uj 0 20000000 20000001\n"
				"file " ZONE "/max_energy_range_uj 20000000\n"
				"file " ZONE "/constraint_0_name long_term\n"
				"file " ZONE "/constraint_0_power_limit_uw 20000000\n");
	probed->context.interval_ns = CLOCK_NS_PER_S;
	probed_must_open(probed);
	probed_sample(probed);
	assert_int_equal(probed_gap(probed, "package-0", "powercap:intel-rapl:0", &reason),
			 EOVERFLOW);
	assert_non_null(strstr(reason, "use -d 0.050 or less"));
	held_pass(probed, 1);
	probed_sample(probed);

	/* The user turns the interval down. */
	probed->context.interval_ns = CLOCK_NS_PER_S / 50;
	for (int i = 0; i <= 50; i++) {
		probed_sample(probed);
		held_pass(probed, 0.02);
	}
	probed_assert_energy(probed, "package-0", "powercap:intel-rapl:0", 20000000);
}

static void the_long_term_limit_is_told_and_none_is_no_limit(void **state)
{
	struct probed *probed = *state;
	int64_t limit_uw;
	probed_use_text(probed, "file " ZONE "/name package-0\n"
				"file " ZONE "/energy_uj 1\n"
				"file " ZONE "/constraint_0_name short_term\n"
				"file " ZONE "/constraint_0_power_limit_uw 64000000\n"
				"file " ZONE "/constraint_1_name long_term\n"
				"file " ZONE "/constraint_1_power_limit_uw 28000000\n");
	probed_must_open(probed);
	probed_sample(probed);
	uint32_t series = heard_series(probed->feed, "package-0", "powercap:intel-rapl:0");
	assert_true(heard_value(probed->feed, series, METRIC_POWER_LIMIT_UW, &limit_uw));
	assert_int_equal(limit_uw, 28000000);
	machine_write(probed->directory, ZONE "/constraint_1_power_limit_uw", "0");
	held_wait_ns(6 * CLOCK_NS_PER_S);
	probed_sample(probed);
	assert_int_equal(heard_gap(probed->feed, series, METRIC_POWER_LIMIT_UW, NULL), ENODATA);
}

/* After three readings a second apart, of which one may have failed, there is either a gap or true
 * energy. */
static void recorded_zones_are_found(void **state)
{
	struct probed *probed = *state;
	static const char *const keys[] = {"package-0", "cores-0", "package-10"};
	probed_use_recorded(probed, "procfs-fixtures");
	probed_must_open(probed);
	probed_sample(probed);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		assert_true(heard_domain(probed->feed, keys[i]) != 0);
	assert_true(heard_series(probed->feed, "package-10", "powercap:intel-rapl:a") != 0);
}

static void the_other_recorded_machine_is_read_too(void **state)
{
	struct probed *probed = *state;
	probed_use_recorded(probed, "node_exporter-fixtures");
	probed_must_open(probed);
	probed_sample(probed);
	probed_assert_energy(probed, "package-0", "powercap:intel-rapl:0", 0);
	probed_assert_energy(probed, "cores-0", "powercap:intel-rapl:0:0", 0);
	int64_t limit_uw;
	assert_true(heard_value(probed->feed,
				heard_series(probed->feed, "package-0", "powercap:intel-rapl:0"),
				METRIC_POWER_LIMIT_UW, &limit_uw));
}

/* What a user sends us must become the machine that he has. */
static void a_captured_machine_has_the_same_zones(void **state)
{
	struct probed *probed = *state;
	char command[1024], script[512], text[65536];
	probed_use_machine(probed, "xeon-2s");
	machine_path(script, sizeof(script), "capture");
	script[strlen(script) - strlen("machine")] = '\0';
	snprintf(command, sizeof(command), "bash %ssh %s", script, probed->directory);
	FILE *output = popen(command, "re");
	assert_non_null(output);
	text[fread(text, 1, sizeof(text) - 1, output)] = '\0';
	assert_int_equal(pclose(output), 0);

	probed_end(probed);
	probed_begin(probed, &probe_powercap);
	probed_use_text(probed, text);
	probed_must_open(probed);
	assert_int_equal(heard_count(probed->feed, EVENT_SERIES), 6);
	assert_true(heard_series(probed->feed, "package-1", "powercap:intel-rapl:a") != 0);
	assert_true(heard_series(probed->feed, "dram-0", "powercap:intel-rapl:0:1") != 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, probed_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(energy_is_exact_also_across_a_wrap),
		TEST(hexadecimal_zones_are_found),
		TEST(domains_stand_where_their_energy_is_drawn),
		TEST(psys_contains_packages_and_stands_apart),
		TEST(mmio_twins_are_not_counted_twice),
		TEST(mmio_stands_in_for_a_zone_that_cannot_be_read),
		TEST(zones_are_found_nested_and_by_die),
		TEST(a_package_that_stands_still_is_a_gap_not_zero_watts),
		TEST(a_package_that_moves_again_is_measured_again),
		TEST(a_slow_meter_is_not_taken_for_a_broken_one),
		TEST(a_counter_that_wraps_faster_than_it_is_read_is_refused),
		TEST(the_long_term_limit_is_told_and_none_is_no_limit),
		TEST(a_captured_machine_has_the_same_zones),
		TEST(recorded_zones_are_found),
		TEST(the_other_recorded_machine_is_read_too),
	};
	return cmocka_run_group_tests_name("powercap", tests, NULL, NULL);
}
