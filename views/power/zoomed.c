/* SPDX-License-Identifier: Apache-2.0 */
/* The power panel with the whole screen: now, window and run, every source beside the others, a chart of each domain. */
#include "views/power/rows.h"

#include <math.h>

enum column { NAME, NOW, WINDOW, RUN, JOULES, CAP, AGE, QUALITY, SOURCE, COLUMNS };

/* Drawing one table: everything its lines need. */
struct sheet {
	struct power_panel *panel;
	const struct session *session;
	struct canvas *canvas;
	struct rect area;
	struct table_column columns[COLUMNS];
	struct table_layout layout;
	char joules_head[16];
	int y;
};

static const struct table_column sheet_columns[COLUMNS] = {
	[NAME] = {"", 18, false, 0, false},	    [NOW] = {"NOW W", 9, true, 0, false},
	[WINDOW] = {"WINDOW W", 9, true, 3, false}, [RUN] = {"RUN W", 9, true, 4, false},
	[JOULES] = {"RUN J", 10, true, 1, false},   [CAP] = {"CAP W", 6, true, 6, false},
	[AGE] = {"AGE", 6, true, 7, false},	    [QUALITY] = {"QUALITY", 10, false, 5, false},
	[SOURCE] = {"SOURCE", 0, false, 2, false},
};

static void put(const struct sheet *sheet, enum column column, enum role role, const char *text)
{
	table_cell(sheet->canvas, sheet->area, sheet->y, sheet->columns, &sheet->layout,
		   (size_t)column, role, text);
}

static void put_watts(const struct sheet *sheet, enum column column, enum role role, double power_w,
		      bool estimated)
{
	char text[UNIT_TEXT_SIZE];

	put(sheet, column, isfinite(power_w) ? role : ROLE_ABSENT,
	    figure_watts(text, power_w, estimated));
}

static struct derive_power power_of(const struct sheet *sheet, const struct power_row *row,
				    enum span span)
{
	if (row->domain)
		return derive_power(sheet->session, row->domain, span);
	return derive_total_power(sheet->session, span, NULL, 0);
}

static void draw_row(const struct sheet *sheet, const struct power_row *row)
{
	enum role role = row->estimated ? ROLE_ESTIMATE : ROLE_VALUE;
	char text[256];

	power_row_name(row, text, sizeof(text));
	put(sheet, NAME, row->outside ? ROLE_DIM : ROLE_TEXT, text);
	put_watts(sheet, NOW, power_is_old(sheet->session, row) ? ROLE_DIM : role, row->now.power_w,
		  row->estimated);
	put_watts(sheet, WINDOW, role, power_of(sheet, row, SPAN_WINDOW).power_w, row->estimated);
	put_watts(sheet, RUN, role, power_of(sheet, row, SPAN_RUN).power_w, row->estimated);
	put(sheet, JOULES, isfinite(row->run_j) ? ROLE_TEXT : ROLE_ABSENT,
	    figure_print(text, row->run_j, sheet->panel->joule, 1, row->estimated));
	if (isfinite(row->now.limit_w) && row->now.limit_w > 0.0)
		put(sheet, CAP, ROLE_DIM, unit_number(text, row->now.limit_w, 0));
	put(sheet, AGE, power_is_old(sheet->session, row) ? ROLE_WARN : ROLE_DIM,
	    figure_age(text, row->now.age_s));
	put(sheet, QUALITY, ROLE_DIM, quality_name(row->now.quality));
	if (row->now.gap)
		put(sheet, SOURCE, ROLE_WARN, figure_gap(row->now.series, row->now.gap));
	else if (row->domain)
		put(sheet, SOURCE, ROLE_DIM,
		    power_source_text(sheet->session, row->now.series, text, sizeof(text)));
}

/* The other sources of the same domain: whoever doubts a figure finds its twin beside it. */
static int draw_twins(struct sheet *sheet, const struct power_row *row)
{
	int before = sheet->y;

	for (const struct series *series = row->domain ? row->domain->series : NULL; series;
	     series = series->next) {
		char text[UNIT_TEXT_SIZE], source[192];
		double power_w, difference;

		if (series == row->now.series || sheet->y >= sheet->area.height)
			continue;
		power_w = derive_rate(sheet->session, series, METRIC_ENERGY_UJ, SPAN_NOW);
		if (!isfinite(power_w))
			power_w = derive_gauge(series, METRIC_SENSOR_POWER_UW);
		if (!series_cell(series, METRIC_ENERGY_UJ) && !isfinite(power_w))
			continue;
		difference = meter_difference_ratio(sheet->session, series, row->now.series);
		if (isfinite(difference))
			text_print(source, sizeof(source), " beside it %+.1f %%",
				   100.0 * difference);
		else
			text_print(source, sizeof(source), " beside it");
		put(sheet, NAME, ROLE_DIM, source);
		put_watts(sheet, NOW, ROLE_DIM, power_w, series->quality == QUALITY_ESTIMATED);
		put(sheet, JOULES, ROLE_DIM,
		    figure_print(text,
				 derive_total(sheet->session, series, METRIC_ENERGY_UJ, SPAN_RUN),
				 sheet->panel->joule, 1, series->quality == QUALITY_ESTIMATED));
		put(sheet, QUALITY, ROLE_DIM, quality_name(series->quality));
		put(sheet, SOURCE, ROLE_DIM,
		    power_source_text(sheet->session, series, source, sizeof(source)));
		sheet->y++;
	}
	return sheet->y - before;
}

