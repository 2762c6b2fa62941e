/* SPDX-License-Identifier: Apache-2.0 */
/* Bars, areas and heat strips; what is known is never blank and what is unknown always is. */
#include "screen/chart.h"

#include <math.h>

#define EIGHTHS 8

/* ratio 0..1 in steps of 0..most; a positive one shows at least one step: small is not nothing. */
static int steps_of(double ratio, int most)
{
	if (!(ratio > 0))
		return 0;
	if (ratio >= 1)
		return most;

	int steps = (int)lround(ratio * most);

	return steps < 1 ? 1 : steps;
}

void chart_bar(struct canvas *canvas, struct rect area, int x, int y, int width, double ratio,
	       double band_ratio, enum role role)
{
	if (width <= 0)
		return;
	if (width > canvas->width)
		width = canvas->width;

	int filled = steps_of(ratio, width * EIGHTHS);
	int band = steps_of(band_ratio, width);

	for (int i = 0; i < width; i++) {
		int eighths = filled - i * EIGHTHS;

		if (eighths >= EIGHTHS)
			canvas_put(canvas, area, x + i, y, role, 0x2588);
		else if (eighths > 0)
			canvas_put(canvas, area, x + i, y, role, 0x2590u - (uint32_t)eighths);
		else if (i < band)
			canvas_put(canvas, area, x + i, y, ROLE_DIM, 0x2591);
	}
}

/* Lit rows of one value out of most; -1 = a gap. A known zero keeps its lowest row lit. */
static int level_of(double value, double maximum, int most)
{
	if (isnan(value))
		return -1;

	int level = maximum > 0 ? steps_of(value / maximum, most) : 0;

	return level < 1 ? 1 : level;
}

static void draw_braille_column(struct canvas *canvas, struct rect area, int x, int left, int right,
				enum role role)
{
	/* Dots of the left and of the right half that are lit when 0..4 rows of the cell are
	 * filled from below. */
	static const uint32_t left_dots[] = {0x00, 0x40, 0x44, 0x46, 0x47};
	static const uint32_t right_dots[] = {0x00, 0x80, 0xA0, 0xB0, 0xB8};

	for (int y = 0; y < area.height; y++) {
		int below = (area.height - 1 - y) * 4;
		int in_left = left - below, in_right = right - below;
		uint32_t dots = left_dots[in_left < 0	? 0
					  : in_left > 4 ? 4
							: in_left] |
				right_dots[in_right < 0	  ? 0
					   : in_right > 4 ? 4
							  : in_right];

		if (dots != 0)
			canvas_put(canvas, area, x, y, role, 0x2800 + dots);
	}
}

static void draw_block_column(struct canvas *canvas, struct rect area, int x, int level,
			      enum role role)
{
	for (int y = 0; y < area.height; y++) {
		int in_cell = level - (area.height - 1 - y) * EIGHTHS;

		if (in_cell > 0)
			canvas_put(canvas, area, x, y, role,
				   0x2580u + (uint32_t)(in_cell > 8 ? 8 : in_cell));
	}
}

static size_t values_per_column(const struct canvas *canvas)
{
	return canvas->glyphs == GLYPHS_BRAILLE ? 2 : 1;
}

size_t chart_area_values(const struct canvas *canvas, struct rect area)
{
	return area.width <= 0 || area.height <= 0 ? 0
						   : (size_t)area.width * values_per_column(canvas);
}

void chart_area(struct canvas *canvas, struct rect area, const double *values, size_t count,
		double maximum, enum role role)
{
	size_t room = chart_area_values(canvas, area), step = values_per_column(canvas);
	int rows = area.height * (canvas->glyphs == GLYPHS_BRAILLE ? 4 : EIGHTHS);

	for (int x = 0; x < area.width && room > 0; x++) {
		int levels[2] = {-1, -1};

		for (size_t i = 0; i < step; i++) {
			size_t from_right = room - ((size_t)x * step + i);

			if (from_right <= count)
				levels[i] = level_of(values[count - from_right], maximum, rows);
		}
		if (step == 2)
			draw_braille_column(canvas, area, x, levels[0], levels[1], role);
		else
			draw_block_column(canvas, area, x, levels[0], role);
	}
}

void chart_heat(struct canvas *canvas, struct rect area, int x, int y, const double *ratios,
		size_t count)
{
	for (size_t i = 0; i < count && i < (size_t)canvas->width; i++) {
		int level = level_of(ratios[i], 1, EIGHTHS);

		if (level < 0)
			canvas_put(canvas, area, x + (int)i, y, ROLE_ABSENT, 0x00B7);
		else
			canvas_put(canvas, area, x + (int)i, y, (enum role)(ROLE_HEAT0 + level - 1),
				   0x2580u + (uint32_t)level);
	}
}

double chart_ceiling(double value)
{
	static const double rounds[] = {1, 2, 5, 10};

	if (!(value > 0) || !isfinite(value))
		return 1;

	double decade = pow(10, floor(log10(value)));

	for (size_t i = 0; i < sizeof(rounds) / sizeof(rounds[0]); i++)
		if (value <= rounds[i] * decade)
			return rounds[i] * decade;
	return 20 * decade;
}
