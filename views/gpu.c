/* SPDX-License-Identifier: Apache-2.0 */
/* The panel of GPUs: a line for each, and all that is known of the selected one. */
#include "views/gpu/rows.h"

#include <math.h>
#include <string.h>

#define BAR_WIDTH    10
#define TABLE_LEAST  2
#define DETAIL_LEAST 3
#define HELD_LEAST   14

enum column {
	NAME,
	WATTS,
	BAR,
	CAP,
	LOAD,
	MEMORY,
	CLOCK,
	MEMORY_CLOCK,
	HEAT,
	ENERGY,
	HELD,
	COLUMNS
};

static const struct table_column gpu_columns[COLUMNS] = {
	[NAME] = {"", 16, false, 0, false},
	[WATTS] = {"W", 7, true, 0, false},
	[BAR] = {"", BAR_WIDTH, false, 4, false},
	[CAP] = {"CAP", 5, false, 3, false},
	[LOAD] = {"LOAD%", 5, true, 1, false},
	[MEMORY] = {"MEMORY", 14, true, 5, false},
	[CLOCK] = {"CLOCK", 8, true, 6, false},
	[MEMORY_CLOCK] = {"MEM CLK", 8, true, 8, false},
	[HEAT] = {"°C", 4, true, 2, false},
	[ENERGY] = {"J", 8, true, 7, false},
	[HELD] = {"HELD BACK BY", 0, false, 1, false},
};

/* One draw. */
struct lines {
	struct canvas *canvas;
	struct rect area;
	struct table_column columns[COLUMNS];
	struct table_layout layout;
	struct figure_unit joule;
	char energy_head[8];
};

static void put(const struct lines *lines, int y, enum column column, enum role role,
		const char *text)
{
	table_cell(lines->canvas, lines->area, y, lines->columns, &lines->layout, (size_t)column,
		   role, text);
}

static void put_known(const struct lines *lines, int y, enum column column, double value,
		      const char *text)
{
	put(lines, y, column, isnan(value) ? ROLE_ABSENT : ROLE_TEXT, isnan(value) ? "-" : text);
}

/* "48.0/64.0 GiB": both in the unit of the larger. */
static void memory_cell(const struct gpu_row *row, char *out, size_t size)
{
	char used[UNIT_TEXT_SIZE], total[UNIT_TEXT_SIZE];

	if (isnan(row->used_bytes))
		text_print(out, size, "-");
	else if (!(row->total_bytes > 0))
		text_print(out, size, "%s", unit_bytes(used, (int64_t)row->used_bytes));
	else
		text_print(out, size, "%s/%s",
			   unit_number(used, row->used_bytes / (double)(INT64_C(1) << 30), 1),
			   unit_bytes(total, (int64_t)row->total_bytes));
}

static void draw_power(const struct lines *lines, int y, const struct gpu_row *row)
{
	bool estimated = row->now.quality == QUALITY_ESTIMATED;
	enum role role = isnan(row->now.power_w) ? ROLE_ABSENT
			 : estimated		 ? ROLE_ESTIMATE
						 : ROLE_VALUE;
	char text[UNIT_TEXT_SIZE];

	put(lines, y, WATTS, role, figure_watts(text, row->now.power_w, estimated));
	put(lines, y, ENERGY, isnan(row->run_j) ? ROLE_ABSENT : ROLE_TEXT,
	    figure_print(text, row->run_j, lines->joule, 1, estimated));
	if (!(row->now.limit_w > 0))
		return;
	text_print(text, sizeof(text), "/%.0f", row->now.limit_w);
	put(lines, y, CAP, ROLE_DIM, text);
	if (lines->layout.x[BAR] >= 0 && isfinite(row->now.power_w)) {
		double ratio = fmin(1, fmax(0, row->now.power_w / row->now.limit_w));

		chart_bar(lines->canvas, lines->area, lines->layout.x[BAR], y, BAR_WIDTH, ratio,
			  NAN, (enum role)(ROLE_HEAT0 + (int)(ratio * 7)));
	}
}

/* What stands at the end of the line: why there are no watts, what holds it back, or that nothing does. */
static void draw_reasons(const struct lines *lines, int y, const struct gpu_row *row)
{
	if (row->now.gap != 0 && isnan(row->now.power_w))
		put(lines, y, HELD, strcmp(row->state, "suspended") == 0 ? ROLE_DIM : ROLE_WARN,
		    figure_gap(row->now.series, row->now.gap));
	else if (!row->reasons)
		put(lines, y, HELD, ROLE_ABSENT, "-");
	else
		put(lines, y, HELD, row->reasons[0] ? ROLE_WARN : ROLE_DIM,
		    row->reasons[0] ? row->reasons : "nothing");
}

