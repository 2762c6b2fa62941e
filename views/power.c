/* SPDX-License-Identifier: Apache-2.0 */
/* The power panel: the total first, then what draws it, in the machine's order. */
#include "views/power/rows.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define EST_WIDTH    5
#define TAG_WIDTH    9 /* "12 s old", or an estimate's "(17-80)" */
#define JOULES_WIDTH 9
#define BAR_MIN	     4

/* Where the columns stand in the width there is; bar_width 0 = no bar, and so on. */
struct columns {
	int name_width, watts_end, bar_x, bar_width, tag_x, tag_width, joules_end;
};

/* As wide as a full bar's figure: it never shrinks, so the columns behind it stay. */
static int watts_width_of(const struct power_panel *panel)
{
	char text[UNIT_TEXT_SIZE];

	return text_width(figure_watts(text, panel->reference_w, false)) + 3;
}

static struct columns place_columns(const struct power_panel *panel, int width)
{
	struct columns columns = {.name_width = 7};
	int watts_width = watts_width_of(panel), left;

	for (size_t i = 0; i < panel->count; i++) {
		char name[DOMAIN_KEY_SIZE + 2];

		power_row_name(&panel->rows[i], name, sizeof(name));
		if (text_width(name) + 1 > columns.name_width)
			columns.name_width = text_width(name) + 1;
	}
	if (columns.name_width > 16 + width / 16)
		columns.name_width = 16 + width / 16;
	if (columns.name_width > width - watts_width - 1)
		columns.name_width = width - watts_width - 1 > 0 ? width - watts_width - 1 : 0;
	columns.watts_end = 1 + columns.name_width + watts_width;
	columns.bar_x = columns.watts_end + (panel->any_estimated ? EST_WIDTH : 0) + 1;
	left = width - columns.bar_x;
	if (left >= JOULES_WIDTH) {
		columns.joules_end = width;
		left -= JOULES_WIDTH;
	}
	if (left >= TAG_WIDTH + BAR_MIN) {
		columns.tag_width = TAG_WIDTH;
		left -= TAG_WIDTH;
		columns.tag_x = columns.bar_x + left;
	}
	if (left >= BAR_MIN)
		columns.bar_width = left - 1;
	return columns;
}

static void age_tag(double age_s, char *out, size_t size)
{
	if (age_s < 99.5)
		text_print(out, size, "%.0f s old", age_s);
	else if (age_s < 5970.0)
		text_print(out, size, "%.0fm old", age_s / 60.0);
	else
		text_print(out, size, "%.0fh old", fmin(age_s / 3600.0, 999.0));
}

/* One word about the row, what matters most first: old, band, cap, window of the sensor, source. */
static void row_tag(const struct session *session, const struct power_row *row, char *out,
		    size_t size)
{
	const struct derive_power *now = &row->now;
	char text[UNIT_TEXT_SIZE];

	out[0] = '\0';
	if (power_is_old(session, row)) {
		age_tag(now->age_s, out, size);
	} else if (row->estimated) {
		if (isfinite(now->low_w) && isfinite(now->high_w))
			text_print(out, size, "(%.0f-%.0f)", now->low_w, now->high_w);
	} else if (!row->domain) {
		return;
	} else if (isfinite(now->limit_w) && now->limit_w > 0.0) {
		text_print(out, size, "/%.0f", now->limit_w);
	} else if (now->quality == QUALITY_SAMPLED) {
		double window_s = derive_gauge(now->series, METRIC_WINDOW_NS);

		if (window_s > 0.0)
			text_print(out, size, window_s < 0.95 ? "⌀%.1fs" : "⌀%.0fs", window_s);
		else
			text_print(out, size, "⌀%s", figure_source(text, now->series->source));
	} else {
		text_print(out, size, "%s", figure_source(text, now->series->source));
	}
}

