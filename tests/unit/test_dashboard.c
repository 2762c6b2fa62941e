/* SPDX-License-Identifier: Apache-2.0 */
/* The dashboard as it is drawn: places, head, line of truth, foot, at every size. */
#include "tests/support/cmocka_all.h"
#include "tests/support/dashboard_stage.h"

#include <string.h>

static void a_large_screen_shows_all_panels_with_their_keys(void **state)
{
	struct stage *stage = *state;
	const char *text = stage_screen(stage, 120, 40);

	stage_assert_shows(text, "inside power");
	stage_assert_shows(text, "inside efficiency");
	stage_assert_shows(text, "inside frequency");
	stage_assert_shows(text, "inside threads");
	stage_assert_hides(text, "inside sources");
	stage_assert_shows(text, "\u2500 threads 212 \u2500");
	stage_assert_shows(text, " 5 \u2500\u256E");
	stage_assert_shows(stage_row(stage, 39), "/ search  \\ filter");
}

static void the_head_says_what_runs_how_long_and_what_we_cost(void **state)
{
	struct stage *stage = *state;

	stage_screen(stage, 120, 40);
	stage_assert_shows(stage_row(stage, 0), " jouletop   python3 train.py");
	stage_assert_shows(stage_row(stage, 0), "pid 4711");
	stage_assert_shows(stage_row(stage, 0), "00:12:4");
	stage_assert_shows(stage_row(stage, 0), "\u25B6 2 Hz");
	stage_assert_shows(stage_row(stage, 0), "self ");
	stage_assert_shows(stage_row(stage, 0), "H help  q quit");
	stage_screen(stage, 72, 20);
	stage_assert_shows(stage_row(stage, 0), "train.py");
	stage_assert_shows(stage_row(stage, 0), "00:12:4");
}

static void a_long_command_line_is_cut_with_a_sign(void **state)
{
	struct stage *stage = *state;

	stage->state.title =
		"python3 a_very_long_path/to/some/training/program.py --with many --arguments all --over the "
		"--place and on";
	stage_screen(stage, 100, 40);
	stage_assert_shows(stage_row(stage, 0), "\u2026");
	stage_assert_shows(stage_row(stage, 0), "00:12:4");
}

static void small_screens_show_the_line_of_truth(void **state)
{
	struct stage *stage = *state;

	stage_screen(stage, 60, 16);
	stage_assert_shows(stage_row(stage, 0), "412");
	stage_assert_shows(stage_row(stage, 0), " W");
	stage_assert_shows(stage_row(stage, 0), "kJ");
	stage_assert_shows(stage_row(stage, 0), "00:12:4");
	stage_assert_shows(stage_row(stage, 1), "inside threads");
	assert_string_not_equal(stage_row(stage, 1), "");
	stage_screen(stage, 40, 5);
	stage_assert_shows(stage_row(stage, 0), "412");
	assert_string_equal(stage_row(stage, 1), "");
}

static void an_estimate_is_marked_in_the_line_of_truth(void **state)
{
	struct stage *stage = *state;

	sessions_stop(&stage->sessions);
	sessions_vm(&stage->sessions);
	stage->state.session = stage->sessions.session;
	stage_screen(stage, 60, 16);
	stage_assert_shows(stage_row(stage, 0), "~38 W est.");
}

static void unknown_power_is_a_dash_and_never_a_zero(void **state)
{
	struct stage *stage = *state;

	sessions_stop(&stage->sessions);
	sessions_start(&stage->sessions);
	stage->state.session = stage->sessions.session;
	stage_screen(stage, 60, 16);
	stage_assert_shows(stage_row(stage, 0), "- W");
	stage_assert_hides(stage_row(stage, 0), "0 W");
}

static void no_size_is_refused(void **state)
{
	struct stage *stage = *state;

	for (int width = 1; width <= 130; width += 3) {
		for (int height = 1; height <= 45; height += 2) {
			stage_screen(stage, width, height);
			assert_true(stage->canvas.cells[0].code_point != ' ' || width > 1);
		}
	}
	stage_press(stage, '5');
	stage_press(stage, '?');
	for (int width = 1; width <= 130; width += 7)
		for (int height = 1; height <= 45; height += 4)
			stage_screen(stage, width, height);
}

