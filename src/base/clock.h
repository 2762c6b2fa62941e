/* SPDX-License-Identifier: Apache-2.0 */
/* The one clock of the program (CLOCK_MONOTONIC) and its offset to UTC. */
#ifndef JOULETOP_CLOCK_H
#define JOULETOP_CLOCK_H

#include <stdint.h>

#define CLOCK_NS_PER_S	INT64_C(1000000000)
#define CLOCK_NS_PER_MS INT64_C(1000000)

/* CLOCK_MONOTONIC in ns. Any thread. */
int64_t clock_now_ns(void);

/* CLOCK_REALTIME - CLOCK_MONOTONIC in ns, now. */
int64_t clock_utc_offset_ns(void);

/* How long the machine was suspended since its start, which CLOCK_MONOTONIC leaves out; exact to the time that a program
 * may lose the CPU between two instructions. */
int64_t clock_suspended_ns(void);

/* Sleeps until the CLOCK_MONOTONIC time; returns early on a signal. */
void clock_sleep_until_ns(int64_t time_ns);

#endif
