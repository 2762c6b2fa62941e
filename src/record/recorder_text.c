/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of everything that is not a reading: meta data, sources, notes, marks, labels. */
#include "record/recorder_private.h"

#include "base/memory.h"
#include "base/text.h"
#include "model/projection.h"

#include <stdlib.h>
#include <string.h>

/* What the program says about itself, the machine and the run; a session cannot list what it was told. */
static const char *const meta_keys[] = {
	"command",
	"kernel",
	"cpu_model",
	"cpus",
	"hypervisor",
	"memory_bytes",
	"tsc_hz",
	"books_weight",
	"books_idle_watts",
	"books_idle_named",
	"books_band_percent",
	"books_fit",
	"flops_per_work",
	"data_type",
	"ceilings_measured_utc",
	"ceilings_cores",
	"ceilings_cpu_limit_ppm",
	"slo",
	PROJECTION_TOTAL,
	PROJECTION_PRICE,
	PROJECTION_CURRENCY,
	PROJECTION_CARBON,
};

_Static_assert(ARRAY_SIZE(meta_keys) <= ARRAY_SIZE(((struct recorder *)0)->meta),
	       "a place for every key");

static const char *const note_levels[] = {"info", "warn", "bad"};
static const char *const mark_verbs[] = {"begin", "end", "note"};

static const char *redacted(const struct recorder *recorder, const char *name, const char *value,
			    char *buffer, size_t size)
{
	if (!recorder->options.redact || strcmp(name, "command") != 0)
		return value;
	text_print(buffer, size, "%s", value);
	redact_command(buffer, size);
	return buffer;
}

void recorder_write_version(struct recorder *recorder, struct csv_buffer *out)
{
	row_begin(recorder,
		  &(struct recorder_row){recorder->start_ns, "meta", RECORDER_VERSION_KEY, NULL,
					 "1", NULL, NULL},
		  out);
	row_end_empty(out);
}

void recorder_write_meta(struct recorder *recorder, const struct session *session,
			 struct csv_buffer *out)
{
	char buffer[2048];

	for (size_t i = 0; i < ARRAY_SIZE(meta_keys); i++) {
		const char *value = session_meta_get(session, meta_keys[i]);

		if (!value || (recorder->meta[i] && strcmp(recorder->meta[i], value) == 0))
			continue;
		free(recorder->meta[i]);
		recorder->meta[i] = memory_text(value);
		value = redacted(recorder, meta_keys[i], value, buffer, sizeof(buffer));
		row_begin(recorder,
			  &(struct recorder_row){session_now_ns(session), "meta", meta_keys[i],
						 NULL, value, NULL, NULL},
			  out);
		row_end_empty(out);
	}
}

void recorder_write_sources(struct recorder *recorder, const struct session *session,
			    struct csv_buffer *out)
{
	size_t count;
	const struct source *sources = session_sources(session, &count);

	for (size_t i = 0; i < count; i++) {
		const struct source *source = &sources[i];

		if (!source->changed)
			continue;
		row_begin(recorder,
			  &(struct recorder_row){session_now_ns(session), "source", source->name,
						 source_state_name(source->state), source->gives,
						 source->reason, source->remedy},
			  out);
		row_end_empty(out);
	}
}

/* How often a note with this text was said: the session counts repeats in the text, "... (x3)". 0 = it is another note. */
static unsigned note_times(const struct note *note, const struct note *known)
{
	size_t length = strlen(known->text), limit = sizeof(note->text) - 16;
	uint64_t times;
	char number[16];

	if (note->time_ns != known->time_ns || note->level != known->level ||
	    strcmp(note->domain, known->domain) != 0)
		return 0;
	if (strcmp(note->text, known->text) == 0)
		return 1;
	if (length > limit)
		length = limit;
	if (strncmp(note->text, known->text, length) != 0 ||
	    !text_starts_with(note->text + length, " (x"))
		return 0;
	text_print(number, sizeof(number), "%s", note->text + length + 3);
	number[strcspn(number, ")")] = '\0';
	return text_to_u64(number, &times) == 0 ? (unsigned)times : 0;
}

static void write_note(struct recorder *recorder, const struct note *note, unsigned times,
		       struct csv_buffer *out)
{
	for (unsigned i = 0; i < times; i++) {
		row_begin(recorder,
			  &(struct recorder_row){note->time_ns, "note", note_levels[note->level],
						 note->domain, note->text, NULL, NULL},
			  out);
		row_end_empty(out);
	}
}

/* A note that is new here, with the count of its repeats taken off. */
static void write_new_note(struct recorder *recorder, const struct note *note,
			   struct csv_buffer *out)
{
	struct note plain = *note;
	char *count = strrchr(plain.text, '(');
	unsigned times;

	if (count && count > plain.text && text_starts_with(count, "(x") &&
	    plain.text[strlen(plain.text) - 1] == ')')
		count[-1] = '\0';
	times = note_times(note, &plain);
	if (times == 0) {
		plain = *note;
		times = 1;
	}
	write_note(recorder, &plain, times, out);
	recorder->last_note = plain;
	recorder->last_note_times = times;
	recorder->has_note = true;
}

void recorder_write_notes(struct recorder *recorder, const struct session *session,
			  struct csv_buffer *out)
{
	size_t count;
	const struct note *notes = session_notes(session, &count);
	const int64_t known_ns = recorder->last_note.time_ns;
	const bool had_note = recorder->has_note;
	size_t first = count;
	unsigned times = 0;

	while (had_note && first > 0 && times == 0)
		times = note_times(&notes[--first], &recorder->last_note);
	if (times > recorder->last_note_times) {
		write_note(recorder, &recorder->last_note, times - recorder->last_note_times, out);
		recorder->last_note_times = times;
	}
	for (size_t i = times > 0 ? first + 1 : 0; i < count; i++) {
		/* The last one written is gone: what is younger than it is new. */
		if (times > 0 || !had_note || notes[i].time_ns > known_ns)
			write_new_note(recorder, &notes[i], out);
	}
}

void recorder_write_marks(struct recorder *recorder, const struct session *session,
			  struct csv_buffer *out)
{
	size_t count;
	const struct mark *marks = session_marks(session, &count);
	uint64_t fresh = session_marks_seen(session) - recorder->marks;

	for (size_t i = fresh < count ? count - (size_t)fresh : 0; i < count; i++) {
		row_begin(recorder,
			  &(struct recorder_row){marks[i].time_ns, "mark",
						 mark_verbs[marks[i].verb], NULL, marks[i].name,
						 NULL, NULL},
			  out);
		row_end_empty(out);
	}
	recorder->marks = session_marks_seen(session);
}

/* The oldest first: that is the last in the list, and a reader builds the same list again. */
static void write_label(const struct recorder *recorder, const struct label *label,
			const struct recorder_row *place, bool all, struct csv_buffer *out)
{
	struct recorder_row row = *place;
	char buffer[1024];

	if (label->next)
		write_label(recorder, label->next, place, all, out);
	if (!label->changed && !all)
		return;
	row.id = label->name;
	row.name = redacted(recorder, label->name, label->value, buffer, sizeof(buffer));
	row_begin(recorder, &row, out);
	row_end_empty(out);
}

void recorder_write_labels(struct recorder *recorder, const struct session *session,
			   const struct domain *domain, bool all, struct csv_buffer *out)
{
	const struct recorder_row place = {
		session_now_ns(session), "label", NULL, domain->key, NULL, NULL, NULL};

	if (domain->labels)
		write_label(recorder, domain->labels, &place, all, out);
}
