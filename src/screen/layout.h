/* SPDX-License-Identifier: Apache-2.0 */
/* Which panels stand where in a size: a pure function. */
#ifndef JOULETOP_LAYOUT_H
#define JOULETOP_LAYOUT_H

#include "screen/canvas.h"

/* The panels of the dashboard in the order of SCREENS: power, efficiency, roofline, frequency, threads. */
enum layout_slot {
	LAYOUT_POWER,
	LAYOUT_EFFICIENCY,
	LAYOUT_ROOFLINE,
	LAYOUT_FREQUENCY,
	LAYOUT_THREADS,
	LAYOUT_SLOTS
};

struct layout {
	struct rect head; /* one line, or 0 high */
	struct rect foot;
	struct rect slots[LAYOUT_SLOTS]; /* width 0 = not shown */
	bool boxed;			 /* false: no borders (60x16 and below) */
	bool line_only;			 /* only the one line of truth */
};

/* present: bit i set when a view for slot i exists. turned: which of the middle panels shows where only one fits (Tab). */
struct layout layout_compute(int width, int height, unsigned present, int turned);

#endif
