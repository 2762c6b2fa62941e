/* SPDX-License-Identifier: Apache-2.0 */
/* Columns with fixed places: which fit a width, their heads, sorting, scrolling, selection. Pure. */
#ifndef JOULETOP_TABLE_H
#define JOULETOP_TABLE_H

#include "screen/canvas.h"

struct table_column {
	const char *head;
	int width;    /* 0 = takes what is left (one column at most) */
	bool right;   /* aligned right */
	int priority; /* 0 = never dropped; larger ones are dropped first when space goes */
	bool sortable;
};

#define TABLE_COLUMNS_MAX 24

/* Where each column stands in a width: x[i] = -1 when dropped; widths resolved. Returns how many are shown. */
struct table_layout {
	int x[TABLE_COLUMNS_MAX], width[TABLE_COLUMNS_MAX];
};
int table_layout(const struct table_column *columns, size_t count, int width,
		 struct table_layout *layout);

/* The head line; the sorted column gets its mark ("▼" / "▲"). sorted -1 = none. */
void table_head(struct canvas *canvas, struct rect area, int y, const struct table_column *columns,
		size_t count, const struct table_layout *layout, int sorted, bool ascending);

/* A cell of a row; a column that was dropped and a row outside of the area take nothing. */
void table_cell(struct canvas *canvas, struct rect area, int y, const struct table_column *columns,
		const struct table_layout *layout, size_t column, enum role role, const char *text);

/* A cursor over rows that scroll: keeps 0 <= selected < count and the selected row within `visible`. */
struct table_cursor {
	size_t selected, top;
};
void table_cursor_clamp(struct table_cursor *cursor, size_t count, size_t visible);

/* Moves by a command of movement (key.h: COMMAND_UP, COMMAND_PAGE_DOWN...); true when it was one. */
bool table_cursor_move(struct table_cursor *cursor, int command, size_t count, size_t visible);

#endif
