/* SPDX-License-Identifier: Apache-2.0 */
/* Power of a machine without sensors, from utilisation, model and memory: a figure with a band, never a measurement. Pure. */
#ifndef JOULETOP_ESTIMATE_H
#define JOULETOP_ESTIMATE_H

#include <stdbool.h>
#include <stdint.h>

struct estimate_machine {
	const char *cpu_model; /* as /proc/cpuinfo says; "" = unknown */
	int cpus;	       /* logical CPUs (vCPUs) seen */
	int64_t memory_bytes;
	double tdp_w;	    /* thermal design power of these CPUs, 0 = unknown: by the table */
	double speed_ratio; /* mean frequency over the highest, used with the TDP; 0 = unknown */
	bool hypervisor;    /* a VM: its share of the host, no idle of a whole package */
};

struct estimate_power {
	int64_t package_uw, package_low_uw, package_high_uw;
	int64_t dram_uw, dram_low_uw, dram_high_uw;
};

/* load_ratio: busy share of all CPUs, 0..1; steal is not busy. Sources of the constants: estimate.c. */
struct estimate_power estimate_power(const struct estimate_machine *machine, double load_ratio);

/* One line that says what it is made of: "CPU table 'Cascade Lake' 0.64-3.97 W per vCPU, memory 0.39 W/GB". */
const char *estimate_describe(const struct estimate_machine *machine, char *out, unsigned size);

#endif
