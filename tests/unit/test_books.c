/* SPDX-License-Identifier: Apache-2.0 */
/* The books balance to the microjoule, whatever the weights are, and no share is invented. */
#include "model/books.h"

#include "model/derive.h"
#include "tests/support/bench.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/sham.h"

#include <math.h>

static void shares_sum_up_exactly(void **state)
{
	(void)state;

	uint64_t random = 42, weights[37];
	int64_t shares[37];

	for (int round = 0; round < 20000; round++) {
		size_t count = 1 + sham_random(&random) % 37;
		int64_t energy_uj =
				(int64_t)(sham_random(&random) >> (1 + sham_random(&random) % 63)),
			sum = 0;
		bool any = false;

		for (size_t i = 0; i < count; i++) {
			weights[i] = sham_random(&random) % 4 == 0
					     ? 0
					     : sham_random(&random) >> sham_random(&random) % 64;
			any |= weights[i] > 0;
		}

		int64_t rest_uj = books_split(energy_uj, weights, count, shares);

		for (size_t i = 0; i < count; i++) {
			assert_true(shares[i] >= 0);
			assert_true(weights[i] > 0 || shares[i] == 0);
			sum += shares[i];
		}
		assert_int_equal(sum + rest_uj, energy_uj);
		assert_true(!any || rest_uj == 0);
	}
}

static void huge_weights_and_energies_do_not_overflow(void **state)
{
	(void)state;

	const uint64_t weights[3] = {UINT64_MAX, UINT64_MAX, UINT64_MAX};
	int64_t shares[3];

	assert_int_equal(books_split(INT64_MAX, weights, 3, shares), 0);
	assert_int_equal(shares[0] - shares[1],
			 1); /* 2^63 - 1 = 3 x n + 1: the rest goes to the first largest */
	assert_int_equal(shares[1], INT64_MAX / 3);
	assert_int_equal(shares[0] + shares[1] + shares[2], INT64_MAX);
}

static void no_weight_shares_nothing(void **state)
{
	(void)state;

	const uint64_t weights[2] = {0, 0};
	int64_t shares[2] = {7, 7};

	assert_int_equal(books_split(1000, weights, 2, shares), 1000);
	assert_int_equal(shares[0] + shares[1], 0);
	assert_int_equal(books_split(1000, weights, 0, shares), 1000);
}

static void rounding_goes_to_the_largest(void **state)
{
	(void)state;

	const uint64_t weights[3] = {1, 3, 1};
	int64_t shares[3];

	assert_int_equal(books_split(6, weights, 3, shares), 0);
	assert_int_equal(shares[0], 1);
	assert_int_equal(shares[1], 4);
	assert_int_equal(shares[2], 1);
}

static void the_shares_are_the_package_at_every_tick(void **state)
{
	(void)state;

	for (uint64_t seed = 1; seed < 20; seed++) {
		struct sham sham;

		sham_start(&sham, seed, true);
		for (int i = 0; i < 60; i++) {
			sham_tick(&sham);
			assert_int_equal(bench_energy_of_kind(sham.session, DOMAIN_PACKAGE),
					 bench_energy_of_shares(sham.session));
			session_recorded(sham.session);
			session_fold(sham.session, session_now_ns(sham.session));
			assert_int_equal(bench_energy_of_kind(sham.session, DOMAIN_PACKAGE),
					 bench_energy_of_shares(sham.session));
		}
		assert_true(bench_energy_of_kind(sham.session, DOMAIN_THREAD) > 0);
		sham_end(&sham);
	}
}

static void the_rest_is_split_by_busy_time_and_then_by_cycles(void **state)
{
	(void)state;

	const struct books_options options = {.baseline_w = 10, .baseline_named = "10 s"};
	struct bench bench;

	bench_start(&bench, &options, true);
	bench_run(&bench, 400, 400, 100, 100);
	bench.energy_uj += 60000000;
	bench_tick(&bench);
	assert_int_equal(bench_energy(bench.session, "package-0/idle"), 10000000);
	assert_int_equal(bench_energy(bench.session, "package-0/others"), 5000000);
	assert_int_equal(bench_energy(bench.session, "package-0/unattributed"), 5000000);
	assert_int_equal(bench_energy(bench.session, "5/5@1"), 30000000);
	assert_int_equal(bench_energy(bench.session, "5/6@1"), 10000000);
	assert_string_equal(books_weight(bench.session), "cycles");

	const struct domain *thread = session_find(bench.session, "5/5@1");

	assert_non_null(thread);
	assert_true(fabs(derive_power(bench.session, thread, SPAN_NOW).power_w - 30) < 1e-9);
	assert_int_equal(derive_power(bench.session, thread, SPAN_NOW).quality, QUALITY_ATTRIBUTED);
	assert_true(fabs(derive_above_idle_w(bench.session, SPAN_NOW) - 50) < 1e-9);
	bench_end(&bench);
}

static void without_cycles_of_all_cpu_time_is_the_weight(void **state)
{
	(void)state;

	const struct books_options options = {.baseline_w = NAN};
	struct bench bench;

	bench_start(&bench, &options, true);
	bench.without_cycles = true;
	bench_run(&bench, 300, 100, 0, 0);
	bench.energy_uj += 40000000;
	bench_tick(&bench);
	assert_int_equal(bench_energy(bench.session, "5/5@1"), 30000000);
	assert_int_equal(bench_energy(bench.session, "5/6@1"), 10000000);
	assert_int_equal(bench_energy(bench.session, "package-0/idle"), -1);
	assert_string_equal(books_weight(bench.session), "CPU time");
	assert_true(isnan(books_idle_w(bench.session, NULL)));
	assert_true(isnan(derive_above_idle_w(bench.session, SPAN_NOW)));
	bench_end(&bench);
}

