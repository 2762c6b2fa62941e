/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a session and looking around in it. */
#include "model/session_private.h"

#include "base/memory.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *key_of_domain(const void *owner, uint32_t id)
{
	const struct session *session = owner;

	return session->by_number[id - 1]->key;
}

static const char *key_of_string(const void *owner, uint32_t id)
{
	const struct session *session = owner;

	return session->strings.items[id - 1];
}

struct session *session_create(int producers)
{
	struct session *session = memory_zeroed(1, sizeof(*session));

	session->keys.key_of = key_of_domain;
	session->keys.owner = session;
	session->strings.keys.key_of = key_of_string;
	session->strings.keys.owner = session;
	session->producers = producers;
	session->earliest_ns = INT64_MAX;
	session->bindings = memory_zeroed((size_t)producers, sizeof(*session->bindings));
	session->machine = domains_create(session, DOMAIN_MACHINE, "machine", NULL, "machine");
	return session;
}

void session_destroy(struct session *session)
{
	if (!session)
		return;
	for (size_t i = 0; i < session->all.count; i++)
		domains_free(session->all.items[i]);
	for (int i = 0; i < session->producers; i++) {
		free(session->bindings[i].domains);
		free(session->bindings[i].series);
	}
	for (int i = 0; i < DOMAIN_KIND_COUNT; i++)
		free(session->kinds[i].items);
	log_finish(session);
	keyset_finish(&session->keys);
	free(session->bindings);
	free(session->by_number);
	free(session->free_numbers);
	free(session->all.items);
	free(session->dead.items);
	free(session->changed);
	free(session->changed_labels);
	free(session);
}

void session_begin_window(struct session *session)
{
	session->window_ns = session->now_ns;
	for (size_t i = 0; i < session->all.count; i++) {
		for (struct series *series = session->all.items[i]->series; series;
		     series = series->next) {
			for (size_t k = 0; k < series->cell_count; k++) {
				series->cells[k].mark_value = series->cells[k].value;
				series->cells[k].mark_time_ns = series->cells[k].time_ns;
			}
		}
	}
}

void session_recorded(struct session *session)
{
	for (size_t i = 0; i < session->changed_count; i++)
		session->changed[i]->changed = false;
	for (size_t i = 0; i < session->changed_label_count; i++)
		session->changed_labels[i]->changed = false;
	for (size_t i = 0; i < session->source_count; i++)
		session->sources[i].changed = false;
	session->changed_count = 0;
	session->changed_label_count = 0;
	if (session->marks_seen - session->marks_recorded > SESSION_MARKS) {
		char text[96];

		text_print(text, sizeof(text),
			   "%" PRIu64 " marks came in one sample: the last %d of them are recorded",
			   session->marks_seen - session->marks_recorded, SESSION_MARKS);
		session_note(session, session->now_ns, NOTE_WARN, "", text);
	}
	session->marks_recorded = session->marks_seen;
}

struct domain *session_machine(const struct session *session)
{
	return session->machine;
}

struct domain *session_find(const struct session *session, const char *key)
{
	uint32_t id = keyset_find(&session->keys, key);

	return id == 0 ? NULL : session->by_number[id - 1];
}

bool session_has(const struct session *session, enum metric metric)
{
	return session->metrics & metric_bit(metric);
}

struct domain *const *session_domains(const struct session *session, size_t *count)
{
	*count = session->all.count;
	return session->all.items;
}

struct domain *const *session_kind(const struct session *session, enum domain_kind kind,
				   size_t *count)
{
	*count = session->kinds[kind].count;
	return session->kinds[kind].items;
}

const char *domain_label(const struct domain *domain, const char *name)
{
	for (const struct label *label = domain->labels; label; label = label->next) {
		if (strcmp(label->name, name) == 0)
			return label->value;
	}
	return NULL;
}

int64_t session_start_ns(const struct session *session)
{
	return session->start_ns;
}

int64_t session_now_ns(const struct session *session)
{
	return session->now_ns;
}

int64_t session_interval_ns(const struct session *session)
{
	return session->interval_ns;
}

uint32_t session_ticks(const struct session *session)
{
	return session->ticks;
}

uint32_t session_late_ticks(const struct session *session)
{
	return session->late_ticks;
}

int64_t session_window_ns(const struct session *session)
{
	return session->window_ns;
}

size_t session_bytes(const struct session *session)
{
	size_t bytes = sizeof(*session) + session->bytes;

	for (int i = 0; i < session->producers; i++)
		bytes += (session->bindings[i].domain_capacity +
			  session->bindings[i].series_capacity) *
			 sizeof(void *);
	bytes += session->keys.capacity * sizeof(struct keyset_slot);
	bytes += (session->number_capacity + session->all.capacity + session->changed_capacity) *
		 sizeof(void *);
	bytes += session->source_capacity * sizeof(struct source);
	if (session->notes)
		bytes += 2 * SESSION_NOTES * sizeof(struct note);
	if (session->marks)
		bytes += 2 * SESSION_MARKS * sizeof(struct mark);
	if (session->lines)
		bytes += sizeof(*session->lines) * (session->lines_seen < SESSION_LINES
							    ? (size_t)session->lines_seen
							    : SESSION_LINES);
	return bytes;
}
