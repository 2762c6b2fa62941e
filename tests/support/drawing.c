/* SPDX-License-Identifier: Apache-2.0 */
/* Draws one view onto a canvas and gives back what stands there. */
#include "tests/support/drawing.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_SIZE 2048

void drawing_start(struct drawing *drawing, const struct view *view, const struct session *session)
{
	*drawing = (struct drawing){
		.view = view,
		.self = memory_zeroed(1, view->private_size),
		.context = {.session = session, .focused = true},
	};
}

void drawing_stop(struct drawing *drawing)
{
	if (drawing->view->finish)
		drawing->view->finish(drawing->self);
	free(drawing->self);
	free(drawing->text);
	canvas_finish(&drawing->canvas);
}

const char *drawing_text(struct drawing *drawing, int width, int height)
{
	canvas_resize(&drawing->canvas, width, height);
	drawing->view->draw(drawing->self, &drawing->context, &drawing->canvas,
			    (struct rect){0, 0, width, height});
	free(drawing->text);
	drawing->text = canvas_screen_text(&drawing->canvas);
	return drawing->text;
}

const char *drawing_row(struct drawing *drawing, int y)
{
	free(drawing->text);
	drawing->text = canvas_row_text(&drawing->canvas, y);
	return drawing->text;
}

int drawing_find(struct drawing *drawing, const char *text)
{
	for (int y = 0; y < drawing->canvas.height; y++) {
		if (strstr(drawing_row(drawing, y), text))
			return y;
	}
	return -1;
}

enum view_answer drawing_command(struct drawing *drawing, enum command_id command,
				 struct action *action)
{
	struct action none;

	return drawing->view->command(drawing->self, &drawing->context, command,
				      action ? action : &none);
}

static char *fresh_text(struct drawing *drawing)
{
	free(drawing->text);
	drawing->text = memory_zeroed(1, TEXT_SIZE);
	return drawing->text;
}

const char *drawing_subtitle(struct drawing *drawing)
{
	drawing->view->subtitle(drawing->self, &drawing->context, fresh_text(drawing), TEXT_SIZE);
	return drawing->text;
}

const char *drawing_why(struct drawing *drawing)
{
	drawing->view->why(drawing->self, &drawing->context, fresh_text(drawing), TEXT_SIZE);
	return drawing->text;
}
