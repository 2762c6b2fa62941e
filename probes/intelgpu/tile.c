/* SPDX-License-Identifier: Apache-2.0 */
/* Reads an Intel card (kernel: Documentation/ABI/testing/sysfs-driver-intel-i915-hwmon, sysfs-driver-intel-xe-hwmon; the
 * clocks, rest and limits of its first tile). */
#include "probes/intelgpu/tile.h"

#include <errno.h>
#include <string.h>

#define RARELY_NS  (5 * CLOCK_NS_PER_S)
#define POWER_MAX  INT64_C(10000000000)
#define INSIDE	   "it is part of the package, whose energy contains its own (uncore)"
#define UNREADABLE "the driver does not answer"
#define IMPOSSIBLE "the driver says no possible number"

enum file {
	FILE_CARD_ENERGY,
	FILE_PACKAGE_ENERGY,
	FILE_CARD_LIMIT,
	FILE_PACKAGE_LIMIT,
	FILE_RATED_LIMIT,
	FILE_PACKAGE_TEMP,
	FILE_TEMP,
	FILE_MEMORY_TEMP,
	FILE_FREQ,
	FILE_FREQ_OLD,
	FILE_FREQ_MAX,
	FILE_FREQ_MAX_OLD,
	FILE_REST,
	FILE_REST_OLD,
	FILE_HELD,
	FILE_HELD_PL1,
	FILE_HELD_PL2,
	FILE_HELD_PL4,
	FILE_HELD_THERMAL,
	FILE_HELD_PROCHOT,
	FILE_HELD_VR,
	FILE_COUNT
};
_Static_assert(FILE_COUNT <= TILE_FILES, "tile.h keeps what is known of each file");

#define MHZ 1000000

/* By i915, by xe; NULL = that driver has none. */
static const struct {
	const char *names[2];
	bool of_hwmon;
	int64_t scale;
} files[FILE_COUNT] = {
	[FILE_CARD_ENERGY] = {{"energy1_input", "energy1_input"}, true, 1},
	[FILE_PACKAGE_ENERGY] = {{NULL, "energy2_input"}, true, 1},
	[FILE_CARD_LIMIT] = {{"power1_max", "power1_max"}, true, 1},
	[FILE_PACKAGE_LIMIT] = {{NULL, "power2_max"}, true, 1},
	[FILE_RATED_LIMIT] = {{"power1_rated_max", "power1_rated_max"}, true, 1},
	[FILE_PACKAGE_TEMP] = {{NULL, "temp2_input"}, true, 1},
	[FILE_TEMP] = {{"temp1_input", NULL}, true, 1},
	[FILE_MEMORY_TEMP] = {{NULL, "temp3_input"}, true, 1},
	[FILE_FREQ] = {{"gt/gt0/rps_act_freq_mhz", "device/tile0/gt0/freq0/act_freq"}, false, MHZ},
	[FILE_FREQ_OLD] = {{"gt_act_freq_mhz", NULL}, false, MHZ},
	[FILE_FREQ_MAX] = {{"gt/gt0/rps_max_freq_mhz", "device/tile0/gt0/freq0/max_freq"},
			   false,
			   MHZ},
	[FILE_FREQ_MAX_OLD] = {{"gt_max_freq_mhz", NULL}, false, MHZ},
	[FILE_REST] = {{"gt/gt0/rc6_residency_ms", "device/tile0/gt0/gtidle/idle_residency_ms"},
		       false,
		       1},
	[FILE_REST_OLD] = {{"power/rc6_residency_ms", NULL}, false, 1},
	[FILE_HELD] = {{"gt/gt0/throttle_reason_status", "device/tile0/gt0/freq0/throttle/status"},
		       false,
		       1},
	[FILE_HELD_PL1] = {{"gt/gt0/throttle_reason_pl1",
			    "device/tile0/gt0/freq0/throttle/reason_pl1"},
			   false,
			   1},
	[FILE_HELD_PL2] = {{"gt/gt0/throttle_reason_pl2",
			    "device/tile0/gt0/freq0/throttle/reason_pl2"},
			   false,
			   1},
	[FILE_HELD_PL4] = {{"gt/gt0/throttle_reason_pl4",
			    "device/tile0/gt0/freq0/throttle/reason_pl4"},
			   false,
			   1},
	[FILE_HELD_THERMAL] = {{"gt/gt0/throttle_reason_thermal",
				"device/tile0/gt0/freq0/throttle/reason_thermal"},
			       false,
			       1},
	[FILE_HELD_PROCHOT] = {{"gt/gt0/throttle_reason_prochot",
				"device/tile0/gt0/freq0/throttle/reason_prochot"},
			       false,
			       1},
	[FILE_HELD_VR] = {{"gt/gt0/throttle_reason_vr_thermalert",
			   "device/tile0/gt0/freq0/throttle/reason_vr_thermalert"},
			  false,
			  1},
};

