/* SPDX-License-Identifier: Apache-2.0 */
/* The canvas: nothing outside its area, nothing unsafe in a cell, wide characters whole or not
 * at all. */
#include "tests/support/cmocka_all.h"

#include "base/memory.h"
#include "base/text.h"
#include "screen/canvas.h"
#include "screen/canvas_ascii.h"
#include "screen/chart.h"
#include "screen/table.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SENTINEL 0x7E

struct dice {
	uint64_t state;
};

static uint32_t roll(struct dice *dice)
{
	dice->state = dice->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(dice->state >> 33);
}

static int between(struct dice *dice, int low, int high)
{
	return low + (int)(roll(dice) % (uint32_t)(high - low + 1));
}

static struct rect whole(const struct canvas *canvas)
{
	return (struct rect){0, 0, canvas->width, canvas->height};
}

static void assert_row(const struct canvas *canvas, int y, const char *expected)
{
	char *text = canvas_row_text(canvas, y);

	assert_string_equal(text, expected);
	free(text);
}

static void a_size_below_one_becomes_one(void **state)
{
	struct canvas canvas = {0};

	(void)state;
	canvas_resize(&canvas, 0, -5);
	assert_int_equal(canvas.width, 1);
	assert_int_equal(canvas.height, 1);
	canvas_finish(&canvas);
	canvas_finish(&canvas);
}

static void a_hostile_size_takes_bounded_memory(void **state)
{
	struct canvas canvas = {0};

	(void)state;
	canvas_resize(&canvas, INT_MAX, 65535);
	assert_true(canvas.capacity <= 1024u * 1024u);
	canvas_finish(&canvas);
}

static void text_is_clipped_on_both_sides_of_its_area(void **state)
{
	struct canvas canvas = {0};
	struct rect area = {2, 0, 3, 1};

	(void)state;
	canvas_resize(&canvas, 10, 1);
	assert_int_equal(canvas_text(&canvas, area, 0, 0, ROLE_VALUE, "abcdef"), 3);
	assert_row(&canvas, 0, "  abc");
	canvas_text(&canvas, area, -2, 0, ROLE_VALUE, "vwxyz");
	assert_row(&canvas, 0, "  xyz");
	assert_int_equal(canvas.cells[2].role, ROLE_VALUE);
	assert_int_equal(canvas.cells[5].role, ROLE_TEXT);
	canvas_finish(&canvas);
}

static void control_characters_never_reach_a_cell(void **state)
{
	struct canvas canvas = {0};

	(void)state;
	canvas_resize(&canvas, 12, 1);
	canvas_text(&canvas, whole(&canvas), 0, 0, ROLE_TEXT,
		    "a\033[2J\n\t\x7f\xc2\x9b\u202e"
		    "b");
	assert_row(&canvas, 0, "a\uFFFD[2J\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDb");
	canvas_put(&canvas, whole(&canvas), 0, 0, ROLE_TEXT, 0x1B);
	assert_int_equal(canvas.cells[0].code_point, 0xFFFD);
	canvas_put(&canvas, whole(&canvas), 0, 0, ROLE_TEXT, 0xD800);
	assert_int_equal(canvas.cells[0].code_point, 0xFFFD);
	canvas_finish(&canvas);
}

static void combining_marks_are_dropped(void **state)
{
	struct canvas canvas = {0};

	(void)state;
	canvas_resize(&canvas, 5, 1);
	assert_int_equal(canvas_text(&canvas, whole(&canvas), 0, 0, ROLE_TEXT, "e\u0301x"), 2);
	assert_row(&canvas, 0, "ex");
	canvas_finish(&canvas);
}

static void a_wide_character_takes_two_columns_or_none(void **state)
{
	struct canvas canvas = {0};

	(void)state;
	canvas_resize(&canvas, 5, 1);
	canvas_text(&canvas, whole(&canvas), 0, 0, ROLE_TEXT, "\u6F22\u5B57\u6F22");
	assert_int_equal(canvas.cells[0].code_point, 0x6F22);
	assert_int_equal(canvas.cells[1].code_point, 0);
	assert_int_equal(canvas.cells[4].code_point, ' ');
	assert_row(&canvas, 0, "\u6F22\u5B57");
	canvas_text(&canvas, whole(&canvas), -1, 0, ROLE_TEXT, "\u6F22x");
	assert_row(&canvas, 0, " x\u5B57");
	canvas_finish(&canvas);
}

