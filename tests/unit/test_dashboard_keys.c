/* SPDX-License-Identifier: Apache-2.0 */
/* The dashboard as it is driven: zoom, prompts, questions, actions, replay, mouse. */
#include "tests/support/cmocka_all.h"
#include "tests/support/dashboard_stage.h"

#include "base/clock.h"

#include <errno.h>
#include <signal.h>

static void a_number_zooms_and_the_same_number_goes_back(void **state)
{
	struct stage *stage = *state;

	stage_press(stage, '1');
	const char *text = stage_screen(stage, 120, 40);

	stage_assert_shows(text, "inside power");
	stage_assert_hides(text, "inside threads");
	assert_true(stage_fakes.memories[STAGE_POWER]->zoomed &&
		    stage_fakes.memories[STAGE_POWER]->focused);
	assert_int_equal(stage_fakes.memories[STAGE_POWER]->width, 116);
	stage_press(stage, '1');
	stage_assert_shows(stage_screen(stage, 120, 40), "inside threads");
	stage_press(stage, '8');
	stage_assert_shows(stage_screen(stage, 120, 40), "inside sources");
	stage_press(stage, KEY_ESCAPE);
	stage_assert_hides(stage_screen(stage, 120, 40), "inside sources");
}

static void a_zoom_of_a_view_that_is_not_there_does_nothing(void **state)
{
	struct stage *stage = *state;

	stage_screen(stage, 120, 40);
	assert_int_equal(stage_press(stage, '3').type, ACTION_NONE);
	stage_assert_shows(stage_screen(stage, 120, 40), "inside threads");
}

static void help_is_a_view_like_others(void **state)
{
	struct stage *stage = *state;

	stage_press(stage, 'H');
	stage_assert_shows(stage_screen(stage, 120, 40), "inside help");
	stage_press(stage, KEY_F1);
	stage_assert_hides(stage_screen(stage, 120, 40), "inside help");
}

static void commands_go_to_the_focused_view(void **state)
{
	struct stage *stage = *state;

	stage_fakes.answers[COMMAND_SORT] = VIEW_HANDLED;
	stage_screen(stage, 120, 40);
	stage_press(stage, 's');
	assert_int_equal(stage_fakes.memories[STAGE_THREADS]->command, COMMAND_SORT);
}

static void a_search_reaches_the_view_letter_by_letter(void **state)
{
	struct stage *stage = *state;

	stage_fakes.answers[COMMAND_SEARCH] = VIEW_HANDLED;
	stage_screen(stage, 120, 40);
	stage_press(stage, '/');
	stage_type(stage, "qu");
	assert_string_equal(stage_fakes.memories[STAGE_THREADS]->typed, "qu");
	assert_false(stage_fakes.memories[STAGE_THREADS]->done);
	stage_press(stage, 0xE4);
	assert_string_equal(stage_fakes.memories[STAGE_THREADS]->typed, "qu\u00E4");
	stage_press(stage, KEY_ERASE);
	assert_string_equal(stage_fakes.memories[STAGE_THREADS]->typed, "qu");
	stage_screen(stage, 120, 40);
	stage_assert_shows(stage_row(stage, 39), "search: qu");
	assert_int_equal(stage->canvas.cursor_x, 11);
	assert_int_equal(stage->canvas.cursor_y, 39);
	stage_press(stage, KEY_ENTER);
	assert_true(stage_fakes.memories[STAGE_THREADS]->done);
	stage_screen(stage, 120, 40);
	assert_int_equal(stage->canvas.cursor_x, -1);
}

static void escape_takes_the_typed_text_back(void **state)
{
	struct stage *stage = *state;

	stage_fakes.answers[COMMAND_FILTER] = VIEW_HANDLED;
	stage_screen(stage, 120, 40);
	stage_press(stage, '\\');
	stage_type(stage, "train");
	stage_press(stage, KEY_ESCAPE);
	assert_string_equal(stage_fakes.memories[STAGE_THREADS]->typed, "");
	assert_int_equal(stage_press(stage, 'w').type, ACTION_WINDOW);
}

static void no_prompt_opens_where_the_view_has_none(void **state)
{
	struct stage *stage = *state;

	stage_screen(stage, 120, 40);
	stage_press(stage, '/');
	assert_int_equal(stage_press(stage, 'w').type, ACTION_WINDOW);
}

