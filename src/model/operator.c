/* SPDX-License-Identifier: Apache-2.0 */
/* Operators of a session put together by what they have in common. */
#include "model/operator.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NONE "-"

static const struct series *find_series(const struct domain *domain, const char *source)
{
	const struct series *series = domain->series;

	while (series && strcmp(series->source, source) != 0)
		series = series->next;
	return series;
}

static int64_t value_of(const struct series *series, enum metric metric)
{
	const struct cell *cell = series ? series_cell(series, metric) : NULL;

	return cell && cell->started ? cell->value : 0;
}

static double seconds_of(const struct series *series, enum metric metric)
{
	return (double)value_of(series, metric) / (double)CLOCK_NS_PER_S;
}

static void put_part(char *out, size_t size, struct onednn_part part)
{
	if (part.length == 0)
		text_print(out, size, NONE);
	else
		text_clean(out, size, part.at, part.length);
}

/* "operator/matmul/others": the sum of a kind. */
static void describe_others(const struct domain *domain, struct operator_row *row)
{
	const char *kind = strchr(domain->key, '/');
	const char *end = kind ? strchr(kind + 1, '/') : NULL;

	put_part(row->kind, sizeof(row->kind),
		 (struct onednn_part){kind ? kind + 1 : "", end ? (size_t)(end - kind - 1) : 0});
	text_print(row->shape, sizeof(row->shape), "others");
	text_print(row->implementation, sizeof(row->implementation), "others");
	text_print(row->type, sizeof(row->type), "others");
	text_print(row->direction, sizeof(row->direction), "others");
	text_print(row->engine, sizeof(row->engine), "others");
}

static void describe(const struct domain *domain, struct operator_row *row)
{
	const char *label = domain_label(domain, OPERATOR_DESCRIPTOR);
	struct onednn_descriptor descriptor;
	const char *direction;

	if (!label || onednn_split(label, strlen(label), &descriptor) < 0) {
		describe_others(domain, row);
		return;
	}
	direction = onednn_direction(descriptor.direction);
	put_part(row->kind, sizeof(row->kind), descriptor.kind);
	put_part(row->shape, sizeof(row->shape), descriptor.shape);
	put_part(row->implementation, sizeof(row->implementation), descriptor.implementation);
	put_part(row->engine, sizeof(row->engine), descriptor.engine);
	text_print(row->direction, sizeof(row->direction), "%s", *direction ? direction : NONE);
	text_print(row->type, sizeof(row->type), "%s", onednn_work(&descriptor).type);
}

static void count_created(const struct domain *domain, struct operator_creations *created)
{
	const struct series *miss = find_series(domain, OPERATOR_CREATE_MISS),
			    *hit = find_series(domain, OPERATOR_CREATE_HIT),
			    *nested = find_series(domain, OPERATOR_CREATE_NESTED);

	created->misses = (uint64_t)value_of(miss, METRIC_CALLS);
	created->hits = (uint64_t)value_of(hit, METRIC_CALLS);
	created->nested = (uint64_t)value_of(nested, METRIC_CALLS);
	created->time_s = seconds_of(miss, METRIC_BUSY_NS) + seconds_of(hit, METRIC_BUSY_NS);
}

static double or_nan(double value)
{
	return value > 0 ? value : NAN;
}

static void measure(const struct domain *domain, struct operator_row *row)
{
	static const enum metric operations[] = {METRIC_FLOP_FP64, METRIC_FLOP_FP32,
						 METRIC_FLOP_FP16, METRIC_INTEGER_OPERATIONS};
	const struct series *series = find_series(domain, OPERATOR_SOURCE),
			    *energy = find_series(domain, OPERATOR_ENERGY);
	double sum = 0;

	for (size_t i = 0; i < ARRAY_SIZE(operations); i++)
		sum += (double)value_of(series, operations[i]);
	row->domain = domain;
	row->domains = 1;
	row->calls = (uint64_t)value_of(series, METRIC_CALLS);
	row->time_s = seconds_of(series, METRIC_BUSY_NS);
	row->operations = or_nan(sum);
	row->bytes = or_nan((double)value_of(series, METRIC_READ_BYTES));
	row->energy_time_s = seconds_of(energy, METRIC_RESIDENCY_NS);
	row->energy_j = row->energy_time_s > 0
				? metric_si(METRIC_ENERGY_UJ, value_of(energy, METRIC_ENERGY_UJ))
				: NAN;
	row->is_estimated = energy && energy->quality == QUALITY_ESTIMATED;
	count_created(domain, &row->created);
}

/* Forgets what the operators are not to be told apart by. */
static void blur(struct operator_row *row, unsigned keys)
{
	const struct {
		enum operator_key key;
		char *text;
	} texts[] = {
		{OPERATOR_KIND, row->kind},
		{OPERATOR_SHAPE, row->shape},
		{OPERATOR_TYPE, row->type},
		{OPERATOR_IMPLEMENTATION, row->implementation},
		{OPERATOR_DIRECTION, row->direction},
		{OPERATOR_ENGINE, row->engine},
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (!(keys & ((unsigned)texts[i].key | OPERATOR_EVERYTHING)))
			texts[i].text[0] = '\0';
	}
}

