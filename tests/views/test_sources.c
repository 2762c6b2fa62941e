/* SPDX-License-Identifier: Apache-2.0 */
/* The sources panel: states, reasons and remedies in full, and the notes, newest first. */
#include "tests/support/cmocka_all.h"
#include "tests/support/drawing.h"
#include "tests/support/sessions.h"

#include <string.h>

extern const struct view view_sources;

static void every_source_says_its_state_and_why(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_full(&sessions);
	drawing_start(&drawing, &view_sources, sessions.session);
	drawing.context.zoomed = true;
	assert_string_equal(
		drawing_text(&drawing, 100, 11),
		"SOURCE        GIVES                          STATE      WHY / WHAT TO DO\n"
		"powercap      package, core, dram energy     no access  energy_uj is readable by root only; run\n"
		"                                                        jouletop with CAP_PERFMON: perf_power is\n"
		"                                                        used instead\n"
		"perf_power    package, ram energy            ok         2 packages, 2^-32 J\n"
		"counters      cycles instructions            ok         6 of 8 counters, 100 % running\n"
		"hwmon         temperature, power             none       no power or energy sensor\n"
		"estimate      package                        off        a measured source is there\n"
		"nvml          gpu energy                     …\n"
		"\n"
		"NOTES, the newest first\n");
	assert_string_equal(drawing_subtitle(&drawing), "2 of 6 give something · r probes again");
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void scrolling_reaches_the_notes_and_stops_at_the_end(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_full(&sessions);
	drawing_start(&drawing, &view_sources, sessions.session);
	drawing_text(&drawing, 100, 4);
	assert_int_equal(drawing_command(&drawing, COMMAND_LAST, NULL), VIEW_HANDLED);
	assert_int_equal(drawing_command(&drawing, COMMAND_DOWN, NULL), VIEW_HANDLED);
	drawing_text(&drawing, 100, 4);
	assert_string_equal(drawing_row(&drawing, 3), "00:00:00  EIO reading energy_uj");
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void the_newest_note_comes_first(void **state)
{
	struct sessions sessions;
	struct drawing drawing;
	int64_t now_ns;

	(void)state;
	sessions_full(&sessions);
	now_ns = session_now_ns(sessions.session) + INT64_C(1000000000);
	feed_note(sessions.feed, now_ns, NOTE_BAD, 0, "the newest");
	sessions_tick(&sessions, now_ns);
	drawing_start(&drawing, &view_sources, sessions.session);
	drawing_text(&drawing, 100, 30);
	assert_true(drawing_find(&drawing, "00:12:42  the newest") > 0);
	assert_true(drawing_find(&drawing, "  the newest") < drawing_find(&drawing, "EIO reading"));
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void r_asks_to_probe_again(void **state)
{
	struct sessions sessions;
	struct drawing drawing;
	struct action action = {0};

	(void)state;
	sessions_start(&sessions);
	drawing_start(&drawing, &view_sources, sessions.session);
	assert_int_equal(drawing_command(&drawing, COMMAND_PROBE_AGAIN, &action), VIEW_ACTION);
	assert_int_equal(action.type, ACTION_PROBE_AGAIN);
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_source_says_its_state_and_why),
		cmocka_unit_test(scrolling_reaches_the_notes_and_stops_at_the_end),
		cmocka_unit_test(the_newest_note_comes_first),
		cmocka_unit_test(r_asks_to_probe_again),
	};

	return cmocka_run_group_tests_name("sources", tests, NULL, NULL);
}
