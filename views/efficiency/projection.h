/* SPDX-License-Identifier: Apache-2.0 */
/* What the whole run will take: a part of the perf-per-watt panel. */
#ifndef JOULETOP_EFFICIENCY_PROJECTION_H
#define JOULETOP_EFFICIENCY_PROJECTION_H

#include "views/parts/figure.h"

/* Draws from row y of the block on: all of it, or one line of it. Returns the first free row; y when no total was given. */
int efficiency_projection_draw(const struct session *session, struct canvas *canvas,
			       struct rect block, int y, bool zoomed);

/* How it is made, or how to have it: lines for the key `?`. */
void efficiency_projection_why(const struct session *session, char *out, size_t size);

#endif
