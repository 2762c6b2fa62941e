/* SPDX-License-Identifier: Apache-2.0 */
/* The phases panel: what was used between the marks of the workload and in the windows begun by key. */
#include "views/phases/devices.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST	      256
#define DEVICES_LEAVE 6 /* rows for the table */
#define NAME_LEAST    20
#define NAME_NARROW   12

enum column {
	NAME,
	COUNT,
	TIME,
	ENERGY,
	ABOVE,
	MEAN,
	PEAK,
	PER_WORK,
	WORK,
	BEFORE,
	AFTER,
	COLUMNS
};

static const struct table_column phase_columns[COLUMNS] = {
	[NAME] = {"NAME", 0, false, 0, true},	[COUNT] = {"COUNT", 6, true, 3, true},
	[TIME] = {"TIME", 8, true, 0, true},	[ENERGY] = {"J", 9, true, 0, true},
	[ABOVE] = {"J>idle", 8, true, 4, true}, [MEAN] = {"W", 8, true, 1, true},
	[PEAK] = {"PEAK W", 8, true, 2, true},	[PER_WORK] = {"J/WORK", 9, true, 2, true},
	[WORK] = {"WORK", 13, true, 7, true},	[BEFORE] = {"°C", 5, true, 6, true},
	[AFTER] = {"°C END", 6, true, 5, true},
};

struct phases_panel {
	struct table_cursor cursor;
	enum column sort;
	bool sort_chosen; /* else as they were begun */
	bool ascending, flat;
	size_t selected_phase, visible;
	struct phase_figures rows[MOST];
	size_t order[MOST], count;
};

static double sort_value(const struct phase_figures *row, enum column column)
{
	switch (column) {
	case COUNT: return (double)row->count;
	case TIME: return (double)row->time_ns;
	case ENERGY: return row->energy_j;
	case ABOVE: return row->above_j;
	case MEAN: return row->mean_w;
	case PEAK: return row->peak_w;
	case PER_WORK: return row->energy_per_work_j;
	case WORK: return row->work;
	case BEFORE: return row->before_c;
	case AFTER: return row->after_c;
	case NAME:
	case COLUMNS: break;
	}
	return NAN;
}

/* What is absent comes last whatever the direction; equals stay in the order of their first begin. */
static int compare(const void *left, const void *right, void *user)
{
	const struct phases_panel *panel = user;
	size_t a = *(const size_t *)left, b = *(const size_t *)right;
	double x = sort_value(&panel->rows[a], panel->sort);
	double y = sort_value(&panel->rows[b], panel->sort);
	int order = 0;

	if (panel->sort_chosen && panel->sort == NAME)
		order = strcmp(panel->rows[a].name, panel->rows[b].name);
	else if (panel->sort_chosen && isnan(x) != isnan(y))
		return isnan(x) ? 1 : -1;
	else if (panel->sort_chosen && !isnan(x))
		order = (x > y) - (x < y);
	if (order == 0)
		return (a > b) - (a < b);
	return panel->ascending ? order : -order;
}

/* The phases inside one, each followed by those inside it; phases are at most 32 deep. */
static void append_inside(struct phases_panel *panel, int parent, size_t count)
{
	size_t inside[MOST], found = 0;

	for (size_t i = 0; i < count; i++) {
		if (panel->flat || panel->rows[i].parent == parent)
			inside[found++] = i;
	}
	qsort_r(inside, found, sizeof(inside[0]), compare, panel);
	for (size_t i = 0; i < found; i++) {
		panel->order[panel->count++] = inside[i];
		if (!panel->flat)
			append_inside(panel, (int)inside[i], count);
	}
}

static void collect(struct phases_panel *panel, const struct session *session)
{
	size_t count = phase_count(session);

	for (size_t i = 0; i < count && i < MOST; i++)
		panel->rows[i] = phase_figures(session, i);
	panel->count = 0;
	append_inside(panel, -1, count < MOST ? count : MOST);
	for (size_t i = 0; i < panel->count; i++) {
		if (panel->order[i] == panel->selected_phase)
			panel->cursor.selected = i;
	}
	table_cursor_clamp(&panel->cursor, panel->count, panel->visible);
	if (panel->count > 0)
		panel->selected_phase = panel->order[panel->cursor.selected];
}

