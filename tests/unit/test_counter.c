/* SPDX-License-Identifier: Apache-2.0 */
/* Raw counters made totals. */
#include "base/clock.h"
#include "model/counter.h"
#include "tests/support/cmocka_all.h"

#include <stdlib.h>

#define SECOND CLOCK_NS_PER_S

static const struct counter_rule plain = {0};
static const struct counter_rule from_zero = {.from_zero = true};
static const struct counter_rule rapl = {.range = 1000, .max_per_second = 400};

static uint64_t random_below(uint64_t limit)
{
	uint64_t value = (uint64_t)random() << 31 | (uint64_t)random();

	return value % limit;
}

static void first_reading_is_the_anchor(void **state)
{
	struct counter counter = {0};

	(void)state;
	assert_int_equal(counter_advance(&counter, &plain, 500, SECOND), COUNTER_ANCHORED);
	assert_int_equal(counter.total, 0);
	assert_int_equal(counter_advance(&counter, &plain, 530, 2 * SECOND), COUNTER_MOVED);
	assert_int_equal(counter.total, 30);
	assert_int_equal(counter.time_ns, 2 * SECOND);
}

static void what_was_born_under_watch_counts_from_zero(void **state)
{
	struct counter counter = {0};

	(void)state;
	assert_int_equal(counter_advance(&counter, &from_zero, 500, SECOND), COUNTER_ANCHORED);
	assert_int_equal(counter.total, 500);
}

static void same_reading_twice_adds_nothing(void **state)
{
	struct counter counter = {0};

	(void)state;
	counter_advance(&counter, &plain, 7, SECOND);
	assert_int_equal(counter_advance(&counter, &plain, 7, 2 * SECOND), COUNTER_STILL);
	assert_int_equal(counter.total, 0);
	assert_int_equal(counter.time_ns, SECOND);
}

static void wraps_at_its_range(void **state)
{
	struct counter counter = {0};

	(void)state;
	counter_advance(&counter, &rapl, 950, SECOND);
	assert_int_equal(counter_advance(&counter, &rapl, 20, 2 * SECOND), COUNTER_WRAPPED);
	assert_int_equal(counter.total, 70);
	assert_int_equal(counter.raw, 20);
}

static void an_implausible_wrap_is_a_fall_and_adds_nothing(void **state)
{
	struct counter counter = {0};

	(void)state;
	counter_advance(&counter, &rapl, 100, SECOND);
	counter_advance(&counter, &rapl, 300, 2 * SECOND);
	/* 1000 - 300 + 50 = 750 in one second, and 400 are possible. */
	assert_int_equal(counter_advance(&counter, &rapl, 50, 3 * SECOND), COUNTER_FELL);
	assert_int_equal(counter.total, 200);
	assert_int_equal(counter_advance(&counter, &rapl, 60, 4 * SECOND), COUNTER_MOVED);
	assert_int_equal(counter.total, 210);
}

static void plausibility_counts_from_the_last_move(void **state)
{
	struct counter counter = {0};

	(void)state;
	counter_advance(&counter, &rapl, 300, SECOND);
	counter_advance(&counter, &rapl, 300, 2 * SECOND);
	assert_int_equal(counter_advance(&counter, &rapl, 50, 3 * SECOND), COUNTER_WRAPPED);
	assert_int_equal(counter.total, 750);
}

static void without_a_known_rate_the_shorter_way_round_is_believed(void **state)
{
	struct counter_rule rule = {.range = 1000};
	struct counter counter = {0};

	(void)state;
	counter_advance(&counter, &rule, 900, SECOND);
	assert_int_equal(counter_advance(&counter, &rule, 100, 2 * SECOND), COUNTER_WRAPPED);
	assert_int_equal(counter_advance(&counter, &rule, 0, 3 * SECOND), COUNTER_FELL);
	assert_int_equal(counter.total, 200);
}

