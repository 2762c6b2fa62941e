/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file, and the command line over it. */
#include "commands/settings.h"

#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option_row *find_row(const struct option_row *rows, const char *name)
{
	for (; rows->name; rows++)
		if (strcmp(rows->name, name) == 0)
			return rows;
	return NULL;
}

/* What makes no sense in the file itself. */
static bool is_for_command_line(const char *name)
{
	static const char *const names[] = {"config", "help", "version", "man"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static char *trim(char *text)
{
	size_t length;

	text += strspn(text, " \t");
	length = strlen(text);
	while (length > 0 && strchr(" \t\r\n", text[length - 1]))
		text[--length] = '\0';
	return text;
}

static int read_line(struct settings *settings, const struct option_row *rows, char *line,
		     struct error *err)
{
	char *equals = strchr(line, '=');
	const struct option_row *row;
	char *name, *value;

	if (!equals)
		return error_set(err, EINVAL, "no '='; write option = value");
	*equals = '\0';
	name = trim(line);
	value = trim(equals + 1);
	row = find_row(settings_options, name);
	if (!row || is_for_command_line(name))
		return error_set(err, EINVAL, "no option named '%s'; see jouletop --help", name);
	/* One file serves all commands: what this one has no use for is no mistake. */
	if (!find_row(rows, name))
		return 0;
	return row->set(settings, value, err);
}

int settings_read_file(struct settings *settings, const struct option_row *rows, const char *path,
		       struct error *err)
{
	char line[2048];
	int number = 0, result = 0;
	FILE *file = fopen(path, "re");

	if (!file)
		return error_set(err, errno, "%s: %s", path, strerror(errno));
	while (result == 0 && fgets(line, sizeof(line), file)) {
		struct error cause = {0};
		char *text = trim(line);

		number++;
		if (*text == '\0' || *text == '#')
			continue;
		result = read_line(settings, rows, text, &cause);
		if (result < 0)
			error_set(err, cause.code, "%s:%d: %.400s", path, number, cause.text);
	}
	fclose(file);
	return result;
}

static void default_file(char *path, size_t size)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");

	if (config && *config)
		text_print(path, size, "%s/jouletop/config", config);
	else
		text_print(path, size, "%s/.config/jouletop/config", home ? home : "");
}

int settings_read(struct settings *settings, const struct option_row *rows, int argc, char **argv,
		  struct error *err)
{
	struct settings given;
	char path[1024];
	int first, result;

	/* The command line is read twice: once to learn of --config, once to win over the file. */
	settings_default(&given);
	first = option_parse(rows, argc, argv, 0, &given, err);
	if (first < 0)
		return first;
	settings_default(settings);
	default_file(path, sizeof(path));
	result = settings_read_file(settings, rows, given.config[0] ? given.config : path, err);
	/* A place of our own choosing may be absent or closed to us. */
	bool may_pass =
		!given.config[0] && (result == -ENOENT || result == -EACCES || result == -ENOTDIR);

	if (result < 0 && !may_pass)
		return result;
	if (err)
		*err = (struct error){0};
	if (given.pid_count)
		settings->pid_count = 0;
	if (given.work_url_count)
		settings->work_url_count = 0;
	return option_parse(rows, argc, argv, 0, settings, err);
}
