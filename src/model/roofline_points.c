/* SPDX-License-Identifier: Apache-2.0 */
/* What stands below the roofs: the marked work, processes, threads, operators; and what stands in the margin, and why. */
#include "model/roofline.h"

#include "base/memory.h"
#include "base/text.h"
#include "base/unit.h"
#include "model/group_private.h"
#include "model/operator.h"
#include "model/roofline_private.h"

#include <math.h>
#include <string.h>

/* Below this share of a CPU nobody asks why something has no operations. */
#define BUSY_LEAST 0.01

static double quotient(double above, double below)
{
	return below > 0 ? above / below : NAN;
}

struct roofline_point roofline_new_point(const struct domain *domain, const char *name)
{
	struct roofline_point point = {
		.domain = domain,
		.flop_per_s = NAN,
		.bytes_per_s = NAN,
		.power_w = NAN,
		.intensity = NAN,
		.limit_flop_per_s = NAN,
		.limit_ratio = NAN,
		.flop_per_j = NAN,
		.low_flop_per_s = NAN,
		.typed_flop_per_s = NAN,
		.given_flop_per_s = NAN,
		.data_type = "",
	};

	text_print(point.name, sizeof(point.name), "%s", name);
	return point;
}

/* What follows from operations, bytes and watts. */
static void work_out(const struct roofline_roofs *roofs, struct roofline_point *point)
{
	if (point->flop_per_s > 0)
		point->intensity = quotient(point->flop_per_s, point->bytes_per_s);
	point->limit_flop_per_s = roofline_limit(roofs, point->intensity);
	point->limit_ratio = quotient(point->flop_per_s, point->limit_flop_per_s);
	point->flop_per_j = quotient(point->flop_per_s, point->power_w);
}

/* Puts a point at its place by its operations per second; the least falls out. */
static void insert(struct roofline_point *points, size_t *count, size_t max,
		   const struct roofline_point *point)
{
	size_t at = *count;

	while (at > 0 && points[at - 1].flop_per_s < point->flop_per_s)
		at--;
	if (at == max)
		return;
	if (*count < max)
		(*count)++;
	memmove(points + at + 1, points + at, (*count - at - 1) * sizeof(*points));
	points[at] = *point;
}

static void add_margin(struct roofline_points *points, const struct roofline_point *point)
{
	if (points->margin_count == ROOFLINE_MARGIN_MAX)
		points->margin_more++;
	else
		points->margin[points->margin_count++] = *point;
}

void roofline_add_point(struct roofline_points *points, const struct roofline_point *point)
{
	if (point->reason[0])
		add_margin(points, point);
	else
		insert(points->points, &points->count, ROOFLINE_POINTS_MAX, point);
}

/* Why it has no operations now: none were counted (`none`; NULL = that is no reason), or there was nothing to count. */
static void give_reason(const char *none, const char *zero, struct roofline_point *point)
{
	char text[UNIT_TEXT_SIZE];

	if (isnan(point->flop_per_s) && none)
		text_print(point->reason, sizeof(point->reason), "%s", none);
	else if (point->bytes_per_s > 0)
		text_print(point->reason, sizeof(point->reason), "%s, %s%s", zero,
			   point->at_most ? "\u2265" : "",
			   unit_si(text, point->bytes_per_s, "B/s"));
	else
		text_print(point->reason, sizeof(point->reason), "%s", zero);
}

/* The command's own name, without its path and what follows. */
static void name_run(const struct session *session, char *name, size_t size)
{
	const char *command = session_meta_get(session, "command");
	size_t length = command ? strcspn(command, " ") : 0;
	const char *start = command;

	if (length == 0 || text_starts_with(command, "whole machine")) {
		text_print(name, size, "marks");
		return;
	}
	for (size_t i = 0; i + 1 < length; i++)
		if (command[i] == '/')
			start = command + i + 1;
	text_print(name, size, "%.*s", (int)(length - (size_t)(start - command)), start);
}