static void without_a_range_every_fall_is_a_fall(void **state)
{
	struct counter counter = {0};

	(void)state;
	counter_advance(&counter, &plain, UINT64_MAX, SECOND);
	assert_int_equal(counter_advance(&counter, &plain, 0, 2 * SECOND), COUNTER_FELL);
	assert_int_equal(counter.total, 0);
}

static void a_reading_beyond_the_range_never_wraps(void **state)
{
	struct counter counter = {0};

	(void)state;
	counter_advance(&counter, &rapl, 1500, SECOND);
	assert_int_equal(counter_advance(&counter, &rapl, 10, 100 * SECOND), COUNTER_FELL);
	assert_int_equal(counter.total, 0);
}

static void a_total_never_overflows(void **state)
{
	struct counter counter = {0};

	(void)state;
	assert_int_equal(counter_advance(&counter, &from_zero, UINT64_MAX, SECOND), COUNTER_FELL);
	assert_int_equal(counter.total, 0);
	counter = (struct counter){0};
	counter_advance(&counter, &from_zero, INT64_MAX, SECOND);
	assert_int_equal(counter.total, INT64_MAX);
	assert_int_equal(counter_advance(&counter, &from_zero, (uint64_t)INT64_MAX + 1, 2 * SECOND),
			 COUNTER_FELL);
	assert_int_equal(counter.total, INT64_MAX);
}

static void steps_sum_to_the_true_total_across_wraps(void **state)
{
	(void)state;
	srandom(1);
	for (int walk = 0; walk < 200; walk++) {
		struct counter_rule rule = {.range = 2 + random_below(UINT64_C(1) << 40)};
		struct counter counter = {0};
		uint64_t truth = random_below(rule.range), start = truth;
		int64_t time_ns = SECOND;

		rule.max_per_second = (double)(rule.range - 1);
		counter_advance(&counter, &rule, truth % rule.range, time_ns);
		for (int i = 0; i < 200; i++) {
			enum counter_step step;
			int64_t before = counter.total;

			truth += random_below(rule.range);
			time_ns += SECOND;
			step = counter_advance(&counter, &rule, truth % rule.range, time_ns);
			assert_int_not_equal(step, COUNTER_FELL);
			assert_true(counter.total >= before);
		}
		assert_true(counter.total == (int64_t)(truth - start));
	}
}

static void wraps_unseen_when_it_can_turn_within_an_interval(void **state)
{
	struct counter_rule no_range = {.max_per_second = 1e12}, no_rate = {.range = 10};

	(void)state;
	assert_false(counter_wraps_unseen(&rapl, 2 * SECOND));
	assert_true(counter_wraps_unseen(&rapl, 2 * SECOND + SECOND / 2));
	assert_true(counter_wraps_unseen(&rapl, 3600 * SECOND));
	assert_false(counter_wraps_unseen(&no_range, 3600 * SECOND));
	assert_false(counter_wraps_unseen(&no_rate, 3600 * SECOND));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_reading_is_the_anchor),
		cmocka_unit_test(what_was_born_under_watch_counts_from_zero),
		cmocka_unit_test(same_reading_twice_adds_nothing),
		cmocka_unit_test(wraps_at_its_range),
		cmocka_unit_test(an_implausible_wrap_is_a_fall_and_adds_nothing),
		cmocka_unit_test(plausibility_counts_from_the_last_move),
		cmocka_unit_test(without_a_known_rate_the_shorter_way_round_is_believed),
		cmocka_unit_test(without_a_range_every_fall_is_a_fall),
		cmocka_unit_test(a_reading_beyond_the_range_never_wraps),
		cmocka_unit_test(a_total_never_overflows),
		cmocka_unit_test(steps_sum_to_the_true_total_across_wraps),
		cmocka_unit_test(wraps_unseen_when_it_can_turn_within_an_interval),
	};

	return cmocka_run_group_tests_name("counter", tests, NULL, NULL);
}