/* One draw. */
struct sheet {
	struct canvas *canvas;
	struct rect area;
	struct table_column columns[COLUMNS];
	struct table_layout layout;
	struct figure_unit joule;
	char energy_head[8];
};

static void put(const struct sheet *sheet, int y, enum column column, enum role role,
		const char *text)
{
	table_cell(sheet->canvas, sheet->area, y, sheet->columns, &sheet->layout, (size_t)column,
		   role, text);
}

static void put_figure(const struct sheet *sheet, int y, enum column column, double value,
		       struct figure_unit unit, bool proxy)
{
	char text[UNIT_TEXT_SIZE];

	put(sheet, y, column,
	    isnan(value) ? ROLE_ABSENT
	    : proxy	 ? ROLE_ESTIMATE
			 : ROLE_VALUE,
	    figure_print(text, value, unit, 2, proxy));
}

static void put_si(const struct sheet *sheet, int y, enum column column, double value,
		   const char *unit, bool proxy)
{
	char number[UNIT_TEXT_SIZE], text[UNIT_TEXT_SIZE + 4];

	text_print(text, sizeof(text), "%s%s", proxy && !isnan(value) ? "~" : "",
		   unit_si(number, value, unit));
	put(sheet, y, column, isnan(value) ? ROLE_ABSENT : proxy ? ROLE_ESTIMATE : ROLE_TEXT, text);
}

static bool is_proxy(const struct phase_figures *row)
{
	return row->quality == QUALITY_ESTIMATED || row->is_short || row->unsure_count > 0;
}

static const char *time_text(char out[UNIT_TEXT_SIZE], int64_t time_ns)
{
	if (time_ns < INT64_C(60000000000))
		return unit_si(out, (double)time_ns / 1e9, "s");
	return unit_duration(out, time_ns);
}

static void draw_row(const struct sheet *sheet, int y, const struct phase_figures *row, bool flat)
{
	const struct figure_unit watt = {1.0, ""};
	char text[128];
	bool proxy = is_proxy(row);

	text_print(text, sizeof(text), "%*s%s%s", flat ? 0 : 2 * (row->depth < 8 ? row->depth : 8),
		   "", flat && strlen(row->key) > 6 ? row->key + 6 : row->name,
		   row->is_open ? " …" : "");
	put(sheet, y, NAME, row->is_open ? ROLE_ACCENT : ROLE_TEXT, text);
	text_print(text, sizeof(text), "%llu", (unsigned long long)row->count);
	put(sheet, y, COUNT, ROLE_TEXT, text);
	put(sheet, y, TIME, ROLE_TEXT, time_text(text, row->time_ns));
	put_figure(sheet, y, ENERGY, row->energy_j, sheet->joule, proxy);
	put_figure(sheet, y, ABOVE, row->above_j, sheet->joule, proxy);
	put_figure(sheet, y, MEAN, row->mean_w, watt, proxy);
	put_figure(sheet, y, PEAK, row->peak_w, watt, proxy);
	put_si(sheet, y, PER_WORK, row->energy_per_work_j, "J", proxy);
	if (row->unit[0]) {
		char number[UNIT_TEXT_SIZE];

		text_print(text, sizeof(text), "%s %s", unit_si(number, row->work, ""), row->unit);
		put(sheet, y, WORK, ROLE_TEXT, text);
	}
	put(sheet, y, BEFORE, isnan(row->before_c) ? ROLE_ABSENT : ROLE_TEXT,
	    unit_number(text, row->before_c, 1));
	put(sheet, y, AFTER, isnan(row->after_c) ? ROLE_ABSENT : ROLE_TEXT,
	    unit_number(text, row->after_c, 1));
}

