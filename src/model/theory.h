/* SPDX-License-Identifier: Apache-2.0 */
/* What a processor could do at most by what is known of its kind: roofs where none were measured. Pure. */
#ifndef JOULETOP_THEORY_H
#define JOULETOP_THEORY_H

#include "model/domain.h"

#include <stddef.h>

#define THEORY_ROOFS_MAX 16

/* As /proc/cpuinfo and sysfs tell it. */
struct theory_machine {
	const char *vendor; /* "GenuineIntel"; Arm: "0x41", the implementer */
	int family, model;  /* Arm: family 0, the part */
	const char *flags;  /* or Features; words with blanks between */
	size_t cores;	    /* 0 = unknown */
	double frequency_hz;
	bool nominal; /* the highest is not known: that it is sold with */
};

struct theory_roof {
	char key[DOMAIN_KEY_SIZE];   /* "roof/1/fp32/avx512" */
	char name[DOMAIN_NAME_SIZE]; /* "AVX-512 FMA fp32, 1 core at 3.80 GHz" */
	double flop_per_s;
};

/* At most `max`, one core and all; none for a kind that is not known, or without a frequency. Of bandwidth nothing can be
 * said. All cores of a processor with cores of two kinds are left out. */
size_t theory_roofs(const struct theory_machine *machine, struct theory_roof *roofs, size_t max);

#endif
