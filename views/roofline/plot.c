/* SPDX-License-Identifier: Apache-2.0 */
/* The roofs: flat parts for what computes, slanted ones for what memory and caches give, or the arch of energy. */
#include "views/roofline/panel.h"

#include <math.h>
#include <string.h>

bool roofline_put_blank(struct canvas *canvas, struct rect plot, int x, int y, enum role role,
			const char *text)
{
	int width = text_width(text);

	if (x < 0 || y < 0 || y >= plot.height || x + width > plot.width)
		return false;
	for (int i = x > 0 ? -1 : 0; i <= width && x + i < plot.width; i++) {
		uint32_t here = canvas_code_point(canvas, plot, x + i, y);

		/* A line over the whole plot may be interrupted. */
		if (here != ' ' && here != ROOFLINE_LINE && here != '-')
			return false;
	}
	canvas_text(canvas, plot, x, y, role, text);
	return true;
}

static enum role role_of(const struct roofline_roof *roof, bool highest)
{
	if (roof->quality == QUALITY_ESTIMATED)
		return ROLE_ESTIMATE;
	return highest ? ROLE_ACCENT : ROLE_DIM;
}

/* Dots across the plot: where they lie in logarithms. */
struct pen {
	struct chart_raster raster;
	const struct roofline_axes *axes;
	int columns, rows;
};

static struct pen take_pen(struct canvas *canvas, const struct roofline_axes *axes, enum role role)
{
	struct pen pen = {.raster = chart_raster(canvas, axes->plot, role), .axes = axes};

	pen.columns = axes->plot.width * pen.raster.columns;
	pen.rows = axes->plot.height * pen.raster.rows;
	return pen;
}

static double intensity_at(const struct pen *pen, int column)
{
	const struct roofline_axes *axes = pen->axes;
	double ratio = pen->columns > 1 ? (double)column / (pen->columns - 1) : 0;

	return pow(10, axes->left + ratio * (axes->right - axes->left));
}

/* The row of dots of a value; outside of the plot for what lies outside. */
static int row_at(const struct pen *pen, double value)
{
	const struct roofline_axes *axes = pen->axes;
	double ratio = (axes->top - log10(value)) / (axes->top - axes->bottom);

	if (!(ratio >= -1 && ratio <= 2))
		return -1;
	return (int)lround(ratio * (pen->rows - 1));
}

/* A dot in each column, and what lies between it and the one before, so that a steep line does not break. */
static void draw_value(const struct pen *pen, int column, double value, int *before)
{
	int row = row_at(pen, value), from = *before < 0 || row < 0 ? row : *before;

	*before = row;
	if (row < 0)
		return;
	if (from != row)
		from += from < row ? 1 : -1;
	for (int y = from < row ? from : row; y <= (from < row ? row : from); y++)
		chart_dot(&pen->raster, column, y);
}

/* What stands at the right of a flat roof. */
static void name_peak(const struct roofline_roof *roof, bool zoomed, char *out, size_t size)
{
	char text[UNIT_TEXT_SIZE];
	bool theory = roof->quality == QUALITY_ESTIMATED;

	text_print(out, size, "%s%s %s%s", zoomed && theory ? "theory " : "", roof->how,
		   theory ? "~" : "", unit_si(text, roof->per_s, zoomed ? "FLOP/s" : ""));
}

/* Where the name that was written last stands. */
struct named {
	int row, column;
};

static void draw_peak(const struct roofline_panel *panel, const struct roofline_axes *axes,
		      struct canvas *canvas, size_t index, bool zoomed, struct named *named)
{
	const struct roofline_roofs *roofs = &panel->roofs;
	const struct roofline_roof *roof = &roofs->peaks[index];
	struct pen pen = take_pen(canvas, axes, role_of(roof, index == 0));
	double widest = roofs->level_count > 0 ? roofs->levels[roofs->level_count - 1].per_s : NAN;
	char name[64];
	int x, y, before = -1, end = axes->plot.width;

	name_peak(roof, zoomed, name, sizeof(name));
	if (!roofline_cell(axes, 1, roof->per_s, &x, &y))
		return;
	/* One name a row, and no name where it would leave no room for the plot. */
	if (y == named->row) {
		end = named->column - 1;
	} else if (text_width(name) * 2 < axes->plot.width) {
		*named = (struct named){y, axes->plot.width - text_width(name)};
		end = named->column - 1;
		canvas_text(canvas, axes->plot, named->column, y, pen.raster.role, name);
	}
	for (int column = 0; column < end * pen.raster.columns; column++) {
		if (isnan(widest) || intensity_at(&pen, column) * widest >= roof->per_s)
			draw_value(&pen, column, roof->per_s, &before);
	}
}

