/* SPDX-License-Identifier: Apache-2.0 */
/* The block of the summary that tells what oneDNN did. */
#include "commands/summary_operators.h"

#include "base/text.h"
#include "base/unit.h"
#include "model/operator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 12

static void print_operator(FILE *out, const struct operator_row *row, const char *name,
			   double time_s)
{
	char time[UNIT_TEXT_SIZE], share[UNIT_TEXT_SIZE], rate[UNIT_TEXT_SIZE],
		bandwidth[UNIT_TEXT_SIZE], energy[UNIT_TEXT_SIZE], efficiency[UNIT_TEXT_SIZE];

	fprintf(out, "    %-28.28s %10s %7s %14s %11s %s%10s %14s   %llu\n", name,
		unit_si(time, row->time_s, "s"), unit_percent(share, row->time_s / time_s),
		unit_si(rate, operator_rate(row), "FLOP/s"),
		unit_si(bandwidth, operator_bandwidth(row), "B/s"),
		isnan(row->energy_j) ? " " : "~", unit_si(energy, row->energy_j, "J"),
		unit_si(efficiency, operator_efficiency(row), "FLOP/J"),
		(unsigned long long)row->calls);
}

static void print_created(FILE *out, const struct operator_creations *created, double time_s)
{
	char name[64], time[UNIT_TEXT_SIZE], share[UNIT_TEXT_SIZE];

	if (created->misses + created->hits == 0)
		return;
	text_print(name, sizeof(name), "created");
	fprintf(out, "    %-28s %10s %7s   %llu anew, %llu from the cache\n", name,
		unit_si(time, created->time_s, "s"),
		unit_percent(share, time_s > 0 ? created->time_s / time_s : NAN),
		(unsigned long long)created->misses, (unsigned long long)created->hits);
}

static const struct source *find_source(const struct session *session)
{
	size_t count;
	const struct source *sources = session_sources(session, &count);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(sources[i].name, "onednn") == 0)
			return &sources[i];
	}
	return NULL;
}

static void print_rows(FILE *out, const struct operator_row *rows, size_t count)
{
	struct operator_row sum = operator_sum(rows, count);
	char name[96];

	fprintf(out, "    %-28s %10s %7s %14s %11s %11s %14s   calls\n", "", "time", "", "rate",
		"tensors", "energy", "");
	for (size_t i = 0; i < count && i < ROWS; i++) {
		text_print(name, sizeof(name), "%.18s%s%s %s", rows[i].kind,
			   strcmp(rows[i].direction, "-") == 0 ? "" : " ",
			   strcmp(rows[i].direction, "-") == 0 ? "" : rows[i].direction,
			   rows[i].type);
		if (rows[i].calls > 0)
			print_operator(out, &rows[i], name, sum.time_s);
	}
	if (count > ROWS)
		fprintf(out, "      %zu more\n", count - ROWS);
	print_operator(out, &sum, "all", sum.time_s);
	print_created(out, &sum.created, sum.time_s);
}

void summary_operators(FILE *out, const struct session *session)
{
	const struct source *source = find_source(session);
	struct operator_row *rows = NULL;
	size_t capacity = 0;
	size_t count = operator_rows(session, OPERATOR_KIND | OPERATOR_DIRECTION | OPERATOR_TYPE,
				     &rows, &capacity);

	if (count == 0 && !source)
		return;
	fprintf(out, "\n  operators; joules of the total while they ran, shared by time:\n");
	if (count > 0)
		print_rows(out, rows, count);
	if (source)
		fprintf(out, "    %s\n    %s\n", source->gives, source->reason);
	free(rows);
}
