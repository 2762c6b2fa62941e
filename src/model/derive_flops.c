/* SPDX-License-Identifier: Apache-2.0 */
/* Floating point operations of the whole run: given, marked, counted, or those of operators. */
#include "model/derive_private.h"

#include "base/text.h"

#include <math.h>

void derive_flops_by_precision(const struct session *session, enum span span,
			       double flops[DERIVE_PRECISIONS])
{
	for (size_t i = 0; i < DERIVE_PRECISIONS; i++)
		flops[i] = derive_sum_threads(session, &derive_precisions[i], 1, span).total;
}

static struct derive_sum sum_operators(const struct session *session, enum span span)
{
	size_t count;
	struct domain *const *operators = session_kind(session, DOMAIN_OPERATOR, &count);
	struct derive_sum sum = {NAN, NAN};

	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < DERIVE_PRECISIONS; k++) {
			const struct series *series =
				domain_series(operators[i], derive_precisions[k]);

			if (series)
				derive_sum_add(session, series, derive_precisions[k], span, &sum);
		}
	}
	return sum;
}

double derive_flops_per_work(const struct session *session)
{
	const char *text = session_meta_get(session, "flops_per_work");
	double flops;

	return text && text_to_double(text, &flops) == 0 && flops > 0 ? flops : NAN;
}

static void name_flops(struct derive_work *work, const char *named, enum quality quality)
{
	text_print(work->unit, sizeof(work->unit), "%s", isnan(work->total) ? "" : "flop");
	work->named = named;
	work->quality = quality;
}

/* A unit of the user's own work takes so many. */
static struct derive_work flops_of_work(const struct session *session, const struct series *own,
					double flops, enum span span)
{
	struct derive_work work = derive_work_of_series(session, own, span);

	work.per_s *= flops;
	work.total *= flops;
	work.per_j *= flops;
	work.per_j_above *= flops;
	name_flops(&work, "--flops-per-work", QUALITY_GIVEN);
	return work;
}

struct derive_work derive_flops(const struct session *session, enum span span)
{
	double flops_per_work = derive_flops_per_work(session);
	const struct series *own = derive_marked(session, "");
	const struct series *marked = derive_marked(session, "flop");
	struct derive_sum sum;
	struct derive_work work;

	if (own && !isnan(flops_per_work))
		return flops_of_work(session, own, flops_per_work, span);
	if (marked)
		return derive_work_of_series(session, marked, span);
	sum = derive_sum_threads(session, derive_precisions, DERIVE_PRECISIONS, span);
	if (!isnan(sum.total)) {
		work = derive_work_of_sum(session, &sum, span);
		name_flops(&work, "counters", QUALITY_MEASURED);
		return work;
	}
	sum = sum_operators(session, span);
	work = derive_work_of_sum(session, &sum, span);
	name_flops(&work, "operators", QUALITY_GIVEN);
	return work;
}
