/* SPDX-License-Identifier: Apache-2.0 */
/* The summary of a run: energy by domain, the books, processes, work, our own cost, what to know. */
#include "commands/summary.h"

#include "base/memory.h"
#include "base/text.h"
#include "base/unit.h"
#include "commands/summary_operators.h"
#include "commands/summary_projection.h"
#include "commands/summary_serving.h"
#include "model/books.h"
#include "model/derive.h"
#include "model/group.h"
#include "model/phase.h"
#include "model/roofline.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SUMMARY_PROCESSES 8
#define SUMMARY_NOTES	  8
#define SUMMARY_PHASES	  24

static const char *sign(enum quality quality)
{
	return quality == QUALITY_ESTIMATED ? "~" : "";
}

static void print_row(FILE *out, int indent, const char *name, enum quality quality,
		      double energy_j, double power_w, const char *remark)
{
	char joules[UNIT_TEXT_SIZE], watts[UNIT_TEXT_SIZE], signed_joules[UNIT_TEXT_SIZE + 2],
		signed_watts[UNIT_TEXT_SIZE + 2];

	text_print(signed_joules, sizeof(signed_joules), "%s%s", sign(quality),
		   unit_si(joules, energy_j, "J"));
	text_print(signed_watts, sizeof(signed_watts), "%s%s", sign(quality),
		   unit_si(watts, power_w, "W"));
	fprintf(out, "  %*s%-*s %12s %12s   %s\n", indent, "", 22 - indent, name, signed_joules,
		signed_watts, remark);
}

static double seconds(const struct session *session)
{
	return (double)(session_now_ns(session) - session_start_ns(session)) / 1e9;
}

static void print_domain(FILE *out, const struct session *session, const struct domain *domain)
{
	struct derive_power power = derive_power(session, domain, SPAN_RUN);
	char remark[160];

	if (!power.series)
		return;
	if (isnan(power.energy_j))
		text_print(remark, sizeof(remark), "%s: %s", power.series->source,
			   power.series->gap_reason[0] ? power.series->gap_reason
						       : "has not moved yet");
	else
		text_print(remark, sizeof(remark), "%s, %s%s", quality_name(power.quality),
			   power.series->source,
			   derive_in_total(domain) ? "" : ", not in the total");
	print_row(out, domain->kind == DOMAIN_CORES || domain->kind == DOMAIN_UNCORE ? 4 : 2,
		  domain->name, power.quality, power.energy_j, power.power_w, remark);
}

static void print_energy(FILE *out, const struct session *session)
{
	static const enum domain_kind kinds[] = {DOMAIN_PACKAGE, DOMAIN_CORES, DOMAIN_UNCORE,
						 DOMAIN_DRAM,	 DOMAIN_GPU,   DOMAIN_PSYS,
						 DOMAIN_BOARD,	 DOMAIN_WALL};
	char covers[160] = "", band[80] = "", low[UNIT_TEXT_SIZE], high[UNIT_TEXT_SIZE],
	     remark[320];
	struct derive_power total = derive_total_power(session, SPAN_RUN, covers, sizeof(covers));

	if (!total.series) {
		fprintf(out,
			"  no energy: no sensor could be read, and there was no estimate; see jouletop doctor\n");
		return;
	}
	if (!isnan(total.low_w))
		text_print(band, sizeof(band), ", between %s and %s",
			   unit_si(low, total.low_w, "W"), unit_si(high, total.high_w, "W"));
	text_print(remark, sizeof(remark), "%s%s: %s", quality_name(total.quality), band, covers);
	print_row(out, 0, "total", total.quality, total.energy_j, total.power_w, remark);
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		size_t count;
		struct domain *const *domains = session_kind(session, kinds[k], &count);

		for (size_t i = 0; i < count; i++)
			print_domain(out, session, domains[i]);
	}
}

