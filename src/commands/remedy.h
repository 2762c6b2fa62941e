/* SPDX-License-Identifier: Apache-2.0 */
/* The exact commands that open a source which could be had and is not. Pure. */
#ifndef JOULETOP_REMEDY_H
#define JOULETOP_REMEDY_H

#include "commands/surroundings.h"
#include "model/session.h"

#define REMEDIES_MAX 6

struct remedy {
	char command[640];
	const char *effect; /* what is so then, and for how long */
};

/* What to type, best first; 0 when nothing is known to help. Where the probe's own words say more than a command does,
 * they are the source's remedy. */
size_t remedy_list(const struct surroundings *surroundings, const struct source *source,
		   struct remedy remedies[REMEDIES_MAX]);

#endif
