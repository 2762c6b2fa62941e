/* SPDX-License-Identifier: Apache-2.0 */
/* Columns that fit, heads, cells, and the cursor over rows. */
#include "screen/table.h"

#include "base/text.h"
#include "screen/key.h"

#include <assert.h>

#define FLEXIBLE_LEAST 8
#define GAP	       1

static int needed(const struct table_column *column)
{
	return column->width > 0 ? column->width : FLEXIBLE_LEAST;
}

/* The column that goes next when space goes: largest priority, of equals the rightmost; count =
 * none may go. */
static size_t next_to_drop(const struct table_column *columns, size_t count,
			   const struct table_layout *layout)
{
	size_t found = count;

	for (size_t i = 0; i < count; i++) {
		if (layout->x[i] < 0 || columns[i].priority <= 0)
			continue;
		if (found == count || columns[i].priority >= columns[found].priority)
			found = i;
	}
	return found;
}

/* Columns taken by all that is still shown, gaps included. */
static int total_width(const struct table_column *columns, size_t count,
		       const struct table_layout *layout)
{
	int total = 0;

	for (size_t i = 0; i < count; i++)
		if (layout->x[i] >= 0)
			total += needed(&columns[i]) + (total > 0 ? GAP : 0);
	return total;
}

/* Numbers that do not fit whole are dropped: a cut number is another number. Text may be cut. */
static int place(const struct table_column *columns, size_t count, int width, int spare,
		 struct table_layout *layout)
{
	int x = 0, shown = 0;

	for (size_t i = 0; i < count; i++) {
		if (layout->x[i] < 0)
			continue;

		int want = columns[i].width > 0 ? columns[i].width : FLEXIBLE_LEAST + spare;
		int room = width - x;

		if (want > room && !columns[i].right && room > 0)
			want = room;
		if (want < 1 || want > room) {
			layout->x[i] = -1;
			continue;
		}
		layout->x[i] = x;
		layout->width[i] = want;
		x += want + GAP;
		shown++;
	}
	return shown;
}

int table_layout(const struct table_column *columns, size_t count, int width,
		 struct table_layout *layout)
{
	assert(count <= TABLE_COLUMNS_MAX);
	for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++) {
		layout->x[i] = i < count ? 0 : -1;
		layout->width[i] = 0;
	}

	int total = total_width(columns, count, layout);

	while (total > width) {
		size_t dropped = next_to_drop(columns, count, layout);

		if (dropped == count)
			break;
		layout->x[dropped] = -1;
		total = total_width(columns, count, layout);
	}
	/* Without room for its least width the flexible column gives way, so that the numbers
	 * behind it stay. */
	int spare = width - total;

	return place(columns, count, width, spare > -FLEXIBLE_LEAST ? spare : 1 - FLEXIBLE_LEAST,
		     layout);
}

void table_cell(struct canvas *canvas, struct rect area, int y, const struct table_column *columns,
		const struct table_layout *layout, size_t column, enum role role, const char *text)
{
	if (layout->x[column] < 0 || y < 0 || y >= area.height)
		return;

	int width = layout->width[column];
	bool right = columns[column].right;
	struct rect room = {area.x + layout->x[column], area.y + y, width, 1};

	if (room.x + width > area.x + area.width)
		room.width = area.x + area.width - room.x;
	if (right)
		canvas_right(canvas, room, width, 0, role, text);
	else
		canvas_text(canvas, room, 0, 0, role, text);
	if (text_width(text) > width)
		canvas_put(canvas, room, right ? 0 : width - 1, 0, role, 0x2026);
}

void table_head(struct canvas *canvas, struct rect area, int y, const struct table_column *columns,
		size_t count, const struct table_layout *layout, int sorted, bool ascending)
{
	const char *mark = ascending ? "\u25B2" : "\u25BC";

	for (size_t i = 0; i < count; i++) {
		char text[64];
		int spare = layout->width[i] - text_width(columns[i].head);

		if (sorted < 0 || i != (size_t)sorted || spare < 1) {
			table_cell(canvas, area, y, columns, layout, i,
				   sorted >= 0 && i == (size_t)sorted ? ROLE_ACCENT : ROLE_TITLE,
				   columns[i].head);
			continue;
		}
		text_print(text, sizeof(text), "%s%s%s", columns[i].head, spare > 1 ? " " : "",
			   mark);
		table_cell(canvas, area, y, columns, layout, i, ROLE_ACCENT, text);
	}
}

void table_cursor_clamp(struct table_cursor *cursor, size_t count, size_t visible)
{
	size_t last_top = count > visible ? count - visible : 0;

	if (cursor->selected >= count)
		cursor->selected = count > 0 ? count - 1 : 0;
	if (cursor->top > last_top)
		cursor->top = last_top;
	if (cursor->selected < cursor->top)
		cursor->top = cursor->selected;
	if (visible > 0 && cursor->selected - cursor->top >= visible)
		cursor->top = cursor->selected - visible + 1;
}

static void move_by(struct table_cursor *cursor, size_t distance, bool down)
{
	if (down)
		cursor->selected += distance;
	else
		cursor->selected -= distance < cursor->selected ? distance : cursor->selected;
}

bool table_cursor_move(struct table_cursor *cursor, int command, size_t count, size_t visible)
{
	size_t page = visible > 1 ? visible - 1 : 1;
	bool moved = true;

	if (command == COMMAND_UP || command == COMMAND_DOWN)
		move_by(cursor, 1, command == COMMAND_DOWN);
	else if (command == COMMAND_PAGE_UP || command == COMMAND_PAGE_DOWN)
		move_by(cursor, page, command == COMMAND_PAGE_DOWN);
	else if (command == COMMAND_FIRST)
		cursor->selected = 0;
	else if (command == COMMAND_LAST)
		cursor->selected = count > 0 ? count - 1 : 0;
	else
		moved = false;
	table_cursor_clamp(cursor, count, visible);
	return moved;
}
