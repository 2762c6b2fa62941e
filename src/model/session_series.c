/* SPDX-License-Identifier: Apache-2.0 */
/* The series of a session's domains: their cells, values, gaps and history. */
#include "model/session_private.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BIT(metric) (UINT64_C(1) << (metric))
_Static_assert(METRIC_RAW_COUNT <= 64, "a bit for each metric");
#define DEVICE_METRICS                                                                         \
	(BIT(METRIC_ENERGY_UJ) | BIT(METRIC_BUSY_NS) | BIT(METRIC_WORK) |                      \
	 BIT(METRIC_SENSOR_POWER_UW) | BIT(METRIC_POWER_LIMIT_UW) | BIT(METRIC_FREQUENCY_HZ) | \
	 BIT(METRIC_TEMPERATURE_MC))
#define GPU_METRICS                                                                \
	(DEVICE_METRICS | BIT(METRIC_UTILIZATION_PPM) | BIT(METRIC_MEMORY_BYTES) | \
	 BIT(METRIC_MEMORY_FREQUENCY_HZ) | BIT(METRIC_SM_ACTIVITY_PPM) |           \
	 BIT(METRIC_TENSOR_ACTIVITY_PPM) | BIT(METRIC_DRAM_ACTIVITY_PPM) |         \
	 BIT(METRIC_READ_BYTES) | BIT(METRIC_WRITE_BYTES))

/* Which metrics of which domains have a history: a history is large, and there are many threads. */
static const uint64_t metrics_with_history[DOMAIN_KIND_COUNT] = {
	[DOMAIN_MACHINE] = DEVICE_METRICS,
	[DOMAIN_PACKAGE] = DEVICE_METRICS,
	[DOMAIN_CORES] = DEVICE_METRICS,
	[DOMAIN_UNCORE] = DEVICE_METRICS,
	[DOMAIN_DRAM] = DEVICE_METRICS,
	[DOMAIN_PSYS] = DEVICE_METRICS,
	[DOMAIN_BOARD] = DEVICE_METRICS,
	[DOMAIN_WALL] = DEVICE_METRICS,
	[DOMAIN_SENSOR] = DEVICE_METRICS,
	[DOMAIN_GPU] = GPU_METRICS,
	[DOMAIN_GPU_MEMORY] = DEVICE_METRICS,
	[DOMAIN_THROTTLE] = BIT(METRIC_THROTTLE_NS),
	[DOMAIN_WORK] = BIT(METRIC_WORK),
	[DOMAIN_CPU] = BIT(METRIC_BUSY_NS) | BIT(METRIC_FREQUENCY_HZ),
	[DOMAIN_PROCESS] = BIT(METRIC_ENERGY_UJ) | BIT(METRIC_BUSY_NS),
};

/* What the name of a source says of its series. Among sources of equal quality the least rank is preferred: powercap undoes
 * the hardware's wraps itself; its MMIO twin repeats it. */
static void classify(struct series *series)
{
	static const struct {
		const char *begins;
		uint8_t rank;
		bool is_share, is_folded, is_slow;
	} classes[] = {
		{.begins = "powercap:intel-rapl-mmio", .rank = 2},
		{.begins = "powercap", .rank = 0},
		{.begins = "perf_power", .rank = 1},
		{.begins = "nvml", .rank = 3, .is_slow = true},
		{.begins = "amdgpu", .rank = 8, .is_slow = true},
		{.begins = "intelgpu", .rank = 8, .is_slow = true},
		{.begins = "metrics", .rank = 8, .is_slow = true},
		{.begins = "weight:cycles", .rank = 4, .is_share = true},
		{.begins = "weight:", .rank = 5, .is_share = true},
		{.begins = SESSION_ENDED_THREADS, .rank = 9, .is_folded = true},
		{.begins = "", .rank = 8},
	};
	size_t i = 0;

	while (!text_starts_with(series->source, classes[i].begins))
		i++;
	series->rank = classes[i].rank;
	series->is_share = classes[i].is_share;
	series->is_folded = classes[i].is_folded;
	series->is_slow = classes[i].is_slow;
}

struct series *session_series(struct session *session, struct domain *domain, const char *source,
			      enum quality quality)
{
	if (!domain)
		return NULL;

	struct series **end = &domain->series;

	for (; *end; end = &(*end)->next) {
		if ((*end)->quality == quality && strcmp((*end)->source, source) == 0)
			return *end;
	}

	const char *kept = strings_keep(session, source, SESSION_STRINGS_MAX);

	if (!kept)
		return NULL;
	struct bound_series *bound = memory_zeroed(1, sizeof(*bound));

	bound->producer = -1;
	bound->series.domain = domain;
	bound->series.source = kept;
	bound->series.quality = quality;
	bound->series.gap_reason = "";
	classify(&bound->series);
	session->bytes += sizeof(*bound);
	*end = &bound->series;
	return *end;
}

