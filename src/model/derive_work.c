/* SPDX-License-Identifier: Apache-2.0 */
/* Busy CPUs, work per joule, watts above idle, and what jouletop itself uses. */
#include "model/derive_private.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

/* Units of work told within this time are told together, and do not take turns on the screen. */
#define WORK_LATELY_NS (30 * CLOCK_NS_PER_S)

double derive_busy(const struct session *session, enum span span)
{
	size_t count;
	struct domain *const *cpus = session_kind(session, DOMAIN_CPU, &count);
	double busy = NAN;

	for (size_t i = 0; i < count; i++) {
		const struct series *series = domain_series(cpus[i], METRIC_BUSY_NS);

		if (series)
			busy = derive_add(busy, derive_rate(session, series, METRIC_BUSY_NS, span));
	}
	return busy;
}

static double gauge_of(const struct domain *cpu, enum metric metric)
{
	const struct series *series = domain_series(cpu, metric);

	return series ? derive_gauge(series, metric) : NAN;
}

double derive_speed_ratio(const struct session *session)
{
	size_t count;
	struct domain *const *cpus = session_kind(session, DOMAIN_CPU, &count);
	double now_hz = 0, most_hz = 0;

	for (size_t i = 0; i < count; i++) {
		double hz = gauge_of(cpus[i], METRIC_FREQUENCY_HZ);
		double max_hz = gauge_of(cpus[i], METRIC_FREQUENCY_MAX_HZ);

		if (hz > 0 && max_hz > 0) {
			now_hz += hz;
			most_hz += max_hz;
		}
	}
	return most_hz > 0 ? now_hz / most_hz : NAN;
}

double derive_above_idle_w(const struct session *session, enum span span)
{
	size_t count;
	struct domain *const *packages = session_kind(session, DOMAIN_PACKAGE, &count);
	double above_w = NAN;

	for (size_t i = 0; i < count; i++) {
		const struct domain *idle = packages[i]->first_child;

		while (idle && idle->kind != DOMAIN_IDLE)
			idle = idle->next_sibling;

		double power_w = derive_power(session, packages[i], span).power_w;
		double idle_w = idle ? derive_power(session, idle, span).power_w : NAN;

		if (isnan(power_w - idle_w))
			return NAN;
		above_w = derive_add(above_w, fmax(power_w - idle_w, 0));
	}
	return above_w;
}

static double span_s(const struct session *session, enum span span)
{
	int64_t from_ns =
		span == SPAN_WINDOW ? session_window_ns(session) : session_start_ns(session);

	return span == SPAN_NOW
		       ? NAN
		       : (double)(session_now_ns(session) - from_ns) / (double)CLOCK_NS_PER_S;
}

void derive_sum_add(const struct session *session, const struct series *series, enum metric metric,
		    enum span span, struct derive_sum *sum)
{
	double total = derive_total(session, series, metric, span);

	sum->total = derive_add(sum->total, total);
	if (span == SPAN_NOW)
		sum->per_s = derive_add(sum->per_s, derive_rate(session, series, metric, span));
	else
		sum->per_s = sum->total / span_s(session, span);
}

/* The metric of one domain; for a process and "ended" what others left to it. */
static void sum_domain(const struct session *session, const struct domain *domain,
		       enum metric metric, enum span span, struct derive_sum *sum)
{
	const struct series *own =
		domain->kind == DOMAIN_THREAD ? domain_series(domain, metric) : NULL;

	if (own)
		derive_sum_add(session, own, metric, span, sum);
	if (domain->kind != DOMAIN_PROCESS && domain->kind != DOMAIN_ENDED)
		return;
	for (const struct series *series = domain->series; series; series = series->next) {
		if (series->is_folded && series_cell(series, metric))
			derive_sum_add(session, series, metric, span, sum);
	}
}

