/* SPDX-License-Identifier: Apache-2.0 */
/* What the program says of itself. */
#include "commands/usage.h"

#include "commands/engine.h"
#include "commands/lists.h"
#include "screen/key.h"

#include <config.h>
#include <stdio.h>
#include <string.h>

static void print_synopsis(const struct command *command)
{
	const char *line = command->synopsis;
	const char *label = "Usage:";

	while (*line) {
		size_t length = strcspn(line, "\n");

		printf("%-6s jouletop%s%s %.*s\n", label, command->name ? " " : "",
		       command->name ? command->name : "", (int)length, line);
		label = "";
		line += length + (line[length] == '\n');
	}
}

static void print_commands(void)
{
	printf("\nOther jobs (each has --help):\n");
	for (size_t i = 1; command_list[i]; i++)
		printf("  %-10s %s\n", command_list[i]->name, command_list[i]->summary);
}

static void print_help(const struct command *command)
{
	print_synopsis(command);
	printf("\n%s.\n\n", command->summary);
	option_print_help(stdout, command);
	if (command->name)
		return;
	print_commands();
	printf("\nExit code: the command's own; without a command 0, 1 wrong usage, 2 nothing could be\n"
	       "measured, 3 something was missing (--strict). 125 our own failure, 126 the command\n"
	       "is not executable, 127 not found, 128+N ended by signal N.\n");
}

static void print_man_text(const char *text)
{
	for (; *text; text++) {
		if (*text == '\\' || *text == '-')
			putchar('\\');
		putchar(*text == '\\' ? 'e' : *text);
	}
}

static void print_man_keys(void)
{
	printf(".SH KEYS\n");
	for (size_t i = 0; i < key_binding_count; i++) {
		printf(".TP\n.B ");
		print_man_text(key_bindings[i].keys);
		printf("\n");
		print_man_text(key_bindings[i].help);
		printf("%s\n", key_bindings[i].mode == KEY_REPLAY ? " (replay)" : "");
	}
}

static void print_man(void)
{
	printf(".TH JOULETOP 1 \"\" \"jouletop %s\" \"User Commands\"\n"
	       ".SH NAME\njouletop \\- where every joule of an ML workload goes, live\n"
	       ".SH DESCRIPTION\n"
	       "Runs a command, attaches to running processes or watches the whole machine; samples CPU, DRAM and\n"
	       "board power together with hardware counters per thread on one clock; draws panels of power,\n"
	       "performance per watt, frequency and threads; records the session as CSV, which can be replayed.\n"
	       "Every number says how it was got: measured, sampled (a sensor's average), attributed (shared out),\n"
	       "given (by the workload) or estimated (~). What cannot be read is shown as \\- and never as 0.\n",
	       PACKAGE_VERSION);
	for (size_t i = 0; command_list[i]; i++)
		option_print_man(stdout, command_list[i]);
	print_man_keys();
	printf(".SH EXIT STATUS\nThe command's own; without a command 0, 1 wrong usage, 2 nothing could be measured,\n"
	       "3 something was missing (\\-\\-strict). 125 own failure, 126 the command is not executable,\n"
	       "127 not found, 128+N ended by signal N.\n"
	       ".SH ENVIRONMENT\n.TP\n.B JOULETOP_MARKS\nSocket for marks, set for the command.\n"
	       ".TP\n.B NO_COLOR\nNo colours when set.\n"
	       ".SH FILES\n.TP\n.I $XDG_CONFIG_HOME/jouletop/config\noption = value, one a line, long names.\n"
	       ".TP\n.I $XDG_CONFIG_HOME/jouletop/themes/NAME.theme\nrole = foreground background attributes.\n"
	       ".TP\n.I $XDG_CACHE_HOME/jouletop/KEY/baseline.csv\nIdle power that jouletop baseline measured; KEY names the machine.\n"
	       ".TP\n.I $XDG_CACHE_HOME/jouletop/KEY/ceilings.csv\nRoofs that jouletop ceilings measured.\n"
	       ".TP\n.I $XDG_STATE_HOME/jouletop/output\\-PID.log\nOutput of a command whose screen is gone.\n"
	       ".SH SEE ALSO\nperf(1), turbostat(8), htop(1)\n");
}

bool usage_print(const struct command *command, const struct settings *settings)
{
	if (settings->help)
		print_help(command);
	else if (settings->version)
		printf("jouletop %s\n", PACKAGE_VERSION);
	else if (settings->man)
		print_man();
	else
		return false;
	return true;
}

int usage_error(const struct error *err)
{
	fprintf(stderr, "jouletop: %s\n", err->text);
	return ENGINE_USAGE;
}