static const struct {
	enum file file;
	enum gpu_cause cause;
} reasons[] = {
	{FILE_HELD_PL1, GPU_CAUSE_POWER},	{FILE_HELD_PL2, GPU_CAUSE_POWER},
	{FILE_HELD_PL4, GPU_CAUSE_CURRENT},	{FILE_HELD_THERMAL, GPU_CAUSE_THERMAL},
	{FILE_HELD_PROCHOT, GPU_CAUSE_PROCHOT}, {FILE_HELD_VR, GPU_CAUSE_THERMAL},
};

/* 0; -ENOENT: the card has no such file; other -errno. */
static int read_number(struct tile *tile, const struct sysroot *root, enum file file,
		       int64_t *value)
{
	const char *name = files[file].names[tile->is_xe];
	const char *folder = files[file].of_hwmon ? tile->base.card.hwmon : tile->base.card.node;

	if (!name || tile->absent[file])
		return -ENOENT;

	int code = card_read_i64(root, folder, name, value);

	if (code == -ENOENT && !tile->seen[file]) {
		tile->absent[file] = true;
		return code;
	}
	if (code == -ENOENT) {
		tile->base.stale = true;
		return -ENODEV;
	}
	tile->seen[file] |= code == 0;
	if (code == 0 && (*value < 0 || __builtin_mul_overflow(*value, files[file].scale, value)))
		return -ERANGE;
	return code;
}

/* The first of two files that the card has. */
static int read_either(struct tile *tile, const struct sysroot *root, enum file file,
		       enum file other, int64_t *value)
{
	int code = read_number(tile, root, file, value);

	return code == -ENOENT ? read_number(tile, root, other, value) : code;
}

static void put(struct sheet *sheet, enum sheet_source source, enum metric metric, int code,
		int64_t value)
{
	if (code == 0)
		sheet_value(sheet, source, metric, value);
	else if (code != -ENOENT)
		sheet_gap(sheet, source, metric, -code,
			  code == -ERANGE || code == -EINVAL ? IMPOSSIBLE : UNREADABLE);
}

/* A card counts more than its package: memory and regulators. Some have the package's counter alone. */
static void read_energy(struct tile *tile, const struct sysroot *root, struct sheet *sheet)
{
	int64_t energy_uj = 0;
	int code = read_either(tile, root, FILE_CARD_ENERGY, FILE_PACKAGE_ENERGY, &energy_uj);

	if (code == -ENOENT)
		sheet_gap(sheet, SHEET_POWER, METRIC_SENSOR_POWER_UW, ENODATA, INSIDE);
	else
		put(sheet, SHEET_ENERGY, METRIC_ENERGY_UJ, code, energy_uj);
}

