/* SPDX-License-Identifier: Apache-2.0 */
/* What is required of the queue between the producers and the main thread. */
#include "measure/mailbox.h"

#include "base/memory.h"
#include "model/feed.h"
#include "tests/support/cmocka_all.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct batch *new_batch(void)
{
	return memory_zeroed(1, sizeof(struct batch));
}

static void free_batch(struct batch *batch)
{
	batch_finish(batch);
	free(batch);
}

/* What the feed has gathered, as a batch of the caller. */
static struct batch *take(struct feed *feed)
{
	return feed_swap(feed, new_batch());
}

static bool is_readable(const struct mailbox *mailbox)
{
	struct pollfd wanted = {.fd = mailbox_fd(mailbox), .events = POLLIN};
	return poll(&wanted, 1, 0) == 1;
}

static size_t count_type(const struct batch *batch, enum event_type type)
{
	size_t count = 0;
	for (size_t i = 0; i < batch->count; i++)
		count += batch->events[i].type == type;
	return count;
}

/* The newest event of a type about an id; NULL = none. */
static const struct event *last_of(const struct batch *batch, enum event_type type, uint32_t id)
{
	const struct event *found = NULL;
	for (size_t i = 0; i < batch->count; i++) {
		if (batch->events[i].type == type && batch->events[i].id == id)
			found = &batch->events[i];
	}
	return found;
}

struct fixture {
	struct mailbox *mailbox;
	struct feed *feed;
	uint32_t domain, series;
};

static int set_up(void **state)
{
	static struct fixture fixture;
	fixture.mailbox = mailbox_create();
	fixture.feed = feed_create();
	fixture.domain = feed_domain(fixture.feed, DOMAIN_PACKAGE, "package-0", 0, "package-0");
	fixture.series = feed_series(fixture.feed, fixture.domain, "powercap:intel-rapl:0",
				     QUALITY_MEASURED);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	mailbox_destroy(fixture->mailbox);
	feed_destroy(fixture->feed);
	return 0;
}

static void batches_come_out_in_the_order_they_were_posted(void **state)
{
	struct fixture *fixture = *state;
	struct batch *spare = new_batch();
	for (uint32_t i = 1; i <= 3; i++) {
		feed_tick(fixture->feed, i, i, 0);
		spare = mailbox_post(fixture->mailbox, 4, feed_swap(fixture->feed, spare));
		assert_int_equal(spare->count, 0);
	}
	for (uint32_t i = 1; i <= 3; i++) {
		struct batch *batch = mailbox_take(fixture->mailbox);
		assert_non_null(batch);
		assert_int_equal(batch->producer, 4);
		assert_non_null(last_of(batch, EVENT_TICK, i));
		mailbox_return(fixture->mailbox, batch);
	}
	assert_null(mailbox_take(fixture->mailbox));
	free_batch(spare);
}

static void the_descriptor_is_readable_while_a_batch_waits(void **state)
{
	struct fixture *fixture = *state;
	struct batch *spare = new_batch();
	assert_false(is_readable(fixture->mailbox));
	for (uint32_t i = 1; i <= 2; i++) {
		feed_tick(fixture->feed, i, i, 0);
		spare = mailbox_post(fixture->mailbox, 0, feed_swap(fixture->feed, spare));
	}
	for (int i = 0; i < 2; i++) {
		assert_true(is_readable(fixture->mailbox));
		mailbox_return(fixture->mailbox, mailbox_take(fixture->mailbox));
	}
	assert_false(is_readable(fixture->mailbox));
	free_batch(spare);
}

static void an_empty_batch_is_not_posted(void **state)
{
	struct fixture *fixture = *state;
	struct batch *batch = new_batch();
	assert_ptr_equal(mailbox_post(fixture->mailbox, 0, batch), batch);
	assert_false(is_readable(fixture->mailbox));
	free_batch(batch);
}

