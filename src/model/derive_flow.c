/* SPDX-License-Identifier: Apache-2.0 */
/* Operations and bytes of processes, threads and operators, with how they were had. */
#include "model/derive_private.h"

#include "base/memory.h"

#include <math.h>

/* What one miss of the last level cache brings from memory. */
#define LINE_BYTES 64

static const enum metric directions[] = {METRIC_READ_BYTES, METRIC_WRITE_BYTES};

static const struct series *first_series(const struct domain *domain, const enum metric *metrics,
					 size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct series *series = domain_series(domain, metrics[i]);

		if (series)
			return series;
	}
	return NULL;
}

struct derive_flow derive_no_flow(void)
{
	struct derive_flow flow = {.flop_per_s = NAN, .bytes_per_s = NAN};

	for (size_t i = 0; i < DERIVE_PRECISIONS; i++)
		flow.by_precision[i] = NAN;
	return flow;
}

static void take_flops(const struct session *session, const struct domain *domain, enum span span,
		       struct derive_flow *flow)
{
	const struct series *series = first_series(domain, derive_precisions, DERIVE_PRECISIONS);

	if (!series)
		return;
	for (size_t i = 0; i < DERIVE_PRECISIONS; i++)
		flow->by_precision[i] = derive_rate(session, series, derive_precisions[i], span);
	flow->flop_per_s = derive_flop_per_s(session, series, span);
	/* What ran too seldom is shown, but not trusted. */
	flow->flop_quality = derive_is_trusted(series) ? series->quality : QUALITY_ESTIMATED;
	if (isnan(flow->flop_per_s))
		flow->reason = series->gap_reason;
}

/* Without bytes, the misses say how many there were at least: what was prefetched is not among them. */
static void take_bytes(const struct session *session, const struct domain *domain, enum span span,
		       struct derive_flow *flow)
{
	const struct series *series = first_series(domain, directions, ARRAY_SIZE(directions));

	if (series)
		flow->bytes_per_s = derive_bytes_per_s(session, series, span);
	if (!isnan(flow->bytes_per_s)) {
		flow->bytes_quality = series->quality;
		flow->bytes_at_least = series->quality == QUALITY_ESTIMATED;
		return;
	}
	series = domain_series(domain, METRIC_LLC_MISSES);
	if (!series)
		return;
	flow->bytes_per_s = LINE_BYTES * derive_rate(session, series, METRIC_LLC_MISSES, span);
	flow->bytes_quality = QUALITY_ESTIMATED;
	flow->bytes_at_least = !isnan(flow->bytes_per_s);
}

static void worse(enum quality *sum, enum quality part)
{
	if (part > *sum)
		*sum = part;
}

void derive_flow_add(struct derive_flow *sum, const struct derive_flow *part)
{
	if (!isnan(part->flop_per_s))
		worse(&sum->flop_quality, part->flop_quality);
	if (!isnan(part->bytes_per_s)) {
		worse(&sum->bytes_quality, part->bytes_quality);
		sum->bytes_at_least |= part->bytes_at_least;
	}
	sum->flop_per_s = derive_add(sum->flop_per_s, part->flop_per_s);
	sum->bytes_per_s = derive_add(sum->bytes_per_s, part->bytes_per_s);
	for (size_t i = 0; i < DERIVE_PRECISIONS; i++)
		sum->by_precision[i] = derive_add(sum->by_precision[i], part->by_precision[i]);
	if (!sum->reason || !*sum->reason)
		sum->reason = part->reason;
}

struct derive_flow derive_own_flow(const struct session *session, const struct domain *domain,
				   enum span span)
{
	struct derive_flow flow = derive_no_flow();
	uint64_t told = metric_bit(METRIC_FLOP_FP64) | metric_bit(METRIC_FLOP_FP32) |
			metric_bit(METRIC_FLOP_FP16) | metric_bit(METRIC_READ_BYTES) |
			metric_bit(METRIC_WRITE_BYTES) | metric_bit(METRIC_LLC_MISSES);

	/* Asked of each thread in each frame; of most nothing of it is counted. */
	if (!(domain->metrics & told))
		return flow;
	take_flops(session, domain, span, &flow);
	take_bytes(session, domain, span, &flow);
	return flow;
}

const char *derive_precision_name(size_t precision)
{
	static const char *const names[DERIVE_PRECISIONS] = {"fp64", "fp32", "fp16"};

	return precision < DERIVE_PRECISIONS ? names[precision] : "";
}