/* What is not rest is taken for load. */
static void read_load(struct tile *tile, const struct sysroot *root, struct sheet *sheet)
{
	int64_t rest_ms = 0, now_ns = clock_now_ns();
	int code = read_either(tile, root, FILE_REST, FILE_REST_OLD, &rest_ms);
	int64_t rested_ms = rest_ms - tile->rest_ms, length_ns = now_ns - tile->rest_ns;

	if (code < 0 || tile->rest_ns == 0 || rested_ms < 0 || length_ns <= 0) {
		put(sheet, SHEET_STATE, METRIC_UTILIZATION_PPM, code == 0 ? -ENOENT : code, 0);
	} else {
		int64_t ppm = 1000000 - (int64_t)((double)rested_ms * 1e12 / (double)length_ns);

		/* Both are rounded to milliseconds. */
		sheet_value(sheet, SHEET_STATE, METRIC_UTILIZATION_PPM, ppm < 0 ? 0 : ppm);
	}
	if (code == 0 && rest_ms < INT64_MAX / 1000000)
		sheet_value(sheet, SHEET_REST, METRIC_RESIDENCY_NS, rest_ms * 1000000);
	tile->rest_ms = rest_ms;
	tile->rest_ns = code == 0 ? now_ns : 0;
}

static void read_rarely(struct tile *tile, const struct sysroot *root, struct sheet *sheet)
{
	int64_t value = 0;

	if (tile->rarely_ns > 0 && sheet->time_ns - tile->rarely_ns < RARELY_NS)
		return;
	tile->rarely_ns = sheet->time_ns;

	int code = read_either(tile, root, FILE_CARD_LIMIT, FILE_PACKAGE_LIMIT, &value);

	/* 0 = no limit was set: what the card is made for holds. */
	if (code == -ENOENT || (code == 0 && value == 0))
		code = read_number(tile, root, FILE_RATED_LIMIT, &value);
	if (code != 0 || (value > 0 && value <= POWER_MAX))
		put(sheet, SHEET_STATE, METRIC_POWER_LIMIT_UW, code, value);
	code = read_either(tile, root, FILE_FREQ_MAX, FILE_FREQ_MAX_OLD, &value);
	put(sheet, SHEET_STATE, METRIC_FREQUENCY_MAX_HZ, code, value);
}

static void read_causes(struct tile *tile, const struct sysroot *root, struct sheet *sheet)
{
	int64_t is_held = 0, is_set;

	if (read_number(tile, root, FILE_HELD, &is_held) != 0)
		return;
	sheet->has_causes = true;
	for (size_t i = 0; is_held && i < ARRAY_SIZE(reasons); i++) {
		if (read_number(tile, root, reasons[i].file, &is_set) == 0 && is_set)
			sheet->causes |= 1u << reasons[i].cause;
	}
	if (is_held && sheet->causes == 0)
		sheet->causes = 1u << GPU_CAUSE_OTHER;
	for (size_t i = 0; i < GPU_CAUSE_COUNT; i++)
		sheet->cause_ppm[i] = sheet->causes & (1u << i) ? 1000000 : 0;
}

void tile_look(struct gpus_look *base, const struct sysroot *root, struct sheet *sheet)
{
	struct tile *tile = (struct tile *)base;
	int64_t value = 0;
	int code;

	tile->is_xe = strcmp(base->card.driver, "xe") == 0;
	sheet_begin(sheet);
	sheet->time_ns = clock_now_ns();
	sheet->state = card_state(root, &tile->base.card, &sheet->code);
	if (sheet->state != CARD_ACTIVE) {
		tile->rest_ns = 0;
		return;
	}
	read_energy(tile, root, sheet);
	sheet->time_ns = clock_now_ns();
	read_load(tile, root, sheet);
	code = read_either(tile, root, FILE_FREQ, FILE_FREQ_OLD, &value);
	put(sheet, SHEET_STATE, METRIC_FREQUENCY_HZ, code, value);
	code = read_either(tile, root, FILE_PACKAGE_TEMP, FILE_TEMP, &value);
	put(sheet, SHEET_STATE, METRIC_TEMPERATURE_MC, code, value);
	code = read_number(tile, root, FILE_MEMORY_TEMP, &value);
	put(sheet, SHEET_MEMORY, METRIC_TEMPERATURE_MC, code, value);
	read_rarely(tile, root, sheet);
	read_causes(tile, root, sheet);
	sheet->stale = base->stale;
}

void tile_forget(struct gpus_look *base)
{
	struct tile *tile = (struct tile *)base;

	memset(tile->absent, 0, sizeof(tile->absent));
}
