/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of a look at an AMD card share. */
#ifndef JOULETOP_PROBES_LOOK_PRIVATE_H
#define JOULETOP_PROBES_LOOK_PRIVATE_H

#include "probes/amdgpu/look.h"

enum look_file {
	FILE_BUSY,
	FILE_MEMORY_BUSY,
	FILE_FREQ,
	FILE_MEMORY_FREQ,
	FILE_JUNCTION,
	FILE_EDGE,
	FILE_MEMORY_TEMP,
	FILE_VRAM_USED,
	FILE_VRAM_TOTAL,
	FILE_POWER_AVERAGE,
	FILE_POWER_INPUT,
	FILE_CAP,
	FILE_SCLK,
	FILE_MCLK,
	FILE_METRICS,
	FILE_COUNT
};
_Static_assert(FILE_COUNT <= LOOK_FILES, "look.h keeps what is known of each file");

#define LOOK_FIGURES 7

/* Where a figure is to be had: in the table, then in these files (FILE_COUNT = none). */
struct look_figure {
	enum sheet_source source;
	enum metric metric;
	size_t field;
	int64_t field_scale, max;
	bool field_first;
	enum look_file files[2], levels;
};

extern const struct look_figure look_figures[LOOK_FIGURES];

/* One file: 0 and its value in the metric's unit; -ENOENT: the card never had it, or it is gone (look->stale); else
 * -errno. */
int look_read_number(struct look *look, const struct sysroot *root, enum look_file file,
		     int64_t *value);

/* Lines of "1: 991Mhz *": the level in use, and the highest. 0 or -errno; -ENODATA: none is in use. */
int look_read_levels(struct look *look, const struct sysroot *root, enum look_file file,
		     int64_t *now_hz, int64_t *max_hz);

/* The driver's table into look->metrics and its errno into look->metrics_code. */
void look_read_table(struct look *look, const struct sysroot *root);

/* Whose the watts are, where the table does not say it. */
void look_decide_kind(struct look *look, const struct sysroot *root);

/* 0 and the value; -ENOENT: this card has no such figure; other -errno. */
int look_read_figure(struct look *look, const struct sysroot *root,
		     const struct look_figure *figure, int64_t *value);

#endif