void roofline_name_roof(const struct roofline_roof *roof, char *out, size_t size)
{
	bool is_level = domain_series(roof->domain, METRIC_ROOF_BYTES_PER_S) != NULL;

	/* Levels are said in capitals, instruction sets as they are written. */
	text_print(out, size, "%s", roof->how);
	for (size_t i = 0; is_level && out[i]; i++)
		out[i] = (char)(out[i] >= 'a' && out[i] <= 'z' ? out[i] - 'a' + 'A' : out[i]);
}

static void name_level(const struct roofline_roof *roof, char *out, size_t size)
{
	char text[UNIT_TEXT_SIZE], level[ROOFLINE_TYPE_SIZE];

	roofline_name_roof(roof, level, sizeof(level));
	text_print(out, size, "%s %s%s", level, roof->quality == QUALITY_ESTIMATED ? "~" : "",
		   unit_si(text, roof->per_s, "B/s"));
}

/* The name beside the line, below its middle, where there is room. */
static void put_level_name(const struct roofline_roof *roof, const struct roofline_axes *axes,
			   struct canvas *canvas, enum role role)
{
	char name[64];

	name_level(roof, name, sizeof(name));
	for (int y = axes->plot.height * 2 / 3; y < axes->plot.height; y++) {
		double height =
			axes->top - (axes->top - axes->bottom) * y /
					    (axes->plot.height > 1 ? axes->plot.height - 1 : 1);
		int x, row;

		if (!roofline_cell(axes, pow(10, height) / roof->per_s, pow(10, height), &x, &row))
			continue;
		if (roofline_put_blank(canvas, axes->plot, x + 3, y, role, name))
			return;
	}
}

static void draw_level(const struct roofline_panel *panel, const struct roofline_axes *axes,
		       struct canvas *canvas, size_t index)
{
	const struct roofline_roofs *roofs = &panel->roofs;
	const struct roofline_roof *roof = &roofs->levels[index];
	struct pen pen = take_pen(canvas, axes, role_of(roof, index == 0));
	double peak = roofs->peak_count > 0 ? roofs->peaks[0].per_s : INFINITY;
	int before = -1;

	for (int column = 0; column < pen.columns; column++) {
		double value = intensity_at(&pen, column) * roof->per_s;

		if (value <= peak)
			draw_value(&pen, column, value, &before);
	}
}

static void draw_arch(const struct roofline_panel *panel, const struct roofline_axes *axes,
		      struct canvas *canvas)
{
	struct pen pen = take_pen(canvas, axes, role_of(&panel->roofs.peaks[0], true));
	char text[UNIT_TEXT_SIZE], name[64];
	double highest = roofline_flop_per_j(&panel->model, pow(10, axes->right));
	int x, y, before = -1;

	for (int column = 0; column < pen.columns; column++)
		draw_value(&pen, column,
			   roofline_flop_per_j(&panel->model, intensity_at(&pen, column)), &before);
	text_print(name, sizeof(name), "%s %s", panel->roofs.peaks[0].how,
		   unit_si(text, highest, "FLOP/J"));
	if (roofline_cell(axes, 1, highest, &x, &y))
		roofline_put_blank(canvas, axes->plot, axes->plot.width - text_width(name), y + 1,
				   ROLE_ACCENT, name);
}

void roofline_draw_roofs(const struct roofline_panel *panel, const struct roofline_axes *axes,
			 struct canvas *canvas, bool zoomed)
{
	const struct roofline_roofs *roofs = &panel->roofs;
	struct named named = {-1, 0};

	if (panel->energy) {
		if (!panel->model.reason)
			draw_arch(panel, axes, canvas);
		return;
	}
	for (size_t i = 0; i < roofs->level_count; i++)
		draw_level(panel, axes, canvas, i);
	for (size_t i = 0; i < roofs->peak_count; i++)
		draw_peak(panel, axes, canvas, i, zoomed, &named);
	for (size_t i = 0; i < roofs->level_count; i++)
		put_level_name(&roofs->levels[i], axes, canvas, role_of(&roofs->levels[i], i == 0));
}
