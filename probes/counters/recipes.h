/* SPDX-License-Identifier: Apache-2.0 */
/* What each kind of processor core can count of floating point operations and memory: data, by vendor and model. */
#ifndef JOULETOP_PROBES_COUNTERS_RECIPES_H
#define JOULETOP_PROBES_COUNTERS_RECIPES_H

#include "measure/probe.h"

#define RECIPE_EVENTS_MAX 16

/* What an event is needed for. */
enum recipe_use {
	RECIPE_SCALAR, /* operations of scalar instructions */
	RECIPE_VECTOR, /* of vector instructions */
	RECIPE_ANY,    /* of both, not told apart */
	RECIPE_CHEAP,  /* is counted only where a counter is left over */
	RECIPE_AMX,    /* that the matrix unit worked, whose operations nothing counts */
};

struct recipe_event {
	uint64_t config; /* raw: event, umask << 8, ...; what is opened */
	/* The same by the name that libpfm4 4.13 has in the recipe's table: the proof of the number in the tests. NULL = it
	 * has none. At run time the table of the machine may be missing, the number is not. */
	const char *spelling;
	enum metric metric;
	unsigned int
		times; /* operations of one count; a fused multiply-add counts as two in the hardware */
	enum recipe_use use;
};

struct recipe {
	const char *name;  /* "Skylake server" */
	const char *table; /* of libpfm4; NULL = it has none */
	const struct recipe_event *events;
	size_t event_count;
	uint64_t
		llc_config; /* of last level cache misses, where the generic event fails; 0 = none */
	const char *missing; /* what cannot be counted, for people; "" = nothing is known to be */
};

enum recipe_vendor { RECIPE_INTEL, RECIPE_AMD, RECIPE_ARM, RECIPE_FUJITSU, RECIPE_VENDORS };

/* Which cores a recipe is for. Arm: family 0, models are part numbers. */
struct recipe_model {
	enum recipe_vendor vendor;
	unsigned int family, first_model, last_model;
	const struct recipe *core,
		*atom; /* atom: the small cores of a hybrid processor; NULL = none */
};

extern const struct recipe_model recipe_models_intel[], recipe_models_amd[], recipe_models_arm[];
extern const size_t recipe_models_intel_count, recipe_models_amd_count, recipe_models_arm_count;

/* The processor of root, by its cpuinfo; NULL = not known here, *who says what it is. */
const struct recipe_model *recipe_find(const struct sysroot *root, char *who, size_t size);

#endif
