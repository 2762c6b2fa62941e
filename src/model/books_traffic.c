/* SPDX-License-Identifier: Apache-2.0 */
/* Each thread's part of the memory traffic: by its cache misses, scaled to what the memory controllers counted; without them a
 * lower bound. */
#include "model/books_private.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 64 /* that a miss of the last level cache moves at least */

/* Whose bytes are counted together: a package, or a socket of several dies. */
struct unit {
	const struct series *series; /* measured; NULL = nothing counts them */
	int64_t read, written, time_ns;
	int64_t busy_ns; /* of its CPUs */

	/* The step since the last tick. */
	bool moved;
	int64_t from_ns;
	uint64_t read_step, written_step, busy_step_ns;
	uint64_t watched_ns, misses; /* of all threads on it */
	int64_t watched_read, watched_written;
};

struct seen {
	const struct domain *domain;
	int64_t born_ns, misses, busy_ns, time_ns;
	uint64_t changes;     /* of the domain, when these were read */
	uint64_t misses_step; /* in this tick */
	int package;
};

struct books_traffic {
	struct unit *units; /* by package; of a socket's dies the first one is used */
	size_t unit_capacity;
	struct seen *seen; /* by domain.number */
	size_t seen_capacity;
	struct domain **sharers; /* of the unit being shared out */
	uint64_t *weights;
	int64_t *shares;
	size_t sharer_count, sharer_capacity, weight_capacity, share_capacity;
};

struct books_traffic *books_traffic_create(void)
{
	return memory_zeroed(1, sizeof(struct books_traffic));
}

void books_traffic_destroy(struct books_traffic *traffic)
{
	if (!traffic)
		return;
	free(traffic->units);
	free(traffic->seen);
	free(traffic->sharers);
	free(traffic->weights);
	free(traffic->shares);
	free(traffic);
}

static const struct series *measured_bytes(const struct domain *domain)
{
	const struct series *series = domain ? domain_series(domain, METRIC_READ_BYTES) : NULL;

	return series && series->quality == QUALITY_MEASURED &&
			       series_cell(series, METRIC_WRITE_BYTES)
		       ? series
		       : NULL;
}

/* The package's own, its memory's, or its socket's. */
static const struct series *find_total(const struct domain *package)
{
	const struct series *series = measured_bytes(package);
	const struct domain *socket = package->parent;

	if (series || !socket || socket->kind != DOMAIN_SOCKET)
		return series;
	for (const struct domain *child = socket->first_child; child && !series;
	     child = child->next_sibling) {
		if (child->kind == DOMAIN_DRAM)
			series = measured_bytes(child);
	}
	return series ? series : measured_bytes(socket);
}

static uint64_t increase(int64_t *seen, int64_t now)
{
	uint64_t step = now > *seen ? (uint64_t)(now - *seen) : 0;

	*seen = now;
	return step;
}

/* A first reading, and one after a gap, begin a step and end none. */
static void step_unit(struct unit *unit, const struct series *series)
{
	const struct cell *read = series ? series_cell(series, METRIC_READ_BYTES) : NULL;
	const struct cell *written = series ? series_cell(series, METRIC_WRITE_BYTES) : NULL;
	bool goes_on = unit->series == series && unit->time_ns > 0;

	unit->moved = false;
	unit->series = series;
	if (!read || !written || !read->known || !written->known) {
		unit->time_ns = 0;
		return;
	}
	if (goes_on && read->seen_ns <= unit->time_ns)
		return;
	unit->from_ns = unit->time_ns;
	unit->time_ns = read->seen_ns;
	unit->read_step = increase(&unit->read, read->value);
	unit->written_step = increase(&unit->written, written->value);
	unit->moved = goes_on;
}

/* The unit of a package: the first one that has the same total. */
static struct unit *unit_of(struct books_traffic *traffic, size_t package)
{
	for (size_t i = 0; i < package; i++) {
		if (traffic->units[i].series &&
		    traffic->units[i].series == traffic->units[package].series)
			return &traffic->units[i];
	}
	return &traffic->units[package];
}

static void step_units(struct books *books)
{
	struct books_traffic *traffic = books->traffic;

	memory_reserve(&traffic->units, &traffic->unit_capacity, books->package_count,
		       sizeof(*traffic->units));
	for (size_t i = 0; i < books->package_count; i++) {
		struct unit *unit = &traffic->units[i];

		step_unit(unit, find_total(books->packages[i].domain));
		unit->watched_ns = unit->misses = unit->busy_step_ns = 0;

		uint64_t busy_ns =
			increase(&unit->busy_ns, books_sum_cpus(books, (int)i, METRIC_BUSY_NS));

		unit_of(traffic, i)->busy_step_ns += busy_ns;
	}
}

static const struct cell *find_cell(const struct domain *thread, enum metric metric)
{
	const struct series *series = domain_series(thread, metric);
	const struct cell *cell = series ? series_cell(series, metric) : NULL;

	return cell && cell->started ? cell : NULL;
}

static struct seen *seen_of(struct books_traffic *traffic, const struct domain *thread)
{
	memory_reserve(&traffic->seen, &traffic->seen_capacity, thread->number + 1,
		       sizeof(*traffic->seen));

	struct seen *seen = &traffic->seen[thread->number];

	if (seen->domain != thread || seen->born_ns != thread->born_ns)
		*seen = (struct seen){.domain = thread, .born_ns = thread->born_ns};
	return seen;
}

