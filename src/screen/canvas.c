/* SPDX-License-Identifier: Apache-2.0 */
/* The grid of characters: all clipping, cleaning and replacing of characters happens here. */
#include "screen/canvas.h"

#include "base/memory.h"
#include "base/text.h"
#include "screen/canvas_ascii.h"

#include <assert.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT 0xFFFDu

/* No terminal is larger; a hostile window size must not take the memory. */
#define CANVAS_SIDE_MAX 1024

/* The visible part of an area in canvas coordinates; `long` because callers may add anything to
 * anything. */
struct clip {
	long left, top, right, bottom;
};

static long at_least(long value, long least)
{
	return value < least ? least : value;
}

static long at_most(long value, long most)
{
	return value > most ? most : value;
}

static struct clip clip_of(const struct canvas *canvas, struct rect area)
{
	return (struct clip){
		.left = at_least(area.x, 0),
		.top = at_least(area.y, 0),
		.right = at_most((long)area.x + area.width, canvas->width),
		.bottom = at_most((long)area.y + area.height, canvas->height),
	};
}

static struct canvas_cell *cell_at(const struct canvas *canvas, long x, long y)
{
	return &canvas->cells[(size_t)y * (size_t)canvas->width + (size_t)x];
}

void canvas_resize(struct canvas *canvas, int width, int height)
{
	canvas->width = (int)at_most(at_least(width, 1), CANVAS_SIDE_MAX);
	canvas->height = (int)at_most(at_least(height, 1), CANVAS_SIDE_MAX);

	size_t need = (size_t)canvas->width * (size_t)canvas->height;

	if (canvas->cells == NULL || need > canvas->capacity) {
		canvas->cells = memory_resize(canvas->cells, need, sizeof(*canvas->cells));
		canvas->capacity = need;
	}
	canvas_clear(canvas);
}

void canvas_finish(struct canvas *canvas)
{
	if (canvas == NULL)
		return;
	free(canvas->cells);
	*canvas = (struct canvas){0};
}

void canvas_clear(struct canvas *canvas)
{
	size_t count = (size_t)canvas->width * (size_t)canvas->height;

	for (size_t i = 0; i < count; i++)
		canvas->cells[i] = (struct canvas_cell){.code_point = ' ', .role = ROLE_TEXT};
	canvas->cursor_x = -1;
	canvas->cursor_y = -1;
}

void canvas_copy(struct canvas *to, const struct canvas *from)
{
	assert(from->cells != NULL);
	if (to->width != from->width || to->height != from->height || to->cells == NULL)
		canvas_resize(to, from->width, from->height);
	memcpy(to->cells, from->cells,
	       (size_t)from->width * (size_t)from->height * sizeof(*to->cells));
	to->glyphs = from->glyphs;
	to->cursor_x = from->cursor_x;
	to->cursor_y = from->cursor_y;
}

/* What must never reach a terminal: controls, and marks that turn or hide the text around them. */
static bool is_unsafe(uint32_t code_point)
{
	return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0) ||
	       (code_point >= 0x200B && code_point <= 0x200F) ||
	       (code_point >= 0x2028 && code_point <= 0x202E) ||
	       (code_point >= 0x2060 && code_point <= 0x206F) ||
	       (code_point >= 0xD800 && code_point <= 0xDFFF) || code_point == 0xFEFF ||
	       (code_point >= 0xFFF9 && code_point <= 0xFFFB) || code_point >= 0xE0000;
}

/* A cell is about to be overwritten: the other half of a wide character there becomes a blank. */
static void split_wide(struct canvas *canvas, long x, long y)
{
	struct canvas_cell *cell = cell_at(canvas, x, y);

	if (cell->code_point == 0 && x > 0)
		cell[-1].code_point = ' ';
	if (x + 1 < canvas->width && cell[1].code_point == 0)
		cell[1].code_point = ' ';
}

static void set_cell(struct canvas *canvas, long x, long y, enum role role, uint32_t code_point)
{
	split_wide(canvas, x, y);
	*cell_at(canvas, x, y) =
		(struct canvas_cell){.code_point = code_point, .role = (uint8_t)role};
}

/* Puts one character of 1 or 2 columns at absolute x, y; a wide one that is cut becomes a blank. */
static void set_character(struct canvas *canvas, const struct clip *clip, long x, long y,
			  enum role role, uint32_t code_point, int columns)
{
	if (y < clip->top || y >= clip->bottom)
		return;

