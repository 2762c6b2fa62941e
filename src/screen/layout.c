/* SPDX-License-Identifier: Apache-2.0 */
/* From a size to places: one step after the other panels go, in a fixed order, and never one
 * comes back below. */
#include "screen/layout.h"

/* Below `boxed` there is one panel without borders, below `panel` only the line of truth. */
#define PANEL_WIDTH  60
#define PANEL_HEIGHT 16
#define BOXED_WIDTH  72
#define BOXED_HEIGHT 20
#define FULL_WIDTH   100
#define FULL_HEIGHT  34

#define LEFT_LEAST   36
#define LEFT_MOST    64
#define ROW_LEAST    9
#define ROW_MOST     14

static bool has(unsigned present, enum layout_slot slot)
{
	return (present >> slot & 1) != 0;
}

/* The middle panel that shows where only one fits; LAYOUT_SLOTS = there is none. */
static enum layout_slot turned_slot(unsigned present, int turned)
{
	if (turned >= LAYOUT_EFFICIENCY && turned <= LAYOUT_FREQUENCY &&
	    has(present, (enum layout_slot)turned))
		return (enum layout_slot)turned;
	for (enum layout_slot slot = LAYOUT_EFFICIENCY; slot <= LAYOUT_FREQUENCY; slot++)
		if (has(present, slot))
			return slot;
	return LAYOUT_SLOTS;
}

static int clamp(int value, int least, int most)
{
	return value < least ? least : value > most ? most : value;
}

/* Places two panels side by side in a row, or the one that is there over its whole width;
 * returns the rows used. */
static int place_row(struct layout *layout, unsigned present, enum layout_slot left,
		     enum layout_slot right, struct rect row)
{
	bool has_left = has(present, left), has_right = right < LAYOUT_SLOTS && has(present, right);
	int split = has_left && has_right ? clamp(row.width * 2 / 5, LEFT_LEAST, LEFT_MOST)
		    : has_left		  ? row.width
					  : 0;

	if (!has_left && !has_right)
		return 0;
	if (has_left)
		layout->slots[left] = (struct rect){row.x, row.y, split, row.height};
	if (has_right)
		layout->slots[right] =
			(struct rect){row.x + split, row.y, row.width - split, row.height};
	return row.height;
}

static void place_boxed(struct layout *layout, int width, int height, unsigned present, int turned)
{
	bool full = width >= FULL_WIDTH && height >= FULL_HEIGHT;
	int row_height = clamp(height / 4, full ? ROW_LEAST : 7, ROW_MOST);
	int y = 1;

	if (full) {
		y += place_row(layout, present, LAYOUT_POWER, LAYOUT_EFFICIENCY,
			       (struct rect){0, y, width, row_height});
		y += place_row(layout, present, LAYOUT_ROOFLINE, LAYOUT_FREQUENCY,
			       (struct rect){0, y, width, row_height});
	} else {
		y += place_row(layout, present, LAYOUT_POWER, turned_slot(present, turned),
			       (struct rect){0, y, width, row_height});
	}
	if (has(present, LAYOUT_THREADS))
		layout->slots[LAYOUT_THREADS] = (struct rect){0, y, width, height - 1 - y};
}

/* One panel under the line: threads, else what there is. */
static void place_one(struct layout *layout, int width, int height, unsigned present, int turned)
{
	enum layout_slot slot = has(present, LAYOUT_THREADS) ? LAYOUT_THREADS
				: has(present, LAYOUT_POWER) ? LAYOUT_POWER
							     : turned_slot(present, turned);

	if (slot < LAYOUT_SLOTS)
		layout->slots[slot] = (struct rect){0, 1, width, height - 1};
}

struct layout layout_compute(int width, int height, unsigned present, int turned)
{
	struct layout layout = {.head = {0, 0, width, 1}};

	if (width < PANEL_WIDTH || height < PANEL_HEIGHT) {
		layout.line_only = true;
	} else if (width < BOXED_WIDTH || height < BOXED_HEIGHT) {
		place_one(&layout, width, height, present, turned);
	} else {
		layout.boxed = true;
		layout.foot = (struct rect){0, height - 1, width, 1};
		place_boxed(&layout, width, height, present, turned);
	}
	return layout;
}
