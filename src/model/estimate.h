/* SPDX-License-Identifier: Apache-2.0 */
/* Power of a machine without sensors, from utilisation, model and memory: a figure with a band, never a measurement. Pure. */
#ifndef JOULETOP_ESTIMATE_H
#define JOULETOP_ESTIMATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A band reaches from the figure divided by this to the figure times this: five from end to end, two when calibrated. */
#define ESTIMATE_BAND		 2.2360679775
#define ESTIMATE_BAND_CALIBRATED 1.4142135624

/* Of the TDP: what a package draws at rest, and with all CPUs busy at the highest frequency. */
#define ESTIMATE_IDLE_PART  0.08
#define ESTIMATE_FULL_PART  0.76

#define ESTIMATE_POINTS_MAX 64

/* Watts of one package that a sensor said at a load. */
struct estimate_point {
	double load_ratio, speed_ratio; /* as below; speed 0 = unknown */
	double power_w;
};

/* What one session with a sensor taught about a processor model. */
struct estimate_calibration {
	struct estimate_point points[ESTIMATE_POINTS_MAX];
	size_t count;
	int cpus;	       /* logical CPUs of the package that was measured */
	double idle_w, full_w; /* fitted to the points */
};

struct estimate_machine {
	const char *cpu_model;		/* as /proc/cpuinfo says; "" = unknown */
	const struct estimate_tdp *row; /* estimate_tdp_find() of it, once; NULL = none */
	int cpus;			/* logical CPUs (vCPUs) seen in this package */
	int64_t memory_bytes;
	double tdp_w;	    /* thermal design power of these CPUs, 0 = not said: by the table */
	double speed_ratio; /* mean frequency over the highest; 0 = unknown: as if it were the highest */
	bool hypervisor; /* a VM: its share of the host, no idle of a whole package */
	const struct estimate_calibration *calibration; /* NULL = none; goes before all else */
};

struct estimate_power {
	int64_t package_uw, package_low_uw, package_high_uw;
	int64_t dram_uw, dram_low_uw, dram_high_uw;
};

/* load_ratio: busy share of all CPUs, 0..1; steal is not busy. Sources of the constants: estimate.c. */
struct estimate_power estimate_power(const struct estimate_machine *machine, double load_ratio);

/* Where between rest (0) and full power (1) a package is. */
double estimate_shape(double load_ratio, double speed_ratio);

/* One line that says what it is made of: "TDP of 240 W (table: Platinum 8175M), 8 of 48 threads, ...". */
const char *estimate_describe(const struct estimate_machine *machine, char *out, unsigned size);

/* A row of the table of TDPs (estimate_tdp.c). */
struct estimate_tdp {
	const char *text; /* of the model's name; '#' is a digit */
	int tdp_w;
	int threads; /* logical CPUs of one processor, where clouds sell parts of it; 0 = not listed */
};

/* The first row that the name matches; NULL = none. */
const struct estimate_tdp *estimate_tdp_find(const char *cpu_model);

/* True when the pattern stands in the text as a word: no letter or digit before it, no digit behind it. Any case. */
bool estimate_matches(const char *text, const char *pattern);

/* Fits idle_w and full_w to the points. -ERANGE: they cover too little of the range of loads to tell the two apart. */
int estimate_calibrate(struct estimate_calibration *calibration);

/* Watts of a whole package at a load: the fitted curve, drawn towards what was measured near that load and speed. */
double estimate_calibrated_w(const struct estimate_calibration *calibration, double load_ratio,
			     double speed_ratio);

#endif
