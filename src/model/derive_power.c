/* SPDX-License-Identifier: Apache-2.0 */
/* Watts and joules of domains and of the whole machine. */
#include "model/derive_private.h"

#include "base/clock.h"
#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* These get shares of a device's energy: all their series together are what they used. */
static const bool gets_shares[DOMAIN_KIND_COUNT] = {
	[DOMAIN_PROCESS] = true, [DOMAIN_THREAD] = true,    [DOMAIN_OPERATOR] = true,
	[DOMAIN_IDLE] = true,	 [DOMAIN_OTHERS] = true,    [DOMAIN_UNATTRIBUTED] = true,
	[DOMAIN_ENDED] = true,	 [DOMAIN_GPU_SLICE] = true,
};

static struct derive_power no_power(void)
{
	return (struct derive_power){.power_w = NAN,
				     .energy_j = NAN,
				     .low_w = NAN,
				     .high_w = NAN,
				     .limit_w = NAN,
				     .age_s = NAN};
}

static double age_s(const struct session *session, int64_t time_ns)
{
	int64_t age_ns = session_now_ns(session) - time_ns;

	return age_ns > 0 ? (double)age_ns / (double)CLOCK_NS_PER_S : 0;
}

static void add_shares(const struct session *session, const struct domain *domain, enum span span,
		       struct derive_power *power)
{
	if (!(domain->metrics & metric_bit(METRIC_ENERGY_UJ)))
		return;
	for (const struct series *series = domain->series; series; series = series->next) {
		const struct cell *cell = series_cell(series, METRIC_ENERGY_UJ);

		if (!derive_was_read(cell))
			continue;
		power->power_w = derive_add(power->power_w,
					    derive_rate(session, series, METRIC_ENERGY_UJ, span));
		power->energy_j = derive_add(power->energy_j,
					     derive_total(session, series, METRIC_ENERGY_UJ, span));
		if (!power->series || series->quality > power->quality)
			power->quality = series->quality;
		if (!power->series || age_s(session, cell->time_ns) < power->age_s) {
			power->series = series;
			power->age_s = age_s(session, cell->time_ns);
		}
	}
}

/* A process is its living threads and what the ended ones left to it. */
static struct derive_power power_of_shares(const struct session *session,
					   const struct domain *domain, enum span span)
{
	struct derive_power power = no_power();

	add_shares(session, domain, span, &power);
	if (domain->kind != DOMAIN_PROCESS)
		return power;
	for (const struct domain *child = domain->first_child; child; child = child->next_sibling) {
		if (child->kind == DOMAIN_THREAD)
			add_shares(session, child, span, &power);
	}
	return power;
}

/* The band of an estimate, which is a constant share of it, around the watts of the span. */
static void add_band(struct derive_power *power)
{
	double middle_w = derive_gauge(power->series, METRIC_SENSOR_POWER_UW);

	if (power->quality != QUALITY_ESTIMATED || !(middle_w > 0))
		return;
	power->low_w = power->power_w * derive_gauge(power->series, METRIC_POWER_LOW_UW) / middle_w;
	power->high_w =
		power->power_w * derive_gauge(power->series, METRIC_POWER_HIGH_UW) / middle_w;
}

/* A meter that has not moved since it was first read has told us nothing: that is not 0 J. */
static bool has_not_spoken(const struct series *series, const struct cell *energy)
{
	return energy && series->quality == QUALITY_MEASURED && derive_was_read(energy) &&
	       energy->value == energy->first_value;
}

/* After the first reading the second one is awaited; only then silence is something to report. */
static bool could_have_spoken(const struct session *session, const struct cell *energy)
{
	int64_t interval_ns = session_interval_ns(session);

	return interval_ns > 0 && session_now_ns(session) - energy->first_time_ns > interval_ns / 2;
}

struct derive_power derive_power(const struct session *session, const struct domain *domain,
				 enum span span)
{
	if (gets_shares[domain->kind])
		return power_of_shares(session, domain, span);