static void draw_table(struct sheet *sheet, bool focused)
{
	bool outside = false;

	table_head(sheet->canvas, sheet->area, sheet->y++, sheet->columns, COLUMNS, &sheet->layout,
		   -1, false);
	for (size_t i = 0; i < sheet->panel->count && sheet->y < sheet->area.height; i++) {
		const struct power_row *row = &sheet->panel->rows[i];

		if (row->outside && !outside)
			figure_cell(sheet->canvas, sheet->area,
				    (struct rect){1, sheet->y++, sheet->area.width - 1, 1},
				    ROLE_DIM, "not in the total:");
		outside = row->outside;
		if (sheet->y >= sheet->area.height)
			return;
		draw_row(sheet, row);
		if (focused && i == sheet->panel->cursor.selected)
			canvas_role(sheet->canvas, sheet->area, 0, sheet->y, sheet->area.width,
				    ROLE_SELECTION);
		sheet->y++;
		draw_twins(sheet, row);
	}
}

static void line(struct sheet *sheet, const char *text)
{
	figure_cell(sheet->canvas, sheet->area,
		    (struct rect){1, sheet->y, sheet->area.width - 1, 1}, ROLE_DIM, text);
	sheet->y++;
}

static void draw_remarks(struct sheet *sheet)
{
	const char *named = "", *weight = books_weight(sheet->session);
	double idle_w = books_idle_w(sheet->session, &named);
	bool estimated = sheet->panel->rows[0].estimated;
	char covers[256], text[384], above[UNIT_TEXT_SIZE], idle[UNIT_TEXT_SIZE];

	derive_total_power(sheet->session, SPAN_NOW, covers, sizeof(covers));
	text_print(text, sizeof(text), "total = %s", covers);
	line(sheet, text);
	if (isfinite(idle_w)) {
		text_print(text, sizeof(text), "%sabove idle %s W   idle %s W %s",
			   figure_packages_only(sheet->session) ? "" : "CPU ",
			   figure_watts(above, derive_above_idle_w(sheet->session, SPAN_NOW),
					estimated),
			   figure_watts(idle, idle_w, estimated), named ? named : "");
		line(sheet, text);
	} else {
		line(sheet, "W+idle: the idle power is not known yet (--baseline 10s measures it)");
	}
	if (weight && weight[0]) {
		text_print(text, sizeof(text), "threads get package watts by %s", weight);
		line(sheet, text);
	}
}

/* One chart: its name above the area. */
static void draw_chart(struct sheet *sheet, const struct power_row *row, struct rect place)
{
	char name[DOMAIN_KEY_SIZE + 2];

	power_row_name(row, name, sizeof(name));
	figure_cell(sheet->canvas, place, (struct rect){1, 0, place.width - 1, 1}, ROLE_DIM, name);
	place.x += 1;
	place.width -= 2;
	place.y++;
	place.height--;
	power_history(sheet->panel, sheet->session, row->domain, sheet->canvas, place);
}

static void draw_charts(struct sheet *sheet)
{
	int left = sheet->area.height - sheet->y, across = sheet->area.width >= 90 ? 2 : 1, down,
	    height;
	int count = (int)sheet->panel->count;

	if (left < 3)
		return;
	down = (count + across - 1) / across;
	if (down > left / 3)
		down = left / 3;
	height = left / down;
	for (int i = 0; i < count && i < down * across; i++) {
		struct rect place = {
			.x = sheet->area.x + i % across * (sheet->area.width / across),
			.y = sheet->area.y + sheet->y + i / across * height,
			.width = sheet->area.width / across,
			.height = height,
		};

		draw_chart(sheet, &sheet->panel->rows[i], place);
	}
}

void power_draw_zoomed(struct power_panel *panel, const struct view_context *context,
		       struct canvas *canvas, struct rect area)
{
	struct sheet sheet = {
		.panel = panel, .session = context->session, .canvas = canvas, .area = area};

	for (size_t i = 0; i < COLUMNS; i++)
		sheet.columns[i] = sheet_columns[i];
	text_print(sheet.joules_head, sizeof(sheet.joules_head), "RUN %sJ", panel->joule.prefix);
	sheet.columns[JOULES].head = sheet.joules_head;
	table_layout(sheet.columns, COLUMNS, area.width, &sheet.layout);
	table_cursor_clamp(&panel->cursor, panel->count, panel->count);
	draw_table(&sheet, context->focused);
	draw_remarks(&sheet);
	sheet.y++;
	draw_charts(&sheet);
}