static void a_producer_gets_its_own_spent_batch_back(void **state)
{
	struct fixture *fixture = *state;
	feed_tick(fixture->feed, 1, 1, 0);
	struct batch *first = feed_swap(fixture->feed, new_batch());
	struct batch *empty = mailbox_post(fixture->mailbox, 2, first);
	mailbox_return(fixture->mailbox, mailbox_take(fixture->mailbox));

	feed_tick(fixture->feed, 2, 2, 0);
	struct batch *others = mailbox_post(fixture->mailbox, 3, feed_swap(fixture->feed, empty));
	assert_ptr_not_equal(others, first);
	feed_tick(fixture->feed, 3, 3, 0);
	struct batch *own = mailbox_post(fixture->mailbox, 2, feed_swap(fixture->feed, others));
	assert_ptr_equal(own, first);
	assert_true(own->capacity > 0);
	free_batch(own);
}

static void a_merge_keeps_the_newest_total(void **state)
{
	struct fixture *fixture = *state;
	feed_increase(fixture->feed, fixture->series, METRIC_ENERGY_UJ, 10, 100);
	feed_gauge(fixture->feed, fixture->series, METRIC_POWER_LIMIT_UW, 10, 7);
	feed_tick(fixture->feed, 10, 1, 3);
	struct batch *older = take(fixture->feed);
	feed_increase(fixture->feed, fixture->series, METRIC_ENERGY_UJ, 20, 50);
	feed_tick(fixture->feed, 20, 2, 4);
	struct batch *newer = take(fixture->feed);

	mailbox_merge(older, newer);
	assert_int_equal(older->merged, 1);
	assert_int_equal(count_type(older, EVENT_VALUE), 2);
	assert_int_equal(count_type(older, EVENT_TICK), 1);
	assert_int_equal(last_of(older, EVENT_TICK, 2)->value, 4);
	const struct event *event = &older->events[older->count - 2];
	assert_int_equal(event->detail, METRIC_ENERGY_UJ);
	assert_int_equal(event->value, 150);
	assert_int_equal(event->time_ns, 20);
	/* Announced before it is used. */
	assert_int_equal(older->events[0].type, EVENT_DOMAIN);
	assert_int_equal(older->events[1].type, EVENT_SERIES);
	assert_string_equal(batch_text(older, &older->events[1], 0), "powercap:intel-rapl:0");
	free_batch(older);
	free_batch(newer);
}

static void a_gap_does_not_take_the_last_total_with_it(void **state)
{
	struct fixture *fixture = *state;
	feed_increase(fixture->feed, fixture->series, METRIC_ENERGY_UJ, 10, 100);
	struct batch *older = take(fixture->feed);
	feed_gap(fixture->feed, fixture->series, METRIC_ENERGY_UJ, 20, EIO, "reading failed");
	struct batch *newer = take(fixture->feed);

	mailbox_merge(older, newer);
	assert_int_equal(last_of(older, EVENT_VALUE, fixture->series)->value, 100);
	const struct event *gap = last_of(older, EVENT_GAP, fixture->series);
	assert_int_equal(gap->code, EIO);
	assert_string_equal(batch_text(older, gap, 0), "reading failed");
	free_batch(newer);

	feed_increase(fixture->feed, fixture->series, METRIC_ENERGY_UJ, 30, 1);
	newer = take(fixture->feed);
	mailbox_merge(older, newer);
	assert_null(last_of(older, EVENT_GAP, fixture->series));
	assert_int_equal(count_type(older, EVENT_VALUE), 1);
	assert_int_equal(last_of(older, EVENT_VALUE, fixture->series)->value, 101);
	assert_int_equal(older->merged, 2);
	free_batch(older);
	free_batch(newer);
}

