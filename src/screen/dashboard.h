/* SPDX-License-Identifier: Apache-2.0 */
/* The whole screen: head line, panels by layout, zoom, focus, prompts, questions. Turns keys into actions. Pure but for the
 * views' private memory. */
#ifndef JOULETOP_DASHBOARD_H
#define JOULETOP_DASHBOARD_H

#include "screen/view.h"

struct dashboard;

struct dashboard_state {
	const struct session *session;
	const char *title; /* command line, or "whole machine" */
	int pid;	   /* 0 = none */
	int64_t interval_ns;
	bool live_command, replay, playing;
	int64_t replay_speed_milli; /* 1000 = real time */
	int64_t replay_end_ns;
	const char *message; /* one line from the engine ("signal 15 sent to 4711"), "" = none */
};

/* views: NULL-terminated; lives longer than the dashboard. */
struct dashboard *dashboard_create(const struct view *const *views);
void dashboard_destroy(struct dashboard *dashboard);

void dashboard_draw(struct dashboard *dashboard, const struct dashboard_state *state,
		    struct canvas *canvas);

/* Takes a key; the action it asks for (ACTION_NONE: nothing or only the screen changed). */
struct action dashboard_key(struct dashboard *dashboard, const struct dashboard_state *state,
			    struct key_press key);

bool dashboard_paused(const struct dashboard *dashboard);

/* Asks the quit question from outside (SIGINT with a live command). */
void dashboard_ask_quit(struct dashboard *dashboard);

#endif
