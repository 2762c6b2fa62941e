/* SPDX-License-Identifier: Apache-2.0 */
/* The dashboard as it is drawn: head, panels in their places or one zoomed, foot, and what lies
 * above them. */
#include "screen/dashboard_private.h"

#include <stdlib.h>
#include <string.h>

/* The commands that zoom the panels of the layout, in its order. */
static const enum command_id slot_zooms[LAYOUT_SLOTS] = {
	[LAYOUT_POWER] = COMMAND_ZOOM_POWER,	   [LAYOUT_EFFICIENCY] = COMMAND_ZOOM_EFFICIENCY,
	[LAYOUT_ROOFLINE] = COMMAND_ZOOM_ROOFLINE, [LAYOUT_FREQUENCY] = COMMAND_ZOOM_FREQUENCY,
	[LAYOUT_THREADS] = COMMAND_ZOOM_THREADS,
};

static int panel_of_zoom(const struct dashboard *dashboard, enum command_id zoom)
{
	for (int i = 0; i < dashboard->panel_count; i++)
		if (dashboard->panels[i].view->zoom == zoom)
			return i;
	return DASHBOARD_NONE;
}

struct dashboard *dashboard_create(const struct view *const *views)
{
	struct dashboard *dashboard = memory_zeroed(1, sizeof(*dashboard));

	for (; *views != NULL && dashboard->panel_count < DASHBOARD_VIEWS_MAX; views++) {
		struct dashboard_panel *panel = &dashboard->panels[dashboard->panel_count++];

		panel->view = *views;
		panel->self = memory_zeroed(1, (*views)->private_size);
	}
	dashboard->focus = DASHBOARD_NONE;
	for (int slot = 0; slot < LAYOUT_SLOTS; slot++) {
		dashboard->slots[slot] = panel_of_zoom(dashboard, slot_zooms[slot]);
		if (dashboard->slots[slot] != DASHBOARD_NONE)
			dashboard->focus =
				dashboard->slots[slot]; /* threads, the last one, if there */
	}
	dashboard->zoomed = DASHBOARD_NONE;
	dashboard->turned = LAYOUT_EFFICIENCY;
	return dashboard;
}

void dashboard_destroy(struct dashboard *dashboard)
{
	if (dashboard == NULL)
		return;
	for (int i = 0; i < dashboard->panel_count; i++) {
		struct dashboard_panel *panel = &dashboard->panels[i];

		if (panel->view->finish != NULL)
			panel->view->finish(panel->self);
		free(panel->self);
	}
	free(dashboard);
}

int dashboard_active(const struct dashboard *dashboard)
{
	return dashboard->zoomed != DASHBOARD_NONE ? dashboard->zoomed : dashboard->focus;
}

struct view_context dashboard_context(const struct dashboard *dashboard,
				      const struct dashboard_state *state, int panel)
{
	return (struct view_context){
		.session = state->session,
		.zoomed = panel == dashboard->zoomed,
		.focused = panel == dashboard_active(dashboard),
		.replay = state->replay,
		.live_command = state->live_command,
	};
}

/* The slot that Tab would turn to in the middle, LAYOUT_SLOTS = there is no other. */
static int next_middle(const struct dashboard *dashboard, int shown)
{
	for (int step = 1; step < 3; step++) {
		int slot = LAYOUT_EFFICIENCY + (shown - LAYOUT_EFFICIENCY + step) % 3;

		if (dashboard->slots[slot] != DASHBOARD_NONE)
			return slot;
	}
	return LAYOUT_SLOTS;
}

static void make_title(const struct dashboard_panel *panel, const struct view_context *context,
		       char *title, size_t size)
{
	char subtitle[128] = "";

	if (panel->view->subtitle != NULL)
		panel->view->subtitle(panel->self, context, subtitle, sizeof(subtitle));
	text_print(title, size, "%s%s%s", panel->view->title, subtitle[0] != '\0' ? " " : "",
		   subtitle);
}

static void draw_panel(struct dashboard *dashboard, const struct dashboard_state *state,
		       struct canvas *canvas, int index, struct rect area, const char *hint)
{
	struct dashboard_panel *panel = &dashboard->panels[index];
	struct view_context context = dashboard_context(dashboard, state, index);
	struct rect inside = area;

	context.frame = dashboard->frames;
	panel->area = area;
	if (area.width <= 0 || area.height <= 0)
		return;
	if (dashboard->boxed) {
		char title[192], key[64];

		make_title(panel, &context, title, sizeof(title));
		text_print(key, sizeof(key), "%s%s%s%s", hint, *hint != '\0' ? "  " : "",
			   key_hint(panel->view->zoom), context.zoomed ? " back" : "");
		inside = canvas_box(canvas, area, title, key, context.focused && !context.zoomed);
	}
	if (inside.width > 0 && inside.height > 0)
		panel->view->draw(panel->self, &context, canvas, inside);
}