	struct derive_power power = no_power();
	const struct series *limit = domain_series(domain, METRIC_POWER_LIMIT_UW);

	power.series = derive_power_series(domain);
	if (!power.series)
		return power;

	const struct cell *energy = series_cell(power.series, METRIC_ENERGY_UJ);
	const struct cell *cell =
		energy ? energy : series_cell(power.series, METRIC_SENSOR_POWER_UW);

	power.quality = power.series->quality;
	power.gap = cell->gap;
	power.energy_j = derive_total(session, power.series, METRIC_ENERGY_UJ, span);
	power.power_w = span == SPAN_NOW
				? derive_power_now_w(session, power.series)
				: derive_rate(session, power.series, METRIC_ENERGY_UJ, span);
	if (has_not_spoken(power.series, energy)) {
		power.power_w = power.energy_j = NAN;
		if (power.gap == 0 && could_have_spoken(session, energy))
			power.gap = ENODATA;
	}
	if (derive_was_read(cell))
		power.age_s = age_s(session, power.quality == QUALITY_SAMPLED ? cell->seen_ns
									      : cell->time_ns);
	if (limit)
		power.limit_w = derive_gauge(limit, METRIC_POWER_LIMIT_UW);
	add_band(&power);
	return power;
}

/* True when the domain's power is known, and not only from an estimate. */
static bool has_power(const struct domain *domain, bool *is_measured)
{
	const struct series *series = domain->alive ? derive_power_series(domain) : NULL;

	if (!series || (!derive_was_read(series_cell(series, METRIC_ENERGY_UJ)) &&
			!derive_was_read(series_cell(series, METRIC_SENSOR_POWER_UW))))
		return false;
	*is_measured = series->quality != QUALITY_ESTIMATED;
	return true;
}

/* What the total is made of. */
enum cover {
	COVER_PARTS, /* packages, memory and GPUs */
	COVER_BOARD, /* board rails and GPUs */
	COVER_PSYS,
	COVER_WALL,
};

/* True when its meter has never told anything, as virtual machines have them. */
static bool is_mute(const struct domain *domain)
{
	const struct series *series = derive_power_series(domain);
	const struct cell *energy = series ? series_cell(series, METRIC_ENERGY_UJ) : NULL;

	return energy && has_not_spoken(series, energy);
}

/* The finest set that covers: packages with what stands beside them. Where no package is measured, what contains it is
 * better than an estimate of it. */
static enum cover find_cover(const struct domain *machine)
{
	bool board = false, psys = false, wall = false;

	for (const struct domain *domain = machine; domain; domain = derive_next(machine, domain)) {
		bool is_measured = false;

		if (!has_power(domain, &is_measured) || !is_measured)
			continue;
		if (domain->kind == DOMAIN_PACKAGE)
			return COVER_PARTS;
		if (is_mute(domain))
			continue;
		board |= domain->kind == DOMAIN_BOARD;
		psys |= domain->kind == DOMAIN_PSYS;
		wall |= domain->kind == DOMAIN_WALL;
	}
	if (wall)
		return COVER_WALL;
	if (psys)
		return COVER_PSYS;
	return board ? COVER_BOARD : COVER_PARTS;
}

static bool is_covered_by(const struct domain *domain, enum cover cover)
{
	switch (cover) {
	case COVER_PARTS:
		return domain->kind == DOMAIN_PACKAGE || domain->kind == DOMAIN_DRAM ||
		       domain->kind == DOMAIN_GPU;
	case COVER_BOARD: return domain->kind == DOMAIN_BOARD || domain->kind == DOMAIN_GPU;
	case COVER_PSYS: return domain->kind == DOMAIN_PSYS;
	case COVER_WALL: return domain->kind == DOMAIN_WALL;
	}
	return false;
}

/* A rail below a whole board, a die below a package: what contains it is in the sum already. */
static bool is_inside_another(const struct domain *domain)
{
	bool is_measured;

	for (const struct domain *parent = domain->parent; parent; parent = parent->parent) {
		if (parent->kind == domain->kind && has_power(parent, &is_measured))
			return true;
	}
	return false;
}