void series_changed(struct session *session, struct series *series)
{
	series->domain->changes++;
	if (series->changed)
		return;
	series->changed = true;
	memory_reserve(&session->changed, &session->changed_capacity, session->changed_count + 1,
		       sizeof(struct series *));
	session->changed[session->changed_count++] = series;
}

/* Where the cell of a metric stands, or would stand: behind those of lesser metrics. */
static size_t cell_place(const struct series *series, uint64_t bit)
{
	return (size_t)__builtin_popcountll(series->metrics & (bit - 1));
}

const struct cell *series_cell(const struct series *series, enum metric metric)
{
	uint64_t bit = metric_bit(metric);

	return series->metrics & bit ? &series->cells[cell_place(series, bit)] : NULL;
}

struct cell *series_cell_get(struct series *series, enum metric metric)
{
	uint64_t bit = metric_bit(metric);
	size_t place = cell_place(series, bit), count = series->cell_count;

	if (series->metrics & bit)
		return &series->cells[place];
	/* Room grows by powers of two, so that the count alone tells when there is none left. */
	if ((count & (count - 1)) == 0)
		series->cells =
			memory_resize(series->cells, count ? 2 * count : 1, sizeof(*series->cells));

	struct cell *cell = &series->cells[place];

	memmove(cell + 1, cell, (count - place) * sizeof(*cell));
	memset(cell, 0, sizeof(*cell));
	cell->metric = (uint8_t)metric;
	series->cell_count++;
	series->metrics |= bit;
	series->domain->metrics |= bit;
	return cell;
}

struct cell *series_cell_make(struct session *session, struct series *series, enum metric metric)
{
	size_t count = series->cell_count;
	struct cell *cell = series_cell_get(series, metric);

	session->bytes += (series->cell_count - count) * sizeof(*cell);
	session->metrics |= series->metrics;
	return cell;
}

void series_free(struct session *session, struct series *series)
{
	bool is_process = series->domain->kind == DOMAIN_PROCESS;

	for (size_t i = 0; i < series->cell_count; i++) {
		if (session && series->cells[i].history && is_process)
			session->process_histories--;
		if (session && series->cells[i].history)
			session->bytes -= HISTORY_BYTES;
		history_destroy(series->cells[i].history);
	}
	if (session) {
		session->bytes -=
			sizeof(struct bound_series) + series->cell_count * sizeof(*series->cells);
		series_unbind(session, series);
	}
	free(series->cells);
	free(series);
}

/* Histories begin when there is something to keep: most processes never move. */
static void keep_history(struct session *session, const struct series *series, struct cell *cell,
			 int64_t time_ns, double value)
{
	enum domain_kind kind = series->domain->kind;

	if (!cell->history) {
		if (!(metrics_with_history[kind] & BIT(cell->metric)) || isnan(value))
			return;
		if (kind == DOMAIN_PROCESS &&
		    session->process_histories++ >= SESSION_PROCESS_HISTORIES_MAX) {
			session->process_histories--;
			return;
		}
		cell->history = history_create();
		session->bytes += HISTORY_BYTES;
	}
	history_add(cell->history, time_ns, value);
}

static void keep_rate(struct session *session, const struct series *series, struct cell *cell)
{
	double elapsed_s =
		(double)(cell->time_ns - cell->previous_time_ns) / (double)CLOCK_NS_PER_S;

	if (elapsed_s > 0)
		keep_history(session, series, cell, cell->time_ns,
			     metric_si(cell->metric, cell->value - cell->previous) / elapsed_s);
}

/* The first total: at zero it is the anchor; beyond, it has grown since the domain was born. Only work, phases and operators
 * are said when they are done, so that nothing is known of when it began. */
static void start_counter(struct session *session, struct series *series, struct cell *cell,
			  int64_t time_ns, int64_t value)
{
	const struct domain *domain = series->domain;
	bool grew = value > 0 && domain->born_ns > 0 && domain->born_ns < time_ns &&
		    domain->kind != DOMAIN_WORK && domain->kind != DOMAIN_PHASE &&
		    domain->kind != DOMAIN_OPERATOR;

	cell->started = true;
	cell->value = value;
	cell->time_ns = time_ns;
	cell->first_time_ns = grew ? domain->born_ns : time_ns;
	cell->previous_time_ns = cell->first_time_ns;
	cell->mark_time_ns = cell->first_time_ns;
	keep_rate(session, series, cell);
}

bool series_still_is_zero(const struct series *series, enum metric metric)
{
	return metric_info(metric)->still == METRIC_STILL_IS_ZERO ||
	       series->quality == QUALITY_ATTRIBUTED || series->quality == QUALITY_ESTIMATED;
}

