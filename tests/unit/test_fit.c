/* SPDX-License-Identifier: Apache-2.0 */
/* What work costs is learnt from intervals that differ, and only then used. */
#include "model/fit.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/simulated.h"

#include <math.h>

#define MACHINES 24
#define TICKS	 120

static void run_machine(int number, struct simulated *machine, struct simulated_result *result)
{
	simulated_start(machine, (uint64_t)number + 1);
	simulated_run(machine, TICKS, result);
}

static void machines_it_does_not_know_are_split_within_five_percent(void **state)
{
	static double errors[SIMULATED_WEIGHTS][MACHINES * SIMULATED_JOBS];
	static double misplaced[MACHINES * TICKS];
	int jobs = 0, ticks = 0;

	(void)state;
	for (int m = 0; m < MACHINES; m++) {
		struct simulated machine;
		struct simulated_result result;

		run_machine(m, &machine, &result);
		assert_true(result.modelled > TICKS / 4);
		for (int i = 0; i < SIMULATED_JOBS; i++) {
			if (isnan(result.errors[SIMULATED_MODEL][i]))
				continue;
			for (int w = 0; w < SIMULATED_WEIGHTS; w++)
				errors[w][jobs] = result.errors[w][i];
			jobs++;
		}
		for (int i = 0; i < result.modelled; i++)
			misplaced[ticks++] = result.tick_errors[SIMULATED_MODEL][i];
	}
	assert_true(ticks > MACHINES * TICKS / 2);
	assert_true(simulated_percentile(errors[SIMULATED_MODEL], jobs, 0.5) <= 0.05);
	assert_true(simulated_percentile(errors[SIMULATED_MODEL], jobs, 0.95) <= 0.10);
	assert_true(simulated_percentile(errors[SIMULATED_CPU_TIME], jobs, 0.95) >= 0.40);
	assert_true(simulated_percentile(misplaced, ticks, 0.5) <= 0.05);
	assert_true(simulated_percentile(misplaced, ticks, 0.95) <= 0.10);
}

static void a_constant_mix_is_not_identifiable(void **state)
{
	(void)state;
	for (int m = 0; m < MACHINES; m++) {
		struct simulated machine;
		struct simulated_result result;

		simulated_start(&machine, (uint64_t)m + 1);
		machine.constant = true;
		for (int i = 0; i < SIMULATED_JOBS; i++)
			machine.jobs[i].runs = true;
		simulated_run(&machine, TICKS, &result);
		assert_int_equal(result.modelled, 0);
		assert_int_equal(result.state, FIT_NOT_IDENTIFIABLE);
	}
}

static struct fit_work cycles_of(double cycles, double frequency_hz)
{
	struct fit_work work = {{0}};

	fit_add_cycles(&work, cycles, frequency_hz);
	return work;
}

static void cycles_are_conserved_at_every_frequency(void **state)
{
	(void)state;
	for (double frequency_hz = 0; frequency_hz < 9e9; frequency_hz += 0.07e9) {
		struct fit_work work = cycles_of(3e9, frequency_hz);
		double sum = 0;

		for (int i = 0; i < FIT_FEATURES; i++) {
			assert_true(work.amount[i] >= 0);
			sum += (double)work.amount[i];
		}
		assert_true(fabs(sum - 3) < 1e-5);
	}
}

static void a_price_is_found_exactly_where_there_is_one(void **state)
{
	struct fit fit;

	(void)state;
	fit_init(&fit);
	assert_int_equal(fit_judge(&fit, 0), FIT_LEARNING);
	for (int i = 0; i < 40; i++) {
		struct fit_work work = cycles_of(1e9 + 1e8 * (i % 7), 2e9);

		work.amount[FIT_INSTRUCTIONS] = (float)(i % 5);
		fit_learn(&fit, &work,
			  4 * (1 + 0.1 * (i % 7)) + 2 * (double)work.amount[FIT_INSTRUCTIONS], 1);
	}

	struct fit_work cycles = cycles_of(1e9, 2e9), both = cycles;

	both.amount[FIT_INSTRUCTIONS] = 1;
	assert_true(fabs(fit_energy_j(&fit, &cycles) - 4) < 0.02);
	assert_true(fabs(fit_energy_j(&fit, &both) - 6) < 0.02);
	assert_true(fit_share_error(&fit, &cycles, &both) < 0.01);
	assert_true(fit.held_out_ratio < 0.01);
	assert_int_equal(fit_judge(&fit, 0.01), FIT_GOOD);
	assert_int_equal(fit_judge(&fit, 0.5), FIT_NOT_IDENTIFIABLE);
}

static void work_it_never_saw_has_no_price(void **state)
{
	struct fit fit;

	(void)state;
	fit_init(&fit);
	for (int i = 0; i < 40; i++) {
		struct fit_work work = cycles_of(1e9 + 1e8 * (i % 7), 2e9);

		fit_learn(&fit, &work, 4 + 0.4 * (i % 7), 1);
	}

	struct fit_work known = cycles_of(1e9, 2e9), unknown = cycles_of(1e9, 4e9), all = known;

	fit_add_work(&all, &unknown);
	assert_true(fit_share_error(&fit, &unknown, &all) > 0.2);
}

static void power_that_follows_nothing_counted_is_poor(void **state)
{
	struct fit fit;
	uint32_t random = 7;

	(void)state;
	fit_init(&fit);
	for (int i = 0; i < 100; i++) {
		struct fit_work work = cycles_of(1e9 + 1e8 * (i % 7), 2e9);

		random = random * 1664525u + 1013904223u;
		fit_learn(&fit, &work, 1 + (random >> 16) % 40, 1);
	}
	assert_int_equal(fit_judge(&fit, 0), FIT_POOR);
}

static void short_intervals_are_put_together_to_a_second(void **state)
{
	struct fit fit;

	(void)state;
	fit_init(&fit);
	for (int i = 0; i < 50; i++) {
		struct fit_work work = cycles_of(1e8, 2e9);

		fit_learn(&fit, &work, 1, 0.1);
	}
	assert_int_equal(fit.count, 5);
	assert_true(fabs(fit.power_w[0] - 10) < 1e-9);
}

static void a_place_that_changes_hands_is_forgotten(void **state)
{
	struct fit fit;

	(void)state;
	fit_init(&fit);
	for (int i = 0; i < 40; i++) {
		struct fit_work work = cycles_of(1e9 * (1 + i % 3), 2e9);

		fit_add_own(&work, 2, i % 2 ? 1e9 : 0);
		fit_learn(&fit, &work, 4.0 * (1 + i % 3) + (i % 2 ? 3 : 0), 1);
	}
	assert_true(fabs(fit.coefficients[FIT_OWN + 2] - 3) < 0.1);
	fit_vacate(&fit, 2);
	assert_true(fit.coefficients[FIT_OWN + 2] == 0);
	for (size_t i = 0; i < fit.count; i++)
		assert_true(fit.rows[i].amount[FIT_OWN + 2] == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(machines_it_does_not_know_are_split_within_five_percent),
		cmocka_unit_test(a_constant_mix_is_not_identifiable),
		cmocka_unit_test(cycles_are_conserved_at_every_frequency),
		cmocka_unit_test(a_price_is_found_exactly_where_there_is_one),
		cmocka_unit_test(work_it_never_saw_has_no_price),
		cmocka_unit_test(power_that_follows_nothing_counted_is_poor),
		cmocka_unit_test(short_intervals_are_put_together_to_a_second),
		cmocka_unit_test(a_place_that_changes_hands_is_forgotten),
	};

	return cmocka_run_group_tests_name("fit", tests, NULL, NULL);
}