/* What the workload said of itself. Its joules are those of the perf-per-watt panel: the total's. */
static void add_marked(const struct session *session, const struct roofline_roofs *roofs,
		       bool has_memory_bytes, struct roofline_points *points)
{
	const struct series *flops = derive_marked(session, "flop"),
			    *bytes = derive_marked(session, "byte");
	const struct series *work =
		isnan(derive_flops_per_work(session)) ? NULL : derive_marked(session, "");
	const struct series *told = flops ? flops : work ? work : bytes;
	struct derive_power power = derive_total_power(session, SPAN_NOW, NULL, 0);
	struct roofline_point point;
	char name[DOMAIN_NAME_SIZE];

	if (!told)
		return;
	name_run(session, name, sizeof(name));
	point = roofline_new_point(told->domain, name);
	point.flop_quality = point.bytes_quality = QUALITY_GIVEN;
	point.power_w = power.power_w;
	point.power_quality = power.quality;
	if (flops || work)
		point.flop_per_s = derive_flops(session, SPAN_NOW).per_s;
	if (bytes && has_memory_bytes)
		point.bytes_per_s = derive_rate(session, bytes, METRIC_WORK, SPAN_NOW);
	work_out(roofs, &point);
	points->marked = point.flop_per_s > 0;
	/* What GPUs did is no point below the roofs of CPUs. */
	if (points->marked && roofline_on_gpus(session))
		text_print(point.reason, sizeof(point.reason),
			   "GPUs work on it: key x, MFU in panel 2");
	else if (!points->marked)
		give_reason("no work flop was marked", "0 FLOP marked now", &point);
	roofline_add_point(points, &point);
}

static const char *main_type(const struct derive_flow *flow)
{
	double most = 0;
	const char *name = "";

	for (size_t i = 0; i < DERIVE_PRECISIONS; i++) {
		if (!(flow->by_precision[i] > most))
			continue;
		most = flow->by_precision[i];
		name = derive_precision_name(i);
	}
	return name;
}

/* A process or a thread with its counted operations. A process may have a part of a GPU's watts too: those are no cost of
 * what its threads compute. */
static void add_task(const struct session *session, const struct domain *domain,
		     const struct roofline_roofs *roofs, bool has_memory_bytes,
		     struct roofline_points *points)
{
	bool own = domain->kind == DOMAIN_THREAD && domain->parent && domain->parent->self;
	struct roofline_point point;
	struct group_row row;

	if (domain->self || own)
		return;
	if (domain->kind == DOMAIN_PROCESS)
		group_process(session, &row, domain);
	else
		group_thread(session, &row, domain);
	if (!(row.flow.flop_per_s > 0) && !(row.busy_ratio >= BUSY_LEAST))
		return;
	point = roofline_new_point(domain, domain->name);
	point.flop_per_s = row.flow.flop_per_s;
	point.flop_quality = row.flow.flop_quality;
	point.data_type = main_type(&row.flow);
	if (has_memory_bytes) {
		point.bytes_per_s = row.flow.bytes_per_s;
		point.bytes_quality = row.flow.bytes_quality;
		point.at_most = row.flow.bytes_at_least;
	}
	/* Where the workload itself says what it does, nobody misses the events. */
	if (isnan(row.flow.flop_per_s) && points->marked)
		return;
	if (!(row.flow.flop_per_s > 0))
		give_reason(row.flow.reason && *row.flow.reason ? row.flow.reason
								: "no FLOP events",
			    "0 FLOP", &point);
	point.power_w = row.power_w;
	point.power_quality = row.quality;
	work_out(roofs, &point);
	roofline_add_point(points, &point);
}

/* What was executed, not what was created. */
static const struct series *executed(const struct domain *domain)
{
	for (const struct series *series = domain->series; series; series = series->next)
		if (strcmp(series->source, OPERATOR_SOURCE) == 0)
			return series;
	return NULL;
}

/* The sum of what is known of some counters over the window; NAN when nothing is. */
static double total_of(const struct session *session, const struct series *series,
		       const enum metric *metrics, size_t count)
{
	double sum = NAN;

	for (size_t i = 0; i < count; i++)
		sum = derive_add(sum, derive_total(session, series, metrics[i], SPAN_WINDOW));
	return sum;
}