/* Energy of all domains of a kind: the entries of the books. */
static double energy_of(const struct session *session, enum domain_kind kind, enum quality *quality)
{
	size_t count;
	struct domain *const *domains = session_kind(session, kind, &count);
	double sum_j = NAN;

	for (size_t i = 0; i < count; i++) {
		struct derive_power power = derive_power(session, domains[i], SPAN_RUN);

		/* Memory has books of its own, which are not about threads. */
		if (!power.series || isnan(power.energy_j) ||
		    (domains[i]->parent && domains[i]->parent->kind == DOMAIN_DRAM))
			continue;
		sum_j = isnan(sum_j) ? power.energy_j : sum_j + power.energy_j;
		*quality = power.quality;
	}
	return sum_j;
}

static void print_books(FILE *out, const struct session *session)
{
	static const struct {
		enum domain_kind kind;
		const char *name;
		const char *remark;
	} entries[] = {
		{DOMAIN_OTHERS, "others", "threads that are not watched"},
		{DOMAIN_UNATTRIBUTED, "unattributed", "busy time that no thread explains"},
		{DOMAIN_IDLE, "idle", "drawn when nothing runs"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		enum quality quality = QUALITY_ATTRIBUTED;
		double energy_j = energy_of(session, entries[i].kind, &quality);

		if (!isnan(energy_j))
			print_row(out, 2, entries[i].name, quality, energy_j,
				  energy_j / seconds(session), entries[i].remark);
	}
}

static int by_energy(const void *left, const void *right)
{
	const struct group_row *a = left, *b = right;
	double x = isnan(a->energy_j) ? -1 : a->energy_j, y = isnan(b->energy_j) ? -1 : b->energy_j;

	return (x < y) - (x > y);
}

/* What the watched threads were given, the ended ones and those that ended just now too, jouletop itself left out. */
static void print_workload(FILE *out, const struct session *session)
{
	enum quality quality = QUALITY_ATTRIBUTED;
	double sum_j = NAN;
	size_t count;
	struct domain *const *domains = session_domains(session, &count);

	for (size_t i = 0; i < count; i++) {
		bool is_watched = domains[i]->kind == DOMAIN_THREAD ||
				  domains[i]->kind == DOMAIN_PROCESS ||
				  domains[i]->kind == DOMAIN_ENDED;

		for (const struct series *series = domains[i]->series; series;
		     series = series->next) {
			const struct cell *cell = series_cell(series, METRIC_ENERGY_UJ);

			if (!cell || !is_watched || domains[i]->self)
				continue;
			sum_j = (isnan(sum_j) ? 0 : sum_j) +
				metric_si(METRIC_ENERGY_UJ, cell->value);
			quality = series->quality;
		}
	}
	if (!isnan(sum_j))
		print_row(out, 2, "workload", quality, sum_j, sum_j / seconds(session),
			  "all watched processes but jouletop");
}

/* By what the energy was shared out; "" = it was not. */
static void name_weight(const struct session *session, char *out, size_t size)
{
	char weight[64];
	size_t count;
	struct domain *const *gpus = session_kind(session, DOMAIN_GPU, &count);
	bool has_gpu = false;

	for (size_t i = 0; i < count; i++)
		has_gpu |= !isnan(derive_power(session, gpus[i], SPAN_RUN).energy_j);
	books_weight_text(session, weight, sizeof(weight));
	out[0] = '\0';
	if (weight[0])
		text_print(out, size, "package energy shared out by %s%s", weight,
			   has_gpu ? ", GPU energy by GPU time" : "");
	else if (has_gpu)
		text_print(out, size, "GPU energy shared out by GPU time");
}

static void print_processes(FILE *out, const struct session *session)
{
	struct group_row *rows = NULL;
	size_t capacity = 0, count = group_rows(session, GROUP_PROCESSES, &rows, &capacity);
	char weight[128];

	name_weight(session, weight, sizeof(weight));
	if (count)
		qsort(rows, count, sizeof(*rows), by_energy);
	if (count && weight[0])
		fprintf(out, "\n  processes, %s:\n", weight);
	if (weight[0])
		print_workload(out, session);
	for (size_t i = 0; i < count && i < SUMMARY_PROCESSES && weight[0]; i++) {
		const struct series *busy = domain_series(rows[i].domain, METRIC_BUSY_NS);
		char name[64], remark[64], cpu[UNIT_TEXT_SIZE];

		text_print(name, sizeof(name), "%d %.14s", rows[i].pid, rows[i].name);
		text_print(remark, sizeof(remark), "%s CPU s",
			   unit_number(cpu,
				       busy ? derive_total(session, busy, METRIC_BUSY_NS, SPAN_RUN)
					    : NAN,
				       2));
		print_row(out, 4, name, rows[i].quality, rows[i].energy_j,
			  rows[i].energy_j / seconds(session), busy ? remark : "");
	}
	if (count > SUMMARY_PROCESSES && weight[0])
		fprintf(out, "      %zu more\n", count - SUMMARY_PROCESSES);
	print_books(out, session);
	free(rows);
}

static void print_work(FILE *out, const struct session *session)
{
	struct derive_work work = derive_work(session, SPAN_RUN);
	struct derive_power total = derive_total_power(session, SPAN_RUN, NULL, 0);
	char count[UNIT_TEXT_SIZE], rate[UNIT_TEXT_SIZE], per_j[UNIT_TEXT_SIZE],
		inverse[UNIT_TEXT_SIZE];
	const char *mark = total.series ? sign(total.quality) : "";

	if (isnan(work.total))
		return;
	fprintf(out, "\n  work %s %s (%s), %s per second", unit_si(count, work.total, ""),
		work.unit, work.named, unit_si(rate, work.per_s, ""));
	if (!isnan(work.per_j))
		fprintf(out, ", %s%s %s/J, %s%s/%s", mark, unit_si(per_j, work.per_j, ""),
			work.unit, mark, unit_si(inverse, 1 / work.per_j, "J"), work.unit);
	fprintf(out, "\n");
}

/* Operations: per second, of which roof, at which intensity, per joule. */
static void print_flops(FILE *out, const struct session *session)
{
	struct derive_work flops = derive_flops(session, SPAN_RUN);
	const struct series *bytes = derive_marked(session, "byte");
	struct derive_power total = derive_total_power(session, SPAN_RUN, NULL, 0);
	char rate[UNIT_TEXT_SIZE], share[UNIT_TEXT_SIZE], per_j[UNIT_TEXT_SIZE];
	struct roofline_whole whole;
	double moved = bytes ? derive_total(session, bytes, METRIC_WORK, SPAN_RUN) : NAN;

	if (!(flops.total > 0))
		return;
	fprintf(out, "  %s by %s (%s)", unit_si(rate, flops.per_s, "FLOP/s"), flops.named,
		quality_name(flops.quality));
	whole = roofline_whole(session, &flops);
	unit_percent(share, flops.per_s / whole.flop_per_s);
	if (whole.is_gpu && isfinite(whole.flop_per_s))
		fprintf(out, ", MFU %s of %s, %s", share, whole.named, whole.more);
	else if (whole.is_gpu)
		fprintf(out, ", MFU unknown: %s", whole.more);
	else if (isfinite(whole.flop_per_s))
		fprintf(out, ", %s of the %s roof %s", share,
			whole.quality == QUALITY_ESTIMATED ? "theoretical" : "measured",
			whole.named);
	if (moved > 0)
		fprintf(out, ", %.4g FLOP/byte", flops.total / moved);
	if (!isnan(flops.per_j))
		fprintf(out, ", %s%s", total.series ? sign(total.quality) : "",
			unit_si(per_j, flops.per_j, "FLOP/s/W"));
	fprintf(out, "\n");
}

/* One line of a phase: what it used, and what that was for. */
static void print_phase(FILE *out, const struct phase_figures *phase)
{
	char name[96], remark[160], time[UNIT_TEXT_SIZE], peak[UNIT_TEXT_SIZE],
		above[UNIT_TEXT_SIZE] = "", per_work[UNIT_TEXT_SIZE];
	bool proxy = phase->is_short || phase->unsure_count > 0;
	size_t used;

	text_print(name, sizeof(name), "%.*s", 22 - 4 - 2 * (phase->depth < 4 ? phase->depth : 4),
		   phase->name);
	used = text_print(remark, sizeof(remark), "%llu in %s, peak %s",
			  (unsigned long long)phase->count,
			  unit_si(time, (double)phase->time_ns / 1e9, "s"),
			  unit_si(peak, phase->peak_w, "W"));
	if (!isnan(phase->above_j))
		used += text_print(remark + used, sizeof(remark) - used, ", above idle %s",
				   unit_si(above, phase->above_j, "J"));
	if (!isnan(phase->energy_per_work_j))
		used += text_print(remark + used, sizeof(remark) - used, ", %s/%s",
				   unit_si(per_work, phase->energy_per_work_j, "J"), phase->unit);
	if (phase->is_open)
		used += text_print(remark + used, sizeof(remark) - used, ", still open at the end");
	if (proxy)
		text_print(remark + used, sizeof(remark) - used, ", shared by time");
	print_row(out, 4 + 2 * (phase->depth < 4 ? phase->depth : 4), name,
		  proxy ? QUALITY_ESTIMATED : phase->quality, phase->energy_j, phase->mean_w,
		  remark);
}

static void print_phases_inside(FILE *out, const struct session *session, int parent, size_t *shown)
{
	size_t count = phase_count(session);

	for (size_t i = 0; i < count && *shown < SUMMARY_PHASES; i++) {
		struct phase_figures phase = phase_figures(session, i);

		if (phase.parent != parent)
			continue;
		print_phase(out, &phase);
		(*shown)++;
		print_phases_inside(out, session, (int)i, shown);
	}
}

static void print_phases(FILE *out, const struct session *session)
{
	size_t count = phase_count(session), shown = 0;

	if (count == 0)
		return;
	fprintf(out, "\n  phases, the energy between two readings shared by time:\n");
	print_phases_inside(out, session, -1, &shown);
	if (shown < count)
		fprintf(out, "      %zu more\n", count - shown);
}

static void print_self(FILE *out, const struct session *session)
{
	struct derive_self self = derive_self(session, SPAN_RUN);
	char busy[UNIT_TEXT_SIZE], memory[UNIT_TEXT_SIZE];

	fprintf(out, "\n  jouletop itself: %s of a CPU, %s; %u samples",
		unit_percent(busy, self.busy_ratio), unit_bytes(memory, self.memory_bytes),
		session_ticks(session));
	if (session_late_ticks(session))
		fprintf(out, ", %u late", session_late_ticks(session));
	fprintf(out, "\n");
}

static void print_notes(FILE *out, const struct session *session)
{
	size_t count, shown = 0;
	const struct note *notes = session_notes(session, &count);

	for (size_t i = 0; i < count && shown < SUMMARY_NOTES; i++)
		if (notes[i].level != NOTE_INFO) {
			fprintf(out, "  note: %s\n", notes[i].text);
			shown++;
		}
}

static struct summary_counts count_all(const struct session *session)
{
	struct summary_counts counts = {.late_ticks = session_late_ticks(session)};
	size_t count;
	struct domain *const *domains = session_domains(session, &count);
	const struct source *sources;

	for (size_t i = 0; i < count; i++)
		for (const struct series *series = domains[i]->series; series;
		     series = series->next) {
			counts.energy_series += series_cell(series, METRIC_ENERGY_UJ) != NULL;
			counts.busy_series += series_cell(series, METRIC_BUSY_NS) != NULL;
		}
	sources = session_sources(session, &count);
	for (size_t i = 0; i < count; i++)
		counts.failed_sources += sources[i].state == SOURCE_FAILED;
	return counts;
}

struct summary_counts summary_print(FILE *out, const struct session *session, const char *title)
{
	const char *command = session_meta_get(session, "command");
	char elapsed[UNIT_TEXT_SIZE];

	fprintf(out, "\n jouletop: %s\n\n", command && *command ? command : title);
	fprintf(out, "  %-22s %12s\n", "elapsed",
		seconds(session) < 60 ? unit_si(elapsed, seconds(session), "s")
				      : unit_duration(elapsed, session_now_ns(session) -
								       session_start_ns(session)));
	print_energy(out, session);
	print_processes(out, session);
	print_work(out, session);
	print_flops(out, session);
	summary_serving(out, session);
	summary_print_projection(out, session);
	print_phases(out, session);
	summary_operators(out, session);
	print_self(out, session);
	print_notes(out, session);
	fprintf(out, "\n");
	fflush(out);
	return count_all(session);
}
