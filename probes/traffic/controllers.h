/* SPDX-License-Identifier: Apache-2.0 */
/* The memory controllers whose traffic the kernel lets count, sorted by package. */
#ifndef JOULETOP_PROBES_CONTROLLERS_H
#define JOULETOP_PROBES_CONTROLLERS_H

#include "measure/probe.h"

#define CONTROLLER_EVENTS_MAX 4 /* reads and writes of up to two halves of a channel */

struct controller_event {
	struct perf_event_attr attr;
	enum metric metric; /* METRIC_READ_BYTES, METRIC_WRITE_BYTES */
	uint64_t bytes;	    /* of one count */
	int fd;
};

/* One PMU on one CPU: a channel, or all of a package. */
struct controller {
	char pmu[48];
	int cpu;
	size_t place; /* index into places */
	struct controller_event events[CONTROLLER_EVENTS_MAX];
	uint32_t count;
	int code;			      /* of open or the last reading: 0 or -errno */
	bool anchored, was_read;	      /* was_read: in this tick */
	struct perfevent_reading before, now; /* before: when it last had a turn */
};

/* Whose memory it is: a package, or a socket of several dies. */
struct place {
	int package;
	bool has_dies;
	uint32_t domain, series;
	size_t controllers;

	/* Of the tick. */
	uint64_t gained[2]; /* read, written */
	int code;
	bool waits;	      /* a controller had no turn: the next one stands for this time too */
	double running_ratio; /* least of its controllers */
};

struct controllers {
	const char *source; /* "traffic:imc" */
	struct controller *list;
	size_t count, capacity;
	struct place *places;
	size_t place_count, place_capacity;
};

/* Looks what is offered; opens nothing. 0; -ENODEV with *err when there is none that is understood. */
int controllers_find(struct controllers *controllers, const struct sysroot *root,
		     struct error *err);
void controllers_finish(struct controllers *controllers); /* closes; accepts a zeroed one */

#endif
