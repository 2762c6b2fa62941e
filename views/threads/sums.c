/* SPDX-License-Identifier: Apache-2.0 */
/* The sums below the threads: what is not shown, not watched, not explained and idle, so that the books balance in sight. */
#include "views/threads/rows.h"

#include <math.h>
#include <string.h>

struct threads_sum threads_nothing(void)
{
	return (struct threads_sum){.busy_ratio = NAN, .power_w = NAN, .energy_j = NAN};
}

void threads_add(struct threads_sum *sum, double busy_ratio, double power_w, double energy_j)
{
	sum->count++;
	sum->busy_ratio = derive_add(sum->busy_ratio, busy_ratio);
	sum->power_w = derive_add(sum->power_w, power_w);
	sum->energy_j = derive_add(sum->energy_j, energy_j);
}

struct threads_sum threads_all(const struct threads_panel *panel)
{
	struct threads_sum sum = threads_nothing();

	for (size_t i = 0; i < panel->row_count; i++) {
		const struct group_row *row = &panel->rows[i];

		if (!threads_counts(panel, row))
			continue;
		threads_add(&sum, row->busy_ratio, row->power_w, row->energy_j);
		sum.estimated |= row->quality == QUALITY_ESTIMATED;
	}
	return sum;
}

struct threads_sum threads_tagged(const struct threads_panel *panel)
{
	struct threads_sum sum = threads_nothing();

	for (size_t i = 0; i < panel->row_count && panel->tag_capacity > 0; i++) {
		const struct group_row *row = &panel->rows[i];

		if (threads_is_tagged(panel, row))
			threads_add(&sum, row->busy_ratio, row->power_w, row->energy_j);
	}
	return sum;
}

/* Threads share the energy of packages; a process has that of GPUs too. Memory has books of its own. */
static bool is_in_the_books(const struct threads_panel *panel, const struct domain *device)
{
	if (!device)
		return true;
	if (device->kind == DOMAIN_GPU)
		return panel->processes || panel->tree;
	return device->kind != DOMAIN_DRAM;
}

struct threads_sum threads_kind(const struct threads_panel *panel, const struct session *session,
				enum domain_kind kind)
{
	struct threads_sum sum = threads_nothing();
	size_t count;
	struct domain *const *domains = session_kind(session, kind, &count);

	for (size_t i = 0; i < count; i++) {
		struct derive_power now = derive_power(session, domains[i], SPAN_NOW);
		const struct series *busy = domain_series(domains[i], METRIC_BUSY_NS);

		if (!now.series || !is_in_the_books(panel, domains[i]->parent))
			continue;
		threads_add(&sum, busy ? derive_rate(session, busy, METRIC_BUSY_NS, SPAN_NOW) : NAN,
			    now.power_w, derive_power(session, domains[i], SPAN_RUN).energy_j);
		sum.estimated |= now.quality == QUALITY_ESTIMATED;
	}
	return sum;
}

/* Energy is all that the dead have left. */
static void add_ended(struct threads_sum *sum, const struct domain *domain, bool all_sources)
{
	for (const struct series *series = domain->series; series; series = series->next) {
		const struct cell *cell = series_cell(series, METRIC_ENERGY_UJ);

		if (!cell || (!all_sources && !series->is_folded))
			continue;
		threads_add(sum, NAN, NAN, metric_si(METRIC_ENERGY_UJ, cell->value));
		sum->estimated |= series->quality == QUALITY_ESTIMATED;
	}
}

struct threads_sum threads_ended(const struct threads_panel *panel, const struct session *session)
{
	struct threads_sum sum = threads_nothing();
	size_t count;
	struct domain *const *domains = session_kind(session, DOMAIN_ENDED, &count);

	for (size_t i = 0; i < count; i++)
		add_ended(&sum, domains[i], true);
	if (panel->processes || panel->tree || panel->sums)
		return sum;
	/* The row of a process holds what its dead threads used; rows of threads do not. */
	domains = session_kind(session, DOMAIN_PROCESS, &count);
	for (size_t i = 0; i < count; i++)
		add_ended(&sum, domains[i], false);
	return sum;
}

bool threads_counts(const struct threads_panel *panel, const struct group_row *row)
{
	return !panel->tree || !row->domain || row->domain->kind == DOMAIN_PROCESS;
}
