/* SPDX-License-Identifier: Apache-2.0 */
/* A feed with one package and one series, and what it has told. */
#include "tests/support/fed.h"

#include "tests/support/cmocka_all.h"

#include <stdlib.h>

int fed_set_up(void **state)
{
	struct fed *fed = calloc(1, sizeof(*fed));

	fed->feed = feed_create();
	fed->domain = feed_domain(fed->feed, DOMAIN_PACKAGE, "package-0", 0, "package-0");
	fed->series =
		feed_series(fed->feed, fed->domain, "powercap:intel-rapl:0", QUALITY_MEASURED);
	batch_clear(feed_batch(fed->feed));
	*state = fed;
	return 0;
}

int fed_tear_down(void **state)
{
	struct fed *fed = *state;

	feed_destroy(fed->feed);
	free(fed);
	return 0;
}

const struct event *fed_event(const struct fed *fed, size_t index)
{
	const struct batch *batch = feed_batch(fed->feed);

	assert_true(index < batch->count);
	return &batch->events[index];
}

size_t fed_count(const struct fed *fed)
{
	return feed_batch(fed->feed)->count;
}

const char *fed_text(const struct fed *fed, size_t index, int text)
{
	return batch_text(feed_batch(fed->feed), fed_event(fed, index), text);
}

void fed_expect_value(const struct fed *fed, size_t index, int64_t time_ns, int64_t value)
{
	const struct event *event = fed_event(fed, index);

	assert_int_equal(event->type, EVENT_VALUE);
	assert_true(event->time_ns == time_ns);
	assert_true(event->value == value);
}
