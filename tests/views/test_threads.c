/* SPDX-License-Identifier: Apache-2.0 */
/* The threads panel: order, selection, filter, search, signals, and books that balance on the screen. */
#include "tests/support/cmocka_all.h"
#include "tests/support/desk.h"
#include "tests/support/roofs.h"
#include "tests/support/shown.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

extern const struct view view_threads;

static int start(void **state)
{
	struct shown *shown = memory_zeroed(1, sizeof(*shown));

	sessions_full(&shown->sessions);
	drawing_start(&shown->drawing, &view_threads, shown->sessions.session);
	*state = shown;
	return 0;
}

/* The figure in a row that ends in the column in which the head ends. */
static double figure_under(struct drawing *drawing, const char *head, int y)
{
	const struct canvas_cell *cells = drawing->canvas.cells;
	int width = drawing->canvas.width, end = 0, from;
	char text[32] = "";

	for (int x = 0; x + (int)strlen(head) <= width && end == 0; x++) {
		size_t same = 0;

		while (head[same] && cells[x + (int)same].code_point == (unsigned char)head[same])
			same++;
		if (!head[same])
			end = x + (int)same;
	}
	for (from = end; from > 0 && cells[y * width + from - 1].code_point != ' '; from--)
		;
	for (int x = from; x < end && x - from < 31; x++)
		text[x - from] = (char)cells[y * width + x].code_point;
	return atof(text);
}

static void type(struct drawing *drawing, enum command_id command, const char *text)
{
	assert_int_equal(drawing_command(drawing, command, NULL), VIEW_HANDLED);
	drawing->view->typed(drawing->self, &drawing->context, text, true);
}

static void the_most_watts_come_first_and_the_rest_below(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	/* 7.21 + 7.19 + 2.04 + 0.17 + 34.49 + 7.30 + 0.90 + 62.10 = 121.40 W, the package's. */
	assert_string_equal(
		drawing_text(drawing, 76, 9),
		"    PID     TID NAME                    CPU%   IPC   GHZ       W ▼        kJ\n"
		"   4711    4730 pt_main_thread          99.8  2.11  3.40      7.21      5.43\n"
		"   4711    4731 pt_main_thread          99.7  2.10  3.40      7.19      5.41\n"
		"   4711    4722 dataloader              38.0  0.71  3.40      2.04      1.53\n"
		"   4711    4803 worker                   2.4  1.00  3.40      0.17      0.11\n"
		"                208 more               509.6                 34.49     23.11\n"
		"                others                  21.3                  7.30      5.56\n"
		"                unattributed             3.1                  0.90      0.69\n"
		"                idle                                         62.10     47.26\n");
	assert_string_equal(drawing_subtitle(drawing), "212 · package watts by cycles");
}

static void assert_balance(struct drawing *drawing, int height)
{
	double power_w = 0, energy_kj = 0;

	drawing_text(drawing, 110, height);
	for (int y = 1; y < height; y++) {
		power_w += figure_under(drawing, " W", y);
		energy_kj += figure_under(drawing, "kJ", y);
	}
	assert_float_equal((float)power_w, 121.4f, 0.005f * (float)height);
	assert_float_equal((float)energy_kj, 89.1f, 0.005f * (float)height);
}

static void the_figures_on_the_screen_add_up_to_the_package(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	drawing_text(drawing, 110, 5);
	/* Sorted by clock, the head of the watts has no mark: the figures end where "W" does. */
	drawing_command(drawing, COMMAND_SORT_PREVIOUS, NULL);
	for (int height = 3; height < 40; height += 3)
		assert_balance(drawing, height);
	drawing_command(drawing, COMMAND_LAST, NULL);
	assert_balance(drawing, 20);
	type(drawing, COMMAND_FILTER, "loader");
	assert_balance(drawing, 20);
	type(drawing, COMMAND_FILTER, "");
	drawing_command(drawing, COMMAND_THREADS, NULL);
	assert_balance(drawing, 20);
}

static void a_tree_puts_threads_below_their_process(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	drawing_command(drawing, COMMAND_TREE, NULL);
	drawing_text(drawing, 90, 12);
	assert_non_null(strstr(drawing_row(drawing, 1), " python3"));
	assert_non_null(strstr(drawing_row(drawing, 2), "   pt_main_thread"));
	/* The row of the process holds them all: nothing of them is left for the rows below. */
	assert_int_equal(drawing_find(drawing, "more"), -1);
	assert_int_equal(drawing_find(drawing, "others"), 8);
}

