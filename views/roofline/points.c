/* SPDX-License-Identifier: Apache-2.0 */
/* The points of the roofline: large for many watts, hollow for operators, with the trail of the last ten seconds. */
#include "views/roofline/panel.h"

#include <math.h>
#include <string.h>

#define TRAIL_NS   INT64_C(10000000000)
#define NAMED	   8 /* points that get their name */

#define DOT_OLD	   0x00B7
#define DOT_YOUNG  0x2219
#define DOT_SMALL  0x2022
#define DOT_MIDDLE 0x25CF
#define DOT_LARGE  0x2B24
#define DOT_HOLLOW 0x25CB
#define WHISKER	   0x2500
#define WHISKER_TO 0x25C2

/* Heat is the share of the roof, as everywhere the share of a limit. */
static enum role role_of(const struct roofline_point *point)
{
	double ratio = fmin(fmax(point->limit_ratio, 0), 1);

	if (!isfinite(point->limit_ratio))
		return ROLE_VALUE;
	return (enum role)(ROLE_HEAT0 + (int)lround(ratio * (ROLE_HEAT7 - ROLE_HEAT0)));
}

static uint32_t glyph_of(const struct roofline_point *point, double largest_w)
{
	double share = point->power_w / largest_w;

	if (point->hollow)
		return DOT_HOLLOW;
	if (!isfinite(share))
		return DOT_MIDDLE;
	return share >= 0.5 ? DOT_LARGE : share >= 0.1 ? DOT_MIDDLE : DOT_SMALL;
}

static void put_if_blank(struct canvas *canvas, struct rect plot, int x, int y, enum role role,
			 uint32_t glyph)
{
	if (canvas_code_point(canvas, plot, x, y) == ' ')
		canvas_put(canvas, plot, x, y, role, glyph);
}

/* A trace belongs to a point that is still shown. */
static bool is_shown(const struct roofline_points *points, const struct roofline_trace *trace)
{
	for (size_t i = 0; i < points->count; i++) {
		const struct domain *domain = points->points[i].domain;

		if (domain->number == trace->number && domain->born_ns == trace->born_ns)
			return true;
	}
	return false;
}

static void draw_trails(const struct roofline_panel *panel, const struct roofline_axes *axes,
			struct canvas *canvas)
{
	size_t kept = panel->trace_count < ROOFLINE_TRACES ? panel->trace_count : ROOFLINE_TRACES;

	/* The youngest first: they are not covered by older ones. */
	for (size_t i = 1; i <= kept; i++) {
		const struct roofline_trace *trace =
			&panel->traces[(panel->trace_count - i) % ROOFLINE_TRACES];
		double value = panel->energy ? trace->flop_per_j : trace->flop_per_s;
		int64_t age_ns = panel->time_ns - trace->time_ns;
		bool young = age_ns < TRAIL_NS / 2;
		int x, y;

		if (age_ns > TRAIL_NS)
			return;
		if (!(trace->intensity > 0) || !is_shown(&panel->points, trace) ||
		    !roofline_cell(axes, trace->intensity, value, &x, &y))
			continue;
		put_if_blank(canvas, axes->plot, x, y, young ? ROLE_TEXT : ROLE_DIM,
			     young ? DOT_YOUNG : DOT_OLD);
	}
}

/* "train 750 G 24 %"; its name alone in the zoomed form, where a box says the rest. */
static void name_point(const struct roofline_panel *panel, const struct roofline_point *point,
		       bool brief, char *out, size_t size)
{
	char value[UNIT_TEXT_SIZE], share[UNIT_TEXT_SIZE];

	if (roofline_is_gpu(panel))
		roofline_name_band(panel, point, brief, out, size);
	else if (brief)
		text_print(out, size, "%.24s", point->name);
	else if (panel->energy)
		text_print(out, size, "%.24s %s", point->name,
			   unit_si(value, point->flop_per_j, "FLOP/J"));
	else
		text_print(out, size, "%.24s %s %s", point->name,
			   unit_si(value, point->flop_per_s, ""),
			   isfinite(point->limit_ratio) ? unit_percent(share, point->limit_ratio)
							: "");
}

/* A band is long: its name may stand further away than that of a point. */
#define POINT_ROWS 3
#define BAND_ROWS  7

