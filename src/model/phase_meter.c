/* SPDX-License-Identifier: Apache-2.0 */
/* Energy meters as lines from reading to reading, on which the edges of phases are found. */
#include "model/phase_private.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/derive.h"

#include <math.h>
#include <string.h>

/* Place 0 is the oldest. */
static const struct phase_point *point_at(const struct phase_track *track, size_t place)
{
	return &track->points[(track->first + place) % PHASE_POINTS];
}

static void add_point(struct phase_track *track, int64_t time_ns, int64_t energy_uj)
{
	size_t place;

	if (track->count > 0) {
		struct phase_point *newest =
			&track->points[(track->first + track->count - 1) % PHASE_POINTS];

		if (time_ns < newest->time_ns)
			return;
		energy_uj = energy_uj > newest->energy_uj ? energy_uj : newest->energy_uj;
		if (time_ns == newest->time_ns) {
			newest->energy_uj = energy_uj;
			return;
		}
	}
	if (track->count == PHASE_POINTS) {
		track->first = (track->first + 1) % PHASE_POINTS;
		track->count--;
	}
	place = (track->first + track->count++) % PHASE_POINTS;
	track->points[place] = (struct phase_point){time_ns, energy_uj};
}

bool phase_track_reaches_back(const struct phase_track *track, int64_t time_ns)
{
	return track->count > 0 && time_ns >= point_at(track, 0)->time_ns;
}

int64_t phase_track_newest_ns(const struct phase_track *track)
{
	return track->count > 0 ? point_at(track, track->count - 1)->time_ns : 0;
}

bool phase_track_covers(const struct phase_track *track, int64_t time_ns)
{
	return track->count > 0 &&
	       (phase_track_newest_ns(track) >= time_ns || track->seen_ns >= time_ns);
}

