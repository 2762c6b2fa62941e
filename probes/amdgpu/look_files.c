/* SPDX-License-Identifier: Apache-2.0 */
/* The files of an AMD card, and the figures that come from several places. */
#include "probes/amdgpu/look_private.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MI300A 0x74a0

static const struct {
	const char *name;
	bool of_hwmon;
	int64_t scale;
} files[FILE_COUNT] = {
	[FILE_BUSY] = {"device/gpu_busy_percent", false, 10000},
	[FILE_MEMORY_BUSY] = {"device/mem_busy_percent", false, 10000},
	[FILE_FREQ] = {"freq1_input", true, 1},
	[FILE_MEMORY_FREQ] = {"freq2_input", true, 1},
	[FILE_JUNCTION] = {"temp2_input", true, 1},
	[FILE_EDGE] = {"temp1_input", true, 1},
	[FILE_MEMORY_TEMP] = {"temp3_input", true, 1},
	[FILE_VRAM_USED] = {"device/mem_info_vram_used", false, 1},
	[FILE_VRAM_TOTAL] = {"device/mem_info_vram_total", false, 1},
	[FILE_POWER_AVERAGE] = {"power1_average", true, 1},
	[FILE_POWER_INPUT] = {"power1_input", true, 1},
	[FILE_CAP] = {"power1_cap", true, 1},
	[FILE_SCLK] = {"device/pp_dpm_sclk", false, 1},
	[FILE_MCLK] = {"device/pp_dpm_mclk", false, 1},
	[FILE_METRICS] = {"device/gpu_metrics", false, 1},
};

#define NO_FIELD    SIZE_MAX
#define FIELD(name) offsetof(struct metrics, name)

const struct look_figure look_figures[LOOK_FIGURES] = {
	{SHEET_STATE,
	 METRIC_UTILIZATION_PPM,
	 FIELD(gfx_activity_percent),
	 10000,
	 1000000,
	 false,
	 {FILE_BUSY, FILE_COUNT},
	 FILE_COUNT},
	{SHEET_STATE,
	 METRIC_MEMORY_UTILIZATION_PPM,
	 FIELD(memory_activity_percent),
	 10000,
	 1000000,
	 false,
	 {FILE_MEMORY_BUSY, FILE_COUNT},
	 FILE_COUNT},
	{SHEET_STATE,
	 METRIC_FREQUENCY_HZ,
	 FIELD(gfx_mhz),
	 1000000,
	 INT64_C(100000000000),
	 true,
	 {FILE_FREQ, FILE_COUNT},
	 FILE_SCLK},
	{SHEET_STATE,
	 METRIC_MEMORY_FREQUENCY_HZ,
	 FIELD(memory_mhz),
	 1000000,
	 INT64_C(100000000000),
	 true,
	 {FILE_MEMORY_FREQ, FILE_COUNT},
	 FILE_MCLK},
	{SHEET_STATE,
	 METRIC_TEMPERATURE_MC,
	 FIELD(temperature_c),
	 1000,
	 300000,
	 true,
	 {FILE_JUNCTION, FILE_EDGE},
	 FILE_COUNT},
	{SHEET_MEMORY,
	 METRIC_TEMPERATURE_MC,
	 FIELD(memory_temperature_c),
	 1000,
	 300000,
	 true,
	 {FILE_MEMORY_TEMP, FILE_COUNT},
	 FILE_COUNT},
	{SHEET_STATE,
	 METRIC_MEMORY_BYTES,
	 NO_FIELD,
	 1,
	 INT64_MAX,
	 false,
	 {FILE_VRAM_USED, FILE_COUNT},
	 FILE_COUNT},
};

static const char *folder_of(const struct look *look, enum look_file file)
{
	return files[file].of_hwmon ? look->base.card.hwmon : look->base.card.node;
}

/* Remembers which files this card has: what it never had is not asked for again. */
static int note(struct look *look, enum look_file file, int code)
{
	if (code == -ENOENT && !look->seen[file])
		look->absent[file] = true;
	else if (code == -ENOENT)
		look->base.stale = true;
	else if (code >= 0)
		look->seen[file] = true;
	return code;
}

int look_read_number(struct look *look, const struct sysroot *root, enum look_file file,
		     int64_t *value)
{
	if (look->absent[file])
		return -ENOENT;

	int code = note(look, file,
			card_read_i64(root, folder_of(look, file), files[file].name, value));

	if (code == 0 && __builtin_mul_overflow(*value, files[file].scale, value))
		return -ERANGE;
	return code;
}

