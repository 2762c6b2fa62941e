/* SPDX-License-Identifier: Apache-2.0 */
/* What a session keeps besides readings: sources, notes, marks, output lines, meta data and shared strings. */
#include "model/session_private.h"

#include "base/memory.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *strings_keep(struct session *session, const char *text, size_t limit)
{
	struct strings *strings = &session->strings;
	uint32_t id = keyset_find(&strings->keys, text);

	if (id != 0)
		return strings->items[id - 1];
	if (strings->count >= limit)
		return NULL;
	memory_reserve(&strings->items, &strings->capacity, strings->count + 1, sizeof(char *));
	strings->items[strings->count++] = memory_text(text);
	keyset_add(&strings->keys, (uint32_t)strings->count);
	session->bytes += strlen(text) + 1;
	return strings->items[strings->count - 1];
}

static bool put_text(char *out, size_t size, const char *text)
{
	if (strcmp(out, text) == 0)
		return false;
	text_print(out, size, "%s", text);
	return true;
}

static struct source *find_source(struct session *session, const char *name)
{
	for (size_t i = 0; i < session->source_count; i++) {
		if (strcmp(session->sources[i].name, name) == 0)
			return &session->sources[i];
	}
	return NULL;
}

void session_source(struct session *session, const char *name, enum source_state state,
		    const char *gives, const char *reason, const char *remedy)
{
	struct source *source = find_source(session, name);
	bool changed = !source;

	if (!source) {
		if (session->source_count == SESSION_SOURCES_MAX)
			return;
		memory_reserve(&session->sources, &session->source_capacity,
			       session->source_count + 1, sizeof(*source));
		source = &session->sources[session->source_count++];
		text_print(source->name, sizeof(source->name), "%s", name);
	}
	changed |= source->state != state;
	source->state = state;
	changed |= put_text(source->gives, sizeof(source->gives), gives);
	changed |= put_text(source->reason, sizeof(source->reason), reason);
	changed |= put_text(source->remedy, sizeof(source->remedy), remedy);
	source->changed |= changed;
}

const struct source *session_sources(const struct session *session, size_t *count)
{
	*count = session->source_count;
	return session->sources;
}

/* True when the text is that of the newest note: its count goes up instead of a new one. */
static bool repeat_note(struct session *session, enum note_level level, const char *domain,
			const char *text)
{
	if (session->note_count == 0 || strcmp(session->note_text, text) != 0)
		return false;

	struct note *note = &session->notes[session->note_count - 1];

	if (note->level != level || strcmp(note->domain, domain) != 0)
		return false;
	session->note_repeats++;
	text_print(note->text, sizeof(note->text), "%.*s (x%u)", (int)sizeof(note->text) - 16,
		   session->note_text, session->note_repeats);
	return true;
}

void session_note(struct session *session, int64_t time_ns, enum note_level level,
		  const char *domain, const char *text)
{
	if (!domain)
		domain = "";
	if (repeat_note(session, level, domain, text))
		return;
	if (!session->notes)
		session->notes = memory_zeroed(2 * SESSION_NOTES, sizeof(*session->notes));
	if (session->note_count == 2 * SESSION_NOTES) {
		memcpy(session->notes, session->notes + SESSION_NOTES,
		       SESSION_NOTES * sizeof(*session->notes));
		session->note_count = SESSION_NOTES;
	}

	struct note *note = &session->notes[session->note_count++];

	note->time_ns = time_ns;
	note->level = level;
	text_print(note->text, sizeof(note->text), "%s", text);
	text_print(note->domain, sizeof(note->domain), "%s", domain);
	text_print(session->note_text, sizeof(session->note_text), "%s", text);
	session->note_repeats = 1;
	session->notes_seen++;
}

const struct note *session_notes(const struct session *session, size_t *count)
{
	*count = session->note_count < SESSION_NOTES ? session->note_count : SESSION_NOTES;
	return session->notes ? session->notes + session->note_count - *count : NULL;
}

