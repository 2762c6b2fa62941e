/* SPDX-License-Identifier: Apache-2.0 */
/* Closes the interval of a device whose energy moved: idle, watched threads, others, unattributed. */
#include "model/books_private.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/unit.h"

#include <math.h>
#include <string.h>

#define SOURCE_NONE "weight:none" /* memory: nothing is known of who used it */

static const char *const weight_sources[] = {
	[WEIGHT_CPU_TIME] = "weight:cpu-time",
	[WEIGHT_CYCLES] = "weight:cycles",
	[WEIGHT_MODEL] = "weight:model",
};

/* Below this load of all its CPUs, a package's second counts as idle. */
#define QUIET_RATIO 0.05

const struct cell *books_energy(const struct domain *domain, const struct series **series)
{
	const struct cell *cell;

	*series = domain_series(domain, METRIC_ENERGY_UJ);
	cell = *series ? series_cell(*series, METRIC_ENERGY_UJ) : NULL;
	return cell && cell->started ? cell : NULL;
}

/* What a meter has counted since time_ns, at its mean rate: it was not looked at then. */
static int64_t counted_since(const struct cell *cell, int64_t time_ns)
{
	int64_t length_ns = cell->time_ns - cell->first_time_ns;
	int64_t part_ns = cell->time_ns - time_ns;

	if (part_ns <= 0 || length_ns <= part_ns)
		return 0;
	return (int64_t)((double)(cell->value - cell->first_value) * (double)part_ns /
			 (double)length_ns);
}

bool books_begin_close(struct books_device *device, int64_t *energy_uj, int64_t *length_ns)
{
	const struct series *series;
	const struct cell *cell = books_energy(device->domain, &series);

	if (!cell)
		return false;
	if (device->series != series) {
		/* Another meter took over: what it counted before, the first one counted too, but for the time in
		 * which that was silent. */
		int64_t missed_uj = device->series ? counted_since(cell, device->time_ns) : 0;

		device->energy_uj = device->series ? cell->value - missed_uj : 0;
		if (!device->series)
			device->time_ns = cell->first_time_ns;
		else if (missed_uj == 0)
			device->time_ns = cell->time_ns;
		device->series = series;
	}
	if (cell->value <= device->energy_uj)
		return false;
	*energy_uj = cell->value - device->energy_uj;
	*length_ns = cell->time_ns - device->time_ns;
	device->energy_uj = cell->value;
	device->time_ns = cell->time_ns;
	return true;
}

static struct series *share_series(struct books *books, struct books_device *device,
				   enum domain_kind kind)
{
	char key[DOMAIN_KEY_SIZE];
	const char *name = domain_kind_name(kind);

	text_print(key, sizeof(key), "%s/%s", device->domain->key, name);

	struct domain *domain = session_domain(books->session, kind, key, device->domain, name);

	return domain ? session_series(books->session, domain, device->source, device->quality)
		      : NULL;
}

/* Shares inherit that their device's energy is only estimated. */
void books_name_shares(struct books *books, struct books_device *device, const char *source)
{
	enum quality quality = device->series->quality == QUALITY_ESTIMATED ? QUALITY_ESTIMATED
									    : QUALITY_ATTRIBUTED;

	if (device->source && strcmp(device->source, source) == 0 && device->quality == quality)
		return;
	device->source = source;
	device->quality = quality;
	device->idle = device->others = NULL;
	device->unattributed = share_series(books, device, DOMAIN_UNATTRIBUTED);
}

void books_give(struct books *books, struct series *series, int64_t from_ns, int64_t share_uj)
{
	const struct cell *cell = series ? series_cell(series, METRIC_ENERGY_UJ) : NULL;

	if (!series || (!cell && share_uj == 0))
		return;
	/* The first share was gained since the interval began: that is where its total was zero. */
	if (!cell)
		session_increase(books->session, series, METRIC_ENERGY_UJ, from_ns, 0);
	session_increase(books->session, series, METRIC_ENERGY_UJ, books->share_ns, share_uj);
}

/* A row appears when it first gets something; from then on it is told of every close. */
void books_give_row(struct books *books, struct books_device *device, struct series **row,
		    enum domain_kind kind, int64_t from_ns, int64_t share_uj)
{
	if (!*row && share_uj > 0)
		*row = share_series(books, device, kind);
	books_give(books, *row, from_ns, share_uj);
}

/* All shares of a tick have one time, the newest of the meters that moved: a thread's shares in two packages are parts of
 * one step, and no share may lie before an earlier one. */
static void find_share_time(struct books *books, const struct books_device *devices, size_t count)
{
	const struct series *series;

	for (size_t i = 0; i < count; i++) {
		const struct cell *cell = books_energy(devices[i].domain, &series);

		if (cell && cell->time_ns > books->share_ns)
			books->share_ns = cell->time_ns;
	}
}

static double idle_power_w(const struct books_device *device)
{
	return isnan(device->baseline_w) ? device->lowest_w : device->baseline_w;
}

