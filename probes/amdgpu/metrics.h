/* SPDX-License-Identifier: Apache-2.0 */
/* The binary table that the amdgpu driver gives of its firmware's figures (kernel: kgd_pp_interface.h). Pure. */
#ifndef JOULETOP_PROBES_METRICS_H
#define JOULETOP_PROBES_METRICS_H

#include "probes/parts/sheet.h"

#define METRICS_UNKNOWN	    (-1)
#define METRICS_SIZE_MAX    4096
#define METRICS_RESIDENCIES 5

/* What a table says; METRICS_UNKNOWN where this revision or this device does not tell. */
struct metrics {
	bool is_apu; /* the figures are of a chip with CPUs in it */
	int64_t gfx_activity_percent, memory_activity_percent;
	int64_t power_w;
	bool power_is_average;
	int64_t temperature_c, memory_temperature_c;
	int64_t gfx_mhz, memory_mhz;
	bool has_energy;
	uint64_t energy; /* in units of 2^-16 J */
	bool has_causes; /* those in force at this moment, a bit each */
	unsigned causes;
	bool has_residencies; /* for how many of `ticks` each cause was in force; all of them wrap */
	uint32_t ticks, residencies[METRICS_RESIDENCIES];
	int64_t memory_bytes_per_s; /* the most that its memory can give */
};

/* What each residency is a cause of. */
extern const enum gpu_cause metrics_residency_causes[METRICS_RESIDENCIES];

/* Reads a table. 0; -ENODATA: shorter than it says or than its header; -EPROTO: a revision that we do not know. */
int metrics_read(struct metrics *metrics, const uint8_t *bytes, size_t size);

/* 2^-16 J as millionths, without overflow and rounded down. */
int64_t metrics_energy_uj(uint64_t energy);

#endif
