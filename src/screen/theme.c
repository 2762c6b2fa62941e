/* SPDX-License-Identifier: Apache-2.0 */
/* Themes: their text, where they are looked for, and their colours on poorer terminals. */
#include "screen/theme.h"

#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THEME_FILE_MAX 65536
#define THEME_LINE_MAX 256

static const char *const role_names[ROLE_COUNT] = {
	[ROLE_TEXT] = "text",
	[ROLE_DIM] = "dim",
	[ROLE_TITLE] = "title",
	[ROLE_BORDER] = "border",
	[ROLE_VALUE] = "value",
	[ROLE_ACCENT] = "accent",
	[ROLE_GOOD] = "good",
	[ROLE_WARN] = "warn",
	[ROLE_BAD] = "bad",
	[ROLE_ESTIMATE] = "estimate",
	[ROLE_ABSENT] = "absent",
	[ROLE_SELECTION] = "selection",
	[ROLE_HEAT0] = "heat0",
	[ROLE_HEAT0 + 1] = "heat1",
	[ROLE_HEAT0 + 2] = "heat2",
	[ROLE_HEAT0 + 3] = "heat3",
	[ROLE_HEAT0 + 4] = "heat4",
	[ROLE_HEAT0 + 5] = "heat5",
	[ROLE_HEAT0 + 6] = "heat6",
	[ROLE_HEAT7] = "heat7",
	[ROLE_SERIES0] = "series0",
	[ROLE_SERIES0 + 1] = "series1",
	[ROLE_SERIES0 + 2] = "series2",
	[ROLE_SERIES0 + 3] = "series3",
	[ROLE_SERIES0 + 4] = "series4",
	[ROLE_SERIES0 + 5] = "series5",
	[ROLE_SERIES0 + 6] = "series6",
	[ROLE_SERIES7] = "series7",
};

static const char *const palette_names[] = {
	"black",	"red",		 "green",	"yellow",	  "blue",
	"magenta",	"cyan",		 "white",	"bright-black",	  "bright-red",
	"bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan",
	"bright-white",
};

static const struct {
	const char *name;
	unsigned attribute;
} attributes[] = {{"bold", THEME_BOLD},
		  {"dim", THEME_DIM},
		  {"reverse", THEME_REVERSE},
		  {"underline", THEME_UNDERLINE}};

/* The 16 colours as most terminals draw them. */
static const int32_t palette16[16] = {0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD,
				      0x00CDCD, 0xE5E5E5, 0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00,
				      0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF};

static const int cube_levels[6] = {0, 95, 135, 175, 215, 255};

const char *role_name(enum role role)
{
	return role_names[role];
}

static enum role role_find(const char *name)
{
	for (int role = 0; role < ROLE_COUNT; role++)
		if (strcmp(role_names[role], name) == 0)
			return (enum role)role;
	return ROLE_COUNT;
}

static bool parse_rgb(const char *text, int32_t *color)
{
	if (strlen(text) != 7 || strspn(text + 1, "0123456789abcdefABCDEF") != 6)
		return false;
	*color = (int32_t)strtol(text + 1, NULL, 16);
	return true;
}

static bool parse_color(const char *text, int32_t *color)
{
	int64_t index;

	if (strcmp(text, "default") == 0) {
		*color = -1;
		return true;
	}
	if (text[0] == '#')
		return parse_rgb(text, color);
	for (size_t i = 0; i < ARRAY_SIZE(palette_names); i++) {
		if (strcmp(palette_names[i], text) == 0) {
			*color = THEME_PALETTE + (int32_t)i;
			return true;
		}
	}
	if (text_to_i64(text, &index) != 0 || index < 0 || index > 255)
		return false;
	*color = THEME_PALETTE + (int32_t)index;
	return true;
}

static bool parse_attribute(const char *text, unsigned *set)
{
	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		if (strcmp(attributes[i].name, text) == 0) {
			*set |= attributes[i].attribute;
			return true;
		}
	}
	return false;
}

/* The next word of a line, cut out of it; NULL at the end. A '#' that begins a word and no
 * colour begins a comment. */
static char *next_word(char **cursor)
{
	char *word = *cursor + strspn(*cursor, " \t\r");
	size_t length = strcspn(word, " \t\r");

	if (length == 0)
		return NULL;
	if (word[0] == '#' && strspn(word + 1, "0123456789abcdefABCDEF") != length - 1)
		return NULL;
	if (word[0] == '#' && length == 1)
		return NULL;
	*cursor = word + length + (word[length] != '\0');
	word[length] = '\0';
	return word;
}

static int parse_line(struct theme *theme, char *line, const char *name, int number,
		      struct error *err)
{
	char *cursor = line;
	char *word = next_word(&cursor);

	if (word == NULL || word[0] == '#')
		return 0;

	enum role role = role_find(word);
	struct theme_style style = {-1, -1, 0};
	char *equals = next_word(&cursor), *foreground = next_word(&cursor);

	if (role == ROLE_COUNT)
		return error_set(err, EINVAL, "theme %s, line %d: there is no role \"%s\"", name,
				 number, word);
	if (equals == NULL || strcmp(equals, "=") != 0 || foreground == NULL)
		return error_set(
			err, EINVAL,
			"theme %s, line %d: write \"%s = foreground background attributes\"", name,
			number, word);
	if (!parse_color(foreground, &style.foreground))
		return error_set(
			err, EINVAL,
			"theme %s, line %d: \"%s\" is no colour: default, red, 0-255, #rrggbb",
			name, number, foreground);
	word = next_word(&cursor);
	if (word != NULL && parse_color(word, &style.background))
		word = next_word(&cursor);
	for (; word != NULL; word = next_word(&cursor))
		if (!parse_attribute(word, &style.attributes))
			return error_set(
				err, EINVAL,
				"theme %s, line %d: \"%s\" is neither a colour nor bold, dim, reverse, "
				"underline",
				name, number, word);
	theme->styles[role] = style;
	return 0;
}

