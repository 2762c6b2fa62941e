/* SPDX-License-Identifier: Apache-2.0 */
/* The roofline panel: where the workload stands below what the machine can do, and what is done for a joule. */
#include "views/roofline/panel.h"

#include <math.h>
#include <string.h>

#define KEYS_WIDTH  40 /* below it, the line of keys says nothing */
#define KEYS_HEIGHT 10

/* What was seen goes into the trails, once a tick. A replay that went back begins anew. */
static void leave_traces(struct roofline_panel *panel, int64_t now_ns)
{
	if (now_ns < panel->time_ns)
		panel->trace_count = 0;
	if (now_ns == panel->time_ns)
		return;
	panel->time_ns = now_ns;
	for (size_t i = 0; i < panel->points.count; i++) {
		const struct roofline_point *point = &panel->points.points[i];

		panel->traces[panel->trace_count++ % ROOFLINE_TRACES] = (struct roofline_trace){
			.number = point->domain->number,
			.born_ns = point->domain->born_ns,
			.time_ns = now_ns,
			.intensity = point->intensity,
			.flop_per_s = point->flop_per_s,
			.flop_per_j = point->flop_per_j,
		};
	}
}

bool roofline_is_gpu(const struct roofline_panel *panel)
{
	return panel->plot == ROOFLINE_GPU;
}

/* That which was picked, else asked for with --data-type; "" = none. */
static const char *gpu_type(const struct roofline_panel *panel, const struct session *session)
{
	const char *asked = session_meta_get(session, "data_type");

	return panel->gpu_type[0] ? panel->gpu_type : asked ? asked : "";
}

void roofline_look(struct roofline_panel *panel, const struct view_context *context)
{
	const struct session *session = context->session;

	if (context->frame && context->frame == panel->frame)
		return;
	panel->frame = context->frame;
	if (roofline_is_gpu(panel)) {
		roofline_gpus(session, gpu_type(panel, session), panel->selected, &panel->roofs,
			      &panel->points);
		panel->model = (struct roofline_energy){
			.reason = "nobody measured what a GPU draws at its roofs"};
		return;
	}
	roofline_roofs(session, panel->plot, panel->data_type, !panel->one_core, &panel->roofs);
	roofline_points(session, panel->plot, &panel->roofs, &panel->points);
	panel->model = roofline_energy(session, &panel->roofs);
	leave_traces(panel, session_now_ns(session));
}

const struct roofline_point *roofline_selected(const struct roofline_panel *panel)
{
	const struct roofline_points *points = &panel->points;

	for (size_t i = 0; i < points->count; i++)
		if (strcmp(points->points[i].domain->key, panel->selected) == 0)
			return &points->points[i];
	return points->count > 0 ? &points->points[0] : NULL;
}

/* The words for a plot without points; with roofs there is little room for them. */
static void draw_absence(const struct roofline_panel *panel, const struct session *session,
			 const struct roofline_axes *axes, struct canvas *canvas)
{
	struct rect plot = axes->plot, where;
	char text[1024];
	int lines, width = plot.width * 3 / 5;

	if (session_ticks(session) == 0)
		text_print(text, sizeof(text), "…");
	else if (panel->plot == ROOFLINE_OPERATOR)
		text_print(text, sizeof(text), "no operators were seen");
	else if (roofline_is_gpu(panel))
		roofline_gpu_absence(panel, text, sizeof(text));
	else
		roofline_absence(session, text, sizeof(text));
	if (panel->roofs.peak_count + panel->roofs.level_count == 0 || width < 30)
		width = plot.width - 2;
	lines = canvas_wrap(NULL, (struct rect){0, 0, width, 1}, ROLE_DIM, text);
	/* Where it would hide the roofs, the reason without its remedy: "?" says both. */
	if (2 * lines > plot.height) {
		text[strcspn(text, ";")] = '\0';
		lines = canvas_wrap(NULL, (struct rect){0, 0, width, 1}, ROLE_DIM, text);
	}
	if (lines > plot.height)
		lines = plot.height;
	/* Right at the bottom, where the roofs leave room. */
	where = (struct rect){plot.x + plot.width - width, plot.y + plot.height - lines, width,
			      lines};
	canvas_fill(canvas, (struct rect){where.x - 1, where.y, where.width + 1, where.height},
		    ROLE_TEXT, ' ');
	canvas_wrap(canvas, where, ROLE_DIM, text);
}

#define KEY_TEXTS 3

static void draw_keys(const struct roofline_panel *panel, struct canvas *canvas, struct rect row)
{
	static const char *const cpu_texts[KEY_TEXTS] = {
		"←→ point   d data type   c cores   m DRAM / cache-aware / operators   e energy   "
		"x GPU   T trail        size = watts   heat = share of the roof",
		"←→ point   d data type   c cores   m memory / operators   e energy   x GPU",
		"←→ point  d type  c cores  m memory  x GPU",
	};
	static const char *const gpu_texts[KEY_TEXTS] = {
		"←→ GPU   d as which data type   e energy   x back to the CPUs        "
		"▒ what activity permits   heat = share of the roof",
		"←→ GPU   d as which data type   e energy   x CPU   ▒ by activity",
		"▒ activity, not counted  d type  x CPU",
	};
	const char *const *texts = roofline_is_gpu(panel) ? gpu_texts : cpu_texts;
	size_t i = 0;

	while (i + 1 < KEY_TEXTS && text_width(texts[i]) > row.width)
		i++;
	figure_cell(canvas, row, (struct rect){0, 0, row.width, 1}, ROLE_DIM, texts[i]);
}

