/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of model/onednn_tally: lines are summed up by operator, within bounds, and told once. */
#include "model/onednn_tally.h"

#include "base/clock.h"
#include "base/text.h"
#include "model/operator.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/heard.h"

#include <stdio.h>
#include <string.h>

#define NOW_NS	 (100 * CLOCK_NS_PER_S)
#define EPOCH_NS (INT64_C(1795188000) * CLOCK_NS_PER_S)

struct desk {
	struct onednn_tally *tally;
	struct feed *feed;
};

static const struct onednn_arrival now = {NOW_NS, 0, EPOCH_NS};

static int set_up(void **state)
{
	static struct desk desk;

	desk = (struct desk){onednn_tally_create(), feed_create()};
	*state = &desk;
	return 0;
}

static int tear_down(void **state)
{
	struct desk *desk = *state;

	onednn_tally_destroy(desk->tally);
	feed_destroy(desk->feed);
	return 0;
}

static void take(struct desk *desk, const char *text)
{
	onednn_tally_take(desk->tally, text, strlen(text), &now);
}

static void publish(struct desk *desk)
{
	onednn_tally_publish(desk->tally, desk->feed, NOW_NS, "a test", true);
}

/* The key of the only operator. */
static const char *only_key(struct desk *desk)
{
	const struct batch *batch = feed_batch(desk->feed);

	for (size_t i = 0; i < batch->count; i++) {
		if (batch->events[i].type == EVENT_DOMAIN)
			return batch_text(batch, &batch->events[i], 0);
	}
	return "";
}

static int64_t value_of(struct desk *desk, const char *key, const char *source, enum metric metric)
{
	int64_t value = -1;

	heard_value(desk->feed, heard_series(desk->feed, key, source), metric, &value);
	return value;
}

#define MATMUL                                                                                       \
	"cpu,matmul,brg,undef,src_f32::blocked:ab:f0 wei_f32::blocked:ab:f0 dst_f32::blocked:ab:f0," \
	",,4x8:8x2"

static void executions_and_creations_are_counted_apart(void **state)
{
	struct desk *desk = *state;
	const char *key;

	take(desk, "onednn_verbose,create:cache_miss," MATMUL ",0.5");
	take(desk, "onednn_verbose,create:cache_hit," MATMUL ",0.25");
	take(desk, "onednn_verbose,exec," MATMUL ",1.5");
	take(desk, "onednn_verbose,exec," MATMUL ",2.5");
	take(desk, "a line of the program");
	publish(desk);
	key = only_key(desk);
	assert_int_equal(heard_count(desk->feed, EVENT_DOMAIN), 1);
	assert_int_equal(value_of(desk, key, OPERATOR_SOURCE, METRIC_CALLS), 2);
	assert_int_equal(value_of(desk, key, OPERATOR_SOURCE, METRIC_BUSY_NS), 4000000);
	assert_int_equal(value_of(desk, key, OPERATOR_SOURCE, METRIC_FLOP_FP32), 2 * 2 * 4 * 8 * 2);
	assert_int_equal(value_of(desk, key, OPERATOR_SOURCE, METRIC_READ_BYTES),
			 2 * 4 * (32 + 16 + 8));
	assert_int_equal(value_of(desk, key, OPERATOR_CREATE_MISS, METRIC_BUSY_NS), 500000);
	assert_int_equal(value_of(desk, key, OPERATOR_CREATE_HIT, METRIC_CALLS), 1);
	assert_string_equal(heard_label(desk->feed, key, OPERATOR_DESCRIPTOR), MATMUL);
	assert_int_equal(onednn_tally_lines(desk->tally, ONEDNN_NONE), 1);
}

static void what_was_told_is_not_told_again(void **state)
{
	struct desk *desk = *state;

	take(desk, "onednn_verbose,exec," MATMUL ",1.5");
	publish(desk);
	heard_clear(desk->feed);
	onednn_tally_publish(desk->tally, desk->feed, NOW_NS + 1, "a test", false);
	assert_int_equal(feed_batch(desk->feed)->count, 0);
}

static void spans_lie_where_the_stamps_say(void **state)
{
	struct desk *desk = *state;
	const struct batch *batch = feed_batch(desk->feed);
	size_t spans = 0;

	take(desk, "onednn_verbose,1795188090000.000000,exec," MATMUL ",10");
	take(desk, "onednn_verbose,1795188090010.000000,exec," MATMUL ",10");
	take(desk, "onednn_verbose,1795188095000.000000,exec," MATMUL ",2000");
	publish(desk);
	for (size_t i = 0; i < batch->count; i++) {
		const struct event *event = &batch->events[i];

		if (event->type != EVENT_SPAN)
			continue;
		spans++;
		assert_int_equal(event->time_ns, (spans == 1 ? 90 : 95) * CLOCK_NS_PER_S);
		assert_int_equal(event->span.length_us, spans == 1 ? 20000 : 2000000);
		assert_int_equal(event->span.busy_us, spans == 1 ? 20000 : 2000000);
	}
	assert_int_equal(spans, 2);
}

