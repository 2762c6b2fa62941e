/* SPDX-License-Identifier: Apache-2.0 */
/* The ids of a feed, its batch, and the verbs that carry text. */
#include "model/feed_private.h"

#include "base/memory.h"
#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOURCE_SIZE	   64
#define NOTE_SIZE	   256
#define LABEL_NAME_SIZE	   64
#define LABEL_VALUE_SIZE   512
#define META_VALUE_SIZE	   1024
#define OUTPUT_SIZE	   512
#define SGR_PARAMETERS_MAX 24

/* A workload that names a new unit with every mark must not grow us without end. */
#define WORK_UNITS_MAX 64

static const char *key_of_domain(const void *owner, uint32_t id)
{
	const struct feed *feed = owner;

	return feed->domains[id].key;
}

struct feed *feed_create(void)
{
	struct feed *feed = memory_zeroed(1, sizeof(*feed));

	feed->batch = memory_zeroed(1, sizeof(*feed->batch));
	feed->keys.key_of = key_of_domain;
	feed->keys.owner = feed;
	memory_reserve(&feed->domains, &feed->domain_capacity, 1, sizeof(*feed->domains));
	memory_reserve(&feed->series, &feed->series_capacity, 1, sizeof(*feed->series));
	memory_reserve(&feed->rules, &feed->rule_capacity, 1, sizeof(*feed->rules));
	feed->domain_count = feed->series_count = feed->rule_count = 1;
	return feed;
}

void feed_destroy(struct feed *feed)
{
	if (!feed)
		return;
	for (size_t i = 0; i < feed->series_count; i++) {
		free(feed->series[i].source);
		free(feed->series[i].metrics);
	}
	keyset_finish(&feed->keys);
	batch_finish(feed->batch);
	free(feed->batch);
	free(feed->domains);
	free(feed->series);
	free(feed->rules);
	free(feed->free_domains.ids);
	free(feed->free_series.ids);
	free(feed);
}

struct event *feed_add(struct feed *feed, enum event_type type, int detail, uint32_t id,
		       int64_t time_ns)
{
	struct batch *batch = feed->batch;

	memory_reserve(&batch->events, &batch->capacity, batch->count + 1, sizeof(*batch->events));
	if (time_ns > feed->now_ns)
		feed->now_ns = time_ns;

	struct event *event = &batch->events[batch->count++];

	*event = (struct event){
		.type = (uint8_t)type, .detail = (uint8_t)detail, .id = id, .time_ns = time_ns};
	return event;
}

/* Makes room for a text and returns where it goes. */
static char *reserve_text(struct batch *batch, size_t size)
{
	memory_reserve(&batch->text, &batch->text_capacity, batch->text_size + size, 1);
	return batch->text + batch->text_size;
}

uint32_t feed_put(struct feed *feed, const char *text, size_t size)
{
	struct batch *batch = feed->batch;
	uint32_t offset = (uint32_t)batch->text_size;
	size_t length = text ? strlen(text) : 0;

	batch->text_size +=
		text_clean(reserve_text(batch, size), size, text ? text : "", length) + 1;
	return offset;
}

struct feed_domain *feed_find_domain(struct feed *feed, uint32_t id)
{
	return id < feed->domain_count && feed->domains[id].used ? &feed->domains[id] : NULL;
}

struct feed_series *feed_find_series(struct feed *feed, uint32_t id)
{
	return id < feed->series_count && feed->series[id].domain != 0 ? &feed->series[id] : NULL;
}

static void give_id(struct feed_free *ids, uint32_t id)
{
	memory_reserve(&ids->ids, &ids->capacity, ids->count + 1, sizeof(*ids->ids));
	ids->ids[ids->count++] = id;
}

static uint32_t take_domain_id(struct feed *feed)
{
	if (feed->free_domains.count > 0)
		return feed->free_domains.ids[--feed->free_domains.count];
	memory_reserve(&feed->domains, &feed->domain_capacity, feed->domain_count + 1,
		       sizeof(*feed->domains));
	return (uint32_t)feed->domain_count++;
}

static uint32_t take_series_id(struct feed *feed)
{
	if (feed->free_series.count > 0)
		return feed->free_series.ids[--feed->free_series.count];
	memory_reserve(&feed->series, &feed->series_capacity, feed->series_count + 1,
		       sizeof(*feed->series));
	return (uint32_t)feed->series_count++;
}