static void a_panel_that_needs_more_room_than_its_place_gives_way(void **state)
{
	static const struct view *const few[] = {&stage_power, &stage_wide_efficiency,
						 &stage_threads, NULL};
	struct stage *stage = *state;

	dashboard_destroy(stage->dashboard);
	stage->dashboard = dashboard_create(few);
	stage_assert_hides(stage_screen(stage, 80, 24), "inside efficiency");
	assert_int_equal(stage_fakes.memories[STAGE_POWER]->width, 76);
	stage_assert_shows(stage_screen(stage, 120, 40), "inside efficiency");
}

static void a_pause_is_seen(void **state)
{
	struct stage *stage = *state;
	struct action action = stage_press(stage, 'p');

	assert_int_equal(action.type, ACTION_PAUSE);
	assert_int_equal(action.number, 1);
	assert_true(dashboard_paused(stage->dashboard));
	stage_screen(stage, 120, 40);
	stage_assert_shows(stage_row(stage, 0), "PAUSED");
	stage_screen(stage, 60, 16);
	stage_assert_shows(stage_row(stage, 0), "PAUSED");
	assert_int_equal(stage_press(stage, 'p').number, 0);
	assert_false(dashboard_paused(stage->dashboard));
}

static void a_message_stands_at_the_foot(void **state)
{
	struct stage *stage = *state;

	stage->state.message = "signal 15 sent to 4711";
	stage_screen(stage, 120, 40);
	stage_assert_shows(stage_row(stage, 39), "signal 15 sent to 4711");
	stage_screen(stage, 60, 16);
	stage_assert_shows(stage_row(stage, 15), "signal 15 sent to 4711");
	stage_screen(stage, 60, 1);
	stage_assert_shows(stage_row(stage, 0), " W");
}

static void without_views_the_head_stands(void **state)
{
	static const struct view *const none[] = {NULL};
	static const int keys[] = {KEY_TAB, '/',	'?',	   '5',
				   'K',	    KEY_ESCAPE, KEY_CLICK, KEY_WHEEL_UP};
	struct stage *stage = *state;

	dashboard_destroy(stage->dashboard);
	assert_int_equal(stage_fakes.finished, 1);
	stage->dashboard = dashboard_create(none);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		stage_press(stage, keys[i]);
	stage_assert_shows(stage_screen(stage, 120, 40), "jouletop");
	stage_screen(stage, 60, 16);
}

static void tab_turns_the_only_panel_of_a_small_screen(void **state)
{
	struct stage *stage = *state;

	stage_assert_shows(stage_screen(stage, 60, 16), "inside threads");
	stage_press(stage, KEY_TAB);
	stage_assert_shows(stage_screen(stage, 60, 16), "inside power");
	stage_assert_hides(stage->text, "inside threads");
}

static void tab_moves_the_focus_and_turns_the_middle_panel(void **state)
{
	struct stage *stage = *state;

	stage_screen(stage, 80, 24);
	assert_true(stage_fakes.memories[STAGE_THREADS]->focused);
	stage_assert_shows(stage->text, "Tab \u25B8 frequency");
	stage_assert_hides(stage->text, "inside frequency");
	stage_press(stage, KEY_TAB);
	stage_screen(stage, 80, 24);
	assert_true(stage_fakes.memories[STAGE_POWER]->focused);
	stage_press(stage, KEY_TAB);
	stage_press(stage, KEY_TAB);
	stage_assert_shows(stage_screen(stage, 80, 24), "inside frequency");
	stage_assert_hides(stage->text, "inside efficiency");
	assert_true(stage_fakes.memories[STAGE_FREQUENCY]->focused);
	stage_press(stage, KEY_BACK_TAB);
	stage_assert_shows(stage_screen(stage, 80, 24), "inside efficiency");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_start, stage_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_large_screen_shows_all_panels_with_their_keys),
		TEST(the_head_says_what_runs_how_long_and_what_we_cost),
		TEST(a_long_command_line_is_cut_with_a_sign),
		TEST(small_screens_show_the_line_of_truth),
		TEST(an_estimate_is_marked_in_the_line_of_truth),
		TEST(unknown_power_is_a_dash_and_never_a_zero),
		TEST(no_size_is_refused),
		TEST(a_panel_that_needs_more_room_than_its_place_gives_way),
		TEST(a_pause_is_seen),
		TEST(a_message_stands_at_the_foot),
		TEST(without_views_the_head_stands),
		TEST(tab_turns_the_only_panel_of_a_small_screen),
		TEST(tab_moves_the_focus_and_turns_the_middle_panel),
	};

	return cmocka_run_group_tests_name("dashboard", tests, NULL, NULL);
}