static void draw_row(const struct lines *lines, int y, const struct gpu_row *row)
{
	const char *name = row->domain->name[0] ? row->domain->name : row->domain->key;
	char text[64];

	put(lines, y, NAME, ROLE_TEXT, name);
	draw_power(lines, y, row);
	put_known(lines, y, LOAD, row->load_ratio, figure_percent(text, row->load_ratio));
	memory_cell(row, text, sizeof(text));
	put_known(lines, y, MEMORY, row->used_bytes, text);
	put_known(lines, y, CLOCK, row->clock_hz, unit_frequency(text, row->clock_hz));
	put_known(lines, y, MEMORY_CLOCK, row->memory_clock_hz,
		  unit_frequency(text, row->memory_clock_hz));
	put_known(lines, y, HEAT, row->temperature_c, unit_number(text, row->temperature_c, 0));
	draw_reasons(lines, y, row);
}

/* Without any GPU: what was looked for, and what was said of it. */
static void draw_none(const struct session *session, struct canvas *canvas, struct rect area)
{
	static const char *const names[] = {"nvml", "amdgpu", "intelgpu"};
	size_t count;
	const struct source *sources = session_sources(session, &count);
	int y = 1;

	figure_cell(canvas, area, (struct rect){1, 0, area.width - 1, 1}, ROLE_TEXT,
		    figure_pending(session) || session_ticks(session) == 0
			    ? "GPUs are being looked for …"
			    : "no GPU was found. Looked for:");
	for (size_t i = 0; i < count; i++) {
		char text[512];

		for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
			if (strcmp(sources[i].name, names[k]) != 0)
				continue;
			text_print(text, sizeof(text), "%-9s %s%s%s", sources[i].name,
				   source_state_name(sources[i].state),
				   sources[i].reason[0] ? ": " : "", sources[i].reason);
			figure_cell(canvas, area, (struct rect){1, y++, area.width - 1, 1},
				    ROLE_DIM, text);
		}
	}
}

static void start_lines(const struct gpu_panel *panel, struct lines *lines)
{
	double largest = NAN;

	for (size_t i = 0; i < panel->count; i++)
		largest = fmax(largest, panel->rows[i].run_j);
	lines->joule = figure_unit(largest, false);
	memcpy(lines->columns, gpu_columns, sizeof(gpu_columns));
	text_print(lines->energy_head, sizeof(lines->energy_head), "%sJ", lines->joule.prefix);
	lines->columns[ENERGY].head = lines->energy_head;

	/* Reasons get a place before the lesser columns do, and then all that is left. */
	lines->columns[HELD].width = HELD_LEAST;
	table_layout(lines->columns, COLUMNS, lines->area.width, &lines->layout);
	if (lines->layout.x[HELD] >= 0)
		lines->layout.width[HELD] = lines->area.width - lines->layout.x[HELD];
	lines->columns[HELD].width = 0;
}

static int draw_table(struct gpu_panel *panel, const struct view_context *context,
		      struct canvas *canvas, struct rect area)
{
	struct lines lines = {.canvas = canvas, .area = area};
	int y = 1;

	panel->visible = area.height > 1 ? (size_t)area.height - 1 : 1;
	table_cursor_clamp(&panel->cursor, panel->count, panel->visible);
	start_lines(panel, &lines);
	table_head(canvas, area, 0, lines.columns, COLUMNS, &lines.layout, -1, false);
	for (size_t i = panel->cursor.top; i < panel->count && y < area.height; i++, y++) {
		draw_row(&lines, y, &panel->rows[i]);
		if (context->focused && i == panel->cursor.selected)
			canvas_role(canvas, area, 0, y, area.width, ROLE_SELECTION);
	}
	return y;
}

static void gpu_draw(void *self, const struct view_context *context, struct canvas *canvas,
		     struct rect area)
{
	struct gpu_panel *panel = self;

	if (area.width < 1 || area.height < 1)
		return;
	gpu_collect(panel, context->session);
	if (panel->count == 0) {
		draw_none(context->session, canvas, area);
		return;
	}

	/* Of many GPUs a part is shown, so that the selected one has room. */
	int wanted = (int)panel->count + 1, room = area.height / 2;
	struct rect table = area;

