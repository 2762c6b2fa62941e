/* SPDX-License-Identifier: Apache-2.0 */
/* Probes that do as a test tells them, and remember what was done to them. */
#ifndef JOULETOP_TESTS_PUPPETS_H
#define JOULETOP_TESTS_PUPPETS_H

#include "measure/probe.h"

#include <stdatomic.h>

/* Orders, and what happened; shared by all puppets. */
struct puppets {
	atomic_int open_code, sample_code;  /* what puppet_ordered answers */
	atomic_int opened, sampled, closed; /* calls, of puppet_ordered and puppet_hanging */
	atomic_int self_was_dirty;	    /* opens that got memory that was not zeroed */
	_Atomic int64_t interval_seen_ns;   /* by puppet_steady */
	atomic_bool slow_got_watch;
};
extern struct puppets puppets;

void puppets_reset(void);

/* The gate at which puppet_gated opens and puppet_hanging samples. */
void puppets_open_gate(bool open);

extern const struct probe puppet_steady;  /* feeds one microjoule at each tick */
extern const struct probe puppet_ordered; /* -EACCES: says SOURCE_NO_ACCESS of itself first */
extern const struct probe puppet_lazy;	  /* takes 30 ms to open, and to sample */
extern const struct probe puppet_gated;	  /* waits at the gate in open */
extern const struct probe puppet_hanging; /* slow; waits at the gate in sample */

#endif