/* Names get their share before the lesser columns do, and then all that is left. */
static void lay_out(struct sheet *sheet)
{
	int width = sheet->area.width, end = 0;

	sheet->columns[NAME].width = width < 60 ? NAME_NARROW : NAME_LEAST;
	table_layout(sheet->columns, COLUMNS, width, &sheet->layout);
	for (int i = NAME; i < COLUMNS; i++)
		if (sheet->layout.x[i] >= 0)
			end = sheet->layout.x[i] + sheet->layout.width[i];
	for (int i = NAME + 1; i < COLUMNS; i++)
		if (sheet->layout.x[i] >= 0)
			sheet->layout.x[i] += width - end;
	sheet->layout.width[NAME] += width - end;
	sheet->columns[NAME].width = 0;
}

static void start_sheet(const struct phases_panel *panel, struct sheet *sheet)
{
	double largest = NAN;

	for (size_t i = 0; i < panel->count; i++)
		largest = fmax(largest, panel->rows[i].energy_j);
	sheet->joule = figure_unit(largest, true);
	memcpy(sheet->columns, phase_columns, sizeof(phase_columns));
	text_print(sheet->energy_head, sizeof(sheet->energy_head), "%sJ", sheet->joule.prefix);
	sheet->columns[ENERGY].head = sheet->energy_head;
	lay_out(sheet);
}

/* With the whole screen the devices of the selected phase stand below the table, where that leaves room for it. */
static int draw_devices(const struct phases_panel *panel, const struct view_context *context,
			struct canvas *canvas, struct rect area)
{
	int height;

	if (!context->zoomed || panel->count == 0)
		return 0;
	height = phases_devices_height(context->session, panel->selected_phase);
	if (height > area.height - DEVICES_LEAVE)
		return 0;
	phases_devices_draw(
		context->session, panel->selected_phase, canvas,
		(struct rect){area.x, area.y + area.height - height, area.width, height});
	return height + 1;
}

static void phases_draw(void *self, const struct view_context *context, struct canvas *canvas,
			struct rect area)
{
	struct phases_panel *panel = self;
	struct sheet sheet = {.canvas = canvas, .area = area};

	if (area.width < 1 || area.height < 1)
		return;
	collect(panel, context->session);
	area.height -= draw_devices(panel, context, canvas, area);
	sheet.area = area;
	panel->visible = area.height > 1 ? (size_t)area.height - 1 : 1;
	table_cursor_clamp(&panel->cursor, panel->count, panel->visible);
	start_sheet(panel, &sheet);
	table_head(canvas, area, 0, sheet.columns, COLUMNS, &sheet.layout,
		   panel->sort_chosen ? (int)panel->sort : -1, panel->ascending);
	if (panel->count == 0 && area.height > 1)
		canvas_text(
			canvas, figure_row(area, 1), 0, 0, ROLE_DIM,
			"no phase yet: w begins a window; a workload marks its own, see jouletop mark");
	for (size_t i = panel->cursor.top; i < panel->count; i++) {
		int y = 1 + (int)(i - panel->cursor.top);

		if (y >= area.height)
			break;
		draw_row(&sheet, y, &panel->rows[panel->order[i]], panel->flat);
		if (context->focused && i == panel->cursor.selected)
			canvas_role(canvas, area, 0, y, area.width, ROLE_SELECTION);
	}
}

static void phases_subtitle(void *self, const struct view_context *context, char *out, size_t size)
{
	size_t count = phase_count(context->session), open = 0;

	(void)self;
	for (size_t i = 0; i < count; i++)
		open += phase_figures(context->session, i).is_open;
	text_print(out, size, "%zu · %zu open · w begins and ends a window", count, open);
}

static bool change(struct phases_panel *panel, enum command_id command)
{
	size_t column = (size_t)panel->sort,
	       step = command == COMMAND_SORT_PREVIOUS ? COLUMNS - 1 : 1;

	if (command == COMMAND_REVERSE) {
		panel->ascending = !panel->ascending;
	} else if (command == COMMAND_TREE) {
		panel->flat = !panel->flat;
	} else if (command == COMMAND_SORT || command == COMMAND_SORT_NEXT ||
		   command == COMMAND_SORT_PREVIOUS) {
		panel->sort = (enum column)((column + step) % COLUMNS);
		panel->sort_chosen = true;
		panel->ascending = panel->sort == NAME;
	} else {
		return false;
	}
	return true;
}

