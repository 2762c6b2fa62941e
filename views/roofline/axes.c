/* SPDX-License-Identifier: Apache-2.0 */
/* The axes of the roofline: which decades are shown, and where a value lies on them. */
#include "views/roofline/panel.h"

#include <math.h>

#define LABEL_COLUMNS 5
#define AXIS_COLUMNS  (LABEL_COLUMNS + 1)
#define AXIS_ROWS     2
#define DOTS	      4 /* in a cell */
/* Beyond these decades lies nothing that computes; what is told stands at the edge. */
#define INTENSITY_LEAST (-4)
#define INTENSITY_MOST	6
#define VALUE_LEAST	(-3)
#define VALUE_MOST	21

static double clamp(double value, double least, double most)
{
	return fmin(fmax(value, least), most);
}

double roofline_value(const struct roofline_panel *panel, const struct roofline_point *point)
{
	return panel->energy ? point->flop_per_j : point->flop_per_s;
}

double roofline_value_of(const struct roofline_panel *panel, const struct roofline_point *point,
			 double flop_per_s)
{
	return roofline_value(panel, point) * (flop_per_s / point->flop_per_s);
}

/* The least and the greatest logarithm seen. */
struct range {
	double least, most;
};

static void widen(struct range *range, double value)
{
	double log = value > 0 ? log10(value) : NAN;

	/* fmin and fmax leave out what is no number. */
	range->least = fmin(range->least, log);
	range->most = fmax(range->most, log);
}

static struct range intensities(const struct roofline_panel *panel, bool zoomed)
{
	const struct roofline_roofs *roofs = &panel->roofs;
	struct range range = {zoomed ? -2 : -1, zoomed ? 3 : 2};

	/* Their memory is slower against what they compute. */
	if (roofline_is_gpu(panel))
		range = (struct range){0, 3};

	/* The ridge, with some room for the flat part of the roof. */
	if (roofs->peak_count > 0 && roofs->level_count > 0)
		widen(&range, 5 * roofs->peaks[0].per_s / roofs->levels[0].per_s);
	for (size_t i = 0; i < panel->points.count; i++) {
		const struct roofline_point *point = &panel->points.points[i];

		widen(&range, point->intensity);
		widen(&range, point->intensity * (point->low_flop_per_s / point->flop_per_s));
		widen(&range, point->intensity * (point->given_flop_per_s / point->flop_per_s));
	}
	range.least = clamp(floor(range.least), INTENSITY_LEAST, 0);
	range.most = clamp(ceil(range.most), 1, INTENSITY_MOST);
	return range;
}

static struct range values(const struct roofline_panel *panel, double left)
{
	const struct roofline_roofs *roofs = &panel->roofs;
	struct range range = {INFINITY, -INFINITY};

	for (size_t i = 0; i < panel->points.count; i++) {
		const struct roofline_point *point = &panel->points.points[i];

		widen(&range, roofline_value(panel, point));
		widen(&range, roofline_value_of(panel, point, point->low_flop_per_s));
		widen(&range, roofline_value_of(panel, point, point->given_flop_per_s));
	}
	if (panel->energy) {
		widen(&range, roofline_flop_per_j(&panel->model, pow(10, INTENSITY_MOST)));
		widen(&range, roofline_flop_per_j(&panel->model, pow(10, left)));
	} else {
		if (roofs->peak_count > 0)
			widen(&range, roofs->peaks[0].per_s);
		if (roofs->level_count > 0)
			widen(&range, roofs->levels[0].per_s * pow(10, left));
	}
	if (range.least > range.most)
		return (struct range){8, 12};
	return range;
}

static void choose_values(const struct roofline_panel *panel, struct roofline_axes *axes)
{
	struct range range = values(panel, axes->left);
	int rows = axes->plot.height;
	double decades = rows >= 14 ? 7 : rows >= 8 ? 5 : 4;

	axes->top = clamp(range.most + 0.2, VALUE_LEAST + 2, VALUE_MOST);
	axes->bottom = clamp(range.least - 0.1, VALUE_LEAST, axes->top - 2);
	if (axes->top - axes->bottom > decades)
		axes->bottom = axes->top - decades;
}

