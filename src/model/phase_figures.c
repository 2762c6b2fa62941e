/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of each phase, as figures and as domains of the session. */
#include "model/phase_private.h"
#include "model/session_private.h"

#include "base/clock.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

#define REPETITIONS "repetitions"
#define WORK	    "work:"

size_t phase_count(const struct session *session)
{
	return session->phases ? (size_t)session->phases->node_count : 0;
}

static double joules(int64_t energy_uj)
{
	return energy_uj == PHASE_UNKNOWN_UJ ? NAN : metric_si(METRIC_ENERGY_UJ, energy_uj);
}

static double celsius(int64_t temperature_mc)
{
	return temperature_mc == PHASE_UNKNOWN_UJ
		       ? NAN
		       : metric_si(METRIC_TEMPERATURE_MC, temperature_mc);
}

static double quotient(double above, double below)
{
	return below > 0 ? above / below : NAN;
}

/* Ended repetitions and the running one. */
struct totals {
	double energy_j, above_j;
};

static struct totals totals_of(const struct phases *phases, const struct phase_node *node,
			       int device, bool is_known)
{
	const struct phase_sum *sum = &node->sums[device];
	struct totals totals = {NAN, NAN};
	int64_t energy_uj = 0, above_uj = 0;

	if (node->is_running)
		phases_use_now(phases, node, device, &energy_uj, &above_uj);
	else if (node->count == 0)
		return totals;
	if (!is_known)
		return totals;
	totals.energy_j = joules(sum->energy_uj) + joules(energy_uj);
	if (sum->above_count == node->count)
		totals.above_j = joules(sum->above_uj) + joules(above_uj);
	/* Between the same two readings of a meter, or after its last one, nothing is known: that is not 0 J. */
	if (totals.energy_j == 0)
		totals.energy_j = totals.above_j = NAN;
	return totals;
}

static int64_t time_of(const struct phases *phases, const struct phase_node *node)
{
	return node->time_ns + (node->is_running ? phases->last_ns - node->begin.time_ns : 0);
}

static const struct cell *published(const struct session *session, const struct phase_node *node,
				    const char *source)
{
	const struct domain *domain = session_find(session, node->key);
	const struct series *series = domain ? domain->series : NULL;

	while (series && strcmp(series->source, source) != 0)
		series = series->next;
	return series ? series_cell(series, METRIC_WORK) : NULL;
}

/* Work that was told inside the phase. A recording knows it exactly; its own rows of work come once a tick. */
static int64_t work_of(const struct session *session, const struct phase_node *node, int unit)
{
	const struct phases *phases = session->phases;
	char source[64];
	size_t count;
	struct domain *const *works = session_kind(session, DOMAIN_WORK, &count);
	int64_t work = node->work[unit];
	const struct cell *cell;

	text_print(source, sizeof(source), WORK "%s", phases->units[unit]);
	cell = published(session, node, source);
	if (cell && session_meta_get(session, PHASE_REPLAY_KEY))
		work = cell->value;
	for (size_t i = 0; i < count && node->is_open; i++) {
		const struct series *series = domain_series(works[i], METRIC_WORK);
		const struct cell *now = series ? series_cell(series, METRIC_WORK) : NULL;

		if (now && strcmp(works[i]->name, phases->units[unit]) == 0 &&
		    now->value > node->work_begin[unit])
			return phases_add(work, now->value - node->work_begin[unit]);
	}
	return work;
}

/* The workload's own unit before FLOPs and bytes. */
static void add_work(const struct session *session, const struct phase_node *node,
		     struct phase_figures *figures)
{
	const struct phases *phases = session->phases;

	figures->unit = "";
	figures->work = figures->energy_per_work_j = NAN;
	for (int i = 0; i < phases->unit_count; i++) {
		const char *unit = phases->units[i];
		bool is_own = strcmp(unit, "flop") != 0 && strcmp(unit, "byte") != 0;
		int64_t work = work_of(session, node, i);

		if (work <= 0 || (figures->unit[0] && !is_own))
			continue;
		figures->unit = unit;
		figures->work = (double)work;
		figures->energy_per_work_j = quotient(figures->energy_j, figures->work);
		if (is_own)
			return;
	}
}

static enum quality quality_of(enum quality quality)
{
	return quality == QUALITY_ESTIMATED ? quality : QUALITY_ATTRIBUTED;
}

static enum quality quality_of_total(const struct phases *phases)
{
	enum quality quality = QUALITY_ATTRIBUTED;

	for (int i = 0; i < phases->meter_count; i++) {
		if (phases->meters[i]->in_total && phases->meters[i]->quality == QUALITY_ESTIMATED)
			quality = QUALITY_ESTIMATED;
	}
	return quality;
}

/* The mean may lie above what was seen as peak where readings of several devices do not touch. */
static double peak_of(const struct phase_sum *sum, double mean_w)
{
	return isnan(mean_w) ? NAN : fmax(sum->peak_w, mean_w);
}