static void lines_of_another_time_have_no_span(void **state)
{
	struct desk *desk = *state;
	struct onednn_arrival watched = now;
	static const char *const lines[] = {
		"onednn_verbose,1795188050000.0,exec," MATMUL ",10",  /* before we began */
		"onednn_verbose,1895188090000.0,exec," MATMUL ",10",  /* years ahead */
		"onednn_verbose,1795188099500.0,exec," MATMUL ",1e9", /* not over yet */
		"onednn_verbose,1795188099500.0,exec," MATMUL ",0",
	};

	watched.since_ns = 60 * CLOCK_NS_PER_S;
	for (size_t i = 0; i < 4; i++)
		onednn_tally_take(desk->tally, lines[i], strlen(lines[i]), &watched);
	publish(desk);
	assert_int_equal(heard_count(desk->feed, EVENT_SPAN), 0);
	assert_int_equal(value_of(desk, only_key(desk), OPERATOR_SOURCE, METRIC_CALLS), 4);
}

static void lines_without_a_stamp_ran_one_after_the_other(void **state)
{
	struct desk *desk = *state;
	const struct batch *batch = feed_batch(desk->feed);

	take(desk, "onednn_verbose,exec," MATMUL ",10");
	take(desk, "onednn_verbose,exec," MATMUL ",20");
	publish(desk);
	for (size_t i = 0; i < batch->count; i++) {
		if (batch->events[i].type != EVENT_SPAN)
			continue;
		assert_int_equal(batch->events[i].time_ns, NOW_NS - 30 * CLOCK_NS_PER_MS);
		assert_int_equal(batch->events[i].span.busy_us, 30000);
	}
}

static void operators_beyond_the_bound_are_summed_up_by_kind_and_said(void **state)
{
	struct desk *desk = *state;
	char text[512];

	for (int i = 1; i <= ONEDNN_OPERATORS_MAX + 100; i++) {
		snprintf(text, sizeof(text),
			 "onednn_verbose,exec,cpu,%s,a,undef,src_f32::blocked:ab:f0 "
			 "wei_f32::blocked:ab:f0 dst_f32::blocked:ab:f0,,,%dx1:1x1,1",
			 i % 2 ? "matmul" : "reorder", i);
		take(desk, text);
	}
	publish(desk);
	assert_int_equal(heard_count(desk->feed, EVENT_DOMAIN), ONEDNN_OPERATORS_MAX + 2);
	assert_int_equal(value_of(desk, "operator/matmul/others", OPERATOR_SOURCE, METRIC_CALLS),
			 50);
	assert_int_equal(value_of(desk, "operator/reorder/others", OPERATOR_SOURCE, METRIC_CALLS),
			 50);
	/* 2 * (1025 + 1027 + ... + 1123) */
	assert_int_equal(
		value_of(desk, "operator/matmul/others", OPERATOR_SOURCE, METRIC_FLOP_FP32),
		2 * 50 * 1074);
	assert_int_equal(heard_notes(desk->feed, "summed up by kind"), 1);
}

static void a_flood_of_kinds_ends_in_one_sum(void **state)
{
	struct desk *desk = *state;
	char text[256];

	for (int i = 0; i < ONEDNN_OPERATORS_MAX + 500; i++) {
		snprintf(text, sizeof(text), "onednn_verbose,exec,cpu,k%d,a,undef,m,,,1x1,1", i);
		take(desk, text);
	}
	publish(desk);
	assert_true(heard_count(desk->feed, EVENT_DOMAIN) <= ONEDNN_OPERATORS_MAX + 64);
	assert_true(value_of(desk, "operator/others/others", OPERATOR_SOURCE, METRIC_CALLS) > 400);
}

static void lines_that_make_no_sense_are_counted_and_shown(void **state)
{
	struct desk *desk = *state;
	const char *reason = "";

	take(desk, "onednn_verbose,info,oneDNN v2.6.3 (commit N/A)");
	take(desk, "onednn_verbose,info,cpu,runtime:OpenMP,nthr:2");
	take(desk, "onednn_verbose,exec," MATMUL ",1.5");
	take(desk, "onednn_verbose,exec,cpu,mat");
	take(desk, "onednn_verbose,exec,cpu,mat\033mul,a,undef,b,,,1x1,1");
	publish(desk);
	assert_int_equal(onednn_tally_lines(desk->tally, ONEDNN_UNKNOWN), 2);
	assert_int_equal(heard_source(desk->feed, "onednn", &reason, NULL), SOURCE_PARTIAL);
	assert_non_null(strstr(reason, "2 not understood"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(executions_and_creations_are_counted_apart, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_was_told_is_not_told_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(spans_lie_where_the_stamps_say, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lines_of_another_time_have_no_span, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(lines_without_a_stamp_ran_one_after_the_other,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			operators_beyond_the_bound_are_summed_up_by_kind_and_said, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(a_flood_of_kinds_ends_in_one_sum, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(lines_that_make_no_sense_are_counted_and_shown,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
