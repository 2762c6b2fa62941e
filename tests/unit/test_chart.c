/* SPDX-License-Identifier: Apache-2.0 */
/* Charts: known values are seen, gaps are blank, the newest stands at the right edge. */
#include "tests/support/cmocka_all.h"

#include "base/memory.h"
#include "screen/chart.h"

#include <math.h>
#include <stdlib.h>

static struct canvas canvas_of(int width, int height, enum glyphs glyphs)
{
	struct canvas canvas = {.glyphs = glyphs};

	canvas_resize(&canvas, width, height);
	return canvas;
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

static void check_bar(enum glyphs glyphs, double ratio, double band, const char *expected)
{
	struct canvas canvas = canvas_of(10, 1, glyphs);

	chart_bar(&canvas, whole(&canvas), 0, 0, 8, ratio, band, ROLE_ACCENT);
	assert_row(&canvas, 0, expected);
	canvas_finish(&canvas);
}

static void a_bar_is_exact_to_an_eighth_of_a_column(void **state)
{
	(void)state;
	check_bar(GLYPHS_BLOCK, 0, NAN, "");
	check_bar(GLYPHS_BLOCK, 0.5, NAN, "\u2588\u2588\u2588\u2588");
	check_bar(GLYPHS_BLOCK, 33.0 / 64, NAN, "\u2588\u2588\u2588\u2588\u258F");
	check_bar(GLYPHS_BLOCK, 1, NAN, "\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588");
	check_bar(GLYPHS_BLOCK, 7, NAN, "\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588");
	check_bar(GLYPHS_ASCII, 33.0 / 64, NAN, "####.");
}

static void a_small_value_is_not_nothing(void **state)
{
	(void)state;
	check_bar(GLYPHS_BLOCK, 1e-9, NAN, "\u258F");
}

static void an_unknown_bar_is_blank(void **state)
{
	(void)state;
	check_bar(GLYPHS_BLOCK, NAN, NAN, "");
	check_bar(GLYPHS_BLOCK, -1, NAN, "");
}

static void the_band_of_an_estimate_is_lighter_than_its_bar(void **state)
{
	struct canvas canvas = canvas_of(8, 1, GLYPHS_BLOCK);

	(void)state;
	chart_bar(&canvas, whole(&canvas), 0, 0, 8, 0.25, 0.75, ROLE_ESTIMATE);
	assert_row(&canvas, 0, "\u2588\u2588\u2591\u2591\u2591\u2591");
	assert_int_equal(canvas.cells[1].role, ROLE_ESTIMATE);
	assert_int_equal(canvas.cells[2].role, ROLE_DIM);
	canvas_finish(&canvas);
}

static void an_area_shows_the_newest_at_the_right_edge(void **state)
{
	static const double values[] = {8, 0, 4, NAN, 8};
	struct canvas block = canvas_of(3, 1, GLYPHS_BLOCK), ascii = canvas_of(7, 1, GLYPHS_ASCII);

	(void)state;
	chart_area(&block, whole(&block), values, ARRAY_SIZE(values), 8, ROLE_ACCENT);
	assert_row(&block, 0, "\u2584 \u2588");
	chart_area(&ascii, whole(&ascii), values, ARRAY_SIZE(values), 8, ROLE_ACCENT);
	assert_row(&ascii, 0, "  #.= #");
	canvas_finish(&block);
	canvas_finish(&ascii);
}

static void a_known_zero_is_seen_and_a_gap_is_not(void **state)
{
	static const double values[] = {0, 0, NAN, NAN, 0, NAN};
	struct canvas canvas = canvas_of(3, 2, GLYPHS_BRAILLE);

	(void)state;
	chart_area(&canvas, whole(&canvas), values, ARRAY_SIZE(values), 100, ROLE_ACCENT);
	assert_row(&canvas, 0, "");
	assert_row(&canvas, 1, "\u28C0 \u2840");
	canvas_finish(&canvas);
}

static void braille_holds_two_values_in_a_column(void **state)
{
	static const double values[] = {1, 2, 3, 4};
	struct canvas canvas = canvas_of(2, 1, GLYPHS_BRAILLE);

	(void)state;
	assert_int_equal(chart_area_values(&canvas, whole(&canvas)), 4);
	chart_area(&canvas, whole(&canvas), values, 4, 4, ROLE_ACCENT);
	assert_row(&canvas, 0, "\u28E0\u28FE");
	canvas.glyphs = GLYPHS_BLOCK;
	assert_int_equal(chart_area_values(&canvas, whole(&canvas)), 2);
	canvas_finish(&canvas);
}

static void a_line_has_labels_ticks_and_now(void **state)
{
	struct canvas canvas = canvas_of(46, 7, GLYPHS_ASCII);
	double values[40];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		values[i] = 2;
	assert_int_equal(chart_line_values(&canvas, whole(&canvas)), 40);
	chart_line(&canvas, whole(&canvas), values, ARRAY_SIZE(values), 2, 60, "", ROLE_ACCENT);
	assert_row(&canvas, 0, "    2+''''''''''''''''''''''''''''''''''''''''");
	assert_row(&canvas, 2, "    1+");
	assert_row(&canvas, 3, "     |");
	assert_row(&canvas, 5, "    0+----------+---------+---------+---------");
	assert_row(&canvas, 6, "     -60s      -45       -30       -15     now");
	canvas_finish(&canvas);
}

static void a_long_span_is_said_in_minutes(void **state)
{
	struct canvas canvas = canvas_of(46, 5, GLYPHS_ASCII);

	(void)state;
	chart_line(&canvas, whole(&canvas), NULL, 0, 500, 600, "GFLOP/J", ROLE_ACCENT);
	assert_row(&canvas, 0, "  500+ GFLOP/J");
	assert_row(&canvas, 4, "     -10m     -7.5       -5       -2.5     now");
	canvas_finish(&canvas);
}

static void a_step_in_a_line_leaves_no_hole(void **state)
{
	static const double values[] = {0, 0, 8, 8};
	struct canvas canvas = canvas_of(4, 2, GLYPHS_ASCII);

	(void)state;
	chart_line(&canvas, whole(&canvas), values, 4, 8, 60, "", ROLE_ACCENT);
	assert_row(&canvas, 0, "  :'");
	assert_row(&canvas, 1, "..'");
	canvas_finish(&canvas);
}

static void a_gap_breaks_a_line(void **state)
{
	static const double values[] = {8, NAN, 0, 0};
	struct canvas canvas = canvas_of(2, 1, GLYPHS_BRAILLE);

	(void)state;
	chart_line(&canvas, whole(&canvas), values, 4, 8, 60, "", ROLE_ACCENT);
	assert_row(&canvas, 0, "\u2801\u28C0");
	canvas_finish(&canvas);
}

static void a_small_area_keeps_the_line_and_drops_the_axes(void **state)
{
	struct canvas canvas = canvas_of(10, 2, GLYPHS_BLOCK);

	(void)state;
	assert_int_equal(chart_line_values(&canvas, whole(&canvas)), 10);
	canvas_finish(&canvas);
}

static void heat_is_the_share_of_a_limit(void **state)
{
	static const double ratios[] = {0, 0.5, 1, 3, NAN};
	struct canvas canvas = canvas_of(5, 1, GLYPHS_BLOCK);

	(void)state;
	chart_heat(&canvas, whole(&canvas), 0, 0, ratios, ARRAY_SIZE(ratios));
	assert_row(&canvas, 0, "\u2581\u2584\u2588\u2588\u00B7");
	assert_int_equal(canvas.cells[0].role, ROLE_HEAT0);
	assert_int_equal(canvas.cells[2].role, ROLE_HEAT7);
	assert_int_equal(canvas.cells[4].role, ROLE_ABSENT);
	canvas_finish(&canvas);
}

static void ceilings_are_round_and_not_below(void **state)
{
	(void)state;
	assert_true(chart_ceiling(412) == 500);
	assert_true(chart_ceiling(500) == 500);
	assert_true(chart_ceiling(1.01) == 2);
	assert_true(chart_ceiling(0) == 1);
	assert_true(chart_ceiling(NAN) == 1);
	assert_true(chart_ceiling(INFINITY) == 1);
	for (double value = 1e-9; value < 1e15; value *= 1.37)
		assert_true(chart_ceiling(value) >= value && chart_ceiling(value) <= value * 2.51);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bar_is_exact_to_an_eighth_of_a_column),
		cmocka_unit_test(a_small_value_is_not_nothing),
		cmocka_unit_test(an_unknown_bar_is_blank),
		cmocka_unit_test(the_band_of_an_estimate_is_lighter_than_its_bar),
		cmocka_unit_test(an_area_shows_the_newest_at_the_right_edge),
		cmocka_unit_test(a_known_zero_is_seen_and_a_gap_is_not),
		cmocka_unit_test(braille_holds_two_values_in_a_column),
		cmocka_unit_test(a_line_has_labels_ticks_and_now),
		cmocka_unit_test(a_long_span_is_said_in_minutes),
		cmocka_unit_test(a_step_in_a_line_leaves_no_hole),
		cmocka_unit_test(a_gap_breaks_a_line),
		cmocka_unit_test(a_small_area_keeps_the_line_and_drops_the_axes),
		cmocka_unit_test(heat_is_the_share_of_a_limit),
		cmocka_unit_test(ceilings_are_round_and_not_below),
	};

	return cmocka_run_group_tests_name("chart", tests, NULL, NULL);
}
