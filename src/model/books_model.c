/* SPDX-License-Identifier: Apache-2.0 */
/* Which weight splits the watched part: the fitted model where it can be trusted, else cycles, else CPU time. */
#include "model/books_private.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

/* A model in use is given up a little later than one that is not is taken up: names should not flicker. */
#define IN_USE_PART 0.8

/* A place's and a band's memory: this part of the old stays at each close. */
#define MEMORY_PART 0.95

/* What changes a little with every close is told this often. */
#define SAY_NS (10 * CLOCK_NS_PER_S)

struct books_model *books_model_create(void)
{
	struct books_model *model = memory_zeroed(1, sizeof(*model));

	fit_init(&model->fit);
	model->band_ratio = NAN;
	return model;
}

static int64_t number_of(const struct domain *cpu)
{
	int64_t number;

	if (!text_starts_with(cpu->key, "cpu") || text_to_i64(cpu->key + 3, &number) < 0)
		return -1;
	return number;
}

/* The first other CPU of the same core; with more than two a core, one of them stands for the others. */
static int find_sibling(struct domain *const *cpus, size_t count, size_t index)
{
	const char *core = domain_label(cpus[index], "core");

	for (size_t k = 0; core && k < count; k++) {
		const char *other = k == index ? NULL : domain_label(cpus[k], "core");

		if (other && strcmp(core, other) == 0)
			return (int)number_of(cpus[k]);
	}
	return -1;
}

void books_model_pair_cpus(struct books *books)
{
	size_t count;
	struct domain *const *cpus = session_kind(books->session, DOMAIN_CPU, &count);

	memory_reserve(&books->siblings, &books->sibling_capacity, books->cpu_count,
		       sizeof(*books->siblings));
	for (size_t i = 0; i < count; i++) {
		int64_t number = number_of(cpus[i]);

		if (number >= 0 && (size_t)number < books->cpu_count)
			books->siblings[number] =
				(struct books_cpu){.sibling = find_sibling(cpus, count, i)};
	}
}

void books_model_watch_cpus(struct books *books)
{
	size_t count;
	struct domain *const *cpus = session_kind(books->session, DOMAIN_CPU, &count);

	for (size_t i = 0; i < count; i++) {
		const struct series *series = domain_series(cpus[i], METRIC_BUSY_NS);
		const struct cell *cell = series ? series_cell(series, METRIC_BUSY_NS) : NULL;
		int64_t number = number_of(cpus[i]);

		if (!cell || number < 0 || (size_t)number >= books->cpu_count)
			continue;

		struct books_cpu *cpu = &books->siblings[number];

		if (cell->seen_ns <= cpu->time_ns)
			continue;
		cpu->busy_ratio = cpu->time_ns == 0
					  ? 0
					  : fmin(1, (double)(cell->value - cpu->busy_ns) /
							    (double)(cell->seen_ns - cpu->time_ns));
		cpu->busy_ns = cell->value;
		cpu->time_ns = cell->seen_ns;
	}
}

static double shared_part(const struct books *books, int64_t cpu)
{
	if (cpu < 0 || (size_t)cpu >= books->cpu_count)
		return 0;

	int sibling = books->siblings[cpu].sibling;

	return sibling >= 0 && (size_t)sibling < books->cpu_count
		       ? books->siblings[sibling].busy_ratio
		       : 0;
}

static int find_place(const struct books_model *model, const struct domain *process)
{
	for (int i = 0; process && i < FIT_PLACES; i++) {
		if (model->places[i].process == process &&
		    model->places[i].born_ns == process->born_ns)
			return i;
	}
	return -1;
}

void books_model_add(const struct books *books, struct books_model *model,
		     struct books_effort *effort, const struct domain *thread, int64_t cpu,
		     const struct books_step *step)
{
	double part = shared_part(books, cpu);
	double cycles = (double)step->cycles * (1 - part / 2);
	int place = find_place(model, thread->parent);

	if (step->busy_ns > 0)
		fit_add_cycles(&effort->work, cycles,
			       (double)step->cycles * 1e9 / (double)step->busy_ns);
	if (place >= 0)
		fit_add_own(&effort->work, place, cycles);
	effort->work.amount[FIT_INSTRUCTIONS] += (float)((double)step->instructions / 1e9);
	effort->work.amount[FIT_VECTOR_FLOPS] += (float)((double)step->flops / 1e9);
	effort->work.amount[FIT_LLC_MISSES] += (float)((double)step->llc_misses / 1e7);
	effort->work.amount[FIT_SHARED_TIME] += (float)((double)step->busy_ns / 1e9 * part);
}

/* A process without a place takes the one that is used least, if it is used much less than the process would. */
static void take_place(struct books_model *model, const struct domain *process, double cycles)
{
	int least = 0;

	for (int i = 1; i < FIT_PLACES; i++) {
		if (model->places[i].recent_cycles < model->places[least].recent_cycles)
			least = i;
	}
	if (!process || cycles <= 2 * model->places[least].recent_cycles)
		return;
	fit_vacate(&model->fit, least);
	model->places[least] = (struct books_place){
		.process = process,
		.born_ns = process->born_ns,
		.recent_cycles = cycles * (1 - MEMORY_PART),
	};
}

