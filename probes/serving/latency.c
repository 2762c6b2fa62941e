/* SPDX-License-Identifier: Apache-2.0 */
/* Differences of cumulative histograms, and where a share of them lies. */
#include "probes/serving/latency.h"

#include <math.h>
#include <string.h>

static bool continues(const struct latency *latency, const struct page_histogram *histogram)
{
	if (histogram->count != latency->bucket_count)
		return false;
	for (size_t i = 0; i < histogram->count; i++) {
		if (histogram->bounds[i] != latency->bounds[i] ||
		    histogram->counts[i] < latency->now[i])
			return false;
	}
	return true;
}

static void keep(struct latency *latency, int64_t time_ns)
{
	size_t place = (latency->first + latency->kept) % LATENCY_KEPT;

	if (latency->kept == LATENCY_KEPT)
		latency->first = (latency->first + 1) % LATENCY_KEPT;
	else
		latency->kept++;
	latency->times_ns[place] = time_ns;
	memcpy(latency->counts[place], latency->now, sizeof(latency->now));
}

void latency_add(struct latency *latency, int64_t time_ns, const struct page_histogram *histogram)
{
	size_t newest = (latency->first + latency->kept + LATENCY_KEPT - 1) % LATENCY_KEPT;

	if (!continues(latency, histogram)) {
		latency->first = latency->kept = 0;
		latency->bucket_count = histogram->count;
		memcpy(latency->bounds, histogram->bounds, sizeof(latency->bounds));
	}
	memcpy(latency->now, histogram->counts, sizeof(latency->now));
	if (latency->kept == 0 || time_ns - latency->times_ns[newest] >= CLOCK_NS_PER_S)
		keep(latency, time_ns);
	/* Only one reading may be older than the window: where it begins. */
	while (latency->kept > 1 && latency->times_ns[(latency->first + 1) % LATENCY_KEPT] <=
					    time_ns - LATENCY_WINDOW_NS) {
		latency->first = (latency->first + 1) % LATENCY_KEPT;
		latency->kept--;
	}
}

double latency_quantile(const struct latency *latency, double share)
{
	const double *base = latency->counts[latency->first];
	size_t count = latency->bucket_count, i = 0;
	double total, rank, below = 0, from = 0;

	if (latency->kept == 0 || count < 2)
		return NAN;
	total = latency->now[count - 1] - base[count - 1];
	if (!(total > 0))
		return NAN;
	rank = share * total;
	while (i < count - 1 && latency->now[i] - base[i] < rank) {
		below = latency->now[i] - base[i];
		from = latency->bounds[i++];
	}
	if (!isfinite(latency->bounds[i]))
		return from;
	double inside = latency->now[i] - base[i] - below;

	/* Divided first: hostile bounds must not leave the range. */
	return inside > 0 ? from + (latency->bounds[i] - from) * ((rank - below) / inside) : from;
}
