/* SPDX-License-Identifier: Apache-2.0 */
/* The bounded queue of batches between the producers and the main thread. */
#include "measure/mailbox.h"

#include "base/memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Spent batches kept for each producer: one being filled, the others waiting for the main thread.
 * */
#define SPARE_PER_PRODUCER 4

struct mailbox {
	pthread_mutex_t lock;
	int fd;
	struct batch *first, *last; /* waiting */
	struct batch *spare;
	size_t bytes; /* of those that wait */
};

struct mailbox *mailbox_create(void)
{
	struct mailbox *mailbox = memory_zeroed(1, sizeof(*mailbox));
	pthread_mutex_init(&mailbox->lock, NULL);
	mailbox->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return mailbox;
}

static void list_destroy(struct batch *batch)
{
	while (batch) {
		struct batch *next = batch->next;
		batch_finish(batch);
		free(batch);
		batch = next;
	}
}

void mailbox_destroy(struct mailbox *mailbox)
{
	if (!mailbox)
		return;
	list_destroy(mailbox->first);
	list_destroy(mailbox->spare);
	if (mailbox->fd >= 0)
		close(mailbox->fd);
	pthread_mutex_destroy(&mailbox->lock);
	free(mailbox);
}

int mailbox_fd(const struct mailbox *mailbox)
{
	return mailbox->fd;
}

static void append(struct mailbox *mailbox, struct batch *batch)
{
	batch->next = NULL;
	if (mailbox->last)
		mailbox->last->next = batch;
	else
		mailbox->first = batch;
	mailbox->last = batch;
	mailbox->bytes += batch_bytes(batch);
	eventfd_write(mailbox->fd, 1);
}

static void unlink_batch(struct mailbox *mailbox, struct batch *previous, struct batch *batch)
{
	if (previous)
		previous->next = batch->next;
	else
		mailbox->first = batch->next;
	if (mailbox->last == batch)
		mailbox->last = previous;
	mailbox->bytes -= batch_bytes(batch);
	batch->next = NULL;
}

/* Takes the last waiting batch of a producer out of the queue; NULL = none waits. */
static struct batch *take_last_of(struct mailbox *mailbox, int producer)
{
	struct batch *found = NULL, *before_found = NULL, *previous = NULL;
	for (struct batch *batch = mailbox->first; batch; previous = batch, batch = batch->next) {
		if (batch->producer != producer)
			continue;
		found = batch;
		before_found = previous;
	}
	if (found)
		unlink_batch(mailbox, before_found, found);
	return found;
}

/* A producer gets its own batches back: they have the size that it needs. */
static struct batch *take_spare(struct mailbox *mailbox, int producer)
{
	for (struct batch **link = &mailbox->spare; *link; link = &(*link)->next) {
		struct batch *batch = *link;
		if (batch->producer != producer)
			continue;
		*link = batch->next;
		batch->next = NULL;
		return batch;
	}
	return NULL;
}

/* Merging copies the whole batch: not under the lock that the main thread waits for. Out of the
 * queue it is ours, and only this producer's thread could ask for it. */
static struct batch *fold(struct mailbox *mailbox, struct batch *older, struct batch *batch)
{
	pthread_mutex_unlock(&mailbox->lock);
	mailbox_merge(older, batch);
	batch_clear(batch);
	pthread_mutex_lock(&mailbox->lock);
	append(mailbox, older);
	return batch;
}

struct batch *mailbox_post(struct mailbox *mailbox, int producer, struct batch *batch)
{
	batch->producer = producer;
	if (batch->count == 0)
		return batch;

	pthread_mutex_lock(&mailbox->lock);
	struct batch *older = NULL, *empty;
	if (mailbox->bytes + batch_bytes(batch) > MAILBOX_BYTES_MAX)
		older = take_last_of(mailbox, producer);
	if (older) {
		empty = fold(mailbox, older, batch);
	} else {
		append(mailbox, batch);
		empty = take_spare(mailbox, producer);
	}
	pthread_mutex_unlock(&mailbox->lock);

	return empty ? empty : memory_zeroed(1, sizeof(*empty));
}

struct batch *mailbox_take(struct mailbox *mailbox)
{
	pthread_mutex_lock(&mailbox->lock);
	struct batch *batch = mailbox->first;
	if (batch)
		unlink_batch(mailbox, NULL, batch);
	if (!mailbox->first) {
		eventfd_t count;
		eventfd_read(mailbox->fd, &count);
	}
	pthread_mutex_unlock(&mailbox->lock);
	return batch;
}

void mailbox_return(struct mailbox *mailbox, struct batch *batch)
{
	int producer = batch->producer;
	batch_clear(batch);
	batch->producer = producer;

	pthread_mutex_lock(&mailbox->lock);
	size_t spares = 0;
	for (const struct batch *spare = mailbox->spare; spare; spare = spare->next)
		spares += spare->producer == producer;
	bool keep = spares < SPARE_PER_PRODUCER;
	if (keep) {
		batch->next = mailbox->spare;
		mailbox->spare = batch;
	}
	pthread_mutex_unlock(&mailbox->lock);
	if (!keep) {
		batch_finish(batch);
		free(batch);
	}
}

