/* SPDX-License-Identifier: Apache-2.0 */
/* The plot of GPUs (key x): bands below the peaks of the data sheet, said to be no count, at any size. */
#include "model/roofline.h"
#include "tests/support/cards.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/drawing.h"
#include "tests/support/roofs.h"

#include <string.h>

extern const struct view view_roofline;

static void start(struct desk *desk, struct drawing *drawing)
{
	desk_start(desk);
	cards_training(desk);
	drawing_start(drawing, &view_roofline, desk->session);
	drawing->context.zoomed = true;
	drawing_command(drawing, COMMAND_ROOFLINE_GPU, NULL);
}

static void stop(struct desk *desk, struct drawing *drawing)
{
	drawing_stop(drawing);
	desk_end(desk);
}

static void the_zoomed_plot_shows_bands_and_reads_one_out(void **state)
{
	static const char expected[] =
		"     │ FLOP/s                           gpu0 0.40-1.60 PFLOP/s\n"
		"     │                                                ⡠⠔⠒⠒⠒⠒⠒⠒▒▒fp8 2.00 PFLOP/s\n"
		"     │                                             ⣀⠔⠊     ▒▒▒\n"
		"   1P┤                                          ⣀⠔⠚⠒⠒⠒⠒⠒⠒▒bf16 fp16 1.00 PFLOP/s\n"
		"     │                                       ⣀⠔⠊      ▒▒▒\n"
		"     │                                    ⢀⠔⠊⠉⠉⠉⠉⠉⠉⠉▒▒⠉⠉⠉⠉⠉⠉⠉ tf32 500.0 TFLOP/s\n"
		"     │                                 ⢀⠤⠊⠁\n"
		"     │                              ⢀⠤⠊⠁\n"
		"     │                           ⢀⠤⠊⠁\n"
		" 100T┤                        ⢀⠤⠊⠁\n"
		"     │gpu1 10-41 TFLOP/s   ⢀⣠⣒⣁⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀ fp32 fp64 60.0 TFLOP/s\n"
		"     │                  ▒▒⠒⠁\n"
		"     │               ▒▒▒⠁              ╭─ gpu0 H100 80GB HBM3 ────────────────╮\n"
		"     │            ⢀▒▒⠁                 │ 0.40-1.60 PFLOP/s  AI 334-1336       │\n"
		"     │          ▒▒▒                    │ at most 80.1 % of 2.00 PFLOP/s       │\n"
		"  10T┤       ⡠▒▒                       │ 1.20 TB/s 500.0 W 0.80-3.21 TFLOP/J  │\n"
		"     │    ⡠⠔⠉                          │ activity, not counted                │\n"
		"     │ ⡠⠔⠉                             ╰──────────────────────────────────────╯\n"
		"     │⠉  DRAM 4.00 TB/s\n"
		"     └┬─────────────────┬──────────────────┬─────────────────┬─────────────────┬\n"
		"      1                10                 100               1k         FLOP/byte\n"
		"←→ GPU   d as which data type   e energy   x CPU   ▒ by activity\n";
	struct desk desk;
	struct drawing drawing;

	(void)state;
	start(&desk, &drawing);
	assert_string_equal(drawing_text(&drawing, 80, 22), expected);
	assert_string_equal(drawing_subtitle(&drawing),
			    "· GPU · activity, not counted · data sheet");
	stop(&desk, &drawing);
}

static void the_smallest_plot_says_that_nothing_was_counted(void **state)
{
	static const char expected[] = "     │ FLOP/s           fp8 2.00▒PFLOP/s\n"
				       "   1P┤                   ⣀⠴⠮⠤▒▒⠤⠤⠤⠤⠤⠤⠤⠤⠤\n"
				       "     │                ⢀⠔⠚⠒⠒▒▒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒\n"
				       "     │             ⢀⠤⠊⠁           gpu0\n"
				       " 100T┤          ⢀⡠⠊⠁\n"
				       "     │       ⢀▒▒⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉\n"
				       "     │     ⡠▒▒   gpu1 10-41 TFLOP/s\n"
				       "  10T┤  ⡠⠔▒▒\n"
				       "     │⠔⠉ DRAM 4.00 TB/s\n"
				       "     └┬───────┬────────┬───────┬───────┬\n"
				       "      1      10       100      FLOP/byte\n"
				       "▒ activity, not counted  d type  x CPU\n";
	struct desk desk;
	struct drawing drawing;

	(void)state;
	start(&desk, &drawing);
	assert_string_equal(drawing_text(&drawing, 40, 12), expected);
	drawing.canvas.glyphs = GLYPHS_ASCII;
	drawing_text(&drawing, 40, 12);
	for (const char *text = drawing.text; *text; text++)
		assert_true((unsigned char)*text < 0x80);
	assert_true(drawing_find(&drawing, "activity, not counted") >= 0);
	assert_true(drawing_find(&drawing, "==") >= 0);
	stop(&desk, &drawing);
}

