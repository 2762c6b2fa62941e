/* SPDX-License-Identifier: Apache-2.0 */
/* What the whole run will take: the band holds the truth in nine of ten runs, and what is odd about the work is said. */
#include "model/projection.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/desk.h"

#include <math.h>
#include <stdint.h>

#define STEPS 1000
#define SEEDS 200

static uint64_t random_state;

/* xorshift64*: the same runs everywhere. */
static double random_part(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (double)((random_state * UINT64_C(2685821657736338717)) >> 11) / 9007199254740992.0;
}

static double random_normal(void)
{
	double sum = 0;

	for (int i = 0; i < 12; i++)
		sum += random_part();
	return sum - 6;
}

/* A run: seconds and joules of each step. A warm-up that costs more or less and fades, a drift over the whole run, and noise
 * in which neighbouring steps are alike. */
struct run {
	double time_s[STEPS], energy_j[STEPS];
};

static void make_run(struct run *run, uint64_t seed, double drift_most, double alike)
{
	double drift, warm_up, fades, noise = 0, power_noise = 0;

	random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	drift = drift_most * (2 * random_part() - 1);
	warm_up = random_part() - 0.5;
	fades = STEPS * (0.003 + 0.01 * random_part());
	for (int i = 0; i < STEPS; i++) {
		double warm = 1 + warm_up * exp(-i / fades);
		double slow = 1 + drift * i / STEPS;
		double fresh = sqrt(1 - alike * alike);

		noise = alike * noise + fresh * random_normal();
		power_noise = alike * power_noise + fresh * random_normal();
		run->time_s[i] = 2 * warm * slow * fmax(1 + 0.05 * noise, 0.1);
		run->energy_j[i] = 300 * warm * slow * fmax(1 + 0.08 * power_noise, 0.1);
	}
}

struct held {
	int energy[10], time[10], wide[10];
};

static void look_along(const struct run *run, struct held *held)
{
	struct projection projection = {0};
	struct projection_figures at[10];
	double time_s = 0, energy_j = 0;

	projection_add(&projection, STEPS * 64, 0, 0, 0);
	for (int i = 0; i < STEPS; i++) {
		time_s += run->time_s[i];
		energy_j += run->energy_j[i];
		projection_add(&projection, STEPS * 64, 64 * (i + 1), time_s, energy_j);
		if ((i + 1) % (STEPS / 10) == 0 && i + 1 < STEPS)
			projection_look(&projection, STEPS * 64, time_s, energy_j,
					&at[(i + 1) / (STEPS / 10)]);
	}
	for (int tenth = 1; tenth < 10; tenth++) {
		held->energy[tenth] +=
			at[tenth].energy_j.low <= energy_j && energy_j <= at[tenth].energy_j.high;
		held->time[tenth] +=
			at[tenth].time_s.low <= time_s && time_s <= at[tenth].time_s.high;
		held->wide[tenth] += at[tenth].energy_j.high - at[tenth].energy_j.low >
				     0.5 * at[tenth].energy_j.value;
	}
}

static void expect_band_to_hold(double drift, double alike)
{
	struct held held = {0};

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		static struct run run;

		make_run(&run, seed, drift, alike);
		look_along(&run, &held);
	}
	for (int tenth = 1; tenth < 10; tenth++) {
		print_message("# drift %.2f alike %.2f at %d0 %%: energy %d, time %d of %d held\n",
			      drift, alike, tenth, held.energy[tenth], held.time[tenth], SEEDS);
		assert_true(held.energy[tenth] * 10 >= SEEDS * 9);
		assert_true(held.time[tenth] * 10 >= SEEDS * 9);
		/* A band that is always wide would hold as well. */
		assert_true(held.wide[tenth] * 10 <= SEEDS);
	}
}

static void the_band_holds_the_truth_in_nine_of_ten_runs_from_a_tenth_on(void **state)
{
	(void)state;
	expect_band_to_hold(0.15, 0.5);
	expect_band_to_hold(0.15, 0.9);
	expect_band_to_hold(0.05, 0.9);
	expect_band_to_hold(0.15, 0.95);
	expect_band_to_hold(0, 0);
}