static void overwriting_half_a_wide_character_blanks_the_other(void **state)
{
	struct canvas canvas = {0};

	(void)state;
	canvas_resize(&canvas, 4, 1);
	canvas_text(&canvas, whole(&canvas), 0, 0, ROLE_TEXT, "\u6F22\u5B57");
	canvas_put(&canvas, whole(&canvas), 1, 0, ROLE_TEXT, 'x');
	assert_row(&canvas, 0, " x\u5B57");
	canvas_put(&canvas, whole(&canvas), 2, 0, ROLE_TEXT, 'y');
	assert_row(&canvas, 0, " xy");
	canvas_finish(&canvas);
}

static void right_aligned_text_ends_at_its_column_and_is_cut_on_the_left(void **state)
{
	struct canvas canvas = {0};

	(void)state;
	canvas_resize(&canvas, 8, 2);
	canvas_right(&canvas, whole(&canvas), 8, 0, ROLE_VALUE, "1.82");
	assert_row(&canvas, 0, "    1.82");
	canvas_right(&canvas, whole(&canvas), 4, 1, ROLE_VALUE, "123456");
	assert_row(&canvas, 1, "3456");
	canvas_finish(&canvas);
}

static void ascii_mode_shows_likenesses_only(void **state)
{
	struct canvas canvas = {.glyphs = GLYPHS_ASCII};

	(void)state;
	canvas_resize(&canvas, 40, 2);
	canvas_text(&canvas, whole(&canvas), 0, 0, ROLE_TEXT,
		    "\u23001s \u2588\u2584\u2581\u258F \u25BC \u00B7 9\u2026");
	assert_row(&canvas, 0, "avg 1s #=.. v . 9...");
	canvas_text(&canvas, whole(&canvas), 0, 1, ROLE_TEXT,
		    "\u00E4\u6F22\u2500\u256D\u2502\u28FF");
	assert_row(&canvas, 1, "\?\?\?-+|#");
	canvas_right(&canvas, whole(&canvas), 40, 0, ROLE_TEXT, "\u2026");
	assert_int_equal(canvas.cells[37].code_point, '.');
	canvas_finish(&canvas);
}

static void every_likeness_is_short_ascii(void **state)
{
	(void)state;
	for (uint32_t code_point = 0x80; code_point < 0x10000; code_point++) {
		const char *text = canvas_ascii(code_point);

		assert_true(text == NULL || strlen(text) <= 4);
		for (; text != NULL && *text != '\0'; text++)
			assert_in_range(*text, 0x20, 0x7E);
	}
	for (uint32_t code_point = 0x2500; code_point < 0x25A0; code_point++)
		assert_non_null(canvas_ascii(code_point));
}

static void a_box_has_its_title_left_its_key_right_and_tells_its_inside(void **state)
{
	struct canvas canvas = {0};

	(void)state;
	canvas_resize(&canvas, 24, 3);
	struct rect inside = canvas_box(&canvas, whole(&canvas), "power", "1", false);

	assert_row(&canvas, 0,
		   "\u256D\u2500 power \u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500"
		   " 1 \u2500\u256E");
	assert_row(&canvas, 2,
		   "\u2570\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500"
		   "\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u256F");
	assert_int_equal(inside.x, 2);
	assert_int_equal(inside.y, 1);
	assert_int_equal(inside.width, 20);
	assert_int_equal(inside.height, 1);
	assert_int_equal(canvas.cells[3].role, ROLE_TITLE);
	canvas_box(&canvas, whole(&canvas), "power", "1", true);
	assert_int_equal(canvas.cells[3].role, ROLE_ACCENT);
	canvas_finish(&canvas);
}

static void a_title_that_is_cut_says_so(void **state)
{
	struct canvas canvas = {0};

	(void)state;
	canvas_resize(&canvas, 16, 2);
	canvas_box(&canvas, whole(&canvas), "perf per watt", "2", false);
	assert_row(&canvas, 0, "\u256D\u2500 perf \u2026 \u2500 2 \u2500\u256E");
	canvas_finish(&canvas);
}

