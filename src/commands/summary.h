/* SPDX-License-Identifier: Apache-2.0 */
/* What a run came to, in the manner of `perf stat`. */
#ifndef JOULETOP_SUMMARY_H
#define JOULETOP_SUMMARY_H

#include "model/session.h"

#include <stdio.h>

/* What the exit code depends on. */
struct summary_counts {
	size_t energy_series, busy_series; /* series that gave at least one value */
	size_t failed_sources;
	uint32_t late_ticks;
};

/* Prints the summary of the whole run. */
struct summary_counts summary_print(FILE *out, const struct session *session, const char *title);

#endif
