/* SPDX-License-Identifier: Apache-2.0 */
/* A dashboard on a ready session, with views that only remember what they were told. */
#ifndef JOULETOP_TEST_DASHBOARD_STAGE_H
#define JOULETOP_TEST_DASHBOARD_STAGE_H

#include "tests/support/sessions.h"

#include "screen/dashboard_private.h"

/* What a fake view was last told. */
struct stage_memory {
	int width, height;
	bool zoomed, focused;
	enum command_id command;
	char typed[64];
	bool done;
};

enum stage_view {
	STAGE_POWER,
	STAGE_EFFICIENCY,
	STAGE_FREQUENCY,
	STAGE_THREADS,
	STAGE_SOURCES,
	STAGE_HELP,
	STAGE_VIEWS
};

/* The views draw "inside NAME"; only the threads take commands and text and say why. */
struct stage_fakes {
	struct stage_memory *memories[STAGE_VIEWS]; /* NULL before the first draw */
	enum view_answer answers[COMMAND_COUNT];    /* of the threads */
	struct action action;			    /* with VIEW_ACTION */
	int finished;				    /* calls of finish; only power has it */
};
extern struct stage_fakes stage_fakes;
extern const struct view stage_power, stage_threads;

/* The efficiency view again, but it needs 60 columns. */
extern const struct view stage_wide_efficiency;

struct stage {
	struct sessions sessions;
	struct dashboard *dashboard;
	struct dashboard_state state;
	struct canvas canvas;
	char *text;
};

/* Set up and tear down of a cmocka test; *state is a struct stage. */
int stage_start(void **state);
int stage_stop(void **state);

/* The screen at a size, or a row of the last one; valid until the next call of either. */
const char *stage_screen(struct stage *stage, int width, int height);
const char *stage_row(struct stage *stage, int y);

struct action stage_press(struct stage *stage, int code);
void stage_type(struct stage *stage, const char *text);

void stage_assert_shows(const char *text, const char *part);
void stage_assert_hides(const char *text, const char *part);

#endif