static void a_box_without_room_has_an_empty_inside(void **state)
{
	struct canvas canvas = {0};

	(void)state;
	canvas_resize(&canvas, 4, 4);
	assert_int_equal(canvas_box(&canvas, (struct rect){0, 0, 1, 4}, "x", "1", false).width, 0);
	assert_int_equal(canvas_box(&canvas, (struct rect){0, 0, 4, 1}, "x", "1", false).height, 0);
	canvas_finish(&canvas);
}

static void a_copy_is_equal_and_its_own(void **state)
{
	struct canvas from = {.glyphs = GLYPHS_BLOCK}, to = {0};

	(void)state;
	canvas_resize(&from, 3, 2);
	canvas_text(&from, whole(&from), 0, 1, ROLE_BAD, "xyz");
	from.cursor_x = 2;
	from.cursor_y = 1;
	canvas_copy(&to, &from);
	canvas_clear(&from);
	assert_row(&to, 1, "xyz");
	assert_int_equal(to.cells[3].role, ROLE_BAD);
	assert_int_equal(to.cursor_x, 2);
	assert_int_equal(to.glyphs, GLYPHS_BLOCK);
	canvas_finish(&from);
	canvas_finish(&to);
}

static void the_screen_text_has_a_line_for_each_row(void **state)
{
	struct canvas canvas = {0};

	(void)state;
	canvas_resize(&canvas, 4, 3);
	canvas_print(&canvas, whole(&canvas), 1, 1, ROLE_TEXT, "%d %s", 1, "b");
	char *text = canvas_screen_text(&canvas);

	assert_string_equal(text, "\n 1 b\n\n");
	free(text);
	canvas_finish(&canvas);
}

/* A call of anything that draws, with arguments that mean nothing. */
static void draw_anything(struct dice *dice, struct canvas *canvas, struct rect area)
{
	static const char *const texts[] = {"",
					    "plain",
					    "\u6F22\u5B57wide",
					    "e\u0301\033[0m",
					    "\xff\xfe",
					    "\u2588\u2026\u2300\u256D"};
	static const struct table_column columns[] = {
		{"PID", 7, true, 0, true}, {"NAME", 0, false, 0, true}, {"W", 6, true, 2, true}};
	static const int offsets[] = {INT_MIN, -1000, -1, 0, 1, 7, 1000, INT_MAX};
	const char *text = texts[roll(dice) % ARRAY_SIZE(texts)];
	int x = roll(dice) % 4 == 0 ? offsets[roll(dice) % ARRAY_SIZE(offsets)]
				    : between(dice, -5, 205);
	int y = roll(dice) % 4 == 0 ? offsets[roll(dice) % ARRAY_SIZE(offsets)]
				    : between(dice, -3, 85);
	enum role role = (enum role)(roll(dice) % ROLE_COUNT);
	double values[64];
	struct table_layout layout;

	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		values[i] = roll(dice) % 5 == 0 ? (double)NAN : between(dice, -10, 110) / 100.0;
	switch (roll(dice) % 12) {
	case 0: canvas_text(canvas, area, x, y, role, text); break;
	case 1: canvas_right(canvas, area, x, y, role, text); break;
	case 2: canvas_put(canvas, area, x, y, role, roll(dice) % 0x120000); break;
	case 3: canvas_fill(canvas, area, role, roll(dice) % 2 ? '.' : 0x6F22); break;
	case 4: canvas_role(canvas, area, x, y, between(dice, -5, 300), role); break;
	case 5: canvas_box(canvas, area, text, texts[roll(dice) % ARRAY_SIZE(texts)], true); break;
	case 6: canvas_print(canvas, area, x, y, role, "%s %d", text, x); break;
	case 7:
		chart_bar(canvas, area, between(dice, -5, 50), y, between(dice, -5, 300), values[0],
			  values[1], role);
		break;
	case 8: chart_area(canvas, area, values, roll(dice) % 65, values[2], role); break;
	case 9:
		chart_line(canvas, area, values, roll(dice) % 65, values[3] * 1000, 60, text, role);
		break;
	case 10: chart_heat(canvas, area, between(dice, -5, 50), y, values, roll(dice) % 65); break;
	default:
		table_layout(columns, ARRAY_SIZE(columns), area.width, &layout);
		table_head(canvas, area, y, columns, ARRAY_SIZE(columns), &layout,
			   between(dice, -1, 2), true);
		table_cell(canvas, area, y, columns, &layout, roll(dice) % 3, role, text);
	}
}