int64_t phases_add(int64_t a, int64_t b)
{
	int64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static int64_t between(const struct phase_point *from, const struct phase_point *to,
		       int64_t time_ns)
{
	int64_t step_uj = to->energy_uj - from->energy_uj;
	double part_ratio =
		(double)(time_ns - from->time_ns) / (double)(to->time_ns - from->time_ns);
	double part_uj = round((double)step_uj * part_ratio);

	/* A step too large for a double's digits must not round up beyond its end. */
	return part_uj < (double)step_uj ? from->energy_uj + (int64_t)part_uj : to->energy_uj;
}

int64_t phase_track_at(const struct phase_track *track, int64_t time_ns, int64_t *step_ns)
{
	size_t i = track->count;

	*step_ns = 0;
	if (track->count == 0)
		return PHASE_UNKNOWN_UJ;
	if (time_ns < point_at(track, 0)->time_ns)
		return point_at(track, 0)->energy_uj;
	while (point_at(track, i - 1)->time_ns > time_ns)
		i--;
	if (i > 1 && (i == track->count || point_at(track, i - 1)->time_ns == time_ns))
		*step_ns = point_at(track, i - 1)->time_ns - point_at(track, i - 2)->time_ns;
	if (i == track->count)
		return point_at(track, i - 1)->energy_uj;
	if (point_at(track, i - 1)->time_ns < time_ns || *step_ns == 0)
		*step_ns = point_at(track, i)->time_ns - point_at(track, i - 1)->time_ns;
	return between(point_at(track, i - 1), point_at(track, i), time_ns);
}

double phase_track_peak(const struct phase_track *track, int64_t from_ns, int64_t to_ns)
{
	double peak_w = NAN;

	for (size_t i = track->count; i > 1; i--) {
		const struct phase_point *to = point_at(track, i - 1),
					 *from = point_at(track, i - 2);

		if (to->time_ns <= from_ns)
			break;
		if (from->time_ns < to_ns)
			peak_w = fmax(peak_w,
				      metric_si(METRIC_ENERGY_UJ, to->energy_uj - from->energy_uj) *
					      (double)CLOCK_NS_PER_S /
					      (double)(to->time_ns - from->time_ns));
	}
	return peak_w;
}

/* Takes in what a counter said since the last look: where its last step began, and where it ended. */
static void follow(struct phase_track *track, const struct cell *cell, int64_t base_uj)
{
	if (track->count == 0)
		add_point(track, cell->first_time_ns, base_uj + cell->first_value);
	add_point(track, cell->previous_time_ns, base_uj + cell->previous);
	add_point(track, cell->time_ns, base_uj + cell->value);
}

static struct phase_meter *find_meter(struct phases *phases, const char *key)
{
	for (int i = 0; i < phases->meter_count; i++) {
		if (strcmp(phases->meters[i]->key, key) == 0)
			return phases->meters[i];
	}
	if (phases->meter_count == PHASE_DEVICES_MAX)
		return NULL;

	struct phase_meter *meter = memory_zeroed(1, sizeof(*meter));

	text_print(meter->key, sizeof(meter->key), "%s", key);
	phases->meters[phases->meter_count++] = meter;
	return meter;
}

static void read_idle(struct phase_meter *meter, const struct domain *domain)
{
	const struct domain *idle = domain->first_child;

	while (idle && idle->kind != DOMAIN_IDLE)
		idle = idle->next_sibling;

	const struct series *series = idle ? domain_series(idle, METRIC_ENERGY_UJ) : NULL;
	const struct cell *cell = series ? series_cell(series, METRIC_ENERGY_UJ) : NULL;

	if (!cell || !cell->started)
		return;
	follow(&meter->idle, cell, 0);
	meter->idle.seen_ns = cell->seen_ns;
}

/* False when the device counts no energy. */
static bool read_meter(struct phase_meter *meter, const struct domain *domain)
{
	const struct series *series = domain_series(domain, METRIC_ENERGY_UJ);
	const struct cell *cell = series ? series_cell(series, METRIC_ENERGY_UJ) : NULL;

	meter->lost = !domain->alive || !cell || cell->gap != 0;
	if (!cell || !cell->started)
		return false;
	if (meter->source && strcmp(meter->source, series->source) != 0) {
		size_t count = meter->energy.count;
		int64_t until_uj = count ? point_at(&meter->energy, count - 1)->energy_uj : 0;

		/* What the new source counted before belongs to a time that the old one has counted. */
		meter->base_uj = until_uj - cell->value;
		meter->source = series->source;
		add_point(&meter->energy, cell->time_ns, until_uj);
	}
	meter->source = series->source;
	meter->quality = series->quality;
	meter->has_spoken |= cell->value != cell->first_value;
	follow(&meter->energy, cell, meter->base_uj);
	if (series_still_is_zero(series, METRIC_ENERGY_UJ))
		meter->energy.seen_ns = cell->seen_ns;
	read_idle(meter, domain);
	return true;
}

/* The time until which all devices of the total are known: by their newest readings (back 0), or by the ones before;
 * INT64_MAX = there is none. */
static int64_t common_time_ns(const struct phases *phases, size_t back)
{
	int64_t time_ns = INT64_MAX;

	for (int i = 0; i < phases->meter_count; i++) {
		const struct phase_track *track = &phases->meters[i]->energy;

		if (!phases->meters[i]->in_total || track->count <= back)
			continue;
		if (point_at(track, track->count - 1 - back)->time_ns < time_ns)
			time_ns = point_at(track, track->count - 1 - back)->time_ns;
	}
	return time_ns;
}

int64_t phases_energy_at(const struct phases *phases, int64_t time_ns)
{
	int64_t sum_uj = 0, step_ns;

	for (int i = 0; i < phases->meter_count; i++) {
		const struct phase_meter *meter = phases->meters[i];

		if (meter->in_total && meter->energy.count > 0)
			sum_uj = phases_add(sum_uj,
					    phase_track_at(&meter->energy, time_ns, &step_ns));
	}
	return sum_uj;
}

int64_t phases_known_ns(const struct phases *phases)
{
	int64_t time_ns = common_time_ns(phases, 0);

	return time_ns == INT64_MAX ? 0 : time_ns;
}

int64_t phases_known_since_ns(const struct phases *phases)
{
	int64_t time_ns = 0;

	for (int i = 0; i < phases->meter_count; i++) {
		const struct phase_track *track = &phases->meters[i]->energy;

		if (phases->meters[i]->in_total && track->count > 0 &&
		    point_at(track, 0)->time_ns > time_ns)
			time_ns = point_at(track, 0)->time_ns;
	}
	return time_ns;
}

/* The sum of all devices, kept for its peaks alone. */
static void read_total(struct phases *phases)
{
	struct phase_track *total = &phases->total;
	int64_t now_ns = common_time_ns(phases, 0), before_ns = common_time_ns(phases, 1);

	if (now_ns == INT64_MAX)
		return;
	/* One device less (a driver that went) is no negative power. */
	if (total->count > 0 &&
	    phases_energy_at(phases, now_ns) < point_at(total, total->count - 1)->energy_uj)
		total->count = 0;
	if (total->count == 0 && before_ns < now_ns)
		add_point(total, before_ns, phases_energy_at(phases, before_ns));
	add_point(total, now_ns, phases_energy_at(phases, now_ns));
}

void phases_read_meters(struct phases *phases, const struct session *session)
{
	const struct domain *parts[PHASE_DEVICES_MAX];
	size_t count = derive_total_parts(session, parts, PHASE_DEVICES_MAX);

	for (int i = 0; i < phases->meter_count; i++)
		phases->meters[i]->in_total = false;
	phases->total_unknown = count == 0 || count > PHASE_DEVICES_MAX;
	for (size_t i = 0; i < count && i < PHASE_DEVICES_MAX; i++) {
		struct phase_meter *meter = find_meter(phases, parts[i]->key);

		if (!meter) {
			phases->total_unknown = true;
			continue;
		}
		meter->in_total = true;
		phases->total_unknown |= !read_meter(meter, parts[i]);
	}
	if (phases->total_unknown && count > PHASE_DEVICES_MAX)
		phases->meters_left_out++;
	read_total(phases);
}