static void the_filter_leaves_only_what_matches(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	type(drawing, COMMAND_FILTER, "LOADER");
	drawing_text(drawing, 90, 12);
	assert_int_equal(drawing_find(drawing, "dataloader"), 1);
	assert_int_equal(drawing_find(drawing, "pt_main_thread"), -1);
	assert_int_equal(drawing_find(drawing, "211 more"), 2);
	assert_non_null(strstr(drawing_subtitle(drawing), "filter 'LOADER': 1"));
}

static void the_search_moves_to_the_next_that_matches(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;
	struct action action;

	type(drawing, COMMAND_SEARCH, "main");
	assert_non_null(strstr(drawing_why(drawing), "pt_main_thread (4730)"));
	type(drawing, COMMAND_SEARCH, "");
	assert_non_null(strstr(drawing_why(drawing), "pt_main_thread (4731)"));
	type(drawing, COMMAND_SEARCH, "nothing has this name");
	assert_non_null(strstr(drawing_why(drawing), "pt_main_thread (4731)"));
	assert_int_equal(drawing_command(drawing, COMMAND_SIGNAL, &action), VIEW_ACTION);
}

static void the_selection_stays_with_its_thread(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	drawing_text(drawing, 90, 12);
	drawing_command(drawing, COMMAND_DOWN, NULL);
	drawing_command(drawing, COMMAND_DOWN, NULL);
	assert_non_null(strstr(drawing_why(drawing), "dataloader (4722)"));
	for (int i = 0; i < 6; i++) {
		drawing_command(drawing, i & 1 ? COMMAND_REVERSE : COMMAND_SORT_NEXT, NULL);
		drawing_text(drawing, 90, 12);
		assert_non_null(strstr(drawing_why(drawing), "dataloader (4722)"));
		drawing_text(drawing, 90, 12);
		assert_true(drawing_find(drawing, "dataloader") > 0);
	}
}

static void a_signal_names_the_process_and_its_start(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;
	struct action action = {0};

	drawing_text(drawing, 90, 12);
	assert_int_equal(drawing_command(drawing, COMMAND_SIGNAL, &action), VIEW_ACTION);
	assert_int_equal(action.type, ACTION_SIGNAL);
	assert_int_equal(action.pid, 4711);
	assert_int_equal(action.start_ticks, 88120);
	assert_int_equal(action.number, SIGTERM);
}

static void processes_show_the_sum_of_their_threads(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	drawing_command(drawing, COMMAND_THREADS, NULL);
	drawing_text(drawing, 90, 8);
	/* 7.21 + 7.19 + 2.04 + 34.66 = 51.10 W. */
	assert_non_null(strstr(drawing_row(drawing, 1), "python3"));
	assert_non_null(strstr(drawing_row(drawing, 1), "51.10"));
	assert_non_null(strstr(drawing_row(drawing, 1), " 212 "));
	assert_int_equal(drawing_find(drawing, "more"), -1);
}

static void sums_per_container_and_user_keep_the_books(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	assert_int_equal(drawing_command(drawing, COMMAND_SUMS, NULL), VIEW_HANDLED);
	drawing_text(drawing, 118, 20);
	assert_non_null(strstr(drawing_row(drawing, 0), "PROCS CONTAINER"));
	assert_null(strstr(drawing_row(drawing, 0), "PID"));
	/* The only process is in none. */
	assert_non_null(strstr(drawing_row(drawing, 1), "      1 -"));
	assert_non_null(strstr(drawing_row(drawing, 1), "51.10"));
	assert_non_null(strstr(drawing_subtitle(drawing), "sums per container"));
	assert_non_null(strstr(drawing_why(drawing), "the sum of "));
	/* Sorted by another column, the figures end where "W" does. */
	drawing_command(drawing, COMMAND_SORT_PREVIOUS, NULL);
	assert_balance(drawing, 20);
	/* No signal to a sum. */
	struct action action = {.type = ACTION_NONE};

	drawing_command(drawing, COMMAND_SIGNAL, &action);
	assert_int_equal(action.type, ACTION_NONE);
	assert_int_equal(drawing_command(drawing, COMMAND_SUMS, NULL), VIEW_HANDLED);
	drawing_text(drawing, 118, 20);
	assert_non_null(strstr(drawing_row(drawing, 0), "USER"));
	assert_balance(drawing, 20);
	assert_int_equal(drawing_command(drawing, COMMAND_SUMS, NULL), VIEW_HANDLED);
	drawing_text(drawing, 118, 20);
	assert_non_null(strstr(drawing_row(drawing, 0), "TID"));
	/* The tree key leaves the sums. */
	drawing_command(drawing, COMMAND_SUMS, NULL);
	drawing_command(drawing, COMMAND_TREE, NULL);
	drawing_text(drawing, 118, 20);
	assert_non_null(strstr(drawing_row(drawing, 1), " python3"));
}

