/* SPDX-License-Identifier: Apache-2.0 */
/* Rows for the threads panel: threads, processes, a tree of both, or sums by label. Pure. */
#ifndef JOULETOP_GROUP_H
#define JOULETOP_GROUP_H

#include "model/derive.h"

enum group_by { GROUP_THREADS, GROUP_PROCESSES, GROUP_TREE, GROUP_CONTAINER, GROUP_USER };

struct group_row {
	const struct domain *domain; /* a thread or process; NULL for a sum by label */
	const char *name;
	int pid, tid; /* 0 = none */
	int depth;    /* in a tree */
	double busy_ratio, power_w, energy_j, ipc, clock_hz;
	struct derive_flow flow; /* operations and bytes per second */
	double gpu_power_w;	 /* processes: their part of all GPUs; NAN = none */
	int64_t memory_bytes;	 /* -1 = unknown */
	int cpu;		 /* -1 = unknown */
	enum quality quality;	 /* of the watts */
	size_t members;
};

/* Fills rows (grown as needed, owner: caller, free()); returns how many. Not sorted (a tree is in tree order). */
size_t group_rows(const struct session *session, enum group_by by, struct group_row **rows,
		  size_t *capacity);

#endif
