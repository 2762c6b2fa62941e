/* SPDX-License-Identifier: Apache-2.0 */
/* The dashboard's memory and the parts it is drawn and driven by. */
#ifndef JOULETOP_DASHBOARD_PRIVATE_H
#define JOULETOP_DASHBOARD_PRIVATE_H

#include "screen/dashboard.h"
#include "screen/layout.h"

#define DASHBOARD_VIEWS_MAX 32
#define DASHBOARD_NONE	    (-1)

/* What the foot line asks for. */
enum dashboard_prompt { PROMPT_NONE, PROMPT_SEARCH, PROMPT_FILTER, PROMPT_GOTO };
enum dashboard_question { QUESTION_NONE, QUESTION_SIGNAL, QUESTION_QUIT };

/* A view with its private memory and where it stood at the last draw. */
struct dashboard_panel {
	const struct view *view;
	void *self;
	struct rect area; /* its box; width 0 = not shown */
};

struct dashboard {
	struct dashboard_panel panels[DASHBOARD_VIEWS_MAX];
	int panel_count;
	int slots[LAYOUT_SLOTS]; /* panel of each slot, or DASHBOARD_NONE */
	int focus;		 /* panel that gets the keys while none is zoomed */
	int zoomed;		 /* panel, or DASHBOARD_NONE */
	int turned;		 /* the middle slot that shows where only one fits */
	uint64_t frames;	 /* drawn up to now */
	bool boxed;		 /* at the last draw */
	bool paused;
	bool why; /* the answer to "?" is open */
	enum dashboard_prompt prompt;
	enum dashboard_question question;
	char text[128];	      /* typed into the prompt */
	struct action signal; /* waits for the answer */
	char message[128];    /* of the dashboard itself, until the next key */
};

/* dashboard.c */
int dashboard_active(
	const struct dashboard *dashboard); /* panel that gets the keys, or DASHBOARD_NONE */
struct view_context dashboard_context(const struct dashboard *dashboard,
				      const struct dashboard_state *state, int panel);

/* dashboard_head.c */
void dashboard_draw_head(const struct dashboard *dashboard, const struct dashboard_state *state,
			 struct canvas *canvas, struct rect area);
void dashboard_draw_truth(const struct dashboard *dashboard, const struct dashboard_state *state,
			  struct canvas *canvas, struct rect area);
void dashboard_draw_hints(const struct dashboard_state *state, struct canvas *canvas,
			  struct rect area);

/* dashboard_prompt.c */
void dashboard_draw_prompt(const struct dashboard *dashboard, const struct dashboard_state *state,
			   struct canvas *canvas, struct rect area);
struct action dashboard_prompt_key(struct dashboard *dashboard, const struct dashboard_state *state,
				   int code);
struct action dashboard_question_key(struct dashboard *dashboard, int code);

/* A time to go to: "1:30", "1:02:03" or what unit_parse_duration knows. 0 or -EINVAL. */
int dashboard_parse_time(const char *text, int64_t *time_ns);

/* dashboard_why.c */
void dashboard_draw_why(const struct dashboard *dashboard, const struct dashboard_state *state,
			struct canvas *canvas);

#endif