static void a_prompt_survives_the_longest_text(void **state)
{
	struct stage *stage = *state;

	stage_fakes.answers[COMMAND_SEARCH] = VIEW_HANDLED;
	stage_screen(stage, 30, 10);
	stage_press(stage, '/');
	for (int i = 0; i < 500; i++)
		stage_press(stage, 0x6F22);
	stage_screen(stage, 30, 10);
	stage_screen(stage, 3, 1);
	stage_press(stage, 21);
	assert_string_equal(stage->dashboard->text, "");
}

static void a_signal_is_sent_only_after_yes(void **state)
{
	struct stage *stage = *state;
	static const int refusals[] = {'n', KEY_ENTER, KEY_ESCAPE, ' ', 'q'};

	stage_fakes.answers[COMMAND_SIGNAL] = VIEW_ACTION;
	stage_fakes.action = (struct action){
		.type = ACTION_SIGNAL, .pid = 4711, .start_ticks = 88120, .number = SIGTERM};
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		stage_screen(stage, 120, 40);
		assert_int_equal(stage_press(stage, 'K').type, ACTION_NONE);
		stage_screen(stage, 120, 40);
		stage_assert_shows(stage_row(stage, 39), "Send SIGTERM (15) to 4711");
		stage_assert_shows(stage_row(stage, 39), "[y/N]");
		assert_int_equal(stage_press(stage, refusals[i]).type, ACTION_NONE);
		assert_int_equal(stage_press(stage, 'y').type, ACTION_NONE);
	}
	stage_press(stage, 'K');
	struct action action = stage_press(stage, 'y');

	assert_int_equal(action.type, ACTION_SIGNAL);
	assert_int_equal(action.pid, 4711);
	assert_int_equal(action.number, SIGTERM);
}

static void quitting_asks_only_with_a_live_command(void **state)
{
	struct stage *stage = *state;
	struct action action = stage_press(stage, 'q');

	assert_int_equal(action.type, ACTION_QUIT);
	assert_int_equal(action.number, QUIT_PLAIN);
	stage->state.live_command = true;
	assert_int_equal(stage_press(stage, 'q').type, ACTION_NONE);
	stage_screen(stage, 120, 40);
	stage_assert_shows(stage_row(stage, 39),
			   "keep it running (Enter), stop it (s), stay (Esc)");
	assert_int_equal(stage_press(stage, KEY_ESCAPE).type, ACTION_NONE);
	stage_press(stage, KEY_CTRL_C);
	assert_int_equal(stage_press(stage, KEY_ENTER).number, QUIT_KEEP_RUNNING);
	dashboard_ask_quit(stage->dashboard);
	action = stage_press(stage, 's');
	assert_int_equal(action.type, ACTION_QUIT);
	assert_int_equal(action.number, QUIT_STOP_COMMAND);
}

static void plus_and_minus_step_through_the_intervals(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(stage_press(stage, '+').time_ns, CLOCK_NS_PER_S);
	assert_int_equal(stage_press(stage, '-').time_ns, 200 * CLOCK_NS_PER_MS);
	stage->state.interval_ns = 10 * CLOCK_NS_PER_S;
	assert_int_equal(stage_press(stage, '+').type, ACTION_NONE);
	stage->state.interval_ns = 10 * CLOCK_NS_PER_MS;
	assert_int_equal(stage_press(stage, '-').type, ACTION_NONE);
	stage->state.interval_ns = 300 * CLOCK_NS_PER_MS;
	assert_int_equal(stage_press(stage, '+').time_ns, 500 * CLOCK_NS_PER_MS);
	assert_int_equal(stage_press(stage, '-').time_ns, 200 * CLOCK_NS_PER_MS);
}

static void a_question_mark_shows_why_and_any_way_out_closes_it(void **state)
{
	struct stage *stage = *state;

	stage_press(stage, '?');
	stage_assert_shows(stage_screen(stage, 120, 40), "powercap, measured");
	stage_assert_shows(stage->text, "window 1 s");
	stage_press(stage, KEY_ESCAPE);
	stage_assert_hides(stage_screen(stage, 120, 40), "powercap, measured");
	stage_press(stage, '?');
	assert_int_equal(stage_press(stage, 'q').type, ACTION_NONE);
	stage_press(stage, '?');
	assert_int_equal(stage_press(stage, 'w').type, ACTION_WINDOW);
}

