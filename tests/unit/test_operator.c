/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of model/operator and operator_energy: what operators have in common, and what they used. */
#include "base/clock.h"
#include "model/derive.h"
#include "model/onednn_tally.h"
#include "model/operator.h"
#include "model/operator_energy.h"
#include "model/phase.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/sessions.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_NS (100 * CLOCK_NS_PER_S)
#define WATTS	 100

struct fixture {
	struct sessions sessions;
	struct onednn_tally *tally;
	uint32_t package;
	struct operator_row *rows;
	size_t capacity, count;
};

static int start(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){.tally = onednn_tally_create()};
	sessions_start(&fixture.sessions);
	operator_expect(fixture.sessions.session);
	fixture.package =
		sessions_series(&fixture.sessions, DOMAIN_PACKAGE, "package-0", "package-0", 0,
				"powercap:intel-rapl:0", QUALITY_MEASURED);
	*state = &fixture;
	return 0;
}

static int stop(void **state)
{
	struct fixture *fixture = *state;

	onednn_tally_destroy(fixture->tally);
	sessions_stop(&fixture->sessions);
	free(fixture->rows);
	return 0;
}

/* A matrix product or a reorder that began so many seconds after the start. */
static void execute(struct fixture *fixture, const char *kind, int size, double begin_s,
		    double time_s)
{
	const struct onednn_arrival arrival = {START_NS + 3600 * CLOCK_NS_PER_S, START_NS, 0};
	char text[512];

	snprintf(text, sizeof(text),
		 "onednn_verbose,%.6f,exec,cpu,%s,brg,undef,src_f32::blocked:ab:f0 "
		 "wei_f32::blocked:ab:f0 dst_f32::blocked:ab:f0,,,%dx8%s,%.6f",
		 100e3 + begin_s * 1e3, kind, size, strcmp(kind, "matmul") == 0 ? ":8x4" : "",
		 time_s * 1e3);
	/* Lines of the last minute count: the clock of these tests stands still. */
	onednn_tally_take(
		fixture->tally, text, strlen(text),
		&(struct onednn_arrival){START_NS + (int64_t)((begin_s + time_s) * 1e9) + 1000,
					 arrival.since_ns, 0});
}

/* 100 W, a reading a second. */
static void run(struct fixture *fixture, int seconds)
{
	for (int i = 0; i <= seconds; i++) {
		int64_t time_ns = START_NS + i * CLOCK_NS_PER_S;

		onednn_tally_publish(fixture->tally, fixture->sessions.feed, time_ns, "a test",
				     false);
		feed_increase(fixture->sessions.feed, fixture->package, METRIC_ENERGY_UJ, time_ns,
			      i == 0 ? 0 : WATTS * INT64_C(1000000));
		sessions_tick(&fixture->sessions, time_ns);
		phase_tick(fixture->sessions.session, i == seconds);
		operator_tick(fixture->sessions.session, i == seconds);
	}
}

static void collect(struct fixture *fixture, unsigned keys)
{
	fixture->count =
		operator_rows(fixture->sessions.session, keys, &fixture->rows, &fixture->capacity);
}

static void operators_are_put_together_by_their_keys(void **state)
{
	struct fixture *fixture = *state;

	execute(fixture, "matmul", 16, 1, 0.5);
	execute(fixture, "matmul", 32, 2, 0.25);
	execute(fixture, "reorder", 16, 3, 1);
	run(fixture, 5);
	collect(fixture, OPERATOR_EVERYTHING);
	assert_int_equal(fixture->count, 3);
	assert_string_equal(fixture->rows[0].kind, "reorder");
	assert_string_equal(fixture->rows[1].shape, "16x8:8x4");
	collect(fixture, OPERATOR_KIND);
	assert_int_equal(fixture->count, 2);
	assert_string_equal(fixture->rows[1].kind, "matmul");
	assert_string_equal(fixture->rows[1].shape, "");
	assert_int_equal(fixture->rows[1].calls, 2);
	assert_float_equal(fixture->rows[1].time_s, 0.75, 1e-9);
	assert_float_equal(fixture->rows[1].operations, 2 * (16 + 32) * 8 * 4, 0);
	assert_true(isnan(fixture->rows[0].operations));
	assert_float_equal(operator_rate(&fixture->rows[1]), 2 * 48 * 32 / 0.75, 1e-6);
	collect(fixture, OPERATOR_TYPE);
	assert_int_equal(fixture->count, 1);
	assert_string_equal(fixture->rows[0].type, "f32");
	assert_float_equal(operator_sum(fixture->rows, fixture->count).time_s, 1.75, 1e-9);
}

