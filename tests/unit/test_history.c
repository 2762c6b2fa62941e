/* SPDX-License-Identifier: Apache-2.0 */
/* The past of one series. */
#include "base/clock.h"
#include "model/history.h"
#include "tests/support/cmocka_all.h"

#include <math.h>

#define SECOND CLOCK_NS_PER_S

static void takes_at_most_20_kb(void **state)
{
	(void)state;
	assert_true(HISTORY_BYTES <= 20 * 1000);
}

static void nothing_known_is_nan_everywhere(void **state)
{
	struct history *history = history_create();
	struct history_bucket out[4] = {0};

	(void)state;
	history_read(history, 100 * SECOND, SECOND, out, 4);
	for (int i = 0; i < 4; i++)
		assert_true(isnan(out[i].min) && isnan(out[i].mean) && isnan(out[i].max));
	history_destroy(history);
	history_destroy(NULL);
}

static void ticks_are_given_back_one_by_one(void **state)
{
	struct history *history = history_create();
	struct history_bucket out[5];

	(void)state;
	for (int i = 1; i <= 5; i++)
		history_add(history, i * SECOND, i);
	history_read(history, 5 * SECOND, SECOND, out, 5);
	for (int i = 0; i < 5; i++)
		assert_true(out[i].mean == (float)(i + 1));
	history_destroy(history);
}

static void wider_buckets_have_min_mean_and_max(void **state)
{
	struct history *history = history_create();
	struct history_bucket out[2];

	(void)state;
	for (int i = 1; i <= 6; i++)
		history_add(history, i * SECOND, i);
	history_read(history, 6 * SECOND, 3 * SECOND, out, 2);
	assert_true(out[0].min == 1 && out[0].mean == 2 && out[0].max == 3);
	assert_true(out[1].min == 4 && out[1].mean == 5 && out[1].max == 6);
	history_destroy(history);
}

static void a_gap_is_not_a_zero(void **state)
{
	struct history *history = history_create();
	struct history_bucket out[3];

	(void)state;
	history_add(history, 1 * SECOND, 10);
	history_add(history, 2 * SECOND, NAN);
	history_add(history, 3 * SECOND, 30);
	history_read(history, 3 * SECOND, SECOND, out, 3);
	assert_true(out[0].mean == 10);
	assert_true(isnan(out[1].mean));
	assert_true(out[2].mean == 30);
	history_read(history, 3 * SECOND, 3 * SECOND, out, 1);
	assert_true(out[0].min == 10 && out[0].mean == 20 && out[0].max == 30);
	history_destroy(history);
}

/* 10 Hz for 50 minutes: the value is the number of the second. */
static struct history *long_history(void)
{
	struct history *history = history_create();

	for (int64_t i = 1; i <= 30000; i++)
		history_add(history, i * SECOND / 10 - 1, (double)((i - 1) / 10));
	return history;
}

static void a_gap_within_a_kept_bucket_leaves_its_values(void **state)
{
	struct history *history = history_create();
	struct history_bucket out[650];

	(void)state;
	history_add(history, 1 * SECOND, 10);
	history_add(history, 1 * SECOND + 1, NAN);
	history_add(history, 1 * SECOND + 2, 30);
	for (int i = 2; i <= 650; i++)
		history_add(history, i * SECOND, NAN);
	history_read(history, 650 * SECOND, 10 * SECOND, out, 65);
	assert_true(out[0].min == 10 && out[0].mean == 20 && out[0].max == 30);
	assert_true(isnan(out[1].mean));
	history_destroy(history);
}

static void ticks_reach_back_600_ticks(void **state)
{
	struct history *history = long_history();
	struct history_bucket out[600];

	(void)state;
	history_read(history, 3000 * SECOND, SECOND / 10, out, 599);
	for (int i = 0; i < 599; i++)
		assert_true(out[i].mean == (float)((30000 - 599 + i) / 10));
	history_destroy(history);
}

