/* SPDX-License-Identifier: Apache-2.0 */
/* Dots that are finer than characters. */
#include "screen/chart.h"

static uint32_t half_character(enum glyphs glyphs, unsigned bits)
{
	static const uint32_t characters[2][4] = {{' ', 0x2580, 0x2584, 0x2588},
						  {' ', '\'', '.', ':'}};

	return characters[glyphs == GLYPHS_ASCII][bits];
}

static void light_half(const struct chart_raster *raster, int x, int y)
{
	enum glyphs glyphs = raster->canvas->glyphs;
	uint32_t old = canvas_code_point(raster->canvas, raster->plot, x, y / 2);
	unsigned bits = 1u << (y % 2);

	for (unsigned lit = 1; lit < 4; lit++)
		if (half_character(glyphs, lit) == old)
			bits |= lit;
	canvas_put(raster->canvas, raster->plot, x, y / 2, raster->role,
		   half_character(glyphs, bits));
}

struct chart_raster chart_raster(struct canvas *canvas, struct rect plot, enum role role)
{
	bool braille = canvas->glyphs == GLYPHS_BRAILLE;

	return (struct chart_raster){canvas, plot, braille ? 2 : 1, braille ? 4 : 2, role};
}

void chart_dot(const struct chart_raster *raster, int x, int y)
{
	static const uint8_t dots[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

	if (x < 0 || y < 0 || x >= raster->plot.width * raster->columns ||
	    y >= raster->plot.height * raster->rows)
		return;
	if (raster->columns == 1) {
		light_half(raster, x, y);
		return;
	}

	uint32_t old = canvas_code_point(raster->canvas, raster->plot, x / 2, y / 4);
	uint32_t lit = old >= 0x2800 && old < 0x2900 ? old : 0x2800;

	canvas_put(raster->canvas, raster->plot, x / 2, y / 4, raster->role,
		   lit | dots[y % 4][x % 2]);
}
