/* SPDX-License-Identifier: Apache-2.0 */
/* The sources panel: what can be measured here, why not the rest and what to do about it; below it what was noted. */
#include "views/parts/figure.h"

#include <string.h>

enum column { SOURCE, GIVES, STATE, WHY, COLUMNS };

static const struct table_column source_columns[COLUMNS] = {
	[SOURCE] = {"SOURCE", 13, false, 0, false},
	[GIVES] = {"GIVES", 30, false, 3, false},
	[STATE] = {"STATE", 10, false, 0, false},
	[WHY] = {"WHY / WHAT TO DO", 0, false, 1, false},
};

struct sources {
	size_t top; /* first line in sight: of lines, not of sources, because remedies are long */
	size_t lines, visible;
};

/* A page longer than its area: lines are counted always and drawn where they are in sight. */
struct page {
	struct canvas *canvas;
	struct rect area;
	size_t top, line;
	struct table_layout layout;
	bool wraps;
};

static int in_sight(const struct page *page)
{
	if (page->line < page->top ||
	    page->line - page->top >= (size_t)(page->area.height > 0 ? page->area.height : 0))
		return -1;
	return (int)(page->line - page->top);
}

static enum role state_role(enum source_state state)
{
	switch (state) {
	case SOURCE_OK: return ROLE_GOOD;
	case SOURCE_PARTIAL:
	case SOURCE_NO_ACCESS: return ROLE_WARN;
	case SOURCE_FAILED: return ROLE_BAD;
	case SOURCE_PENDING:
	case SOURCE_NONE:
	case SOURCE_OFF:
	case SOURCE_STATE_COUNT: break;
	}
	return ROLE_DIM;
}

/* How many bytes of text fit into a width, cut behind a word where there is one. */
static size_t fitting(const char *text, int width)
{
	size_t used = 0, word = 0;
	int columns = 0;

	while (text[used]) {
		uint32_t code_point;
		size_t bytes = text_decode(text + used, &code_point);

		columns += text_columns(code_point);
		if (columns > width)
			return word ? word : used ? used : bytes;
		used += bytes;
		if (code_point == ' ')
			word = used;
	}
	return used;
}

/* Text in a column of the page, over as many lines as it takes; one only when the page does not wrap. */
static void write_wrapped(struct page *page, int x, int width, enum role role, const char *text)
{
	do {
		size_t bytes = page->wraps ? fitting(text, width) : strlen(text);
		char part[1024];
		int y = in_sight(page);

		text_print(part, sizeof(part), "%.*s", (int)bytes, text);
		if (y >= 0)
			figure_cell(page->canvas, page->area, (struct rect){x, y, width, 1}, role,
				    part);
		text += bytes;
		page->line++;
	} while (*text);
}

static void write_cell(const struct page *page, enum column column, enum role role,
		       const char *text)
{
	int y = in_sight(page);

	if (y >= 0)
		table_cell(page->canvas, page->area, y, source_columns, &page->layout,
			   (size_t)column, role, text);
}

static void write_source(struct page *page, const struct source *source)
{
	char why[sizeof(source->reason) + sizeof(source->remedy) + 4];
	bool both = source->reason[0] && source->remedy[0];

	write_cell(page, SOURCE, ROLE_TEXT, source->name);
	write_cell(page, GIVES, source->state == SOURCE_OK ? ROLE_TEXT : ROLE_DIM,
		   source->gives[0] ? source->gives : "-");
	write_cell(page, STATE, state_role(source->state),
		   source->state == SOURCE_PENDING ? "…" : source_state_name(source->state));
	text_print(why, sizeof(why), "%s%s%s", source->reason, both ? "; " : "", source->remedy);
	if (page->layout.x[WHY] >= 0)
		write_wrapped(page, page->layout.x[WHY], page->layout.width[WHY], ROLE_DIM, why);
	else
		page->line++;
}