static int compare_keys(const void *left, const void *right)
{
	const struct operator_row *a = left, *b = right;
	const char *const texts[][2] = {
		{a->kind, b->kind},   {a->direction, b->direction},
		{a->type, b->type},   {a->implementation, b->implementation},
		{a->shape, b->shape}, {a->engine, b->engine},
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		int order = strcmp(texts[i][0], texts[i][1]);

		if (order != 0)
			return order;
	}
	return 0;
}

/* Equals stand in the order of their keys: a table must not dance. */
static int compare_times(const void *left, const void *right)
{
	const struct operator_row *a = left, *b = right;

	if (a->time_s != b->time_s)
		return a->time_s < b->time_s ? 1 : -1;
	if (a->calls != b->calls)
		return a->calls < b->calls ? 1 : -1;
	return compare_keys(left, right);
}

static double plus(double a, double b)
{
	if (isnan(a))
		return b;
	return isnan(b) ? a : a + b;
}

void operator_add(struct operator_row *into, const struct operator_row *row)
{
	into->domains += row->domains;
	into->calls += row->calls;
	into->time_s += row->time_s;
	into->operations = plus(into->operations, row->operations);
	into->bytes = plus(into->bytes, row->bytes);
	into->energy_j = plus(into->energy_j, row->energy_j);
	into->energy_time_s += row->energy_time_s;
	into->is_estimated |= row->is_estimated;
	into->created.misses += row->created.misses;
	into->created.hits += row->created.hits;
	into->created.nested += row->created.nested;
	into->created.time_s += row->created.time_s;
}

size_t operator_rows(const struct session *session, unsigned keys, struct operator_row **rows,
		     size_t *capacity)
{
	size_t count, used = 0;
	struct domain *const *domains = session_kind(session, DOMAIN_OPERATOR, &count);

	if (count == 0)
		return 0;
	memory_reserve(rows, capacity, count, sizeof(**rows));
	for (size_t i = 0; i < count; i++) {
		struct operator_row *row = &(*rows)[i];

		*row = (struct operator_row){.calls = 0};
		describe(domains[i], row);
		measure(domains[i], row);
		blur(row, keys);
	}
	if (!(keys & OPERATOR_EVERYTHING)) {
		qsort(*rows, count, sizeof(**rows), compare_keys);
		for (size_t i = 1; i < count; i++) {
			if (compare_keys(&(*rows)[used], &(*rows)[i]) == 0)
				operator_add(&(*rows)[used], &(*rows)[i]);
			else
				(*rows)[++used] = (*rows)[i];
		}
		count = used + 1;
	}
	qsort(*rows, count, sizeof(**rows), compare_times);
	return count;
}

struct operator_row operator_sum(const struct operator_row *rows, size_t count)
{
	struct operator_row sum = {.operations = NAN, .bytes = NAN, .energy_j = NAN};

	for (size_t i = 0; i < count; i++)
		operator_add(&sum, &rows[i]);
	return sum;
}

static double quotient(double above, double below)
{
	return below > 0 ? above / below : NAN;
}

double operator_rate(const struct operator_row *row)
{
	return quotient(row->operations, row->time_s);
}

double operator_bandwidth(const struct operator_row *row)
{
	return quotient(row->bytes, row->time_s);
}

double operator_intensity(const struct operator_row *row)
{
	return quotient(row->operations, row->bytes);
}

/* By rates: the energy may be known for a part of the time only. */
double operator_efficiency(const struct operator_row *row)
{
	return quotient(operator_rate(row), quotient(row->energy_j, row->energy_time_s));
}

size_t operator_points(const struct session *session, struct operator_point *points, size_t max)
{
	struct operator_row *rows = NULL;
	size_t capacity = 0, used = 0;
	size_t count = operator_rows(session, OPERATOR_KIND | OPERATOR_DIRECTION | OPERATOR_TYPE,
				     &rows, &capacity);
	double time_s = operator_sum(rows, count).time_s;

	for (size_t i = 0; i < count && used < max; i++) {
		const struct operator_row *row = &rows[i];
		struct operator_point *point = &points[used];

		if (!(operator_intensity(row) > 0) || !(operator_rate(row) > 0))
			continue;
		text_print(point->name, sizeof(point->name), "%s%s%s %s", row->kind,
			   strcmp(row->direction, NONE) == 0 ? "" : " ",
			   strcmp(row->direction, NONE) == 0 ? "" : row->direction, row->type);
		point->intensity = operator_intensity(row);
		point->flop_per_s = operator_rate(row);
		point->time_ratio = quotient(row->time_s, time_s);
		point->power_w = quotient(row->energy_j, row->energy_time_s);
		used++;
	}
	free(rows);
	return used;
}