struct phase_figures phase_figures(const struct session *session, size_t index)
{
	const struct phases *phases = session->phases;
	const struct phase_node *node = phases->nodes[index];
	bool is_known = node->energy_count == node->count;
	struct totals totals = totals_of(phases, node, PHASE_TOTAL, is_known);
	struct phase_figures figures = {
		.name = node->name,
		.key = node->key,
		.parent = node->parent,
		.depth = node->depth,
		.is_open = node->is_open,
		.is_short = node->short_count > 0,
		.count = node->count,
		.short_count = node->short_count,
		.unsure_count = node->unsure_count,
		.time_ns = time_of(phases, node),
		.quality = quality_of_total(phases),
		.energy_j = totals.energy_j,
		.above_j = totals.above_j,
		.energy_least_j = node->energy_count > 0 ? joules(node->least_uj) : NAN,
		.energy_most_j = node->energy_count > 0 ? joules(node->most_uj) : NAN,
		.before_c = celsius(node->before_mc),
		.after_c = node->count > 0 ? celsius(node->after_mc) : NAN,
	};

	figures.mean_w =
		quotient(figures.energy_j, (double)figures.time_ns / (double)CLOCK_NS_PER_S);
	figures.peak_w = peak_of(&node->sums[PHASE_TOTAL], figures.mean_w);
	add_work(session, node, &figures);
	return figures;
}

size_t phase_devices(const struct session *session, size_t index,
		     struct phase_device devices[PHASE_DEVICES_MAX])
{
	const struct phases *phases = session->phases;
	const struct phase_node *node = phases->nodes[index];
	double time_s = (double)time_of(phases, node) / (double)CLOCK_NS_PER_S;
	size_t count = 0;

	for (int i = 0; i < phases->meter_count; i++) {
		const struct phase_meter *meter = phases->meters[i];
		struct totals totals = totals_of(phases, node, i, meter->has_spoken);
		double mean_w = quotient(totals.energy_j, time_s);

		if (!meter->in_total)
			continue;
		devices[count++] = (struct phase_device){
			.key = meter->key,
			.quality = quality_of(meter->quality),
			.energy_j = totals.energy_j,
			.above_j = totals.above_j,
			.mean_w = mean_w,
			.peak_w = peak_of(&node->sums[i], mean_w),
		};
	}
	return count;
}

static void publish_energy(struct session *session, struct domain *domain,
			   const struct phase_node *node, const char *source, int64_t energy_uj,
			   enum quality quality)
{
	struct series *series = session_series(session, domain, source, quality);

	session_value(session, series, METRIC_ENERGY_UJ, session->now_ns, energy_uj);
	session_value(session, series, METRIC_RESIDENCY_NS, session->now_ns, node->time_ns);
}

static void publish_devices(const struct phases *phases, struct session *session,
			    struct domain *domain, const struct phase_node *node)
{
	for (int i = 0; i < phases->meter_count; i++) {
		const struct phase_meter *meter = phases->meters[i];

		if (meter->in_total && meter->has_spoken)
			publish_energy(session, domain, node, meter->key, node->sums[i].energy_uj,
				       quality_of(meter->quality));
	}
}

static void publish_node(const struct phases *phases, struct session *session,
			 const struct phase_node *node)
{
	struct domain *parent =
		node->parent < 0
			? session->machine
			: session_domain(session, DOMAIN_PHASE, phases->nodes[node->parent]->key,
					 NULL, phases->nodes[node->parent]->name);
	struct domain *domain =
		session_domain(session, DOMAIN_PHASE, node->key, parent, node->name);
	const struct phase_sum *total = &node->sums[PHASE_TOTAL];
	char source[64];

	if (!domain)
		return;
	session_value(session, session_series(session, domain, REPETITIONS, QUALITY_GIVEN),
		      METRIC_WORK, session->now_ns, (int64_t)node->count);
	session_value(session, session_series(session, domain, REPETITIONS, QUALITY_GIVEN),
		      METRIC_RESIDENCY_NS, session->now_ns, node->time_ns);
	if (node->energy_count == node->count)
		publish_energy(session, domain, node, "total", total->energy_uj,
			       quality_of_total(phases));
	if (node->energy_count == node->count && total->above_count == node->count)
		publish_energy(session, domain, node, "total above idle", total->above_uj,
			       quality_of_total(phases));
	publish_devices(phases, session, domain, node);
	for (int i = 0; i < phases->unit_count; i++) {
		text_print(source, sizeof(source), WORK "%s", phases->units[i]);
		if (node->work[i] > 0)
			session_value(session,
				      session_series(session, domain, source, QUALITY_GIVEN),
				      METRIC_WORK, session->now_ns, node->work[i]);
	}
}

void phases_publish(struct phases *phases, struct session *session)
{
	for (int i = 0; i < phases->node_count; i++) {
		if (!phases->nodes[i]->changed)
			continue;
		publish_node(phases, session, phases->nodes[i]);
		phases->nodes[i]->changed = false;
	}
}
