/* SPDX-License-Identifier: Apache-2.0 */
/* What each thread did on each package since that package's last closed interval. */
#include "model/books_private.h"

#include "base/memory.h"
#include "base/text.h"

#include <string.h>

static int package_index(const struct books *books, const struct domain *domain)
{
	for (; domain; domain = domain->parent) {
		for (size_t i = 0; domain->kind == DOMAIN_PACKAGE && i < books->package_count;
		     i++) {
			if (books->packages[i].domain == domain)
				return (int)i;
		}
	}
	/* CPUs that nobody has placed: with one package there is no doubt. */
	return books->package_count == 1 ? 0 : -1;
}

static void place_cpu(struct books *books, const struct domain *cpu)
{
	int64_t number;

	if (!text_starts_with(cpu->key, "cpu") || text_to_i64(cpu->key + 3, &number) < 0 ||
	    number < 0 || number > 65535)
		return;
	for (size_t i = books->cpu_count; i <= (size_t)number; i++) {
		memory_reserve(&books->package_of_cpu, &books->cpu_capacity, i + 1, sizeof(int));
		books->package_of_cpu[i] = -1;
		books->cpu_count = i + 1;
	}
	books->package_of_cpu[number] = package_index(books, cpu);
}

/* CPUs may be announced before their package is: the map is made anew when either list grows. */
static void map_cpus(struct books *books)
{
	size_t count;
	struct domain *const *cpus = session_kind(books->session, DOMAIN_CPU, &count);

	if (count == books->cpu_domains && books->packages_mapped == books->package_count)
		return;
	books->cpu_domains = count;
	books->packages_mapped = books->package_count;
	for (size_t i = 0; i < count; i++)
		place_cpu(books, cpus[i]);
	books_model_pair_cpus(books);
	for (size_t i = 0; i < books->package_count; i++) {
		books->packages[i].cpus = 0;
		for (size_t k = 0; k < count; k++)
			books->packages[i].cpus += package_index(books, cpus[k]) == (int)i;
	}
}

int books_package_of(const struct books *books, int64_t cpu)
{
	if (books->package_count == 1)
		return 0;
	return cpu >= 0 && (size_t)cpu < books->cpu_count ? books->package_of_cpu[cpu] : -1;
}

int64_t books_sum_cpus(const struct books *books, int package, enum metric metric)
{
	size_t count;
	struct domain *const *cpus = session_kind(books->session, DOMAIN_CPU, &count);
	int64_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		const struct series *series = domain_series(cpus[i], metric);
		const struct cell *cell = series ? series_cell(series, metric) : NULL;

		if (cell && package_index(books, cpus[i]) == package)
			sum += cell->value;
	}
	return sum;
}

/* CPU time as the counters saw it lies on the same stretch as the cycles; else the scheduler's. */
static const struct series *busy_series(const struct domain *thread)
{
	const struct series *any = NULL;

	for (const struct series *series = thread->series; series; series = series->next) {
		const struct cell *cell = series_cell(series, METRIC_BUSY_NS);

		if (!cell || !cell->started)
			continue;
		if (strcmp(series->source, "counters") == 0)
			return series;
		if (!any)
			any = series;
	}
	return any;
}

static const struct cell *find_cell(const struct domain *thread, enum metric metric)
{
	const struct series *series = domain_series(thread, metric);
	const struct cell *cell = series ? series_cell(series, metric) : NULL;

	return cell && cell->started ? cell : NULL;
}

static struct books_seen *seen_of(struct books *books, const struct domain *thread)
{
	memory_reserve(&books->seen, &books->seen_capacity, thread->number + 1,
		       sizeof(*books->seen));

	struct books_seen *seen = &books->seen[thread->number];

	if (seen->domain == thread && seen->born_ns == thread->born_ns)
		return seen;
	*seen = (struct books_seen){.domain = thread, .born_ns = thread->born_ns};
	for (size_t i = 0; i < books->package_count; i++) {
		if (thread->number < books->packages[i].effort_capacity)
			books->packages[i].efforts[thread->number] = (struct books_effort){0};
	}
	return seen;
}

static uint64_t increase(int64_t *seen, int64_t now)
{
	uint64_t step = now > *seen ? (uint64_t)(now - *seen) : 0;

	*seen = now;
	return step;
}

static uint64_t step_of(const struct domain *thread, enum metric metric, int64_t *seen)
{
	const struct cell *cell = find_cell(thread, metric);

	return cell ? increase(seen, cell->value) : 0;
}

/* Vectors cost more than what they replace; where nobody says which operations theirs were, all are taken. */
static uint64_t flops_of(const struct domain *thread, int64_t *seen)
{
	static const enum metric precisions[] = {METRIC_FLOP_FP64, METRIC_FLOP_FP32,
						 METRIC_FLOP_FP16};
	const struct cell *vector = find_cell(thread, METRIC_FLOP_VECTOR);
	int64_t sum = 0;

	for (size_t i = 0; !vector && i < ARRAY_SIZE(precisions); i++) {
		const struct cell *cell = find_cell(thread, precisions[i]);

		sum += cell ? cell->value : 0;
	}
	return increase(seen, vector ? vector->value : sum);
}

static void weigh_thread(struct books *books, struct domain *thread)
{
	struct books_seen *seen = seen_of(books, thread);

	/* Most threads sleep. */
	if (seen->changes == thread->changes)
		return;
	seen->changes = thread->changes;

	const struct series *series = busy_series(thread);
	const struct cell *cycles = find_cell(thread, METRIC_CYCLES);
	const struct cell *cpu = find_cell(thread, METRIC_CPU_NUMBER);

	if (!series)
		return;

	int64_t busy_now_ns = series_cell(series, METRIC_BUSY_NS)->value;

	/* Another source has another beginning: its totals begin to count from here. */
	if (seen->busy_series && seen->busy_series != series)
		seen->busy_ns = busy_now_ns;
	seen->busy_series = series;

	const struct books_step step = {
		.busy_ns = increase(&seen->busy_ns, busy_now_ns),
		.cycles = step_of(thread, METRIC_CYCLES, &seen->cycles),
		.instructions = step_of(thread, METRIC_INSTRUCTIONS, &seen->instructions),
		.llc_misses = step_of(thread, METRIC_LLC_MISSES, &seen->llc_misses),
		.flops = flops_of(thread, &seen->flops),
	};
	int package = books_package_of(books, cpu ? cpu->value : -1);

	if (package < 0 || (step.busy_ns == 0 && step.cycles == 0))
		return;

	struct books_device *device = &books->packages[package];

	if (!device->series)
		return; /* no meter has spoken yet */
	memory_reserve(&device->efforts, &device->effort_capacity, thread->number + 1,
		       sizeof(*device->efforts));

	struct books_effort *effort = &device->efforts[thread->number];

	effort->busy_ns += step.busy_ns;
	effort->cycles += step.cycles;
	effort->no_cycles |= step.busy_ns > 0 && (!cycles || !cycles->known || step.cycles == 0);
	books_model_add(books, device->model, effort, thread, cpu ? cpu->value : -1, &step);
	thread->weight += step.busy_ns + (step.busy_ns == 0);
}

void books_weigh(struct books *books)
{
	size_t count;
	struct domain *const *domains = session_domains(books->session, &count);

	map_cpus(books);
	books_model_watch_cpus(books);
	/* The dead as well: what they did last is shared out at the next close. */
	for (size_t i = 0; i < count; i++) {
		if (domains[i]->kind == DOMAIN_THREAD)
			weigh_thread(books, domains[i]);
	}
}
