/* SPDX-License-Identifier: Apache-2.0 */
/* Line charts with their axes: dots in braille, half blocks, or points and colons in ASCII. */
#include "base/memory.h"
#include "base/text.h"
#include "base/unit.h"
#include "screen/chart.h"

#include <math.h>
#include <string.h>

#define LABEL_COLUMNS 5
#define AXIS_COLUMNS  (LABEL_COLUMNS + 1)
#define AXIS_ROWS     2

/* With less room than this the axes would leave no room for the line. */
static bool has_axes(struct rect area)
{
	return area.width >= AXIS_COLUMNS + 12 && area.height >= AXIS_ROWS + 2;
}

static struct rect plot_of(struct rect area)
{
	if (!has_axes(area))
		return area;
	return (struct rect){area.x + AXIS_COLUMNS, area.y, area.width - AXIS_COLUMNS,
			     area.height - AXIS_ROWS};
}

size_t chart_line_values(const struct canvas *canvas, struct rect area)
{
	return chart_area_values(canvas, plot_of(area));
}

/* The row of dots of a value, 0 on top. */
static int row_of(double value, double maximum, int rows)
{
	double ratio = maximum > 0 ? value / maximum : 0;

	if (!(ratio > 0))
		return rows - 1;
	return ratio >= 1 ? 0 : (int)lround((1 - ratio) * (rows - 1));
}

static void draw_line(const struct chart_raster *raster, const double *values, size_t count,
		      double maximum)
{
	size_t room = (size_t)raster->plot.width * (size_t)raster->columns;
	int rows = raster->plot.height * raster->rows, before = -1;

	if (count > room) {
		values += count - room;
		count = room;
	}
	for (size_t i = 0; i < count; i++) {
		if (isnan(values[i])) {
			before = -1;
			continue;
		}
		int row = row_of(values[i], maximum, rows);
		int from = before < 0 ? row : before;

		/* The step from the value before stands in this column, so that the line does
		 * not break. */
		if (from < row)
			from++;
		else if (from > row)
			from--;
		for (int y = from < row ? from : row; y <= (from < row ? row : from); y++)
			chart_dot(raster, (int)(room - count + i), y);
		before = row;
	}
}

/* "2.50 k" becomes "2.5k", "500.0" becomes "500": labels are round numbers. */
static void tighten(char *text)
{
	char *point = strchr(text, '.'), *blank = strchr(text, ' ');
	char *end = blank == NULL ? text + strlen(text) : blank;
	char prefix = '\0';

	if (blank != NULL)
		prefix = blank[1];

	while (point != NULL && end > point && (end[-1] == '0' || end[-1] == '.'))
		end--;
	end[0] = prefix;
	if (prefix != '\0')
		end[1] = '\0';
}

static void draw_value_label(struct canvas *canvas, struct rect area, int y, double value)
{
	char text[UNIT_TEXT_SIZE];

	unit_si(text, value, "");
	tighten(text);

	/* A label cut to its room would be another number. */
	if (strlen(text) <= LABEL_COLUMNS)
		canvas_right(canvas, area, LABEL_COLUMNS, y, ROLE_DIM, text);
}

static void draw_value_axis(struct canvas *canvas, struct rect area, struct rect plot,
			    double maximum)
{
	int middle = (plot.height - 1) / 2;

	for (int y = 0; y < plot.height; y++)
		canvas_put(canvas, area, LABEL_COLUMNS, y, ROLE_BORDER, 0x2502);
	canvas_put(canvas, area, LABEL_COLUMNS, 0, ROLE_BORDER, 0x2524);
	draw_value_label(canvas, area, 0, maximum);
	if (plot.height >= 5 && plot.height % 2 == 1) {
		canvas_put(canvas, area, LABEL_COLUMNS, middle, ROLE_BORDER, 0x2524);
		draw_value_label(canvas, area, middle, maximum / 2);
	}
	draw_value_label(canvas, area, plot.height, 0);
}

/* Spans are said in the largest unit that keeps them above two. */
static const char *span_unit(double span_s, double *one_s)
{
	*one_s = span_s >= 7200 ? 3600 : span_s >= 120 ? 60 : 1;
	return span_s >= 7200 ? "h" : span_s >= 120 ? "m" : "s";
}

static void draw_time_axis(struct canvas *canvas, struct rect area, struct rect plot, double span_s)
{
	int quarters = plot.width >= 36 ? 4 : 1;
	double one_s;
	const char *unit = span_unit(span_s, &one_s);

	canvas_put(canvas, area, LABEL_COLUMNS, plot.height, ROLE_BORDER, 0x253C);
	for (int x = 0; x < plot.width; x++)
		canvas_put(canvas, area, AXIS_COLUMNS + x, plot.height, ROLE_BORDER, 0x2500);
	for (int i = 0; i < quarters; i++) {
		int x = plot.width * i / quarters;
		char text[32];

		text_print(text, sizeof(text), "%.3g%s",
			   -span_s / one_s * (quarters - i) / quarters, i == 0 ? unit : "");
		if (i > 0)
			canvas_put(canvas, area, AXIS_COLUMNS + x, plot.height, ROLE_BORDER,
				   0x252C);
		canvas_text(canvas, area, AXIS_COLUMNS + x - (i > 0 ? (int)strlen(text) / 2 : 1),
			    plot.height + 1, ROLE_DIM, text);
	}
	canvas_right(canvas, area, area.width, plot.height + 1, ROLE_DIM, "now");
}

void chart_line(struct canvas *canvas, struct rect area, const double *values, size_t count,
		double maximum, double span_s, const char *unit, enum role role)
{
	if (area.width <= 0 || area.height <= 0)
		return;

	struct rect plot = plot_of(area);
	struct chart_raster raster = chart_raster(canvas, plot, role);

	if (has_axes(area)) {
		canvas_fill(canvas, plot, ROLE_TEXT, ' ');
		draw_value_axis(canvas, area, plot, maximum);
		draw_time_axis(canvas, area, plot, span_s);
		canvas_text(canvas, plot, 1, 0, ROLE_DIM, unit);
	}
	draw_line(&raster, values, count, maximum);
}