uint32_t feed_domain(struct feed *feed, enum domain_kind kind, const char *key, uint32_t parent,
		     const char *name)
{
	char clean_key[DOMAIN_KEY_SIZE], clean_name[DOMAIN_NAME_SIZE];

	text_clean(clean_key, sizeof(clean_key), key, strlen(key));
	if (!name || !*name)
		name = key;
	text_clean(clean_name, sizeof(clean_name), name, strlen(name));

	uint32_t id = keyset_find(&feed->keys, clean_key);
	bool is_new = id == 0;

	if (is_new)
		id = take_domain_id(feed);

	struct feed_domain *domain = &feed->domains[id];

	if (!is_new && domain->parent == parent && strcmp(domain->name, clean_name) == 0)
		return id;
	domain->parent = parent;
	domain->used = true;
	memcpy(domain->name, clean_name, sizeof(clean_name));
	if (is_new) {
		domain->kind = (uint8_t)kind;
		domain->first_series = 0;
		memcpy(domain->key, clean_key, sizeof(clean_key));
		keyset_add(&feed->keys, id);
	}

	struct event *event = feed_add(feed, EVENT_DOMAIN, domain->kind, id, feed->now_ns);

	event->ref.parent = parent;
	event->ref.text = feed_put(feed, clean_key, sizeof(clean_key));
	feed_put(feed, clean_name, sizeof(clean_name));
	return id;
}

static void announce_series(struct feed *feed, uint32_t id)
{
	const struct feed_series *series = &feed->series[id];
	struct event *event = feed_add(feed, EVENT_SERIES, series->quality, id, feed->now_ns);

	event->ref.parent = series->domain;
	event->ref.text = feed_put(feed, series->source, SOURCE_SIZE);
}

uint32_t feed_series(struct feed *feed, uint32_t domain_id, const char *source,
		     enum quality quality)
{
	struct feed_domain *domain = feed_find_domain(feed, domain_id);
	char clean_source[SOURCE_SIZE];

	assert(domain);
	text_clean(clean_source, sizeof(clean_source), source, strlen(source));
	for (uint32_t id = domain->first_series; id != 0; id = feed->series[id].next) {
		if (strcmp(feed->series[id].source, clean_source) != 0)
			continue;
		if (feed->series[id].quality != (uint8_t)quality) {
			feed->series[id].quality = (uint8_t)quality;
			announce_series(feed, id);
		}
		return id;
	}

	uint32_t id = take_series_id(feed);

	feed->series[id] = (struct feed_series){
		.domain = domain_id,
		.next = domain->first_series,
		.source = memory_text(clean_source),
		.quality = (uint8_t)quality,
	};
	domain->first_series = id;
	announce_series(feed, id);
	return id;
}

void feed_retire(struct feed *feed, int64_t time_ns, uint32_t domain_id)
{
	struct feed_domain *domain = feed_find_domain(feed, domain_id);

	if (!domain)
		return;
	for (uint32_t id = domain->first_series; id != 0;) {
		struct feed_series *series = &feed->series[id];
		uint32_t next = series->next;

		free(series->source);
		free(series->metrics);
		*series = (struct feed_series){0};
		give_id(&feed->free_series, id);
		id = next;
	}
	keyset_remove(&feed->keys, domain->key);
	*domain = (struct feed_domain){0};
	give_id(&feed->free_domains, domain_id);
	feed_add(feed, EVENT_RETIRE, 0, domain_id, time_ns);
}

void feed_label(struct feed *feed, uint32_t domain, const char *label, const char *value)
{
	struct event *event = feed_add(feed, EVENT_LABEL, 0, domain, feed->now_ns);

	event->ref.text = feed_put(feed, label, LABEL_NAME_SIZE);
	feed_put(feed, value, LABEL_VALUE_SIZE);
}

void feed_source(struct feed *feed, const char *name, enum source_state state, const char *gives,
		 const char *reason, const char *remedy)
{
	struct event *event = feed_add(feed, EVENT_SOURCE, (int)state, 0, feed->now_ns);

	event->ref.text = feed_put(feed, name, 64);
	feed_put(feed, gives, 128);
	feed_put(feed, reason, 256);
	feed_put(feed, remedy, 512);
}

