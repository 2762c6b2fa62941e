/* SPDX-License-Identifier: Apache-2.0 */
/* The output panel: follows the end, stays where it was scrolled to, takes colours and no other sequence. */
#include "tests/support/cmocka_all.h"
#include "tests/support/drawing.h"
#include "tests/support/sessions.h"

#include <stdio.h>
#include <string.h>

extern const struct view view_output;

static void write_lines(struct sessions *sessions, int from, int to)
{
	for (int i = from; i < to; i++) {
		char line[32];

		snprintf(line, sizeof(line), "line %d", i);
		feed_output(sessions->feed, 1, 1, line, strlen(line));
	}
	sessions_tick(sessions, session_now_ns(sessions->session) + 1000000000);
}

static void without_a_command_it_says_how_to_start_one(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_start(&sessions);
	drawing_start(&drawing, &view_output, sessions.session);
	assert_string_equal(drawing_text(&drawing, 70, 1),
			    " no command of ours: start one with jouletop -- COMMAND\n");
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void colours_become_roles_and_leave_no_trace(void **state)
{
	struct sessions sessions;
	struct drawing drawing;
	const struct canvas_cell *cells;

	(void)state;
	sessions_full(&sessions);
	drawing_start(&drawing, &view_output, sessions.session);
	assert_string_equal(drawing_text(&drawing, 40, 3),
			    "epoch 1\nloss 2.31 step 100\nwarning: slow loader\n");
	cells = drawing.canvas.cells;
	assert_int_equal(cells[40].role, ROLE_SERIES0 + 2);
	assert_int_equal(cells[40 + 10].role, ROLE_TEXT);
	assert_int_equal(cells[80].role, ROLE_SERIES0 + 1);
	assert_int_equal(cells[80 + 7].role, ROLE_TEXT);
	assert_int_equal(cells[80 + 9].role, ROLE_DIM);
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void it_follows_the_end(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_start(&sessions);
	write_lines(&sessions, 0, 10);
	drawing_start(&drawing, &view_output, sessions.session);
	assert_string_equal(drawing_text(&drawing, 20, 3), "line 7\nline 8\nline 9\n");
	write_lines(&sessions, 10, 11);
	assert_string_equal(drawing_text(&drawing, 20, 3), "line 8\nline 9\nline 10\n");
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void scrolled_away_it_stays_while_lines_come(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_start(&sessions);
	write_lines(&sessions, 0, 10);
	drawing_start(&drawing, &view_output, sessions.session);
	drawing_text(&drawing, 20, 3);
	drawing_command(&drawing, COMMAND_UP, NULL);
	assert_string_equal(drawing_text(&drawing, 20, 3), "line 6\nline 7\nline 8\n");
	write_lines(&sessions, 10, 20);
	assert_string_equal(drawing_text(&drawing, 20, 3), "line 6\nline 7\nline 8\n");
	drawing_command(&drawing, COMMAND_LAST, NULL);
	write_lines(&sessions, 20, 21);
	assert_string_equal(drawing_text(&drawing, 20, 3), "line 18\nline 19\nline 20\n");
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void more_than_is_kept_is_counted(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_start(&sessions);
	write_lines(&sessions, 0, SESSION_LINES + 500);
	drawing_start(&drawing, &view_output, sessions.session);
	assert_string_equal(drawing_subtitle(&drawing), "2500 lines, 2000 kept");
	drawing_text(&drawing, 20, 3);
	drawing_command(&drawing, COMMAND_FIRST, NULL);
	assert_string_equal(drawing_text(&drawing, 20, 1), "line 500\n");
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void sideways_shows_the_rest_of_long_lines(void **state)
{
	struct sessions sessions;
	struct drawing drawing;
	static const char line[] = "0123456789abcdef0123456789";

	(void)state;
	sessions_start(&sessions);
	feed_output(sessions.feed, 1, 1, line, strlen(line));
	sessions_tick(&sessions, 1000000000);
	drawing_start(&drawing, &view_output, sessions.session);
	drawing_command(&drawing, COMMAND_RIGHT, NULL);
	assert_string_equal(drawing_text(&drawing, 8, 1), "01234567\n");
	drawing_command(&drawing, COMMAND_LEFT, NULL);
	assert_string_equal(drawing_text(&drawing, 8, 1), "01234567\n");
	assert_string_equal(drawing_text(&drawing, 18, 1), "0123456789abcdef01\n");
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_command_it_says_how_to_start_one),
		cmocka_unit_test(colours_become_roles_and_leave_no_trace),
		cmocka_unit_test(it_follows_the_end),
		cmocka_unit_test(scrolled_away_it_stays_while_lines_come),
		cmocka_unit_test(more_than_is_kept_is_counted),
		cmocka_unit_test(sideways_shows_the_rest_of_long_lines),
	};

	return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