static bool is_inside(struct rect area, int x, int y)
{
	return x >= area.x && y >= area.y && x < area.x + area.width && y < area.y + area.height;
}

static void check_outside_untouched(const struct canvas *canvas, struct rect area)
{
	for (int y = 0; y < canvas->height; y++) {
		for (int x = 0; x < canvas->width; x++) {
			const struct canvas_cell *cell = &canvas->cells[y * canvas->width + x];

			if (!is_inside(area, x, y) &&
			    (cell->code_point != SENTINEL || cell->role != ROLE_BAD))
				fail_msg("%d,%d written, area %d,%d %dx%d", x, y, area.x, area.y,
					 area.width, area.height);
		}
	}
}

/* Every wide character has its right half and no half stands alone. */
static void check_halves(const struct canvas *canvas)
{
	for (int i = 0; i < canvas->width * canvas->height; i++) {
		bool last = (i + 1) % canvas->width == 0;
		uint32_t code_point = canvas->cells[i].code_point;
		bool half_follows = !last && canvas->cells[i + 1].code_point == 0;

		if (code_point == 0)
			assert_true(i % canvas->width > 0 &&
				    text_columns(canvas->cells[i - 1].code_point) == 2);
		else
			assert_int_equal(text_columns(code_point) == 2, half_follows);
	}
}

static void nothing_is_ever_drawn_outside_its_area(void **state)
{
	struct dice dice = {42};

	(void)state;
	for (int width = 1; width <= 200; width += 1 + width / 6) {
		for (int height = 1; height <= 80; height += 1 + height / 4) {
			/* A fresh allocation of the exact size: the address sanitizer sees what
			 * the sentinel cannot. */
			struct canvas canvas = {.glyphs = (enum glyphs)(roll(&dice) % 3)};

			canvas_resize(&canvas, width, height);
			for (int i = 0; i < 12; i++) {
				struct rect area = {between(&dice, -20, width),
						    between(&dice, -20, height),
						    between(&dice, -3, width + 20),
						    between(&dice, -3, height + 20)};

				canvas_fill(&canvas, whole(&canvas), ROLE_BAD, SENTINEL);
				draw_anything(&dice, &canvas, area);
				check_outside_untouched(&canvas, area);
				check_halves(&canvas);
			}
			canvas_finish(&canvas);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_size_below_one_becomes_one),
		cmocka_unit_test(a_hostile_size_takes_bounded_memory),
		cmocka_unit_test(text_is_clipped_on_both_sides_of_its_area),
		cmocka_unit_test(control_characters_never_reach_a_cell),
		cmocka_unit_test(combining_marks_are_dropped),
		cmocka_unit_test(a_wide_character_takes_two_columns_or_none),
		cmocka_unit_test(overwriting_half_a_wide_character_blanks_the_other),
		cmocka_unit_test(right_aligned_text_ends_at_its_column_and_is_cut_on_the_left),
		cmocka_unit_test(ascii_mode_shows_likenesses_only),
		cmocka_unit_test(every_likeness_is_short_ascii),
		cmocka_unit_test(a_box_has_its_title_left_its_key_right_and_tells_its_inside),
		cmocka_unit_test(a_title_that_is_cut_says_so),
		cmocka_unit_test(a_box_without_room_has_an_empty_inside),
		cmocka_unit_test(a_copy_is_equal_and_its_own),
		cmocka_unit_test(the_screen_text_has_a_line_for_each_row),
		cmocka_unit_test(nothing_is_ever_drawn_outside_its_area),
	};

	return cmocka_run_group_tests_name("canvas", tests, NULL, NULL);
}
