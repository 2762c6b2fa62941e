/* SPDX-License-Identifier: Apache-2.0 */
/* The processes that a GPU's driver names by number: told by the key that the watch gives them too, and retired when they
 * are gone. */
#ifndef JOULETOP_PROBES_USERS_H
#define JOULETOP_PROBES_USERS_H

#include "measure/probe.h"

#define USERS_MAX 1024

struct user {
	uint32_t pid;
	uint64_t start_ticks;
	uint32_t domain;
	int64_t named_ns; /* when the driver last named it */
	bool is_foreign;
};

/* Zeroed = none. */
struct users {
	struct user *list;
	size_t count, capacity;
	bool is_ready, are_foreign;
};

void users_finish(struct users *users);

/* The domain of a process that the driver names now; 0 = it is gone, or beyond the bound. Where we are in a pid
 * namespace of our own, the driver's numbers are those of the host: such processes get a name that says so. */
uint32_t users_domain(struct users *users, const struct probe_context *context, uint32_t pid,
		      int64_t now_ns);

/* Retires those that are gone. */
void users_sweep(struct users *users, const struct probe_context *context, int64_t now_ns);

#endif
