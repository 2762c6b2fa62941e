/* SPDX-License-Identifier: Apache-2.0 */
/* Where the program runs, as far as it decides what would open a source. */
#ifndef JOULETOP_SURROUNDINGS_H
#define JOULETOP_SURROUNDINGS_H

#include "measure/sysroot.h"

#include <stdbool.h>

enum container {
	CONTAINER_NONE,
	CONTAINER_DOCKER,
	CONTAINER_PODMAN,
	CONTAINER_KUBERNETES,
	CONTAINER_OTHER
};

struct surroundings {
	char program[256]; /* as a person would type it */
	enum container container;
	bool virtual_machine;
	int64_t paranoid;    /* perf_event_paranoid; 2, the kernel's own, where it cannot be read */
	bool rapl_processor; /* of a maker whose processors count energy */
	bool asleep_power_meter; /* the firmware has a power meter that no driver has taken */
	bool recorded;		 /* another machine's files */
};

void surroundings_look(struct surroundings *surroundings, const struct sysroot *root);
const char *container_name(enum container container); /* "docker"; "" = none */

#endif
