/* SPDX-License-Identifier: Apache-2.0 */
/* What a panel looks like: one file under views/, one `const struct view view_NAME` at its end. */
#ifndef JOULETOP_VIEW_H
#define JOULETOP_VIEW_H

#include "base/memory.h"      /* IWYU pragma: export */
#include "base/text.h"	      /* IWYU pragma: export */
#include "base/unit.h"	      /* IWYU pragma: export */
#include "model/books.h"      /* IWYU pragma: export */
#include "model/derive.h"     /* IWYU pragma: export */
#include "model/group.h"      /* IWYU pragma: export */
#include "model/meter.h"      /* IWYU pragma: export */
#include "model/operator.h"   /* IWYU pragma: export */
#include "model/phase.h"      /* IWYU pragma: export */
#include "model/projection.h" /* IWYU pragma: export */
#include "model/roofline.h"   /* IWYU pragma: export */
#include "model/serving.h"    /* IWYU pragma: export */
#include "model/session.h"    /* IWYU pragma: export */
#include "screen/action.h"    /* IWYU pragma: export */
#include "screen/canvas.h"    /* IWYU pragma: export */
#include "screen/chart.h"     /* IWYU pragma: export */
#include "screen/key.h"	      /* IWYU pragma: export */
#include "screen/table.h"     /* IWYU pragma: export */

struct view_context {
	const struct session *session;
	uint64_t
		frame; /* counts what is drawn: subtitle and draw of one frame may share what they find out; 0 = not drawing */
	bool zoomed;   /* has the whole screen */
	bool focused;  /* keys go here */
	bool replay;
	bool live_command; /* a command of ours runs */
};

/* The answer to a key. */
enum view_answer { VIEW_IGNORED, VIEW_HANDLED, VIEW_ACTION /* *action is to be performed */ };

struct view {
	const char *name;	   /* "power" */
	const char *title;	   /* of its box */
	enum command_id zoom;	   /* the command that zooms it; its key stands in the border */
	int min_width, min_height; /* below it the layout drops it */
	size_t private_size;	   /* zeroed memory handed as self */

	/* Draws the inside of its box. Only reads the session. */
	void (*draw)(void *self, const struct view_context *context, struct canvas *canvas,
		     struct rect area);

	/* Text behind the title ("212 · package watts by cycles"); may be NULL. */
	void (*subtitle)(void *self, const struct view_context *context, char *out, size_t size);

	/* A command for the focused view. May be NULL. */
	enum view_answer (*command)(void *self, const struct view_context *context,
				    enum command_id command, struct action *action);

	/* Text typed into the prompt the view asked for (search, filter); NULL = it has none. `done` on Enter. */
	void (*typed)(void *self, const struct view_context *context, const char *text, bool done);

	/* "?": why the selected number is what it is: source, window, quality, reason; lines separated by '\n'. */
	void (*why)(void *self, const struct view_context *context, char *out, size_t size);

	void (*finish)(void *self); /* frees what the private memory points to; may be NULL */
};

#endif
