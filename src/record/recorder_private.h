/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the recorder share. */
#ifndef JOULETOP_RECORDER_PRIVATE_H
#define JOULETOP_RECORDER_PRIVATE_H

#include "record/recorder.h"

/* A series as whoever reads the file knows it: what was written, in the shape that derive understands. */
struct recorded_series {
	struct series *live;
	struct series known;
	int64_t row_ns; /* time of the last row */
	bool written;
};

/* A domain of the session, in the order in which they were announced. */
struct recorded_domain {
	struct domain *live;
	int64_t born_ns;
	char key[DOMAIN_KEY_SIZE];   /* for when the session has freed it */
	char name[DOMAIN_NAME_SIZE]; /* as announced */
	const struct domain *parent;
	struct recorded_series **series;
	size_t series_count, series_capacity;
	uint64_t seen;	   /* the round in which the session still had it */
	uint64_t labelled; /* the round in which all its labels were written */
	uint32_t number;   /* place in by_number */
	bool announced, is_thread;
	bool retired; /* its end is written: it is in the table, not in the list */
	bool freed; /* the session has it no more: it is in the list until its end is written, not in the table */
	struct recorded_domain *next;
};

struct recorder {
	struct recorder_options options;
	const struct session *session;
	int64_t start_ns, threads_ns; /* threads_ns: of the last tick with rows of threads */
	uint32_t ticks, late_ticks;
	bool has_threads;
	uint64_t threads_ticks; /* ticks with rows of threads */

	struct recorded_domain **by_number;
	size_t number_capacity;
	struct recorded_domain *first, **end;
	uint64_t round;

	char *meta[32]; /* values written, by place in the table of keys */
	struct note last_note;
	unsigned last_note_times;
	bool has_note;
	uint64_t marks; /* of the session's, written */
};

/* The seven columns that every row has; NULL = empty. */
struct recorder_row {
	int64_t time_ns;
	const char *kind, *id, *parent, *name, *source, *quality;
};

/* recorder_row.c */
void row_begin(const struct recorder *recorder, const struct recorder_row *row,
	       struct csv_buffer *out);
void row_end_empty(struct csv_buffer *out); /* all value columns empty */
void row_header(struct csv_buffer *out);
void row_values(const struct session *session, const struct recorded_series *series,
		const bool present[METRIC_RAW_COUNT], struct csv_buffer *out);

/* recorder_series.c: rows of what changed in a series, and of its gaps. */
void recorder_write_series(struct recorder *recorder, const struct session *session,
			   struct recorded_series *series, struct csv_buffer *out);

/* The meta data that every session CSV begins with. A session that has it came from a file: its times are those of the
 * file already, whose zero may lie before the first reading that the file holds. */
#define RECORDER_VERSION_KEY "session_csv"

/* recorder_text.c: everything that is not a reading. */
void recorder_write_version(struct recorder *recorder, struct csv_buffer *out);
void recorder_write_meta(struct recorder *recorder, const struct session *session,
			 struct csv_buffer *out);
void recorder_write_sources(struct recorder *recorder, const struct session *session,
			    struct csv_buffer *out);
void recorder_write_notes(struct recorder *recorder, const struct session *session,
			  struct csv_buffer *out);
void recorder_write_marks(struct recorder *recorder, const struct session *session,
			  struct csv_buffer *out);
void recorder_write_labels(struct recorder *recorder, const struct session *session,
			   const struct domain *domain, bool all, struct csv_buffer *out);

/* redact.c: masks what looks like a secret in a command line, in place. */
void redact_command(char *text, size_t size);

#endif