static void draw_bar(const struct power_panel *panel, const struct power_row *row,
		     const struct columns *columns, struct canvas *canvas, struct rect line)
{
	double ratio, band = NAN;

	if (!(panel->reference_w > 0.0) || columns->bar_width == 0)
		return;
	ratio = row->now.power_w / panel->reference_w;
	if (row->estimated)
		band = row->now.high_w / panel->reference_w;
	chart_bar(canvas, line, columns->bar_x, 0, columns->bar_width, ratio, band,
		  row->estimated	      ? ROLE_ESTIMATE
		  : row->outside || row->part ? ROLE_DIM
					      : ROLE_ACCENT);
}

static void draw_row(const struct power_panel *panel, const struct session *session,
		     const struct power_row *row, const struct columns *columns,
		     struct canvas *canvas, struct rect line)
{
	char text[256], watts[UNIT_TEXT_SIZE + 3], joules[UNIT_TEXT_SIZE + 4];
	bool known = isfinite(row->now.power_w), old = power_is_old(session, row);
	enum role role = row->estimated ? ROLE_ESTIMATE : old ? ROLE_DIM : ROLE_VALUE;

	power_row_name(row, text, sizeof(text));
	figure_cell(canvas, line, (struct rect){1, 0, columns->name_width, 1},
		    row->outside ? ROLE_DIM : ROLE_TEXT, text);
	if (known) {
		figure_watts(text, row->now.power_w, row->estimated);
		text_print(watts, sizeof(watts), "%s W", text);
		canvas_right(canvas, line, columns->watts_end, 0, role, watts);
		if (row->estimated)
			canvas_text(canvas, line, columns->watts_end + 1, 0, ROLE_ESTIMATE, "est.");
		draw_bar(panel, row, columns, canvas, line);
		row_tag(session, row, text, sizeof(text));
		figure_cell(canvas, line,
			    (struct rect){columns->tag_x, 0, columns->tag_width - 1, 1},
			    old ? ROLE_WARN : ROLE_DIM, text);
	} else if (row->now.gap) {
		bool access = row->now.gap == EACCES || row->now.gap == EPERM;
		int end = columns->joules_end ? columns->joules_end - JOULES_WIDTH : line.width;

		canvas_right(canvas, line, columns->watts_end - 2, 0, ROLE_ABSENT, "-");
		figure_cell(
			canvas, line,
			(struct rect){columns->watts_end, 0, end - columns->watts_end, 1}, ROLE_DIM,
			access ? "no access: see 8" : figure_gap(row->now.series, row->now.gap));
	} else {
		canvas_right(canvas, line, columns->watts_end - 2, 0, ROLE_ABSENT, "…");
	}
	if (columns->joules_end) {
		bool absent = !isfinite(row->run_j);

		figure_print(text, row->run_j, panel->joule, 1, row->estimated);
		text_print(joules, sizeof(joules), "%s %s%s", text,
			   absent ? " " : panel->joule.prefix, absent ? "" : "J");
		canvas_right(canvas, line, columns->joules_end, 0, absent ? ROLE_ABSENT : ROLE_TEXT,
			     joules);
	}
}

/* Leaves out what can be spared until the rows fit: parts of packages, then what is outside the total. */
static size_t choose_rows(const struct power_panel *panel, size_t room, size_t *chosen)
{
	bool parts = true, outside = true;
	size_t count = 0;

	for (int attempt = 0; attempt < 3; attempt++) {
		count = 0;
		for (size_t i = 0; i < panel->count; i++) {
			if ((panel->rows[i].part && !parts) || (panel->rows[i].outside && !outside))
				continue;
			chosen[count++] = i;
		}
		if (count <= room)
			break;
		outside = attempt == 0 ? outside : false;
		parts = false;
	}
	return count;
}

/* What has no line of its own, so that the lines still add up to the total. */
static void draw_rest(struct power_panel *panel, const struct session *session,
		      const size_t *chosen, size_t count, const struct columns *columns,
		      struct canvas *canvas, struct rect line)
{
	struct power_row rest = {
		.now = {.power_w = 0.0, .low_w = NAN, .high_w = NAN, .limit_w = NAN}};
	char name[32];

