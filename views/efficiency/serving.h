/* SPDX-License-Identifier: Apache-2.0 */
/* Servers of language models: the lower part of the zoomed perf-per-watt panel. */
#ifndef JOULETOP_EFFICIENCY_SERVING_H
#define JOULETOP_EFFICIENCY_SERVING_H

#include "views/parts/figure.h"

/* The rows it wants; 0 = there is no server. */
int serving_height(const struct session *session);

void serving_draw(const struct session *session, struct canvas *canvas, struct rect area);

#endif
