/* SPDX-License-Identifier: Apache-2.0 */
/* What a session with a sensor teaches: the watts of a package at each load. */
#include "model/estimate_learn.h"

#include "base/clock.h"
#include "model/derive.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Shorter ones say more about when meter and clock were read than about watts; a longer one mixes loads. */
#define INTERVAL_MIN_NS CLOCK_NS_PER_S
#define INTERVAL_MAX_NS (30 * CLOCK_NS_PER_S)

/* Energy of all packages and when the last of them was read; false when one of them has no sensor. */
static bool add_packages(const struct session *session, int64_t *energy_uj, int64_t *time_ns,
			 int *packages)
{
	size_t count;
	struct domain *const *domains = session_kind(session, DOMAIN_PACKAGE, &count);

	*energy_uj = *time_ns = 0;
	for (size_t i = 0; i < count; i++) {
		const struct series *series = domain_series(domains[i], METRIC_ENERGY_UJ);
		const struct cell *cell = series ? series_cell(series, METRIC_ENERGY_UJ) : NULL;

		if (!cell || !cell->started ||
		    (series->quality != QUALITY_MEASURED && series->quality != QUALITY_SAMPLED))
			return false;
		*energy_uj += cell->value;
		if (cell->time_ns > *time_ns)
			*time_ns = cell->time_ns;
	}
	*packages = (int)count;
	return count > 0;
}

static int64_t add_cpus(const struct session *session, int *cpus)
{
	size_t count;
	struct domain *const *domains = session_kind(session, DOMAIN_CPU, &count);
	int64_t busy_ns = 0;

	*cpus = 0;
	for (size_t i = 0; i < count; i++) {
		const struct series *series = domain_series(domains[i], METRIC_BUSY_NS);
		const struct cell *cell = series ? series_cell(series, METRIC_BUSY_NS) : NULL;

		if (!cell || !cell->started)
			continue;
		busy_ns += cell->value;
		++*cpus;
	}
	return busy_ns;
}

static int place_of(double ratio, int places)
{
	int place = (int)(ratio * places);

	return place < 0 ? 0 : place >= places ? places - 1 : place;
}

static void close_interval(struct estimate_learner *learner, double energy_j, double length_s,
			   double load_ratio)
{
	double speed = learner->ticks > 0 ? learner->speed / learner->ticks : 0;
	struct learn_cell *cell =
		&learner->cells[place_of(load_ratio, LEARN_LOADS)][place_of(speed, LEARN_SPEEDS)];

	if (!(load_ratio >= 0 && load_ratio <= 1.05) || !(energy_j > 0))
		return;
	cell->time_s += length_s;
	cell->load_s += fmin(load_ratio, 1) * length_s;
	cell->speed_s += speed * length_s;
	cell->energy_j += energy_j;
}

void estimate_learn(struct estimate_learner *learner, const struct session *session)
{
	int64_t energy_uj, energy_ns, busy_ns, now_ns = session_now_ns(session);
	double speed = derive_speed_ratio(session);
	int packages = 0, cpus;

	if (!add_packages(session, &energy_uj, &energy_ns, &packages)) {
		learner->energy_ns = 0;
		return;
	}
	busy_ns = add_cpus(session, &cpus);
	/* Frequencies are what they are while the interval lasts: the tick that opens it is not of it. */
	if (learner->energy_ns) {
		learner->speed += isnan(speed) ? 0 : speed;
		learner->ticks++;
		if (energy_ns - learner->energy_ns < INTERVAL_MIN_NS)
			return;
	}

	double length_s = (double)(energy_ns - learner->energy_ns) / (double)CLOCK_NS_PER_S;
	double busy_s = (double)(now_ns - learner->busy_time_ns) / (double)CLOCK_NS_PER_S * cpus;

	/* A package or a CPU that came or went: the totals do not compare. */
	if (learner->energy_ns && energy_ns - learner->energy_ns <= INTERVAL_MAX_NS &&
	    packages == learner->packages && cpus == learner->cpus && cpus > 0 && busy_s > 0)
		close_interval(learner, (double)(energy_uj - learner->energy_uj) / 1e6 / packages,
			       length_s,
			       (double)(busy_ns - learner->busy_ns) / (double)CLOCK_NS_PER_S /
				       busy_s);
	learner->energy_uj = energy_uj;
	learner->energy_ns = energy_ns;
	learner->busy_ns = busy_ns;
	learner->busy_time_ns = now_ns;
	learner->packages = packages;
	learner->cpus = cpus;
	learner->speed = 0;
	learner->ticks = 0;
}

int estimate_learnt(const struct estimate_learner *learner, const struct session *session,
		    struct estimate_calibration *calibration)
{
	const char *hypervisor = session_meta_get(session, "hypervisor");

	memset(calibration, 0, sizeof(*calibration));
	if (learner->packages == 0 || learner->cpus == 0)
		return -ENODATA;
	if (hypervisor && strcmp(hypervisor, "1") == 0)
		return -ENOTSUP;
	calibration->cpus = learner->cpus / learner->packages;
	for (int l = 0; l < LEARN_LOADS; l++) {
		for (int s = 0; s < LEARN_SPEEDS; s++) {
			const struct learn_cell *cell = &learner->cells[l][s];

			if (!(cell->time_s > 0))
				continue;
			calibration->points[calibration->count++] = (struct estimate_point){
				.load_ratio = cell->load_s / cell->time_s,
				.speed_ratio = cell->speed_s / cell->time_s,
				.power_w = cell->energy_j / cell->time_s,
			};
		}
	}
	return estimate_calibrate(calibration);
}
