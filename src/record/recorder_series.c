/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of one series: what changed since its last row, at the times at which it changed. */
#include "record/recorder_private.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

#include <string.h>

static bool is_counter(const struct cell *cell)
{
	return metric_info((enum metric)cell->metric)->kind == METRIC_COUNTER;
}

static struct cell *known_cell(struct recorded_series *series, const struct cell *live)
{
	return series_cell_get(&series->known, (enum metric)live->metric);
}

static bool has_moved(const struct cell *live, const struct cell *known)
{
	return live->started && (!known->started || live->value != known->value);
}

/* Readable again, with the value that it had before the gap. */
static bool has_returned(const struct cell *live, const struct cell *known)
{
	return live->known && known->gap != 0;
}

/* Totals begin at zero before their first row: when that was. */
static bool find_birth(const struct series *live, int64_t *time_ns)
{
	bool found = false;

	for (size_t i = 0; i < live->cell_count; i++) {
		const struct cell *cell = &live->cells[i];

		if (!is_counter(cell) || !cell->started || cell->first_time_ns >= cell->time_ns)
			continue;
		if (!found || cell->first_time_ns < *time_ns)
			*time_ns = cell->first_time_ns;
		found = true;
	}
	return found;
}

/* The step to the newest value began after the last row, at the value that this row had: the time of that beginning is
 * needed to get the rate right. Only when all that moved agrees: else every rare counter would cost a row. */
static bool find_beginning(struct recorded_series *series, int64_t *time_ns)
{
	const struct series *live = series->live;
	bool found = false;

	for (size_t i = 0; i < live->cell_count; i++) {
		const struct cell *cell = &live->cells[i];
		const struct cell *known = known_cell(series, cell);

		if (!is_counter(cell) || !has_moved(cell, known))
			continue;
		if (!known->started || cell->previous != known->value ||
		    cell->previous_time_ns >= cell->time_ns ||
		    cell->previous_time_ns <= series->row_ns)
			return false;
		if (!found || cell->previous_time_ns < *time_ns)
			*time_ns = cell->previous_time_ns;
		found = true;
	}
	return found;
}

static bool is_coarse(const struct recorded_series *series)
{
	enum domain_kind kind = series->live->domain->kind;

	return kind == DOMAIN_THREAD || kind == DOMAIN_PROCESS || kind == DOMAIN_OPERATOR;
}

/* The time of the next row: the first of the moves that are not written yet; of threads only the last one, because
 * there are many and they are written seldom. False = nothing is left. */
static bool find_next_time(struct recorded_series *series, int64_t *time_ns)
{
	const struct series *live = series->live;
	bool found = false, coarse = is_coarse(series);

	for (size_t i = 0; i < live->cell_count; i++) {
		const struct cell *cell = &live->cells[i];
		const struct cell *known = known_cell(series, cell);
		int64_t at_ns;

		if (has_moved(cell, known))
			at_ns = cell->time_ns;
		else if (has_returned(cell, known))
			at_ns = cell->seen_ns;
		else
			continue;
		/* Readers refuse a row of the same series from before its last one. */
		if (series->written && at_ns < series->row_ns)
			at_ns = series->row_ns;
		if (!found || (coarse ? at_ns > *time_ns : at_ns < *time_ns))
			*time_ns = at_ns;
		found = true;
	}
	return found;
}

/* The value at a time, as far as the session still knows it. */
static bool value_at(const struct cell *live, const struct cell *known, int64_t time_ns,
		     int64_t *value)
{
	if (!live->started)
		return false;
	if (live->time_ns <= time_ns) {
		*value = live->value;
		return live->known || has_moved(live, known);
	}
	if (is_counter(live) && live->previous_time_ns <= time_ns)
		*value = live->previous;
	else if (is_counter(live) && !known->started)
		*value = live->first_value;
	else
		*value = known->value;
	return known->started || (is_counter(live) && live->first_time_ns <= time_ns);
}

/* Does with a written value what a session does that reads it. */
static void take_known(const struct series *series, struct cell *known, int64_t time_ns,
		       int64_t value)
{
	bool still_is_zero =
		metric_info((enum metric)known->metric)->still == METRIC_STILL_IS_ZERO ||
		series->quality == QUALITY_ATTRIBUTED;

	if (!known->started) {
		known->previous = is_counter(known) ? 0 : value;
		known->previous_time_ns = known->first_time_ns = time_ns;
		known->time_ns = time_ns;
	} else if (value != known->value) {
		known->previous = known->value;
		known->previous_time_ns = still_is_zero ? known->seen_ns : known->time_ns;
		known->time_ns = time_ns;
	}
	known->value = value;
	known->seen_ns = time_ns;
	known->started = known->known = true;
	known->gap = 0;
}

static void write_row(struct recorder *recorder, const struct session *session,
		      struct recorded_series *series, int64_t time_ns, struct csv_buffer *out)
{
	const struct domain *domain = series->live->domain;
	bool present[METRIC_RAW_COUNT] = {false};

	for (size_t i = 0; i < series->live->cell_count; i++) {
		const struct cell *live = &series->live->cells[i];
		struct cell *known = known_cell(series, live);
		int64_t value;

		if (!value_at(live, known, time_ns, &value))
			continue;
		present[live->metric] = true;
		take_known(&series->known, known, time_ns, value);
	}
	row_begin(recorder,
		  &(struct recorder_row){time_ns, domain_kind_name(domain->kind), domain->key,
					 domain->parent ? domain->parent->key : NULL, domain->name,
					 series->live->source, quality_name(series->live->quality)},
		  out);
	row_values(session, series, present, out);
	series->row_ns = time_ns;
	series->written = true;
}

/* A gap of a metric: its errno and name stand in the column of the quality, its reason in that of the name. */
static void write_gaps(struct recorder *recorder, const struct session *session,
		       struct recorded_series *series, struct csv_buffer *out)
{
	/* What was a gap from the first may be what the session begins with. */
	int64_t time_ns =
		recorder->ticks == 0 ? session_start_ns(session) : session_now_ns(session);

	for (size_t i = 0; i < series->live->cell_count; i++) {
		const struct cell *live = &series->live->cells[i];
		struct cell *known = known_cell(series, live);
		char what[96];

		if (live->gap == 0 || live->gap == known->gap)
			continue;
		known->gap = live->gap;
		known->known = false;
		text_print(what, sizeof(what), "%s %s", error_name(live->gap),
			   metric_info((enum metric)live->metric)->name);
		row_begin(recorder,
			  &(struct recorder_row){time_ns, "note", "gap", series->live->domain->key,
						 series->live->gap_reason, series->live->source,
						 what},
			  out);
		row_end_empty(out);
	}
}

void recorder_write_series(struct recorder *recorder, const struct session *session,
			   struct recorded_series *series, struct csv_buffer *out)
{
	int64_t time_ns = 0;

	series->known.domain = series->live->domain;
	series->known.source = series->live->source;
	series->known.quality = series->live->quality;
	if (series->written ? find_beginning(series, &time_ns) : find_birth(series->live, &time_ns))
		write_row(recorder, session, series, time_ns, out);
	while (find_next_time(series, &time_ns))
		write_row(recorder, session, series, time_ns, out);
	/* A series without any value is announced by an empty row: its gaps need it, and the order of series is a rank. */
	if (!series->written)
		write_row(recorder, session, series, session_now_ns(session), out);
	write_gaps(recorder, session, series, out);
}