	bool first = x >= clip->left && x < clip->right;
	bool second = columns == 2 && x + 1 >= clip->left && x + 1 < clip->right;
	bool whole = columns == 1 || (first && second);

	if (first)
		set_cell(canvas, x, y, role, whole ? code_point : ' ');
	if (second)
		set_cell(canvas, x + 1, y, role, ' ');
	if (second && whole)
		cell_at(canvas, x + 1, y)->code_point = 0;
}

/* The characters to draw for one code point in ASCII mode. */
static const char *likeness(uint32_t code_point)
{
	const char *text = canvas_ascii(code_point);

	if (text != NULL)
		return text;
	return text_columns(code_point) == 2 ? "??" : "?";
}

/* Draws one code point with its pen at absolute x; returns the columns it took. */
static int draw_code_point(struct canvas *canvas, const struct clip *clip, long x, long y,
			   enum role role, uint32_t code_point)
{
	if (is_unsafe(code_point))
		code_point = REPLACEMENT;

	int columns = text_columns(code_point);

	if (columns <= 0)
		return 0;
	if (canvas->glyphs != GLYPHS_ASCII || code_point < 0x80) {
		set_character(canvas, clip, x, y, role, code_point, columns);
		return columns;
	}

	int used = 0;

	for (const char *text = likeness(code_point); *text != '\0'; text++)
		set_character(canvas, clip, x + used++, y, role, (unsigned char)*text, 1);
	return used;
}

int canvas_text(struct canvas *canvas, struct rect area, int x, int y, enum role role,
		const char *text)
{
	struct clip clip = clip_of(canvas, area);
	long start = (long)area.x + x, pen = start, row = (long)area.y + y;

	while (*text != '\0' && pen < clip.right) {
		uint32_t code_point;

		text += text_decode(text, &code_point);
		pen += draw_code_point(canvas, &clip, pen, row, role, code_point);
	}
	return (int)at_most(at_most(pen, at_least(clip.right, start)) - start, INT_MAX);
}

int canvas_print(struct canvas *canvas, struct rect area, int x, int y, enum role role,
		 const char *format, ...)
{
	char text[4 * CANVAS_SIDE_MAX];
	va_list arguments;

	va_start(arguments, format);
	int length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return length < 0 ? 0 : canvas_text(canvas, area, x, y, role, text);
}

/* Columns of a text as this canvas would draw it. */
static long drawn_width(const struct canvas *canvas, const char *text)
{
	static const struct clip nowhere = {0};
	struct canvas scratch = {.glyphs = canvas->glyphs};
	long width = 0;

	while (*text != '\0') {
		uint32_t code_point;

		text += text_decode(text, &code_point);
		width += draw_code_point(&scratch, &nowhere, 0, 0, ROLE_TEXT, code_point);
	}
	return width;
}

int canvas_right(struct canvas *canvas, struct rect area, int x_end, int y, enum role role,
		 const char *text)
{
	long width = drawn_width(canvas, text);
	long x = at_least((long)x_end - width, INT_MIN);

	canvas_text(canvas, area, (int)x, y, role, text);
	return (int)at_most(at_most(width, at_least(x_end, 0)), INT_MAX);
}

void canvas_put(struct canvas *canvas, struct rect area, int x, int y, enum role role,
		uint32_t code_point)
{
	struct clip clip = clip_of(canvas, area);
	long column = (long)area.x + x, row = (long)area.y + y;

	if (code_point == 0 || is_unsafe(code_point))
		code_point = code_point == 0 ? ' ' : REPLACEMENT;
	if (canvas->glyphs == GLYPHS_ASCII && code_point >= 0x80) {
		const char *text = likeness(code_point);

		code_point = *text == '\0' ? ' ' : (unsigned char)*text;
	}

	int columns = text_columns(code_point);

	if (columns > 0)
		set_character(canvas, &clip, column, row, role, code_point, columns);
}

void canvas_fill(struct canvas *canvas, struct rect area, enum role role, uint32_t code_point)
{
	struct clip clip = clip_of(canvas, area);

	if (clip.left >= clip.right || clip.top >= clip.bottom)
		return;

	struct rect seen = {(int)clip.left, (int)clip.top, (int)(clip.right - clip.left),
			    (int)(clip.bottom - clip.top)};

	for (int y = 0; y < seen.height; y++)
		for (int x = 0; x < seen.width; x++)
			canvas_put(canvas, seen, x, y, role, code_point);
}

