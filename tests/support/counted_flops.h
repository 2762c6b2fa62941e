/* SPDX-License-Identifier: Apache-2.0 */
/* A thread of ours whose floating point operations the probe `counters` counts, on a processor that this machine is not. For
 * programs linked as counted.h asks for. */
#ifndef JOULETOP_TESTS_COUNTED_FLOPS_H
#define JOULETOP_TESTS_COUNTED_FLOPS_H

#include "tests/support/counted.h"

#define SKYLAKE_SERVER	"vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\n"
#define COUNTED_TICK_NS (10 * CLOCK_NS_PER_MS)

struct counted_flops {
	struct counted counted;
	struct burner worker;
	char directory[256];
};

/* What counted_kernel does not say is COUNTED_TICK_NS a reading, all of it running, and counted_one_of_each. */
void counted_flops_start(struct counted_flops *stage, const char *cpuinfo, bool hybrid);
void counted_flops_stop(struct counted_flops *stage);
void counted_flops_step(struct counted_flops *stage);

/* One instruction of each width a reading. */
uint64_t counted_one_of_each(const struct perf_event_attr *attr);

/* What was told about the operations of the thread: their series (0 = none), a value (-1 = none), the errno of a gap. */
uint32_t counted_flops_series(struct counted_flops *stage);
int64_t counted_flops_value(struct counted_flops *stage, enum metric metric);
int counted_flops_gap(struct counted_flops *stage, enum metric metric, const char **reason);

#endif
