/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of marks and the pile they wait on: bounded, and what is left out is left out whole. */
#include "probes/marks/line.h"
#include "tests/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static void a_total_never_wraps(void **state)
{
	struct mark_pile *pile = memory_zeroed(1, sizeof(*pile));
	static const char most[] = "work flop 9223372036854775807\n";

	(void)state;
	mark_pile_message(pile, 1, most, sizeof(most) - 1, false);
	mark_pile_message(pile, 2, most, sizeof(most) - 1, false);
	assert_true(pile->work[0].count == INT64_MAX);
	assert_int_equal(pile->malformed, 1);
	free(pile);
}

static void too_many_at_once_are_left_out_aloud(void **state)
{
	struct mark_pile *pile = memory_zeroed(1, sizeof(*pile));
	char line[64];

	(void)state;
	for (int i = 0; i < MARK_PILE_ENTRIES; i++)
		mark_pile_line(pile, i, "note x", 6);
	assert_int_equal(pile->entry_count, MARK_PILE_ENTRIES - MARK_PILE_ENDS);
	assert_int_equal(pile->left_out, MARK_PILE_ENDS);
	for (int i = 0; i < MARK_PILE_UNITS + 2; i++)
		mark_pile_line(pile, i, line, text_print(line, sizeof(line), "work unit%d 1", i));
	assert_int_equal(pile->unit_count, MARK_PILE_UNITS);
	assert_int_equal(pile->left_out, MARK_PILE_ENDS + 2);
	mark_pile_clear(pile);
	mark_pile_line(pile, 1, "work again 2", 12);
	assert_true(pile->work[0].count == 2);
	free(pile);
}

/* What begins must be able to end, and an end must not end what another begin began. */
static void a_flood_leaves_out_whole_phases(void **state)
{
	struct mark_pile *pile = memory_zeroed(1, sizeof(*pile));
	int depth = 0;

	(void)state;
	mark_pile_line(pile, 0, "begin outer", 11);
	for (int i = 0; i < 100000; i++) {
		mark_pile_line(pile, i, "begin step", 10);
		mark_pile_line(pile, i, "begin inner", 11);
		mark_pile_line(pile, i, "end step", 8);
		mark_pile_line(pile, i, "end inner", 9);
		if (i == 50000) {
			mark_pile_line(pile, i, "end outer", 9);
			assert_string_equal(pile->entries[pile->entry_count - 1].name, "outer");
		}
	}
	assert_true(pile->entry_count > MARK_PILE_ENTRIES / 2);
	assert_true(pile->entry_count <= MARK_PILE_ENTRIES);
	assert_int_equal(pile->entry_count + pile->left_out, 400002);
	for (size_t i = 0; i < pile->entry_count; i++) {
		depth += pile->entries[i].verb == MARK_BEGIN ? 1 : -1;
		assert_true(depth >= 0);
	}
	assert_int_equal(depth, 0);
	/* A begin that found no room has its end left out in the next pile too. */
	pile->begun = MARK_PILE_ENTRIES;
	mark_pile_line(pile, 1, "begin late", 10);
	mark_pile_clear(pile);
	mark_pile_line(pile, 2, "begin late", 10);
	mark_pile_line(pile, 2, "end late", 8);
	assert_int_equal(pile->entry_count, 1);
	assert_int_equal(pile->left_out, 1);
	free(pile);
}

static void over_long_lines_of_a_stream_are_malformed_and_end(void **state)
{
	struct mark_pile *pile = memory_zeroed(1, sizeof(*pile));
	struct mark_stream stream = {0};
	char bytes[MARK_LINE_MAX + 1];

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	mark_stream_bytes(&stream, pile, 1, bytes, sizeof(bytes));
	mark_stream_bytes(&stream, pile, 1, bytes, sizeof(bytes));
	mark_stream_bytes(&stream, pile, 1, "\nwork a 1\n", 10);
	assert_int_equal(pile->malformed, 1);
	assert_true(pile->work[0].count == 1);
	free(pile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_total_never_wraps),
		cmocka_unit_test(too_many_at_once_are_left_out_aloud),
		cmocka_unit_test(a_flood_leaves_out_whole_phases),
		cmocka_unit_test(over_long_lines_of_a_stream_are_malformed_and_end),
	};

	return cmocka_run_group_tests_name("mark_lines", tests, NULL, NULL);
}
