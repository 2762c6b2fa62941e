/* SPDX-License-Identifier: Apache-2.0 */
/* Rows for the threads panel: threads, processes, and sums of processes by label. */
#include "model/group_private.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

static double metric_of(const struct session *session, const struct domain *domain, enum metric raw,
			enum metric derived)
{
	const struct series *series = domain_series(domain, raw);

	return series ? derive_metric(session, series, derived) : NAN;
}

static int64_t gauge_of(const struct domain *domain, enum metric metric)
{
	const struct series *series = domain_series(domain, metric);
	const struct cell *cell = series ? series_cell(series, metric) : NULL;

	return cell && cell->known ? cell->value : -1;
}

/* A row of which nothing is known yet. */
static const struct group_row unknown_row = {
	.busy_ratio = NAN,
	.power_w = NAN,
	.energy_j = NAN,
	.ipc = NAN,
	.clock_hz = NAN,
	.flow = {.flop_per_s = NAN, .bytes_per_s = NAN, .by_precision = {NAN, NAN, NAN}},
	.gpu_power_w = NAN,
	.memory_bytes = -1,
	.cpu = -1,
};

static void begin_row(struct group_row *row, const struct domain *domain)
{
	uint64_t start_ticks;

	*row = unknown_row;
	row->domain = domain;
	row->name = domain->name;
	row->memory_bytes = gauge_of(domain, METRIC_MEMORY_BYTES);
	row->cpu = (int)gauge_of(domain, METRIC_CPU_NUMBER);
	row->members = 1;
	domain_key_parse(domain->key, &row->pid, &row->tid, &start_ticks);
}

/* Takes what the domain's own series say where the row knows nothing yet. */
static void fill_own(const struct session *session, struct group_row *row,
		     const struct domain *domain)
{
	if (isnan(row->busy_ratio))
		row->busy_ratio = metric_of(session, domain, METRIC_BUSY_NS, METRIC_BUSY_RATIO);
	if (isnan(row->ipc))
		row->ipc = metric_of(session, domain, METRIC_INSTRUCTIONS, METRIC_IPC);
	if (isnan(row->clock_hz))
		row->clock_hz = metric_of(session, domain, METRIC_CYCLES, METRIC_CLOCK_HZ);
	if (!isnan(row->power_w) || !isnan(row->energy_j))
		return;

	struct derive_power now = derive_power(session, domain, SPAN_NOW);

	row->power_w = now.power_w;
	row->energy_j =
		now.series ? derive_total(session, now.series, METRIC_ENERGY_UJ, SPAN_RUN) : NAN;
	row->quality = now.quality;
}

void group_thread(const struct session *session, struct group_row *row, const struct domain *thread)
{
	begin_row(row, thread);
	row->flow = derive_own_flow(session, thread, SPAN_NOW);
	fill_own(session, row, thread);
}

/* Sums of threads from which the ratios of a process are made. */
struct sums {
	double instructions, cycles, clocked_cycles, clocked_s;
	bool has_no_flow; /* the process itself says nothing of operations: its threads do */
};

static void add_thread(const struct session *session, struct group_row *row, struct sums *sums,
		       const struct domain *thread)
{
	const struct series *series = domain_series(thread, METRIC_CYCLES);
	struct group_row part = unknown_row;

	fill_own(session, &part, thread);
	if (sums->has_no_flow) {
		part.flow = derive_own_flow(session, thread, SPAN_NOW);
		derive_flow_add(&row->flow, &part.flow);
	}
	row->busy_ratio = derive_add(row->busy_ratio, part.busy_ratio);
	row->power_w = derive_add(row->power_w, part.power_w);
	row->energy_j = derive_add(row->energy_j, part.energy_j);
	if (part.quality > row->quality)
		row->quality = part.quality;
	row->members++;

	double cycles = series ? derive_rate(session, series, METRIC_CYCLES, SPAN_NOW) : NAN;

	if (!isnan(cycles) && !isnan(part.ipc)) {
		sums->cycles += cycles;
		sums->instructions += cycles * part.ipc;
	}
	if (!isnan(cycles) && part.clock_hz > 0) {
		sums->clocked_cycles += cycles;
		sums->clocked_s += cycles / part.clock_hz;
	}
}

