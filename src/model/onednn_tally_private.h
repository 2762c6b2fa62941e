/* SPDX-License-Identifier: Apache-2.0 */
/* The table behind a tally: shared by what counts and what tells. */
#ifndef JOULETOP_ONEDNN_TALLY_PRIVATE_H
#define JOULETOP_ONEDNN_TALLY_PRIVATE_H

#include "model/onednn_tally.h"

#define ONEDNN_SLOTS	   4096 /* a power of two, several times the operators */
#define ONEDNN_KINDS_MAX   48 /* kinds of operators beyond the bound that have a sum of their own */
#define ONEDNN_ENTRIES_MAX (ONEDNN_OPERATORS_MAX + ONEDNN_KINDS_MAX + 1)

enum onednn_creation { ONEDNN_MISS, ONEDNN_HIT, ONEDNN_NESTED, ONEDNN_CREATIONS };

struct onednn_count {
	int64_t calls, time_ns;
};

/* An operator, or all those of a kind that found no room. */
struct onednn_entry {
	char *descriptor; /* "" = others */
	size_t length;
	uint32_t hash;
	char kind[40];
	struct onednn_work work; /* of one execution */
	/* since they were last told */
	struct onednn_count executed, created[ONEDNN_CREATIONS];
	int64_t operations[ONEDNN_PRECISIONS], bytes;
	bool changed;
	int64_t begin_ns, end_ns, busy_ns;		      /* the open span; busy 0 = none */
	uint32_t domain, series, creations[ONEDNN_CREATIONS]; /* in the feed; 0 = not yet */
};

/* A span that is over. */
struct onednn_span {
	uint32_t entry;
	int64_t begin_ns, end_ns, busy_ns;
};

struct onednn_tally {
	struct onednn_entry *entries; /* ONEDNN_ENTRIES_MAX */
	uint32_t count, others;
	uint32_t slots[ONEDNN_SLOTS]; /* entry + 1 */
	uint32_t *changed;
	uint32_t changed_count;
	struct onednn_span *spans;
	size_t span_count, span_capacity;
	uint64_t lines[ONEDNN_VERBS], bytes, folded, unstamped;
	int64_t burst_ns, burst_time_ns; /* of the lines without a stamp that came together */
	int64_t cpu_ns, source_ns;	 /* source_ns: when the source was last told */
	char library[128];
	bool said_folded;
};

/* Closes the open span of an entry. */
void onednn_end_span(struct onednn_tally *tally, struct onednn_entry *entry);

#endif