struct roofline_axes roofline_axes(const struct roofline_panel *panel, struct rect area,
				   bool zoomed)
{
	struct roofline_axes axes = {.area = area, .plot = area};
	struct range range = intensities(panel, zoomed);

	axes.labelled = area.width >= AXIS_COLUMNS + 16 && area.height >= AXIS_ROWS + 3;
	if (axes.labelled)
		axes.plot = (struct rect){area.x + AXIS_COLUMNS, area.y, area.width - AXIS_COLUMNS,
					  area.height - AXIS_ROWS};
	axes.left = range.least;
	axes.right = range.most;
	choose_values(panel, &axes);
	return axes;
}

/* The cell in which a dot of the same value lies. */
static int place(double log, double from, double to, int cells)
{
	double ratio = (log - from) / (to - from);

	return (int)lround(clamp(ratio, 0, 1) * (cells * DOTS - 1)) / DOTS;
}

bool roofline_cell(const struct roofline_axes *axes, double intensity, double value, int *x, int *y)
{
	if (!(value > 0) || axes->plot.width <= 0 || axes->plot.height <= 0)
		return false;
	*x = intensity > 0 ? place(log10(intensity), axes->left, axes->right, axes->plot.width) : 0;
	*y = place(log10(value), axes->top, axes->bottom, axes->plot.height);
	return true;
}

/* "0.01", "100", "1k", "10G". */
static void name_decade(int decade, char *out, size_t size)
{
	static const char prefixes[] = " kMGTPEZ";
	static const int powers[] = {1, 10, 100};
	int group = decade / 3;

	if (decade < 0)
		text_print(out, size, "%.*f", -decade < 4 ? -decade : 4, pow(10, decade));
	else if (group == 0)
		text_print(out, size, "%d", powers[decade]);
	else
		text_print(out, size, "%d%c", powers[decade % 3], prefixes[group < 7 ? group : 7]);
}

static void draw_value_axis(const struct roofline_axes *axes, struct canvas *canvas)
{
	int before = axes->plot.height + 1;

	for (int y = 0; y < axes->plot.height; y++)
		canvas_put(canvas, axes->area, LABEL_COLUMNS, y, ROLE_BORDER, 0x2502);
	for (int decade = (int)ceil(axes->bottom); decade <= (int)floor(axes->top); decade++) {
		int y = place(decade, axes->top, axes->bottom, axes->plot.height);
		char text[16];

		if (y >= before)
			continue;
		before = y;
		name_decade(decade, text, sizeof(text));
		canvas_right(canvas, axes->area, LABEL_COLUMNS, y, ROLE_DIM, text);
		canvas_put(canvas, axes->area, LABEL_COLUMNS, y, ROLE_BORDER, 0x2524);
	}
}

static void draw_intensity_axis(const struct roofline_axes *axes, struct canvas *canvas)
{
	static const char unit[] = "FLOP/byte";
	int y = axes->plot.height, end = -1;
	int room = axes->area.width - (int)sizeof(unit);

	canvas_put(canvas, axes->area, LABEL_COLUMNS, y, ROLE_BORDER, 0x2514);
	for (int x = 0; x < axes->plot.width; x++)
		canvas_put(canvas, axes->area, AXIS_COLUMNS + x, y, ROLE_BORDER, 0x2500);
	for (int decade = (int)axes->left; decade <= (int)axes->right; decade++) {
		int x = AXIS_COLUMNS + place(decade, axes->left, axes->right, axes->plot.width);
		char text[16];
		int width, start;

		name_decade(decade, text, sizeof(text));
		width = text_width(text);
		start = x - width / 2;
		canvas_put(canvas, axes->area, x, y, ROLE_BORDER, 0x252C);
		if (start <= end || start + width >= room)
			continue;
		canvas_text(canvas, axes->area, start, y + 1, ROLE_DIM, text);
		end = start + width;
	}
	canvas_right(canvas, axes->area, axes->area.width, y + 1, ROLE_DIM, unit);
}

void roofline_draw_axes(const struct roofline_panel *panel, const struct roofline_axes *axes,
			struct canvas *canvas, bool zoomed)
{
	if (!axes->labelled)
		return;
	draw_value_axis(axes, canvas);
	draw_intensity_axis(axes, canvas);
	if (zoomed)
		canvas_text(canvas, axes->plot, 1, 0, ROLE_DIM,
			    panel->energy ? "FLOP/J" : "FLOP/s");
}
