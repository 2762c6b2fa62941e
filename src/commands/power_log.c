/* SPDX-License-Identifier: Apache-2.0 */
/* Energy counters over a stretch of time. */
#include "commands/power_log.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define METERS_MAX 64
/* An hour of readings at twenty a second. */
#define READINGS_MAX 72000

struct reading {
	int64_t time_ns, energy_uj;
};

struct meter_log {
	char key[DOMAIN_KEY_SIZE];
	struct reading *readings;
	size_t count, capacity;
};

struct power_log {
	struct meter_log meters[METERS_MAX];
	size_t count;
};

struct power_log *power_log_create(void)
{
	return memory_zeroed(1, sizeof(struct power_log));
}

void power_log_destroy(struct power_log *log)
{
	if (!log)
		return;
	for (size_t i = 0; i < log->count; i++)
		free(log->meters[i].readings);
	free(log);
}

static struct meter_log *get_meter(struct power_log *log, const char *key)
{
	for (size_t i = 0; i < log->count; i++) {
		if (strcmp(log->meters[i].key, key) == 0)
			return &log->meters[i];
	}
	if (log->count == METERS_MAX)
		return NULL;
	text_print(log->meters[log->count].key, DOMAIN_KEY_SIZE, "%s", key);
	return &log->meters[log->count++];
}

static void take_kind(struct power_log *log, const struct session *session, enum domain_kind kind)
{
	size_t count;
	struct domain *const *domains = session_kind(session, kind, &count);

	for (size_t i = 0; i < count; i++) {
		const struct series *series = domain_series(domains[i], METRIC_ENERGY_UJ);
		const struct cell *cell = series ? series_cell(series, METRIC_ENERGY_UJ) : NULL;
		struct meter_log *meter;

		if (!cell || !cell->known || series->quality != QUALITY_MEASURED)
			continue;
		meter = get_meter(log, domains[i]->key);
		if (!meter || meter->count == READINGS_MAX ||
		    (meter->count > 0 &&
		     meter->readings[meter->count - 1].time_ns >= cell->time_ns))
			continue;
		memory_reserve(&meter->readings, &meter->capacity, meter->count + 1,
			       sizeof(*meter->readings));
		meter->readings[meter->count++] = (struct reading){cell->time_ns, cell->value};
	}
}

void power_log_take(struct power_log *log, const struct session *session)
{
	take_kind(log, session, DOMAIN_PACKAGE);
	take_kind(log, session, DOMAIN_DRAM);
}

static double meter_watts(const struct meter_log *meter, int64_t begin_ns, int64_t end_ns)
{
	const struct reading *first = NULL, *last = NULL;

	for (size_t i = 0; i < meter->count; i++) {
		const struct reading *reading = &meter->readings[i];

		if (reading->time_ns < begin_ns || reading->time_ns > end_ns)
			continue;
		first = first ? first : reading;
		last = reading;
	}
	if (!first || last->time_ns <= first->time_ns)
		return NAN;
	return 1e3 * (double)(last->energy_uj - first->energy_uj) /
	       (double)(last->time_ns - first->time_ns);
}

double power_log_watts(const struct power_log *log, int64_t begin_ns, int64_t end_ns)
{
	double sum_w = log->count ? 0 : NAN;

	for (size_t i = 0; i < log->count; i++)
		sum_w += meter_watts(&log->meters[i], begin_ns, end_ns);
	return sum_w > 0 ? sum_w : NAN;
}