/* What newer events have already said about a metric of a series, found while walking from the
 * newest to the oldest. */
struct said {
	uint32_t series; /* 0 = free place */
	uint8_t metric;
	bool value, gap;
};

struct said_table {
	struct said *places;
	size_t mask;
};

static struct said *said_find(const struct said_table *table, uint32_t series, uint32_t metric)
{
	size_t place = (series * UINT32_C(2654435761) + metric) & table->mask;
	for (;; place = (place + 1) & table->mask) {
		struct said *said = &table->places[place];
		if (said->series == 0 || (said->series == series && said->metric == metric))
			return said;
	}
}

static void said_forget(const struct said_table *table, uint32_t series)
{
	for (uint32_t metric = 0; metric < METRIC_COUNT; metric++) {
		struct said *said = said_find(table, series, metric);
		said->value = said->gap = false;
	}
}

/* Decides about one event, newest first: is it still needed, now that these newer ones are known?
 * */
static bool is_needed(const struct said_table *table, const struct event *event, bool is_older,
		      bool *ticked)
{
	struct said *said;
	bool needed;

	switch ((enum event_type)event->type) {
	case EVENT_VALUE:
		said = said_find(table, event->id, event->detail);
		needed = !said->value;
		*said = (struct said){event->id, event->detail, true, said->gap};
		return needed;
	case EVENT_GAP:
		/* A gap ends with the next value, but does not replace a total: that one is the
		 * last that is known. */
		said = said_find(table, event->id, event->detail);
		needed = !said->value && !said->gap;
		*said = (struct said){event->id, event->detail, said->value, true};
		return needed;
	case EVENT_SERIES:
		/* What stands before it was said of an earlier series with this number. */
		said_forget(table, event->id);
		return true;
	case EVENT_TICK:
		needed = !*ticked;
		*ticked = true;
		return needed;
	case EVENT_SPAN:
	case EVENT_OUTPUT: return !is_older;
	case EVENT_DOMAIN:
	case EVENT_LABEL:
	case EVENT_SOURCE:
	case EVENT_NOTE:
	case EVENT_MARK:
	case EVENT_RETIRE:
	case EVENT_META:
	case EVENT_END: return true;
	}
	return true;
}

static int text_count(const struct event *event)
{
	switch ((enum event_type)event->type) {
	case EVENT_DOMAIN:
	case EVENT_LABEL:
	case EVENT_META: return 2;
	case EVENT_SOURCE: return 4;
	case EVENT_SERIES:
	case EVENT_GAP:
	case EVENT_NOTE:
	case EVENT_MARK:
	case EVENT_OUTPUT: return 1;
	case EVENT_VALUE:
	case EVENT_RETIRE:
	case EVENT_TICK:
	case EVENT_SPAN:
	case EVENT_END: return 0;
	}
	return 0;
}

static void copy_event(struct batch *to, const struct batch *from, const struct event *event)
{
	memory_reserve(&to->events, &to->capacity, to->count + 1, sizeof(*to->events));
	struct event *copy = &to->events[to->count++];
	*copy = *event;
	int texts = text_count(event);
	if (texts > 0)
		copy->ref.text = (uint32_t)to->text_size;
	for (int i = 0; i < texts; i++) {
		const char *text = batch_text(from, event, i);
		size_t size = strlen(text) + 1;
		memory_reserve(&to->text, &to->text_capacity, to->text_size + size, 1);
		memcpy(to->text + to->text_size, text, size);
		to->text_size += size;
	}
}

static void copy_needed(struct batch *to, const struct batch *from, const bool *needed)
{
	for (size_t i = 0; i < from->count; i++) {
		if (needed[i])
			copy_event(to, from, &from->events[i]);
	}
}

void mailbox_merge(struct batch *older, const struct batch *newer)
{
	/* Another run through the file: what the last one said is void. */
	bool obsolete = older->epoch != newer->epoch;
	size_t older_count = obsolete ? 0 : older->count;
	size_t count = older_count + newer->count;
	size_t places = 64;
	while (places < 2 * count + 2 * METRIC_COUNT)
		places *= 2;
	struct said_table table = {memory_zeroed(places, sizeof(*table.places)), places - 1};
	bool *needed = memory_zeroed(count, sizeof(*needed));

	bool ticked = false;
	for (size_t i = count; i-- > 0;) {
		bool is_older = i < older_count;
		const struct event *event =
			is_older ? &older->events[i] : &newer->events[i - older_count];
		needed[i] = is_needed(&table, event, is_older, &ticked);
	}

	struct batch merged = {
		.producer = older->producer,
		.epoch = newer->epoch,
		.merged = obsolete ? newer->merged : older->merged + newer->merged + 1,
		.next = older->next,
	};
	if (!obsolete)
		copy_needed(&merged, older, needed);
	copy_needed(&merged, newer, needed + older_count);
	batch_finish(older);
	*older = merged;
	free(needed);
	free(table.places);
}
