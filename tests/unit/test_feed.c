/* SPDX-License-Identifier: Apache-2.0 */
/* What a feed tells the session. */
#include "base/clock.h"
#include "model/feed.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/fed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND CLOCK_NS_PER_S

static void same_key_gives_the_same_id_and_is_announced_once(void **state)
{
	struct fed *fed = *state;
	uint32_t id = feed_domain(fed->feed, DOMAIN_PACKAGE, "package-0", 0, "package-0");

	assert_int_equal(id, fed->domain);
	assert_int_equal(feed_series(fed->feed, id, "powercap:intel-rapl:0", QUALITY_MEASURED),
			 fed->series);
	assert_int_equal(fed_count(fed), 0);
}

static void a_changed_name_is_announced_again(void **state)
{
	struct fed *fed = *state;

	feed_domain(fed->feed, DOMAIN_PACKAGE, "package-0", 0, "left socket");
	assert_int_equal(fed_count(fed), 1);
	assert_int_equal(fed_event(fed, 0)->type, EVENT_DOMAIN);
	assert_int_equal(fed_event(fed, 0)->id, fed->domain);
	assert_string_equal(fed_text(fed, 0, 0), "package-0");
	assert_string_equal(fed_text(fed, 0, 1), "left socket");
}

static void a_domain_without_a_name_is_named_by_its_key(void **state)
{
	struct fed *fed = *state;

	feed_domain(fed->feed, DOMAIN_CPU, "cpu3", 0, "");
	assert_string_equal(fed_text(fed, 0, 1), "cpu3");
}

static void a_series_names_its_domain_source_and_quality(void **state)
{
	struct fed *fed = *state;
	uint32_t id = feed_series(fed->feed, fed->domain, "hwmon", QUALITY_SAMPLED);

	assert_int_not_equal(id, fed->series);
	assert_int_equal(fed_event(fed, 0)->type, EVENT_SERIES);
	assert_int_equal(fed_event(fed, 0)->id, id);
	assert_int_equal(fed_event(fed, 0)->detail, QUALITY_SAMPLED);
	assert_int_equal(fed_event(fed, 0)->ref.parent, fed->domain);
	assert_string_equal(fed_text(fed, 0, 0), "hwmon");
}

static void a_counter_is_told_as_a_total_from_its_anchor(void **state)
{
	struct fed *fed = *state;

	feed_counter(fed->feed, fed->series, METRIC_ENERGY_UJ, SECOND, 5000);
	feed_counter(fed->feed, fed->series, METRIC_ENERGY_UJ, 2 * SECOND, 5300);
	assert_int_equal(fed_count(fed), 2);
	fed_expect_value(fed, 0, SECOND, 0);
	fed_expect_value(fed, 1, 2 * SECOND, 300);
}

static void a_rule_from_zero_tells_the_reading_itself(void **state)
{
	struct fed *fed = *state;

	feed_rule(fed->feed, fed->series, METRIC_ENERGY_UJ,
		  &(struct counter_rule){.from_zero = true});
	feed_counter(fed->feed, fed->series, METRIC_ENERGY_UJ, SECOND, 5000);
	fed_expect_value(fed, 0, SECOND, 5000);
}

static void rules_belong_to_one_metric_of_one_series(void **state)
{
	struct fed *fed = *state;
	uint32_t other = feed_series(fed->feed, fed->domain, "other", QUALITY_MEASURED);

	batch_clear(feed_batch(fed->feed));
	feed_rule(fed->feed, other, METRIC_ENERGY_UJ, &(struct counter_rule){.from_zero = true});
	feed_rule(fed->feed, fed->series, METRIC_ENERGY_UJ,
		  &(struct counter_rule){.range = 1000, .max_per_second = 900});
	feed_counter(fed->feed, fed->series, METRIC_ENERGY_UJ, SECOND, 990);
	feed_counter(fed->feed, fed->series, METRIC_ENERGY_UJ, 2 * SECOND, 10);
	feed_counter(fed->feed, other, METRIC_ENERGY_UJ, SECOND, 7);
	fed_expect_value(fed, 0, SECOND, 0);
	fed_expect_value(fed, 1, 2 * SECOND, 20);
	fed_expect_value(fed, 2, SECOND, 7);
}

