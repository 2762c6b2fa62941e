/* SPDX-License-Identifier: Apache-2.0 */
/* The energy events that the kernel's perf PMUs "power" and "power_core" offer, sorted by what they
 * measure. */
#ifndef JOULETOP_PROBES_METERS_H
#define JOULETOP_PROBES_METERS_H

#include "measure/probe.h"
#include "probes/parts/still.h"

/* One event on one CPU. */
struct meter_part {
	int cpu;
	int fd;	  /* -1: code says why */
	int code; /* of open, or of the last reading: 0 or -errno */
	bool anchored;
	uint64_t count; /* last reading */
	int64_t time_ns;
};

/* One event of one package (or die): the sum of its parts. */
struct meter {
	char event[24]; /* "energy-pkg" */
	uint32_t type;
	uint64_t config;
	double scale_j; /* joules of one count */
	enum domain_kind kind;
	int package, die; /* die -1 = there is one */
	struct meter_part *parts;
	size_t part_count, part_capacity;

	/* The probe's. */
	uint32_t domain, series;
	uint64_t total; /* counts since the first reading */
	int64_t told_uj;
	struct still still;
};

struct meters {
	struct meter *list;
	size_t count, capacity;
};

/* Looks what is offered; opens nothing. 0; -ENODEV with *err when there is no such PMU or event. */
int meters_find(struct meters *meters, const struct sysroot *root, struct error *err);
void meters_finish(struct meters *meters); /* closes the parts; accepts a zeroed one */

/* Counts until a 32-bit register of this meter begins again, from the zone of powercap that reads
 * the same one; 0 = unknown. */
uint64_t meter_wrap_counts(const struct meter *meter, const struct sysroot *root);

/* counts of scale_j joules in microjoules, rounded down: exact for the kernel's 2^-32 J. */
int64_t meter_microjoules(uint64_t counts, double scale_j);

#endif