static void the_last_total_of_the_dead_is_kept(void **state)
{
	struct fixture *fixture = *state;
	free_batch(take(fixture->feed));
	feed_increase(fixture->feed, fixture->series, METRIC_ENERGY_UJ, 10, 100);
	feed_retire(fixture->feed, 11, fixture->domain);
	struct batch *older = take(fixture->feed);
	uint32_t domain = feed_domain(fixture->feed, DOMAIN_PACKAGE, "package-1", 0, "package-1");
	uint32_t series =
		feed_series(fixture->feed, domain, "powercap:intel-rapl:1", QUALITY_MEASURED);
	assert_int_equal(series,
			 fixture->series); /* the number is used again: that is the danger */
	feed_increase(fixture->feed, series, METRIC_ENERGY_UJ, 20, 5);
	struct batch *newer = take(fixture->feed);

	mailbox_merge(older, newer);
	static const uint8_t expected[] = {EVENT_VALUE, EVENT_RETIRE, EVENT_DOMAIN, EVENT_SERIES,
					   EVENT_VALUE};
	assert_int_equal(older->count, ARRAY_SIZE(expected));
	for (size_t i = 0; i < older->count; i++)
		assert_int_equal(older->events[i].type, expected[i]);
	assert_int_equal(older->events[0].value, 100);
	assert_int_equal(older->events[4].value, 5);
	free_batch(older);
	free_batch(newer);
}

static void marks_notes_and_labels_are_kept_and_output_goes_first(void **state)
{
	struct fixture *fixture = *state;
	struct feed *feed = fixture->feed;
	feed_mark(feed, 1, MARK_BEGIN, "epoch 1");
	feed_note(feed, 2, NOTE_WARN, fixture->domain, "first %d", 1);
	feed_output(feed, 3, 1, "old line", 8);
	feed_label(feed, fixture->domain, "user", "ada");
	feed_source(feed, "powercap", SOURCE_PARTIAL, "gives", "reason", "remedy");
	struct batch *older = take(feed);
	feed_mark(feed, 4, MARK_END, "epoch 1");
	feed_output(feed, 5, 1, "new line", 8);
	feed_meta(feed, "key", "value");
	struct batch *newer = take(feed);

	mailbox_merge(older, newer);
	assert_int_equal(count_type(older, EVENT_MARK), 2);
	assert_int_equal(count_type(older, EVENT_OUTPUT), 1);
	assert_string_equal(batch_text(older, last_of(older, EVENT_OUTPUT, 0), 0), "new line");
	assert_string_equal(batch_text(older, last_of(older, EVENT_NOTE, fixture->domain), 0),
			    "first 1");
	assert_string_equal(batch_text(older, last_of(older, EVENT_LABEL, fixture->domain), 1),
			    "ada");
	assert_string_equal(batch_text(older, last_of(older, EVENT_SOURCE, 0), 3), "remedy");
	assert_string_equal(batch_text(older, last_of(older, EVENT_META, 0), 1), "value");
	free_batch(older);
	free_batch(newer);
}

static void another_run_through_the_file_voids_the_last_one(void **state)
{
	struct fixture *fixture = *state;
	feed_increase(fixture->feed, fixture->series, METRIC_ENERGY_UJ, 10, 100);
	struct batch *older = take(fixture->feed);
	feed_increase(fixture->feed, fixture->series, METRIC_ENERGY_UJ, 5, 1);
	struct batch *newer = take(fixture->feed);
	newer->epoch = 1;
	mailbox_merge(older, newer);
	assert_int_equal(older->epoch, 1);
	assert_int_equal(older->count, 1);
	free_batch(older);
	free_batch(newer);
}

static void a_full_mailbox_merges_and_stays_bounded(void **state)
{
	struct fixture *fixture = *state;
	enum { SERIES = 2000, TICKS = 1000 };
	uint32_t series[SERIES];
	for (int i = 0; i < SERIES; i++) {
		char key[32];
		snprintf(key, sizeof(key), "cpu%d", i);
		uint32_t domain = feed_domain(fixture->feed, DOMAIN_CPU, key, 0, key);
		series[i] = feed_series(fixture->feed, domain, "cpu", QUALITY_MEASURED);
	}
	struct batch *spare = new_batch();
	for (uint32_t tick = 1; tick <= TICKS; tick++) {
		for (int i = 0; i < SERIES; i++)
			feed_increase(fixture->feed, series[i], METRIC_BUSY_NS, tick, i + 1);
		feed_tick(fixture->feed, tick, tick, 0);
		spare = mailbox_post(fixture->mailbox, 0, feed_swap(fixture->feed, spare));
	}

	int64_t totals[SERIES] = {0};
	size_t bytes = 0, ticks = 0, births = 0;
	for (struct batch *batch; (batch = mailbox_take(fixture->mailbox));) {
		bytes += batch_bytes(batch);
		ticks += count_type(batch, EVENT_TICK) + batch->merged;
		births += count_type(batch, EVENT_DOMAIN);
		for (size_t i = 0; i < batch->count; i++) {
			if (batch->events[i].type == EVENT_VALUE)
				totals[batch->events[i].id - series[0]] = batch->events[i].value;
		}
		mailbox_return(fixture->mailbox, batch);
	}
	assert_true(bytes <= MAILBOX_BYTES_MAX);
	assert_int_equal(ticks, TICKS);
	assert_int_equal(births, SERIES + 1);
	for (int i = 0; i < SERIES; i++)
		assert_int_equal(totals[i], (int64_t)TICKS * (i + 1));
	free_batch(spare);
}

