/* SPDX-License-Identifier: Apache-2.0 */
/* The zones of powercap: found, told apart by their names, freed of twins, opened. */
#ifndef JOULETOP_PROBES_ZONE_H
#define JOULETOP_PROBES_ZONE_H

#include "measure/probe.h"
#include "probes/parts/still.h"

struct zone {
	char id[48];	/* "intel-rapl:0:1"; numbers are hexadecimal */
	char path[192]; /* below the tree of devices */
	bool mmio;	/* the second way to the same meters */
	enum domain_kind kind;
	int package, die; /* die -1 = there is one */
	int energy_fd;	  /* -1: open_code says why */
	int open_code;
	int limit_fd; /* long-term limit of a package, -1 = none */
	struct counter_rule rule;
	double unit_uj; /* the register's, 0 = not known */

	/* The probe's. */
	uint32_t domain, series;
	struct counter counter;
	struct still still;
	int64_t read_ns;	    /* last reading */
	int64_t limit_uw, limit_ns; /* as last told, and when it was looked at */
};

struct zones {
	struct zone *list;
	size_t count, capacity;
	size_t listed;	 /* names that look like zones */
	size_t nameless; /* of these, without a readable name */
	int name_code;	 /* why */
	char remark
		[160]; /* what the user should know about twins and unknown names, "" = nothing */
};

/* 0 also when nothing is found; -errno of the directory. */
int zones_find(struct zones *zones, const struct sysroot *root);
/* How many names the class holds: when it changes, zones have come or gone. */
size_t zones_names(const struct sysroot *root);

/* The zone that is the same meter of the same domain, NULL = none. */
const struct zone *zones_find_same(const struct zones *zones, const struct zone *zone);
void zones_finish(struct zones *zones); /* accepts zeroed ones */

/* The directory of the class, for messages. */
const char *zones_place(const struct sysroot *root, char *buffer, size_t size);

#endif
