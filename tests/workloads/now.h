/* SPDX-License-Identifier: Apache-2.0 */
/* The workloads' clock. */
#ifndef JOULETOP_WORKLOADS_NOW_H
#define JOULETOP_WORKLOADS_NOW_H

#include <time.h>

/* CLOCK_MONOTONIC. */
static inline double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

#endif
