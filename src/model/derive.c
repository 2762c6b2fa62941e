/* SPDX-License-Identifier: Apache-2.0 */
/* Rates, totals and ratios of single series. */
#include "model/derive_private.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

/* Counters that ran for less of the time say little of the rest. */
#define TRUSTED_RATIO 0.25

const enum metric derive_precisions[DERIVE_PRECISIONS] = {METRIC_FLOP_FP64, METRIC_FLOP_FP32,
							  METRIC_FLOP_FP16};

bool derive_was_read(const struct cell *cell)
{
	return cell && cell->started;
}

const struct series *derive_power_series(const struct domain *domain)
{
	const struct series *energy = domain_series(domain, METRIC_ENERGY_UJ);
	const struct series *power = domain_series(domain, METRIC_SENSOR_POWER_UW);

	if (energy && derive_was_read(series_cell(energy, METRIC_ENERGY_UJ)))
		return energy;
	if (power && derive_was_read(series_cell(power, METRIC_SENSOR_POWER_UW)))
		return power;
	return energy ? energy : power;
}

const struct domain *derive_next(const struct domain *root, const struct domain *domain)
{
	bool is_leaf = domain->kind == DOMAIN_PROCESS || domain->kind == DOMAIN_CPU;

	if (domain->first_child && !is_leaf)
		return domain->first_child;
	while (domain && domain != root && !domain->next_sibling)
		domain = domain->parent;
	return domain && domain != root ? domain->next_sibling : NULL;
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The newest step of energy of the devices that are shared out: a share's own device, for a thread all packages, for a
 * process the GPU that its source names, also by a slice. */
static bool find_last_close(const struct session *session, const struct series *share,
			    struct derive_step *close)
{
	struct domain *domain = share->domain, *gpu = NULL;
	bool of_device = domain->kind == DOMAIN_IDLE || domain->kind == DOMAIN_OTHERS ||
			 domain->kind == DOMAIN_UNATTRIBUTED || domain->kind == DOMAIN_GPU_SLICE;
	size_t count = 1;
	struct domain *const *devices =
		of_device ? &domain->parent : session_kind(session, DOMAIN_PACKAGE, &count);
	bool found = false;

	if (domain->kind == DOMAIN_PROCESS && strchr(share->source, ':'))
		gpu = session_find(session, strchr(share->source, ':') + 1);
	if (gpu && gpu->kind == DOMAIN_GPU_SLICE)
		gpu = gpu->parent;
	if (gpu) {
		devices = &gpu;
		count = 1;
	}

	for (size_t i = 0; i < count; i++) {
		const struct series *series = devices[i] ? derive_power_series(devices[i]) : NULL;
		const struct cell *cell = series ? series_cell(series, METRIC_ENERGY_UJ) : NULL;

		if (!derive_was_read(cell) || (found && cell->time_ns <= close->to_ns))
			continue;
		*close = (struct derive_step){NAN, cell->previous_time_ns, cell->time_ns};
		found = true;
	}
	return found;
}

/* A share that was not given anything when its device's interval was closed: told so by the books, or (recordings hold
 * only what moved, threads more coarsely than devices) older than the close by more than its own step. */
static bool got_nothing(const struct session *session, const struct series *series,
			const struct cell *cell)
{
	struct derive_step close = {0};

	if (cell->seen_ns > cell->time_ns)
		return true;
	if (!find_last_close(session, series, &close))
		return false;

	int64_t length_ns = close.to_ns - close.from_ns;
	int64_t grain_ns = larger(length_ns, cell->time_ns - cell->previous_time_ns);

	return close.to_ns - cell->time_ns > grain_ns - length_ns / 2;
}

/* Nothing happened at the last tick: read again without having moved, or not told since (feeds are silent about counters
 * that stand still). Half an interval of grace: readings are not stamped at the time of the tick. A slow source speaks once
 * in its own time, and up to a tick later is heard of. */
static bool stands_still(const struct session *session, const struct series *series,
			 const struct cell *cell)
{
	int64_t interval_ns = session_interval_ns(session);
	int64_t grain_ns = larger(interval_ns, cell->time_ns - cell->previous_time_ns);
	int64_t silence_ns = session_now_ns(session) - cell->time_ns;

	if (cell->seen_ns > cell->time_ns)
		return true;
	return interval_ns > 0 &&
	       silence_ns > (series->is_slow ? grain_ns + interval_ns : grain_ns - interval_ns / 2);
}

static struct derive_step step_now(const struct session *session, const struct series *series,
				   const struct cell *cell)
{
	enum metric metric = (enum metric)cell->metric;
	struct derive_step step = {metric_si(metric, cell->value - cell->previous),
				   cell->previous_time_ns, cell->time_ns};
	bool still = series->is_share ? got_nothing(session, series, cell)
				      : metric_info(metric)->still == METRIC_STILL_IS_ZERO &&
						stands_still(session, series, cell);

	if (still)
		step.amount = 0;
	else if (step.to_ns <= step.from_ns)
		step.amount = NAN; /* one reading says nothing about now */
	return step;
}

/* Over a longer span, a counter that stands still has done nothing until now; a meter is known until it last spoke. */
static int64_t end_of_span(const struct session *session, const struct cell *cell)
{
	if (metric_info((enum metric)cell->metric)->still == METRIC_STILL_IS_ZERO)
		return larger(cell->time_ns, session_now_ns(session));
	return cell->time_ns;
}

struct derive_step derive_step(const struct session *session, const struct series *series,
			       enum metric metric, enum span span)
{
	const struct cell *cell = series_cell(series, metric);

	if (!derive_was_read(cell))
		return (struct derive_step){NAN, 0, 0};
	switch (span) {
	case SPAN_NOW: return step_now(session, series, cell);
	case SPAN_WINDOW:
		return (struct derive_step){metric_si(metric, cell->value - cell->mark_value),
					    cell->mark_time_ns, end_of_span(session, cell)};
	case SPAN_RUN: break;
	}
	return (struct derive_step){metric_si(metric, cell->value - cell->first_value),
				    cell->first_time_ns, end_of_span(session, cell)};
}

double derive_step_rate(const struct derive_step *step)
{
	if (step->amount == 0)
		return 0;
	if (step->to_ns <= step->from_ns)
		return NAN;
	return step->amount * (double)CLOCK_NS_PER_S / (double)(step->to_ns - step->from_ns);
}

double derive_rate(const struct session *session, const struct series *series, enum metric metric,
		   enum span span)
{
	const struct cell *cell = series_cell(series, metric);

	if (!cell || cell->gap != 0)
		return NAN;

	struct derive_step step = derive_step(session, series, metric, span);

	return derive_step_rate(&step);
}

double derive_total(const struct session *session, const struct series *series, enum metric metric,
		    enum span span)
{
	return derive_step(session, series, metric, span).amount;
}

double derive_add(double sum, double value)
{
	if (isnan(value))
		return sum;
	return isnan(sum) ? value : sum + value;
}

double derive_gauge(const struct series *series, enum metric metric)
{
	const struct cell *cell = series_cell(series, metric);

	return cell && cell->known ? metric_si(metric, cell->value) : NAN;
}

static double ratio(double above, double below)
{
	return below > 0 ? above / below : NAN;
}

/* The clock while busy. Without the reference clock's frequency, cycles per second of CPU time say the same. */
static double clock_hz(const struct session *session, const struct series *series)
{
	double cycles = derive_rate(session, series, METRIC_CYCLES, SPAN_NOW);
	double reference = derive_rate(session, series, METRIC_REFERENCE_CYCLES, SPAN_NOW);
	const char *text = reference > 0 ? session_meta_get(session, "tsc_hz") : NULL;
	double tsc_hz;

	if (text && text_to_double(text, &tsc_hz) == 0)
		return cycles / reference * tsc_hz;
	return ratio(cycles, derive_rate(session, series, METRIC_BUSY_NS, SPAN_NOW));
}

/* The power of a phase is that of the time spent in it, not of the time between its ends. */
static double power_of_phase_w(const struct series *series)
{
	const struct cell *energy = series_cell(series, METRIC_ENERGY_UJ);
	const struct cell *spent = series_cell(series, METRIC_RESIDENCY_NS);

	if (!energy || !spent)
		return NAN;
	return ratio(metric_si(METRIC_ENERGY_UJ, energy->value - energy->previous),
		     metric_si(METRIC_RESIDENCY_NS, spent->value - spent->previous));
}

double derive_power_now_w(const struct session *session, const struct series *series)
{
	if (series->domain->kind == DOMAIN_PHASE)
		return power_of_phase_w(series);
	/* A sensor's own figure is younger than the mean of its last two. */
	if (series->quality == QUALITY_SAMPLED || !series_cell(series, METRIC_ENERGY_UJ))
		return derive_gauge(series, METRIC_SENSOR_POWER_UW);
	return derive_rate(session, series, METRIC_ENERGY_UJ, SPAN_NOW);
}

/* The sum of those that are there; NAN when there is none, or one of them cannot be read now. */
static double sum_of_rates(const struct session *session, const struct series *series,
			   const enum metric *metrics, size_t count, enum span span)
{
	double sum = NAN;

	for (size_t i = 0; i < count; i++) {
		const struct cell *cell = series_cell(series, metrics[i]);

		if (!cell)
			continue;

		double rate = derive_rate(session, series, metrics[i], span);

		if (cell->gap != 0)
			return NAN;
		sum = derive_add(sum, rate);
	}
	return sum;
}

bool derive_is_trusted(const struct series *series)
{
	double running = derive_gauge(series, METRIC_RUNNING_PPM);

	return isnan(running) || running >= TRUSTED_RATIO;
}

double derive_flop_per_s(const struct session *session, const struct series *series, enum span span)
{
	return sum_of_rates(session, series, derive_precisions, DERIVE_PRECISIONS, span);
}

double derive_bytes_per_s(const struct session *session, const struct series *series,
			  enum span span)
{
	static const enum metric directions[] = {METRIC_READ_BYTES, METRIC_WRITE_BYTES};

	return sum_of_rates(session, series, directions, ARRAY_SIZE(directions), span);
}

double derive_metric(const struct session *session, const struct series *series, enum metric metric)
{
	switch ((int)metric) {
	case METRIC_POWER_W: return derive_power_now_w(session, series);
	case METRIC_BUSY_RATIO: return derive_rate(session, series, METRIC_BUSY_NS, SPAN_NOW);
	case METRIC_IPC:
		return ratio(derive_rate(session, series, METRIC_INSTRUCTIONS, SPAN_NOW),
			     derive_rate(session, series, METRIC_CYCLES, SPAN_NOW));
	case METRIC_CLOCK_HZ: return clock_hz(session, series);
	case METRIC_WORK_PER_S: return derive_rate(session, series, METRIC_WORK, SPAN_NOW);
	case METRIC_FLOP_PER_S: return derive_flop_per_s(session, series, SPAN_NOW);
	case METRIC_BYTES_PER_S: return derive_bytes_per_s(session, series, SPAN_NOW);
	}
	return NAN;
}
