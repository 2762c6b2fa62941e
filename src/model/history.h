/* SPDX-License-Identifier: Apache-2.0 */
/* The past of one series in three tiers that do not depend on the rate: 600 ticks, 600 x 1 s, 360 x 10 s. Pure. */
#ifndef JOULETOP_HISTORY_H
#define JOULETOP_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HISTORY_TICKS	600
#define HISTORY_SECONDS 600
#define HISTORY_TENS	360

struct history_bucket {
	float min, mean, max;
}; /* NAN = nothing known in that time */

struct history;

/* Bytes of one history. */
#define HISTORY_BYTES (HISTORY_TICKS * 12 + (HISTORY_SECONDS + HISTORY_TENS) * 12 + 64)

struct history *history_create(void);
void history_destroy(struct history *history);

/* Adds a value (NAN = gap) seen at time_ns; times never go back. */
void history_add(struct history *history, int64_t time_ns, double value);

/* How often the value has moved of late: the median time between two of the last moves, 0 when too few were seen. Of a
 * history to which only moves were added (rates of counters) each is one; else those are that differ from what was before. */
int64_t history_period_ns(const struct history *history, bool only_moves);

/* The last `count` buckets of `bucket_ns` each up to end_ns, oldest first, from the finest tier that reaches back far
 * enough. Buckets without news are NAN. */
void history_read(const struct history *history, int64_t end_ns, int64_t bucket_ns,
		  struct history_bucket *out, size_t count);

#endif
