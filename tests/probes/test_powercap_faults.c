/* SPDX-License-Identifier: Apache-2.0 */
/* What is required of powercap when something is missing, forbidden, broken or reset. */
#include "measure/probe.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/heard.h"
#include "tests/support/held.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define ZONE   "sys/class/powercap/intel-rapl:0"

#define NOBODY 65534

extern const struct probe probe_powercap;

static int set_up(void **state)
{
	return held_set_up(state, &probe_powercap);
}

static void an_unreadable_counter_is_a_gap_with_the_remedy(void **state)
{
	struct probed *probed = *state;
	const char *reason, *remedy;
	probed_use_machine(probed, "unreadable");
	if (geteuid() == 0)
		assert_int_equal(seteuid(NOBODY), 0);
	struct error err;
	int code = probed_open(probed, &err);
	probed_sample(probed);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);

	assert_int_equal(code, 0);
	assert_int_equal(probed_gap(probed, "package-0", "powercap:intel-rapl:0", &reason), EACCES);
	assert_int_equal(probed_gap(probed, "dram-0", "powercap:intel-rapl:0:0", NULL), EACCES);
	assert_non_null(strstr(reason, "root only"));
	assert_int_equal(heard_source(probed->feed, "powercap", NULL, &remedy), SOURCE_NO_ACCESS);
	assert_non_null(strstr(remedy, "sudo setcap cap_perfmon+ep "));
	assert_non_null(strstr(remedy, "sudo chmod a+r "));
	int64_t energy_uj;
	assert_false(probed_energy(probed, "package-0", "powercap:intel-rapl:0", &energy_uj));
}

static void a_machine_without_zones_says_so(void **state)
{
	struct probed *probed = *state;
	struct error err;
	probed_use_text(probed, "dir sys/class\n");
	assert_int_equal(probed_open(probed, &err), -ENODEV);
	assert_non_null(strstr(err.text, "is not there"));

	machine_destroy(machine_unpack_text(probed->directory, "dir sys/class/powercap\n"));
	assert_int_equal(probed_open(probed, &err), -ENODEV);
	assert_non_null(strstr(err.text, "is empty"));

	machine_destroy(machine_unpack_text(probed->directory,
					    "file sys/class/powercap/intel-rapl/enabled 1\n"));
	assert_int_equal(probed_open(probed, &err), -ENODEV);
}

static void zones_masked_by_a_container_are_named(void **state)
{
	struct probed *probed = *state;
	const char *remedy;
	struct error err;
	probed_use_text(probed,
			"link " ZONE " ../../devices/virtual/powercap/intel-rapl/intel-rapl:0\n");
	assert_int_equal(probed_open(probed, &err), -EACCES);
	assert_int_equal(heard_source(probed->feed, "powercap", NULL, &remedy), SOURCE_NO_ACCESS);
	assert_non_null(strstr(remedy, "systempaths=unconfined"));
}

static void a_failed_reading_is_a_gap_and_its_energy_comes_with_the_next(void **state)
{
	struct probed *probed = *state;
	static const int codes[] = {EIO, ENODATA, ENODEV};
	probed_use_machine(probed, "xeon-2s");
	probed_must_open(probed);
	probed_sample(probed);
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		held_pass(probed, 1);
		probed_fail_reads(1, 1000, codes[i]);
		probed_sample(probed);
		assert_int_equal(probed_gap(probed, "package-1", "powercap:intel-rapl:a", NULL),
				 codes[i]);
		probed_fail_reads(0, 0, 0);
		held_pass(probed, 1);
		probed_sample(probed);
		assert_int_equal(probed_gap(probed, "package-1", "powercap:intel-rapl:a", NULL), 0);
	}
	probed_assert_energy(probed, "package-1", "powercap:intel-rapl:a", 6 * 45000000);
}

static void a_zone_that_vanishes_does_not_take_the_others_with_it(void **state)
{
	struct probed *probed = *state;
	probed_use_machine(probed, "xeon-2s");
	probed_must_open(probed);
	probed_sample(probed);
	held_pass(probed, 1);
	probed_fail_reads(1, 1, ENODEV);
	probed_sample(probed);
	assert_int_equal(heard_count(probed->feed, EVENT_GAP), 1);
	probed_assert_energy(probed, "package-1", "powercap:intel-rapl:a", 45000000);
}

static void energy_that_may_have_wrapped_unseen_is_left_out_and_said(void **state)
{
	struct probed *probed = *state;
	probed_use_machine(probed, "xeon-2s");
	probed_must_open(probed);
	probed_sample(probed);
	held_pass(probed, 1);
	probed_sample(probed);
	held_pass(probed, 20000);
	probed_sample(probed);
	probed_assert_energy(probed, "package-1", "powercap:intel-rapl:a", 45000000);
	assert_true(heard_notes(probed->feed, "that energy is missing") > 0);
	held_pass(probed, 1);
	probed_sample(probed);
	probed_assert_energy(probed, "package-1", "powercap:intel-rapl:a", 90000000);
}

static void a_counter_that_was_reset_is_a_gap_and_goes_on(void **state)
{
	struct probed *probed = *state;
	probed_use_text(probed, "file " ZONE "/name package-0\n"
				"file " ZONE "/energy_uj 200000000000\n"
				"file " ZONE "/max_energy_range_uj 262143328850\n");
	probed_must_open(probed);
	probed_sample(probed);
	held_wait_ns(CLOCK_NS_PER_S);
	machine_write(probed->directory, ZONE "/energy_uj", "0");
	probed_sample(probed);
	assert_int_equal(probed_gap(probed, "package-0", "powercap:intel-rapl:0", NULL), ERANGE);
	assert_int_equal(heard_notes(probed->feed, "fell"), 1);
	held_wait_ns(CLOCK_NS_PER_S);
	machine_write(probed->directory, ZONE "/energy_uj", "7000000");
	probed_sample(probed);
	probed_assert_energy(probed, "package-0", "powercap:intel-rapl:0", 7000000);
}

