/* SPDX-License-Identifier: Apache-2.0 */
/* The help panel: every key from the one table of keys, and what the signs beside the figures mean. */
#include "views/parts/figure.h"

#include <string.h>

#define KEYS_WIDTH   12
#define COLUMN_WIDTH 52

/* Signs first, then their meaning. */
static const char *const signs[][2] = {
	{"~", "an estimate or a proxy, never a measurement"},
	{"est.", "no sensor: from load and machine, with its band (17-80)"},
	{"⌀1s", "a power sensor that averages over so long"},
	{"/700", "the limit of this device in watts"},
	{"12 s old", "the meter has not moved since; the last power stands"},
	{"-", "absent: it could not be read; ? and 8 say why"},
	{"…", "pending: still being opened, or no second reading yet"},
	{"W+idle", "the idle power is not known and is part of these watts"},
	{"others", "threads that are not watched"},
	{"unattributed",
	 "busy time that no thread explains: interrupts, threads that came and went"},
	{"idle", "what the device draws when nothing runs"},
	{"stale", "the clock of an idle CPU: that of the last time it ran"},
	{"▁▄█", "heat: share of the limit, the clock's maximum, or busy share"},
};

struct help {
	size_t top, lines, visible;
};

struct page {
	struct canvas *canvas;
	struct rect area;
	size_t top, line;
	int column, columns;
};

static void write_entry(struct page *page, const char *left, const char *right)
{
	int width = page->area.width / page->columns, x = page->column * width;
	int y = page->line >= page->top && page->line - page->top < (size_t)page->area.height
			? (int)(page->line - page->top)
			: -1;

	figure_cell(page->canvas, page->area, (struct rect){x + 1, y, KEYS_WIDTH, 1}, ROLE_ACCENT,
		    left);
	figure_cell(page->canvas, page->area,
		    (struct rect){x + KEYS_WIDTH + 2, y, width - KEYS_WIDTH - 3, 1}, ROLE_TEXT,
		    right);
	if (++page->column == page->columns) {
		page->column = 0;
		page->line++;
	}
}

static void write_head(struct page *page, const char *text)
{
	if (page->column > 0) {
		page->column = 0;
		page->line++;
	}
	if (page->line > 0)
		page->line++;
	if (page->line >= page->top && page->line - page->top < (size_t)page->area.height)
		canvas_text(page->canvas, figure_row(page->area, (int)(page->line - page->top)), 1,
			    0, ROLE_TITLE, text);
	page->line++;
}

static void write_keys(struct page *page, unsigned mode, bool both, const char *head)
{
	write_head(page, head);
	for (size_t i = 0; i < key_binding_count; i++) {
		unsigned holds = (unsigned)key_bindings[i].mode;

		if (both ? holds == KEY_BOTH : holds == mode)
			write_entry(page, key_bindings[i].keys, key_bindings[i].help);
	}
}

/* Writes the whole page; returns how many lines it has. */
static size_t write_page(const struct view_context *context, struct canvas *canvas,
			 struct rect area, size_t top)
{
	struct page page = {.canvas = canvas, .area = area, .top = top};

	page.columns = area.width / COLUMN_WIDTH > 1 ? area.width / COLUMN_WIDTH : 1;
	write_keys(&page, 0, true, "KEYS");
	write_keys(&page, context->replay ? KEY_REPLAY : KEY_LIVE, false,
		   context->replay ? "IN REPLAY" : "LIVE");
	write_keys(&page, context->replay ? KEY_LIVE : KEY_REPLAY, false,
		   context->replay ? "LIVE" : "IN REPLAY");
	write_head(&page, "SIGNS");
	page.columns = 1;
	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		write_entry(&page, signs[i][0], signs[i][1]);
	return page.line + (page.column > 0);
}

static void help_draw(void *self, const struct view_context *context, struct canvas *canvas,
		      struct rect area)
{
	struct help *panel = self;
	size_t last_top;

	if (area.width < 1 || area.height < 1)
		return;
	panel->visible = (size_t)area.height;
	panel->lines = write_page(context, canvas, area, SIZE_MAX);
	last_top = panel->lines > panel->visible ? panel->lines - panel->visible : 0;
	if (panel->top > last_top)
		panel->top = last_top;
	write_page(context, canvas, area, panel->top);
}

static enum view_answer help_command(void *self, const struct view_context *context,
				     enum command_id command, struct action *action)
{
	struct help *panel = self;

	(void)context;
	(void)action;
	return figure_scroll(&panel->top, command, panel->lines, panel->visible) ? VIEW_HANDLED
										 : VIEW_IGNORED;
}

const struct view view_help = {
	.name = "help",
	.title = "help",
	.zoom = COMMAND_HELP,
	.min_width = 20,
	.min_height = 2,
	.private_size = sizeof(struct help),
	.draw = help_draw,
	.command = help_command,
};
