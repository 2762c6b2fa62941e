/* SPDX-License-Identifier: GPL-2.0 */
/* What the emulated cores do. */
#ifndef JOULETOP_RIG_CORE_H
#define JOULETOP_RIG_CORE_H

#include <linux/types.h>

void core_rates_init(void);

/* How much of an event happens in a millisecond of CPU time; -ENOENT for an event that is not there. */
s64 core_rate(bool atom, u32 type, u64 config);

/* Number of the fixed counter of an event, else -ENOENT. */
int core_fixed(u32 type, u64 config);

#endif
