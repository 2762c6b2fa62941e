/* SPDX-License-Identifier: Apache-2.0 */
/* The roofline panel: points stand where their figures say, whatever they are; what is missing has its reason. */
#include "tests/support/cmocka_all.h"
#include "tests/support/desk.h"
#include "tests/support/drawing.h"
#include "tests/support/roofs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

extern const struct view view_roofline;

/* A point stands where one of these does. */
static bool is_point(uint32_t code_point)
{
	return code_point == 0x2022 || code_point == 0x25CF || code_point == 0x2B24 ||
	       code_point == 0x25CB;
}

static int find_point(const struct canvas *canvas, int *row)
{
	struct rect all = {0, 0, canvas->width, canvas->height};

	for (*row = 0; *row < canvas->height; (*row)++)
		for (int x = 0; x < canvas->width; x++)
			if (is_point(canvas_code_point(canvas, all, x, *row)))
				return x;
	return -1;
}

static void a_small_panel_shows_roofs_points_and_margin(void **state)
{
	static const char expected[] = "     │                     avx512 3.10 T\n"
				       "     │                  ⢀⡠⠴⠮⠁avx2 1.58 T\n"
				       "   1T┤              ⢀⡠⠔⠊⠁    ⬤ train\n"
				       "     │          ⢀⡠⠔⠊⠁\n"
				       " 100G┤      ⢀⡠⠔⠊⠁\n"
				       "     │  ⢀⡠⠔⠊⠁\n"
				       "     │⠔⠊⠁\n"
				       "  10G┤   DRAM 255.0 GB/s\n"
				       "     │• loader 5.00 G 19.6 %\n"
				       "     └┬──────────┬──────────┬──────────┬\n"
				       "     0.1         1         10  FLOP/byte\n"
				       "margin: optimizer (no FLOP events)\n";
	struct desk desk;
	struct drawing drawing;

	(void)state;
	desk_start(&desk);
	roofs_training(&desk);
	drawing_start(&drawing, &view_roofline, desk.session);
	assert_string_equal(drawing_text(&drawing, 40, 12), expected);
	assert_string_equal(drawing_subtitle(&drawing), "· fp32 · DRAM · measured roofs");
	drawing_stop(&drawing);
	desk_end(&desk);
}

static void the_zoomed_panel_reads_a_point_out(void **state)
{
	static const char expected[] =
		"     │ FLOP/s\n"
		"     │                                           ⢀⠔⠊⠉⠉⠉⠉⠉⠉⠉⠉ avx512 3.10 TFLOP/s\n"
		"     │                                        ⢀⠤⠮⠥⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤ avx2 1.58 TFLOP/s\n"
		"   1T┤                                     ⢀⡠⠒⠁\n"
		"     │                                   ⡠⠔⠁       ⬤ train\n"
		"     │                                ⣀⠔⠉\n"
		"     │                             ⢀⠔⠊\n"
		"     │                          ⢀⠤⠊⠁\n"
		" 100G┤                       ⢀⡠⠒⠁\n"
		"     │                     ⡠⠔⠁\n"
		"     │                  ⣀⠔⠉\n"
		"     │               ⣀⠔⠊               ╭─ train (4711) ───────────────────────╮\n"
		"     │            ⢀⠤⠊ DRAM 255.0 GB/s  │ AI 11.8 FLOP/B  750.0 GFLOP/s        │\n"
		"     │         ⢀⡠⠊⠁                    │ 24.9 % of DRAM  ~63.6 GB/s           │\n"
		"  10G┤       ⡠⠒⠁                       │ 121.0 W  6.20 GFLOP/s/W              │\n"
		"     │    ⡠⠔⠉       • loader           │ FLOPs measured, bytes attributed     │\n"
		"     │ ⣀⠔⠊                             ╰──────────────────────────────────────╯\n"
		"     │⠊\n"
		"     └┬─────────────┬──────────────┬──────────────┬──────────────┬─────────────┬\n"
		"    0.01           0.1             1             10             100    FLOP/byte\n"
		"margin: optimizer (no FLOP events)\n"
		"←→ point   d data type   c cores   m memory / operators   e energy   x GPU\n";
	struct desk desk;
	struct drawing drawing;

	(void)state;
	desk_start(&desk);
	roofs_training(&desk);
	drawing_start(&drawing, &view_roofline, desk.session);
	drawing.context.zoomed = true;
	assert_string_equal(drawing_text(&drawing, 80, 22), expected);
	assert_string_equal(drawing_subtitle(&drawing),
			    "· fp32 · DRAM traffic · measured roofs, all cores");
	/* The cursor goes to the point on the left, and no further. */
	for (int i = 0; i < 2; i++)
		assert_int_equal(drawing_command(&drawing, COMMAND_LEFT, NULL), VIEW_HANDLED);
	drawing_text(&drawing, 80, 22);
	assert_true(drawing_find(&drawing, "loader (4712)") >= 0);
	assert_true(drawing_find(&drawing, "AI 0.100 FLOP/B  5.00 GFLOP/s") >= 0);
	assert_true(drawing_find(&drawing, "19.6 % of DRAM  ~50.0 GB/s") >= 0);
	assert_true(drawing_find(&drawing, "12.0 W  416.7 MFLOP/s/W") >= 0);
	drawing_command(&drawing, COMMAND_UP, NULL);
	drawing_text(&drawing, 80, 22);
	assert_true(drawing_find(&drawing, "train (4711)") >= 0);
	feed_meta(desk.feed, "ceilings_measured_utc", "1795132800");
	feed_meta(desk.feed, "ceilings_cores", "16");
	desk_tick(&desk);
	assert_string_equal(drawing_subtitle(&drawing),
			    "· fp32 · DRAM traffic · measured roofs 2026-11-20, 16 cores");
	drawing_stop(&drawing);
	desk_end(&desk);
}

