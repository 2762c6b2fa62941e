/* SPDX-License-Identifier: Apache-2.0 */
/* Percentiles of a latency over the last minute, from histograms that only ever grow. Pure. */
#ifndef JOULETOP_PROBES_SERVING_LATENCY_H
#define JOULETOP_PROBES_SERVING_LATENCY_H

#include "probes/serving/page.h"

#define LATENCY_WINDOW_NS (60 * CLOCK_NS_PER_S)
#define LATENCY_KEPT	  64 /* at most one a second */

/* Zeroed = nothing seen. */
struct latency {
	size_t bucket_count;
	double bounds[PAGE_BUCKETS_MAX];
	double now[PAGE_BUCKETS_MAX];
	size_t first, kept; /* ring, oldest first */
	int64_t times_ns[LATENCY_KEPT];
	double counts[LATENCY_KEPT][PAGE_BUCKETS_MAX];
};

/* Takes a reading. Other bounds or smaller counts are those of a server that began anew. */
void latency_add(struct latency *latency, int64_t time_ns, const struct page_histogram *histogram);

/* The value that the given share of what came in the window does not exceed, by straight lines within the buckets; in the
 * last, open one its lower bound. NAN when nothing came. */
double latency_quantile(const struct latency *latency, double share);

#endif
