/* SPDX-License-Identifier: Apache-2.0 */
/* The option tables written for people: the options section of --help and the man page. */
#include "base/option.h"

#include "base/text.h"

#include <stdbool.h>
#include <string.h>

#define HELP_COLUMNS 80
#define HELP_INDENT  28 /* where the sentences begin */

/* "  -d, --delay=SECONDS" */
static void print_names(char *out, size_t size, const struct option_row *row)
{
	char letter[8] = "    ";

	if (row->key && row->key < 0x7f)
		text_print(letter, sizeof(letter), row->name ? "-%c, " : "-%c", row->key);
	text_print(out, size, "  %s%s%s%s%s", letter, row->name ? "--" : "",
		   row->name ? row->name : "", row->argument ? (row->name ? "=" : " ") : "",
		   row->argument ? row->argument : "");
}

/* Writes text in lines of at most HELP_COLUMNS; the cursor stands at `column`. */
static void print_wrapped(FILE *out, const char *text, int column)
{
	bool at_start = true;

	while (*text) {
		size_t length = strcspn(text, " ");
		char word[128];
		int columns;

		text_print(word, sizeof(word), "%.*s", (int)length, text);
		columns = text_width(word);
		if (!at_start && column + 1 + columns > HELP_COLUMNS) {
			fprintf(out, "\n%*s", HELP_INDENT, "");
			column = HELP_INDENT;
			at_start = true;
		}
		fprintf(out, "%s%s", at_start ? "" : " ", word);
		column += columns + (at_start ? 0 : 1);
		at_start = false;
		text += length;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

void option_print_help(FILE *out, const struct command *command)
{
	const struct option_row *row = command->options;

	if (!row || (!row->name && !row->key))
		return;
	fputs("Options:\n", out);
	for (; row->name || row->key; row++) {
		char names[HELP_COLUMNS];

		print_names(names, sizeof(names), row);
		if (text_width(names) > HELP_INDENT - 2)
			fprintf(out, "%s\n%*s", names, HELP_INDENT, "");
		else
			fprintf(out, "%-*s", HELP_INDENT, names);
		print_wrapped(out, row->help ? row->help : "", HELP_INDENT);
	}
}

/* Text for roff: backslashes and hyphens escaped, no line begins with a control character. */
static void print_roff(FILE *out, const char *text)
{
	bool at_start = true;

	for (; *text; text++) {
		if (at_start && (*text == '.' || *text == '\''))
			fputs("\\&", out);
		if (*text == '\\')
			fputs("\\e", out);
		else if (*text == '-')
			fputs("\\-", out);
		else
			fputc(*text, out);
		at_start = *text == '\n';
	}
}

static void print_roff_synopsis(FILE *out, const struct command *command)
{
	const char *line = command->synopsis ? command->synopsis : "";

	do {
		char text[256];
		size_t length = strcspn(line, "\n");

		text_print(text, sizeof(text), "%.*s", (int)length, line);
		fprintf(out, ".B jouletop%s%s\n", command->name ? " " : "",
			command->name ? command->name : "");
		print_roff(out, text);
		fputs("\n.br\n", out);
		line += length + (line[length] ? 1 : 0);
	} while (*line);
}

void option_print_man(FILE *out, const struct command *command)
{
	if (command->name)
		fprintf(out, ".SH \"jouletop %s\"\n", command->name);
	else
		fputs(".SH SYNOPSIS\n", out);
	print_roff_synopsis(out, command);
	if (command->name) {
		fputs(".PP\n", out);
		print_roff(out, command->summary ? command->summary : "");
		fputs(".\n", out);
	} else {
		fputs(".SH OPTIONS\n", out);
	}
	for (const struct option_row *row = command->options; row && (row->name || row->key);
	     row++) {
		char names[128];

		print_names(names, sizeof(names), row);
		fputs(".TP\n.B ", out);
		print_roff(out, names + strspn(names, " "));
		fputc('\n', out);
		print_roff(out, row->help ? row->help : "");
		fputc('\n', out);
	}
}
