/* SPDX-License-Identifier: Apache-2.0 */
/* From keys to actions: what the dashboard does itself, what it hands to the active view. */
#include "screen/dashboard_private.h"

#include "base/clock.h"

#include <string.h>

#define WHEEL_ROWS	  3
#define SPEED_LEAST_MILLI 125
#define SPEED_MOST_MILLI  64000

static const struct action nothing = {.type = ACTION_NONE};

/* The intervals that + and - step through. */
static const int64_t intervals_ms[] = {10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000};

static void focus_slot(struct dashboard *dashboard, int slot)
{
	dashboard->focus = dashboard->slots[slot];
	if (slot >= LAYOUT_EFFICIENCY && slot <= LAYOUT_FREQUENCY)
		dashboard->turned = slot;
}

static int slot_of(const struct dashboard *dashboard, int panel)
{
	for (int slot = 0; slot < LAYOUT_SLOTS; slot++)
		if (panel != DASHBOARD_NONE && dashboard->slots[slot] == panel)
			return slot;
	return LAYOUT_SLOTS;
}

/* The next panel of the layout; one that is not shown turns up. Zoomed panels turn too. */
static void turn(struct dashboard *dashboard, int step)
{
	int slot = slot_of(dashboard, dashboard_active(dashboard));

	if (slot == LAYOUT_SLOTS)
		slot = slot_of(dashboard, dashboard->focus);
	if (slot == LAYOUT_SLOTS)
		return;
	do
		slot = (slot + step + LAYOUT_SLOTS) % LAYOUT_SLOTS;
	while (dashboard->slots[slot] == DASHBOARD_NONE);
	focus_slot(dashboard, slot);
	if (dashboard->zoomed != DASHBOARD_NONE)
		dashboard->zoomed = dashboard->focus;
}

static void zoom(struct dashboard *dashboard, int panel)
{
	dashboard->zoomed = dashboard->zoomed == panel ? DASHBOARD_NONE : panel;
}

static void ask_signal(struct dashboard *dashboard, const struct action *action)
{
	dashboard->signal = *action;
	dashboard->question = QUESTION_SIGNAL;
}

static void open_prompt(struct dashboard *dashboard, enum dashboard_prompt prompt)
{
	dashboard->prompt = prompt;
	dashboard->text[0] = '\0';
}

/* What a view answered, or VIEW_IGNORED when there is none. */
static enum view_answer ask_view(struct dashboard *dashboard, const struct dashboard_state *state,
				 int panel, enum command_id command, struct action *action)
{
	if (panel == DASHBOARD_NONE || dashboard->panels[panel].view->command == NULL)
		return VIEW_IGNORED;

	struct view_context context = dashboard_context(dashboard, state, panel);

	return dashboard->panels[panel].view->command(dashboard->panels[panel].self, &context,
						      command, action);
}

static bool touches_the_world(enum command_id command)
{
	return command == COMMAND_SIGNAL || command == COMMAND_PROBE_AGAIN ||
	       command == COMMAND_FASTER || command == COMMAND_SLOWER;
}

static struct action change_interval(const struct dashboard_state *state, bool longer)
{
	struct action action = {.type = ACTION_INTERVAL};

	for (size_t i = 0; i < ARRAY_SIZE(intervals_ms); i++) {
		int64_t step_ns = intervals_ms[i] * CLOCK_NS_PER_MS;

		if (longer ? step_ns > state->interval_ns && action.time_ns == 0
			   : step_ns < state->interval_ns)
			action.time_ns = step_ns;
	}
	return action.time_ns == 0 ? nothing : action;
}

static struct action change_speed(const struct dashboard_state *state, bool faster)
{
	int64_t milli = faster ? state->replay_speed_milli * 2 : state->replay_speed_milli / 2;

	if (milli < SPEED_LEAST_MILLI || milli > SPEED_MOST_MILLI)
		return nothing;
	return (struct action){.type = ACTION_SPEED, .number = milli};
}

static struct action quit(struct dashboard *dashboard, const struct dashboard_state *state)
{
	if (!state->live_command)
		return (struct action){.type = ACTION_QUIT, .number = QUIT_PLAIN};
	dashboard_ask_quit(dashboard);
	return nothing;
}

static struct action pause_drawing(struct dashboard *dashboard)
{
	dashboard->paused = !dashboard->paused;
	return (struct action){.type = ACTION_PAUSE, .number = dashboard->paused};
}