static void reversed_the_least_come_first(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	drawing_command(drawing, COMMAND_REVERSE, NULL);
	drawing_text(drawing, 90, 12);
	assert_non_null(strstr(drawing_row(drawing, 0), "W ▲"));
	assert_non_null(strstr(drawing_row(drawing, 1), "worker"));
}

static void tagged_threads_are_summed_behind_the_title(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	drawing_text(drawing, 90, 12);
	drawing_command(drawing, COMMAND_TAG, NULL);
	drawing_command(drawing, COMMAND_TAG, NULL);
	drawing_text(drawing, 90, 12);
	assert_non_null(strstr(drawing_row(drawing, 1), "*pt_main_thread"));
	assert_non_null(strstr(drawing_row(drawing, 2), "*pt_main_thread"));
	assert_non_null(strstr(drawing_subtitle(drawing), "2 tagged 14.4"));
}

static void estimated_watts_carry_their_sign(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_vm(&sessions);
	drawing_start(&drawing, &view_threads, sessions.session);
	drawing.context.zoomed = true;
	drawing_text(&drawing, 90, 10);
	assert_non_null(strstr(drawing_row(&drawing, 0), "W+idle"));
	assert_non_null(strstr(drawing_row(&drawing, 1), "~33.00"));
	assert_string_equal(drawing_row(&drawing, 9), "python3 train.py --epochs 3");
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void what_ended_stays_in_the_books(void **state)
{
	struct shown *shown = *state;
	struct drawing *drawing = &shown->drawing;
	struct sessions *sessions = &shown->sessions;
	char key[DOMAIN_KEY_SIZE];
	int64_t now_ns = session_now_ns(sessions->session);

	domain_key_thread(key, 4711, 4722, 88131);
	feed_retire(sessions->feed, now_ns + 1,
		    feed_domain(sessions->feed, DOMAIN_THREAD, key, 0, "dataloader"));
	sessions_tick(sessions, now_ns + 2);
	session_recorded(sessions->session);
	session_fold(sessions->session, now_ns + 3);
	drawing_text(drawing, 90, 12);
	assert_int_equal(drawing_find(drawing, "dataloader"), -1);
	assert_non_null(strstr(drawing_row(drawing, drawing_find(drawing, "ended")), "1.53"));
}

static void processes_with_a_part_of_a_gpu_have_a_column_for_it(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_start(&sessions);
	for (int tick = 0; tick < 4; tick++) {
		int64_t now_ns = (100 + tick) * INT64_C(1000000000);
		uint32_t process =
			feed_domain(sessions.feed, DOMAIN_PROCESS, "4711@88120", 0, "train.py");
		uint32_t share = feed_series(sessions.feed, process, "weight:gpu-0000:1b:00.0",
					     QUALITY_ATTRIBUTED);
		uint32_t other = feed_domain(sessions.feed, DOMAIN_PROCESS, "4712@88121", 0, "sh");
		uint32_t thread = feed_domain(sessions.feed, DOMAIN_THREAD, "4711/4711@88120",
					      process, "train.py");
		uint32_t own =
			feed_series(sessions.feed, thread, "weight:cycles", QUALITY_ATTRIBUTED);

		feed_series(sessions.feed, other, "sched", QUALITY_MEASURED);
		feed_increase(sessions.feed, share, METRIC_ENERGY_UJ, now_ns,
			      tick == 0 ? 0 : 250000000);
		feed_increase(sessions.feed, own, METRIC_ENERGY_UJ, now_ns,
			      tick == 0 ? 0 : 7000000);
		sessions_tick(&sessions, now_ns);
	}
	drawing_start(&drawing, &view_threads, sessions.session);
	drawing_text(&drawing, 100, 12);
	assert_null(strstr(drawing_row(&drawing, 0), "GPU W"));
	drawing_command(&drawing, COMMAND_THREADS, NULL);
	drawing_text(&drawing, 100, 12);
	assert_non_null(strstr(drawing_row(&drawing, 0), "GPU W"));
	assert_non_null(strstr(drawing_row(&drawing, drawing_find(&drawing, "train.py")), "250.0"));
	/* Its watts are those of the processor. */
	assert_non_null(strstr(drawing_row(&drawing, drawing_find(&drawing, "train.py")), "7.00"));
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void operations_and_bytes_have_columns_where_they_are_counted(void **state)
{
	static const struct roofs_task proxy = {4714, "proxy", 5000000, -1,
						-1,   1000000, -1,	QUALITY_MEASURED};
	struct sessions sessions;
	struct drawing drawing;
	struct desk desk;

	(void)state;
	desk_start(&desk);
	roofs_training(&desk);
	drawing_start(&drawing, &view_threads, desk.session);
	drawing_text(&drawing, 118, 10);
	assert_non_null(strstr(drawing_row(&drawing, 0), "GFLOP/s     GB/s       W"));
	assert_non_null(strstr(drawing_row(&drawing, 0), "GFLOP/s/W"));
	assert_non_null(strstr(drawing_row(&drawing, 1), "750.0    ~63.6    121.00"));
	assert_non_null(strstr(drawing_row(&drawing, 1), "6.20"));
	assert_non_null(strstr(drawing_row(&drawing, 2), "5.00    ~50.0     12.00"));
	drawing_text(&drawing, 76, 10);
	assert_non_null(strstr(drawing_row(&drawing, 0), "GFLOP/s"));
	/* Misses are fewer than the bytes that came. */
	for (int i = 0; i < 3; i++) {
		roofs_second(&desk, &proxy);
		desk_tick(&desk);
	}
	drawing_text(&drawing, 118, 10);
	assert_true(drawing_find(&drawing, "≥0.06") >= 0);
	drawing_stop(&drawing);
	desk_end(&desk);
	sessions_full(&sessions);
	drawing_start(&drawing, &view_threads, sessions.session);
	drawing_text(&drawing, 160, 10);
	assert_null(strstr(drawing_row(&drawing, 0), "GFLOP"));
	assert_null(strstr(drawing_row(&drawing, 0), "GB/s"));
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_most_watts_come_first_and_the_rest_below, start,
						shown_stop),
		cmocka_unit_test_setup_teardown(the_figures_on_the_screen_add_up_to_the_package,
						start, shown_stop),
		cmocka_unit_test_setup_teardown(a_tree_puts_threads_below_their_process, start,
						shown_stop),
		cmocka_unit_test_setup_teardown(the_filter_leaves_only_what_matches, start,
						shown_stop),
		cmocka_unit_test_setup_teardown(the_search_moves_to_the_next_that_matches, start,
						shown_stop),
		cmocka_unit_test_setup_teardown(the_selection_stays_with_its_thread, start,
						shown_stop),
		cmocka_unit_test_setup_teardown(a_signal_names_the_process_and_its_start, start,
						shown_stop),
		cmocka_unit_test_setup_teardown(processes_show_the_sum_of_their_threads, start,
						shown_stop),
		cmocka_unit_test_setup_teardown(sums_per_container_and_user_keep_the_books, start,
						shown_stop),
		cmocka_unit_test_setup_teardown(reversed_the_least_come_first, start, shown_stop),
		cmocka_unit_test_setup_teardown(tagged_threads_are_summed_behind_the_title, start,
						shown_stop),
		cmocka_unit_test(estimated_watts_carry_their_sign),
		cmocka_unit_test(processes_with_a_part_of_a_gpu_have_a_column_for_it),
		cmocka_unit_test_setup_teardown(what_ended_stays_in_the_books, start, shown_stop),
		cmocka_unit_test(operations_and_bytes_have_columns_where_they_are_counted),
	};

	return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