static bool is_part(const struct domain *domain, enum cover cover)
{
	bool is_measured;

	return is_covered_by(domain, cover) && has_power(domain, &is_measured) &&
	       !is_inside_another(domain);
}

size_t derive_total_parts(const struct session *session, const struct domain **parts, size_t max)
{
	const struct domain *machine = session_machine(session);
	enum cover cover = find_cover(machine);
	size_t count = 0;

	for (const struct domain *domain = machine; domain; domain = derive_next(machine, domain))
		if (is_part(domain, cover) && count++ < max)
			parts[count - 1] = domain;
	return count;
}

static const struct domain *machine_of(const struct domain *domain)
{
	while (domain->parent)
		domain = domain->parent;
	return domain;
}

bool derive_in_total(const struct domain *domain)
{
	bool may_be = is_covered_by(domain, COVER_PARTS) || is_covered_by(domain, COVER_BOARD) ||
		      is_covered_by(domain, COVER_PSYS) || is_covered_by(domain, COVER_WALL);

	return may_be && is_part(domain, find_cover(machine_of(domain)));
}

/* A device that its power management put to sleep, and that is not woken to be read, draws next to nothing: the watts of the
 * rest are the total, and what it used before stays in the energy. */
static bool is_asleep(const struct derive_power *power)
{
	return power->gap == ESHUTDOWN;
}

/* Adds a part to the total; its series stays that of the least trustworthy part. */
static void add_part(struct derive_power *total, const struct derive_power *part)
{
	bool has_band = !isnan(part->low_w);

	if (!total->series) {
		*total = *part;
		total->low_w = has_band ? part->low_w : part->power_w;
		total->high_w = has_band ? part->high_w : part->power_w;
		return;
	}
	/* A part that cannot be read now makes the sum of the watts unknown, not smaller. */
	total->power_w += part->power_w;
	total->energy_j += part->energy_j;
	total->low_w += has_band ? part->low_w : part->power_w;
	total->high_w += has_band ? part->high_w : part->power_w;
	total->limit_w += part->limit_w;
	total->age_s = fmax(total->age_s, part->age_s);
	if (part->gap != 0 || (total->gap == 0 && part->quality > total->quality))
		total->series = part->series;
	if (part->quality > total->quality)
		total->quality = part->quality;
	if (part->gap != 0)
		total->gap = part->gap;
}

/* The key of a graphics processor is its address; people know it by the first word of its name. */
static void name_part(char *covers, size_t size, const struct domain *part, bool asleep)
{
	size_t used = size > 0 ? strlen(covers) : 0;
	bool is_gpu = part->kind == DOMAIN_GPU && part->name[0];
	const char *name = is_gpu ? part->name : part->key;
	size_t length = is_gpu ? strcspn(name, " ") : strlen(name);

	if (used + 1 < size)
		text_print(covers + used, size - used, "%s%.*s%s", used > 0 ? " + " : "",
			   (int)length, name, asleep ? " (asleep)" : "");
}

struct derive_power derive_total_power(const struct session *session, enum span span, char *covers,
				       size_t size)
{
	const struct domain *machine = session_machine(session);
	enum cover cover = find_cover(machine);
	struct derive_power total = no_power();
	bool awake = false;

	if (size > 0)
		covers[0] = '\0';
	for (const struct domain *domain = machine; domain; domain = derive_next(machine, domain)) {
		if (!is_part(domain, cover))
			continue;

		struct derive_power part = derive_power(session, domain, span);

		name_part(covers, size, domain, is_asleep(&part));
		awake |= !is_asleep(&part);
		if (is_asleep(&part)) {
			part.power_w = 0;
			part.gap = 0;
		}
		add_part(&total, &part);
	}
	if (!awake)
		total.power_w = NAN;
	if (total.quality != QUALITY_ESTIMATED)
		total.low_w = total.high_w = NAN;
	return total;
}
