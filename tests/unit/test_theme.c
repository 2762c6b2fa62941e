/* SPDX-License-Identifier: Apache-2.0 */
/* Themes: what may be written, what is refused with its line, the ones that are shipped, and
 * poorer palettes. */
#include "tests/support/cmocka_all.h"

#include "base/memory.h"
#include "screen/theme.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const shipped[] = {"default", "light", "mono", "colorblind"};

/* The text of a shipped theme; NULL when the sources are not at hand. Owner: caller. */
static char *shipped_text(const char *name)
{
	const char *sources = getenv("srcdir");
	char path[512];

	snprintf(path, sizeof(path), "%s/themes/%s.theme", sources == NULL ? "." : sources, name);

	FILE *file = fopen(path, "r");

	if (file == NULL)
		return NULL;
	char *text = memory_zeroed(16384, 1);
	size_t size = fread(text, 1, 16383, file);

	text[size] = '\0';
	fclose(file);
	return text;
}

static void a_role_takes_colours_and_attributes(void **state)
{
	struct theme theme = {0};
	struct error err = {0};

	(void)state;
	assert_int_equal(
		theme_parse(&theme, "t",
			    "value = #1a2B3c 17 bold reverse\n  dim = bright-black # quiet\n"
			    "# a comment\n\nbad = default default underline",
			    &err),
		0);
	assert_int_equal(theme.styles[ROLE_VALUE].foreground, 0x1A2B3C);
	assert_int_equal(theme.styles[ROLE_VALUE].background, THEME_PALETTE + 17);
	assert_int_equal(theme.styles[ROLE_VALUE].attributes, THEME_BOLD | THEME_REVERSE);
	assert_int_equal(theme.styles[ROLE_DIM].foreground, THEME_PALETTE + 8);
	assert_int_equal(theme.styles[ROLE_DIM].background, -1);
	assert_int_equal(theme.styles[ROLE_BAD].foreground, -1);
	assert_int_equal(theme.styles[ROLE_BAD].attributes, THEME_UNDERLINE);
}

static void attributes_may_follow_the_foreground(void **state)
{
	struct theme theme = {0};

	(void)state;
	assert_int_equal(theme_parse(&theme, "t", "warn = red bold", NULL), 0);
	assert_int_equal(theme.styles[ROLE_WARN].foreground, THEME_PALETTE + 1);
	assert_int_equal(theme.styles[ROLE_WARN].background, -1);
	assert_int_equal(theme.styles[ROLE_WARN].attributes, THEME_BOLD);
}

static void mistakes_are_refused_with_their_line_and_change_nothing(void **state)
{
	static const char *const mistakes[] = {
		"text = default\nvalues = red\n",   "text = default\nvalue red\n",
		"text = default\nvalue =\n",	    "text = default\nvalue = rde\n",
		"text = default\nvalue = #12345\n", "text = default\nvalue = 256\n",
		"text = default\nvalue = -1\n",	    "text = default\nvalue = red red blod\n",
		"text = default\nvalue\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
		struct theme theme = {0};
		struct error err = {0};

		assert_int_equal(theme_parse(&theme, "mine", mistakes[i], &err), -EINVAL);
		assert_non_null(strstr(err.text, "mine, line 2"));
		assert_int_equal(theme.styles[ROLE_TEXT].foreground, 0);
	}
}

static void an_endless_line_is_refused(void **state)
{
	char text[1000];
	struct theme theme = {0};

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(theme_parse(&theme, "t", text, NULL), -EINVAL);
}

static void missing_roles_stay_as_they_were(void **state)
{
	struct theme theme = {0};

	(void)state;
	theme.styles[ROLE_GOOD].foreground = 0x00FF00;
	assert_int_equal(theme_parse(&theme, "t", "bad = red", NULL), 0);
	assert_int_equal(theme.styles[ROLE_GOOD].foreground, 0x00FF00);
}

static void shipped_themes_name_every_role(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(shipped); i++) {
		char *text = shipped_text(shipped[i]);
		struct theme theme;
		struct error err = {0};

		if (text == NULL)
			skip();
		memset(&theme, 0x55, sizeof(theme));
		if (theme_parse(&theme, shipped[i], text, &err) != 0)
			fail_msg("%s", err.text);
		for (int role = 0; role < ROLE_COUNT; role++)
			if (theme.styles[role].foreground == 0x55555555)
				fail_msg("%s: %s is missing", shipped[i],
					 role_name((enum role)role));
		free(text);
	}
}

