/* SPDX-License-Identifier: Apache-2.0 */
/* The table of keys: no key means two things, no command is out of reach. */
#include "tests/support/cmocka_all.h"

#include "screen/key.h"

#include <string.h>

#define CODES_MAX 4

static void check_mode(unsigned mode)
{
	for (size_t i = 0; i < key_binding_count; i++) {
		for (size_t other = 0; other < i; other++) {
			if ((key_bindings[i].mode & key_bindings[other].mode & mode) == 0)
				continue;
			for (size_t a = 0; a < CODES_MAX && key_bindings[i].codes[a] != 0; a++)
				for (size_t b = 0;
				     b < CODES_MAX && key_bindings[other].codes[b] != 0; b++)
					if (key_bindings[i].codes[a] ==
					    key_bindings[other].codes[b])
						fail_msg("\"%s\" and \"%s\" share a key",
							 key_bindings[i].help,
							 key_bindings[other].help);
		}
	}
}

static void no_key_has_two_meanings_in_one_mode(void **state)
{
	(void)state;
	check_mode(KEY_LIVE);
	check_mode(KEY_REPLAY);
}

static void each_bound_key_finds_its_command(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_binding_count; i++) {
		const struct key_binding *binding = &key_bindings[i];

		for (size_t k = 0; k < CODES_MAX && binding->codes[k] != 0; k++) {
			if (binding->mode & KEY_LIVE)
				assert_int_equal(key_command(binding->codes[k], false),
						 binding->command);
			if (binding->mode & KEY_REPLAY)
				assert_int_equal(key_command(binding->codes[k], true),
						 binding->command);
		}
	}
}

static void every_command_has_a_key(void **state)
{
	(void)state;
	for (enum command_id command = COMMAND_NONE + 1; command < COMMAND_COUNT; command++) {
		if (*key_hint(command) == '\0')
			fail_msg("command %d has no key", (int)command);
	}
}

static void every_binding_can_be_read_in_the_help(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_binding_count; i++) {
		assert_true(strlen(key_bindings[i].keys) > 0);
		assert_true(strlen(key_bindings[i].help) > 0);
		assert_null(strchr(key_bindings[i].help, '\n'));
	}
}

static void space_tags_live_and_plays_in_replay(void **state)
{
	(void)state;
	assert_int_equal(key_command(' ', false), COMMAND_TAG);
	assert_int_equal(key_command(' ', true), COMMAND_REPLAY_PLAY);
	assert_int_equal(key_command('g', false), COMMAND_FIRST);
	assert_int_equal(key_command('g', true), COMMAND_REPLAY_GOTO);
	assert_int_equal(key_command('[', false), COMMAND_NONE);
}

static void small_h_moves_and_capital_h_helps(void **state)
{
	(void)state;
	assert_int_equal(key_command('h', false), COMMAND_LEFT);
	assert_int_equal(key_command('H', false), COMMAND_HELP);
	assert_int_equal(key_command(KEY_F1, true), COMMAND_HELP);
	assert_int_equal(key_command(KEY_CTRL_C, false), COMMAND_QUIT);
}

static void unbound_keys_do_nothing(void **state)
{
	(void)state;
	assert_int_equal(key_command(KEY_NONE, false), COMMAND_NONE);
	assert_int_equal(key_command('Z', false), COMMAND_NONE);
	assert_int_equal(key_command(KEY_CLICK, true), COMMAND_NONE);
}

static void hints_are_the_shortest_names(void **state)
{
	(void)state;
	assert_string_equal(key_hint(COMMAND_SEARCH), "/");
	assert_string_equal(key_hint(COMMAND_HELP), "H");
	assert_string_equal(key_hint(COMMAND_QUIT), "q");
	assert_string_equal(key_hint(COMMAND_ZOOM_OUTPUT), "0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_key_has_two_meanings_in_one_mode),
		cmocka_unit_test(each_bound_key_finds_its_command),
		cmocka_unit_test(every_command_has_a_key),
		cmocka_unit_test(every_binding_can_be_read_in_the_help),
		cmocka_unit_test(space_tags_live_and_plays_in_replay),
		cmocka_unit_test(small_h_moves_and_capital_h_helps),
		cmocka_unit_test(unbound_keys_do_nothing),
		cmocka_unit_test(hints_are_the_shortest_names),
	};

	return cmocka_run_group_tests_name("key", tests, NULL, NULL);
}
