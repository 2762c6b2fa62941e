/* SPDX-License-Identifier: Apache-2.0 */
/* What a driver of the kernel tells of one client of a graphics processor (kernel: Documentation/gpu/drm-usage-stats.rst).
 * Pure. */
#ifndef JOULETOP_PROBES_FDINFO_H
#define JOULETOP_PROBES_FDINFO_H

#include "probes/parts/gpu.h"

#define FDINFO_ENGINES_MAX 16
#define FDINFO_NAME_SIZE   16

struct fdinfo_engine {
	char name[FDINFO_NAME_SIZE]; /* "gfx", "compute", "rcs" */
	uint64_t busy_ns;
	uint64_t cycles,
		total_cycles; /* where the driver counts cycles: of the engine's, and of all */
	unsigned capacity;    /* how many such engines there are */
	bool has_time, has_cycles;
};

struct fdinfo {
	bool has_client;
	uint64_t client_id;
	char address[GPU_ADDRESS_SIZE]; /* "" = not told */
	struct fdinfo_engine engines[FDINFO_ENGINES_MAX];
	size_t engine_count;
	bool resident;			   /* the newer names of memory are used */
	int64_t device_bytes, other_bytes; /* memory on the card, and elsewhere; -1 = not told */
};

/* Reads the text of a file of fdinfo; true when it is that of a client. */
bool fdinfo_read(struct fdinfo *info, const char *text);

#endif
