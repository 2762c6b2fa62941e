/* SPDX-License-Identifier: Apache-2.0 */
/* What the whole run will take: a part of the perf-per-watt panel. */
#include "views/efficiency/projection.h"

#include <string.h>

#define VALUE_COLUMN 7
#define BAND_COLUMN  18

static void draw_row(const struct projection_row *row, struct canvas *canvas, struct rect block,
		     int y)
{
	int end = VALUE_COLUMN + text_width(row->value) + 1;
	int band = end > BAND_COLUMN ? end : BAND_COLUMN;

	figure_cell(canvas, block, (struct rect){0, y, VALUE_COLUMN, 1}, ROLE_DIM, row->name);
	figure_cell(canvas, block, (struct rect){VALUE_COLUMN, y, block.width - VALUE_COLUMN, 1},
		    row->is_made_up ? ROLE_ESTIMATE : ROLE_VALUE, row->value);
	figure_cell(canvas, block, (struct rect){band, y, block.width - band, 1}, ROLE_TEXT,
		    row->band);
}

/* The sentence over as many rows as it needs. Returns the first free row. */
static int draw_sentence(struct canvas *canvas, struct rect block, int y, const char *text)
{
	while (*text && y < block.height) {
		char line[64];
		size_t length = strlen(text), width = (size_t)block.width;

		if (length > width) {
			length = width;
			while (length > 0 && text[length] != ' ')
				length--;
			if (length == 0)
				length = width;
		}
		text_print(line, sizeof(line), "%.*s", (int)length, text);
		figure_cell(canvas, block, (struct rect){0, y++, block.width, 1}, ROLE_DIM, line);
		text += length + (text[length] == ' ');
	}
	return y;
}

/* "run ~19.4 kWh ±3 %", or why there is nothing. */
static int draw_line(const struct projection_figures *figures, struct canvas *canvas,
		     struct rect block, int y)
{
	struct projection_row rows[PROJECTION_ROWS];
	char text[128];

	if (y >= block.height)
		return y;
	if (projection_rows(figures, rows) == 0)
		projection_status(figures, text, sizeof(text));
	else
		text_print(text, sizeof(text), "run %s %s", rows[0].value, rows[0].band);
	figure_cell(canvas, block, (struct rect){0, y, block.width, 1}, ROLE_TEXT, text);
	return y + 1;
}

int efficiency_projection_draw(const struct session *session, struct canvas *canvas,
			       struct rect block, int y, bool zoomed)
{
	struct projection_figures figures = projection_figures(session);
	struct projection_row rows[PROJECTION_ROWS];
	char text[160], total[UNIT_TEXT_SIZE];
	size_t count;

	if (figures.state == PROJECTION_OFF)
		return y;
	if (!zoomed)
		return draw_line(&figures, canvas, block, y);
	text_print(text, sizeof(text), "the run of %s%s%s", unit_si(total, figures.total, ""),
		   figures.unit[0] ? " " : "", figures.unit);
	y++;
	figure_cell(canvas, block, (struct rect){0, y++, block.width, 1}, ROLE_ACCENT, text);
	count = projection_rows(&figures, rows);
	for (size_t i = 0; i < count; i++)
		draw_row(&rows[i], canvas, block, y++);
	projection_status(&figures, text, sizeof(text));
	return draw_sentence(canvas, block, y, text);
}

void efficiency_projection_why(const struct session *session, char *out, size_t size)
{
	struct projection_figures figures = projection_figures(session);
	char warm_up[UNIT_TEXT_SIZE];

	*out = '\0';
	if (figures.state == PROJECTION_OFF) {
		text_print(out, size,
			   "The whole run: --total-work N projects its energy and time.");
		return;
	}
	text_print(
		out, size,
		"The whole run: what the steps of work cost so far and tend to (%llu, the first %s left out)\n"
		"times what is left, plus what is used; the band holds the truth in 95 of 100 runs%s.",
		(unsigned long long)figures.steps,
		unit_duration(warm_up, (int64_t)(figures.warm_up_s * 1e9)),
		figures.quality == QUALITY_ESTIMATED ? "\nand the estimate's own band is in it"
						     : "");
}