void canvas_role(struct canvas *canvas, struct rect area, int x, int y, int width, enum role role)
{
	struct clip clip = clip_of(canvas, area);
	long row = (long)area.y + y, from = (long)area.x + x, to = from + width;

	if (row < clip.top || row >= clip.bottom)
		return;
	for (long column = at_least(from, clip.left); column < at_most(to, clip.right); column++)
		cell_at(canvas, column, row)->role = (uint8_t)role;
}

uint32_t canvas_code_point(const struct canvas *canvas, struct rect area, int x, int y)
{
	struct clip clip = clip_of(canvas, area);
	long column = (long)area.x + x, row = (long)area.y + y;

	if (column < clip.left || column >= clip.right || row < clip.top || row >= clip.bottom)
		return 0;
	return cell_at(canvas, column, row)->code_point;
}

static void draw_frame(struct canvas *canvas, struct rect area, enum role role)
{
	int right = area.width - 1, bottom = area.height - 1;

	for (int x = 1; x < right && x < CANVAS_SIDE_MAX; x++) {
		canvas_put(canvas, area, x, 0, role, 0x2500);
		canvas_put(canvas, area, x, bottom, role, 0x2500);
	}
	for (int y = 1; y < bottom && y < CANVAS_SIDE_MAX; y++) {
		canvas_put(canvas, area, 0, y, role, 0x2502);
		canvas_put(canvas, area, right, y, role, 0x2502);
	}
	canvas_put(canvas, area, 0, 0, role, 0x256D);
	canvas_put(canvas, area, right, 0, role, 0x256E);
	canvas_put(canvas, area, 0, bottom, role, 0x2570);
	canvas_put(canvas, area, right, bottom, role, 0x256F);
}

struct rect canvas_box(struct canvas *canvas, struct rect area, const char *title, const char *key,
		       bool focused)
{
	if (area.width < 2 || area.height < 2)
		return (struct rect){area.x, area.y, 0, 0};
	draw_frame(canvas, area, focused ? ROLE_ACCENT : ROLE_BORDER);

	int key_width = (int)at_most(drawn_width(canvas, key), CANVAS_SIDE_MAX);
	bool with_key = key_width > 0 && area.width >= key_width + 8;
	int title_end = area.width - 2 - (with_key ? key_width + 3 : 0);

	if (with_key) {
		canvas_put(canvas, area, area.width - key_width - 4, 0, ROLE_BORDER, ' ');
		canvas_text(canvas, area, area.width - key_width - 3, 0, ROLE_DIM, key);
		canvas_put(canvas, area, area.width - 3, 0, ROLE_BORDER, ' ');
	}
	if (*title != '\0' && title_end > 4) {
		struct rect room = {area.x + 3, area.y, title_end - 4, 1};
		enum role role = focused ? ROLE_ACCENT : ROLE_TITLE;
		int used = canvas_text(canvas, room, 0, 0, role, title);

		if (drawn_width(canvas, title) > room.width)
			canvas_put(canvas, room, room.width - 1, 0, role, 0x2026);
		canvas_put(canvas, area, 2, 0, ROLE_BORDER, ' ');
		canvas_put(canvas, area, 3 + used, 0, ROLE_BORDER, ' ');
	}

	int padding = area.width >= 6 ? 1 : 0;

	return (struct rect){area.x + 1 + padding, area.y + 1, area.width - 2 - 2 * padding,
			     area.height - 2};
}

char *canvas_row_text(const struct canvas *canvas, int y)
{
	char *text = memory_zeroed((size_t)canvas->width * 4 + 1, 1);
	size_t length = 0, end = 0;

	for (int x = 0; y >= 0 && y < canvas->height && x < canvas->width; x++) {
		uint32_t code_point = cell_at(canvas, x, y)->code_point;
		char bytes[5];

		if (code_point == 0)
			continue;
		size_t size = text_encode(code_point, bytes);

		memcpy(text + length, bytes, size);
		length += size;
		if (code_point != ' ')
			end = length;
	}
	text[end] = '\0';
	return text;
}

char *canvas_screen_text(const struct canvas *canvas)
{
	char *text = memory_zeroed((size_t)canvas->height * ((size_t)canvas->width * 4 + 1) + 1, 1);
	size_t length = 0;

	for (int y = 0; y < canvas->height; y++) {
		char *row = canvas_row_text(canvas, y);
		size_t size = strlen(row);

		memcpy(text + length, row, size);
		text[length + size] = '\n';
		length += size + 1;
		free(row);
	}
	return text;
}
