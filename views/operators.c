/* SPDX-License-Identifier: Apache-2.0 */
/* The operators panel: what oneDNN did, in what time, how fast and with how much energy. */
#include "views/operators/why.h"
#include "views/parts/figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum column {
	KIND,
	SHAPE,
	IMPLEMENTATION,
	TYPE,
	DIRECTION,
	CALLS,
	TIME,
	SHARE,
	RATE,
	BANDWIDTH,
	INTENSITY,
	ENERGY,
	EFFICIENCY,
	COLUMNS
};

static const struct table_column operator_columns[COLUMNS] = {
	[KIND] = {"KIND", 19, false, 0, true},		 [SHAPE] = {"SHAPE", 34, false, 7, true},
	[IMPLEMENTATION] = {"IMPL", 20, false, 5, true}, [TYPE] = {"TYPE", 9, false, 6, true},
	[DIRECTION] = {"DIR", 5, false, 0, true},	 [CALLS] = {"CALLS", 8, true, 3, true},
	[TIME] = {"TIME s", 8, true, 0, true},		 [SHARE] = {"%", 5, true, 0, true},
	[RATE] = {"GFLOP/s", 8, true, 0, true},		 [BANDWIDTH] = {"GB/s", 7, true, 2, true},
	[INTENSITY] = {"AI", 6, true, 4, true},		 [ENERGY] = {"J", 8, true, 0, true},
	[EFFICIENCY] = {"GFLOP/J", 8, true, 1, true},
};

/* What the operators are put together by, one after the other at key t. */
static const struct grouping {
	const char *name;
	unsigned keys;
	unsigned shown; /* columns of text */
} groupings[] = {
	{"kind, direction, type, implementation",
	 OPERATOR_KIND | OPERATOR_DIRECTION | OPERATOR_TYPE | OPERATOR_IMPLEMENTATION,
	 1 << KIND | 1 << IMPLEMENTATION | 1 << TYPE | 1 << DIRECTION},
	{"each operator", OPERATOR_EVERYTHING,
	 1 << KIND | 1 << SHAPE | 1 << IMPLEMENTATION | 1 << TYPE | 1 << DIRECTION},
	{"kind", OPERATOR_KIND, 1 << KIND},
	{"kind and shape", OPERATOR_KIND | OPERATOR_SHAPE, 1 << KIND | 1 << SHAPE},
	{"implementation", OPERATOR_IMPLEMENTATION, 1 << IMPLEMENTATION},
	{"data type", OPERATOR_TYPE, 1 << TYPE},
	{"direction", OPERATOR_DIRECTION, 1 << DIRECTION},
};

struct operators_panel {
	struct table_cursor cursor;
	enum column sort;
	bool sort_chosen; /* else by time */
	bool ascending;
	size_t grouping, visible;
	struct operator_row *rows, sum;
	size_t count, capacity;
};

static void operators_finish(void *self)
{
	free(((struct operators_panel *)self)->rows);
}

static enum column sorted_by(const struct operators_panel *panel)
{
	return panel->sort_chosen ? panel->sort : TIME;
}

static double sort_value(const struct operator_row *row, enum column column)
{
	switch (column) {
	case CALLS: return (double)row->calls;
	case TIME:
	case SHARE: return row->time_s;
	case RATE: return operator_rate(row);
	case BANDWIDTH: return operator_bandwidth(row);
	case INTENSITY: return operator_intensity(row);
	case ENERGY: return row->energy_j;
	case EFFICIENCY: return operator_efficiency(row);
	case KIND:
	case SHAPE:
	case IMPLEMENTATION:
	case TYPE:
	case DIRECTION:
	case COLUMNS: break;
	}
	return NAN;
}

/* Of a column of text. */
static const char *text_of(const struct operator_row *row, enum column column)
{
	const char *const texts[] = {row->kind, row->shape, row->implementation, row->type,
				     row->direction};

	return texts[column];
}

/* What is absent comes last whatever the direction; equals stay in the order of their time. */
static int compare(const void *left, const void *right, void *user)
{
	const struct operators_panel *panel = user;
	const struct operator_row *a = left, *b = right;
	enum column column = sorted_by(panel);
	int order;

	if (column < CALLS) {
		order = strcmp(text_of(a, column), text_of(b, column));
	} else {
		double x = sort_value(a, column), y = sort_value(b, column);

		if (isnan(x) != isnan(y))
			return isnan(x) ? 1 : -1;
		order = isnan(x) ? 0 : (x > y) - (x < y);
	}
	if (order == 0)
		order = (a->time_s > b->time_s) - (a->time_s < b->time_s);
	if (order == 0)
		return strcmp(a->domain->key, b->domain->key);
	return panel->ascending ? order : -order;
}

static void collect(struct operators_panel *panel, const struct session *session)
{
	panel->count = operator_rows(session, groupings[panel->grouping].keys, &panel->rows,
				     &panel->capacity);
	panel->sum = operator_sum(panel->rows, panel->count);
	if (panel->count > 0)
		qsort_r(panel->rows, panel->count, sizeof(*panel->rows), compare, panel);
	table_cursor_clamp(&panel->cursor, panel->count, panel->visible);
}

