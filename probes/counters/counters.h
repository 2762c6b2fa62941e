/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the probe `counters`: what is counted (plan) and the counters of one thread. */
#ifndef JOULETOP_PROBES_COUNTERS_H
#define JOULETOP_PROBES_COUNTERS_H

#include "measure/probe.h"

#define COUNTERS_SOURCE	     "counters"
#define COUNTERS_EVENTS_MAX  4 /* in a group */
#define COUNTERS_GROUPS_MAX  4 /* two PMUs of a hybrid processor, each in two parts */
#define COUNTERS_REASON_SIZE 256

struct counters_event {
	enum metric metric;
	const char *name; /* for people */
	uint32_t type;
	uint64_t config, config1;
	bool proven;	   /* has counted something, somewhere */
	bool silent;	   /* threads ran long enough, and it counted nothing */
	int64_t silent_ns; /* how long they ran */
	uint32_t silent_readings;
};

/* Events that run together or not at all. */
struct counters_group {
	struct counters_event events[COUNTERS_EVENTS_MAX];
	uint32_t count;
};

/* What is opened for each thread. */
struct counters_plan {
	struct counters_group groups[COUNTERS_GROUPS_MAX];
	uint32_t count;
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

/* The counters of one thread; by watch_thread.slot. */
struct counters_thread {
	pid_t tid;
	uint32_t series;
	uint64_t start_ticks;
	enum counters_state state;
	bool partly;   /* its counters were last said to run part of the time */
	uint32_t plan; /* number of the plan under which it was opened */
	uint32_t said; /* metrics that have been told, a bit each */
	int64_t told_ns;
	int64_t busy_delta_ns; /* how busy it was when last seen to run */
	int fds[COUNTERS_GROUPS_MAX][COUNTERS_EVENTS_MAX];
	struct perfevent_reading before[COUNTERS_GROUPS_MAX];
};

/* counters/plan.c: finds by trial on the calling thread what can be counted. 0; -EACCES; -ENODEV; -errno with *err. */
int counters_plan_make(struct counters_plan *plan, const struct sysroot *root, struct error *err);

/* Takes groups of more than two events apart, for PMUs on which they never run. False when there is nothing to take apart. */
bool counters_plan_split(struct counters_plan *plan);

/* The attributes of an event under the plan's filter. */
struct perf_event_attr counters_plan_attr(const struct counters_plan *plan,
					  const struct counters_event *event);

/* counters/thread.c: opens all groups of the plan for thread->tid. 0 or -errno, nothing left open. */
int counters_thread_open(struct counters_thread *thread, const struct counters_plan *plan);
void counters_thread_close(struct counters_thread *thread);

/* Reads what was counted since the last reading and feeds it. 0 or -errno when the counters are gone. */
int counters_thread_read(struct counters_thread *thread, struct counters_plan *plan,
			 struct feed *feed, int64_t previous_ns, int64_t now_ns);

/* A gap of every metric of the plan. */
void counters_thread_gap(const struct counters_thread *thread, const struct counters_plan *plan,
			 struct feed *feed, int64_t time_ns, int code, const char *reason);

#endif
