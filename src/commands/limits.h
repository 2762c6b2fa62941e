/* SPDX-License-Identifier: Apache-2.0 */
/* What the control groups leave this process: CPU time and memory. */
#ifndef JOULETOP_LIMITS_H
#define JOULETOP_LIMITS_H

#include "measure/sysroot.h"

struct limits {
	double cpus;	      /* CPU time per time; 0 = no limit */
	int64_t memory_bytes; /* that can still be taken without harm to others; 0 = unknown */
};

/* The tightest of this process's groups and those above, version 1 or 2; memory also of the machine. */
void limits_read(const struct sysroot *root, struct limits *limits);

#endif
