/* SPDX-License-Identifier: Apache-2.0 */
/* The output panel: what the command wrote, with its colours; follows the end until it is scrolled. */
#include "views/parts/figure.h"

#include <stdlib.h>
#include <string.h>

#define SIDE_STEP 16

struct output {
	uint64_t
		top; /* number of the first line in sight, counted from the first line ever written */
	bool held;   /* scrolled away from the end */
	int shift;   /* columns to the left of sight */
	size_t visible;
};

/* The first of the kept lines, and one past the last, counted from the first line ever written. */
static void range(const struct session *session, uint64_t *first, uint64_t *end)
{
	*end = session_lines_seen(session);
	*first = *end - session_line_count(session);
}

/* Where the page begins: at the held line while it is kept, else so that the end is in sight. */
static uint64_t page_top(const struct output *panel, uint64_t first, uint64_t end)
{
	uint64_t last_top = end - first > panel->visible ? end - panel->visible : first;

	if (!panel->held || panel->top > last_top)
		return last_top;
	return panel->top < first ? first : panel->top;
}

/* One SGR parameter; 38 and 48 bring parameters of their own, which are skipped unless they name one of eight colours. */
static enum role apply_sgr(enum role role, const long *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		long number = numbers[i];

		if (number == 0 || number == 39 || number == 22)
			role = ROLE_TEXT;
		else if (number == 1)
			role = role == ROLE_TEXT ? ROLE_VALUE : role;
		else if (number == 2)
			role = ROLE_DIM;
		else if (number >= 30 && number <= 37)
			role = (enum role)(ROLE_SERIES0 + (number - 30));
		else if (number >= 90 && number <= 97)
			role = (enum role)(ROLE_SERIES0 + (number - 90));
		else if ((number == 38 || number == 48) && i + 1 < count) {
			bool indexed = numbers[i + 1] == 5 && i + 2 < count;

			if (indexed && number == 38 && numbers[i + 2] >= 0 && numbers[i + 2] < 16)
				role = (enum role)(ROLE_SERIES0 + numbers[i + 2] % 8);
			i += numbers[i + 1] == 2 ? 4 : 2;
		}
	}
	return role;
}

/* Takes "ESC [ numbers m" at text; returns its length, 0 when it is none. */
static size_t take_sgr(const char *text, enum role *role)
{
	long numbers[16] = {0};
	size_t count = 1, at = 2;

	if (text[0] != '\033' || text[1] != '[')
		return 0;
	for (; (text[at] >= '0' && text[at] <= '9') || text[at] == ';'; at++) {
		if (text[at] == ';')
			count += count < ARRAY_SIZE(numbers);
		else if (numbers[count - 1] < 1000)
			numbers[count - 1] = numbers[count - 1] * 10 + (text[at] - '0');
	}
	if (text[at] != 'm')
		return 0;
	*role = apply_sgr(*role, numbers, count);
	return at + 1;
}

static void draw_line(const struct output *panel, struct canvas *canvas, struct rect row,
		      const char *line)
{
	enum role role = ROLE_TEXT;
	int x = -panel->shift;

	while (*line && x < row.width) {
		char part[SESSION_LINE_SIZE];
		size_t sequence = take_sgr(line, &role), length;

		line += sequence;
		if (sequence)
			continue;
		length = 1 + strcspn(line + 1, "\033");
		text_print(part, sizeof(part), "%.*s", (int)length, line);
		x += canvas_text(canvas, row, x, 0, role, part);
		line += length;
	}
}

static void output_draw(void *self, const struct view_context *context, struct canvas *canvas,
			struct rect area)
{
	struct output *panel = self;
	const struct session *session = context->session;
	uint64_t first, end, top;

	range(session, &first, &end);
	if (end == first) {
		figure_cell(canvas, area, (struct rect){1, 0, area.width - 1, 1}, ROLE_DIM,
			    context->live_command ? "the command has written nothing yet"
			    : context->replay
				    ? "the recording holds no output"
				    : "no command of ours: start one with jouletop -- COMMAND");
		return;
	}
	panel->visible = area.height > 0 ? (size_t)area.height : 0;
	top = page_top(panel, first, end);
	for (uint64_t number = top; number < end && number - top < panel->visible; number++) {
		const char *line = session_line(session, (size_t)(number - first));

		if (line)
			draw_line(panel, canvas, figure_row(area, (int)(number - top)), line);
	}
}

static void output_subtitle(void *self, const struct view_context *context, char *out, size_t size)
{
	const struct output *panel = self;
	uint64_t first, end;

	range(context->session, &first, &end);
	out[0] = '\0';
	if (end > 0)
		text_print(out, size, "%llu lines, %llu kept%s", (unsigned long long)end,
			   (unsigned long long)(end - first),
			   panel->held ? " · held, End follows" : "");
}

static enum view_answer output_command(void *self, const struct view_context *context,
				       enum command_id command, struct action *action)
{
	struct output *panel = self;
	uint64_t first, end;
	size_t top, lines;

	(void)action;
	range(context->session, &first, &end);
	if (command == COMMAND_LEFT || command == COMMAND_RIGHT) {
		panel->shift += command == COMMAND_RIGHT ? SIDE_STEP : -SIDE_STEP;
		panel->shift = panel->shift < 0			  ? 0
			       : panel->shift > SESSION_LINE_SIZE ? SESSION_LINE_SIZE
								  : panel->shift;
		return VIEW_HANDLED;
	}
	lines = (size_t)(end - first);
	top = (size_t)(page_top(panel, first, end) - first);
	if (!figure_scroll(&top, command, lines, panel->visible))
		return VIEW_IGNORED;
	panel->top = first + top;
	panel->held = top + panel->visible < lines;
	return VIEW_HANDLED;
}

const struct view view_output = {
	.name = "output",
	.title = "output",
	.zoom = COMMAND_ZOOM_OUTPUT,
	.min_width = 20,
	.min_height = 1,
	.private_size = sizeof(struct output),
	.draw = output_draw,
	.subtitle = output_subtitle,
	.command = output_command,
};