struct derive_sum derive_sum_threads(const struct session *session, const enum metric *metrics,
				     size_t metric_count, enum span span)
{
	size_t count;
	struct domain *const *domains = session_domains(session, &count);
	struct derive_sum sum = {NAN, NAN};

	for (size_t k = 0; k < metric_count; k++) {
		for (size_t i = 0; i < count && session_has(session, metrics[k]); i++)
			sum_domain(session, domains[i], metrics[k], span, &sum);
	}
	return sum;
}

/* What says most: what an option asked for, then the workload's own unit. FLOPs and bytes are for the roofline, prompts and
 * requests stand beside the tokens. */
static int unit_rank(const struct series *work)
{
	static const struct {
		const char *source, *unit; /* NULL = any */
		int rank;
	} ranks[] = {{NULL, "flop", 0},
		     {NULL, "byte", -1},
		     {"metrics", "prompt tokens", 1},
		     {"metrics", "requests", 1},
		     {"output", "prompt tokens", 1},
		     {"output", NULL, 3},
		     {"metrics", NULL, 3}};

	for (size_t i = 0; i < ARRAY_SIZE(ranks); i++)
		if ((!ranks[i].source || strcmp(work->source, ranks[i].source) == 0) &&
		    (!ranks[i].unit || strcmp(work->domain->name, ranks[i].unit) == 0))
			return ranks[i].rank;
	return 2;
}

const struct series *derive_work_series(const struct session *session)
{
	size_t count;
	struct domain *const *works = session_kind(session, DOMAIN_WORK, &count);
	const struct series *best = NULL;
	int64_t best_ns = 0;
	int best_rank = 0;

	for (size_t i = 0; i < count; i++) {
		const struct series *series = domain_series(works[i], METRIC_WORK);

		if (!series)
			continue;
		const struct cell *cell = series_cell(series, METRIC_WORK);
		int rank = unit_rank(series);

		bool is_later = !best || cell->time_ns > best_ns + WORK_LATELY_NS;

		if (!derive_was_read(cell) ||
		    (best && (best_rank > rank || (best_rank == rank && !is_later))))
			continue;
		best = series;
		best_ns = cell->time_ns;
		best_rank = rank;
	}
	return best;
}

const struct series *derive_marked(const struct session *session, const char *unit)
{
	size_t count;
	struct domain *const *works = session_kind(session, DOMAIN_WORK, &count);
	const struct series *own = *unit ? NULL : derive_work_series(session);

	if (own && unit_rank(own) > 0)
		return own;
	for (size_t i = 0; i < count && *unit; i++) {
		const struct series *series = domain_series(works[i], METRIC_WORK);

		if (strcmp(works[i]->name, unit) == 0 && series &&
		    derive_was_read(series_cell(series, METRIC_WORK)))
			return series;
	}
	return NULL;
}

static void name_work(struct derive_work *work, const char *unit, const char *named,
		      enum quality quality)
{
	text_print(work->unit, sizeof(work->unit), "%s", unit);
	work->named = named;
	work->quality = quality;
}

static double quotient(double above, double below)
{
	return below > 0 ? above / below : NAN;
}

/* Work per joule of the span. A step of work that is longer than the meter's takes the mean watts of its own time. */
static void divide_by_energy(const struct session *session, enum span span,
			     const struct derive_step *step, struct derive_work *work)
{
	struct derive_power power = derive_total_power(session, span, NULL, 0);
	double above_w = derive_above_idle_w(session, span);

	if (span == SPAN_NOW) {
		double mean_w =
			step ? derive_mean_power_w(session, step->from_ns, step->to_ns) : NAN;

		work->per_j = quotient(work->per_s, isnan(mean_w) ? power.power_w : mean_w);
		work->per_j_above = quotient(work->per_s, above_w);
		return;
	}
	work->per_j = quotient(work->total, power.energy_j);
	work->per_j_above = quotient(work->total, above_w * span_s(session, span));
}