/* The layout without the panels that would get less than they need. */
static struct layout fitting_layout(const struct dashboard *dashboard, int width, int height)
{
	unsigned present = 0;
	bool all_fit = false;
	struct layout layout = {0};

	for (int slot = 0; slot < LAYOUT_SLOTS; slot++)
		if (dashboard->slots[slot] != DASHBOARD_NONE)
			present |= 1u << slot;
	while (!all_fit) {
		layout = layout_compute(width, height, present, dashboard->turned);
		all_fit = true;
		for (int slot = 0; slot < LAYOUT_SLOTS && layout.boxed; slot++) {
			struct rect area = layout.slots[slot];

			if (area.width == 0)
				continue;

			const struct view *view = dashboard->panels[dashboard->slots[slot]].view;

			if (area.width - 4 < view->min_width ||
			    area.height - 2 < view->min_height) {
				present &= ~(1u << slot);
				all_fit = false;
			}
		}
	}
	return layout;
}

static void draw_slots(struct dashboard *dashboard, const struct dashboard_state *state,
		       struct canvas *canvas, const struct layout *layout)
{
	int middles = 0;

	for (int slot = LAYOUT_EFFICIENCY; slot <= LAYOUT_FREQUENCY; slot++)
		middles += layout->slots[slot].width > 0;
	for (int slot = 0; slot < LAYOUT_SLOTS; slot++) {
		bool middle = slot >= LAYOUT_EFFICIENCY && slot <= LAYOUT_FREQUENCY;
		int next = middle && middles == 1 ? next_middle(dashboard, slot) : LAYOUT_SLOTS;
		char hint[48] = "";

		if (layout->slots[slot].width == 0)
			continue;
		if (next < LAYOUT_SLOTS)
			text_print(hint, sizeof(hint), "Tab \u25B8 %s",
				   dashboard->panels[dashboard->slots[next]].view->name);
		/* Without boxes there is one place: the panel with the focus has it. */
		draw_panel(dashboard, state, canvas,
			   layout->boxed ? dashboard->slots[slot] : dashboard->focus,
			   layout->slots[slot], hint);
	}
}

static void draw_panels(struct dashboard *dashboard, const struct dashboard_state *state,
			struct canvas *canvas, const struct layout *layout)
{
	for (int i = 0; i < dashboard->panel_count; i++)
		dashboard->panels[i].area = (struct rect){0};
	dashboard->boxed = layout->boxed;
	if (dashboard->zoomed == DASHBOARD_NONE) {
		draw_slots(dashboard, state, canvas, layout);
		return;
	}

	struct rect all = {0, 1, canvas->width, canvas->height - 1 - layout->foot.height};

	draw_panel(dashboard, state, canvas, dashboard->zoomed, all, "");
}

/* The foot: a prompt or question before a message before the hints. Without a foot line they lie
 * over the last row. */
static void draw_foot(struct dashboard *dashboard, const struct dashboard_state *state,
		      struct canvas *canvas, const struct layout *layout)
{
	struct rect last = {0, canvas->height - 1, canvas->width, 1};
	const char *message = dashboard->message[0] != '\0' ? dashboard->message
			      : state->message != NULL	    ? state->message
							    : "";

	if (dashboard->prompt != PROMPT_NONE || dashboard->question != QUESTION_NONE) {
		canvas_fill(canvas, last, ROLE_TEXT, ' ');
		dashboard_draw_prompt(dashboard, state, canvas, last);
	} else if (message[0] != '\0' && canvas->height > 1) {
		canvas_fill(canvas, last, ROLE_TEXT, ' ');
		canvas_text(canvas, last, 1, 0, ROLE_WARN, message);
	} else if (layout->foot.height > 0) {
		dashboard_draw_hints(state, canvas, layout->foot);
	}
}

void dashboard_draw(struct dashboard *dashboard, const struct dashboard_state *state,
		    struct canvas *canvas)
{
	struct layout layout = fitting_layout(dashboard, canvas->width, canvas->height);

	dashboard->frames++;
	canvas_clear(canvas);
	if (layout.boxed)
		dashboard_draw_head(dashboard, state, canvas, layout.head);
	else
		dashboard_draw_truth(dashboard, state, canvas, layout.head);
	draw_panels(dashboard, state, canvas, &layout);
	if (dashboard->why)
		dashboard_draw_why(dashboard, state, canvas);
	draw_foot(dashboard, state, canvas, &layout);
}

bool dashboard_paused(const struct dashboard *dashboard)
{
	return dashboard->paused;
}

void dashboard_ask_quit(struct dashboard *dashboard)
{
	dashboard->prompt = PROMPT_NONE;
	dashboard->question = QUESTION_QUIT;
}
