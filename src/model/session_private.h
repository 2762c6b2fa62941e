/* SPDX-License-Identifier: Apache-2.0 */
/* What a session is made of; shared by the session_*.c files alone. */
#ifndef JOULETOP_SESSION_PRIVATE_H
#define JOULETOP_SESSION_PRIVATE_H

#include "model/keyset.h"
#include "model/phase_private.h"
#include "model/projection.h"
#include "model/session.h"

#define SESSION_SOURCES_MAX 256
#define SESSION_META_MAX    256
#define SESSION_LABELS_MAX  32
#define SESSION_STRINGS_MAX 4096
/* Times beyond it (146 years) come from damaged recordings, and sums of them would overflow. */
#define SESSION_TIME_MAX_NS	      (INT64_MAX / 2)
#define SESSION_ID_MAX		      (1u << 20)
#define SESSION_PROCESS_HISTORIES_MAX 1024

/* A domain with what only the session needs; the domain comes first, so that a pointer to it leads here. */
struct member {
	struct domain domain;
	struct domain *last_child, *previous_sibling;
	bool listed;  /* in the list of its kind */
	bool waiting; /* in the list of the dead */
	bool leaving; /* is being freed: bindings to it are cut */
};

/* A series with the one id that means it; the series comes first, too. */
struct bound_series {
	struct series series;
	int producer; /* -1 = no id means it */
	uint32_t id;
};

/* What a producer's ids mean. */
struct binding {
	struct domain **domains;
	size_t domain_capacity;
	struct series **series;
	size_t series_capacity;
};

struct domain_list {
	struct domain **items;
	size_t count, capacity;
};

struct meta {
	char key[64];
	char *value;
};

/* Strings that are kept once and live as long as the session; number n has id n + 1 in the key set. */
struct strings {
	char **items;
	size_t count, capacity;
	struct keyset keys;
};

/* The work that a projection is about, which lives as long as the session. */
struct session_projection {
	struct projection projection;
	const struct series *series;
};

struct session {
	struct domain *machine;
	struct keyset keys; /* of domains: number + 1 */
	struct domain **by_number;
	size_t number_count, number_capacity;
	uint32_t *free_numbers;
	size_t free_count, free_capacity;
	struct domain_list all, dead, kinds[DOMAIN_KIND_COUNT];
	bool kind_has_dead[DOMAIN_KIND_COUNT];
	uint64_t metrics; /* the bits of those that any series has or had */

	struct binding *bindings;
	int producers;
	struct strings strings;

	struct series **changed;
	size_t changed_count, changed_capacity;
	struct label **changed_labels;
	size_t changed_label_count, changed_label_capacity;

	struct source *sources;
	size_t source_count, source_capacity;
	struct meta *meta;
	size_t meta_count, meta_capacity;

	/* Twice their bound: when full, the newer half moves down, so that the kept ones always lie together. */
	struct note *notes;
	size_t note_count;
	uint64_t notes_seen;
	unsigned note_repeats; /* of the newest one */
	char note_text[256];   /* of the newest one, without its "(xN)" */
	uint64_t ignored_note; /* notes_seen when the note about ignored readings was written */
	struct mark *marks;
	size_t mark_count;
	uint64_t marks_seen, marks_recorded;
	struct operators *operators;	       /* NULL = none came */
	struct phases *phases;		       /* NULL = no phase was ever begun */
	struct session_projection *projection; /* NULL = none was asked for */

	char (*lines)[SESSION_LINE_SIZE];
	uint64_t lines_seen;

	int64_t earliest_ns; /* of the readings before the first tick */
	int64_t start_ns, now_ns, interval_ns, window_ns, lateness_ns;
	uint32_t ticks, late_ticks;
	uint64_t ignored, ignored_said;
	size_t process_histories;
	size_t bytes; /* of domains, series, cells, histories, labels, strings */
};

/* session_domain.c */
struct domain *domains_create(struct session *session, enum domain_kind kind, const char *key,
			      struct domain *parent, const char *name);
void domains_leave(
	struct session
		*session); /* takes those that leave out of the list of all; it stays in order */
void domains_destroy(struct session *session,
		     struct domain *domain); /* takes one that left out of all else and frees it */
void domains_free(struct domain *domain);    /* only its memory */
void domains_revive(struct session *session, struct domain *domain);
void domains_retire(struct session *session, struct domain *domain, int64_t time_ns);
void domains_sweep(struct session *session); /* takes the dead out of the lists of the living */

/* session_series.c */
void series_changed(struct session *session, struct series *series);
void series_gap(struct session *session, struct series *series, enum metric metric, int64_t time_ns,
		int code, const char *reason);
/* From now on this id means the series, and no other does; what is said by it is added to what is there. */
void series_bind(struct session *session, struct series *series, int producer, uint32_t id);
void series_unbind(struct session *session, struct series *series);
void series_free(struct session *session,
		 struct series *series); /* session NULL: only its memory */
struct cell *series_cell_make(struct session *session, struct series *series, enum metric metric);

/* operator_energy.c: an operator ran between these times. */
struct operators;
void operators_span(struct session *session, struct domain *domain, int64_t begin_ns,
		    int64_t length_ns, int64_t busy_ns);
void operators_destroy(struct operators *operators);

/* session_log.c */
/* The kept copy of a text; NULL when it is new and `limit` or more are kept. Sources get the whole room, reasons and
 * labels half of it: a flood of them must not keep a source out. */
const char *strings_keep(struct session *session, const char *text, size_t limit);
void log_line(struct session *session, const char *text);
void log_ignored(struct session *session); /* says how many readings were ignored, in one note */
void log_finish(struct session *session);

#endif