/* Lines of "1: 991Mhz *": the level in use, and the highest. 0 or -errno; -ENODATA: none is in use. */
int look_read_levels(struct look *look, const struct sysroot *root, enum look_file file,
		     int64_t *now_hz, int64_t *max_hz)
{
	char text[2048];

	*now_hz = *max_hz = 0;
	if (look->absent[file])
		return -ENOENT;

	ssize_t length =
		card_read(root, folder_of(look, file), files[file].name, text, sizeof(text));

	if (note(look, file, length < 0 ? (int)length : 0) < 0)
		return (int)length;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		char *end;

		line += strspn(line, "\n");

		const char *colon = strchr(line, ':');

		if (!colon)
			break;

		long mhz = strtol(colon + 1, &end, 10);

		if (mhz <= 0 || mhz > 100000 || strncmp(end, "Mhz", 3) != 0)
			continue;
		if ((int64_t)mhz * 1000000 > *max_hz)
			*max_hz = (int64_t)mhz * 1000000;
		if (end[3 + strspn(end + 3, " ")] == '*')
			*now_hz = (int64_t)mhz * 1000000;
	}
	return *now_hz > 0 ? 0 : -ENODATA;
}

/* The table as bytes; it holds zeros, so that no reader of text will do. */
void look_read_table(struct look *look, const struct sysroot *root)
{
	char path[96];

	look->metrics_code = ENOENT;
	if (look->absent[FILE_METRICS])
		return;
	text_print(path, sizeof(path), "%s/%s", look->base.card.node, files[FILE_METRICS].name);

	int fd = sysroot_file_open(root, SYSROOT_SYS, path);
	ssize_t length = fd < 0 ? fd : root->read_at(fd, look->bytes, sizeof(look->bytes), 0);

	if (fd >= 0 && length < 0)
		length = -errno;
	if (fd >= 0)
		close(fd);
	if (note(look, FILE_METRICS, length < 0 ? (int)length : 0) < 0) {
		look->metrics_code = (int)-length;
		return;
	}
	look->metrics_code = -metrics_read(&look->metrics, look->bytes, (size_t)length);
	if (length >= 4 && look->kind == LOOK_UNDECIDED)
		look->kind = look->metrics.is_apu || look->base.card.device == MI300A
				     ? LOOK_WITH_CPUS
				     : LOOK_BOARD;
}

/* Without a table: of what has a sensor of power, only boards have a cap of their own. */
void look_decide_kind(struct look *look, const struct sysroot *root)
{
	int64_t cap_uw;

	if (look->kind != LOOK_UNDECIDED || !look->absent[FILE_METRICS])
		return;

	int code = look_read_number(look, root, FILE_CAP, &cap_uw);

	if (code == 0)
		look->kind = LOOK_BOARD;
	else if (code == -ENOENT &&
		 (look->seen[FILE_POWER_AVERAGE] || look->seen[FILE_POWER_INPUT]))
		look->kind = LOOK_WITH_CPUS;
}

static int64_t field_of(const struct look *look, const struct look_figure *figure)
{
	int64_t value;

	if (figure->field == NO_FIELD || look->metrics_code != 0)
		return METRICS_UNKNOWN;
	memcpy(&value, (const char *)&look->metrics + figure->field, sizeof(value));
	return value == METRICS_UNKNOWN ? value : value * figure->field_scale;
}

/* 0 and the value; -ENOENT: this card has no such figure; other -errno. */
int look_read_figure(struct look *look, const struct sysroot *root,
		     const struct look_figure *figure, int64_t *value)
{
	int64_t field = field_of(look, figure), max_hz;
	int worst = -ENOENT;

	*value = field;
	if (figure->field_first && field != METRICS_UNKNOWN)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(figure->files) && figure->files[i] != FILE_COUNT; i++) {
		int code = look_read_number(look, root, figure->files[i], value);

		if (code == 0 && (*value < 0 || *value > figure->max))
			code = -ERANGE;
		if (code == 0)
			return 0;
		worst = code == -ENOENT && look->absent[figure->files[i]] ? worst : code;
	}
	*value = field;
	if (field != METRICS_UNKNOWN)
		return 0;
	if (figure->levels != FILE_COUNT) {
		int code = look_read_levels(look, root, figure->levels, value, &max_hz);

		if (code == 0 || !look->absent[figure->levels])
			return code;
	}
	/* The table would have told it. */
	return worst == -ENOENT && figure->field != NO_FIELD && !look->absent[FILE_METRICS] &&
			       look->metrics_code != 0 && look->metrics_code != EPROTO
		       ? -look->metrics_code
		       : worst;
}