static void an_energy_counter_that_stands_is_no_news(void **state)
{
	struct fed *fed = *state;

	feed_counter(fed->feed, fed->series, METRIC_ENERGY_UJ, 1 * SECOND, 100);
	feed_counter(fed->feed, fed->series, METRIC_ENERGY_UJ, 2 * SECOND, 100);
	feed_counter(fed->feed, fed->series, METRIC_ENERGY_UJ, 3 * SECOND, 160);
	assert_int_equal(fed_count(fed), 2);
	fed_expect_value(fed, 1, 3 * SECOND, 60);
}

static void a_thread_that_wakes_is_told_from_when_it_still_slept(void **state)
{
	struct fed *fed = *state;

	feed_counter(fed->feed, fed->series, METRIC_BUSY_NS, 1 * SECOND, 100);
	for (int i = 2; i <= 60; i++)
		feed_counter(fed->feed, fed->series, METRIC_BUSY_NS, i * SECOND, 100);
	feed_counter(fed->feed, fed->series, METRIC_BUSY_NS, 61 * SECOND, 160);
	assert_int_equal(fed_count(fed), 3);
	fed_expect_value(fed, 1, 60 * SECOND, 0);
	fed_expect_value(fed, 2, 61 * SECOND, 60);
}

static void a_fall_is_a_gap_and_one_note_and_the_total_goes_on(void **state)
{
	struct fed *fed = *state;

	feed_counter(fed->feed, fed->series, METRIC_ENERGY_UJ, 1 * SECOND, 1000);
	feed_counter(fed->feed, fed->series, METRIC_ENERGY_UJ, 2 * SECOND, 1500);
	feed_counter(fed->feed, fed->series, METRIC_ENERGY_UJ, 3 * SECOND, 20);
	assert_int_equal(fed_count(fed), 4);
	assert_int_equal(fed_event(fed, 2)->type, EVENT_GAP);
	assert_int_equal(fed_event(fed, 2)->code, ERANGE);
	assert_int_equal(fed_event(fed, 3)->type, EVENT_NOTE);
	assert_int_equal(fed_event(fed, 3)->id, fed->domain);
	assert_non_null(strstr(fed_text(fed, 3, 0), "powercap:intel-rapl:0"));
	feed_counter(fed->feed, fed->series, METRIC_ENERGY_UJ, 4 * SECOND, 30);
	fed_expect_value(fed, 4, 4 * SECOND, 510);
}

static void the_same_gap_is_told_once_until_a_value_comes(void **state)
{
	struct fed *fed = *state;

	for (int i = 0; i < 10; i++)
		feed_gap(fed->feed, fed->series, METRIC_ENERGY_UJ, SECOND, EACCES,
			 "readable by root only");
	assert_int_equal(fed_count(fed), 1);
	assert_int_equal(fed_event(fed, 0)->code, EACCES);
	assert_string_equal(fed_text(fed, 0, 0), "readable by root only");
	feed_gap(fed->feed, fed->series, METRIC_ENERGY_UJ, SECOND, EIO, "");
	assert_int_equal(fed_count(fed), 2);
	feed_counter(fed->feed, fed->series, METRIC_ENERGY_UJ, SECOND, 1);
	feed_gap(fed->feed, fed->series, METRIC_ENERGY_UJ, SECOND, EIO, "");
	assert_int_equal(fed_count(fed), 4);
}

