/* SPDX-License-Identifier: Apache-2.0 */
/* Draws one view onto a canvas and compares what stands there. */
#ifndef JOULETOP_TEST_DRAWING_H
#define JOULETOP_TEST_DRAWING_H

#include "screen/view.h"

struct drawing {
	const struct view *view;
	void *self;
	struct view_context context;
	struct canvas canvas;
	char *text;
};

void drawing_start(struct drawing *drawing, const struct view *view, const struct session *session);
void drawing_stop(struct drawing *drawing);

/* The screen after a draw, trailing blanks removed; valid until the next call. */
const char *drawing_text(struct drawing *drawing, int width, int height);

/* One row of the last draw, trailing blanks removed; valid until the next call. */
const char *drawing_row(struct drawing *drawing, int y);

/* The first row of the last draw that contains the text; -1 = none. */
int drawing_find(struct drawing *drawing, const char *text);

/* Gives a command to the view. */
enum view_answer drawing_command(struct drawing *drawing, enum command_id command,
				 struct action *action);

/* What stands behind the title; valid until the next call. */
const char *drawing_subtitle(struct drawing *drawing);

/* The answer to "?"; valid until the next call. */
const char *drawing_why(struct drawing *drawing);

#endif