void log_ignored(struct session *session)
{
	char text[64];
	uint64_t age = session->notes_seen - session->ignored_note;

	if (session->ignored == session->ignored_said)
		return;
	text_print(text, sizeof(text), "%" PRIu64 " readings ignored: unknown or impossible",
		   session->ignored);
	if (session->ignored_said > 0 && age < SESSION_NOTES && age < session->note_count) {
		struct note *note = &session->notes[session->note_count - 1 - (size_t)age];

		note->time_ns = session->now_ns;
		text_print(note->text, sizeof(note->text), "%s", text);
		if (age == 0)
			text_print(session->note_text, sizeof(session->note_text), "%s", text);
	} else {
		session_note(session, session->now_ns, NOTE_WARN, "", text);
		session->ignored_note = session->notes_seen;
	}
	session->ignored_said = session->ignored;
}

void session_mark(struct session *session, int64_t time_ns, enum mark_verb verb, const char *name)
{
	session->marks_seen++;
	phases_mark(session, time_ns, verb, name);
	if (!session->marks)
		session->marks = memory_zeroed(2 * SESSION_MARKS, sizeof(*session->marks));
	if (session->mark_count == 2 * SESSION_MARKS) {
		memcpy(session->marks, session->marks + SESSION_MARKS,
		       SESSION_MARKS * sizeof(*session->marks));
		session->mark_count = SESSION_MARKS;
	}

	struct mark *mark = &session->marks[session->mark_count++];

	mark->time_ns = time_ns;
	mark->verb = verb;
	text_print(mark->name, sizeof(mark->name), "%s", name);
}

const struct mark *session_marks(const struct session *session, size_t *count)
{
	*count = session->mark_count < SESSION_MARKS ? session->mark_count : SESSION_MARKS;
	return session->marks ? session->marks + session->mark_count - *count : NULL;
}

uint64_t session_marks_seen(const struct session *session)
{
	return session->marks_seen;
}

void log_line(struct session *session, const char *text)
{
	if (!session->lines)
		session->lines = memory_zeroed(SESSION_LINES, sizeof(*session->lines));

	char *line = session->lines[session->lines_seen++ % SESSION_LINES];
	size_t length = strnlen(text, SESSION_LINE_SIZE - 1);

	memcpy(line, text, length);
	line[length] = '\0';
}

size_t session_line_count(const struct session *session)
{
	return session->lines_seen < SESSION_LINES ? (size_t)session->lines_seen : SESSION_LINES;
}

const char *session_line(const struct session *session, size_t index)
{
	size_t count = session_line_count(session);

	if (index >= count)
		return NULL;
	return session->lines[(session->lines_seen - count + index) % SESSION_LINES];
}

uint64_t session_lines_seen(const struct session *session)
{
	return session->lines_seen;
}

void session_meta(struct session *session, const char *key, const char *value)
{
	size_t i = 0;

	while (i < session->meta_count && strcmp(session->meta[i].key, key) != 0)
		i++;
	if (i == SESSION_META_MAX)
		return;
	if (i == session->meta_count) {
		memory_reserve(&session->meta, &session->meta_capacity, i + 1,
			       sizeof(*session->meta));
		text_print(session->meta[i].key, sizeof(session->meta[i].key), "%s", key);
		session->meta_count++;
	} else if (strcmp(session->meta[i].value, value) == 0) {
		return;
	}
	free(session->meta[i].value);
	session->meta[i].value = memory_text(value);
}

const char *session_meta_get(const struct session *session, const char *key)
{
	for (size_t i = 0; i < session->meta_count; i++) {
		if (strcmp(session->meta[i].key, key) == 0)
			return session->meta[i].value;
	}
	return NULL;
}

void log_finish(struct session *session)
{
	for (size_t i = 0; i < session->strings.count; i++)
		free(session->strings.items[i]);
	for (size_t i = 0; i < session->meta_count; i++)
		free(session->meta[i].value);
	keyset_finish(&session->strings.keys);
	free(session->strings.items);
	free(session->meta);
	free(session->sources);
	free(session->notes);
	free(session->marks);
	free(session->lines);
	phases_destroy(session->phases);
	operators_destroy(session->operators);
	free(session->projection);
}