static void step_thread(struct books *books, const struct domain *thread)
{
	struct books_traffic *traffic = books->traffic;
	struct seen *seen = seen_of(traffic, thread);

	seen->misses_step = 0;
	if (seen->changes == thread->changes)
		return;
	seen->changes = thread->changes;

	const struct cell *misses = find_cell(thread, METRIC_LLC_MISSES);
	const struct cell *busy = find_cell(thread, METRIC_BUSY_NS);
	const struct cell *cpu = find_cell(thread, METRIC_CPU_NUMBER);

	if (misses)
		seen->misses_step = increase(&seen->misses, misses->value);
	seen->package = books_package_of(books, cpu ? cpu->value : -1);
	if (seen->package < 0 || !misses)
		return;

	struct unit *unit = unit_of(traffic, (size_t)seen->package);

	unit->watched_ns += busy ? increase(&seen->busy_ns, busy->value) : 0;
	unit->misses += seen->misses_step;
}

/* The part of one direction that watched threads moved: as much as they were busy, not less than they missed. */
static int64_t watched_part(const struct unit *unit, uint64_t bytes)
{
	double all = (double)unit->read_step + (double)unit->written_step;
	double busy_ns = (double)(unit->busy_step_ns > unit->watched_ns ? unit->busy_step_ns
									: unit->watched_ns);
	double part = busy_ns > 0 ? (double)unit->watched_ns / busy_ns : 0;
	double least = all > 0 ? (double)unit->misses * LINE_BYTES / all : 0;

	if (least > part)
		part = least < 1 ? least : 1;
	return unit->misses > 0 ? (int64_t)(part * (double)bytes) : 0;
}

static void give(struct session *session, struct series *series, enum metric metric,
		 int64_t from_ns, int64_t time_ns, int64_t bytes)
{
	const struct cell *cell = series ? series_cell(series, metric) : NULL;

	if (!series || (!cell && bytes == 0))
		return;
	if (!cell || cell->seen_ns < from_ns)
		session_increase(session, series, metric, from_ns, 0);
	session_increase(session, series, metric, time_ns, bytes);
}

static void find_sharers(struct books *books, const struct unit *unit)
{
	struct books_traffic *traffic = books->traffic;
	size_t count;
	struct domain *const *domains = session_domains(books->session, &count);

	traffic->sharer_count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct seen *seen =
			domains[i]->kind == DOMAIN_THREAD ? seen_of(traffic, domains[i]) : NULL;

		if (!seen || seen->misses_step == 0 || seen->package < 0 ||
		    unit_of(traffic, (size_t)seen->package) != unit)
			continue;
		memory_reserve(&traffic->sharers, &traffic->sharer_capacity,
			       traffic->sharer_count + 1, sizeof(struct domain *));
		memory_reserve(&traffic->weights, &traffic->weight_capacity,
			       traffic->sharer_count + 1, sizeof(*traffic->weights));
		traffic->weights[traffic->sharer_count] = seen->misses_step;
		traffic->sharers[traffic->sharer_count++] = domains[i];
	}
}

static void share(struct books *books, const struct unit *unit, enum metric metric, int64_t bytes)
{
	struct books_traffic *traffic = books->traffic;
	size_t count = traffic->sharer_count;

	memory_reserve(&traffic->shares, &traffic->share_capacity, count, sizeof(*traffic->shares));
	books_split(bytes, traffic->weights, count, traffic->shares);
	for (size_t i = 0; i < count; i++) {
		struct series *series = session_series(books->session, traffic->sharers[i],
						       BOOKS_TRAFFIC_SHARED, QUALITY_ATTRIBUTED);

		give(books->session, series, metric, unit->from_ns, unit->time_ns,
		     traffic->shares[i]);
	}
}

/* Nothing counts the memory's bytes: what was missed was read at least. */
static void tell_least(struct books *books, struct domain *thread)
{
	struct seen *seen = seen_of(books->traffic, thread);
	const struct cell *misses =
		seen->misses_step > 0 ? find_cell(thread, METRIC_LLC_MISSES) : NULL;

	if (!misses || seen->package < 0 ||
	    unit_of(books->traffic, (size_t)seen->package)->series ||
	    misses->time_ns <= seen->time_ns)
		return;

	int64_t from_ns = misses->previous_time_ns > 0 ? misses->previous_time_ns : misses->time_ns;

	give(books->session,
	     session_series(books->session, thread, BOOKS_TRAFFIC_LEAST, QUALITY_ESTIMATED),
	     METRIC_READ_BYTES, from_ns, misses->time_ns, (int64_t)seen->misses_step * LINE_BYTES);
	seen->time_ns = misses->time_ns;
}

void books_traffic_tick(struct books *books)
{
	struct books_traffic *traffic = books->traffic;
	size_t count;
	struct domain *const *domains = session_domains(books->session, &count);

	/* By their misses threads share what was moved: without any there is nothing to be told. */
	if (!session_has(books->session, METRIC_LLC_MISSES))
		return;
	step_units(books);
	for (size_t i = 0; i < count; i++) {
		if (domains[i]->kind == DOMAIN_THREAD)
			step_thread(books, domains[i]);
	}
	for (size_t i = 0; i < books->package_count; i++) {
		const struct unit *unit = &traffic->units[i];

		if (unit_of(traffic, i) != unit || !unit->moved)
			continue;
		find_sharers(books, unit);
		share(books, unit, METRIC_READ_BYTES, watched_part(unit, unit->read_step));
		share(books, unit, METRIC_WRITE_BYTES, watched_part(unit, unit->written_step));
	}
	for (size_t i = 0; i < count; i++) {
		if (domains[i]->kind == DOMAIN_THREAD)
			tell_least(books, domains[i]);
	}
}