void feed_note(struct feed *feed, int64_t time_ns, enum note_level level, uint32_t domain,
	       const char *format, ...)
{
	struct event *event = feed_add(feed, EVENT_NOTE, (int)level, domain, time_ns);
	char text[4 * NOTE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	event->ref.text = feed_put(feed, text, NOTE_SIZE);
}

void feed_mark(struct feed *feed, int64_t time_ns, enum mark_verb verb, const char *name)
{
	feed_add(feed, EVENT_MARK, (int)verb, 0, time_ns)->ref.text = feed_put(feed, name, 64);
}

void feed_work(struct feed *feed, int64_t time_ns, const char *source, const char *unit,
	       int64_t count)
{
	char dirty[DOMAIN_KEY_SIZE], key[DOMAIN_KEY_SIZE];

	text_print(dirty, sizeof(dirty), "work/%s", unit);
	text_clean(key, sizeof(key), dirty, strlen(dirty));

	uint32_t domain = keyset_find(&feed->keys, key);

	if (domain == 0 && feed->work_units == WORK_UNITS_MAX) {
		feed_note(feed, time_ns, NOTE_WARN, 0,
			  "work in more than %d units: further units are left out", WORK_UNITS_MAX);
		return;
	}
	if (domain == 0) {
		feed->work_units++;
		domain = feed_domain(feed, DOMAIN_WORK, key, 0, unit);
	}
	feed_increase(feed, feed_series(feed, domain, source, QUALITY_GIVEN), METRIC_WORK, time_ns,
		      count);
}

/* The length of a colour sequence (ESC [ digits and semicolons m) at the start of text; 0 = there is none. */
static size_t sgr_length(const char *text, size_t length)
{
	if (length < 3 || text[0] != '\033' || text[1] != '[')
		return 0;
	for (size_t i = 2; i < length && i <= 2 + SGR_PARAMETERS_MAX; i++) {
		if (text[i] == 'm')
			return i + 1;
		if (text[i] != ';' && (text[i] < '0' || text[i] > '9'))
			return 0;
	}
	return 0;
}

/* The bytes before the next colour sequence. */
static size_t plain_length(const char *text, size_t length)
{
	size_t i = 0;

	while (i < length && (i == 0 || text[i] != '\033' || sgr_length(text + i, length - i) == 0))
		i++;
	return i;
}

static size_t clean_line(char *out, size_t size, const char *line, size_t length)
{
	size_t used = 0;

	while (length > 0) {
		size_t part = sgr_length(line, length);

		if (part > 0) {
			if (part >= size - used)
				break;
			memcpy(out + used, line, part);
			used += part;
		} else {
			part = plain_length(line, length);
			used += text_clean(out + used, size - used, line, part);
		}
		line += part;
		length -= part;
	}
	out[used] = '\0';
	return used;
}

void feed_output(struct feed *feed, int64_t time_ns, int stream, const char *line, size_t length)
{
	struct event *event = feed_add(feed, EVENT_OUTPUT, stream, 0, time_ns);
	struct batch *batch = feed->batch;

	event->ref.text = (uint32_t)batch->text_size;
	batch->text_size +=
		clean_line(reserve_text(batch, OUTPUT_SIZE), OUTPUT_SIZE, line, length) + 1;
}

static uint32_t microseconds(int64_t time_ns)
{
	int64_t time_us = (time_ns + 500) / 1000;

	return time_us < 0 ? 0 : time_us > UINT32_MAX ? UINT32_MAX : (uint32_t)time_us;
}

void feed_span(struct feed *feed, uint32_t series, int64_t begin_ns, int64_t end_ns,
	       int64_t busy_ns)
{
	struct event *event = feed_add(feed, EVENT_SPAN, 0, series, begin_ns);

	event->span.length_us = microseconds(end_ns - begin_ns);
	event->span.busy_us = microseconds(busy_ns);
}

void feed_tick(struct feed *feed, int64_t time_ns, uint32_t number, int64_t lateness_ns)
{
	feed_add(feed, EVENT_TICK, 0, number, time_ns)->value = lateness_ns;
}

void feed_meta(struct feed *feed, const char *key, const char *value)
{
	struct event *event = feed_add(feed, EVENT_META, 0, 0, feed->now_ns);

	event->ref.text = feed_put(feed, key, 64);
	feed_put(feed, value, META_VALUE_SIZE);
}

void feed_end(struct feed *feed, int64_t time_ns, int64_t status)
{
	feed_add(feed, EVENT_END, 0, 0, time_ns)->value = status;
}

struct batch *feed_batch(struct feed *feed)
{
	return feed->batch;
}

struct batch *feed_swap(struct feed *feed, struct batch *empty)
{
	struct batch *full = feed->batch;

	feed->batch = empty;
	return full;
}
