/* SPDX-License-Identifier: Apache-2.0 */
/* The CPUs of the frequency panel: their clocks, shares and the strips drawn of them. */
#ifndef JOULETOP_FREQUENCY_CPUS_H
#define JOULETOP_FREQUENCY_CPUS_H

#include "views/parts/figure.h"

#define FREQUENCY_LABEL	   11
#define FREQUENCY_TIMELINE 20

struct frequency_cpu {
	int number;
	double freq_hz, min_hz, max_hz; /* NAN = unknown */
	double busy_ratio;
};

/* The private memory of the panel. */
struct frequency_panel {
	struct frequency_cpu *cpus; /* by number */
	size_t cpu_count, cpu_capacity;
	double *ratios;
	size_t ratio_capacity;
	bool has_frequency; /* else the strips show busy shares */
	double fastest_hz;  /* what a share is of where a CPU does not tell its maximum */
	struct group_row *threads;
	size_t thread_capacity;
	struct history_bucket buckets[FREQUENCY_TIMELINE];
};

void frequency_collect(struct frequency_panel *panel, const struct session *session);

/* True when the clock that the kernel tells is that of the last time the CPU ran. */
bool frequency_is_stale(const struct frequency_cpu *cpu);

/* The strips, at most max_lines of them, from row y on; returns the row after them. */
int frequency_draw_strips(struct frequency_panel *panel, struct canvas *canvas, struct rect area,
			  int y, int max_lines);

/* Throttling: what the kernel counted, and the last minute at the power limit; returns the row after it. */
int frequency_draw_throttle(struct frequency_panel *panel, const struct session *session,
			    struct canvas *canvas, struct rect area, int y);

/* How many lines of the small panel are left to GPUs: 0 where none tells a clock. */
int frequency_gpu_lines(const struct session *session);

/* Clocks of GPUs and what held them back; returns the row after them. */
int frequency_draw_gpus(struct frequency_panel *panel, const struct session *session,
			struct canvas *canvas, struct rect area, int y);

#endif