static void keep_places(struct books *books, struct books_device *package)
{
	struct books_model *model = package->model;

	for (size_t i = 0; i < books->sharer_count; i++) {
		const struct domain *thread = books->sharers[i];
		int place = find_place(model, thread->parent);

		if (place >= 0)
			model->places[place].cycles +=
				(double)package->efforts[thread->number].cycles;
	}
	for (int i = 0; i < FIT_PLACES; i++) {
		struct books_place *place = &model->places[i];

		place->recent_cycles =
			place->recent_cycles * MEMORY_PART + place->cycles * (1 - MEMORY_PART);
		place->cycles = 0;
	}
	for (size_t i = 0; i < books->sharer_count; i++) {
		const struct domain *thread = books->sharers[i];

		if (find_place(model, thread->parent) < 0)
			take_place(model, thread->parent,
				   (double)package->efforts[thread->number].cycles *
					   (1 - MEMORY_PART));
	}
}

/* Part of the energy that two weights give to different threads. */
static double spread_of_times(const struct books *books, const struct books_device *package)
{
	double cycles = 0, busy_ns = 0, spread = 0;

	for (size_t i = 0; i < books->sharer_count; i++) {
		cycles += (double)package->efforts[books->sharers[i]->number].cycles;
		busy_ns += (double)package->efforts[books->sharers[i]->number].busy_ns;
	}
	for (size_t i = 0; i < books->sharer_count && cycles > 0 && busy_ns > 0; i++) {
		const struct books_effort *effort = &package->efforts[books->sharers[i]->number];

		spread +=
			fabs((double)effort->cycles / cycles - (double)effort->busy_ns / busy_ns) /
			2;
	}
	return spread;
}

static double misplaced_by_model(const struct books *books, const struct books_device *package,
				 const struct fit_work *all)
{
	double misplaced = 0;

	for (size_t i = 0; i < books->sharer_count; i++)
		misplaced +=
			fit_share_error(&package->model->fit,
					&package->efforts[books->sharers[i]->number].work, all) /
			2;
	return fmin(1, misplaced);
}

static enum books_weight choose(struct books *books, struct books_device *package, bool has_cycles,
				const struct fit_work *all)
{
	struct books_model *model = package->model;
	double misplaced;

	if (!has_cycles) {
		model->is_used = false;
		return WEIGHT_CPU_TIME;
	}
	misplaced = misplaced_by_model(books, package, all);
	model->state = fit_judge(&model->fit, misplaced * (model->is_used ? IN_USE_PART : 1));
	model->is_used = model->state == FIT_GOOD && fit_energy_j(&model->fit, all) > 0;

	double band = model->is_used ? misplaced : spread_of_times(books, package);

	model->band_ratio = isnan(model->band_ratio)
				    ? band
				    : model->band_ratio * MEMORY_PART + band * (1 - MEMORY_PART);
	return model->is_used ? WEIGHT_MODEL : WEIGHT_CYCLES;
}

enum books_weight books_model_close(struct books *books, struct books_device *package,
				    bool has_cycles, double energy_j, double length_s,
				    double unexplained_s)
{
	struct fit_work threads = {0}, all;
	double idle_j = isnan(package->baseline_w) ? 0 : package->baseline_w * length_s;
	enum books_weight weight;

	for (size_t i = 0; i < books->sharer_count; i++)
		fit_add_work(&threads, &package->efforts[books->sharers[i]->number].work);
	all = threads;
	all.amount[FIT_UNEXPLAINED] = (float)unexplained_s;
	all.amount[FIT_TIME] = (float)length_s;
	/* An interval in which somebody ran uncounted teaches wrong prices. */
	if (has_cycles || books->sharer_count == 0)
		fit_learn(&package->model->fit, &all, fmax(0, energy_j - idle_j), length_s);
	weight = choose(books, package, has_cycles, &threads);
	if (has_cycles)
		keep_places(books, package);
	return weight;
}

static void describe(const struct books_model *model, char *out, size_t size)
{
	double percent = model->fit.held_out_ratio * 100;

	switch (model->state) {
	case FIT_LEARNING: text_print(out, size, "learning"); break;
	case FIT_POOR: text_print(out, size, "held-out error %.0f %%, too much", percent); break;
	case FIT_NOT_IDENTIFIABLE:
		text_print(out, size, "not identifiable, the intervals are too much alike");
		break;
	case FIT_GOOD: text_print(out, size, "held-out error %.0f %%", percent); break;
	}
}

static void say(struct session *session, const char *name, const char *text)
{
	const char *known = session_meta_get(session, name);

	if (!known || strcmp(known, text) != 0)
		session_meta(session, name, text);
}

void books_model_say(struct books *books, const struct books_model *model, enum books_weight weight)
{
	static const char *const names[] = {
		[WEIGHT_CPU_TIME] = "CPU time",
		[WEIGHT_CYCLES] = "cycles",
		[WEIGHT_MODEL] = "model",
	};
	bool is_new = strcmp(books_weight(books->session), names[weight]) != 0;
	char text[96];

	if (!is_new && books->share_ns < books->said_ns + SAY_NS)
		return;
	books->said_ns = books->share_ns;
	say(books->session, "books_weight", names[weight]);
	if (weight == WEIGHT_CPU_TIME) {
		say(books->session, "books_band_percent", "");
		say(books->session, "books_fit", "no cycles are counted");
		return;
	}
	text_print(text, sizeof(text), "%.0f", model->band_ratio * 100);
	say(books->session, "books_band_percent", text);
	describe(model, text, sizeof(text));
	say(books->session, "books_fit", text);
}