/* Commands that need nothing but an answer; ACTION_NONE when it is none of them. */
static struct action plain_action(const struct dashboard_state *state, enum command_id command)
{
	static const struct {
		enum command_id command;
		struct action action;
	} plain[] = {
		{COMMAND_WINDOW, {.type = ACTION_WINDOW}},
		{COMMAND_PROBE_AGAIN, {.type = ACTION_PROBE_AGAIN}},
		{COMMAND_REDRAW, {.type = ACTION_REDRAW}},
		{COMMAND_REPLAY_BACK, {.type = ACTION_STEP, .number = -1}},
		{COMMAND_REPLAY_FORWARD, {.type = ACTION_STEP, .number = 1}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		if (plain[i].command == command)
			return plain[i].action;
	if (command == COMMAND_SLOWER || command == COMMAND_FASTER)
		return change_interval(state, command == COMMAND_SLOWER);
	if (command == COMMAND_REPLAY_SLOWER || command == COMMAND_REPLAY_FASTER)
		return change_speed(state, command == COMMAND_REPLAY_FASTER);
	if (command == COMMAND_REPLAY_PLAY)
		return (struct action){.type = ACTION_PLAY, .number = !state->playing};
	return nothing;
}

/* Commands that change the dashboard alone; false when it is none of them. */
static bool change(struct dashboard *dashboard, enum command_id command)
{
	int active = dashboard_active(dashboard);

	for (int i = 0; i < dashboard->panel_count; i++) {
		if (dashboard->panels[i].view->zoom == command) {
			zoom(dashboard, i);
			return true;
		}
	}
	if (command == COMMAND_NEXT_PANEL || command == COMMAND_PREVIOUS_PANEL)
		turn(dashboard, command == COMMAND_NEXT_PANEL ? 1 : -1);
	else if (command == COMMAND_WHY)
		dashboard->why =
			active != DASHBOARD_NONE && dashboard->panels[active].view->why != NULL;
	else if (command == COMMAND_REPLAY_GOTO)
		open_prompt(dashboard, PROMPT_GOTO);
	else
		return false;
	return true;
}

/* Keys that mean the roofline alone reach it wherever the focus is, as long as it is in sight. */
static enum view_answer ask_roofline(struct dashboard *dashboard,
				     const struct dashboard_state *state, enum command_id command)
{
	int panel = dashboard->slots[LAYOUT_ROOFLINE];
	struct action unused;

	if (command < COMMAND_ROOFLINE_TYPE || command > COMMAND_ROOFLINE_GPU ||
	    panel == DASHBOARD_NONE || dashboard->panels[panel].area.width <= 0)
		return VIEW_IGNORED;
	return ask_view(dashboard, state, panel, command, &unused);
}

/* The active view first: what it does not know, the dashboard does. */
static struct action hand_to_view(struct dashboard *dashboard, const struct dashboard_state *state,
				  enum command_id command)
{
	int active = dashboard_active(dashboard);
	struct action action = nothing;

	switch (ask_view(dashboard, state, active, command, &action)) {
	case VIEW_ACTION:
		if (action.type != ACTION_SIGNAL)
			return action;
		ask_signal(dashboard, &action);
		return nothing;
	case VIEW_HANDLED:
		if (command == COMMAND_SEARCH || command == COMMAND_FILTER)
			if (dashboard->panels[active].view->typed != NULL)
				open_prompt(dashboard, command == COMMAND_SEARCH ? PROMPT_SEARCH
										 : PROMPT_FILTER);
		return nothing;
	case VIEW_IGNORED: break;
	}
	if (ask_roofline(dashboard, state, command) != VIEW_IGNORED)
		return nothing;
	if (command == COMMAND_BACK)
		dashboard->zoomed = DASHBOARD_NONE;
	return plain_action(state, command);
}

static struct action obey(struct dashboard *dashboard, const struct dashboard_state *state,
			  enum command_id command)
{
	if (state->replay && touches_the_world(command)) {
		text_print(dashboard->message, sizeof(dashboard->message),
			   "This is a recording: there is nothing to signal, probe or sample");
		return nothing;
	}
	if (command == COMMAND_NONE || change(dashboard, command))
		return nothing;
	if (command == COMMAND_QUIT)
		return quit(dashboard, state);
	if (command == COMMAND_PAUSE)
		return pause_drawing(dashboard);
	return hand_to_view(dashboard, state, command);
}

static bool is_in(struct rect area, int x, int y)
{
	return x >= area.x && y >= area.y && x < area.x + area.width && y < area.y + area.height;
}

/* A click focuses a panel, on its title it zooms; the wheel scrolls what lies under it. */
static void obey_mouse(struct dashboard *dashboard, const struct dashboard_state *state,
		       struct key_press key)
{
	for (int i = 0; i < dashboard->panel_count; i++) {
		const struct rect *area = &dashboard->panels[i].area;

		if (!is_in(*area, key.x, key.y))
			continue;
		if (key.code == KEY_CLICK) {
			int slot = slot_of(dashboard, i);

			if (slot < LAYOUT_SLOTS)
				focus_slot(dashboard, slot);
			if (dashboard->boxed && key.y == area->y)
				zoom(dashboard, i);
			return;
		}
		for (int row = 0; row < WHEEL_ROWS; row++) {
			struct action unused;

			ask_view(dashboard, state, i,
				 key.code == KEY_WHEEL_UP ? COMMAND_UP : COMMAND_DOWN, &unused);
		}
		return;
	}
}

struct action dashboard_key(struct dashboard *dashboard, const struct dashboard_state *state,
			    struct key_press key)
{
	bool mouse =
		key.code == KEY_CLICK || key.code == KEY_WHEEL_UP || key.code == KEY_WHEEL_DOWN;

	if (key.code == KEY_NONE || key.code == KEY_RESIZE_EVENT)
		return nothing;
	dashboard->message[0] = '\0';
	if (dashboard->question != QUESTION_NONE)
		return mouse ? nothing : dashboard_question_key(dashboard, key.code);
	if (dashboard->prompt != PROMPT_NONE)
		return mouse ? nothing : dashboard_prompt_key(dashboard, state, key.code);

	enum command_id command = key_command(key.code, state->replay);

	if (dashboard->why) {
		dashboard->why = false;
		if (command == COMMAND_WHY || command == COMMAND_BACK || command == COMMAND_QUIT ||
		    key.code == KEY_ENTER)
			return nothing;
	}
	if (mouse) {
		obey_mouse(dashboard, state, key);
		return nothing;
	}
	return obey(dashboard, state, command);
}