static void a_meter_that_stands_still_closes_nothing(void **state)
{
	(void)state;

	const struct books_options options = {.baseline_w = NAN};
	struct bench bench;

	bench_start(&bench, &options, true);
	bench_run(&bench, 100, 0, 0, 0);
	bench_tick(&bench);
	assert_int_equal(bench_energy_of_shares(bench.session), 0);
	bench_run(&bench, 0, 100, 0, 0);
	bench.energy_uj += 8000000;
	bench_tick(&bench);
	/* Both ran in the interval, whichever tick it was: 3 to 1 by cycles. */
	assert_int_equal(bench_energy(bench.session, "5/5@1"), 6000000);
	assert_int_equal(bench_energy(bench.session, "5/6@1"), 2000000);
	bench_end(&bench);
}

static void who_did_not_run_at_the_last_close_has_no_watts(void **state)
{
	(void)state;

	const struct books_options options = {.baseline_w = NAN};
	struct bench bench;

	bench_start(&bench, &options, true);
	bench_run(&bench, 100, 100, 0, 0);
	bench.energy_uj += 8000000;
	bench_tick(&bench);
	for (int i = 0; i < 5; i++) {
		bench_run(&bench, 100, 0, 0, 0);
		bench.energy_uj += 8000000;
		bench_tick(&bench);
	}

	const struct domain *first = session_find(bench.session, "5/5@1"),
			    *second = session_find(bench.session, "5/6@1");

	assert_true(fabs(derive_power(bench.session, first, SPAN_NOW).power_w - 8) < 1e-9);
	assert_true(fabs(derive_power(bench.session, second, SPAN_NOW).power_w) < 1e-9);
	/* And one that begins again has what it got now, not a mean over its sleep. */
	bench_run(&bench, 0, 100, 0, 0);
	bench.energy_uj += 8000000;
	bench_tick(&bench);
	assert_true(fabs(derive_power(bench.session, second, SPAN_NOW).power_w - 8) < 1e-9);
	assert_true(fabs(derive_power(bench.session, first, SPAN_NOW).power_w) < 1e-9);
	bench_end(&bench);
}

static void the_lowest_quiet_second_becomes_the_idle_power(void **state)
{
	(void)state;

	const struct books_options options = {.baseline_w = NAN};
	struct bench bench;
	const char *named;

	bench_start(&bench, &options, true);
	bench_run(&bench, 900, 900, 0, 0);
	bench.energy_uj += 90000000;
	bench_tick(&bench);
	assert_true(isnan(books_idle_w(bench.session, &named)));
	bench_run(&bench, 20, 0, 0, 0);
	bench.energy_uj += 12000000;
	bench_tick(&bench);
	assert_true(fabs(books_idle_w(bench.session, &named) - 12) < 1e-6);
	assert_string_equal(named, "lowest quiet second, at 00:00:02");
	bench_run(&bench, 900, 900, 0, 0);
	bench.energy_uj += 90000000;
	bench_tick(&bench);
	assert_int_equal(bench_energy(bench.session, "package-0/idle"), 24000000);
	assert_int_equal(bench_energy_of_shares(bench.session), 192000000);
	bench_end(&bench);
}

static void where_all_are_watched_the_unexplained_is_unattributed(void **state)
{
	(void)state;

	const struct books_options options = {.baseline_w = NAN, .watches_all = true};
	struct bench bench;

	bench_start(&bench, &options, true);
	bench_run(&bench, 300, 0, 100, 0);
	bench.energy_uj += 40000000;
	bench_tick(&bench);
	assert_int_equal(bench_energy(bench.session, "package-0/others"), -1);
	assert_int_equal(bench_energy(bench.session, "package-0/unattributed"), 10000000);
	bench_end(&bench);
}

static void each_device_has_its_own_measured_idle_power(void **state)
{
	const struct books_idle idles[] = {{"package-1", 99}, {"package-0", 14}};
	const struct books_options options = {
		.baseline_w = 10, .idles = idles, .idle_count = 2, .baseline_named = "10 s, 2 d"};
	struct bench bench;
	const char *named;

	(void)state;
	bench_start(&bench, &options, true);
	bench_run(&bench, 400, 400, 0, 0);
	bench.energy_uj += 60000000;
	bench_tick(&bench);
	assert_int_equal(bench_energy(bench.session, "package-0/idle"), 14000000);
	assert_true(fabs(books_idle_w(bench.session, &named) - 14) < 1e-6);
	assert_string_equal(named, "10 s, 2 d");
	bench_end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_sum_up_exactly),
		cmocka_unit_test(huge_weights_and_energies_do_not_overflow),
		cmocka_unit_test(no_weight_shares_nothing),
		cmocka_unit_test(rounding_goes_to_the_largest),
		cmocka_unit_test(the_shares_are_the_package_at_every_tick),
		cmocka_unit_test(the_rest_is_split_by_busy_time_and_then_by_cycles),
		cmocka_unit_test(without_cycles_of_all_cpu_time_is_the_weight),
		cmocka_unit_test(a_meter_that_stands_still_closes_nothing),
		cmocka_unit_test(who_did_not_run_at_the_last_close_has_no_watts),
		cmocka_unit_test(the_lowest_quiet_second_becomes_the_idle_power),
		cmocka_unit_test(each_device_has_its_own_measured_idle_power),
		cmocka_unit_test(where_all_are_watched_the_unexplained_is_unattributed),
	};

	return cmocka_run_group_tests_name("books", tests, NULL, NULL);
}