static bool put_name(struct canvas *canvas, struct rect plot, int x, int y, size_t row_count,
		     const char *name)
{
	static const int rows[BAND_ROWS] = {0, -1, 1, -2, 2, -3, 3};
	int width = text_width(name);

	for (size_t i = 0; i < row_count; i++) {
		/* Beside the point one column stays free, above and below it none is needed. */
		if (roofline_put_blank(canvas, plot, x + 2, y + rows[i], ROLE_TEXT, name) ||
		    roofline_put_blank(canvas, plot, x - 1 - width, y + rows[i], ROLE_TEXT, name))
			return true;
	}
	return false;
}

/* Without bytes nobody knows how far to the right: a line over the whole plot. */
static void draw_line(const struct roofline_axes *axes, struct canvas *canvas, int y,
		      enum role role)
{
	for (int x = 0; x < axes->plot.width; x++)
		put_if_blank(canvas, axes->plot, x, y, role, ROOFLINE_LINE);
}

static void draw_point(const struct roofline_panel *panel, const struct roofline_axes *axes,
		       struct canvas *canvas, const struct roofline_point *point, double largest_w)
{
	enum role role = point == roofline_selected(panel) ? ROLE_SELECTION : role_of(point);
	int x, y;

	if (!roofline_cell(axes, point->intensity, roofline_value(panel, point), &x, &y))
		return;
	if (roofline_is_gpu(panel)) {
		roofline_draw_band(panel, axes, canvas, point, role);
		return;
	}
	if (!(point->intensity > 0)) {
		draw_line(axes, canvas, y, role);
		return;
	}
	if (point->at_most) {
		put_if_blank(canvas, axes->plot, x - 1, y, role, WHISKER);
		put_if_blank(canvas, axes->plot, x - 2, y, role, WHISKER);
		put_if_blank(canvas, axes->plot, x - 3, y, role, WHISKER_TO);
	}
	canvas_put(canvas, axes->plot, x, y, role, glyph_of(point, largest_w));
}

/* Above or below its line, else in it. */
static bool put_line_name(const struct roofline_axes *axes, struct canvas *canvas, int y,
			  const char *name)
{
	static const int rows[] = {-1, 1, 0};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (roofline_put_blank(canvas, axes->plot, 2, y + rows[i], ROLE_TEXT, name))
			return true;
	return false;
}

static void draw_name(const struct roofline_panel *panel, const struct roofline_axes *axes,
		      struct canvas *canvas, const struct roofline_point *point, bool zoomed)
{
	bool line = !(point->intensity > 0), band = roofline_is_gpu(panel);
	size_t rows = band ? BAND_ROWS : POINT_ROWS;
	char name[DOMAIN_NAME_SIZE + 2 * UNIT_TEXT_SIZE];
	int x, y;

	if (!roofline_cell(axes, point->intensity, roofline_value(panel, point), &x, &y))
		return;
	name_point(panel, point, zoomed && !line && !band, name, sizeof(name));
	if (line) {
		if (put_line_name(axes, canvas, y, name))
			return;
		name_point(panel, point, true, name, sizeof(name));
		put_line_name(axes, canvas, y, name);
		return;
	}
	if (!put_name(canvas, axes->plot, x, y, rows, name) && (!zoomed || band)) {
		name_point(panel, point, true, name, sizeof(name));
		put_name(canvas, axes->plot, x, y, rows, name);
	}
}

void roofline_draw_points(const struct roofline_panel *panel, const struct roofline_axes *axes,
			  struct canvas *canvas, bool zoomed)
{
	const struct roofline_points *points = &panel->points;
	double largest_w = NAN;

	for (size_t i = 0; i < points->count; i++)
		largest_w = fmax(largest_w, points->points[i].power_w);
	if (!panel->no_trail)
		draw_trails(panel, axes, canvas);
	/* The greatest are drawn last, over the others. */
	for (size_t i = points->count; i-- > 0;)
		draw_point(panel, axes, canvas, &points->points[i], largest_w);
	for (size_t i = 0; i < points->count && i < NAMED; i++)
		draw_name(panel, axes, canvas, &points->points[i], zoomed);
}