static void a_large_plot_in_blocks_names_each_gpu(void **state)
{
	struct desk desk;
	struct drawing drawing;

	(void)state;
	start(&desk, &drawing);
	drawing.canvas.glyphs = GLYPHS_BLOCK;
	drawing_text(&drawing, 200, 60);
	assert_true(drawing_find(&drawing, "gpu0 0.40-1.60 PFLOP/s") >= 0);
	assert_true(drawing_find(&drawing, "gpu1 10-41 TFLOP/s") >= 0);
	assert_true(drawing_find(&drawing, "bf16 fp16 1.00 PFLOP/s") >= 0);
	assert_true(drawing_find(&drawing, "DRAM 4.00 TB/s") >= 0);
	stop(&desk, &drawing);
}

static void the_cursor_goes_from_gpu_to_gpu_and_a_data_type_can_be_picked(void **state)
{
	struct desk desk;
	struct drawing drawing;

	(void)state;
	start(&desk, &drawing);
	drawing_text(&drawing, 100, 30);
	assert_true(drawing_find(&drawing, "─ gpu0 H100") >= 0);
	drawing_command(&drawing, COMMAND_ROOFLINE_TYPE, NULL);
	drawing_command(&drawing, COMMAND_ROOFLINE_TYPE, NULL);
	drawing_text(&drawing, 100, 30);
	assert_true(drawing_find(&drawing, "as bf16 800.0 T, 80.0 % of 1.00 P") >= 0);
	drawing_command(&drawing, COMMAND_LEFT, NULL);
	drawing_text(&drawing, 100, 30);
	assert_true(drawing_find(&drawing, "─ gpu1 H100") >= 0);
	assert_true(drawing_find(&drawing, "as bf16 20.0 T, 85.0 % of 23.5 T") >= 0);
	assert_true(drawing_find(&drawing, "3.40 TB/s 300.0 W 34-135 GFLOP/J") >= 0);
	drawing_command(&drawing, COMMAND_ROOFLINE_ENERGY, NULL);
	drawing_text(&drawing, 100, 30);
	assert_true(drawing_find(&drawing, "FLOP/J") == 0);
	assert_true(drawing_find(&drawing, "no energy roof: nobody measured") >= 0);
	stop(&desk, &drawing);
}

static void what_the_workload_gave_stands_in_the_band(void **state)
{
	struct desk desk;
	struct drawing drawing;

	(void)state;
	start(&desk, &drawing);
	session_label(desk.session, session_find(desk.session, CARD_0), ROOFLINE_USED, "yes");
	for (int i = 0; i < 3; i++) {
		feed_work(desk.feed, desk.now_ns, "marks", "flop", 700000000000000);
		desk_tick(&desk);
	}
	drawing_text(&drawing, 100, 30);
	assert_true(drawing_find(&drawing, "○ given 700.0 TFLOP/s; ▒ not counted") >= 0);
	assert_true(drawing_find(&drawing, "○▒") >= 0);
	stop(&desk, &drawing);
}