struct derive_work derive_work_of_sum(const struct session *session, const struct derive_sum *sum,
				      enum span span)
{
	struct derive_work work = {.per_s = sum->per_s, .total = sum->total};

	divide_by_energy(session, span, NULL, &work);
	return work;
}

static struct derive_work work_of_threads(const struct session *session, enum span span)
{
	static const enum metric instructions = METRIC_INSTRUCTIONS, busy = METRIC_BUSY_NS;
	struct derive_sum sum = derive_sum_threads(session, &instructions, 1, span);
	bool counted = !isnan(sum.total);
	struct derive_work work;

	if (!counted)
		sum = derive_sum_threads(session, &busy, 1, span);
	work = derive_work_of_sum(session, &sum, span);
	name_work(&work, counted ? "instr" : "CPU s", counted ? "counters" : "CPU time",
		  QUALITY_MEASURED);
	return work;
}

struct derive_work derive_work_of_series(const struct session *session, const struct series *series,
					 enum span span)
{
	struct derive_work work = {.per_j = NAN, .per_j_above = NAN};
	struct derive_step step = derive_step(session, series, METRIC_WORK, span);

	name_work(&work, series->domain->name, series->source, series->quality);
	work.per_s = derive_step_rate(&step);
	work.total = step.amount;
	/* Work of a span counts from the span's beginning, not from when the first of it was said. */
	if (span != SPAN_NOW)
		work.per_s = quotient(work.total, span_s(session, span));
	divide_by_energy(session, span, &step, &work);
	return work;
}

struct derive_work derive_work(const struct session *session, enum span span)
{
	const struct series *series = derive_work_series(session);
	struct derive_work flops;

	if (series && unit_rank(series) > 0)
		return derive_work_of_series(session, series, span);
	/* What was counted in the run decides for all spans: else their units would differ. */
	flops = derive_flops(session, SPAN_RUN);
	if (flops.total > 0)
		return span == SPAN_RUN ? flops : derive_flops(session, span);
	return series ? derive_work_of_series(session, series, span)
		      : work_of_threads(session, span);
}

struct derive_work derive_work_unit(const struct session *session, const char *unit, enum span span)
{
	size_t count;
	struct domain *const *works = session_kind(session, DOMAIN_WORK, &count);

	for (size_t i = 0; i < count; i++) {
		const struct series *series = domain_series(works[i], METRIC_WORK);

		if (series && strcmp(works[i]->name, unit) == 0)
			return derive_work_of_series(session, series, span);
	}
	return (struct derive_work){.per_s = NAN, .total = NAN, .per_j = NAN, .per_j_above = NAN};
}

#define SLICE 64

static void read_work_history(const struct session *session, int64_t bucket_ns,
			      struct history_bucket *out, size_t count)
{
	const struct series *work = derive_work_series(session);
	const struct cell *cell = work ? series_cell(work, METRIC_WORK) : NULL;

	for (size_t i = 0; i < count; i++)
		out[i] = (struct history_bucket){NAN, NAN, NAN};
	if (cell && cell->history)
		history_read(cell->history, session_now_ns(session), bucket_ns, out, count);
}

void derive_work_history(const struct session *session, int64_t bucket_ns,
			 struct history_bucket *out, size_t count)
{
	struct history_bucket power[SLICE];

	read_work_history(session, bucket_ns, out, count);
	for (size_t from = 0; from < count; from += SLICE) {
		size_t slice = count - from < SLICE ? count - from : SLICE;
		int64_t end_ns =
			session_now_ns(session) - bucket_ns * (int64_t)(count - from - slice);

		derive_total_history(session, end_ns, bucket_ns, power, slice);
		for (size_t i = 0; i < slice; i++) {
			struct history_bucket *bucket = &out[from + i];
			float mean_w = power[i].mean > 0 ? power[i].mean : NAN;

			*bucket = (struct history_bucket){
				bucket->min / mean_w, bucket->mean / mean_w, bucket->max / mean_w};
		}
	}
}
