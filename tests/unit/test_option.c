/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of base/option: one table gives the parser, --help and the man page. */
#include "base/option.h"

#include "base/memory.h"
#include "base/text.h"
#include "tests/support/cmocka_all.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 8

struct choices {
	char interval[16];
	bool batch, strict, ascii;
	char *argv[WORDS_MAX + 2]; /* as the parser left it */
};

static int set_interval(void *settings, const char *text, struct error *err)
{
	struct choices *choices = settings;

	if (strcmp(text, "0") == 0)
		return error_set(err, ERANGE, "must be 10ms to 1h");
	if (strcmp(text, "x") == 0)
		return -EINVAL;
	text_print(choices->interval, sizeof(choices->interval), "%s", text);
	return 0;
}

static int set_batch(void *settings, const char *text, struct error *err)
{
	(void)err;
	assert_null(text);
	((struct choices *)settings)->batch = true;
	return 0;
}

static int set_strict(void *settings, const char *text, struct error *err)
{
	(void)text;
	(void)err;
	((struct choices *)settings)->strict = true;
	return 0;
}

static int set_ascii(void *settings, const char *text, struct error *err)
{
	(void)text;
	(void)err;
	((struct choices *)settings)->ascii = true;
	return 0;
}

static const struct option_row rows[] = {
	{"interval", 'd', "SECONDS",
	 "Time between two samples, as a number of seconds or with a unit: 250ms, 2s (1).",
	 set_interval},
	{"batch", 'b', NULL, "No screen.", set_batch},
	{"strict", 0, NULL, "Exit with 3 when something is missing.", set_strict},
	{"strange-long-option", 0, "WITH-A-LONG-ARGUMENT", "Help.", set_interval},
	{"ascii", 0, NULL, ".leading dot, back\\slash.", set_ascii},
	{0},
};

static const struct command command = {
	.name = NULL,
	.synopsis = "[options]\n[options] -- COMMAND [ARG...]",
	.summary = "shows where joules go",
	.options = rows,
};

static int parse(const char *const *words, int stop_at_word, struct choices *choices,
		 struct error *err)
{
	int argc = 1;

	memset(choices, 0, sizeof(*choices));
	memset(err, 0, sizeof(*err));
	/* argv is not const, but its strings are never written */
	choices->argv[0] = (char *)(uintptr_t) "jouletop";
	for (; words[argc - 1]; argc++)
		choices->argv[argc] = (char *)(uintptr_t)words[argc - 1];
	return option_parse(rows, argc, choices->argv, stop_at_word, choices, err);
}