static void ascii_and_blocks_show_the_same(void **state)
{
	struct desk desk;
	struct drawing drawing;

	(void)state;
	desk_start(&desk);
	roofs_training(&desk);
	drawing_start(&drawing, &view_roofline, desk.session);
	drawing.canvas.glyphs = GLYPHS_ASCII;
	drawing_text(&drawing, 40, 12);
	for (const char *text = drawing.text; *text; text++)
		assert_true((unsigned char)*text < 0x80);
	assert_string_equal(drawing_row(&drawing, 2), "   1T+               ..''    @ train");
	assert_string_equal(drawing_row(&drawing, 9), "     ++----------+----------+----------+");
	drawing.canvas.glyphs = GLYPHS_BLOCK;
	drawing_text(&drawing, 200, 60);
	assert_true(drawing_find(&drawing, "⬤ train 750.0 G 24.9 %") >= 0);
	assert_true(drawing_find(&drawing, "avx512 3.10 T") >= 0);
	assert_true(drawing_find(&drawing, "▄▀") >= 0);
	drawing_stop(&drawing);
	desk_end(&desk);
}

/* The one column and row where a value stands must be the same as its figures say, and inside, whatever they are. */
static void points_lie_inside_at_any_value(void **state)
{
	static const int64_t values[] = {0, 1, 1000, 1000000000, 1000000000000000, INT64_MAX / 64};

	(void)state;
	for (size_t f = 0; f < ARRAY_SIZE(values); f++) {
		for (size_t b = 0; b < ARRAY_SIZE(values); b++) {
			struct roofs_task task = {7,	     "odd", values[f], -1,
						  values[b], -1,    5,	       QUALITY_MEASURED};
			struct desk desk;
			struct drawing drawing;
			int row;

			desk_start(&desk);
			if (b % 2)
				roofs_machine(&desk, QUALITY_MEASURED);
			for (int i = 0; i < 3; i++) {
				roofs_second(&desk, &task);
				desk_tick(&desk);
			}
			drawing_start(&drawing, &view_roofline, desk.session);
			drawing_text(&drawing, 60, 14);

			int x = find_point(&drawing.canvas, &row);

			/* Without operations it has no place; without bytes it is a line. */
			assert_int_equal(x >= 6 && row<12, values[f]> 0 && values[b] > 0);
			drawing.context.zoomed = true;
			drawing_text(&drawing, 90, 30);
			drawing_command(&drawing, COMMAND_ROOFLINE_ENERGY, NULL);
			drawing_text(&drawing, 90, 30);
			drawing_stop(&drawing);
			desk_end(&desk);
		}
	}
}