int64_t books_idle_energy(const struct books_device *device, int64_t energy_uj, int64_t length_ns)
{
	double idle_uj = idle_power_w(device) * (double)length_ns / 1e3;

	if (!(idle_uj > 0))
		return 0;
	return idle_uj < (double)energy_uj ? (int64_t)idle_uj : energy_uj;
}

static void close_dram(struct books *books, struct books_device *dram)
{
	int64_t energy_uj, length_ns;

	if (!books_begin_close(dram, &energy_uj, &length_ns))
		return;
	books_name_shares(books, dram, SOURCE_NONE);

	int64_t idle_uj = books_idle_energy(dram, energy_uj, length_ns);
	int64_t from_ns = books->share_ns - length_ns;

	books_give_row(books, dram, &dram->idle, DOMAIN_IDLE, from_ns, idle_uj);
	books_give(books, dram->unattributed, from_ns, energy_uj - idle_uj);
}

static void say_idle(struct books *books)
{
	char watts[UNIT_TEXT_SIZE], named[128], duration[UNIT_TEXT_SIZE];
	int64_t since_ns = session_now_ns(books->session) - session_start_ns(books->session);
	double idle_w = 0;
	bool is_measured = true;

	for (size_t i = 0; i < books->package_count; i++) {
		is_measured &= !isnan(books->packages[i].baseline_w);
		idle_w += idle_power_w(&books->packages[i]);
	}
	if (isnan(idle_w))
		return;
	unit_number(watts, idle_w, 6);
	text_print(named, sizeof(named), "%s", books->baseline_named);
	if (!is_measured)
		text_print(named, sizeof(named), "lowest quiet second, at %s",
			   unit_duration(duration, since_ns));

	const char *known = session_meta_get(books->session, "books_idle_watts");

	if (known && strcmp(known, watts) == 0)
		return;
	session_meta(books->session, "books_idle_watts", watts);
	session_meta(books->session, "books_idle_named", named);
}

/* Looks for the lowest second below QUIET_RATIO. */
static void look_for_idle(struct books_device *package, int64_t energy_uj, int64_t length_ns,
			  int64_t busy_ns)
{
	package->second_j += (double)energy_uj / 1e6;
	package->second_s += (double)length_ns / (double)CLOCK_NS_PER_S;
	package->second_busy_s += (double)busy_ns / (double)CLOCK_NS_PER_S;
	if (package->second_s < 1 || package->cpus == 0)
		return;

	double power_w = package->second_j / package->second_s;
	bool is_quiet =
		package->second_busy_s / (package->second_s * (double)package->cpus) < QUIET_RATIO;

	/* Only a clear step down counts: the shares should not change with every second. */
	if (is_quiet && !(power_w >= package->lowest_w * 0.995))
		package->lowest_w = power_w;
	package->second_j = package->second_s = package->second_busy_s = 0;
}

/* Lists the threads that ran on the package; returns their CPU time. *cycles = all of them were counted. */
static uint64_t find_sharers(struct books *books, const struct books_device *package, bool *cycles)
{
	size_t count;
	struct domain *const *domains = session_domains(books->session, &count);
	uint64_t busy_ns = 0, cycle_sum = 0;

	books->sharer_count = 0;
	*cycles = true;
	for (size_t i = 0; i < count; i++) {
		uint32_t number = domains[i]->number;

		if (domains[i]->kind != DOMAIN_THREAD || number >= package->effort_capacity)
			continue;

		const struct books_effort *effort = &package->efforts[number];

		if (effort->busy_ns == 0 && effort->cycles == 0)
			continue;
		memory_reserve(&books->sharers, &books->sharer_capacity, books->sharer_count + 1,
			       sizeof(struct domain *));
		books->sharers[books->sharer_count++] = domains[i];
		busy_ns += effort->busy_ns;
		cycle_sum += effort->cycles;
		*cycles &= !effort->no_cycles;
	}
	*cycles &= cycle_sum > 0;
	return busy_ns;
}

static uint64_t weigh_effort(const struct books_device *package, const struct books_effort *effort,
			     enum books_weight weight)
{
	switch (weight) {
	case WEIGHT_CPU_TIME: return effort->busy_ns;
	case WEIGHT_CYCLES: return effort->cycles;
	case WEIGHT_MODEL:
		/* In nJ: a float's last digit is far above. */
		return (uint64_t)llround(fit_energy_j(&package->model->fit, &effort->work) * 1e9);
	}
	return 0;
}

static void share_among_threads(struct books *books, struct books_device *package,
				int64_t watched_uj, enum books_weight weight, int64_t from_ns)
{
	size_t count = books->sharer_count;

	memory_reserve(&books->weights, &books->weight_capacity, count, sizeof(*books->weights));
	memory_reserve(&books->shares, &books->share_capacity, count, sizeof(*books->shares));
	for (size_t i = 0; i < count; i++) {
		struct books_effort *effort = &package->efforts[books->sharers[i]->number];

		books->weights[i] = weigh_effort(package, effort, weight);
		*effort = (struct books_effort){0};
		books->sharers[i]->weight = 0;
	}

	int64_t rest_uj = books_split(watched_uj, books->weights, count, books->shares);

	for (size_t i = 0; i < count; i++) {
		if (books->shares[i] > 0)
			books_give(books,
				   session_series(books->session, books->sharers[i],
						  package->source, package->quality),
				   from_ns, books->shares[i]);
	}
	books_give(books, package->unattributed, from_ns, rest_uj);
}

