/* SPDX-License-Identifier: Apache-2.0 */
/* What a feed does with the texts of others, and the verbs that are not readings. */
#include "base/clock.h"
#include "model/feed.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/fed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND CLOCK_NS_PER_S

static void text_of_others_is_cleaned_and_cut(void **state)
{
	struct fed *fed = *state;
	char endless[3000];

	memset(endless, 'x', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	feed_domain(fed->feed, DOMAIN_PROCESS, "7@9", 0, "evil\033[2Jname\n");
	assert_null(strchr(fed_text(fed, 0, 1), '\033'));
	assert_null(strchr(fed_text(fed, 0, 1), '\n'));
	feed_label(fed->feed, fed->domain, "command", endless);
	assert_string_equal(fed_text(fed, 1, 0), "command");
	assert_int_equal(strlen(fed_text(fed, 1, 1)), 511);
	feed_note(fed->feed, SECOND, NOTE_WARN, 0, "%s\007", endless);
	assert_int_equal(strlen(fed_text(fed, 2, 0)), 255);
	feed_source(fed->feed, endless, SOURCE_OK, endless, endless, NULL);
	assert_int_equal(strlen(fed_text(fed, 3, 0)), 63);
	assert_int_equal(strlen(fed_text(fed, 3, 1)), 127);
	assert_int_equal(strlen(fed_text(fed, 3, 2)), 255);
	assert_string_equal(fed_text(fed, 3, 3), "");
	feed_mark(fed->feed, SECOND, MARK_BEGIN, "a\tb\033c");
	assert_null(strchr(fed_text(fed, 4, 0), '\033'));
	feed_meta(fed->feed, "command", "a\nb");
	assert_null(strchr(fed_text(fed, 5, 1), '\n'));
}

static const char *output_of(struct fed *fed, const char *line, size_t length)
{
	batch_clear(feed_batch(fed->feed));
	feed_output(fed->feed, SECOND, 1, line, length);
	assert_int_equal(fed_event(fed, 0)->type, EVENT_OUTPUT);
	return fed_text(fed, 0, 0);
}

static void output_keeps_colours_and_nothing_else(void **state)
{
	struct fed *fed = *state;
	const char *text;

	assert_string_equal(output_of(fed, "a\033[1;31mred\033[0mb", 16), "a\033[1;31mred\033[0mb");
	assert_string_equal(output_of(fed, "\033[m", 3), "\033[m");
	assert_string_equal(output_of(fed, "\033[2Jx", 5), "\xef\xbf\xbd[2Jx");
	assert_string_equal(output_of(fed, "\033]0;t\007x", 7), "\xef\xbf\xbd]0;t\xef\xbf\xbdx");
	assert_string_equal(output_of(fed, "\033[31", 4), "\xef\xbf\xbd[31");
	assert_string_equal(output_of(fed, "\033\033[0m", 5), "\xef\xbf\xbd\033[0m");
	assert_string_equal(output_of(fed, "a\0b", 3), "a\xef\xbf\xbd"
						       "b");
	text = output_of(fed, "\033[1111111111111111111111111m", 28);
	assert_null(strchr(text, '\033'));
	assert_string_equal(output_of(fed, "", 0), "");
}

static void output_is_cut_before_a_colour_that_does_not_fit(void **state)
{
	struct fed *fed = *state;
	char line[600];
	const char *text;

	memset(line, 'y', sizeof(line));
	memcpy(line + 508, "\033[31m", 5);
	text = output_of(fed, line, sizeof(line));
	assert_int_equal(strlen(text), 508);
	memcpy(line + 508, "yyyyy", 5);
	assert_int_equal(strlen(output_of(fed, line, sizeof(line))), 511);
}

static void work_makes_a_domain_for_its_unit(void **state)
{
	struct fed *fed = *state;

	feed_work(fed->feed, SECOND, "marks", "tokens", 100);
	feed_work(fed->feed, 2 * SECOND, "marks", "tokens", 50);
	assert_int_equal(fed_event(fed, 0)->type, EVENT_DOMAIN);
	assert_int_equal(fed_event(fed, 0)->detail, DOMAIN_WORK);
	assert_string_equal(fed_text(fed, 0, 0), "work/tokens");
	assert_string_equal(fed_text(fed, 0, 1), "tokens");
	assert_int_equal(fed_event(fed, 1)->detail, QUALITY_GIVEN);
	fed_expect_value(fed, 2, SECOND, 100);
	fed_expect_value(fed, 3, 2 * SECOND, 150);
	assert_int_equal(fed_count(fed), 4);
}

static void endless_units_of_work_are_bounded_and_said(void **state)
{
	struct fed *fed = *state;
	size_t domains = 0, notes = 0;

	for (int i = 0; i < 1000; i++) {
		char unit[32];

		snprintf(unit, sizeof(unit), "unit%d", i);
		feed_work(fed->feed, SECOND, "marks", unit, 1);
	}
	for (size_t i = 0; i < fed_count(fed); i++) {
		domains += fed_event(fed, i)->type == EVENT_DOMAIN;
		notes += fed_event(fed, i)->type == EVENT_NOTE;
	}
	assert_int_equal(domains, 64);
	assert_int_equal(notes, 1000 - 64);
}

static void the_other_verbs_say_what_they_are_given(void **state)
{
	struct fed *fed = *state;

	feed_tick(fed->feed, 3 * SECOND, 7, 250);
	feed_end(fed->feed, 4 * SECOND, 137);
	feed_source(fed->feed, "nvml", SOURCE_NONE, "gpu energy", "no driver", "install it");
	assert_int_equal(fed_event(fed, 0)->type, EVENT_TICK);
	assert_int_equal(fed_event(fed, 0)->id, 7);
	assert_int_equal(fed_event(fed, 0)->value, 250);
	assert_int_equal(fed_event(fed, 1)->type, EVENT_END);
	assert_int_equal(fed_event(fed, 1)->value, 137);
	assert_int_equal(fed_event(fed, 2)->detail, SOURCE_NONE);
	assert_string_equal(fed_text(fed, 2, 3), "install it");
}

static void texts_beyond_a_batch_read_as_nothing(void **state)
{
	struct batch batch = {0};
	struct event event = {.type = EVENT_META, .ref = {.text = 4000}};

	(void)state;
	assert_string_equal(batch_text(&batch, &event, 0), "");
	assert_string_equal(batch_text(&batch, &event, 3), "");
	batch_finish(&batch);
	batch_finish(NULL);
}

static void states_of_sources_have_names(void **state)
{
	(void)state;
	for (int i = 0; i < SOURCE_STATE_COUNT; i++)
		assert_int_equal(source_state_find(source_state_name((enum source_state)i)), i);
	assert_int_equal(source_state_find("excellent"), SOURCE_STATE_COUNT);
}

#define WITH_FEED(test) cmocka_unit_test_setup_teardown(test, fed_set_up, fed_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FEED(text_of_others_is_cleaned_and_cut),
		WITH_FEED(output_keeps_colours_and_nothing_else),
		WITH_FEED(output_is_cut_before_a_colour_that_does_not_fit),
		WITH_FEED(work_makes_a_domain_for_its_unit),
		WITH_FEED(endless_units_of_work_are_bounded_and_said),
		WITH_FEED(the_other_verbs_say_what_they_are_given),
		cmocka_unit_test(texts_beyond_a_batch_read_as_nothing),
		cmocka_unit_test(states_of_sources_have_names),
	};

	return cmocka_run_group_tests_name("feed_text", tests, NULL, NULL);
}