static void more_intensity_stands_further_right_and_more_operations_higher(void **state)
{
	int before_x = -1, before_row = 1000;

	(void)state;
	for (int64_t size = 1; size <= 64; size *= 8) {
		const struct roofs_task task = {7,  "p", size * 20000000000, -1, 20000000000,
						-1, 5,	 QUALITY_MEASURED};
		struct desk desk;
		struct drawing drawing;
		int x, row;

		desk_start(&desk);
		roofs_machine(&desk, QUALITY_MEASURED);
		for (int i = 0; i < 3; i++) {
			roofs_second(&desk, &task);
			desk_tick(&desk);
		}
		drawing_start(&drawing, &view_roofline, desk.session);
		drawing_text(&drawing, 70, 20);
		x = find_point(&drawing.canvas, &row);
		assert_true(x > before_x);
		assert_true(row < before_row);
		before_x = x;
		before_row = row;
		drawing_stop(&drawing);
		desk_end(&desk);
	}
}

static void operations_without_bytes_are_a_line_and_misses_a_whisker(void **state)
{
	static const struct roofs_task blind = {7,  "blind", 310000000000,    -1, -1,
						-1, 5,	     QUALITY_MEASURED};
	static const struct roofs_task proxy = {8,  "proxy",   6400000000, -1,
						-1, 100000000, 5,	   QUALITY_MEASURED};
	struct desk desk;
	struct drawing drawing;

	(void)state;
	desk_start(&desk);
	roofs_machine(&desk, QUALITY_MEASURED);
	for (int i = 0; i < 3; i++) {
		roofs_second(&desk, &blind);
		roofs_second(&desk, &proxy);
		desk_tick(&desk);
	}
	drawing_start(&drawing, &view_roofline, desk.session);
	drawing.context.zoomed = true;
	drawing_text(&drawing, 90, 24);
	assert_true(drawing_find(&drawing, "╌╌╌╌╌╌╌╌╌╌") >= 0);
	assert_true(drawing_find(&drawing, "blind 310.0 G 10.0 %") >= 0);
	assert_true(drawing_find(&drawing, "◂──⬤ proxy") >= 0);
	drawing_command(&drawing, COMMAND_DOWN, NULL);
	drawing_text(&drawing, 90, 24);
	assert_true(drawing_find(&drawing, "AI ≤1.000 FLOP/B") >= 0);
	assert_true(drawing_find(&drawing, "bytes estimated") >= 0);
	drawing_stop(&drawing);
	desk_end(&desk);
}

static void theory_is_called_theory_and_no_roofs_what_to_do(void **state)
{
	struct desk desk;
	struct drawing drawing;

	(void)state;
	desk_start(&desk);
	feed_source(desk.feed, "counters", SOURCE_PARTIAL, "", "no PMU in this VM", "");
	desk_tick(&desk);
	drawing_start(&drawing, &view_roofline, desk.session);
	drawing_text(&drawing, 60, 12);
	assert_true(drawing_find(&drawing, "no PMU in this VM") >= 0);
	assert_true(drawing_find(&drawing, "work flop N") >= 0);
	assert_string_equal(drawing_subtitle(&drawing),
			    "· fp32 · DRAM · no roofs: run jouletop ceilings");
	roofs_machine(&desk, QUALITY_ESTIMATED);
	desk_tick(&desk);
	drawing.context.zoomed = true;
	drawing_text(&drawing, 100, 24);
	assert_true(drawing_find(&drawing, "theory avx512 ~3.10 TFLOP/s") >= 0);
	assert_true(drawing_find(&drawing, "DRAM ~255.0 GB/s") >= 0);
	assert_non_null(strstr(drawing_subtitle(&drawing), "theoretical roofs"));
	drawing_stop(&drawing);
	desk_end(&desk);
}

/* In a small plot the words would be the plot: the remedy is left to "?". */
static void the_reason_for_no_points_is_readable_beside_the_roofs(void **state)
{
	struct desk desk;
	struct drawing drawing;

	(void)state;
	desk_start(&desk);
	roofs_machine(&desk, QUALITY_MEASURED);
	feed_source(desk.feed, "counters", SOURCE_NONE, "", "the kernel has no PMU (VM?)", "");
	desk_tick(&desk);
	drawing_start(&drawing, &view_roofline, desk.session);
	drawing_text(&drawing, 46, 9);
	assert_true(drawing_find(&drawing, "no FLOPs are counted: the kernel has") >= 0);
	assert_true(drawing_find(&drawing, " no PMU (VM?)") >= 0);
	assert_true(drawing_find(&drawing, "work flop") < 0);
	assert_true(drawing_find(&drawing, "avx512 3.10 T") >= 0);
	drawing_text(&drawing, 110, 30);
	assert_true(drawing_find(&drawing, "work flop") >= 0);
	drawing_stop(&drawing);
	desk_end(&desk);
}