static void roofline_draw(void *self, const struct view_context *context, struct canvas *canvas,
			  struct rect area)
{
	struct roofline_panel *panel = self;
	bool has_keys = context->zoomed && area.width >= KEYS_WIDTH && area.height >= KEYS_HEIGHT;
	struct rect plot = area, row = {area.x, area.y + area.height, area.width, 1};
	struct roofline_axes axes;
	bool has_margin;

	roofline_look(panel, context);
	has_margin = (panel->points.margin_count > 0 || (panel->energy && panel->model.reason)) &&
		     area.height >= 7;
	plot.height -= has_keys + has_margin;
	axes = roofline_axes(panel, plot, context->zoomed);
	roofline_draw_axes(panel, &axes, canvas, context->zoomed);
	roofline_draw_roofs(panel, &axes, canvas, context->zoomed);
	if (panel->points.count == 0)
		draw_absence(panel, context->session, &axes, canvas);
	roofline_draw_points(panel, &axes, canvas, context->zoomed && roofline_has_box(&axes));
	if (context->zoomed)
		roofline_draw_readout(panel, &axes, canvas);
	if (has_keys) {
		row.y--;
		draw_keys(panel, canvas, row);
	}
	if (has_margin) {
		row.y--;
		roofline_draw_margin(panel, canvas, row);
	}
}

/* The next point by what it is sorted by: to the right or upwards when `more`. At the end it stays. */
static void move(struct roofline_panel *panel, bool by_value, bool more)
{
	const struct roofline_points *points = &panel->points;
	const struct roofline_point *from = roofline_selected(panel), *best = NULL;

	for (size_t i = 0; from && i < points->count; i++) {
		const struct roofline_point *point = &points->points[i];
		double here = by_value ? roofline_value(panel, from) : from->intensity;
		double there = by_value ? roofline_value(panel, point) : point->intensity;
		double next = !best	 ? (double)NAN
			      : by_value ? roofline_value(panel, best)
					 : best->intensity;

		/* Lines, whose intensity nobody knows, lie left of all points; what is equal goes by its place. */
		here = isnan(here) ? 0 : here;
		there = isnan(there) ? 0 : there;
		next = best && isnan(next) ? 0 : next;

		bool beyond = more ? there > here || (there == here && point > from)
				   : there < here || (there == here && point < from);
		bool nearer = !best || (more ? there < next : there > next || there == next);

		if (beyond && nearer)
			best = point;
	}
	if (best)
		text_print(panel->selected, sizeof(panel->selected), "%s", best->domain->key);
}

static void next_type(struct roofline_panel *panel, const struct session *session)
{
	char types[ROOFLINE_TYPES_MAX][ROOFLINE_TYPE_SIZE];
	size_t count = roofline_is_gpu(panel) ? roofline_gpu_types(session, types)
					      : roofline_types(session, types);
	size_t next = 0;

	for (size_t i = 0; i < count; i++)
		if (strcmp(types[i], panel->roofs.data_type) == 0)
			next = (i + 1) % count;
	if (count > 0)
		memcpy(roofline_is_gpu(panel) ? panel->gpu_type : panel->data_type, types[next],
		       ROOFLINE_TYPE_SIZE);
}

/* What was traced had another intensity. */
static void next_plot(struct roofline_panel *panel)
{
	panel->plot = (enum roofline_plot)((panel->plot + 1) % ROOFLINE_GPU);
	panel->trace_count = 0;
}

static void turn_to_gpus(struct roofline_panel *panel)
{
	enum roofline_plot other = roofline_is_gpu(panel) ? panel->cpu_plot : ROOFLINE_GPU;

	panel->cpu_plot = panel->plot;
	panel->plot = other;
	panel->trace_count = 0;
}

static enum view_answer roofline_command(void *self, const struct view_context *context,
					 enum command_id command, struct action *action)
{
	struct roofline_panel *panel = self;

	(void)action;
	roofline_look(panel, context);
	if (command == COMMAND_ROOFLINE_TYPE)
		next_type(panel, context->session);
	else if (command == COMMAND_ROOFLINE_CORES)
		panel->one_core = !panel->one_core;
	else if (command == COMMAND_ROOFLINE_MEMORY && !roofline_is_gpu(panel))
		next_plot(panel);
	else if (command == COMMAND_ROOFLINE_GPU)
		turn_to_gpus(panel);
	else if (command == COMMAND_ROOFLINE_ENERGY)
		panel->energy = !panel->energy;
	else if (command == COMMAND_THREADS && context->focused)
		panel->no_trail = !panel->no_trail;
	else if (command == COMMAND_LEFT || command == COMMAND_RIGHT)
		move(panel, false, command == COMMAND_RIGHT);
	else if (command == COMMAND_UP || command == COMMAND_DOWN)
		move(panel, true, command == COMMAND_UP);
	else
		return VIEW_IGNORED;
	return VIEW_HANDLED;
}

static void roofline_subtitle(void *self, const struct view_context *context, char *out,
			      size_t size)
{
	struct roofline_panel *panel = self;

	roofline_look(panel, context);
	roofline_title(panel, context->session, context->zoomed, out, size);
}

static void roofline_why(void *self, const struct view_context *context, char *out, size_t size)
{
	struct roofline_panel *panel = self;

	roofline_look(panel, context);
	roofline_explain(panel, context->session, out, size);
}

const struct view view_roofline = {
	.name = "roofline",
	.title = "roofline",
	.zoom = COMMAND_ZOOM_ROOFLINE,
	.min_width = 30,
	.min_height = 5,
	.private_size = sizeof(struct roofline_panel),
	.draw = roofline_draw,
	.subtitle = roofline_subtitle,
	.command = roofline_command,
	.why = roofline_why,
};