/* A kind of operator that only moves data has no operations by definition; of others they may be unknown, or of integers. */
static const char *why_no_operations(const struct domain *domain, const struct series *series)
{
	const char *text = domain_label(domain, OPERATOR_DESCRIPTOR);
	struct onednn_descriptor descriptor;

	if (series_cell(series, METRIC_INTEGER_OPERATIONS))
		return "integer operations";
	if (text && onednn_split(text, strlen(text), &descriptor) == 0 &&
	    onednn_work(&descriptor).operations == 0)
		return "0 FLOP by definition";
	return "its FLOPs are not known";
}

/* Operators ran for a part of the time only: what they do per second of their own, over the window. */
static void add_operator(const struct session *session, const struct domain *domain,
			 const struct roofline_roofs *roofs, struct roofline_points *points)
{
	static const enum metric flops[] = {METRIC_FLOP_FP64, METRIC_FLOP_FP32, METRIC_FLOP_FP16};
	static const enum metric bytes[] = {METRIC_READ_BYTES, METRIC_WRITE_BYTES};
	const struct series *series = executed(domain);
	double busy_s = series ? derive_total(session, series, METRIC_BUSY_NS, SPAN_WINDOW) : NAN;
	struct roofline_point point;
	struct derive_power power;

	if (!series || !(busy_s > 0))
		return;
	point = roofline_new_point(domain, domain->name);
	point.hollow = true;
	point.flop_per_s = total_of(session, series, flops, ARRAY_SIZE(flops)) / busy_s;
	point.bytes_per_s = total_of(session, series, bytes, ARRAY_SIZE(bytes)) / busy_s;
	point.flop_quality = point.bytes_quality = series->quality;
	if (!(point.flop_per_s > 0)) {
		const char *why = why_no_operations(domain, series);

		give_reason(point.bytes_per_s > 0 ? NULL : why, why, &point);
	}
	power = derive_power(session, domain, SPAN_WINDOW);
	point.power_w = power.energy_j / busy_s;
	point.power_quality = power.quality;
	work_out(roofs, &point);
	roofline_add_point(points, &point);
}

void roofline_points(const struct session *session, enum roofline_plot plot,
		     const struct roofline_roofs *roofs, struct roofline_points *points)
{
	enum domain_kind kind = plot == ROOFLINE_OPERATOR ? DOMAIN_OPERATOR
				: roofs->all_cores	  ? DOMAIN_PROCESS
							  : DOMAIN_THREAD;
	size_t count;
	struct domain *const *domains = session_kind(session, kind, &count);

	points->count = points->margin_count = points->margin_more = 0;
	points->marked = false;
	if (plot != ROOFLINE_OPERATOR)
		add_marked(session, roofs, plot == ROOFLINE_DRAM, points);
	for (size_t i = 0; i < count; i++) {
		if (plot == ROOFLINE_OPERATOR)
			add_operator(session, domains[i], roofs, points);
		else
			add_task(session, domains[i], roofs, plot == ROOFLINE_DRAM, points);
	}
}

void roofline_absence(const struct session *session, char *out, size_t size)
{
	static const char *const counting[] = {"flops", "counters"};
	static const char remedy[] = "tell them: work flop N, work byte N (see Marks), or "
				     "--flops-per-work N";
	size_t count;
	const struct source *sources = session_sources(session, &count);

	if (roofline_on_gpus(session)) {
		text_print(out, size, "GPUs work for it: key x turns to them");
		return;
	}
	for (size_t k = 0; k < ARRAY_SIZE(counting); k++) {
		for (size_t i = 0; i < count; i++) {
			if (strcmp(sources[i].name, counting[k]) != 0 || !sources[i].reason[0])
				continue;
			text_print(out, size, "no FLOPs are counted: %s; %s", sources[i].reason,
				   remedy);
			return;
		}
	}
	text_print(out, size, "no FLOPs are counted here; %s", remedy);
}