static int64_t step_of_cpus(const struct books *books, int index, enum metric metric, int64_t *last)
{
	int64_t now = books_sum_cpus(books, index, metric), step = now - *last;

	*last = now;
	return step > 0 ? step : 0;
}

/* The first reading of a meter opens the books: what ran before it is not its. */
static void open_package(struct books *books, size_t index)
{
	struct books_device *package = &books->packages[index];

	step_of_cpus(books, (int)index, METRIC_BUSY_NS, &package->busy_ns);
	step_of_cpus(books, (int)index, METRIC_INTERRUPT_NS, &package->interrupt_ns);
	if (package->effort_capacity > 0)
		memset(package->efforts, 0, package->effort_capacity * sizeof(*package->efforts));
}

static void close_package(struct books *books, size_t index)
{
	struct books_device *package = &books->packages[index];
	int64_t energy_uj, length_ns;
	bool is_first = !package->series, has_cycles;

	package->closed = books_begin_close(package, &energy_uj, &length_ns);
	if (is_first && package->series && !package->closed)
		open_package(books, index);
	if (!package->closed)
		return;

	int64_t from_ns = books->share_ns - length_ns;
	uint64_t kernel_ns =
		(uint64_t)step_of_cpus(books, (int)index, METRIC_BUSY_NS, &package->busy_ns);
	uint64_t interrupt_ns = (uint64_t)step_of_cpus(books, (int)index, METRIC_INTERRUPT_NS,
						       &package->interrupt_ns);
	uint64_t watched_ns = find_sharers(books, package, &has_cycles);
	uint64_t unexplained_ns = kernel_ns > watched_ns ? kernel_ns - watched_ns : 0;

	look_for_idle(package, energy_uj, length_ns, (int64_t)(watched_ns + unexplained_ns));
	say_idle(books);

	int64_t idle_uj = books_idle_energy(package, energy_uj, length_ns);
	enum books_weight weight =
		books_model_close(books, package, has_cycles, (double)energy_uj / 1e6,
				  (double)length_ns / (double)CLOCK_NS_PER_S,
				  (double)unexplained_ns / (double)CLOCK_NS_PER_S);

	books_name_shares(books, package, weight_sources[weight]);

	uint64_t unattributed_ns = books->options.watches_all || interrupt_ns > unexplained_ns
					   ? unexplained_ns
					   : interrupt_ns;
	uint64_t parts_ns[3] = {watched_ns, unexplained_ns - unattributed_ns, unattributed_ns};
	int64_t parts_uj[3];
	int64_t rest_uj = books_split(energy_uj - idle_uj, parts_ns, 3, parts_uj);

	books_give_row(books, package, &package->idle, DOMAIN_IDLE, from_ns, idle_uj);
	books_give_row(books, package, &package->others, DOMAIN_OTHERS, from_ns, parts_uj[1]);
	books_give(books, package->unattributed, from_ns, parts_uj[2] + rest_uj);
	share_among_threads(books, package, parts_uj[0], weight, from_ns);
	if (watched_ns > 0)
		books_model_say(books, package->model, weight);
}

static void tell_thread(struct books *books, struct domain *thread)
{
	const struct series *where = domain_series(thread, METRIC_CPU_NUMBER);
	const struct cell *cpu = where ? series_cell(where, METRIC_CPU_NUMBER) : NULL;
	int package = books_package_of(books, cpu ? cpu->value : -1);

	if (package < 0 || !books->packages[package].closed)
		return;
	for (struct series *series = thread->series; series; series = series->next) {
		const struct cell *cell = series_cell(series, METRIC_ENERGY_UJ);

		if (cell && series->is_share && cell->time_ns < books->share_ns)
			session_increase(books->session, series, METRIC_ENERGY_UJ, books->share_ns,
					 0);
	}
}

/* Threads whose package was closed and that got nothing are told so: their next step begins here. */
static void tell_still(struct books *books)
{
	size_t count;
	struct domain *const *threads = session_kind(books->session, DOMAIN_THREAD, &count);
	bool any = false;

	for (size_t i = 0; i < books->package_count; i++)
		any |= books->packages[i].closed;
	for (size_t i = 0; any && i < count; i++)
		tell_thread(books, threads[i]);
}

void books_close(struct books *books)
{
	find_share_time(books, books->packages, books->package_count);
	find_share_time(books, books->drams, books->dram_count);
	find_share_time(books, books->gpus, books->gpu_count);
	for (size_t i = 0; i < books->package_count; i++)
		close_package(books, i);
	for (size_t i = 0; i < books->dram_count; i++)
		close_dram(books, &books->drams[i]);
	for (size_t i = 0; i < books->gpu_count; i++)
		books_gpu_close(books, &books->gpus[i]);
	tell_still(books);
}
