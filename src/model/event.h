/* SPDX-License-Identifier: Apache-2.0 */
/* What producers tell the session: small fixed records in a batch, texts beside them. Plain data, no pointers. */
#ifndef JOULETOP_EVENT_H
#define JOULETOP_EVENT_H

#include "model/domain.h"
#include "model/metric.h"

#include <stddef.h>
#include <stdint.h>

enum event_type {
	EVENT_DOMAIN, /* id: feed's domain, detail: kind, parent: feed's domain or 0; texts: key, name */
	EVENT_SERIES, /* id: feed's series, detail: quality, parent: domain; text: source */
	EVENT_VALUE,  /* id: series, detail: metric, value; counters are totals */
	EVENT_GAP,    /* id: series, detail: metric, code: errno; text: reason or "" */
	EVENT_LABEL,  /* id: domain; texts: label, value */
	EVENT_SOURCE, /* detail: source_state; texts: name, gives, reason, remedy */
	EVENT_NOTE,   /* detail: note_level, id: domain or 0; text: sentence */
	EVENT_MARK,   /* detail: mark_verb; text: name */
	EVENT_OUTPUT, /* detail: 1 stdout, 2 stderr; text: a line with SGR sequences only */
	EVENT_RETIRE, /* id: domain: it is dead, nothing more will come */
	EVENT_TICK,   /* end of a sampler tick; value: lateness in ns, id: tick number */
	EVENT_META,   /* texts: key, value (replay and session header) */
	EVENT_END,    /* the producer has ended; value: exit status for a command */
	EVENT_SPAN, /* id: series of an operator, span: it ran within this long from time_ns on, and for how long */
};

enum source_state {
	SOURCE_PENDING, /* being opened */
	SOURCE_OK,
	SOURCE_PARTIAL,	  /* works, something is missing: reason */
	SOURCE_NO_ACCESS, /* is there, may not be read: remedy */
	SOURCE_NONE,	  /* is not here */
	SOURCE_OFF,	  /* switched off, or not needed */
	SOURCE_FAILED,	  /* was there, went away or misbehaves */
	SOURCE_STATE_COUNT
};

enum note_level { NOTE_INFO, NOTE_WARN, NOTE_BAD };
enum mark_verb { MARK_BEGIN, MARK_END, MARK_NOTE };

struct event {
	uint8_t type;	/* enum event_type */
	uint8_t detail; /* see enum event_type */
	int16_t code;	/* errno of a gap */
	uint32_t id;
	int64_t time_ns; /* CLOCK_MONOTONIC, or the session's time in replay */
	union {
		int64_t value;
		struct {
			uint32_t
				text; /* offset into batch.text; further texts follow, each with its NUL */
			uint32_t parent; /* local id */
		} ref;
		struct {
			uint32_t length_us, busy_us;
		} span;
	};
};

/* A private pile of events; posted whole. Zeroed = empty. */
struct batch {
	struct event *events;
	size_t count, capacity;
	char *text;
	size_t text_size, text_capacity;
	int producer;	    /* set by mailbox_post */
	uint32_t epoch;	    /* replay: which run through the file; others 0 */
	uint32_t merged;    /* how many ticks were folded into this one */
	struct batch *next; /* mailbox's */
};

void batch_finish(struct batch *batch); /* frees what it holds */
void batch_clear(struct batch *batch);	/* empties it, keeps the memory */
size_t batch_bytes(const struct batch *batch);

/* The n-th text of an event (0 = first). Valid until the batch is cleared. */
const char *batch_text(const struct batch *batch, const struct event *event, int index);

const char *source_state_name(
	enum source_state state); /* "ok", "no access"... for screen and CSV */
enum source_state source_state_find(const char *name);

#endif