static void mono_has_no_colour_and_selection_is_always_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(shipped); i++) {
		char *text = shipped_text(shipped[i]);
		struct theme theme = {0};

		if (text == NULL)
			skip();
		theme_parse(&theme, shipped[i], text, NULL);
		free(text);
		assert_true((theme.styles[ROLE_SELECTION].attributes & THEME_REVERSE) != 0);
		for (int role = 0; role < ROLE_COUNT && strcmp(shipped[i], "mono") == 0; role++) {
			assert_int_equal(theme.styles[role].foreground, -1);
			assert_int_equal(theme.styles[role].background, -1);
		}
	}
}

static void a_theme_of_the_user_goes_before_the_built_in_one(void **state)
{
	static const struct theme_text builtin[] = {
		{"default", "text = red\ndim = blue\n"}, {"other", "text = green\n"}, {NULL, NULL}};
	char folder[] = "/tmp/jouletop-theme-XXXXXX", path[256];
	struct theme theme;
	struct error err = {0};

	(void)state;
	assert_non_null(mkdtemp(folder));
	setenv("XDG_CONFIG_HOME", folder, 1);
	assert_int_equal(theme_load(&theme, builtin, "other", &err), 0);
	assert_int_equal(theme.styles[ROLE_TEXT].foreground, THEME_PALETTE + 2);
	assert_int_equal(theme.styles[ROLE_DIM].foreground, THEME_PALETTE + 4);

	snprintf(path, sizeof(path), "%s/jouletop", folder);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/jouletop/themes", folder);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/jouletop/themes/other.theme", folder);
	FILE *file = fopen(path, "w");

	fputs("text = cyan\n", file);
	fclose(file);
	assert_int_equal(theme_load(&theme, builtin, "other", &err), 0);
	assert_int_equal(theme.styles[ROLE_TEXT].foreground, THEME_PALETTE + 6);
	unlink(path);
	snprintf(path, sizeof(path), "%s/jouletop/themes", folder);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/jouletop", folder);
	rmdir(path);
	rmdir(folder);
}

static void an_unknown_theme_says_which_there_are(void **state)
{
	static const struct theme_text builtin[] = {{"default", ""}, {"mono", ""}, {NULL, NULL}};
	struct theme theme;
	struct error err = {0};

	(void)state;
	assert_int_equal(theme_load(&theme, builtin, "../../etc/passwd", &err), -ENOENT);
	assert_non_null(strstr(err.text, "default, mono"));
	assert_int_equal(theme_load(&theme, builtin, "", &err), -ENOENT);
}

static void colours_come_to_the_nearest_of_a_poorer_palette(void **state)
{
	(void)state;
	assert_int_equal(theme_to_256(-1), -1);
	assert_int_equal(theme_to_16(-1), -1);
	assert_int_equal(theme_to_256(0xFF0000), 196);
	assert_int_equal(theme_to_256(0x808080), 244);
	assert_int_equal(theme_to_256(0x5F87AF), 67);
	assert_int_equal(theme_to_256(THEME_PALETTE + 3), 3);
	assert_int_equal(theme_to_16(0xFE0202), 9);
	assert_int_equal(theme_to_16(THEME_PALETTE + 196), 9);
	assert_int_equal(theme_to_16(THEME_PALETTE + 12), 12);
	for (int32_t color = 0; color <= 0xFFFFFF; color += 4099) {
		assert_in_range(theme_to_256(color), 16, 255);
		assert_in_range(theme_to_16(color), 0, 15);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_role_takes_colours_and_attributes),
		cmocka_unit_test(attributes_may_follow_the_foreground),
		cmocka_unit_test(mistakes_are_refused_with_their_line_and_change_nothing),
		cmocka_unit_test(an_endless_line_is_refused),
		cmocka_unit_test(missing_roles_stay_as_they_were),
		cmocka_unit_test(shipped_themes_name_every_role),
		cmocka_unit_test(mono_has_no_colour_and_selection_is_always_seen),
		cmocka_unit_test(a_theme_of_the_user_goes_before_the_built_in_one),
		cmocka_unit_test(an_unknown_theme_says_which_there_are),
		cmocka_unit_test(colours_come_to_the_nearest_of_a_poorer_palette),
	};

	return cmocka_run_group_tests_name("theme", tests, NULL, NULL);
}