	for (size_t i = 0; i < count; i++) {
		const struct power_row *row = &panel->rows[chosen[i]];

		rest.now.power_w += row->now.power_w;
		rest.run_j += row->run_j;
		rest.estimated |= row->estimated;
		rest.now.gap = rest.now.gap ? rest.now.gap : row->now.gap;
	}
	draw_row(panel, session, &rest, columns, canvas, line);
	text_print(name, sizeof(name), "%zu more", count + panel->left_out);
	line.width = line.width < columns->name_width + 1 ? line.width : columns->name_width + 1;
	canvas_fill(canvas, line, ROLE_TEXT, ' ');
	canvas_text(canvas, line, 1, 0, ROLE_TEXT, name);
}

static int draw_rows(struct power_panel *panel, const struct view_context *context,
		     struct canvas *canvas, struct rect area)
{
	struct columns columns = place_columns(panel, area.width);
	size_t chosen[POWER_ROWS_MAX], room = area.height > 0 ? (size_t)area.height : 0;
	size_t count = choose_rows(panel, room, chosen), shown;

	shown = count > room ? room - (room > 1) : count;
	for (size_t i = 0; i < shown; i++)
		draw_row(panel, context->session, &panel->rows[chosen[i]], &columns, canvas,
			 figure_row(area, (int)i));
	if (shown == count)
		return (int)count;
	if (room > 1)
		draw_rest(panel, context->session, chosen + shown, count - shown, &columns, canvas,
			  figure_row(area, (int)shown));
	return (int)room;
}

static void draw_idle(const struct session *session, struct canvas *canvas, struct rect line)
{
	const char *named = "";
	double idle_w = books_idle_w(session, &named),
	       above_w = derive_above_idle_w(session, SPAN_NOW);
	char above[UNIT_TEXT_SIZE], idle[UNIT_TEXT_SIZE], text[160];
	bool estimated = derive_total_power(session, SPAN_NOW, text, sizeof(text)).quality ==
			 QUALITY_ESTIMATED;

	if (!isfinite(idle_w)) {
		figure_cell(canvas, line, (struct rect){1, 0, line.width - 1, 1}, ROLE_DIM,
			    "W+idle: the idle power is not known yet");
		return;
	}
	text_print(text, sizeof(text), "%sabove idle %s W   idle %s W%s%s%s",
		   figure_packages_only(session) ? "" : "CPU ",
		   figure_watts(above, above_w, estimated), figure_watts(idle, idle_w, estimated),
		   named && named[0] ? " (" : "", named ? named : "", named && named[0] ? ")" : "");
	figure_cell(canvas, line, (struct rect){1, 0, line.width - 1, 1}, ROLE_TEXT, text);
}

static void draw_absent(const struct session *session, struct canvas *canvas, struct rect line)
{
	char text[256];

	if (figure_pending(session) && session_ticks(session) == 0)
		text_print(text, sizeof(text), "… looking for power sensors");
	else
		power_absent(session, text, sizeof(text));
	figure_cell(canvas, line, (struct rect){1, 0, line.width - 4, 1}, ROLE_DIM, text);
	canvas_right(canvas, line, line.width - 1, 0, ROLE_ACCENT, "8");
}

/* True when the only watts are an estimate: then the panel says that no sensor is there. */
static bool has_sensor(const struct power_panel *panel)
{
	for (size_t i = 1; i < panel->count; i++) {
		if (!panel->rows[i].estimated)
			return true;
	}
	return false;
}

static void power_draw(void *self, const struct view_context *context, struct canvas *canvas,
		       struct rect area)
{
	struct power_panel *panel = self;
	const struct session *session = context->session;
	int y = 0;

	if (!power_collect(panel, session)) {
		draw_absent(session, canvas, figure_row(area, 0));
		return;
	}
	if (context->zoomed) {
		power_draw_zoomed(panel, context, canvas, area);
		return;
	}
	y = draw_rows(panel, context, canvas, area);
	if (!has_sensor(panel))
		draw_absent(session, canvas, figure_row(area, y++));
	draw_idle(session, canvas, figure_row(area, y++));
	power_history(panel, session, NULL, canvas,
		      (struct rect){area.x + 1, area.y + y, area.width - 2, area.height - y});
}