/* Adds steps of one unit, a second and 100 J each. */
static void add_steps(struct projection *projection, double total, int from, int count)
{
	for (int i = from; i < from + count; i++)
		projection_add(projection, total, i, i, 100.0 * i);
}

static void even_work_ends_when_it_must(void **state)
{
	struct projection projection = {0};
	struct projection_figures figures;

	(void)state;
	add_steps(&projection, 1000, 0, 101);
	projection_look(&projection, 1000, 100, 10000, &figures);
	assert_int_equal(figures.state, PROJECTION_RUNS);
	assert_true(fabs(figures.time_s.value - 1000) < 1e-6);
	assert_true(fabs(figures.energy_j.value - 100000) < 1e-4);
	assert_true(fabs(figures.left_s - 900) < 1e-6);
	assert_true(figures.energy_j.low < 100000 && figures.energy_j.high > 100000);
	/* Nothing has varied, but a drift is not excluded. */
	assert_true(figures.energy_j.high < 1.1 * 100000);
}

static void the_warm_up_is_left_out(void **state)
{
	struct projection projection = {0};
	struct projection_figures figures;
	double time_s = 0;

	(void)state;
	projection_add(&projection, 1000, 0, 0, 0);
	for (int i = 1; i <= 100; i++) {
		time_s += i <= 20 ? 10 : 1;
		projection_add(&projection, 1000, i, time_s, 100 * time_s);
	}
	projection_look(&projection, 1000, time_s, 100 * time_s, &figures);
	assert_true(fabs(figures.warm_up_s - 200) < 1e-6);
	assert_true(fabs(figures.time_s.value - 1180) < 1);
}

static void once_done_it_says_how_wrong_it_was(void **state)
{
	struct projection projection = {0};
	struct projection_figures figures;
	double time_s = 0;

	(void)state;
	projection_add(&projection, 100, 0, 0, 0);
	for (int i = 1; i <= 99; i++) {
		time_s += i <= 50 ? 1 : 2;
		projection_add(&projection, 100, i, time_s, 100 * time_s);
	}
	/* The last step does three units, one of them of this run. */
	time_s += 6;
	projection_add(&projection, 100, 102, time_s, 100 * time_s);
	projection_look(&projection, 100, time_s + 50, 100 * time_s + 10, &figures);
	assert_int_equal(figures.state, PROJECTION_DONE);
	assert_true(fabs(figures.time_s.value - 150) < 1e-6);
	assert_true(fabs(figures.energy_j.value - 15000) < 1e-4);
	assert_true(fabs(figures.early_ratio - 0.1) < 1e-9);
	/* A tenth had been done at one second each: 100 s of what became 150. */
	assert_true(fabs(figures.early_time_error - (100.0 / 150 - 1)) < 0.01);
	assert_false(figures.early_time_held);
	assert_int_equal((int)figures.left_s, 0);
}

static void work_that_stands_still_is_said_and_costs(void **state)
{
	struct projection projection = {0};
	struct projection_figures figures;

	(void)state;
	add_steps(&projection, 1000, 0, 101);
	projection_look(&projection, 1000, 109, 10900, &figures);
	assert_int_equal(figures.state, PROJECTION_RUNS);
	projection_look(&projection, 1000, 200, 15000, &figures);
	assert_int_equal(figures.state, PROJECTION_STALLS);
	assert_true(fabs(figures.silent_s - 100) < 1e-9);
	assert_true(fabs(figures.time_s.value - 1100) < 1e-6);
	assert_true(fabs(figures.energy_j.value - 105000) < 1e-4);
}

static void a_jump_of_the_work_is_done_but_not_worked_for(void **state)
{
	struct projection projection = {0};
	struct projection_figures figures;

	(void)state;
	add_steps(&projection, 1000, 0, 51);
	/* A checkpoint was loaded: 400 units in a second. */
	for (int i = 51; i <= 100; i++)
		projection_add(&projection, 1000, 400 + i, i, 100.0 * i);
	projection_look(&projection, 1000, 100, 10000, &figures);
	assert_int_equal(figures.jumps, 1);
	assert_true(fabs(figures.time_s.value - 600) < 1);
	assert_true(fabs(figures.energy_j.value - 60000) < 100);
}

