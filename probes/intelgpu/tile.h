/* SPDX-License-Identifier: Apache-2.0 */
/* One Intel card, by i915 or xe: what it says when it is looked at. */
#ifndef JOULETOP_PROBES_TILE_H
#define JOULETOP_PROBES_TILE_H

#include "probes/parts/card_thread.h"

#define TILE_FILES 24

struct tile {
	struct gpus_look base;
	bool is_xe;
	bool seen[TILE_FILES], absent[TILE_FILES]; /* by place in the table of files */
	int64_t rarely_ns;			   /* when what hardly changes was last read */
	int64_t rest_ms, rest_ns; /* its rest, and when it was read; 0 = not in a row */
};

/* Reads the card, unless it sleeps. May block; touches nothing but its arguments. */
void tile_look(struct gpus_look *base, const struct sysroot *root, struct sheet *sheet);
void tile_forget(struct gpus_look *base);

#endif
