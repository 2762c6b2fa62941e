/* SPDX-License-Identifier: Apache-2.0 */
/* What each device used in one phase: the lower part of the zoomed phases panel. */
#ifndef JOULETOP_PHASES_DEVICES_H
#define JOULETOP_PHASES_DEVICES_H

#include "views/parts/figure.h"

/* The rows it wants: a rule with the phase's name, a head and one for each device. */
int phases_devices_height(const struct session *session, size_t phase);

void phases_devices_draw(const struct session *session, size_t phase, struct canvas *canvas,
			 struct rect area);

#endif
