/* SPDX-License-Identifier: Apache-2.0 */
/* The phases panel: the tree, its order, what is a share by time, and why. */
#include "base/clock.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/shown.h"

#include <stdlib.h>
#include <string.h>

extern const struct view view_phases;

#define START_NS (100 * CLOCK_NS_PER_S)

static void mark(struct sessions *sessions, double time_s, enum mark_verb verb, const char *name)
{
	feed_mark(sessions->feed, START_NS + (int64_t)(time_s * 1e9), verb, name);
}

/* Ten seconds of 100 W, then ten of 40 W; training in the first ones, a short save, testing that goes on. */
static void feed_run(struct sessions *sessions)
{
	uint32_t series = sessions_series(sessions, DOMAIN_PACKAGE, "package-0", "package-0", 0,
					  "powercap:intel-rapl:0", QUALITY_MEASURED);

	for (int i = 0; i <= 20; i++) {
		if (i == 1)
			mark(sessions, 0, MARK_BEGIN, "training");
		if (i >= 1 && i <= 10) {
			mark(sessions, i - 1, MARK_BEGIN, "forward");
			feed_work(sessions->feed, START_NS + i, "marks", "samples", 50);
			mark(sessions, i - 0.6, MARK_END, "forward");
		}
		if (i == 11) {
			mark(sessions, 10, MARK_END, "training");
			mark(sessions, 10.25, MARK_BEGIN, "save");
			mark(sessions, 10.5, MARK_END, "save");
			mark(sessions, 10.5, MARK_BEGIN, "testing");
		}
		feed_increase(sessions->feed, series, METRIC_ENERGY_UJ,
			      START_NS + i * CLOCK_NS_PER_S,
			      i == 0	? 0
			      : i <= 10 ? 100000000
					: 40000000);
		sessions_tick(sessions, START_NS + i * CLOCK_NS_PER_S);
		phase_tick(sessions->session, false);
	}
}

static int start(void **state)
{
	struct shown *shown = memory_zeroed(1, sizeof(*shown));

	sessions_start(&shown->sessions);
	feed_run(&shown->sessions);
	drawing_start(&shown->drawing, &view_phases, shown->sessions.session);
	*state = shown;
	return 0;
}

static void phases_stand_below_what_they_lie_in(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	/* 1,000 J of training, 400 J in its forwards (each a share by time), 10 J of saving, 380 J of testing so far. */
	assert_string_equal(
		drawing_text(drawing, 90, 6),
		"NAME                  COUNT     TIME        kJ   J>idle        W   PEAK W    J/WORK °C END\n"
		"training                  1   10.0 s      1.00        -   100.00   100.00    2.00 J      -\n"
		"  forward                10   4.00 s     ~0.40        -  ~100.00  ~100.00 ~800.0 mJ      -\n"
		"save                      1 250.0 ms     ~0.01        -   ~40.00   ~40.00         -      -\n"
		"testing …                 0   9.50 s      0.38        -    40.00    40.00         -      -\n"
		"\n");
	assert_string_equal(drawing_subtitle(drawing), "4 · 1 open · w begins and ends a window");
}

static void a_column_sorts_within_each_phase_and_t_makes_it_flat(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	for (int i = 0; i < 3; i++)
		drawing_command(drawing, COMMAND_SORT, NULL);
	drawing_text(drawing, 90, 6);
	assert_int_equal(drawing_find(drawing, "training"), 1);
	assert_int_equal(drawing_find(drawing, "  forward"), 2);
	assert_int_equal(drawing_find(drawing, "testing"), 3);
	assert_int_equal(drawing_find(drawing, "save"), 4);
	drawing_command(drawing, COMMAND_REVERSE, NULL);
	drawing_text(drawing, 90, 6);
	assert_int_equal(drawing_find(drawing, "save"), 1);
	assert_int_equal(drawing_find(drawing, "  forward"), 4);
	drawing_command(drawing, COMMAND_TREE, NULL);
	drawing_text(drawing, 90, 6);
	assert_int_equal(drawing_find(drawing, "testing"), 2);
	assert_int_equal(drawing_find(drawing, "training/forward"), 3);
	assert_int_equal(drawing_find(drawing, "training "), 4);
}

static void why_tells_devices_and_what_is_a_share_by_time(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	drawing_text(drawing, 90, 6);
	assert_non_null(strstr(drawing_why(drawing), "training: 1.00 kJ in 1 repetitions"));
	assert_non_null(strstr(drawing_why(drawing), "package-0: 1.00 kJ"));
	assert_null(strstr(drawing_why(drawing), "shorter"));
	drawing_command(drawing, COMMAND_DOWN, NULL);
	assert_non_null(
		strstr(drawing_why(drawing), "training/forward: ~400.0 J in 10 repetitions"));
	assert_non_null(strstr(drawing_why(drawing), "10 repetitions were shorter"));
}

static void with_the_screen_to_itself_it_shows_names_temperatures_and_devices(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	drawing->context.zoomed = true;
	drawing_text(drawing, 110, 16);
	/* At 110 columns all is shown, and a name still has its twenty. */
	assert_string_equal(drawing_row(drawing, 0),
			    "NAME                  COUNT     TIME        kJ   J>idle        W   "
			    "PEAK W    J/WORK          WORK    °C °C END");
	assert_int_equal(drawing_find(drawing, "devices in training"), 13);
	assert_non_null(strstr(drawing_row(drawing, 15), "package-0"));
	assert_non_null(strstr(drawing_row(drawing, 15), "1.00 kJ"));
	assert_non_null(strstr(drawing_row(drawing, 15), "100.0"));
	drawing_command(drawing, COMMAND_DOWN, NULL);
	drawing_text(drawing, 110, 16);
	assert_int_equal(drawing_find(drawing, "devices in training/forward"), 13);
	/* Too low: the table alone. */
	drawing_text(drawing, 110, 8);
	assert_int_equal(drawing_find(drawing, "devices"), -1);
}

static void without_a_phase_it_says_how_to_get_one(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_full(&sessions);
	drawing_start(&drawing, &view_phases, sessions.session);
	drawing_text(&drawing, 90, 4);
	assert_int_equal(drawing_find(&drawing, "no phase yet: w begins a window"), 1);
	assert_string_equal(drawing_why(&drawing), "no phase has begun");
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(phases_stand_below_what_they_lie_in, start,
						shown_stop),
		cmocka_unit_test_setup_teardown(
			a_column_sorts_within_each_phase_and_t_makes_it_flat, start, shown_stop),
		cmocka_unit_test_setup_teardown(why_tells_devices_and_what_is_a_share_by_time,
						start, shown_stop),
		cmocka_unit_test_setup_teardown(
			with_the_screen_to_itself_it_shows_names_temperatures_and_devices, start,
			shown_stop),
		cmocka_unit_test(without_a_phase_it_says_how_to_get_one),
	};

	return cmocka_run_group_tests_name("phases", tests, NULL, NULL);
}
