/* SPDX-License-Identifier: Apache-2.0 */
/* One table per command gives the parser, --help and the man page. Parsing is argp's. */
#ifndef JOULETOP_OPTION_H
#define JOULETOP_OPTION_H

#include "base/error.h"

#include <stdio.h>

/* One option. Tables end with a zeroed row. `set` stores the value into the caller's settings: 0, or -errno with *err. */
struct option_row {
	const char *name;     /* long name without dashes */
	int key;	      /* short letter, 0 = none */
	const char *argument; /* NULL = flag */
	const char *help;     /* one sentence; the default in parentheses */
	int (*set)(void *settings, const char *text, struct error *err);
};

/* One command of the program. */
struct command {
	const char *name; /* NULL for the main job */
	const char *
		synopsis; /* after the program's name: "[options] -- COMMAND [ARG...]" (lines separated by '\n') */
	const char *summary; /* one line for help and man page */
	const struct option_row *options;
	int (*run)(int argc, char **argv); /* argv[0] = the name; returns the exit code */
};

/* Parses argv by the table; stops at "--" or, with stop_at_word, at the first word that is no option.
 * Returns the index of the first argument left, or -EINVAL with *err ("unknown option --foo; see jouletop --help"). */
int option_parse(const struct option_row *rows, int argc, char **argv, int stop_at_word,
		 void *settings, struct error *err);

/* Writes the options section of --help (80 columns). */
void option_print_help(FILE *out, const struct command *command);

/* Writes the man page's sections (roff, man macros) of one command: SYNOPSIS and OPTIONS of the main job; of another one
 * section with all that is known of it. */
void option_print_man(FILE *out, const struct command *command);

#endif
