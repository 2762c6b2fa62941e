/* SPDX-License-Identifier: Apache-2.0 */
/* Tables: which columns fit, that no number is ever cut silently, and the cursor. */
#include "tests/support/cmocka_all.h"

#include "base/memory.h"
#include "screen/key.h"
#include "screen/table.h"

#include <stdlib.h>

static const struct table_column columns[] = {
	{"PID", 7, true, 0, true}, {"NAME", 0, false, 0, true}, {"CPU%", 6, true, 1, true},
	{"IPC", 5, true, 3, true}, {"W", 7, true, 0, true},	{"CONTAINER", 12, false, 4, false},
};

#define COUNT ARRAY_SIZE(columns)

static void assert_row(const struct canvas *canvas, int y, const char *expected)
{
	char *text = canvas_row_text(canvas, y);

	assert_string_equal(text, expected);
	free(text);
}

static void the_flexible_column_takes_what_is_left(void **state)
{
	struct table_layout layout;

	(void)state;
	assert_int_equal(table_layout(columns, COUNT, 100, &layout), COUNT);
	assert_int_equal(layout.x[0], 0);
	assert_int_equal(layout.x[1], 8);
	assert_int_equal(layout.width[1], 100 - (7 + 6 + 5 + 7 + 12) - 5);
	assert_int_equal(layout.x[5] + layout.width[5], 100);
}

static void columns_go_in_the_order_of_their_priority(void **state)
{
	struct table_layout layout;

	(void)state;
	table_layout(columns, COUNT, 48, &layout);
	assert_int_equal(layout.x[5], -1);
	assert_true(layout.x[3] >= 0);
	table_layout(columns, COUNT, 35, &layout);
	assert_int_equal(layout.x[3], -1);
	assert_true(layout.x[2] >= 0);
	table_layout(columns, COUNT, 25, &layout);
	assert_int_equal(layout.x[2], -1);
	assert_true(layout.x[4] >= 0);
}

static void shown_columns_never_overlap_nor_leave_the_width(void **state)
{
	(void)state;
	for (int width = -2; width <= 130; width++) {
		struct table_layout layout;
		int shown = table_layout(columns, COUNT, width, &layout), end = 0, seen = 0;

		for (size_t i = 0; i < COUNT; i++) {
			if (layout.x[i] < 0)
				continue;
			assert_true(layout.x[i] >= end);
			assert_true(layout.width[i] >= 1);
			end = layout.x[i] + layout.width[i];
			assert_true(end <= width);
			if (columns[i].right)
				assert_int_equal(layout.width[i], columns[i].width);
			seen++;
		}
		assert_int_equal(seen, shown);
	}
}

static void heads_stand_over_their_columns_and_mark_the_sorted_one(void **state)
{
	struct canvas canvas = {0};
	struct table_layout layout;

	(void)state;
	canvas_resize(&canvas, 40, 2);
	table_layout(columns, COUNT, 40, &layout);
	table_head(&canvas, (struct rect){0, 0, 40, 2}, 0, columns, COUNT, &layout, 4, false);
	assert_row(&canvas, 0, "    PID NAME          CPU%   IPC     W \u25BC");
	table_head(&canvas, (struct rect){0, 0, 40, 2}, 1, columns, COUNT, &layout, 1, true);
	assert_row(&canvas, 1, "    PID NAME \u25B2        CPU%   IPC       W");
	assert_int_equal(canvas.cells[40 + 8].role, ROLE_ACCENT);
	canvas_finish(&canvas);
}

static void a_cut_number_says_that_it_is_cut(void **state)
{
	struct canvas canvas = {0};
	struct table_layout layout;
	struct rect area = {0, 0, 40, 1};

	(void)state;
	canvas_resize(&canvas, 40, 1);
	table_layout(columns, COUNT, 40, &layout);
	table_cell(&canvas, area, 0, columns, &layout, 0, ROLE_VALUE, "123456789");
	table_cell(&canvas, area, 0, columns, &layout, 1, ROLE_TEXT, "a name that is far too long");
	table_cell(&canvas, area, 0, columns, &layout, 4, ROLE_VALUE, "7.21");
	assert_row(&canvas, 0, "\u2026456789 a name tha\u2026                 7.21");
	canvas_finish(&canvas);
}

static void a_dropped_column_draws_nothing(void **state)
{
	struct canvas canvas = {0};
	struct table_layout layout;

	(void)state;
	canvas_resize(&canvas, 40, 1);
	table_layout(columns, COUNT, 25, &layout);
	table_cell(&canvas, (struct rect){0, 0, 40, 1}, 0, columns, &layout, 5, ROLE_TEXT,
		   "train-0");
	assert_row(&canvas, 0, "");
	canvas_finish(&canvas);
}

static void the_cursor_stays_on_a_row_and_on_the_screen(void **state)
{
	struct table_cursor cursor = {90, 70};

	(void)state;
	table_cursor_clamp(&cursor, 50, 10);
	assert_int_equal(cursor.selected, 49);
	assert_int_equal(cursor.top, 40);
	table_cursor_clamp(&cursor, 0, 10);
	assert_int_equal(cursor.selected, 0);
	assert_int_equal(cursor.top, 0);
	table_cursor_clamp(&cursor, 5, 0);
	assert_int_equal(cursor.selected, 0);
}

static void movements_scroll_and_other_commands_do_not(void **state)
{
	struct table_cursor cursor = {0, 0};

	(void)state;
	assert_true(table_cursor_move(&cursor, COMMAND_UP, 100, 10));
	assert_int_equal(cursor.selected, 0);
	assert_true(table_cursor_move(&cursor, COMMAND_PAGE_DOWN, 100, 10));
	assert_int_equal(cursor.selected, 9);
	assert_true(table_cursor_move(&cursor, COMMAND_DOWN, 100, 10));
	assert_int_equal(cursor.top, 1);
	assert_true(table_cursor_move(&cursor, COMMAND_LAST, 100, 10));
	assert_int_equal(cursor.selected, 99);
	assert_int_equal(cursor.top, 90);
	assert_true(table_cursor_move(&cursor, COMMAND_FIRST, 100, 10));
	assert_int_equal(cursor.top, 0);
	assert_false(table_cursor_move(&cursor, COMMAND_SORT, 100, 10));
	assert_true(table_cursor_move(&cursor, COMMAND_LAST, 0, 10));
	assert_int_equal(cursor.selected, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_flexible_column_takes_what_is_left),
		cmocka_unit_test(columns_go_in_the_order_of_their_priority),
		cmocka_unit_test(shown_columns_never_overlap_nor_leave_the_width),
		cmocka_unit_test(heads_stand_over_their_columns_and_mark_the_sorted_one),
		cmocka_unit_test(a_cut_number_says_that_it_is_cut),
		cmocka_unit_test(a_dropped_column_draws_nothing),
		cmocka_unit_test(the_cursor_stays_on_a_row_and_on_the_screen),
		cmocka_unit_test(movements_scroll_and_other_commands_do_not),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
