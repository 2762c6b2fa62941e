/* SPDX-License-Identifier: Apache-2.0 */
/* Edges of phases, once the readings on both of their sides are there. */
#include "model/phase_private.h"

#include <math.h>
#include <string.h>

static bool is_ready(const struct phases *phases, int64_t time_ns, int64_t now_ns)
{
	if (now_ns - time_ns > PHASE_PATIENCE_NS)
		return true;
	for (int i = 0; i < phases->meter_count; i++) {
		const struct phase_meter *meter = phases->meters[i];

		if (!meter->in_total || meter->lost)
			continue;
		if (!phase_track_covers(&meter->energy, time_ns) ||
		    (meter->idle.count > 0 && !phase_track_covers(&meter->idle, time_ns)))
			return false;
	}
	return true;
}

/* The hottest of what has a temperature. */
static int64_t hottest_mc(const struct session *session)
{
	static const enum domain_kind kinds[] = {DOMAIN_PACKAGE, DOMAIN_GPU, DOMAIN_SENSOR,
						 DOMAIN_BOARD};
	int64_t hottest = PHASE_UNKNOWN_UJ;

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		size_t count;
		struct domain *const *domains = session_kind(session, kinds[k], &count);

		for (size_t i = 0; i < count; i++) {
			const struct series *series =
				domain_series(domains[i], METRIC_TEMPERATURE_MC);
			const struct cell *cell =
				series ? series_cell(series, METRIC_TEMPERATURE_MC) : NULL;

			if (cell && cell->known && cell->value > hottest)
				hottest = cell->value;
		}
	}
	return hottest;
}

/* What all meters had counted at a time; *step_ns grows to the longest interval around it. */
static void take_snapshot(const struct phases *phases, int64_t time_ns,
			  struct phase_snapshot *snapshot, int64_t *step_ns)
{
	snapshot->time_ns = time_ns;
	snapshot->is_unsure = false;
	for (int i = 0; i < PHASE_DEVICES_MAX; i++)
		snapshot->energy_uj[i] = snapshot->idle_uj[i] = PHASE_UNKNOWN_UJ;
	for (int i = 0; i < phases->meter_count; i++) {
		const struct phase_meter *meter = phases->meters[i];
		int64_t length_ns, unused;

		snapshot->energy_uj[i] = phase_track_at(&meter->energy, time_ns, &length_ns);
		if (meter->in_total && length_ns > *step_ns)
			*step_ns = length_ns;
		if (meter->in_total)
			snapshot->is_unsure |= !phase_track_reaches_back(&meter->energy, time_ns) ||
					       !phase_track_covers(&meter->energy, time_ns);
		if (phase_track_reaches_back(&meter->idle, time_ns))
			snapshot->idle_uj[i] = phase_track_at(&meter->idle, time_ns, &unused);
	}
}

static int64_t difference(const int64_t from[PHASE_DEVICES_MAX],
			  const int64_t to[PHASE_DEVICES_MAX], int device)
{
	if (from[device] == PHASE_UNKNOWN_UJ || to[device] == PHASE_UNKNOWN_UJ)
		return PHASE_UNKNOWN_UJ;
	return to[device] - from[device];
}

/* One device over one repetition. */
struct use {
	int64_t energy_uj, above_uj; /* PHASE_UNKNOWN_UJ = unknown */
};

static struct use use_of(const struct phase_snapshot *from, const struct phase_snapshot *to,
			 int device)
{
	int64_t idle_uj = difference(from->idle_uj, to->idle_uj, device);
	struct use use = {difference(from->energy_uj, to->energy_uj, device), PHASE_UNKNOWN_UJ};

	if (use.energy_uj != PHASE_UNKNOWN_UJ && idle_uj != PHASE_UNKNOWN_UJ)
		use.above_uj = use.energy_uj > idle_uj ? use.energy_uj - idle_uj : 0;
	return use;
}

static void add_use(struct phase_sum *sum, struct use use)
{
	if (use.energy_uj != PHASE_UNKNOWN_UJ)
		sum->energy_uj = phases_add(sum->energy_uj, use.energy_uj);
	if (use.above_uj == PHASE_UNKNOWN_UJ)
		return;
	sum->above_uj = phases_add(sum->above_uj, use.above_uj);
	sum->above_count++;
}

/* It was there and has told nothing yet: that is not 0 J. */
static bool is_silent(const struct phase_meter *meter, int64_t time_ns)
{
	return !meter->has_spoken && time_ns > phase_track_newest_ns(&meter->energy);
}

/* The devices of the total together: unknown where one of them is. */
static struct use use_of_total(const struct phases *phases, const struct phase_snapshot *from,
			       const struct phase_snapshot *to)
{
	struct use total = {0, 0};

	for (int i = 0; i < phases->meter_count; i++) {
		struct use use = use_of(from, to, i);

		if (!phases->meters[i]->in_total)
			continue;
		if (use.energy_uj == PHASE_UNKNOWN_UJ || is_silent(phases->meters[i], to->time_ns))
			return (struct use){PHASE_UNKNOWN_UJ, PHASE_UNKNOWN_UJ};
		total.energy_uj = phases_add(total.energy_uj, use.energy_uj);
		if (use.above_uj == PHASE_UNKNOWN_UJ || total.above_uj == PHASE_UNKNOWN_UJ)
			total.above_uj = PHASE_UNKNOWN_UJ;
		else
			total.above_uj = phases_add(total.above_uj, use.above_uj);
	}
	return phases->total_unknown ? (struct use){PHASE_UNKNOWN_UJ, PHASE_UNKNOWN_UJ} : total;
}