/* One draw. The columns of text that the grouping has not are left out. */
struct sheet {
	struct canvas *canvas;
	struct rect area;
	struct table_column columns[COLUMNS];
	enum column ids[COLUMNS];
	size_t count;
	struct table_layout layout;
	struct figure_unit joule;
	char energy_head[8];
};

static void put(const struct sheet *sheet, int y, enum column column, enum role role,
		const char *text)
{
	for (size_t i = 0; i < sheet->count; i++) {
		if (sheet->ids[i] == column)
			table_cell(sheet->canvas, sheet->area, y, sheet->columns, &sheet->layout, i,
				   role, text);
	}
}

static void put_number(const struct sheet *sheet, int y, enum column column, double value,
		       int digits)
{
	char text[UNIT_TEXT_SIZE];

	put(sheet, y, column, isnan(value) ? ROLE_ABSENT : ROLE_TEXT,
	    unit_number(text, value, digits));
}

/* Three digits that count, whatever the size. */
static int digits_of(double value)
{
	return value >= 100 ? 1 : value >= 10 ? 2 : 3;
}

static void put_figures(const struct sheet *sheet, int y, const struct operator_row *row,
			double all_s)
{
	double rate = operator_rate(row) / 1e9, bandwidth = operator_bandwidth(row) / 1e9,
	       intensity = operator_intensity(row), efficiency = operator_efficiency(row) / 1e9;
	char text[UNIT_TEXT_SIZE];

	text_print(text, sizeof(text), "%llu", (unsigned long long)row->calls);
	put(sheet, y, CALLS, ROLE_TEXT, text);
	put_number(sheet, y, TIME, row->time_s, row->time_s < 1000 ? 3 : 1);
	put(sheet, y, SHARE, ROLE_TEXT,
	    figure_percent(text, all_s > 0 ? row->time_s / all_s : NAN));
	put_number(sheet, y, RATE, rate, digits_of(rate));
	put_number(sheet, y, BANDWIDTH, bandwidth, digits_of(bandwidth));
	put_number(sheet, y, INTENSITY, intensity, digits_of(intensity));
	put(sheet, y, ENERGY, isnan(row->energy_j) ? ROLE_ABSENT : ROLE_ESTIMATE,
	    figure_print(text, row->energy_j, sheet->joule, 2, true));
	put_number(sheet, y, EFFICIENCY, efficiency, digits_of(efficiency));
}

static void draw_row(const struct sheet *sheet, int y, const struct operator_row *row, double all_s)
{
	for (enum column column = KIND; column < CALLS; column++)
		put(sheet, y, column, column == KIND ? ROLE_VALUE : ROLE_TEXT,
		    text_of(row, column));
	put_figures(sheet, y, row, all_s);
}

/* A text over all columns before this one. */
static void put_wide(const struct sheet *sheet, int y, enum column before, enum role role,
		     const char *text)
{
	int width = sheet->area.width;

	for (size_t i = 0; i < sheet->count; i++) {
		if (sheet->ids[i] >= before && sheet->layout.x[i] >= 0 &&
		    sheet->layout.x[i] < width)
			width = sheet->layout.x[i] - 1;
	}
	figure_cell(sheet->canvas, sheet->area, (struct rect){0, y, width > 0 ? width : 0, 1}, role,
		    text);
}

static void draw_created(const struct sheet *sheet, int y, const struct operator_row *sum)
{
	char text[128];

	text_print(text, sizeof(text), "create: %llu anew, %llu from the cache",
		   (unsigned long long)sum->created.misses, (unsigned long long)sum->created.hits);
	put_wide(sheet, y, TIME, ROLE_DIM, text);
	if (sum->created.misses + sum->created.hits == 0)
		return;
	put_number(sheet, y, TIME, sum->created.time_s, 3);
	put(sheet, y, SHARE, ROLE_TEXT,
	    figure_percent(text, sum->time_s > 0 ? sum->created.time_s / sum->time_s : NAN));
}

static void start_sheet(const struct operators_panel *panel, struct sheet *sheet)
{
	unsigned shown = groupings[panel->grouping].shown;

	sheet->joule = figure_unit(panel->sum.energy_j, true);
	text_print(sheet->energy_head, sizeof(sheet->energy_head), "%sJ", sheet->joule.prefix);
	for (enum column column = KIND; column < COLUMNS; column++) {
		if (column < CALLS && !(shown >> column & 1))
			continue;
		sheet->ids[sheet->count] = column;
		sheet->columns[sheet->count] = operator_columns[column];
		if (column == ENERGY)
			sheet->columns[sheet->count].head = sheet->energy_head;
		sheet->count++;
	}
	/* The first text takes what is left, or the shape, which is the longest. */
	for (size_t i = 0; i < sheet->count; i++) {
		if (sheet->ids[i] ==
		    (shown >> SHAPE & 1 && sheet->area.width > 110 ? SHAPE : sheet->ids[0]))
			sheet->columns[i].width = 0;
	}
	table_layout(sheet->columns, sheet->count, sheet->area.width, &sheet->layout);
}

