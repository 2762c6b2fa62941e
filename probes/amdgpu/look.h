/* SPDX-License-Identifier: Apache-2.0 */
/* One AMD card: what it says when it is looked at. */
#ifndef JOULETOP_PROBES_LOOK_H
#define JOULETOP_PROBES_LOOK_H

#include "probes/amdgpu/metrics.h"
#include "probes/parts/card_thread.h"

#define LOOK_FILES 16

/* Where the watts of a card come from, and whose they are. */
enum look_kind { LOOK_UNDECIDED, LOOK_BOARD, LOOK_WITH_CPUS };

struct look {
	struct gpus_look base;
	enum look_kind kind;
	bool seen[LOOK_FILES], absent[LOOK_FILES]; /* by place in the table of files */
	int64_t rarely_ns;			   /* when what hardly changes was last read */
	int64_t last_ns;			   /* of the last look while it was active */

	bool has_last; /* the residencies of the last look */
	uint32_t last_ticks, last_residencies[METRICS_RESIDENCIES];

	/* Its counter of energy against its sensor of power. */
	bool is_distrusted;
	int64_t first_uj, integrated_uj, begun_ns, last_power_uw;

	struct metrics metrics;
	int metrics_code; /* errno of reading the table, 0 = it is known */
	uint8_t bytes[METRICS_SIZE_MAX];
};

/* Reads the card, unless it sleeps. May block; touches nothing but its arguments. */
void look_at(struct gpus_look *base, const struct sysroot *root, struct sheet *sheet);
void look_forget(struct gpus_look *base);

#endif
