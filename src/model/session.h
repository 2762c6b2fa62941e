/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that is known: domains, their series, totals, history, sources, notes. Fed by batches, read by views and the
 * recorder. Owned and touched by the main thread only. */
#ifndef JOULETOP_SESSION_H
#define JOULETOP_SESSION_H

#include "model/event.h"
#include "model/history.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct session;
struct domain;

/* One metric of one series. Pointers to it last until the series gets another metric. */
struct cell {
	uint8_t metric;
	bool known;		 /* a value has been read and the last attempt was no gap */
	bool started;		 /* a value has ever been read */
	int16_t gap;		 /* errno of the last attempt, 0 = fine */
	int64_t value, previous; /* total or gauge, and the one before it */
	/* When `value` was first seen, and when the step to it began: when `previous` was first seen or, where standing still
	 * means zero, last seen. Both are equal while there was only one reading: a rate divides by no other interval. */
	int64_t time_ns, previous_time_ns;
	int64_t seen_ns;		    /* last successful read, moved or not */
	int64_t mark_value, mark_time_ns;   /* at the beginning of the window (key w) */
	int64_t first_value, first_time_ns; /* counters: 0, and when the total was 0 */
	int64_t base; /* total when the producer began anew (a domain that came back); added to what it says */
	struct history *history; /* NULL for processes' and threads' lesser metrics */
};

/* Readings of one domain from one source. */
struct series {
	struct domain *domain;
	const char *source; /* interned: compare by strcmp */
	enum quality quality;
	uint8_t rank;	/* among sources of equal quality, the least is preferred */
	bool is_share;	/* the books wrote it: a share of a device's energy */
	bool is_folded; /* what ended threads left to their process */
	bool is_slow; /* read by a thread of its own, at its own pace: between two ticks may lie no reading */
	uint64_t metrics;   /* the bits of those that have a cell */
	struct cell *cells; /* in the order of their metrics */
	size_t cell_count;
	const char *gap_reason; /* interned, "" = none */
	bool changed;		/* since the recorder last looked */
	struct series *next;	/* of the same domain, oldest first */
};

struct domain {
	enum domain_kind kind;
	bool alive;
	bool self; /* belongs to jouletop: its process has the label "self", whatever the value */
	char key[DOMAIN_KEY_SIZE];
	char name[DOMAIN_NAME_SIZE];
	struct domain *parent; /* NULL only for the machine */
	struct domain *first_child, *next_sibling;
	struct series *series;
	uint64_t metrics; /* the bits of those that any of its series has or had */
	uint64_t
		changes; /* counts what was read of it and had moved, or could not be read: equal = it slept */
	struct label *labels;
	int64_t born_ns, died_ns;
	uint32_t number; /* dense, stable while alive: views may keep arrays by it */
	uint64_t weight; /* books: CPU time or cycles since the last closed interval */
};

struct label {
	const char *name; /* interned */
	char *value;	  /* owned */
	bool changed;
	struct label *next;
};

struct source {
	char name[64];
	enum source_state state;
	char gives[128], reason[256], remedy[512];
	bool changed;
};

struct note {
	int64_t time_ns;
	enum note_level level;
	char text[256];
	char domain[DOMAIN_KEY_SIZE]; /* "" = none */
};

struct mark {
	int64_t time_ns;
	enum mark_verb verb;
	char name[64];
};

/* Bounds; what is beyond is counted and said in a note. */
#define SESSION_NOTES	    256
#define SESSION_LINES	    2000
#define SESSION_LINE_SIZE   512
#define SESSION_MARKS	    8192
#define SESSION_DOMAINS_MAX 40000

struct session *session_create(int producers);
void session_destroy(struct session *session);

/* Takes a batch in. Unknown ids and impossible values are ignored and counted. */
void session_apply(struct session *session, const struct batch *batch);

/* What holds the totals of retired threads in their process, and both in the domain "ended"; one series per quality. */
#define SESSION_ENDED_THREADS "ended-threads"
/* What holds the own totals of retired processes in the domain "ended". */
#define SESSION_ENDED_PROCESSES "ended-processes"

