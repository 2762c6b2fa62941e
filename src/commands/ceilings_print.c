/* SPDX-License-Identifier: Apache-2.0 */
/* Progress, plan and results of jouletop ceilings as text. */
#include "commands/ceilings_print.h"

#include "base/unit.h"

#include <math.h>
#include <string.h>

#define BAR_WIDTH 24

void ceilings_print_progress(FILE *out, size_t done, size_t count, const char *name)
{
	char bar[BAR_WIDTH + 1] = "";

	if (count == 0) {
		fprintf(out, "\r%79s\r", "");
		return;
	}
	memset(bar, '.', BAR_WIDTH);
	memset(bar, '#', done * BAR_WIDTH / count);
	fprintf(out, "\rjouletop: [%s] %zu/%zu %-30.30s", bar, done + 1, count, name);
	fflush(out);
}

void ceilings_print_limits(FILE *out, const struct ceilings *ceilings)
{
	if (ceilings->cores < ceilings->cores_allowed)
		fprintf(out,
			"jouletop: the control group allows %.2f CPUs: all cores means %zu of %zu\n",
			ceilings->cpu_limit, ceilings->cores, ceilings->cores_allowed);
	else if (ceilings->cpu_limit > 0)
		fprintf(out, "jouletop: the control group allows %.2f CPUs\n", ceilings->cpu_limit);
}

static const char *what_of(const struct ceiling *row)
{
	return row->kernel ? row->kernel->title : row->memory ? row->memory->title : "";
}

void ceilings_print_plan(FILE *out, const struct ceilings *ceilings)
{
	char bytes[UNIT_TEXT_SIZE];

	ceilings_print_limits(out, ceilings);
	for (size_t i = 0; i < ceilings->count; i++) {
		const struct ceiling *row = &ceilings->rows[i];

		fprintf(out, "%-22s %-30s ", row->key, row->name);
		if (row->reason[0])
			fprintf(out, "not here: %s\n", row->reason);
		else if (row->memory)
			fprintf(out, "%s, %s each\n", what_of(row), unit_bytes(bytes, row->bytes));
		else
			fprintf(out, "%s\n", what_of(row));
	}
}

static const struct ceiling *find_row(const struct ceilings *ceilings, const char *key)
{
	for (size_t i = 0; i < ceilings->count; i++) {
		if (strcmp(ceilings->rows[i].key, key) == 0)
			return &ceilings->rows[i];
	}
	return NULL;
}

static void print_roof(FILE *out, const struct ceilings *ceilings, const struct roof *roof)
{
	const struct ceiling *row = find_row(ceilings, roof->key);
	bool whole = row && row->kernel && row->kernel->type == KERNEL_INT8;
	const char *unit = whole				    ? "OP/s"
			   : roof->metric == METRIC_ROOF_FLOP_PER_S ? "FLOP/s"
								    : "B/s";
	char rate[UNIT_TEXT_SIZE], power[UNIT_TEXT_SIZE], share[UNIT_TEXT_SIZE];

	fprintf(out, "%-32s %16s", roof->name, unit_si(rate, (double)roof->per_s, unit));
	if (roof->power_uw > 0)
		fprintf(out, " %12s", unit_si(power, (double)roof->power_uw * 1e-6, "W"));
	if (row && !(row->own_ratio >= CEILINGS_UNDISTURBED))
		fprintf(out, "  too low: others had %s of a core",
			unit_percent(share, 1 - row->own_ratio));
	fputc('\n', out);
}

void ceilings_print_roofs(FILE *out, const struct ceilings *ceilings, const struct roofs *roofs)
{
	bool power = false;

	for (size_t i = 0; i < roofs->count; i++) {
		print_roof(out, ceilings, &roofs->roofs[i]);
		power |= roofs->roofs[i].power_uw > 0;
	}
	for (size_t i = 0; i < ceilings->count; i++) {
		const struct ceiling *row = &ceilings->rows[i];

		if (row->reason[0])
			fprintf(out, "%-32s not measured: %s\n", row->name, row->reason);
		else if (isnan(row->per_s))
			fprintf(out, "%-32s not measured: the machine was too busy\n", row->name);
	}
	if (!power)
		fputs("no power: no package has an energy counter that can be read; see jouletop doctor\n",
		      out);
}

void ceilings_print_csv(FILE *out, const struct sysroot *root, const struct roofs *roofs)
{
	struct csv_buffer rows = {0};

	roofs_write(root, roofs, &rows);
	fwrite(rows.data, 1, rows.size, out);
	csv_finish(&rows);
}