static void energy_is_what_the_total_drew_meanwhile(void **state)
{
	struct fixture *fixture = *state;

	execute(fixture, "matmul", 16, 1.25, 2.5);
	execute(fixture, "reorder", 16, 5.1, 0.002);
	run(fixture, 10);
	collect(fixture, OPERATOR_KIND);
	assert_float_equal(fixture->rows[0].energy_j, 250, 0.001);
	assert_float_equal(fixture->rows[0].energy_time_s, 2.5, 1e-6);
	assert_float_equal(fixture->rows[1].energy_j, 0.2, 0.001);
	assert_float_equal(operator_efficiency(&fixture->rows[0]),
			   operator_rate(&fixture->rows[0]) / WATTS, 1);
	assert_false(fixture->rows[0].is_estimated);
}

static void operators_at_the_same_time_share_it(void **state)
{
	struct fixture *fixture = *state;

	execute(fixture, "matmul", 16, 1, 2);
	execute(fixture, "matmul", 32, 1, 2);
	execute(fixture, "reorder", 16, 1, 2);
	execute(fixture, "reorder", 32, 1, 2);
	run(fixture, 8);
	collect(fixture, OPERATOR_KIND);
	assert_float_equal(operator_sum(fixture->rows, fixture->count).energy_j, 200, 0.01);
	assert_float_equal(fixture->rows[0].energy_j, 100, 0.01);
}

static void what_ran_before_us_has_no_energy(void **state)
{
	struct fixture *fixture = *state;

	execute(fixture, "matmul", 16, -20, 2);
	run(fixture, 5);
	collect(fixture, OPERATOR_KIND);
	assert_int_equal(fixture->rows[0].calls, 1);
	assert_true(isnan(fixture->rows[0].energy_j));
	assert_true(isnan(operator_efficiency(&fixture->rows[0])));
}

static void what_no_meter_follows_is_left_open(void **state)
{
	struct fixture *fixture = *state;

	execute(fixture, "matmul", 16, 4.5, 2); /* the last reading is at 5 s */
	run(fixture, 5);
	collect(fixture, OPERATOR_KIND);
	assert_float_equal(fixture->rows[0].energy_time_s, 0.5, 1e-6);
	assert_float_equal(fixture->rows[0].energy_j, 50, 0.01);
}

static void the_books_do_not_know_of_operators(void **state)
{
	struct fixture *fixture = *state;
	struct derive_power total;

	execute(fixture, "matmul", 16, 1, 2);
	run(fixture, 5);
	total = derive_total_power(fixture->sessions.session, SPAN_RUN, NULL, 0);
	assert_float_equal(total.energy_j, 5 * WATTS, 1e-6);
}

static void points_have_operations_and_bytes(void **state)
{
	struct fixture *fixture = *state;
	struct operator_point points[4];

	execute(fixture, "matmul", 16, 1, 0.5);
	execute(fixture, "reorder", 16, 2, 1.5);
	run(fixture, 5);
	assert_int_equal(operator_points(fixture->sessions.session, points, 4), 1);
	assert_string_equal(points[0].name, "matmul f32");
	assert_float_equal(points[0].intensity, 2.0 * 16 * 8 * 4 / (4 * (16 * 8 + 8 * 4 + 16 * 4)),
			   1e-9);
	assert_float_equal(points[0].flop_per_s, 2 * 16 * 8 * 4 / 0.5, 1e-6);
	assert_float_equal(points[0].time_ratio, 0.25, 1e-9);
	assert_float_equal(points[0].power_w, WATTS, 0.1);
	assert_int_equal(operator_points(fixture->sessions.session, points, 0), 0);
}

static void without_operators_there_is_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct operator_point point;

	run(fixture, 2);
	collect(fixture, OPERATOR_KIND);
	assert_int_equal(fixture->count, 0);
	assert_int_equal(operator_points(fixture->sessions.session, &point, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(operators_are_put_together_by_their_keys, start,
						stop),
		cmocka_unit_test_setup_teardown(energy_is_what_the_total_drew_meanwhile, start,
						stop),
		cmocka_unit_test_setup_teardown(operators_at_the_same_time_share_it, start, stop),
		cmocka_unit_test_setup_teardown(what_ran_before_us_has_no_energy, start, stop),
		cmocka_unit_test_setup_teardown(what_no_meter_follows_is_left_open, start, stop),
		cmocka_unit_test_setup_teardown(the_books_do_not_know_of_operators, start, stop),
		cmocka_unit_test_setup_teardown(points_have_operations_and_bytes, start, stop),
		cmocka_unit_test_setup_teardown(without_operators_there_is_nothing, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