/* Used by session_apply and by the model's own writers (books, estimate). session_domain and session_series return NULL
 * beyond the bounds; NULL is accepted by those that follow and ignored. An increase of 0 says that nothing came since the
 * last one: the first of all anchors the total, later ones begin the step of the next. Increases with one time are parts of
 * one step. */
struct domain *session_domain(struct session *session, enum domain_kind kind, const char *key,
			      struct domain *parent, const char *name);
struct series *session_series(struct session *session, struct domain *domain, const char *source,
			      enum quality quality);
void session_value(struct session *session, struct series *series, enum metric metric,
		   int64_t time_ns, int64_t value);
void session_increase(struct session *session, struct series *series, enum metric metric,
		      int64_t time_ns, int64_t amount);
void session_source(struct session *session, const char *name, enum source_state state,
		    const char *gives, const char *reason, const char *remedy);
void session_note(struct session *session, int64_t time_ns, enum note_level level,
		  const char *domain, const char *text);
void session_meta(struct session *session, const char *key, const char *value);
void session_mark(struct session *session, int64_t time_ns, enum mark_verb verb, const char *name);
void session_label(struct session *session, struct domain *domain, const char *name,
		   const char *value);

/* Frees domains that retired before time_ns, were recorded and have no weight waiting for the books (for at most a minute:
 * the meter may have gone): folds a thread's counters and attributed energy into its
 * process, a process into "ended". */
void session_fold(struct session *session, int64_t time_ns);

/* Begins a new window now: the mark_* of every cell (key w). */
void session_begin_window(struct session *session);

/* Looking around. */
struct domain *session_machine(const struct session *session);
struct domain *session_find(const struct session *session, const char *key);
struct domain *const *session_domains(const struct session *session,
				      size_t *count); /* all, alive or not, any order */
struct domain *const *session_kind(const struct session *session, enum domain_kind kind,
				   size_t *count); /* alive, in order of birth */
bool session_has(const struct session *session,
		 enum metric metric); /* any domain has or had it: else nobody need be asked */
const struct source *session_sources(const struct session *session, size_t *count);
const struct note *session_notes(const struct session *session,
				 size_t *count); /* oldest first; ring unrolled */
const struct mark *session_marks(const struct session *session, size_t *count);
uint64_t session_marks_seen(const struct session *session); /* more than are kept */
const char *session_line(const struct session *session,
			 size_t index); /* output; 0 = oldest kept; NULL beyond */
size_t session_line_count(const struct session *session);
uint64_t session_lines_seen(const struct session *session);
const char *session_meta_get(const struct session *session, const char *key); /* NULL = unknown */
int64_t session_start_ns(const struct session *session);		      /* first reading */
int64_t session_now_ns(const struct session *session);			      /* newest tick */
int64_t session_interval_ns(
	const struct session *session); /* between the last two ticks; 0 = unknown */
uint32_t session_ticks(const struct session *session);
uint32_t session_late_ticks(const struct session *session); /* more than half an interval late */
int64_t session_window_ns(const struct session *session);   /* when the window began */
size_t session_bytes(const struct session *session);	    /* memory of the model, about */
void session_recorded(struct session *session);		    /* clears all `changed` flags */

/* Values. */
const struct cell *series_cell(const struct series *series,
			       enum metric metric);			 /* NULL = never seen */
struct cell *series_cell_get(struct series *series, enum metric metric); /* creates it */

/* True when a counter that is read and has not moved did nothing, so that its next step begins there; false when its
 * meter may just have been silent. */
bool series_still_is_zero(const struct series *series, enum metric metric);

/* The series of a domain that gives a metric: the best by quality, then by rank of source; NULL = none. */
const struct series *domain_series(const struct domain *domain, enum metric metric);
const char *domain_label(const struct domain *domain, const char *name); /* NULL = none */

#endif
