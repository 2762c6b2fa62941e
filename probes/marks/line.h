/* SPDX-License-Identifier: Apache-2.0 */
/* Marks as the workload sends them, and the pile they wait on for the next sample. Pure. */
#ifndef JOULETOP_PROBES_MARKS_LINE_H
#define JOULETOP_PROBES_MARKS_LINE_H

#include "measure/probe.h"

#define MARK_NAME_SIZE	  64
#define MARK_LINE_MAX	  512
#define MARK_PILE_ENTRIES 20000
#define MARK_PILE_ENDS	  256 /* of them kept free for the ends of what has begun */
#define MARK_SKIPPED_MAX  32
#define MARK_PILE_UNITS \
	2048 /* sums; when there is no room for another one, the unit's last one is added to */

/* begin NAME | end NAME | note TEXT */
struct mark_entry {
	int64_t time_ns;
	pid_t sender; /* 0 = not known */
	enum mark_verb verb;
	char name[MARK_NAME_SIZE];
};

/* work UNIT COUNT, summed up between the begins and ends around it: work belongs to the phase in which it was told. */
struct mark_work {
	int64_t time_ns, count;
	size_t before; /* told before the entry of this number */
	char unit[MARK_NAME_SIZE];
};

/* Begins that found no room: their ends must not end another phase of that name. */
struct mark_skipped {
	char name[MARK_NAME_SIZE];
	uint32_t count;
};

/* All that came since it was emptied. Zeroed = empty. */
struct mark_pile {
	pid_t sender; /* of what comes next; 0 = not known */
	size_t begun; /* begins in this pile without an end yet */
	size_t entry_count, unit_count;
	uint64_t malformed, left_out; /* lines that say nothing; lines that found no room */
	char example[48];	      /* the first malformed one */
	struct mark_skipped skipped[MARK_SKIPPED_MAX]; /* outlives the clearing */
	struct mark_work work[MARK_PILE_UNITS];
	struct mark_entry entries[MARK_PILE_ENTRIES];
};

/* Takes one line, without its end. */
void mark_pile_line(struct mark_pile *pile, int64_t time_ns, const char *text, size_t length);

/* Takes a message: lines, the last may have no end. A cut one ends with a malformed line. */
void mark_pile_message(struct mark_pile *pile, int64_t time_ns, const char *bytes, size_t size,
		       bool cut);

/* A stream's bytes into lines; beyond MARK_LINE_MAX they are malformed. Zeroed = start. */
struct mark_stream {
	char line[MARK_LINE_MAX];
	size_t length;
	bool too_long;
};
void mark_stream_bytes(struct mark_stream *stream, struct mark_pile *pile, int64_t time_ns,
		       const char *bytes, size_t size);

/* Empties it; what was skipped is remembered. */
void mark_pile_clear(struct mark_pile *pile);

#endif
