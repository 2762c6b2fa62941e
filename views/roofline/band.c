/* SPDX-License-Identifier: Apache-2.0 */
/* GPUs on the roofline: a band from the least to the most operations that the activity of their pipes permits. */
#include "views/roofline/panel.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BAND  0x2592
#define GIVEN 0x25CB
#define TYPED 0x25CF

/* Bytes are what they are: with more operations a point moves along a line that is parallel to the roof of memory. */
static bool cell_of(const struct roofline_panel *panel, const struct roofline_axes *axes,
		    const struct roofline_point *point, double flop_per_s, int *x, int *y)
{
	double intensity = point->intensity * (flop_per_s / point->flop_per_s);

	return roofline_cell(axes, intensity, roofline_value_of(panel, point, flop_per_s), x, y);
}

/* Names of roofs stay readable. */
static void put(struct canvas *canvas, const struct roofline_axes *axes, int x, int y,
		enum role role, uint32_t code_point)
{
	uint32_t here = canvas_code_point(canvas, axes->plot, x, y);

	if (here >= 0x80 || !isalnum((int)here))
		canvas_put(canvas, axes->plot, x, y, role, code_point);
}

/* Without bytes nobody knows how far to the right: both ends are lines over the whole plot. */
static void draw_lines(const struct roofline_axes *axes, struct canvas *canvas, int from, int to,
		       enum role role)
{
	for (int x = 0; x < axes->plot.width; x++) {
		put(canvas, axes, x, from, role, ROOFLINE_LINE);
		put(canvas, axes, x, to, role, ROOFLINE_LINE);
	}
}

void roofline_draw_band(const struct roofline_panel *panel, const struct roofline_axes *axes,
			struct canvas *canvas, const struct roofline_point *point, enum role role)
{
	int from_x, from_y, to_x, to_y, steps, x, y;

	if (!cell_of(panel, axes, point, point->flop_per_s, &to_x, &to_y) ||
	    !cell_of(panel, axes, point, point->low_flop_per_s, &from_x, &from_y))
		return;
	if (!(point->intensity > 0)) {
		draw_lines(axes, canvas, from_y, to_y, role);
		return;
	}
	steps = abs(to_x - from_x) > abs(to_y - from_y) ? abs(to_x - from_x) : abs(to_y - from_y);
	for (int i = 0; i <= steps; i++) {
		double part = steps > 0 ? (double)i / steps : 0;

		x = from_x + (int)lround(part * (to_x - from_x));
		y = from_y + (int)lround(part * (to_y - from_y));
		put(canvas, axes, x, y, role, BAND);
	}
	if (point->given_flop_per_s > 0 &&
	    cell_of(panel, axes, point, point->given_flop_per_s, &x, &y))
		put(canvas, axes, x, y, role, GIVEN);
	if (point->typed_flop_per_s > 0 &&
	    cell_of(panel, axes, point, point->typed_flop_per_s, &x, &y))
		put(canvas, axes, x, y, role, TYPED);
}

/* "42-83 TFLOP/s": both ends in the unit of the upper one. */
static const char *print_band(char out[48], double low, double high, const char *unit)
{
	static const struct {
		double factor;
		const char *prefix;
	} prefixes[] = {{1e15, "P"}, {1e12, "T"}, {1e9, "G"}, {1e6, "M"}};
	char from[UNIT_TEXT_SIZE], to[UNIT_TEXT_SIZE];
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(prefixes) && high < prefixes[i].factor)
		i++;
	low /= prefixes[i].factor;
	high /= prefixes[i].factor;
	text_print(out, 48, "%s-%s %s%s", unit_number(from, low, low < 10 ? 2 : 0),
		   unit_number(to, high, high < 10 ? 2 : 0), prefixes[i].prefix, unit);
	return out;
}

static const char *print_value(const struct roofline_panel *panel,
			       const struct roofline_point *point, char out[48])
{
	return print_band(out, roofline_value_of(panel, point, point->low_flop_per_s),
			  roofline_value(panel, point), panel->energy ? "FLOP/J" : "FLOP/s");
}

void roofline_name_band(const struct roofline_panel *panel, const struct roofline_point *point,
			bool brief, char *out, size_t size)
{
	char band[48];

	int length = (int)strcspn(point->name, " "); /* without its model: "gpu0" */

	if (brief)
		text_print(out, size, "%.*s", length, point->name);
	else
		text_print(out, size, "%.*s %s", length, point->name,
			   print_value(panel, point, band));
}

/* "as bf16 788.0 T, 79.6 % of 989.4 T"; without a type, how near the memory's roof it is. */
static void read_share(const struct roofline_panel *panel, const struct roofline_point *point,
		       char *out, size_t size)
{
	char flops[UNIT_TEXT_SIZE], share[UNIT_TEXT_SIZE], limit[UNIT_TEXT_SIZE];

	if (point->typed_flop_per_s > 0)
		text_print(out, size, "as %s %s, %s of %s", panel->roofs.data_type,
			   unit_si(flops, point->typed_flop_per_s, ""),
			   unit_percent(share, point->limit_ratio),
			   unit_si(limit, point->limit_flop_per_s, ""));
	else
		text_print(out, size, "at most %s of %s", unit_percent(share, point->limit_ratio),
			   unit_si(limit, point->limit_flop_per_s, "FLOP/s"));
}

void roofline_read_band(const struct roofline_panel *panel, const struct roofline_point *point,
			struct roofline_readout *out)
{
	char band[48], number[UNIT_TEXT_SIZE], low[UNIT_TEXT_SIZE];
	double least = point->intensity * (point->low_flop_per_s / point->flop_per_s);
	size_t size = sizeof(out->lines[0]), used;

	used = text_print(out->lines[0], size, "%s",
			  print_band(band, point->low_flop_per_s, point->flop_per_s, "FLOP/s"));
	if (isfinite(point->intensity))
		text_print(out->lines[0] + used, size - used, "  AI %s-%s",
			   unit_number(low, least, least < 10 ? 1 : 0),
			   unit_number(number, point->intensity, point->intensity < 10 ? 1 : 0));
	read_share(panel, point, out->lines[1], size);
	used = text_print(out->lines[2], size, "%s", unit_si(number, point->bytes_per_s, "B/s"));
	if (isfinite(point->power_w))
		text_print(
			out->lines[2] + used, size - used, " %s %s",
			unit_si(number, point->power_w, "W"),
			print_band(band,
				   point->flop_per_j * (point->low_flop_per_s / point->flop_per_s),
				   point->flop_per_j, "FLOP/J"));
	if (point->given_flop_per_s > 0)
		text_print(out->lines[3], size, "○ given %s; ▒ not counted",
			   unit_si(number, point->given_flop_per_s, "FLOP/s"));
	else
		text_print(out->lines[3], size, "activity, not counted");
}