static int sorted_place(const struct operators_panel *panel, const struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->count; i++) {
		if (sheet->ids[i] == sorted_by(panel))
			return (int)i;
	}
	return -1;
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

/* There is none: why, and how they are had. */
static void draw_nothing(const struct view_context *context, struct canvas *canvas,
			 struct rect area)
{
	const struct source *source = find_source(context->session);
	const char *lines[] = {
		source ? source->reason : "no operators: nobody has asked oneDNN what it does",
		source ? "the command has not used it so far, or it is linked without its verbose mode"
		       : "jouletop --onednn -- COMMAND has it told by PyTorch, TensorFlow, OpenVINO...",
		source ? "" : "jouletop --onednn-log FILE reads what ONEDNN_VERBOSE=2 has written",
	};

	for (int i = 0; i < 3; i++)
		canvas_text(canvas, figure_row(area, 1 + i), 0, 0, ROLE_DIM, lines[i]);
}

static void operators_draw(void *self, const struct view_context *context, struct canvas *canvas,
			   struct rect area)
{
	struct operators_panel *panel = self;
	struct sheet sheet = {.canvas = canvas, .area = area};
	int sums = area.height > 6 ? 2 : 0, y = area.height - 2; /* rows at the end, and where */

	if (area.width < 1 || area.height < 1)
		return;
	panel->visible = area.height > 1 + sums ? (size_t)(area.height - 1 - sums) : 1;
	collect(panel, context->session);
	start_sheet(panel, &sheet);
	table_head(canvas, area, 0, sheet.columns, sheet.count, &sheet.layout,
		   sorted_place(panel, &sheet), panel->ascending);
	if (panel->count == 0) {
		draw_nothing(context, canvas, area);
		return;
	}
	for (size_t i = panel->cursor.top;
	     i < panel->count && i < panel->cursor.top + panel->visible; i++) {
		int line = 1 + (int)(i - panel->cursor.top);

		draw_row(&sheet, line, &panel->rows[i], panel->sum.time_s);
		if (context->focused && i == panel->cursor.selected)
			canvas_role(canvas, area, 0, line, area.width, ROLE_SELECTION);
	}
	if (sums == 0)
		return;
	if (panel->count < panel->visible)
		y = 1 + (int)panel->count;
	draw_created(&sheet, y, &panel->sum);
	put_wide(&sheet, y + 1, CALLS, ROLE_TITLE, "all executions");
	put_figures(&sheet, y + 1, &panel->sum, panel->sum.time_s);
}

static void operators_subtitle(void *self, const struct view_context *context, char *out,
			       size_t size)
{
	const struct operators_panel *panel = self;
	const struct source *source = find_source(context->session);
	size_t used = text_print(out, size, "by %s · t otherwise", groupings[panel->grouping].name);

	if (source)
		text_print(out + used, size - used, " · %s", source->reason);
}

static bool change(struct operators_panel *panel, enum command_id command)
{
	size_t column = (size_t)sorted_by(panel),
	       step = command == COMMAND_SORT_PREVIOUS ? COLUMNS - 1 : 1;

	if (command == COMMAND_REVERSE) {
		panel->ascending = !panel->ascending;
	} else if (command == COMMAND_TREE) {
		panel->grouping = (panel->grouping + 1) % ARRAY_SIZE(groupings);
	} else if (command == COMMAND_SORT || command == COMMAND_SORT_NEXT ||
		   command == COMMAND_SORT_PREVIOUS) {
		panel->sort = (enum column)((column + step) % COLUMNS);
		panel->sort_chosen = true;
		panel->ascending = panel->sort < CALLS;
	} else {
		return false;
	}
	return true;
}

static enum view_answer operators_command(void *self, const struct view_context *context,
					  enum command_id command, struct action *action)
{
	struct operators_panel *panel = self;

	(void)action;
	collect(panel, context->session);
	if (table_cursor_move(&panel->cursor, (int)command, panel->count, panel->visible))
		return VIEW_HANDLED;
	return change(panel, command) ? VIEW_HANDLED : VIEW_IGNORED;
}

static void operators_why(void *self, const struct view_context *context, char *out, size_t size)
{
	struct operators_panel *panel = self;
	const struct source *source = find_source(context->session);
	size_t used = 0;

	collect(panel, context->session);
	if (source)
		used += text_print(out, size, "%s; %s\n", source->gives, source->reason);
	if (panel->count == 0)
		text_print(out + used, size - used, "no operator yet");
	else
		operators_why_row(context->session, &panel->rows[panel->cursor.selected],
				  out + used, size - used);
}

const struct view view_operators = {
	.name = "operators",
	.title = "operators",
	.zoom = COMMAND_ZOOM_OPERATORS,
	.min_width = 30,
	.min_height = 2,
	.private_size = sizeof(struct operators_panel),
	.draw = operators_draw,
	.subtitle = operators_subtitle,
	.command = operators_command,
	.why = operators_why,
	.finish = operators_finish,
};