static void look_at_peaks(const struct phases *phases, struct phase_node *node, int64_t to_ns)
{
	for (int i = 0; i < phases->meter_count; i++) {
		double peak_w =
			phase_track_peak(&phases->meters[i]->energy, node->peaked_ns, to_ns);

		node->sums[i].peak_w = fmax(node->sums[i].peak_w, isnan(peak_w) ? 0 : peak_w);
	}

	double peak_w = phase_track_peak(&phases->total, node->peaked_ns, to_ns);

	node->sums[PHASE_TOTAL].peak_w =
		fmax(node->sums[PHASE_TOTAL].peak_w, isnan(peak_w) ? 0 : peak_w);
	if (phase_track_newest_ns(&phases->total) > node->peaked_ns)
		node->peaked_ns = phase_track_newest_ns(&phases->total);
}

static double joules(int64_t energy_uj)
{
	return energy_uj == PHASE_UNKNOWN_UJ ? NAN : metric_si(METRIC_ENERGY_UJ, energy_uj);
}

static void tell(const struct phases *phases, const struct phase_node *node,
		 const struct phase_snapshot *end, struct use total, bool is_short)
{
	struct phase_repetition repetition = {
		.name = node->name,
		.key = node->key,
		.depth = node->depth,
		.begin_ns = node->begin.time_ns,
		.end_ns = end->time_ns,
		.is_short = is_short,
		.is_unsure = node->begin.is_unsure || end->is_unsure,
		.energy_j = joules(total.energy_uj),
		.above_j = joules(total.above_uj),
	};

	for (int i = 0; i < phases->meter_count; i++) {
		const struct phase_meter *meter = phases->meters[i];

		if (!meter->in_total)
			continue;
		repetition.devices[repetition.device_count] = meter->key;
		repetition.device_j[repetition.device_count++] =
			meter->has_spoken ? joules(use_of(&node->begin, end, i).energy_uj) : NAN;
	}
	phases->ended(phases->user, &repetition);
}

static void settle_end(const struct phases *phases, struct phase_node *node, int64_t time_ns,
		       int64_t temperature_mc)
{
	struct phase_snapshot end;
	int64_t step_ns = node->begin_step_ns;

	take_snapshot(phases, time_ns, &end, &step_ns);

	struct use total = use_of_total(phases, &node->begin, &end);
	bool is_short = time_ns - node->begin.time_ns < step_ns;

	for (int i = 0; i < phases->meter_count; i++)
		add_use(&node->sums[i], use_of(&node->begin, &end, i));
	add_use(&node->sums[PHASE_TOTAL], total);
	look_at_peaks(phases, node, time_ns);
	node->is_running = false;
	node->time_ns += time_ns - node->begin.time_ns;
	node->after_mc = temperature_mc;
	node->energy_count += total.energy_uj != PHASE_UNKNOWN_UJ;
	node->short_count += is_short;
	node->unsure_count += node->begin.is_unsure || end.is_unsure;
	if (total.energy_uj != PHASE_UNKNOWN_UJ) {
		if (node->energy_count == 1 || total.energy_uj < node->least_uj)
			node->least_uj = total.energy_uj;
		if (total.energy_uj > node->most_uj)
			node->most_uj = total.energy_uj;
	}
	node->count++;
	node->changed = true;
	if (phases->ended)
		tell(phases, node, &end, total, is_short);
}

static void settle_edge(const struct phases *phases, const struct phase_edge *edge,
			int64_t temperature_mc)
{
	struct phase_node *node = phases->nodes[edge->node];

	if (!edge->is_begin) {
		settle_end(phases, node, edge->time_ns, temperature_mc);
		return;
	}
	node->begin_step_ns = 0;
	take_snapshot(phases, edge->time_ns, &node->begin, &node->begin_step_ns);
	node->is_running = true;
	node->peaked_ns = edge->time_ns;
	if (node->count == 0)
		node->before_mc = temperature_mc;
}

void phases_settle(struct phases *phases, const struct session *session, bool last)
{
	int64_t now_ns = session_now_ns(session);
	int64_t temperature_mc = phases->edge_count > 0 ? hottest_mc(session) : 0;
	size_t settled = 0;

	while (settled < phases->edge_count &&
	       (last || is_ready(phases, phases->edges[settled].time_ns, now_ns)))
		settle_edge(phases, &phases->edges[settled++], temperature_mc);
	phases->edge_count -= settled;
	if (settled > 0)
		memmove(phases->edges, phases->edges + settled,
			phases->edge_count * sizeof(*phases->edges));
	for (int i = 0; i < phases->node_count; i++) {
		if (phases->nodes[i]->is_running)
			look_at_peaks(phases, phases->nodes[i], now_ns);
	}
	phases->last_ns = now_ns;
}

void phases_use_now(const struct phases *phases, const struct phase_node *node, int device,
		    int64_t *energy_uj, int64_t *above_uj)
{
	struct phase_snapshot now;
	int64_t step_ns = 0;
	struct use use;

	take_snapshot(phases, phases->last_ns, &now, &step_ns);
	use = device == PHASE_TOTAL ? use_of_total(phases, &node->begin, &now)
				    : use_of(&node->begin, &now, device);
	*energy_uj = use.energy_uj;
	*above_uj = use.above_uj;
}
