/* SPDX-License-Identifier: Apache-2.0 */
/* A raw counter made a 64-bit total, once. Pure. */
#ifndef JOULETOP_COUNTER_H
#define JOULETOP_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

/* How a raw counter behaves. */
struct counter_rule {
	uint64_t
		range; /* one past the largest value (max_energy_range + 1 unit); 0 = does not wrap */
	double max_per_second; /* plausible rate in raw units. A wrap is believed only below it; 0 = unknown: only when the
				  * way round is shorter than half the range */
	bool from_zero; /* born under watch, or a total already (replay): anchored at 0, not at the first reading */
};

struct counter {
	uint64_t raw; /* last reading */
	int64_t total;
	int64_t time_ns; /* of the last reading that moved, or of the anchor */
	bool anchored;
};

enum counter_step {
	COUNTER_ANCHORED, /* first reading */
	COUNTER_STILL,	  /* did not move: no news */
	COUNTER_MOVED,
	COUNTER_WRAPPED, /* moved across its range, plausibly */
	COUNTER_FELL,	 /* fell without a plausible wrap: re-anchored, the total stays: a gap */
};

/* Takes a reading; the total never decreases. */
enum counter_step counter_advance(struct counter *counter, const struct counter_rule *rule,
				  uint64_t raw, int64_t time_ns);

/* True when a counter of this rule may wrap more than once in interval_ns: it must not be used at this rate. */
bool counter_wraps_unseen(const struct counter_rule *rule, int64_t interval_ns);

#endif