static void keys_change_type_cores_traffic_and_energy(void **state)
{
	struct desk desk;
	struct drawing drawing;

	(void)state;
	desk_start(&desk);
	roofs_training(&desk);
	drawing_start(&drawing, &view_roofline, desk.session);
	drawing_command(&drawing, COMMAND_ROOFLINE_TYPE, NULL);
	assert_string_equal(drawing_subtitle(&drawing), "· fp64 · DRAM · measured roofs");
	drawing_command(&drawing, COMMAND_ROOFLINE_TYPE, NULL);
	drawing_command(&drawing, COMMAND_ROOFLINE_CORES, NULL);
	assert_string_equal(drawing_subtitle(&drawing), "· fp32 · DRAM · measured roofs, 1 core");
	drawing_command(&drawing, COMMAND_ROOFLINE_CORES, NULL);
	drawing_command(&drawing, COMMAND_ROOFLINE_MEMORY, NULL);
	assert_string_equal(drawing_subtitle(&drawing), "· fp32 · cache-aware · measured roofs");
	drawing_text(&drawing, 100, 30);
	assert_true(drawing_find(&drawing, "L3 900.0 GB/s") >= 0);
	drawing_command(&drawing, COMMAND_ROOFLINE_MEMORY, NULL);
	drawing_text(&drawing, 100, 30);
	assert_true(drawing_find(&drawing, "no operators were seen") >= 0);
	drawing_command(&drawing, COMMAND_ROOFLINE_MEMORY, NULL);
	drawing_command(&drawing, COMMAND_ROOFLINE_ENERGY, NULL);
	drawing.context.zoomed = true;
	drawing_text(&drawing, 100, 30);
	assert_true(drawing_find(&drawing, "FLOP/J") >= 0);
	assert_true(drawing_find(&drawing, "avx512 17.2 GFLOP/J") >= 0);
	drawing_stop(&drawing);
	desk_end(&desk);
}

/* How many cells are traces. */
static int count_traces(const struct canvas *canvas)
{
	struct rect all = {0, 0, canvas->width, canvas->height};
	int count = 0;

	for (int y = 0; y < canvas->height; y++)
		for (int x = 0; x < canvas->width; x++) {
			uint32_t here = canvas_code_point(canvas, all, x, y);

			count += here == 0x2219 || here == 0x00B7;
		}
	return count;
}

static void the_trail_fades_and_is_gone_after_ten_seconds(void **state)
{
	struct desk desk;
	struct drawing drawing;
	int traces;

	(void)state;
	desk_start(&desk);
	roofs_machine(&desk, QUALITY_MEASURED);
	drawing_start(&drawing, &view_roofline, desk.session);
	for (int i = 0; i < 30; i++) {
		/* It climbs by a third each second, and then stands still. */
		const struct roofs_task task = {7,
						"p",
						(int64_t)(2e10 * pow(1.3, i < 15 ? i : 15)),
						-1,
						10000000000,
						-1,
						5,
						QUALITY_MEASURED};

		roofs_second(&desk, &task);
		desk_tick(&desk);
		drawing_text(&drawing, 80, 30);
		traces = count_traces(&drawing.canvas);
		if (i == 14)
			assert_true(traces >= 5);
	}
	assert_int_equal(traces, 0);
	drawing_command(&drawing, COMMAND_THREADS, NULL);
	drawing_stop(&drawing);
	desk_end(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_panel_shows_roofs_points_and_margin),
		cmocka_unit_test(the_zoomed_panel_reads_a_point_out),
		cmocka_unit_test(ascii_and_blocks_show_the_same),
		cmocka_unit_test(points_lie_inside_at_any_value),
		cmocka_unit_test(more_intensity_stands_further_right_and_more_operations_higher),
		cmocka_unit_test(operations_without_bytes_are_a_line_and_misses_a_whisker),
		cmocka_unit_test(theory_is_called_theory_and_no_roofs_what_to_do),
		cmocka_unit_test(the_reason_for_no_points_is_readable_beside_the_roofs),
		cmocka_unit_test(keys_change_type_cores_traffic_and_energy),
		cmocka_unit_test(the_trail_fades_and_is_gone_after_ten_seconds),
	};

	return cmocka_run_group_tests_name("roofline", tests, NULL, NULL);
}