static void every_spelling_of_an_option_is_understood(void **state)
{
	static const char *const spellings[][WORDS_MAX] = {
		{"-d", "5", "-b", "--strict"},
		{"-d5", "--batch", "--strict"},
		{"-bd5", "--strict"},
		{"--interval=5", "-b", "--stri", "--"},
		{"--interval", "5", "--bat", "--strict"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++) {
		struct choices choices;
		struct error err;

		assert_true(parse(spellings[i], 0, &choices, &err) > 0);
		assert_string_equal(choices.interval, "5");
		assert_true(choices.batch && choices.strict);
		assert_string_equal(err.text, "");
	}
}

static void parsing_stops_at_two_dashes(void **state)
{
	struct choices choices;
	struct error err;

	(void)state;
	for (int stop_at_word = 0; stop_at_word <= 1; stop_at_word++) {
		assert_int_equal(parse((const char *const[]){"-b", "--", "--strict", "-x", NULL},
				       stop_at_word, &choices, &err),
				 3);
		assert_true(choices.batch);
		assert_false(choices.strict);
		assert_int_equal(
			parse((const char *const[]){"--", NULL}, stop_at_word, &choices, &err), 2);
	}
}

static void parsing_stops_at_the_first_word_when_asked(void **state)
{
	struct choices choices;
	struct error err;

	(void)state;
	assert_int_equal(parse((const char *const[]){"-b", "replay", "--strict", "--no-such", NULL},
			       1, &choices, &err),
			 2);
	assert_true(choices.batch);
	assert_false(choices.strict);
}

static void options_behind_words_count_otherwise(void **state)
{
	struct choices choices;
	struct error err;

	(void)state;
	assert_int_equal(
		parse((const char *const[]){"file.csv", "-b", "--interval", "2", "more", NULL}, 0,
		      &choices, &err),
		4);
	assert_true(choices.batch);
	assert_string_equal(choices.interval, "2");
	assert_string_equal(choices.argv[4], "file.csv");
	assert_string_equal(choices.argv[5], "more");
}

static void nothing_to_parse_leaves_nothing(void **state)
{
	struct choices choices;
	struct error err;

	(void)state;
	assert_int_equal(parse((const char *const[]){NULL}, 1, &choices, &err), 1);
	assert_int_equal(parse((const char *const[]){"-b", NULL}, 0, &choices, &err), 2);
}

static void errors_name_the_option_and_the_remedy(void **state)
{
	static const struct {
		const char *words[WORDS_MAX];
		const char *text;
	} cases[] = {
		{{"--foo"}, "unknown option --foo; see jouletop --help"},
		{{"-b", "--foo=3"}, "unknown option --foo; see jouletop --help"},
		{{"-z"}, "unknown option -z; see jouletop --help"},
		{{"-bz"}, "unknown option -z; see jouletop --help"},
		{{"-zb"}, "unknown option -z; see jouletop --help"},
		{{"-b", "-d"}, "option -d needs SECONDS; see jouletop --help"},
		{{"-bd"}, "option -d needs SECONDS; see jouletop --help"},
		{{"--interval"}, "option --interval needs SECONDS; see jouletop --help"},
		{{"--batch=1"}, "option --batch takes no argument; see jouletop --help"},
		{{"--str"}, "option --str is ambiguous; see jouletop --help"},
		{{"--stra"},
		 "option --strange-long-option needs WITH-A-LONG-ARGUMENT; see jouletop --help"},
		{{"-d0"}, "--interval: must be 10ms to 1h; see jouletop --help"},
		{{"--interval=x"}, "option --interval does not take 'x'; see jouletop --help"},
		{{"--help"}, "unknown option --help; see jouletop --help"},
		{{"--HANG"}, "unknown option --HANG; see jouletop --help"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (int stop_at_word = 0; stop_at_word <= 1; stop_at_word++) {
			struct choices choices;
			struct error err;

			assert_int_equal(parse(cases[i].words, stop_at_word, &choices, &err),
					 -EINVAL);
			assert_string_equal(err.text, cases[i].text);
			assert_int_equal(err.code, EINVAL);
		}
	}
}

static char *printed(void (*print)(FILE *out, const struct command *command),
		     const struct command *what)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	print(out, what);
	fclose(out);
	return text;
}

static void help_has_eighty_columns_and_all_options(void **state)
{
	char *text = printed(option_print_help, &command);

	(void)state;
	assert_non_null(strstr(
		text,
		"  -d, --interval=SECONDS    Time between two samples, as a number of seconds or\n"
		"                            with a unit: 250ms, 2s (1).\n"));
	assert_non_null(strstr(text, "\n      --strict              Exit with 3"));
	assert_non_null(strstr(text, "=WITH-A-LONG-ARGUMENT\n                            Help.\n"));
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		assert_true(strlen(line) <= 80);
		assert_true(line[strlen(line) - 1] != ' ');
	}
	free(text);
}

static void the_man_page_escapes_what_roff_reads(void **state)
{
	char *text = printed(option_print_man, &command);

	(void)state;
	assert_non_null(strstr(text, ".SH SYNOPSIS\n.B jouletop\n[options]\n.br\n"));
	assert_non_null(strstr(text, "[options] \\-\\- COMMAND [ARG...]\n"));
	assert_non_null(strstr(text, ".TP\n.B \\-d, \\-\\-interval=SECONDS\n"));
	assert_non_null(strstr(text, "\n\\&.leading dot, back\\eslash.\n"));
	free(text);
}

static void another_job_has_a_section_of_its_own(void **state)
{
	struct command job = command;
	char *text;

	(void)state;
	job.name = "replay";
	text = printed(option_print_man, &job);
	assert_true(text_starts_with(text, ".SH \"jouletop replay\"\n.B jouletop replay\n"));
	assert_non_null(strstr(text, "\n.PP\nshows where joules go.\n.TP\n"));
	assert_null(strstr(text, ".SH OPTIONS"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_of_an_option_is_understood),
		cmocka_unit_test(parsing_stops_at_two_dashes),
		cmocka_unit_test(parsing_stops_at_the_first_word_when_asked),
		cmocka_unit_test(options_behind_words_count_otherwise),
		cmocka_unit_test(nothing_to_parse_leaves_nothing),
		cmocka_unit_test(errors_name_the_option_and_the_remedy),
		cmocka_unit_test(help_has_eighty_columns_and_all_options),
		cmocka_unit_test(the_man_page_escapes_what_roff_reads),
		cmocka_unit_test(another_job_has_a_section_of_its_own),
	};

	return cmocka_run_group_tests_name("option", tests, NULL, NULL);
}