static void seconds_reach_back_600_seconds(void **state)
{
	struct history *history = long_history();
	struct history_bucket out[598];

	(void)state;
	history_read(history, 3000 * SECOND, SECOND, out, 598);
	for (int i = 0; i < 598; i++)
		assert_true(out[i].mean == (float)(3000 - 598 + i));
	history_destroy(history);
}

static void tens_reach_back_an_hour(void **state)
{
	struct history *history = long_history();
	struct history_bucket out[300];

	(void)state;
	history_read(history, 3000 * SECOND, 10 * SECOND, out, 300);
	for (int i = 0; i < 300; i++) {
		assert_true(out[i].min == (float)(10 * i));
		assert_true(out[i].max == (float)(10 * i + 9));
		assert_true(fabsf(out[i].mean - ((float)(10 * i) + 4.5f)) < 0.01f);
	}
	history_destroy(history);
}

static void buckets_narrower_than_kept_show_what_is_known_of_their_time(void **state)
{
	struct history *history = long_history();
	struct history_bucket out[1200];

	(void)state;
	history_read(history, 3000 * SECOND, SECOND / 2, out, 1190);
	for (int i = 0; i < 1190; i++)
		assert_true(out[i].mean == (float)(3000 - 595 + i / 2));
	history_destroy(history);
}

static void a_silent_time_is_unknown_in_every_tier(void **state)
{
	struct history *history = history_create();
	struct history_bucket out[360];

	(void)state;
	for (int64_t i = 0; i < 700; i++)
		history_add(history, i * SECOND, 1);
	for (int64_t i = 1400; i < 2100; i++)
		history_add(history, i * SECOND, 2);
	history_read(history, 2100 * SECOND, 10 * SECOND, out, 210);
	assert_true(out[69].mean == 1);
	for (int i = 71; i < 140; i++)
		assert_true(isnan(out[i].mean));
	assert_true(out[141].mean == 2);
	history_destroy(history);
}

static void a_leap_over_the_whole_ring_forgets_it(void **state)
{
	struct history *history = history_create();
	struct history_bucket out[360];

	(void)state;
	for (int64_t i = 0; i < 700; i++)
		history_add(history, i * SECOND, 1);
	for (int64_t i = 100000; i < 100700; i++)
		history_add(history, i * SECOND, 2);
	history_read(history, 100700 * SECOND, 10 * SECOND, out, 360);
	for (int i = 0; i < 360; i++)
		assert_true(isnan(out[i].mean) || out[i].mean == 2);
	assert_true(isnan(out[0].mean));
	assert_true(out[359].mean == 2);
	history_destroy(history);
}

static void impossible_times_do_no_harm(void **state)
{
	struct history *history = history_create();
	struct history_bucket out[2];

	(void)state;
	history_add(history, -5, 1);
	history_add(history, 50 * SECOND, 2);
	history_add(history, 3 * SECOND, 3);
	history_read(history, 50 * SECOND, 0, out, 2);
	assert_true(isnan(out[0].mean));
	history_read(history, 50 * SECOND, SECOND, out, 2);
	assert_true(out[1].mean == 2);
	history_destroy(history);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_at_most_20_kb),
		cmocka_unit_test(nothing_known_is_nan_everywhere),
		cmocka_unit_test(ticks_are_given_back_one_by_one),
		cmocka_unit_test(wider_buckets_have_min_mean_and_max),
		cmocka_unit_test(a_gap_is_not_a_zero),
		cmocka_unit_test(a_gap_within_a_kept_bucket_leaves_its_values),
		cmocka_unit_test(ticks_reach_back_600_ticks),
		cmocka_unit_test(seconds_reach_back_600_seconds),
		cmocka_unit_test(tens_reach_back_an_hour),
		cmocka_unit_test(buckets_narrower_than_kept_show_what_is_known_of_their_time),
		cmocka_unit_test(a_silent_time_is_unknown_in_every_tier),
		cmocka_unit_test(a_leap_over_the_whole_ring_forgets_it),
		cmocka_unit_test(impossible_times_do_no_harm),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