/* A data type of GPUs is none of the CPUs', nor the other way round. */
static void the_plot_of_the_cpus_is_as_it_was_when_one_comes_back(void **state)
{
	struct desk desk;
	struct drawing drawing;

	(void)state;
	desk_start(&desk);
	roofs_training(&desk);
	cards_training(&desk);
	drawing_start(&drawing, &view_roofline, desk.session);
	drawing_command(&drawing, COMMAND_ROOFLINE_TYPE, NULL);
	drawing_command(&drawing, COMMAND_ROOFLINE_MEMORY, NULL);
	assert_string_equal(drawing_subtitle(&drawing), "· fp64 · cache-aware · measured roofs");
	drawing_command(&drawing, COMMAND_ROOFLINE_GPU, NULL);
	drawing_command(&drawing, COMMAND_ROOFLINE_TYPE, NULL);
	drawing_command(&drawing, COMMAND_ROOFLINE_MEMORY, NULL);
	assert_non_null(strstr(drawing_subtitle(&drawing), "GPU"));
	drawing_command(&drawing, COMMAND_ROOFLINE_GPU, NULL);
	assert_string_equal(drawing_subtitle(&drawing), "· fp64 · cache-aware · measured roofs");
	stop(&desk, &drawing);
}

static void without_activity_there_is_a_reason_and_no_point(void **state)
{
	static const struct card card = {
		CARD_0, "gpu0 A100", "A100 80GB SXM", -1, -1, -1, -1, -1, -1, 1410, 400};
	struct desk desk;
	struct drawing drawing;

	(void)state;
	desk_start(&desk);
	for (int i = 0; i < 3; i++) {
		cards_second(&desk, &card);
		desk_tick(&desk);
	}
	drawing_start(&drawing, &view_roofline, desk.session);
	drawing.context.zoomed = true;
	drawing_command(&drawing, COMMAND_ROOFLINE_GPU, NULL);
	drawing_text(&drawing, 100, 24);
	assert_true(drawing_find(&drawing, "no activity of its pipes: this GPU does not give it") >=
		    0);
	assert_true(drawing_find(&drawing, "before Hopper") >= 0);
	assert_true(drawing_find(&drawing, "▒▒") < 0);
	assert_non_null(strstr(drawing_why(&drawing), "before Hopper"));
	stop(&desk, &drawing);
}

static void without_bytes_both_ends_are_lines(void **state)
{
	static const struct card card = {CARD_0, "gpu0 H100", "H100 SXM", 50,	50, 0,
					 0,	 0,	      -1,	  1830, 400};
	struct desk desk;
	struct drawing drawing;

	(void)state;
	desk_start(&desk);
	for (int i = 0; i < 3; i++) {
		cards_second(&desk, &card);
		desk_tick(&desk);
	}
	drawing_start(&drawing, &view_roofline, desk.session);
	drawing.context.zoomed = true;
	drawing_command(&drawing, COMMAND_ROOFLINE_GPU, NULL);
	drawing_text(&drawing, 100, 30);
	assert_true(drawing_find(&drawing, "╌╌╌╌╌") >= 0);
	assert_true(drawing_find(&drawing, "gpu0 250-1000 TFLOP/s") >= 0 ||
		    drawing_find(&drawing, "gpu0 0.25-1.00 PFLOP/s") >= 0);
	stop(&desk, &drawing);
}

static void it_fits_everywhere(void **state)
{
	struct desk desk;
	struct drawing drawing;

	(void)state;
	start(&desk, &drawing);
	for (int width = 1; width <= 130; width += 3) {
		for (int height = 1; height <= 40; height += 4) {
			drawing.context.zoomed = width % 2;
			drawing.canvas.glyphs = height % 3 == 0 ? GLYPHS_ASCII : GLYPHS_BRAILLE;
			drawing_text(&drawing, width, height);
		}
	}
	stop(&desk, &drawing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_zoomed_plot_shows_bands_and_reads_one_out),
		cmocka_unit_test(the_smallest_plot_says_that_nothing_was_counted),
		cmocka_unit_test(a_large_plot_in_blocks_names_each_gpu),
		cmocka_unit_test(the_cursor_goes_from_gpu_to_gpu_and_a_data_type_can_be_picked),
		cmocka_unit_test(what_the_workload_gave_stands_in_the_band),
		cmocka_unit_test(the_plot_of_the_cpus_is_as_it_was_when_one_comes_back),
		cmocka_unit_test(without_activity_there_is_a_reason_and_no_point),
		cmocka_unit_test(without_bytes_both_ends_are_lines),
		cmocka_unit_test(it_fits_everywhere),
	};

	return cmocka_run_group_tests_name("roofline_gpu_view", tests, NULL, NULL);
}
