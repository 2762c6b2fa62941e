/* SPDX-License-Identifier: Apache-2.0 */
/* Figures as all panels print them: fixed units, signs of quality, cells, values for charts. */
#include "views/parts/figure.h"

#include <errno.h>
#include <math.h>
#include <string.h>

struct figure_unit figure_unit(double largest, bool small)
{
	static const struct figure_unit units[] = {
		{1e12, "T"}, {1e9, "G"},  {1e6, "M"},  {1e3, "k"},
		{1.0, ""},   {1e-3, "m"}, {1e-6, "u"},
	};
	const struct figure_unit one = {1.0, ""};
	double size = fabs(largest);
	size_t count = ARRAY_SIZE(units);

	if (!isfinite(size) || (size < 1.0 && (!small || size <= 0.0)))
		return one;
	for (size_t i = 0; i < count; i++) {
		/* 999.96 would be printed as 1000.0: the next unit is better. */
		if (size >= units[i].factor * 0.99995)
			return units[i];
	}
	return units[count - 1];
}

const char *figure_print(char out[UNIT_TEXT_SIZE], double value, struct figure_unit unit,
			 int digits, bool estimated)
{
	char number[UNIT_TEXT_SIZE];

	if (!isfinite(value)) {
		text_print(out, UNIT_TEXT_SIZE, "-");
		return out;
	}
	text_print(out, UNIT_TEXT_SIZE, "%s%s", estimated ? "~" : "",
		   unit_number(number, value / unit.factor, digits));
	return out;
}

const char *figure_watts(char out[UNIT_TEXT_SIZE], double power_w, bool estimated)
{
	const struct figure_unit watt = {1.0, ""};

	return figure_print(out, power_w, watt, estimated && power_w >= 9.95 ? 0 : 1, estimated);
}

const char *figure_percent(char out[UNIT_TEXT_SIZE], double ratio)
{
	char *sign;

	unit_percent(out, ratio);
	sign = strstr(out, " %");
	if (sign)
		*sign = '\0';
	return out;
}

const char *figure_age(char out[UNIT_TEXT_SIZE], double age_s)
{
	if (!(age_s >= 0.0))
		text_print(out, UNIT_TEXT_SIZE, "-");
	else if (age_s < 0.95)
		text_print(out, UNIT_TEXT_SIZE, "<1 s");
	else if (age_s < 99.5)
		text_print(out, UNIT_TEXT_SIZE, "%.0f s", age_s);
	else if (age_s < 5970.0)
		text_print(out, UNIT_TEXT_SIZE, "%.0f min", age_s / 60.0);
	else
		text_print(out, UNIT_TEXT_SIZE, "%.0f h", fmin(age_s / 3600.0, 9999.0));
	return out;
}

const char *figure_source(char out[UNIT_TEXT_SIZE], const char *source)
{
	static const struct {
		const char *begins, *is;
	} names[] = {
		{"powercap", "rapl"},
		{"perf_power", "perf"},
		{"estimate", "est."},
		{"hwmon", "hwmon"},
	};
	size_t length = strcspn(source, ":");

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (text_starts_with(source, names[i].begins)) {
			text_print(out, UNIT_TEXT_SIZE, "%s", names[i].is);
			return out;
		}
	}
	text_print(out, UNIT_TEXT_SIZE, "%.*s", (int)(length < 12 ? length : 12), source);
	return out;
}

const char *figure_gap(const struct series *series, int gap)
{
	const char *words = gap > 0 ? strerrordesc_np(gap) : NULL;

	if (series && series->gap_reason && series->gap_reason[0])
		return series->gap_reason;
	if (gap == ENODATA)
		return "has not moved yet";
	return words ? words : "no reading yet";
}

bool figure_pending(const struct session *session)
{
	size_t count;
	const struct source *sources = session_sources(session, &count);

	for (size_t i = 0; i < count; i++) {
		if (sources[i].state == SOURCE_PENDING)
			return true;
	}
	return false;
}

bool figure_packages_only(const struct session *session)
{
	static const enum domain_kind others[] = {DOMAIN_DRAM, DOMAIN_GPU, DOMAIN_PSYS,
						  DOMAIN_BOARD, DOMAIN_WALL};

	for (size_t k = 0; k < ARRAY_SIZE(others); k++) {
		size_t count;
		struct domain *const *domains = session_kind(session, others[k], &count);

		for (size_t i = 0; i < count; i++) {
			if (derive_in_total(domains[i]))
				return false;
		}
	}
	return true;
}

struct rect figure_row(struct rect area, int y)
{
	struct rect row = {area.x, area.y + y, area.width, 1};

	if (y < 0 || y >= area.height)
		row.width = row.height = 0;
	return row;
}

void figure_cell(struct canvas *canvas, struct rect area, struct rect cell, enum role role,
		 const char *text)
{
	struct rect row = figure_row(area, cell.y);
	int width = cell.width;

	if (cell.x < 0 || cell.x >= row.width || width <= 0)
		return;
	if (width > row.width - cell.x)
		width = row.width - cell.x;
	row.x += cell.x;
	row.width = width;
	canvas_text(canvas, row, 0, 0, role, text);
	if (text_width(text) > width)
		canvas_put(canvas, row, width - 1, 0, role, 0x2026);
}

double figure_values(const struct history_bucket *buckets, size_t count, size_t hold,
		     double *values)
{
	double largest = NAN, last = NAN;
	size_t held = 0;

	for (size_t i = 0; i < count; i++) {
		double value = (double)buckets[i].mean;

		if (isnan(value)) {
			values[i] = held < hold ? last : NAN;
			held++;
			continue;
		}
		held = 0;
		last = values[i] = value;
		largest = fmax(largest, value);
	}
	return largest;
}

void figure_history_of_still(const struct session *session, const struct cell *cell,
			     int64_t bucket_ns, struct history_bucket *buckets, size_t count)
{
	int64_t now_ns = session_now_ns(session);

	history_read(cell->history, now_ns, bucket_ns, buckets, count);
	for (size_t i = 0; i < count; i++) {
		int64_t begin_ns = now_ns - bucket_ns * (int64_t)(count - i);

		if (cell->known && isnan(buckets[i].mean) && begin_ns >= cell->first_time_ns)
			buckets[i] = (struct history_bucket){0, 0, 0};
	}
}

int64_t figure_bucket_ns(const struct session *session, int64_t span_ns, size_t count, size_t *hold)
{
	int64_t bucket_ns = count ? span_ns / (int64_t)count : span_ns;
	int64_t away_ns = 2 * session_interval_ns(session);

	if (bucket_ns < 1)
		bucket_ns = 1;
	*hold = away_ns > 0 ? (size_t)(away_ns / bucket_ns) + 1 : 1;
	return bucket_ns;
}

bool figure_scroll(size_t *top, enum command_id command, size_t lines, size_t visible)
{
	size_t last_top = lines > visible ? lines - visible : 0;
	struct table_cursor cursor = {.selected = *top};

	if (!table_cursor_move(&cursor, (int)command, last_top + 1, visible))
		return false;
	*top = cursor.selected;
	return true;
}