/* False when nothing moved. */
static bool step_counter(struct session *session, struct series *series, struct cell *cell,
			 int64_t time_ns, int64_t value)
{
	if (value == cell->value)
		return false;
	if (time_ns == cell->time_ns) {
		/* Two parts of one step, such as the shares of a thread in two packages. */
		cell->value = value;
		return true;
	}
	cell->previous = cell->value;
	cell->previous_time_ns =
		series_still_is_zero(series, cell->metric) ? cell->seen_ns : cell->time_ns;
	cell->value = value;
	cell->time_ns = time_ns;
	keep_rate(session, series, cell);
	return true;
}

static bool take_counter(struct session *session, struct series *series, struct cell *cell,
			 int64_t time_ns, int64_t value)
{
	if (cell->started)
		return step_counter(session, series, cell, time_ns, value);
	start_counter(session, series, cell, time_ns, value);
	return true;
}

static void take_gauge(struct session *session, struct series *series, struct cell *cell,
		       int64_t time_ns, int64_t value)
{
	if (!cell->started) {
		cell->first_value = cell->mark_value = cell->previous = value;
		cell->first_time_ns = cell->mark_time_ns = cell->previous_time_ns = time_ns;
	}
	if (!cell->started || value != cell->value) {
		cell->previous = cell->started ? cell->value : value;
		cell->previous_time_ns = cell->started ? cell->time_ns : time_ns;
		cell->value = value;
		cell->time_ns = time_ns;
	}
	cell->started = true;
	keep_history(session, series, cell, time_ns, metric_si(cell->metric, value));
}

static void end_gap(struct series *series, struct cell *cell)
{
	cell->gap = 0;
	for (size_t i = 0; i < series->cell_count; i++) {
		if (series->cells[i].gap != 0)
			return;
	}
	series->gap_reason = "";
}

/* In a recording time is zero at the start; a slow source may have been read shortly before the first tick was told. */
#define BEFORE_START_NS (60 * CLOCK_NS_PER_S)

static bool time_is_possible(const struct cell *cell, int64_t time_ns)
{
	return time_ns >= -BEFORE_START_NS && time_ns <= SESSION_TIME_MAX_NS &&
	       (!cell->started || time_ns >= cell->seen_ns);
}

void session_value(struct session *session, struct series *series, enum metric metric,
		   int64_t time_ns, int64_t value)
{
	if (!series)
		return;
	assert((unsigned)metric < METRIC_RAW_COUNT);

	bool is_counter = metric_info(metric)->kind == METRIC_COUNTER;
	struct cell *cell = series_cell_make(session, series, metric);
	bool is_impossible = is_counter && value < cell->value;

	if (is_impossible || !time_is_possible(cell, time_ns)) {
		session->ignored++;
		return;
	}

	bool moved = true;

	if (is_counter)
		moved = take_counter(session, series, cell, time_ns, value);
	else
		take_gauge(session, series, cell, time_ns, value);
	if (moved || cell->gap != 0)
		series_changed(session, series);
	cell->seen_ns = time_ns;
	cell->known = true;
	if (cell->gap != 0)
		end_gap(series, cell);
}

void session_increase(struct session *session, struct series *series, enum metric metric,
		      int64_t time_ns, int64_t amount)
{
	if (!series)
		return;

	const struct cell *cell = series_cell(series, metric);
	int64_t value = cell ? cell->value : 0;

	if (amount < 0 || amount > INT64_MAX - value)
		session->ignored++;
	else
		session_value(session, series, metric, time_ns, value + amount);
}

void series_gap(struct session *session, struct series *series, enum metric metric, int64_t time_ns,
		int code, const char *reason)
{
	struct cell *cell = series_cell_make(session, series, metric);
	const char *kept = strings_keep(session, reason, SESSION_STRINGS_MAX / 2);

	cell->known = false;
	cell->gap = (int16_t)code;
	series->gap_reason = kept ? kept : "too many different reasons to keep them all";
	series_changed(session, series);
	if (cell->history && time_is_possible(cell, time_ns))
		history_add(cell->history, time_ns, NAN);
}

void series_unbind(struct session *session, struct series *series)
{
	struct bound_series *bound = (struct bound_series *)series;

	if (bound->producer >= 0)
		session->bindings[bound->producer].series[bound->id] = NULL;
	bound->producer = -1;
}

void series_bind(struct session *session, struct series *series, int producer, uint32_t id)
{
	struct binding *binding = &session->bindings[producer];
	struct bound_series *bound = (struct bound_series *)series;

	memory_reserve(&binding->series, &binding->series_capacity, id + 1,
		       sizeof(struct series *));
	if (binding->series[id])
		series_unbind(session, binding->series[id]);
	series_unbind(session, series);
	bound->producer = producer;
	bound->id = id;
	binding->series[id] = series;
	for (size_t i = 0; i < series->cell_count; i++) {
		if (metric_info(series->cells[i].metric)->kind == METRIC_COUNTER)
			series->cells[i].base = series->cells[i].value;
	}
}