static void a_still_counter_after_a_gap_says_that_the_gap_is_over(void **state)
{
	struct fed *fed = *state;

	feed_counter(fed->feed, fed->series, METRIC_ENERGY_UJ, 1 * SECOND, 50);
	feed_gap(fed->feed, fed->series, METRIC_ENERGY_UJ, 2 * SECOND, EIO, "");
	feed_counter(fed->feed, fed->series, METRIC_ENERGY_UJ, 3 * SECOND, 50);
	assert_int_equal(fed_count(fed), 3);
	fed_expect_value(fed, 2, 3 * SECOND, 0);
}

static void gauges_are_told_as_they_are(void **state)
{
	struct fed *fed = *state;

	feed_gauge(fed->feed, fed->series, METRIC_TEMPERATURE_MC, SECOND, -2500);
	feed_gauge(fed->feed, fed->series, METRIC_TEMPERATURE_MC, 2 * SECOND, -2500);
	assert_int_equal(fed_count(fed), 2);
	fed_expect_value(fed, 1, 2 * SECOND, -2500);
	assert_int_equal(fed_event(fed, 1)->detail, METRIC_TEMPERATURE_MC);
}

static void increases_add_up_with_counted_totals(void **state)
{
	struct fed *fed = *state;

	feed_increase(fed->feed, fed->series, METRIC_CYCLES, 1 * SECOND, 0);
	feed_increase(fed->feed, fed->series, METRIC_CYCLES, 2 * SECOND, 70);
	feed_counter(fed->feed, fed->series, METRIC_CYCLES, 3 * SECOND, 1000);
	feed_counter(fed->feed, fed->series, METRIC_CYCLES, 4 * SECOND, 1005);
	fed_expect_value(fed, 0, 1 * SECOND, 0);
	fed_expect_value(fed, 1, 2 * SECOND, 70);
	fed_expect_value(fed, 2, 3 * SECOND, 70);
	fed_expect_value(fed, 3, 4 * SECOND, 75);
}

static void a_negative_or_endless_increase_is_a_gap(void **state)
{
	struct fed *fed = *state;

	feed_increase(fed->feed, fed->series, METRIC_CYCLES, SECOND, -1);
	assert_int_equal(fed_event(fed, 0)->type, EVENT_GAP);
	feed_increase(fed->feed, fed->series, METRIC_CYCLES, SECOND, INT64_MAX);
	feed_increase(fed->feed, fed->series, METRIC_CYCLES, SECOND, 1);
	assert_int_equal(fed_event(fed, fed_count(fed) - 2)->code, ERANGE);
}

static void ids_of_the_dead_are_used_again(void **state)
{
	struct fed *fed = *state;
	uint32_t last_domain = 0, last_series = 0;

	for (int i = 0; i < 10000; i++) {
		char key[DOMAIN_KEY_SIZE];

		domain_key_thread(key, 1, i, (uint64_t)i);
		last_domain = feed_domain(fed->feed, DOMAIN_THREAD, key, 0, "t");
		last_series = feed_series(fed->feed, last_domain, "counters", QUALITY_MEASURED);
		feed_counter(fed->feed, last_series, METRIC_BUSY_NS, SECOND, 5);
		feed_retire(fed->feed, SECOND, last_domain);
		batch_clear(feed_batch(fed->feed));
	}
	assert_true(last_domain <= 3);
	assert_true(last_series <= 3);
}

static void a_reused_id_remembers_nothing_of_the_dead(void **state)
{
	struct fed *fed = *state;
	uint32_t series;

	feed_counter(fed->feed, fed->series, METRIC_ENERGY_UJ, SECOND, 100);
	feed_retire(fed->feed, SECOND, fed->domain);
	fed->domain = feed_domain(fed->feed, DOMAIN_PACKAGE, "package-0", 0, "package-0");
	series = feed_series(fed->feed, fed->domain, "powercap:intel-rapl:0", QUALITY_MEASURED);
	batch_clear(feed_batch(fed->feed));
	feed_counter(fed->feed, series, METRIC_ENERGY_UJ, 2 * SECOND, 900);
	fed_expect_value(fed, 0, 2 * SECOND, 0);
}