static void too_few_steps_are_not_projected(void **state)
{
	struct projection projection = {0};
	struct projection_figures figures;

	(void)state;
	projection_look(&projection, 1000, 5, 500, &figures);
	assert_true(isnan(figures.time_s.value) && isnan(figures.left_s));
	for (int i = 0; i <= 6; i++) {
		add_steps(&projection, 1000, i, 1);
		projection_look(&projection, 1000, i, 100 * i, &figures);
		assert_int_equal(figures.state, i == 0 ? PROJECTION_NO_WORK : PROJECTION_LEARNS);
		assert_true(isnan(figures.energy_j.value));
	}
	add_steps(&projection, 1000, 7, 1);
	projection_look(&projection, 1000, 7, 700, &figures);
	assert_int_equal(figures.state, PROJECTION_RUNS);
}

static void a_total_that_is_exceeded_at_once_is_done_without_a_projection(void **state)
{
	struct projection projection = {0};
	struct projection_figures figures;

	(void)state;
	projection_add(&projection, 100, 0, 0, 0);
	projection_add(&projection, 100, 400, 8, 80);
	projection_look(&projection, 100, 9, 90, &figures);
	assert_int_equal(figures.state, PROJECTION_DONE);
	assert_true(fabs(figures.time_s.value - 2) < 1e-9);
	assert_true(isnan(figures.early_time_error) && isnan(figures.early_ratio));
}

static void without_energy_there_is_time_alone(void **state)
{
	struct projection projection = {0};
	struct projection_figures figures;

	(void)state;
	for (int i = 0; i <= 100; i++)
		projection_add(&projection, 1000, i, i, (double)NAN);
	projection_look(&projection, 1000, 100, (double)NAN, &figures);
	assert_int_equal(figures.state, PROJECTION_RUNS);
	assert_true(fabs(figures.time_s.value - 1000) < 1e-6);
	assert_true(isnan(figures.energy_j.value) && isnan(figures.energy_j.high));
}

static void energy_that_came_late_is_taken_from_then_on(void **state)
{
	struct projection projection = {0};
	struct projection_figures figures;

	(void)state;
	projection_add(&projection, 1000, 0, 0, 0);
	for (int i = 1; i <= 100; i++)
		projection_add(&projection, 1000, i, i, i < 5 ? (double)NAN : 100.0 * i);
	projection_look(&projection, 1000, 100, 10000, &figures);
	assert_true(fabs(figures.energy_j.value - 100000) < 1);
}

static void run_desk(struct desk *desk, enum quality quality, int ticks)
{
	uint32_t low = 0;

	session_meta(desk->session, PROJECTION_TOTAL, "1000");
	session_meta(desk->session, PROJECTION_PRICE, "0.5");
	session_meta(desk->session, PROJECTION_CURRENCY, "EUR");
	session_meta(desk->session, PROJECTION_CARBON, "400");
	for (int i = 0; i < ticks; i++) {
		feed_work(desk->feed, desk->now_ns, "marks", "samples", 1);
		desk_watts(desk, DOMAIN_PACKAGE, "package-0", quality, 100);
		if (quality == QUALITY_ESTIMATED) {
			low = desk_series(desk, DOMAIN_PACKAGE, "package-0", "meter", quality);
			feed_gauge(desk->feed, low, METRIC_SENSOR_POWER_UW, desk->now_ns,
				   100000000);
			feed_gauge(desk->feed, low, METRIC_POWER_LOW_UW, desk->now_ns, 50000000);
			feed_gauge(desk->feed, low, METRIC_POWER_HIGH_UW, desk->now_ns, 200000000);
		}
		desk_tick(desk);
		projection_tick(desk->session);
	}
}

