/* SPDX-License-Identifier: Apache-2.0 */
/* One row of the session CSV. */
#include "record/recorder_private.h"

#include "model/derive.h"

#include <math.h>

static const char *const first_columns[] = {"time_seconds", "kind",   "id",	"parent",
					    "name",	    "source", "quality"};

void row_header(struct csv_buffer *out)
{
	for (size_t i = 0; i < sizeof(first_columns) / sizeof(first_columns[0]); i++) {
		if (i > 0)
			csv_comma(out);
		csv_text(out, first_columns[i]);
	}
	for (int metric = 0; metric < METRIC_COUNT; metric++) {
		csv_comma(out);
		csv_text(out, metric_info((enum metric)metric)->name);
	}
	csv_end_row(out);
}

void row_begin(const struct recorder *recorder, const struct recorder_row *row,
	       struct csv_buffer *out)
{
	const char *const fields[] = {row->kind, row->id,     row->parent,
				      row->name, row->source, row->quality};

	csv_decimal(out, row->time_ns - recorder->start_ns, 9);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		csv_comma(out);
		if (fields[i])
			csv_text(out, fields[i]);
	}
}

void row_end_empty(struct csv_buffer *out)
{
	static const char commas[] = ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,"
				     ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,"
				     ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,";

	_Static_assert(METRIC_COUNT < sizeof(commas), "one comma for each metric");
	csv_bytes(out, commas, METRIC_COUNT);
	csv_end_row(out);
}

static void write_derived(double value, int digits, struct csv_buffer *out)
{
	double scaled = value;

	for (int i = 0; i < digits; i++)
		scaled *= 10;
	if (isfinite(scaled) && fabs(scaled) < 9e18)
		csv_decimal(out, llround(scaled), digits);
}

void row_values(const struct session *session, const struct recorded_series *series,
		const bool present[METRIC_RAW_COUNT], struct csv_buffer *out)
{
	for (int i = 0; i < METRIC_COUNT; i++) {
		enum metric metric = (enum metric)i;
		int digits = metric_info(metric)->digits;

		csv_comma(out);
		if (i >= METRIC_RAW_COUNT)
			write_derived(derive_metric(session, &series->known, metric), digits, out);
		else if (present[i])
			csv_decimal(out, series_cell(&series->known, metric)->value, digits);
	}
	csv_end_row(out);
}