static double ended_threads_j(const struct domain *process)
{
	double energy_j = NAN;

	for (const struct series *series = process->series; series; series = series->next) {
		const struct cell *cell = series_cell(series, METRIC_ENERGY_UJ);

		if (cell && series->is_folded)
			energy_j = derive_add(energy_j, metric_si(METRIC_ENERGY_UJ, cell->value));
	}
	return energy_j;
}

/* Its parts of GPUs: what stands behind the name of such a source is a GPU's key. */
static double gpu_power_w(const struct session *session, const struct domain *process)
{
	double power_w = NAN;

	for (const struct series *series = process->series; series; series = series->next) {
		const char *key = strchr(series->source, ':');

		if (series->is_share && key && text_starts_with(key + 1, "gpu-"))
			power_w = derive_add(
				power_w, derive_rate(session, series, METRIC_ENERGY_UJ, SPAN_NOW));
	}
	return power_w;
}

void group_process(const struct session *session, struct group_row *row,
		   const struct domain *process)
{
	struct sums sums = {0};

	begin_row(row, process);
	row->members = 0;
	row->flow = derive_own_flow(session, process, SPAN_NOW);
	sums.has_no_flow = isnan(row->flow.flop_per_s);
	for (const struct domain *child = process->first_child; child;
	     child = child->next_sibling) {
		if (child->alive && child->kind == DOMAIN_THREAD)
			add_thread(session, row, &sums, child);
	}
	row->energy_j = derive_add(row->energy_j, ended_threads_j(process));
	row->gpu_power_w = gpu_power_w(session, process);
	if (sums.cycles > 0)
		row->ipc = sums.instructions / sums.cycles;
	if (sums.clocked_s > 0)
		row->clock_hz = sums.clocked_cycles / sums.clocked_s;
	fill_own(session, row, process);
}

struct group_row *group_append(struct group_list *list)
{
	memory_reserve(list->rows, list->capacity, list->count + 1, sizeof(**list->rows));
	return &(*list->rows)[list->count++];
}

static void list_kind(const struct session *session, enum domain_kind kind, struct group_list *list)
{
	size_t count;
	struct domain *const *domains = session_kind(session, kind, &count);

	for (size_t i = 0; i < count; i++) {
		if (kind == DOMAIN_THREAD)
			group_thread(session, group_append(list), domains[i]);
		else
			group_process(session, group_append(list), domains[i]);
	}
}

static struct group_row *find_sum(struct group_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp((*list->rows)[i].name, name) == 0)
			return &(*list->rows)[i];
	}

	struct group_row *row = group_append(list);

	*row = unknown_row;
	row->name = name;
	return row;
}

static void add_process(struct group_row *sum, const struct group_row *process)
{
	sum->busy_ratio = derive_add(sum->busy_ratio, process->busy_ratio);
	sum->power_w = derive_add(sum->power_w, process->power_w);
	sum->gpu_power_w = derive_add(sum->gpu_power_w, process->gpu_power_w);
	sum->energy_j = derive_add(sum->energy_j, process->energy_j);
	derive_flow_add(&sum->flow, &process->flow);
	if (process->memory_bytes >= 0)
		sum->memory_bytes =
			(sum->memory_bytes < 0 ? 0 : sum->memory_bytes) + process->memory_bytes;
	if (process->quality > sum->quality)
		sum->quality = process->quality;
	sum->members++;
}

static void list_sums(const struct session *session, const char *label, struct group_list *list)
{
	size_t count;
	struct domain *const *processes = session_kind(session, DOMAIN_PROCESS, &count);

	for (size_t i = 0; i < count; i++) {
		const char *name = domain_label(processes[i], label);
		struct group_row process;

		group_process(session, &process, processes[i]);
		add_process(find_sum(list, name && *name ? name : "-"), &process);
	}
}

size_t group_rows(const struct session *session, enum group_by by, struct group_row **rows,
		  size_t *capacity)
{
	struct group_list list = {rows, capacity, 0};

	switch (by) {
	case GROUP_THREADS: list_kind(session, DOMAIN_THREAD, &list); break;
	case GROUP_PROCESSES: list_kind(session, DOMAIN_PROCESS, &list); break;
	case GROUP_TREE: group_tree(session, &list); break;
	case GROUP_CONTAINER: list_sums(session, "container", &list); break;
	case GROUP_USER: list_sums(session, "user", &list); break;
	}
	return list.count;
}