static void a_suspended_machine_is_no_burst_of_power(void **state)
{
	struct probed *probed = *state;
	probed_use_machine(probed, "xeon-2s");
	probed_must_open(probed);
	probed_sample(probed);
	held_pass(probed, 1);
	probed_sample(probed);
	/* The meter counts on for an hour, of which the clock knows half a second. */
	machine_advance(probed->machine, 3600);
	held_wait_ns(CLOCK_NS_PER_S / 2);
	probed->context.slept_ns = 3600 * CLOCK_NS_PER_S;
	probed_sample(probed);
	probed->context.slept_ns = 0;
	probed_assert_energy(probed, "package-1", "powercap:intel-rapl:a", 45000000);
	held_pass(probed, 1);
	probed_sample(probed);
	probed_assert_energy(probed, "package-1", "powercap:intel-rapl:a", 90000000);
}

static void a_zone_that_appears_later_is_found_and_the_others_go_on(void **state)
{
	struct probed *probed = *state;
	probed_use_text(probed, "file " ZONE "/name package-0\n"
				"motion " ZONE "/energy_uj 1000 10000000\n");
	probed_must_open(probed);
	probed_sample(probed);
	machine_destroy(machine_unpack_text(
		probed->directory, "file sys/class/powercap/intel-rapl:1/name package-1\n"
				   "file sys/class/powercap/intel-rapl:1/energy_uj 500\n"));
	for (int i = 0; i < 6; i++) {
		held_pass(probed, 1);
		probed_sample(probed);
	}
	machine_write(probed->directory, "sys/class/powercap/intel-rapl:1/energy_uj", "7500");
	held_pass(probed, 1);
	probed_sample(probed);
	probed_assert_energy(probed, "package-0", "powercap:intel-rapl:0", 7 * 10000000);
	probed_assert_energy(probed, "package-1", "powercap:intel-rapl:1", 7000);
	assert_int_equal(heard_notes(probed->feed, "has appeared"), 1);
}

static void stale_repeats_are_no_news_and_lose_nothing(void **state)
{
	struct probed *probed = *state;
	char text[32];
	probed_use_text(probed, "file " ZONE "/name package-0\nfile " ZONE "/energy_uj 1000\n");
	probed_must_open(probed);
	for (int i = 0; i < 40; i++) {
		text_print(text, sizeof(text), "%d", 1000 + i / 4 * 4000000);
		machine_write(probed->directory, ZONE "/energy_uj", text);
		probed_sample(probed);
		assert_int_equal(probed_gap(probed, "package-0", "powercap:intel-rapl:0", NULL), 0);
		held_wait_ns(CLOCK_NS_PER_S / 2);
	}
	probed_assert_energy(probed, "package-0", "powercap:intel-rapl:0", 9 * 4000000);
}

static void assert_true_or_absent(struct probed *probed, const char *key, const char *source,
				  int64_t per_second_uj)
{
	int64_t energy_uj;
	if (heard_series(probed->feed, key, source) == 0) {
		enum source_state state = heard_source(probed->feed, "powercap", NULL, NULL);
		assert_true(state != SOURCE_OK);
		return;
	}
	if (!probed_energy(probed, key, source, &energy_uj)) {
		assert_int_equal(probed_gap(probed, key, source, NULL), EIO);
		return;
	}
	if (energy_uj != per_second_uj)
		assert_int_equal(energy_uj, 2 * per_second_uj);
}

static void look(struct probed *probed)
{
	struct error err;
	if (probed_open(probed, &err) < 0)
		return;
	probed_sample(probed);
	held_sample(probed, 2, 1);
	assert_true_or_absent(probed, "package-0", "powercap:intel-rapl:0", 60000000);
	assert_true_or_absent(probed, "dram-0", "powercap:intel-rapl:0:1", 8000000);
	assert_true_or_absent(probed, "package-1", "powercap:intel-rapl:a", 45000000);
	assert_true_or_absent(probed, "cores-1", "powercap:intel-rapl:a:0", 28000000);
}

static void whichever_read_fails_nothing_shows_a_zero(void **state)
{
	probed_use_machine(*state, "xeon-2s");
	probed_fail_each_read(*state, EIO, look);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, probed_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_unreadable_counter_is_a_gap_with_the_remedy),
		TEST(a_machine_without_zones_says_so),
		TEST(zones_masked_by_a_container_are_named),
		TEST(a_failed_reading_is_a_gap_and_its_energy_comes_with_the_next),
		TEST(a_zone_that_vanishes_does_not_take_the_others_with_it),
		TEST(energy_that_may_have_wrapped_unseen_is_left_out_and_said),
		TEST(a_counter_that_was_reset_is_a_gap_and_goes_on),
		TEST(a_suspended_machine_is_no_burst_of_power),
		TEST(a_zone_that_appears_later_is_found_and_the_others_go_on),
		TEST(stale_repeats_are_no_news_and_lose_nothing),
		TEST(whichever_read_fails_nothing_shows_a_zero),
	};
	return cmocka_run_group_tests_name("powercap_faults", tests, NULL, NULL);
}
