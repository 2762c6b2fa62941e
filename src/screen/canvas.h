/* SPDX-License-Identifier: Apache-2.0 */
/* A grid of characters with roles. The only thing views draw on; knows no terminal. Pure. */
#ifndef JOULETOP_CANVAS_H
#define JOULETOP_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a cell means; themes give the colours. */
enum role {
	ROLE_TEXT,
	ROLE_DIM,
	ROLE_TITLE,
	ROLE_BORDER,
	ROLE_VALUE,
	ROLE_ACCENT,
	ROLE_GOOD,
	ROLE_WARN,
	ROLE_BAD,
	ROLE_ESTIMATE,
	ROLE_ABSENT,
	ROLE_SELECTION,
	ROLE_HEAT0,
	ROLE_HEAT7 = ROLE_HEAT0 + 7, /* share of its limit */
	ROLE_SERIES0,
	ROLE_SERIES7 = ROLE_SERIES0 + 7,
	ROLE_COUNT
};

struct canvas_cell {
	uint32_t code_point; /* 0 = right half of a wide character */
	uint8_t role;
};

/* Which glyphs may be used. */
enum glyphs { GLYPHS_BRAILLE, GLYPHS_BLOCK, GLYPHS_ASCII };

/* Plain data; cells row by row. */
struct canvas {
	int width, height;
	struct canvas_cell *cells;
	size_t capacity;
	enum glyphs glyphs;
	int cursor_x, cursor_y; /* -1 = hidden */
};

struct rect {
	int x, y, width, height;
};

void canvas_resize(struct canvas *canvas, int width, int height); /* clears; at least 1x1 */
void canvas_finish(struct canvas *canvas);
void canvas_clear(struct canvas *canvas);
void canvas_copy(struct canvas *to, const struct canvas *from);

/* Everything below clips to area (and area to the canvas); coordinates are relative to area. Text is UTF-8; control
 * characters become U+FFFD; in ASCII mode what is not ASCII is replaced by a likeness. Returns the columns used. */
int canvas_text(struct canvas *canvas, struct rect area, int x, int y, enum role role,
		const char *text);
int canvas_print(struct canvas *canvas, struct rect area, int x, int y, enum role role,
		 const char *format, ...) __attribute__((format(printf, 6, 7)));

/* Right-aligned so that the text ends at column x_end - 1; cut on the left when too long. */
int canvas_right(struct canvas *canvas, struct rect area, int x_end, int y, enum role role,
		 const char *text);

/* Draws text word by word, '\n' begins a line; without a canvas (NULL) it only counts. Returns the lines. */
int canvas_wrap(struct canvas *canvas, struct rect area, enum role role, const char *text);

void canvas_put(struct canvas *canvas, struct rect area, int x, int y, enum role role,
		uint32_t code_point);
void canvas_fill(struct canvas *canvas, struct rect area, enum role role, uint32_t code_point);
void canvas_role(struct canvas *canvas, struct rect area, int x, int y, int width,
		 enum role role); /* keeps the text */

/* The character that stands there; 0 = outside, or the right half of a wide one. */
uint32_t canvas_code_point(const struct canvas *canvas, struct rect area, int x, int y);

/* A quiet box with its title left and its key right ("1"); returns the inside. */
struct rect canvas_box(struct canvas *canvas, struct rect area, const char *title, const char *key,
		       bool focused);

/* The text of a row, trailing blanks removed (tests, "save screen"). Owner: caller, free(). */
char *canvas_row_text(const struct canvas *canvas, int y);

/* The whole screen, a line each. Owner: caller, free(). */
char *canvas_screen_text(const struct canvas *canvas);

#endif