static void a_recording_refuses_what_touches_the_world_and_says_so(void **state)
{
	struct stage *stage = *state;

	stage->state.replay = true;
	stage_fakes.answers[COMMAND_SIGNAL] = VIEW_ACTION;
	stage_fakes.action.type = ACTION_SIGNAL;
	static const int keys[] = {'K', 'r', '+', '-'};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		assert_int_equal(stage_press(stage, keys[i]).type, ACTION_NONE);
		stage_screen(stage, 120, 40);
		stage_assert_shows(stage_row(stage, 39), "recording");
	}
}

static void replay_plays_steps_changes_speed_and_goes_to_a_time(void **state)
{
	struct stage *stage = *state;

	stage->state.replay = true;
	assert_int_equal(stage_press(stage, ' ').type, ACTION_PLAY);
	assert_int_equal(stage_press(stage, '[').number, -1);
	assert_int_equal(stage_press(stage, ']').number, 1);
	assert_int_equal(stage_press(stage, '{').number, 500);
	assert_int_equal(stage_press(stage, '}').number, 2000);
	stage_press(stage, 'g');
	stage_type(stage, "1:30");
	struct action action = stage_press(stage, KEY_ENTER);

	assert_int_equal(action.type, ACTION_SEEK);
	assert_int_equal(action.time_ns, 90 * CLOCK_NS_PER_S);
	stage_press(stage, 'g');
	stage_type(stage, "soon");
	assert_int_equal(stage_press(stage, KEY_ENTER).type, ACTION_NONE);
	stage_screen(stage, 120, 40);
	stage_assert_shows(stage_row(stage, 39), "is no time");
}

static void times_are_parsed_or_refused(void **state)
{
	int64_t time_ns = -1;

	(void)state;
	assert_int_equal(dashboard_parse_time("90", &time_ns), 0);
	assert_int_equal(time_ns, 90 * CLOCK_NS_PER_S);
	assert_int_equal(dashboard_parse_time("1:02:03", &time_ns), 0);
	assert_int_equal(time_ns, 3723 * CLOCK_NS_PER_S);
	assert_int_equal(dashboard_parse_time("0:05", &time_ns), 0);
	assert_int_equal(time_ns, 5 * CLOCK_NS_PER_S);
	static const char *const wrong[] = {
		"", ":", "1:", ":1", "1:2:3:4", "1:-2", "a:b", "99999999999999:1", "1::2"};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(dashboard_parse_time(wrong[i], &time_ns), -EINVAL);
}

static void a_click_focuses_a_title_zooms_and_the_wheel_scrolls(void **state)
{
	struct stage *stage = *state;

	stage_screen(stage, 120, 40);
	dashboard_key(stage->dashboard, &stage->state, (struct key_press){KEY_CLICK, 5, 5});
	stage_screen(stage, 120, 40);
	assert_true(stage_fakes.memories[STAGE_POWER]->focused);
	dashboard_key(stage->dashboard, &stage->state, (struct key_press){KEY_WHEEL_DOWN, 5, 30});
	assert_int_equal(stage_fakes.memories[STAGE_THREADS]->command, COMMAND_DOWN);
	dashboard_key(stage->dashboard, &stage->state, (struct key_press){KEY_CLICK, 5, 1});
	stage_assert_hides(stage_screen(stage, 120, 40), "inside threads");
	dashboard_key(stage->dashboard, &stage->state, (struct key_press){KEY_CLICK, 5, 1});
	stage_assert_shows(stage_screen(stage, 120, 40), "inside threads");
	dashboard_key(stage->dashboard, &stage->state, (struct key_press){KEY_CLICK, -5, 4000});
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_start, stage_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_number_zooms_and_the_same_number_goes_back),
		TEST(a_zoom_of_a_view_that_is_not_there_does_nothing),
		TEST(help_is_a_view_like_others),
		TEST(commands_go_to_the_focused_view),
		TEST(a_search_reaches_the_view_letter_by_letter),
		TEST(escape_takes_the_typed_text_back),
		TEST(no_prompt_opens_where_the_view_has_none),
		TEST(a_prompt_survives_the_longest_text),
		TEST(a_signal_is_sent_only_after_yes),
		TEST(quitting_asks_only_with_a_live_command),
		TEST(plus_and_minus_step_through_the_intervals),
		TEST(a_question_mark_shows_why_and_any_way_out_closes_it),
		TEST(a_recording_refuses_what_touches_the_world_and_says_so),
		TEST(replay_plays_steps_changes_speed_and_goes_to_a_time),
		TEST(times_are_parsed_or_refused),
		TEST(a_click_focuses_a_title_zooms_and_the_wheel_scrolls),
	};

	return cmocka_run_group_tests_name("dashboard_keys", tests, NULL, NULL);
}
