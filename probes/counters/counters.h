/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the probe `counters`: what is counted (plan) and the counters of one thread. */
#ifndef JOULETOP_PROBES_COUNTERS_H
#define JOULETOP_PROBES_COUNTERS_H

#include "measure/probe.h"

#define COUNTERS_SOURCE	     "counters"
#define FLOPS_SOURCE	     "flops" /* the series of floating point operations beside it */
#define COUNTERS_EVENTS_MAX  PERFEVENT_GROUP_MAX
#define COUNTERS_BASE_MAX    4 /* events that each PMU counts in any case */
#define COUNTERS_GROUPS_MAX  8 /* two PMUs of a hybrid processor, each in two parts; operations */
#define COUNTERS_PMUS_MAX    2
#define COUNTERS_REASON_SIZE 256
#define COUNTERS_PATIENCE_NS (50 * CLOCK_NS_PER_MS) /* of CPU time in which a group does not run */

struct counters_event {
	enum metric metric;
	const char *name; /* for people */
	uint32_t type;
	uint64_t config, config1;
	uint32_t times;	   /* what one count adds to the metric */
	bool is_vector;	   /* operations of vector instructions */
	bool is_amx;	   /* its metric lacks what happens meanwhile */
	bool proven;	   /* has counted something, somewhere */
	bool silent;	   /* threads ran long enough, and it counted nothing */
	int64_t silent_ns; /* how long they ran */
	uint32_t silent_readings;
};

/* Events that run together or not at all. */
struct counters_group {
	struct counters_event events[COUNTERS_EVENTS_MAX];
	uint32_t count;
	uint32_t pmu;	   /* index of the PMU */
	bool is_flops;	   /* operations: for a series of their own */
	bool ran;	   /* it did, for some thread */
	int64_t waited_ns; /* CPU time in which it did not, before it ever did */
};

/* Floating point operations: what the recipe of the processor gives, and what not. */
struct counters_flops {
	bool is_counted[COUNTERS_PMUS_MAX];
	uint32_t metrics;   /* a bit each; those of all PMUs that count any */
	bool hides_vectors; /* it is not known which of them vectors did */
	bool proven;	    /* some operation has been counted, somewhere */
	int64_t silent_ns;  /* CPU time before that */
	char gives[128], reason[COUNTERS_REASON_SIZE];
};

/* What is opened for each thread. */
struct counters_plan {
	struct counters_group groups[COUNTERS_GROUPS_MAX];
	uint32_t count;
	uint32_t pmus[COUNTERS_PMUS_MAX]; /* their types, 0 = the only one */
	uint32_t pmu_count;
	struct counters_flops flops;
	bool pinned;	     /* the first group of each PMU does not take turns with operations */
	bool has_changed;    /* threads must be opened anew */
	size_t descriptors;  /* that a thread takes */
	bool hardware;	     /* else software events only */
	bool exclude_kernel; /* one filter for all events of all threads */
	bool split;	     /* groups have been taken apart once */
	int64_t stuck_ns;    /* since when no group runs though threads do; 0 = they run */
	char reason[COUNTERS_REASON_SIZE]; /* what is missing, "" = nothing */
	char remedy[COUNTERS_REASON_SIZE];
};

enum counters_state {
	COUNTERS_NONE, /* not tried yet */
	COUNTERS_OPEN,
	COUNTERS_REFUSED, /* not tried again */
	COUNTERS_STARVED, /* no descriptor was left */
};

/* What is told began at start_ns; the last time that anything was told is told_ns. */
struct counters_span {
	int64_t start_ns, told_ns; /* start 0 = nothing waits to be told */
};