static void readings_of_the_dead_are_not_told(void **state)
{
	struct fed *fed = *state;

	feed_retire(fed->feed, SECOND, fed->domain);
	batch_clear(feed_batch(fed->feed));
	feed_counter(fed->feed, fed->series, METRIC_ENERGY_UJ, SECOND, 100);
	feed_gauge(fed->feed, 0, METRIC_TEMPERATURE_MC, SECOND, 1);
	feed_gauge(fed->feed, 999, METRIC_TEMPERATURE_MC, SECOND, 1);
	feed_retire(fed->feed, SECOND, fed->domain);
	assert_int_equal(fed_count(fed), 0);
}

static void sixteen_thousand_threads_are_found_by_key(void **state)
{
	struct fed *fed = *state;
	static uint32_t ids[16384];
	char key[DOMAIN_KEY_SIZE];

	for (int i = 0; i < 16384; i++) {
		domain_key_thread(key, 1, i, 7);
		ids[i] = feed_domain(fed->feed, DOMAIN_THREAD, key, 0, "t");
	}
	for (int i = 0; i < 16384; i++) {
		domain_key_thread(key, 1, i, 7);
		assert_int_equal(feed_domain(fed->feed, DOMAIN_THREAD, key, 0, "t"), ids[i]);
	}
	assert_int_equal(fed_count(fed), 16384);
}

static void a_domain_is_born_at_the_newest_time_told(void **state)
{
	struct fed *fed = *state;

	feed_tick(fed->feed, 3 * SECOND, 1, 0);
	feed_domain(fed->feed, DOMAIN_THREAD, "1/2@3", 0, "t");
	assert_int_equal(fed_event(fed, 1)->time_ns, 3 * SECOND);
}

static void swap_gives_the_full_batch_for_an_empty_one(void **state)
{
	struct fed *fed = *state;
	struct batch *empty = calloc(1, sizeof(*empty)), *full;

	feed_tick(fed->feed, SECOND, 1, 0);
	full = feed_swap(fed->feed, empty);
	assert_int_equal(full->count, 1);
	assert_ptr_equal(feed_batch(fed->feed), empty);
	assert_int_equal(fed_count(fed), 0);
	batch_finish(full);
	free(full);
}

#define WITH_FEED(test) cmocka_unit_test_setup_teardown(test, fed_set_up, fed_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FEED(same_key_gives_the_same_id_and_is_announced_once),
		WITH_FEED(a_changed_name_is_announced_again),
		WITH_FEED(a_domain_without_a_name_is_named_by_its_key),
		WITH_FEED(a_series_names_its_domain_source_and_quality),
		WITH_FEED(a_counter_is_told_as_a_total_from_its_anchor),
		WITH_FEED(a_rule_from_zero_tells_the_reading_itself),
		WITH_FEED(rules_belong_to_one_metric_of_one_series),
		WITH_FEED(an_energy_counter_that_stands_is_no_news),
		WITH_FEED(a_thread_that_wakes_is_told_from_when_it_still_slept),
		WITH_FEED(a_fall_is_a_gap_and_one_note_and_the_total_goes_on),
		WITH_FEED(the_same_gap_is_told_once_until_a_value_comes),
		WITH_FEED(a_still_counter_after_a_gap_says_that_the_gap_is_over),
		WITH_FEED(gauges_are_told_as_they_are),
		WITH_FEED(increases_add_up_with_counted_totals),
		WITH_FEED(a_negative_or_endless_increase_is_a_gap),
		WITH_FEED(ids_of_the_dead_are_used_again),
		WITH_FEED(a_reused_id_remembers_nothing_of_the_dead),
		WITH_FEED(readings_of_the_dead_are_not_told),
		WITH_FEED(sixteen_thousand_threads_are_found_by_key),
		WITH_FEED(a_domain_is_born_at_the_newest_time_told),
		WITH_FEED(swap_gives_the_full_batch_for_an_empty_one),
	};

	return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