static enum view_answer phases_command(void *self, const struct view_context *context,
				       enum command_id command, struct action *action)
{
	struct phases_panel *panel = self;

	(void)action;
	collect(panel, context->session);
	if (table_cursor_move(&panel->cursor, (int)command, panel->count, panel->visible)) {
		if (panel->count > 0)
			panel->selected_phase = panel->order[panel->cursor.selected];
		return VIEW_HANDLED;
	}
	return change(panel, command) ? VIEW_HANDLED : VIEW_IGNORED;
}

static size_t why_devices(const struct session *session, size_t phase, char *out, size_t size)
{
	struct phase_device devices[PHASE_DEVICES_MAX];
	size_t count = phase_devices(session, phase, devices), used = 0;
	char joules[UNIT_TEXT_SIZE], above[UNIT_TEXT_SIZE], mean[UNIT_TEXT_SIZE],
		peak[UNIT_TEXT_SIZE];

	for (size_t i = 0; i < count; i++)
		used += text_print(out + used, size - used,
				   "%s: %s%s, above idle %s, mean %s, peak %s\n", devices[i].key,
				   devices[i].quality == QUALITY_ESTIMATED ? "~" : "",
				   unit_si(joules, devices[i].energy_j, "J"),
				   unit_si(above, devices[i].above_j, "J"),
				   unit_si(mean, devices[i].mean_w, "W"),
				   unit_si(peak, devices[i].peak_w, "W"));
	if (count == 0)
		used += text_print(out + used, size - used,
				   "no device here counts energy, see 8\n");
	return used;
}

static void phases_why(void *self, const struct view_context *context, char *out, size_t size)
{
	struct phases_panel *panel = self;
	const struct phase_figures *row;
	char joules[UNIT_TEXT_SIZE], least[UNIT_TEXT_SIZE], most[UNIT_TEXT_SIZE];
	size_t used;

	collect(panel, context->session);
	if (panel->count == 0) {
		text_print(out, size, "no phase has begun");
		return;
	}
	row = &panel->rows[panel->selected_phase];
	used = text_print(out, size, "%s: %s%s in %llu repetitions of %s to %s%s\n", row->key + 6,
			  is_proxy(row) ? "~" : "", unit_si(joules, row->energy_j, "J"),
			  (unsigned long long)row->count, unit_si(least, row->energy_least_j, "J"),
			  unit_si(most, row->energy_most_j, "J"),
			  row->is_open ? " and the one that is still open" : "");
	used += why_devices(context->session, panel->selected_phase, out + used, size - used);
	used += text_print(
		out + used, size - used,
		"%s: at its edges the energy between two readings of a meter is shared by time\n",
		quality_name(row->quality));
	if (row->short_count > 0)
		used += text_print(
			out + used, size - used,
			"~ %llu repetitions were shorter than a meter's interval: a share by time alone\n",
			(unsigned long long)row->short_count);
	if (row->unsure_count > 0)
		used += text_print(
			out + used, size - used,
			"~ at %llu an edge lies before the first or behind the last reading\n",
			(unsigned long long)row->unsure_count);
	text_print(out + used, size - used, "%s",
		   isnan(row->above_j)
			   ? "above idle: not known for all of its time, or not for every device"
			   : "above idle: without what the devices draw when nothing runs");
}

const struct view view_phases = {
	.name = "phases",
	.title = "phases",
	.zoom = COMMAND_ZOOM_PHASES,
	.min_width = 30,
	.min_height = 2,
	.private_size = sizeof(struct phases_panel),
	.draw = phases_draw,
	.subtitle = phases_subtitle,
	.command = phases_command,
	.why = phases_why,
};