static enum role note_role(enum note_level level)
{
	switch (level) {
	case NOTE_INFO: break;
	case NOTE_WARN: return ROLE_WARN;
	case NOTE_BAD: return ROLE_BAD;
	}
	return ROLE_TEXT;
}

static void write_note(struct page *page, const struct session *session, const struct note *note)
{
	char when[UNIT_TEXT_SIZE], text[sizeof(note->text) + DOMAIN_KEY_SIZE + 4];
	int64_t since_ns = note->time_ns - session_start_ns(session);
	int y = in_sight(page);

	/* Notes of the time before the first tick belong to the start. */
	unit_duration(when, since_ns < 0 ? 0 : since_ns);
	if (y >= 0)
		canvas_text(page->canvas, figure_row(page->area, y), 0, 0, ROLE_DIM, when);
	text_print(text, sizeof(text), "%s%s%s", note->domain, note->domain[0] ? ": " : "",
		   note->text);
	write_wrapped(page, 10, page->area.width - 10, note_role(note->level), text);
}

/* Writes the whole page; returns how many lines it has. */
static size_t write_page(const struct view_context *context, struct canvas *canvas,
			 struct rect area, size_t top)
{
	struct page page = {.canvas = canvas, .area = area, .top = top, .wraps = context->zoomed};
	size_t source_count, note_count;
	const struct source *sources = session_sources(context->session, &source_count);
	const struct note *notes = session_notes(context->session, &note_count);

	table_layout(source_columns, COLUMNS, area.width, &page.layout);
	if (in_sight(&page) >= 0)
		table_head(canvas, area, in_sight(&page), source_columns, COLUMNS, &page.layout, -1,
			   false);
	page.line++;
	for (size_t i = 0; i < source_count; i++)
		write_source(&page, &sources[i]);
	if (source_count == 0)
		write_wrapped(&page, 0, area.width, ROLE_DIM, "… no source has been opened yet");
	if (note_count == 0)
		return page.line;
	page.line++;
	write_wrapped(&page, 0, area.width, ROLE_TITLE, "NOTES, the newest first");
	for (size_t i = note_count; i > 0; i--)
		write_note(&page, context->session, &notes[i - 1]);
	return page.line;
}

static void sources_draw(void *self, const struct view_context *context, struct canvas *canvas,
			 struct rect area)
{
	struct sources *panel = self;
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

static void sources_subtitle(void *self, const struct view_context *context, char *out, size_t size)
{
	size_t count, ok = 0;
	const struct source *sources = session_sources(context->session, &count);

	(void)self;
	for (size_t i = 0; i < count; i++)
		ok += sources[i].state == SOURCE_OK || sources[i].state == SOURCE_PARTIAL;
	text_print(out, size, "%zu of %zu give something · r probes again", ok, count);
}

static enum view_answer sources_command(void *self, const struct view_context *context,
					enum command_id command, struct action *action)
{
	struct sources *panel = self;

	(void)context;
	if (command == COMMAND_PROBE_AGAIN) {
		*action = (struct action){.type = ACTION_PROBE_AGAIN};
		return VIEW_ACTION;
	}
	return figure_scroll(&panel->top, command, panel->lines, panel->visible) ? VIEW_HANDLED
										 : VIEW_IGNORED;
}

static void sources_why(void *self, const struct view_context *context, char *out, size_t size)
{
	(void)self;
	(void)context;
	text_print(
		out, size,
		"ok: it gives what stands under GIVES\n"
		"partial: it works, something is missing, the reason says what\n"
		"no access: it is there and may not be read; the last column says what would open it\n"
		"none: this machine does not have it\n"
		"off: switched off, or a better source gives the same\n"
		"failed: it was there and went away or misbehaves; r tries again");
}

const struct view view_sources = {
	.name = "sources",
	.title = "sources",
	.zoom = COMMAND_ZOOM_SOURCES,
	.min_width = 30,
	.min_height = 2,
	.private_size = sizeof(struct sources),
	.draw = sources_draw,
	.subtitle = sources_subtitle,
	.command = sources_command,
	.why = sources_why,
};
