/* SPDX-License-Identifier: Apache-2.0 */
/* The traps that make energy numbers wrong, as far as zones of files show them: each test names its trap. HACKING.md lists where
 * the others are tested. */
#include "measure/probe.h"
#include "model/derive.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/heard.h"
#include "tests/support/held.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#define RAPL   "sys/class/powercap/intel-rapl:"
#define NOBODY 65534

extern const struct probe probe_powercap;

static int set_up(void **state)
{
	return held_set_up(state, &probe_powercap);
}

/* A session of that many seconds; owner: caller. */
static struct session *watch_for(struct probed *probed, int seconds)
{
	struct session *session = session_create(1);

	for (int i = 0; i <= seconds; i++) {
		probed_sample(probed);
		feed_tick(probed->feed, clock_now_ns(), (uint32_t)i + 1, 0);
		held_pass(probed, 1);
	}
	session_apply(session, feed_batch(probed->feed));
	return session;
}

static struct session *watch_machine(struct probed *probed, const char *name, int seconds)
{
	probed_use_machine(probed, name);
	probed_must_open(probed);
	return watch_for(probed, seconds);
}

static void assert_total(const struct session *session, double expected_w)
{
	assert_true(fabs(derive_total_power(session, SPAN_RUN, NULL, 0).power_w - expected_w) <
		    1e-6);
}

static void trap_1_mmio_zones_repeat_the_others_and_are_not_added(void **state)
{
	struct session *session = watch_machine(*state, "client-psys-mmio", 3);
	assert_total(session, 9);
	session_destroy(session);
}

static void trap_2_psys_is_known_by_its_name_and_contains_the_package(void **state)
{
	struct probed *probed = *state;
	/* The numbers the other way round than usual. */
	probed_use_text(probed, "file " RAPL "0/name psys\n"
				"motion " RAPL "0/energy_uj 5 40000000\n"
				"file " RAPL "1/name package-0\n"
				"motion " RAPL "1/energy_uj 5 25000000\n");
	probed_must_open(probed);
	struct session *session = watch_for(probed, 3);
	assert_total(session, 25);
	assert_false(derive_in_total(session_find(session, "psys-0")));
	session_destroy(session);
}

static void trap_3_zone_numbers_are_hexadecimal(void **state)
{
	struct session *session = watch_machine(*state, "xeon-2s", 3);
	const struct domain *package = session_find(session, "package-1");
	assert_string_equal(package->series->source, "powercap:intel-rapl:a");
	assert_total(session, 60 + 8 + 45 + 7);
	session_destroy(session);
}

static void trap_4_a_zone_that_may_not_be_read_is_no_access_and_not_0_watts(void **state)
{
	struct probed *probed = *state;
	struct error err;
	probed_use_machine(probed, "unreadable");
	if (geteuid() == 0)
		assert_int_equal(seteuid(NOBODY), 0);
	assert_int_equal(probed_open(probed, &err), 0);
	struct session *session = watch_for(probed, 3);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	struct derive_power power =
		derive_power(session, session_find(session, "package-0"), SPAN_RUN);
	assert_true(isnan(power.power_w) && isnan(power.energy_j));
	assert_int_equal(power.gap, EACCES);
	assert_int_equal(heard_source(probed->feed, "powercap", NULL, NULL), SOURCE_NO_ACCESS);
	session_destroy(session);
}

static void trap_5_a_32_bit_counter_wraps_within_minutes(void **state)
{
	struct probed *probed = *state;
	/* 500 W for 20 minutes: the register of 262 kJ wraps twice. */
	probed_use_text(probed, "file " RAPL "0/name package-0\n"
				"file " RAPL "0/max_energy_range_uj 262143328850\n"
				"motion " RAPL "0/energy_uj 100000000000 500000000 262143328911\n");
	probed_must_open(probed);
	struct session *session = watch_for(probed, 1200);
	assert_total(session, 500);
	probed_assert_energy(probed, "package-0", "powercap:intel-rapl:0",
			     INT64_C(1200) * 500000000);
	session_destroy(session);
}

static void dies_of_a_package_are_added_once_and_psys_is_not(void **state)
{
	struct session *session = watch_machine(*state, "tpmi-4die", 5);
	assert_total(session, 90 + 80 + 70 + 60 + 12 + 11 + 10 + 9);
	session_destroy(session);
}

/* The register behind the zone is each core's own on AMD. */
static void the_core_zone_of_amd_is_one_core_and_not_shown_as_all(void **state)
{
	struct probed *probed = *state;
	const char *reason;
	struct session *session = watch_machine(probed, "amd-zen", 3);
	assert_total(session, 95);
	assert_null(session_find(session, "cores-0"));
	heard_source(probed->feed, "powercap", &reason, NULL);
	assert_non_null(strstr(reason, "single core"));
	session_destroy(session);
}

static void five_hundred_zones_are_read(void **state)
{
	struct probed *probed = *state;
	char text[96];
	probed_use_text(probed, "dir sys/class/powercap\n");
	for (int i = 0; i < 500; i++) {
		text_print(text, sizeof(text), "file " RAPL "%x/name package-%d\n", i, i);
		machine_destroy(machine_unpack_text(probed->directory, text));
		text_print(text, sizeof(text), "file " RAPL "%x/energy_uj 1000\n", i);
		machine_destroy(machine_unpack_text(probed->directory, text));
	}
	probed_must_open(probed);
	probed_sample(probed);
	assert_int_equal(heard_count(probed->feed, EVENT_SERIES), 500);
	assert_int_equal(heard_count(probed->feed, EVENT_GAP), 0);
	for (int i = 0; i < 500; i++) {
		text_print(text, sizeof(text), "sys/class/powercap/intel-rapl:%x/energy_uj", i);
		machine_write(probed->directory, text, "3500");
	}
	held_wait_ns(CLOCK_NS_PER_S);
	probed_sample(probed);
	probed_assert_energy(probed, "package-499", "powercap:intel-rapl:1f3", 2500);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, probed_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(trap_1_mmio_zones_repeat_the_others_and_are_not_added),
		TEST(trap_2_psys_is_known_by_its_name_and_contains_the_package),
		TEST(trap_3_zone_numbers_are_hexadecimal),
		TEST(trap_4_a_zone_that_may_not_be_read_is_no_access_and_not_0_watts),
		TEST(trap_5_a_32_bit_counter_wraps_within_minutes),
		TEST(dies_of_a_package_are_added_once_and_psys_is_not),
		TEST(the_core_zone_of_amd_is_one_core_and_not_shown_as_all),
		TEST(five_hundred_zones_are_read),
	};
	return cmocka_run_group_tests_name("traps", tests, NULL, NULL);
}