/* The counters of one thread; by watch_thread.slot. */
struct counters_thread {
	pid_t tid;
	uint32_t domain, series, flops_series; /* the latter 0 = there are no operations */
	uint64_t start_ticks;
	enum counters_state state;
	bool partly;	   /* its counters were last said to run part of the time */
	uint32_t plan;	   /* number of the plan under which it was opened */
	uint32_t said;	   /* metrics that have been told, a bit each */
	bool no_flops;	   /* their counters could not be opened */
	bool flops_partly; /* they were last said to run part of the time */
	bool uses_amx;	   /* that has been said */
	int64_t told_ns;
	uint64_t enabled_ns;   /* when last read: the CPU time for which its events were there */
	int64_t busy_delta_ns; /* how busy it was when last seen to run */
	int fds[COUNTERS_GROUPS_MAX][COUNTERS_EVENTS_MAX];
	/* Of each group, since it last had a turn; those of operations have one span. */
	struct perfevent_reading before[COUNTERS_GROUPS_MAX];
	struct counters_span spans[COUNTERS_GROUPS_MAX], flops_span;
	uint32_t flops_readings;
	uint64_t flops_busy_ns[COUNTERS_PMUS_MAX]; /* since they were last read */
};

/* counters/plan.c: finds by trial on the calling thread what can be counted. 0; -EACCES; -ENODEV; -errno with *err. */
int counters_plan_make(struct counters_plan *plan, const struct sysroot *root, struct error *err);

/* Takes groups of more than two events apart, for PMUs on which they never run. False when there is nothing to take apart. */
bool counters_plan_split(struct counters_plan *plan);

/* Tries events as one group on the calling thread, the first as the leader. 0 or -errno. */
int counters_plan_try(const struct counters_plan *plan, const struct counters_event *const *events,
		      size_t count);

/* counters/flops.c: adds groups for floating point operations where the processor has events and the kernel agrees, and what
 * else is cheap. Says what is missing in plan->flops. */
void counters_flops_plan(struct counters_plan *plan, const struct sysroot *root);

/* How many there are: what a reading of them costs. */
uint32_t counters_flops_groups(const struct counters_plan *plan);

/* Takes a group that never ran apart, or gives it up: others hold the counters. */
void counters_flops_retreat(struct counters_plan *plan);

/* Not even the other groups run: operations that never did are given up. */
void counters_flops_yield(struct counters_plan *plan);

/* The attributes of an event under the plan's filter. */
struct perf_event_attr counters_plan_attr(const struct counters_plan *plan,
					  const struct counters_event *event);

/* counters/thread.c: opens all groups of the plan for thread->tid. 0 or -errno, nothing left open. */
int counters_thread_open(struct counters_thread *thread, const struct counters_plan *plan,
			 int64_t now_ns);
void counters_thread_close(struct counters_thread *thread);

/* Reads what was counted since the last reading and feeds it; operations only when they are due. 0 or -errno when the counters
 * are gone. */
int counters_thread_read(struct counters_thread *thread, struct counters_plan *plan,
			 struct feed *feed, bool flops_due, int64_t previous_ns, int64_t now_ns);

/* Adds to a metric of a series of the thread what it gained in a span that ends now. */
void counters_thread_increase(struct counters_thread *thread, struct feed *feed, uint32_t series,
			      enum metric metric, uint64_t increase,
			      const struct counters_span *span, int64_t now_ns);

/* counters/thread_flops.c: reads the groups of operations, of all the time since they were last due; busy_ns: how long the
 * thread ran on each PMU since the last time. */
void counters_thread_read_flops(struct counters_thread *thread, struct counters_plan *plan,
				struct feed *feed, const uint64_t busy_ns[COUNTERS_PMUS_MAX],
				bool due, int64_t previous_ns, int64_t now_ns);
void counters_thread_flops_gap(struct counters_thread *thread, const struct counters_plan *plan,
			       struct feed *feed, int64_t time_ns, int code, const char *reason);

/* A gap of every metric of the plan. */
void counters_thread_gap(struct counters_thread *thread, const struct counters_plan *plan,
			 struct feed *feed, int64_t time_ns, int code, const char *reason);

#endif
