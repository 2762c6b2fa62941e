/* SPDX-License-Identifier: Apache-2.0 */
/* The probe `counters` on real threads, and on a kernel that refuses or pretends. For programs linked with
 * --wrap=perfevent_open and --wrap=perfevent_read. */
#ifndef JOULETOP_TESTS_COUNTED_H
#define JOULETOP_TESTS_COUNTED_H

#include "measure/probe.h"
#include "tests/support/burner.h"

extern const struct probe probe_counters;

/* The kernel that the test plays; zeroed = the real one. */
extern struct counted_kernel {
	/* -errno, or 0 for what is asked further. NULL = nothing is refused. */
	int (*refuse)(const struct perf_event_attr *attr, pid_t pid, int group_fd);
	bool pretend;	    /* a PMU that takes all hardware events */
	uint64_t values[4]; /* what it counts from one reading to the next */
	uint64_t enabled_ns, running_ns;

	/* Finer than that, NULL = as above: what an event counts from one reading to the next, and how long the group with this
	 * leader ran. */
	uint64_t (*count)(const struct perf_event_attr *attr);
	uint64_t (*run_ns)(const struct perf_event_attr *leader);
	unsigned int
		general_counters; /* larger groups are refused; generic events need none. 0 = no bound */
	unsigned int
		held_counters; /* by others: groups that need these too never run, pinned ones are in error */
} counted_kernel;

struct counted {
	struct sysroot root, here; /* what the probe sees; where our threads are */
	struct probe_context context;
	struct watch *watch;
	void *self;
	int code; /* of open */
	struct error err;
};

/* Closing gives the real kernel back. */
void counted_open(struct counted *stage);
/* With the cpuinfo and the PMUs of another machine, whose files lie in a directory; threads are ours. */
void counted_open_on(struct counted *stage, const char *directory);
void counted_close(struct counted *stage);
void counted_tick(struct counted *stage);

/* What was told about a thread of ours: its series (0 = none), a value (-1 = none), the errno of a gap (0 = none). */
uint32_t counted_series(struct counted *stage, const struct burner *worker);
int64_t counted_value(struct counted *stage, const struct burner *worker, enum metric metric);
int counted_gap(struct counted *stage, const struct burner *worker, enum metric metric,
		const char **reason);

/* To refuse with: there is no PMU. */
int counted_no_pmu(const struct perf_event_attr *attr, pid_t pid, int group_fd);

/* True when this process may count software events. */
bool counted_may_count(void);

#endif