int theme_parse(struct theme *theme, const char *name, const char *text, struct error *err)
{
	struct theme result = *theme;

	for (int number = 1; *text != '\0'; number++) {
		char line[THEME_LINE_MAX];
		size_t length = strcspn(text, "\n");

		if (length >= sizeof(line))
			return error_set(err, EINVAL, "theme %s, line %d: longer than %d bytes",
					 name, number, THEME_LINE_MAX - 1);
		memcpy(line, text, length);
		line[length] = '\0';

		int code = parse_line(&result, line, name, number, err);

		if (code < 0)
			return code;
		text += length + (text[length] != '\0');
	}
	*theme = result;
	return 0;
}

/* Where the user's own theme would be; false = nowhere. */
static bool user_path(char *path, size_t size, const char *name)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	int length;

	if (config != NULL && config[0] == '/')
		length = snprintf(path, size, "%s/jouletop/themes/%s.theme", config, name);
	else if (home != NULL && home[0] == '/')
		length = snprintf(path, size, "%s/.config/jouletop/themes/%s.theme", home, name);
	else
		return false;
	return length > 0 && (size_t)length < size;
}

/* 0, -ENOENT when there is no such file, else -errno with *err. */
static int load_file(struct theme *theme, const char *path, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
		return -ENOENT;
	if (fd < 0)
		return error_set(err, errno, "theme %s: %s", path, strerror(errno));

	char *text = memory_zeroed(THEME_FILE_MAX + 1, 1);
	size_t length = 0;
	ssize_t got;

	while (length < THEME_FILE_MAX &&
	       (got = read(fd, text + length, THEME_FILE_MAX - length)) > 0)
		length += (size_t)got;
	close(fd);

	int code = length == THEME_FILE_MAX
			   ? error_set(err, EINVAL, "theme %s: larger than 64 KiB", path)
			   : theme_parse(theme, path, text, err);

	free(text);
	return code;
}

static const char *builtin_text(const struct theme_text *builtin, const char *name)
{
	for (; builtin->name != NULL; builtin++)
		if (strcmp(builtin->name, name) == 0)
			return builtin->text;
	return NULL;
}

static int unknown_theme(const struct theme_text *builtin, const char *name, struct error *err)
{
	char names[256] = "";

	for (; builtin->name != NULL; builtin++) {
		size_t length = strlen(names);

		text_print(names + length, sizeof(names) - length, "%s%s", length > 0 ? ", " : "",
			   builtin->name);
	}
	return error_set(err, ENOENT,
			 "there is no theme \"%s\"; built in are %s; others lie in "
			 "~/.config/jouletop/themes/NAME.theme",
			 name, names);
}

int theme_load(struct theme *theme, const struct theme_text *builtin, const char *name,
	       struct error *err)
{
	static const struct theme_style plain = {-1, -1, 0};
	const char *base = builtin_text(builtin, "default"), *own = builtin_text(builtin, name);
	char path[PATH_MAX];

	for (int role = 0; role < ROLE_COUNT; role++)
		theme->styles[role] = plain;
	if (base != NULL) {
		int code = theme_parse(theme, "default", base, err);

		if (code < 0)
			return code;
	}
	/* A name is a name, not a path. */
	if (name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL &&
	    user_path(path, sizeof(path), name)) {
		int code = load_file(theme, path, err);

		if (code != -ENOENT)
			return code;
	}
	return own != NULL ? theme_parse(theme, name, own, err) : unknown_theme(builtin, name, err);
}

static int square(int value)
{
	return value * value;
}

static int distance(int32_t a, int32_t b)
{
	return square((a >> 16 & 255) - (b >> 16 & 255)) + square((a >> 8 & 255) - (b >> 8 & 255)) +
	       square((a & 255) - (b & 255));
}

static int32_t palette_rgb(int index)
{
	if (index < 16)
		return palette16[index];
	if (index >= 232)
		return (8 + 10 * (index - 232)) * 0x010101;

	int place = index - 16;

	return cube_levels[place / 36] << 16 | cube_levels[place / 6 % 6] << 8 |
	       cube_levels[place % 6];
}

static int nearest(int32_t rgb, int first, int last)
{
	int best = first;

	for (int index = first; index <= last; index++)
		if (distance(palette_rgb(index), rgb) < distance(palette_rgb(best), rgb))
			best = index;
	return best;
}

int theme_to_256(int32_t color)
{
	if (color < 0)
		return -1;
	/* The first 16 may be anything on a user's terminal: an exact colour is looked for among
	 * the fixed ones. */
	return color >= THEME_PALETTE ? (color - THEME_PALETTE) & 255 : nearest(color, 16, 255);
}

int theme_to_16(int32_t color)
{
	if (color < 0)
		return -1;
	if (color < THEME_PALETTE)
		return nearest(color, 0, 15);

	int index = (color - THEME_PALETTE) & 255;

	return index < 16 ? index : nearest(palette_rgb(index), 0, 15);
}
