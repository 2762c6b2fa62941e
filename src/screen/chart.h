/* SPDX-License-Identifier: Apache-2.0 */
/* Bars, sparklines, line charts and heat strips on a canvas, in braille, blocks or ASCII. Pure. */
#ifndef JOULETOP_CHART_H
#define JOULETOP_CHART_H

#include "screen/canvas.h"

/* A horizontal bar of `width` columns filled to ratio (0..1, NAN = nothing), eighth blocks; band_ratio > ratio draws the
 * rest up to it lighter (NAN = no band). */
void chart_bar(struct canvas *canvas, struct rect area, int x, int y, int width, double ratio,
	       double band_ratio, enum role role);

/* Values (NAN = gap: blank) as a filled area over the whole rect, scaled to 0..maximum; oldest left, newest at the right
 * edge. Two values per column in braille. count may be smaller than the room. */
void chart_area(struct canvas *canvas, struct rect area, const double *values, size_t count,
		double maximum, enum role role);

/* The same as a line, with an axis on the left (three labels) and a time axis below (from -span_s to now). */
void chart_line(struct canvas *canvas, struct rect area, const double *values, size_t count,
		double maximum, double span_s, const char *unit, enum role role);

/* How many values chart_area / chart_line can show in an area: ask before reading history. */
size_t chart_area_values(const struct canvas *canvas, struct rect area);
size_t chart_line_values(const struct canvas *canvas, struct rect area);

/* One column per value, heat by ratio (0..1, NAN = absent "·"). */
void chart_heat(struct canvas *canvas, struct rect area, int x, int y, const double *ratios,
		size_t count);

/* Dots finer than characters: 2 x 4 a cell in braille, 1 x 2 in blocks and ASCII. Dots of one cell stay beside each other;
 * what else stands in a cell gives way. */
struct chart_raster {
	struct canvas *canvas;
	struct rect plot;
	int columns, rows; /* dots per cell */
	enum role role;
};
struct chart_raster chart_raster(struct canvas *canvas, struct rect plot, enum role role);
void chart_dot(const struct chart_raster *raster, int x, int y); /* outside of the plot: nothing */

/* A round number >= value for the top of an axis (1, 2, 5 x 10^n). */
double chart_ceiling(double value);

#endif
