/* SPDX-License-Identifier: Apache-2.0 */
/* What can be said of a meter. */
#include "model/meter.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/derive.h"
#include "model/feed.h"

#include <math.h>
#include <string.h>

/* First match. What is not known to contain something says nothing of it. */
static const struct {
	enum domain_kind kind;
	const char *source; /* how its name begins */
	const char *contains;
} contents[] = {
	{DOMAIN_PACKAGE,
	 "powercap:", "cores, caches and memory controller of the processor, not its memory"},
	{DOMAIN_PACKAGE,
	 "perf_power:", "cores, caches and memory controller of the processor, not its memory"},
	{DOMAIN_PACKAGE, "hwmon:power_meter", "the whole socket with its memory"},
	{DOMAIN_CORES, "", "the cores, part of the package"},
	{DOMAIN_UNCORE, "hwmon:", "the rest of the chip, part of the package"},
	{DOMAIN_UNCORE, "", "the graphics unit, part of the package"},
	{DOMAIN_DRAM, "", "the memory of the socket, beside the package"},
	{DOMAIN_PSYS, "", "the platform with its packages, as the board's maker has wired it"},
	{DOMAIN_WALL, "battery:", "all that the battery feeds"},
	{DOMAIN_WALL, "", "the machine or module with the losses of its regulators"},
	{DOMAIN_BOARD, "", "what hangs on this rail"},
	{DOMAIN_GPU, "", "the GPU's board with its memory"},
};

static const char *contents_of(const struct series *series)
{
	if (series->quality == QUALITY_ESTIMATED)
		return "";
	for (size_t i = 0; i < ARRAY_SIZE(contents); i++) {
		if (contents[i].kind == series->domain->kind &&
		    text_starts_with(series->source, contents[i].source))
			return contents[i].contains;
	}
	return "";
}

static double period_s(const struct series *series)
{
	const struct cell *power = series_cell(series, METRIC_SENSOR_POWER_UW);
	const struct cell *energy = series_cell(series, METRIC_ENERGY_UJ);
	const struct cell *cell = series->quality == QUALITY_MEASURED && energy ? energy : power;
	int64_t period_ns =
		cell && cell->history ? history_period_ns(cell->history, cell == energy) : 0;

	return period_ns > 0 ? (double)period_ns / (double)CLOCK_NS_PER_S : NAN;
}

void meter_describe(const struct session *session, const struct series *series, struct meter *meter)
{
	double interval_s = (double)session_interval_ns(session) / (double)CLOCK_NS_PER_S;
	char label[128];

	text_print(label, sizeof(label), FEED_RESOLUTION_LABEL "%s", series->source);
	*meter = (struct meter){
		.contains = contents_of(series),
		.resolution = domain_label(series->domain, label),
		.window_s = derive_gauge(series, METRIC_WINDOW_NS),
		.period_s = period_s(series),
	};
	/* Half an interval of play: readings and moves do not fall together. */
	meter->is_slower = interval_s > 0 && meter->period_s > 1.5 * interval_s;
}

double meter_difference_ratio(const struct session *session, const struct series *series,
			      const struct series *preferred)
{
	double other_w = derive_rate(session, series, METRIC_ENERGY_UJ, SPAN_RUN);
	double power_w = derive_rate(session, preferred, METRIC_ENERGY_UJ, SPAN_RUN);

	if (!isfinite(other_w) || !isfinite(power_w)) {
		other_w = derive_metric(session, series, METRIC_POWER_W);
		power_w = derive_metric(session, preferred, METRIC_POWER_W);
	}
	return power_w > 0 ? other_w / power_w - 1 : NAN;
}