static void power_subtitle(void *self, const struct view_context *context, char *out, size_t size)
{
	struct power_panel *panel = self;

	out[0] = '\0';
	if (power_collect(panel, context->session))
		derive_total_power(context->session, SPAN_NOW, out, size);
}

static enum view_answer power_command(void *self, const struct view_context *context,
				      enum command_id command, struct action *action)
{
	struct power_panel *panel = self;
	bool known = power_collect(panel, context->session);

	(void)action;
	if (!known || !context->zoomed)
		return VIEW_IGNORED;
	return table_cursor_move(&panel->cursor, (int)command, panel->count, panel->count)
		       ? VIEW_HANDLED
		       : VIEW_IGNORED;
}

static size_t why_sources(const struct session *session, const struct power_row *row, char *out,
			  size_t size)
{
	char text[UNIT_TEXT_SIZE];
	size_t used = 0;

	for (const struct series *series = row->domain->series; series; series = series->next) {
		double power_w = derive_rate(session, series, METRIC_ENERGY_UJ, SPAN_NOW);

		if (!series_cell(series, METRIC_ENERGY_UJ) &&
		    !series_cell(series, METRIC_SENSOR_POWER_UW))
			continue;
		if (!isfinite(power_w))
			power_w = derive_gauge(series, METRIC_SENSOR_POWER_UW);
		used += text_print(out + used, size - used, "%s %s: %s W, %s%s%s\n",
				   series == row->now.series ? "from" : "beside it", series->source,
				   figure_watts(text, power_w, row->estimated),
				   quality_name(series->quality),
				   series->gap_reason && series->gap_reason[0] ? ": " : "",
				   series->gap_reason ? series->gap_reason : "");
		used += power_meter_text(session, series, out + used, size - used);
	}
	return used;
}

static size_t why_total(const struct session *session, char *out, size_t size)
{
	char covers[256];

	derive_total_power(session, SPAN_NOW, covers, sizeof(covers));
	return text_print(out, size, "%s%s\n",
			  covers[0] ? "the sum of " : "nothing here can be read", covers);
}

static void power_why(void *self, const struct view_context *context, char *out, size_t size)
{
	struct power_panel *panel = self;
	const struct session *session = context->session;
	const struct derive_power *now;
	const struct power_row *row;
	char text[DOMAIN_KEY_SIZE + 2], watts[UNIT_TEXT_SIZE];
	size_t used;

	if (!power_collect(panel, session)) {
		power_absent(session, out, size);
		return;
	}
	table_cursor_clamp(&panel->cursor, panel->count, panel->count);
	row = &panel->rows[context->zoomed ? panel->cursor.selected : 0];
	now = &row->now;
	power_row_name(row, text, sizeof(text));
	used = text_print(out, size, "%s: %s W now, %s\n", text,
			  figure_watts(watts, now->power_w, row->estimated),
			  isfinite(now->power_w) ? quality_name(now->quality) : "absent");
	used += row->domain ? why_sources(session, row, out + used, size - used)
			    : why_total(session, out + used, size - used);
	if (now->gap)
		used += text_print(out + used, size - used, "absent: %s\n",
				   figure_gap(now->series, now->gap));
	if (row->outside)
		used += text_print(out + used, size - used,
				   "not in the total: it contains or doubles what is\n");
	if (isfinite(now->low_w) && isfinite(now->high_w))
		used += text_print(out + used, size - used,
				   "between %.0f and %.0f W: no sensor, see 8\n", now->low_w,
				   now->high_w);
	if (isfinite(now->age_s))
		text_print(out + used, size - used, "the meter last moved %s ago",
			   figure_age(text, now->age_s));
}

const struct view view_power = {
	.name = "power",
	.title = "power",
	.zoom = COMMAND_ZOOM_POWER,
	.min_width = 24,
	.min_height = 2,
	.private_size = sizeof(struct power_panel),
	.draw = power_draw,
	.subtitle = power_subtitle,
	.command = power_command,
	.why = power_why,
};
