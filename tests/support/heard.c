/* SPDX-License-Identifier: Apache-2.0 */
/* What a feed has been told, read back from its batch. */
#include "tests/support/heard.h"

#include <string.h>

/* The last event of a type whose text of this index is `text` (NULL = any); with an id unless that is 0. */
static const struct event *last(struct feed *feed, enum event_type type, uint32_t id, int index,
				const char *text)
{
	const struct batch *batch = feed_batch(feed);

	for (size_t i = batch->count; i-- > 0;) {
		const struct event *event = &batch->events[i];

		if (event->type == type && (id == 0 || event->id == id) &&
		    (!text || strcmp(batch_text(batch, event, index), text) == 0))
			return event;
	}
	return NULL;
}

static const char *text_of(struct feed *feed, const struct event *event, int index)
{
	return event ? batch_text(feed_batch(feed), event, index) : NULL;
}

uint32_t heard_domain(struct feed *feed, const char *key)
{
	const struct event *event = last(feed, EVENT_DOMAIN, 0, 0, key);

	return event ? event->id : 0;
}

const char *heard_name(struct feed *feed, const char *key)
{
	return text_of(feed, last(feed, EVENT_DOMAIN, 0, 0, key), 1);
}

uint32_t heard_series(struct feed *feed, const char *key, const char *source)
{
	const struct batch *batch = feed_batch(feed);
	uint32_t domain = heard_domain(feed, key);

	for (size_t i = batch->count; domain != 0 && i-- > 0;) {
		const struct event *event = &batch->events[i];

		if (event->type == EVENT_SERIES && event->ref.parent == domain &&
		    strcmp(batch_text(batch, event, 0), source) == 0)
			return event->id;
	}
	return 0;
}

/* The last word about a metric: a value or a gap. */
static const struct event *last_word(struct feed *feed, uint32_t series, enum metric metric)
{
	const struct batch *batch = feed_batch(feed);

	for (size_t i = batch->count; i-- > 0;) {
		const struct event *event = &batch->events[i];

		if ((event->type == EVENT_VALUE || event->type == EVENT_GAP) &&
		    event->id == series && event->detail == (uint8_t)metric)
			return event;
	}
	return NULL;
}

bool heard_value(struct feed *feed, uint32_t series, enum metric metric, int64_t *value)
{
	const struct event *event = last_word(feed, series, metric);

	if (!event || event->type != EVENT_VALUE)
		return false;
	*value = event->value;
	return true;
}

int heard_gap(struct feed *feed, uint32_t series, enum metric metric, const char **reason)
{
	const struct event *event = last_word(feed, series, metric);

	if (!event || event->type != EVENT_GAP)
		return 0;
	if (reason)
		*reason = text_of(feed, event, 0);
	return event->code;
}

const char *heard_label(struct feed *feed, const char *key, const char *label)
{
	uint32_t domain = heard_domain(feed, key);

	return domain ? text_of(feed, last(feed, EVENT_LABEL, domain, 0, label), 1) : NULL;
}

const char *heard_meta(struct feed *feed, const char *key)
{
	return text_of(feed, last(feed, EVENT_META, 0, 0, key), 1);
}

enum source_state heard_source(struct feed *feed, const char *name, const char **reason,
			       const char **remedy)
{
	const struct event *event = last(feed, EVENT_SOURCE, 0, 0, name);

	if (!event)
		return SOURCE_STATE_COUNT;
	if (reason)
		*reason = text_of(feed, event, 2);
	if (remedy)
		*remedy = text_of(feed, event, 3);
	return (enum source_state)event->detail;
}

size_t heard_count(struct feed *feed, enum event_type type)
{
	const struct batch *batch = feed_batch(feed);
	size_t count = 0;

	for (size_t i = 0; i < batch->count; i++)
		count += batch->events[i].type == type;
	return count;
}

size_t heard_notes(struct feed *feed, const char *part)
{
	const struct batch *batch = feed_batch(feed);
	size_t count = 0;

	for (size_t i = 0; i < batch->count; i++)
		count += batch->events[i].type == EVENT_NOTE &&
			 strstr(batch_text(batch, &batch->events[i], 0), part);
	return count;
}

void heard_clear(struct feed *feed)
{
	batch_clear(feed_batch(feed));
}
