/* SPDX-License-Identifier: Apache-2.0 */
/* The option tables parsed by argp, with errors that name the option. */
#include "base/option.h"

#include "base/memory.h"
#include "base/text.h"

#include <argp.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LONG_ONLY_KEY 0x1000 /* beyond every letter */

struct parse {
	const struct option_row *rows;
	void *settings;
	struct error *err;
	int next; /* words before this one are understood */
	int first_argument;
	bool refused; /* a row's set() said no */
};

static size_t row_count(const struct option_row *rows)
{
	size_t count = 0;

	while (rows[count].name || rows[count].key)
		count++;
	return count;
}

static int row_key(const struct option_row *rows, size_t index)
{
	return rows[index].key ? rows[index].key : LONG_ONLY_KEY + (int)index;
}

/* "--delay", or "-d" where there is no long name. */
static const char *row_name(const struct option_row *row, char *out, size_t size)
{
	if (row->name)
		text_print(out, size, "--%s", row->name);
	else
		text_print(out, size, "-%c", row->key);
	return out;
}

static int set_row(struct parse *parse, const struct option_row *row, const char *text)
{
	struct error why = {0};
	char name[64];

	if (row->set(parse->settings, text, &why) >= 0)
		return 0;
	parse->refused = true;
	row_name(row, name, sizeof(name));
	if (!why.text[0])
		error_set(parse->err, EINVAL,
			  "option %s does not take '%.100s'; see jouletop --help", name,
			  text ? text : "");
	else
		error_set(parse->err, EINVAL, "%s%s%.400s%s", strstr(why.text, name) ? "" : name,
			  strstr(why.text, name) ? "" : ": ", why.text,
			  strstr(why.text, "--help") ? "" : "; see jouletop --help");
	return EINVAL;
}

static error_t take_word(int key, char *text, struct argp_state *state)
{
	struct parse *parse = state->input;
	size_t count = row_count(parse->rows);

	if (key == ARGP_KEY_ARG) {
		parse->first_argument = state->next - 1;
		state->next = state->argc; /* the rest is not ours */
		return 0;
	}
	for (size_t i = 0; i < count; i++) {
		int result;

		if (row_key(parse->rows, i) != key)
			continue;
		result = set_row(parse, &parse->rows[i], text);
		parse->next = state->next;
		return result;
	}
	return ARGP_ERR_UNKNOWN;
}

static int explain_long(const struct option_row *rows, const char *word, struct error *err)
{
	const struct option_row *found = NULL;
	const char *name = word + 2;
	size_t length = strcspn(name, "=");
	int matches = 0;

	for (const struct option_row *row = rows; row->name || row->key; row++) {
		if (!row->name || strncmp(row->name, name, length) != 0)
			continue;
		found = row;
		matches = row->name[length] ? matches + 1 : 1;
		if (!row->name[length])
			break;
	}
	if (matches == 0)
		return error_set(err, EINVAL, "unknown option --%.*s; see jouletop --help",
				 (int)length, name);
	if (matches > 1)
		return error_set(err, EINVAL, "option --%.*s is ambiguous; see jouletop --help",
				 (int)length, name);
	if (found->argument)
		return error_set(err, EINVAL, "option --%s needs %s; see jouletop --help",
				 found->name, found->argument);
	return error_set(err, EINVAL, "option --%s takes no argument; see jouletop --help",
			 found->name);
}

static int explain_letters(const struct option_row *rows, const char *word, struct error *err)
{
	for (const char *letter = word + 1; *letter; letter++) {
		const struct option_row *row = rows;

		while ((row->name || row->key) && row->key != *letter)
			row++;
		if (!row->name && !row->key)
			return error_set(err, EINVAL, "unknown option -%c; see jouletop --help",
					 *letter);
		if (row->argument)
			return error_set(err, EINVAL, "option -%c needs %s; see jouletop --help",
					 *letter, row->argument);
	}
	return error_set(err, EINVAL, "option %s cannot be used here; see jouletop --help", word);
}

/* argp keeps for itself what it did not understand: the first option it did not get past. */
static int explain(const struct parse *parse, int argc, char **argv)
{
	int index = parse->next;

	if (parse->refused)
		return -EINVAL;
	while (index < argc && (argv[index][0] != '-' || !argv[index][1]))
		index++;
	if (index >= argc)
		return error_set(parse->err, EINVAL,
				 "the options cannot be understood; see jouletop --help");
	if (text_starts_with(argv[index], "--"))
		return explain_long(parse->rows, argv[index], parse->err);
	return explain_letters(parse->rows, argv[index], parse->err);
}

int option_parse(const struct option_row *rows, int argc, char **argv, int stop_at_word,
		 void *settings, struct error *err)
{
	unsigned int flags =
		ARGP_NO_EXIT | ARGP_NO_ERRS | ARGP_NO_HELP | (stop_at_word ? ARGP_IN_ORDER : 0);
	size_t count = row_count(rows);
	struct argp_option *options = memory_zeroed(count + 1, sizeof(*options));
	struct parse parse = {
		.rows = rows, .settings = settings, .err = err, .next = 1, .first_argument = argc};
	struct argp argp = {.options = options, .parser = take_word};
	error_t result;

	for (size_t i = 0; i < count; i++)
		options[i] = (struct argp_option){
			.name = rows[i].name, .key = row_key(rows, i), .arg = rows[i].argument};
	result = argp_parse(&argp, argc, argv, flags, NULL, &parse);
	free(options);
	return result ? explain(&parse, argc, argv) : parse.first_argument;
}
