/* SPDX-License-Identifier: Apache-2.0 */
/* Which series of a domain speaks for it when several give the same metric. */
#include "model/session_private.h"

#include "base/clock.h"

/* A meter that has been failing for so long while another of the same domain was read is no longer preferred. A shorter gap
 * changes nothing: totals must not jump to and fro. */
#define SILENCE_NS (2 * CLOCK_NS_PER_S)

static int64_t newest_reading_ns(const struct domain *domain, enum metric metric)
{
	int64_t newest_ns = 0;

	for (const struct series *series = domain->series; series; series = series->next) {
		const struct cell *cell = series_cell(series, metric);

		if (cell && cell->gap == 0 && cell->seen_ns > newest_ns)
			newest_ns = cell->seen_ns;
	}
	return newest_ns;
}

static int preference(const struct series *series, const struct cell *cell)
{
	bool is_silent =
		cell->gap != 0 &&
		newest_reading_ns(series->domain, (enum metric)cell->metric) - cell->seen_ns >
			SILENCE_NS;

	return (cell->started ? 0 : 1000) + (int)series->quality * 100 + (is_silent ? 50 : 0) +
	       series->rank;
}

const struct series *domain_series(const struct domain *domain, enum metric metric)
{
	const struct series *best = NULL;
	int best_preference = 0;

	/* Most are asked for of every thread, and few have them. */
	if (!(domain->metrics & metric_bit(metric)))
		return NULL;
	for (const struct series *series = domain->series; series; series = series->next) {
		const struct cell *cell = series_cell(series, metric);

		/* What was folded into a process is beside its own readings, never instead of them. */
		if (!cell || (series->is_folded && domain->kind != DOMAIN_ENDED))
			continue;

		int this_preference = preference(series, cell);

		if (best && this_preference >= best_preference)
			continue;
		best = series;
		best_preference = this_preference;
	}
	return best;
}
