/* SPDX-License-Identifier: Apache-2.0 */
/* The watts of domains and of the whole machine over time. */
#include "model/derive_private.h"

#include <errno.h>
#include <math.h>

static void add_histories(struct history_bucket *out, const struct history_bucket *part,
			  size_t count, bool is_first)
{
	for (size_t i = 0; i < count; i++) {
		out[i].min = is_first ? part[i].min : out[i].min + part[i].min;
		out[i].mean = is_first ? part[i].mean : out[i].mean + part[i].mean;
		out[i].max = is_first ? part[i].max : out[i].max + part[i].max;
	}
}

/* Power histories hold watts for energy counters as well: the session keeps the rate of a counter. */
static bool read_history(const struct domain *domain, int64_t end_ns, int64_t bucket_ns,
			 struct history_bucket *out, size_t count)
{
	const struct series *series = derive_power_series(domain);
	const struct cell *energy = series ? series_cell(series, METRIC_ENERGY_UJ) : NULL;
	const struct cell *power = series ? series_cell(series, METRIC_SENSOR_POWER_UW) : NULL;
	const struct cell *cell =
		power && (series->quality == QUALITY_SAMPLED || !energy) ? power : energy;

	for (size_t i = 0; i < count; i++)
		out[i] = (struct history_bucket){NAN, NAN, NAN};
	if (!cell || !cell->history)
		return false;
	history_read(cell->history, end_ns, bucket_ns, out, count);
	return true;
}

static bool sleeps(const struct domain *domain)
{
	const struct series *series = derive_power_series(domain);
	const struct cell *cell = series ? series_cell(series, METRIC_ENERGY_UJ) : NULL;

	if (series && !cell)
		cell = series_cell(series, METRIC_SENSOR_POWER_UW);
	return cell && cell->gap == ESHUTDOWN;
}

static void silence_is_nothing(struct history_bucket *buckets, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (isnan(buckets[i].mean))
			buckets[i] = (struct history_bucket){0, 0, 0};
	}
}

/* Parts are added in slices of this many buckets, so that no memory is needed. */
#define HISTORY_SLICE 64
#define PARTS_MAX     256

void derive_total_history(const struct session *session, int64_t end_ns, int64_t bucket_ns,
			  struct history_bucket *out, size_t count)
{
	const struct domain *parts[PARTS_MAX];
	size_t parts_count = derive_total_parts(session, parts, PARTS_MAX);

	for (size_t from = 0; from < count; from += HISTORY_SLICE) {
		size_t slice = count - from < HISTORY_SLICE ? count - from : HISTORY_SLICE;
		int64_t slice_end_ns = end_ns - bucket_ns * (int64_t)(count - from - slice);
		struct history_bucket part[HISTORY_SLICE];

		for (size_t i = 0; i < slice; i++)
			out[from + i] = (struct history_bucket){NAN, NAN, NAN};
		for (size_t i = 0; i < parts_count && i < PARTS_MAX; i++) {
			read_history(parts[i], slice_end_ns, bucket_ns, part, slice);
			if (sleeps(parts[i]))
				silence_is_nothing(part, slice);
			add_histories(out + from, part, slice, i == 0);
		}
	}
}

void derive_power_history(const struct session *session, const struct domain *domain,
			  int64_t bucket_ns, struct history_bucket *out, size_t count)
{
	if (domain)
		read_history(domain, session_now_ns(session), bucket_ns, out, count);
	else
		derive_total_history(session, session_now_ns(session), bucket_ns, out, count);
}

double derive_mean_power_w(const struct session *session, int64_t from_ns, int64_t to_ns)
{
	struct history_bucket bucket = {NAN, NAN, NAN};

	if (to_ns > from_ns)
		derive_total_history(session, to_ns, to_ns - from_ns, &bucket, 1);
	return (double)bucket.mean;
}