static void a_session_has_a_price_and_carbon(void **state)
{
	struct projection_figures figures;
	struct desk desk;

	(void)state;
	desk_start(&desk);
	run_desk(&desk, QUALITY_MEASURED, 200);
	figures = projection_figures(desk.session);
	assert_int_equal(figures.state, PROJECTION_RUNS);
	assert_string_equal(figures.unit, "samples");
	/* 1,000 samples of 100 J: 27.8 Wh. */
	assert_true(fabs(figures.energy_j.value - 100000) < 500);
	assert_true(fabs(figures.cost.value - 100000 / 3.6e6 * 0.5) < 1e-4);
	assert_true(fabs(figures.carbon_g.value - 100000 / 3.6e6 * 400) < 0.1);
	assert_true(figures.carbon_g.low < figures.carbon_g.value);
	assert_string_equal(figures.currency, "EUR");
	desk_end(&desk);
}

static void of_estimated_energy_the_bands_multiply(void **state)
{
	struct projection_figures figures;
	struct desk desk;

	(void)state;
	desk_start(&desk);
	run_desk(&desk, QUALITY_ESTIMATED, 200);
	figures = projection_figures(desk.session);
	assert_int_equal(figures.quality, QUALITY_ESTIMATED);
	assert_true(figures.energy_j.high > 2 * figures.energy_j.value);
	assert_true(figures.energy_j.low < figures.energy_j.value / 2);
	desk_end(&desk);
}

static void nothing_is_projected_that_was_not_asked_for(void **state)
{
	struct desk desk;

	(void)state;
	desk_start(&desk);
	for (int i = 0; i < 20; i++) {
		feed_work(desk.feed, desk.now_ns, "marks", "samples", 1);
		desk_tick(&desk);
		projection_tick(desk.session);
	}
	assert_int_equal(projection_figures(desk.session).state, PROJECTION_OFF);
	session_meta(desk.session, PROJECTION_TOTAL, "nonsense");
	projection_tick(desk.session);
	assert_int_equal(projection_figures(desk.session).state, PROJECTION_OFF);
	session_meta(desk.session, PROJECTION_TOTAL, "-5");
	projection_tick(desk.session);
	assert_int_equal(projection_figures(desk.session).state, PROJECTION_OFF);
	desk_end(&desk);
}

static void two_units_do_not_disturb_each_other(void **state)
{
	struct projection_figures figures;
	struct desk desk;

	(void)state;
	desk_start(&desk);
	session_meta(desk.session, PROJECTION_TOTAL, "1000");
	for (int i = 0; i < 100; i++) {
		feed_work(desk.feed, desk.now_ns, "marks", "flop", 1000000);
		if (i > 2)
			feed_work(desk.feed, desk.now_ns, "marks", i % 2 ? "samples" : "tokens", 2);
		desk_tick(&desk);
		projection_tick(desk.session);
	}
	figures = projection_figures(desk.session);
	assert_string_equal(figures.unit, "samples");
	assert_int_equal(figures.state, PROJECTION_RUNS);
	/* One a second on the average. */
	assert_true(fabs(figures.time_s.value - 1000) < 20);
	desk_end(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_band_holds_the_truth_in_nine_of_ten_runs_from_a_tenth_on),
		cmocka_unit_test(even_work_ends_when_it_must),
		cmocka_unit_test(the_warm_up_is_left_out),
		cmocka_unit_test(once_done_it_says_how_wrong_it_was),
		cmocka_unit_test(work_that_stands_still_is_said_and_costs),
		cmocka_unit_test(a_jump_of_the_work_is_done_but_not_worked_for),
		cmocka_unit_test(too_few_steps_are_not_projected),
		cmocka_unit_test(a_total_that_is_exceeded_at_once_is_done_without_a_projection),
		cmocka_unit_test(without_energy_there_is_time_alone),
		cmocka_unit_test(energy_that_came_late_is_taken_from_then_on),
		cmocka_unit_test(a_session_has_a_price_and_carbon),
		cmocka_unit_test(of_estimated_energy_the_bands_multiply),
		cmocka_unit_test(nothing_is_projected_that_was_not_asked_for),
		cmocka_unit_test(two_units_do_not_disturb_each_other),
	};

	return cmocka_run_group_tests_name("projection", tests, NULL, NULL);
}
