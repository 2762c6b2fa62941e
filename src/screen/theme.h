/* SPDX-License-Identifier: Apache-2.0 */
/* Roles to colours and attributes, from text: `role = foreground background attributes`. Built-in ones and files. Pure but
 * for theme_load. */
#ifndef JOULETOP_THEME_H
#define JOULETOP_THEME_H

#include "base/error.h"
#include "screen/canvas.h"

enum theme_attribute { THEME_BOLD = 1, THEME_DIM = 2, THEME_REVERSE = 4, THEME_UNDERLINE = 8 };

/* Colours of the terminal's own palette are THEME_PALETTE + 0..255: a user who changed them keeps them. */
#define THEME_PALETTE 0x1000000

struct theme_style {
	int32_t foreground,
		background; /* 0xRRGGBB, THEME_PALETTE + index, or -1 = the terminal's default */
	unsigned attributes;
};

struct theme {
	struct theme_style styles[ROLE_COUNT];
};

/* A theme compiled in (generated from themes/NAME.theme). */
struct theme_text {
	const char *name, *text;
};

/* Parses; unknown roles or colours are errors with line number. Missing roles stay as in *theme before. */
int theme_parse(struct theme *theme, const char *name, const char *text, struct error *err);

/* By name: $XDG_CONFIG_HOME/jouletop/themes/NAME.theme, else built in. builtin ends with a NULL name; what a file leaves out
 * is as in the built-in "default". 0, -ENOENT (the text lists the names there are), -EINVAL with file and line. */
int theme_load(struct theme *theme, const struct theme_text *builtin, const char *name,
	       struct error *err);

/* The nearest of the 256- or 16-colour palette; -1 stays -1. */
int theme_to_256(int32_t color);
int theme_to_16(int32_t color);

const char *role_name(enum role role);

#endif
