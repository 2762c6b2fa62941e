/* SPDX-License-Identifier: Apache-2.0 */
/* The help panel: every key of the table is there, and what its signs mean. */
#include "tests/support/cmocka_all.h"
#include "tests/support/drawing.h"
#include "tests/support/sessions.h"

#include <string.h>

extern const struct view view_help;

static void every_key_of_the_table_is_explained(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_start(&sessions);
	drawing_start(&drawing, &view_help, sessions.session);
	drawing_text(&drawing, 100, 120);
	for (size_t i = 0; i < key_binding_count; i++) {
		char start[32];

		text_print(start, sizeof(start), "%s", key_bindings[i].help);
		assert_true(drawing_find(&drawing, start) > 0);
	}
	assert_true(drawing_find(&drawing, "SIGNS") > 0);
	assert_true(drawing_find(&drawing, "W+idle") > drawing_find(&drawing, "SIGNS"));
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void the_end_of_a_long_help_can_be_reached(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_start(&sessions);
	drawing_start(&drawing, &view_help, sessions.session);
	drawing_text(&drawing, 40, 5);
	assert_string_equal(drawing_row(&drawing, 0), " KEYS");
	assert_int_equal(drawing_command(&drawing, COMMAND_LAST, NULL), VIEW_HANDLED);
	drawing_text(&drawing, 40, 5);
	assert_non_null(strstr(drawing_row(&drawing, 4), "heat"));
	assert_int_equal(drawing_command(&drawing, COMMAND_FIRST, NULL), VIEW_HANDLED);
	drawing_text(&drawing, 40, 5);
	assert_string_equal(drawing_row(&drawing, 0), " KEYS");
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_of_the_table_is_explained),
		cmocka_unit_test(the_end_of_a_long_help_can_be_reached),
	};

	return cmocka_run_group_tests_name("help", tests, NULL, NULL);
}
