/* SPDX-License-Identifier: Apache-2.0 */
/* The demo's two views and its loop. */
#include "tests/support/terminal_demo.h"

#include "tests/support/sessions.h"

#include "base/clock.h"
#include "screen/dashboard.h"
#include "screen/terminal.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CTRL_Z	     26
#define FLOOD_FRAMES 400

static void draw_power(void *self, const struct view_context *context, struct canvas *canvas,
		       struct rect area)
{
	(void)self;
	(void)context;
	canvas_text(canvas, area, 0, 0, ROLE_ACCENT, "demo watts \u6F22 \u2588\u28FF");
}

static void draw_threads(void *self, const struct view_context *context, struct canvas *canvas,
			 struct rect area)
{
	(void)context;
	canvas_print(canvas, area, 0, 0, ROLE_TEXT, "demo threads at row %d", *(int *)self);
}

static enum view_answer move_threads(void *self, const struct view_context *context,
				     enum command_id command, struct action *action)
{
	int *row = self;

	(void)context;
	(void)action;
	if (command != COMMAND_UP && command != COMMAND_DOWN)
		return VIEW_IGNORED;
	*row += command == COMMAND_DOWN ? 1 : -1;
	return VIEW_HANDLED;
}

static const struct view power = {.name = "power",
				  .title = "power",
				  .zoom = COMMAND_ZOOM_POWER,
				  .draw = draw_power,
				  .private_size = sizeof(int)};
static const struct view threads = {.name = "threads",
				    .title = "threads",
				    .zoom = COMMAND_ZOOM_THREADS,
				    .draw = draw_threads,
				    .command = move_threads,
				    .private_size = sizeof(int)};
static const struct view *const views[] = {&power, &threads, NULL};

static void report(const char *text)
{
	if (write(TERMINAL_DEMO_REPORT_FD, text, strlen(text)) < 0)
		_exit(99);
}

/* More frames than any buffer holds, each different in every cell. */
static void flood(struct terminal *terminal, struct canvas *canvas)
{
	for (uint32_t i = 0; i < FLOOD_FRAMES; i++) {
		canvas_fill(canvas, (struct rect){0, 0, canvas->width, canvas->height}, ROLE_TEXT,
			    'a' + i % 26);
		terminal_show(terminal, canvas);
		/* A turn of the thread between two frames, so that it really writes. */
		poll(NULL, 0, 1);
	}
	report("shown\n");
	if (terminal_busy(terminal))
		report("busy\n");
}

struct demo {
	struct terminal *terminal;
	struct dashboard *dashboard;
	struct dashboard_state state;
	struct canvas canvas;
};

static void redraw(struct demo *demo)
{
	int width, height;

	terminal_size(demo->terminal, &width, &height);
	canvas_resize(&demo->canvas, width, height);
	demo->canvas.glyphs = terminal_glyphs(demo->terminal);
	dashboard_draw(demo->dashboard, &demo->state, &demo->canvas);
	terminal_show(demo->terminal, &demo->canvas);
}

/* False = the end. */
static bool obey(struct demo *demo, struct key_press key)
{
	if (key.code == CTRL_Z) {
		terminal_suspend(demo->terminal);
	} else if (key.code == 'F') {
		flood(demo->terminal, &demo->canvas);
		return false;
	} else if (key.code == 'X') {
		terminal_restore_now();
		_exit(TERMINAL_DEMO_CRASHED);
	} else {
		struct action action = dashboard_key(demo->dashboard, &demo->state, key);

		if (action.type == ACTION_REDRAW)
			terminal_redraw(demo->terminal);
		return action.type != ACTION_QUIT;
	}
	return true;
}

int terminal_demo(void)
{
	struct terminal_options options = {.color = getenv("NO_COLOR") == NULL, .mouse = true};
	struct error err = {0};
	struct sessions sessions;
	struct demo demo = {0};
	bool going = true;

	signal(SIGHUP, SIG_IGN);
	for (int role = 0; role < ROLE_COUNT; role++)
		options.theme.styles[role] = (struct theme_style){-1, -1, 0};
	options.theme.styles[ROLE_ACCENT] =
		(struct theme_style){THEME_PALETTE + 81, -1, THEME_BOLD};
	demo.terminal = terminal_start(&options, &err);
	if (demo.terminal == NULL) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	sessions_full(&sessions);
	demo.dashboard = dashboard_create(views);
	demo.state = (struct dashboard_state){.session = sessions.session,
					      .title = "demo",
					      .message = "",
					      .interval_ns = CLOCK_NS_PER_S};
	redraw(&demo);
	while (going && !terminal_lost(demo.terminal)) {
		struct pollfd ready = {.fd = terminal_fd(demo.terminal), .events = POLLIN};
		struct key_press key;

		poll(&ready, 1, -1);
		while (going && terminal_key(demo.terminal, &key))
			going = obey(&demo, key);
		if (going)
			redraw(&demo);
	}
	terminal_stop(demo.terminal);
	report(going ? "lost\n" : "stopped\n");
	dashboard_destroy(demo.dashboard);
	canvas_finish(&demo.canvas);
	sessions_stop(&sessions);
	return going ? TERMINAL_DEMO_LOST : 0;
}