	if (wanted > room && area.height > TABLE_LEAST + DETAIL_LEAST)
		table.height = room > TABLE_LEAST ? room : TABLE_LEAST;

	int y = draw_table(panel, context, canvas, table) + 1;
	struct rect detail = {area.x, area.y + y, area.width, area.height - y};

	if (detail.height > 0)
		gpu_draw_detail(panel, context, canvas, detail);
}

static void gpu_subtitle(void *self, const struct view_context *context, char *out, size_t size)
{
	struct gpu_panel *panel = self;
	double power_w = 0;
	char watts[UNIT_TEXT_SIZE];
	size_t known = 0;

	gpu_collect(panel, context->session);
	for (size_t i = 0; i < panel->count; i++) {
		if (!isfinite(panel->rows[i].now.power_w))
			continue;
		power_w += panel->rows[i].now.power_w;
		known++;
	}
	out[0] = '\0';
	if (known > 0 && panel->left_out > 0)
		text_print(out, size, "%zu of %zu · %s W", panel->count,
			   panel->count + panel->left_out, figure_watts(watts, power_w, false));
	else if (known > 0)
		text_print(out, size, "%s W of %zu of %zu", figure_watts(watts, power_w, false),
			   known, panel->count);
	else if (panel->count > 0)
		text_print(out, size, "%zu", panel->count);
}

static enum view_answer gpu_command(void *self, const struct view_context *context,
				    enum command_id command, struct action *action)
{
	struct gpu_panel *panel = self;

	(void)action;
	gpu_collect(panel, context->session);
	if (!table_cursor_move(&panel->cursor, (int)command, panel->count,
			       panel->visible ? panel->visible : 1))
		return VIEW_IGNORED;
	if (panel->count > 0)
		text_print(panel->selected, sizeof(panel->selected), "%s",
			   panel->rows[panel->cursor.selected].domain->key);
	return VIEW_HANDLED;
}

static size_t why_power(const struct session *session, const struct gpu_row *row, char *out,
			size_t size)
{
	struct meter meter;
	size_t used;

	if (!row->now.series)
		return text_print(out, size, "No source tells its watts.\n");
	if (row->now.gap != 0)
		return text_print(out, size, "W: %s: %s\n", row->now.series->source,
				  figure_gap(row->now.series, row->now.gap));
	meter_describe(session, row->now.series, &meter);
	used = text_print(out, size, "W: %s, %s", quality_name(row->now.quality),
			  row->now.series->source);
	if (isfinite(meter.window_s))
		used += text_print(out + used, size - used, ", averaged over %.3g s",
				   meter.window_s);
	if (isfinite(meter.period_s))
		used += text_print(out + used, size - used, ", moves every %.3g s", meter.period_s);
	return used + text_print(out + used, size - used, "\n");
}

static void gpu_why(void *self, const struct view_context *context, char *out, size_t size)
{
	static const char *const names[] = {"pci", "uuid", "driver", "architecture"};
	struct gpu_panel *panel = self;

	gpu_collect(panel, context->session);
	if (panel->count == 0) {
		text_print(out, size, "No GPU was found; key 8 says what was looked for.");
		return;
	}

	const struct gpu_row *row = &panel->rows[panel->cursor.selected];
	size_t used = text_print(out, size, "%s\n", row->domain->name);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = domain_label(row->domain, names[i]);

		if (value && value[0])
			used += text_print(out + used, size - used, "%s %s\n", names[i], value);
	}
	used += why_power(context->session, row, out + used, size - used);
	text_print(
		out + used, size - used,
		"LOAD%%: share of the time that anything ran on it; not how much of it was used.\n"
		"HELD BACK BY: what keeps its clock down at this moment, as its driver says.\n"
		"W and J of a process: the GPU's energy above idle, by the time it worked for each.\n"
		"A slice (MIG) has no meter: it gets the energy above idle by the activity of its SMs "
		"times its compute slices, or by these alone; its processes share that by the memory "
		"they hold.");
}

const struct view view_gpu = {
	.name = "gpu",
	.title = "gpu",
	.zoom = COMMAND_ZOOM_GPU,
	.min_width = 24,
	.min_height = 2,
	.private_size = sizeof(struct gpu_panel),
	.draw = gpu_draw,
	.subtitle = gpu_subtitle,
	.command = gpu_command,
	.why = gpu_why,
};