struct producer {
	struct mailbox *mailbox;
	int number;
};

enum { STRESS_TICKS = 5000, STRESS_PRODUCERS = 3 };

static void *produce(void *argument)
{
	const struct producer *producer = argument;
	struct feed *feed = feed_create();
	struct batch *spare = new_batch();
	uint32_t domain = feed_domain(feed, DOMAIN_CPU, "cpu0", 0, "cpu0");
	uint32_t series = feed_series(feed, domain, "cpu", QUALITY_MEASURED);
	for (uint32_t tick = 1; tick <= STRESS_TICKS; tick++) {
		feed_increase(feed, series, METRIC_BUSY_NS, tick, 3);
		feed_tick(feed, tick, tick, 0);
		spare = mailbox_post(producer->mailbox, producer->number, feed_swap(feed, spare));
	}
	free_batch(spare);
	feed_destroy(feed);
	return NULL;
}

static void many_producers_and_one_consumer_lose_nothing(void **state)
{
	struct fixture *fixture = *state;
	pthread_t threads[STRESS_PRODUCERS];
	struct producer producers[STRESS_PRODUCERS];
	for (int i = 0; i < STRESS_PRODUCERS; i++) {
		producers[i] = (struct producer){fixture->mailbox, i};
		assert_int_equal(pthread_create(&threads[i], NULL, produce, &producers[i]), 0);
	}
	uint32_t ticks[STRESS_PRODUCERS] = {0}, newest[STRESS_PRODUCERS] = {0}, all = 0;
	while (all < STRESS_PRODUCERS * STRESS_TICKS) {
		struct pollfd wanted = {.fd = mailbox_fd(fixture->mailbox), .events = POLLIN};
		assert_int_equal(poll(&wanted, 1, 20000), 1);
		struct batch *batch = mailbox_take(fixture->mailbox);
		if (!batch)
			continue;
		uint32_t tick = batch->events[batch->count - 1].id;
		assert_true(tick > newest[batch->producer]);
		newest[batch->producer] = tick;
		ticks[batch->producer] += 1 + batch->merged;
		all += 1 + batch->merged;
		mailbox_return(fixture->mailbox, batch);
	}
	for (int i = 0; i < STRESS_PRODUCERS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(ticks[i], STRESS_TICKS);
		assert_int_equal(newest[i], STRESS_TICKS);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(batches_come_out_in_the_order_they_were_posted),
		TEST(the_descriptor_is_readable_while_a_batch_waits),
		TEST(an_empty_batch_is_not_posted),
		TEST(a_producer_gets_its_own_spent_batch_back),
		TEST(a_merge_keeps_the_newest_total),
		TEST(a_gap_does_not_take_the_last_total_with_it),
		TEST(the_last_total_of_the_dead_is_kept),
		TEST(marks_notes_and_labels_are_kept_and_output_goes_first),
		TEST(another_run_through_the_file_voids_the_last_one),
		TEST(a_full_mailbox_merges_and_stays_bounded),
		TEST(many_producers_and_one_consumer_lose_nothing),
	};
	return cmocka_run_group_tests_name("mailbox", tests, NULL, NULL);
}
