/* SPDX-License-Identifier: Apache-2.0 */
/* Reads an AMD card: the driver's table of figures first, its single files where the table is silent. */
#include "probes/amdgpu/look_private.h"

#include <errno.h>
#include <string.h>

#define RARELY_NS (5 * CLOCK_NS_PER_S)
/* What is beyond is no card's. */
#define POWER_MAX_UW INT64_C(10000000000)
/* The counter of energy is believed when it is within these of the sensor of power, after so long. */
#define TRIAL_NS      (10 * CLOCK_NS_PER_S)
#define TRIAL_GAP_NS  (5 * CLOCK_NS_PER_S)
#define TRIAL_RATIO   2
#define SECOND_DIE    "its sensor says 0 W: the first die of the module tells for both"
#define WITH_CPUS     "the sensor is that of the whole chip with its CPUs: see package-0"
#define NO_SENSOR     "the driver tells neither its power nor its energy"
#define UNDECIDED     "it cannot be told whether the sensor is that of a chip with CPUs"
#define DISAGREES     "its counter of energy disagrees with its sensor of power, which is used"
#define IMPOSSIBLE    "the driver says no possible number"
#define UNREADABLE    "the driver does not answer"
#define NOT_ITS_TABLE "the table of the driver is broken off"

static const char *reason_of(int code)
{
	return code == -ERANGE || code == -EINVAL ? IMPOSSIBLE
	       : code == -ENODATA		  ? NOT_ITS_TABLE
						  : UNREADABLE;
}

static void read_figures(struct look *look, const struct sysroot *root, struct sheet *sheet)
{
	for (size_t i = 0; i < LOOK_FIGURES; i++) {
		const struct look_figure *figure = &look_figures[i];
		int64_t value;
		int code = look_read_figure(look, root, figure, &value);
		bool is_none = code == -ENOENT && !look->base.stale;

		if (code == 0)
			sheet_value(sheet, figure->source, figure->metric, value);
		else if (!is_none)
			sheet_gap(sheet, figure->source, figure->metric, -code, reason_of(code));
	}
}

/* 0, -ENOENT: no sensor at all, -ENOMSG: it says 0 W, other -errno. */
static int read_power(struct look *look, const struct sysroot *root, int64_t *power_uw)
{
	/* The average loses nothing between two looks. */
	int code = look_read_number(look, root, FILE_POWER_AVERAGE, power_uw);

	if (code == -ENOENT)
		code = look_read_number(look, root, FILE_POWER_INPUT, power_uw);
	if (code < 0 && look->metrics_code == 0 && look->metrics.power_w > 0 &&
	    look->kind == LOOK_BOARD) {
		*power_uw = look->metrics.power_w * 1000000;
		code = 0;
	}
	if (code < 0)
		return code;
	if (*power_uw < 0 || *power_uw > POWER_MAX_UW)
		return -ERANGE;
	return *power_uw == 0 ? -ENOMSG : 0;
}

/* What the counter says is compared with what the sensor says, as long as both are there. */
static void try_counter(struct look *look, int64_t energy_uj, int64_t power_uw, int64_t now_ns)
{
	int64_t length_ns = now_ns - look->last_ns;

	if (look->begun_ns == 0 || power_uw < 0 || look->last_power_uw < 0 ||
	    length_ns > TRIAL_GAP_NS || energy_uj < look->first_uj) {
		look->begun_ns = now_ns;
		look->first_uj = energy_uj;
		look->integrated_uj = 0;
		return;
	}
	look->integrated_uj += (power_uw + look->last_power_uw) / 2 * (length_ns / 1000) / 1000000;
	if (now_ns - look->begun_ns < TRIAL_NS)
		return;

	int64_t counted_uj = energy_uj - look->first_uj;

	look->is_distrusted = counted_uj > TRIAL_RATIO * look->integrated_uj ||
			      counted_uj < look->integrated_uj / TRIAL_RATIO;
	look->begun_ns = 0;
}

static void read_watts(struct look *look, const struct sysroot *root, struct sheet *sheet)
{
	int64_t power_uw = 0;
	int code = read_power(look, root, &power_uw);

	/* Whose a sensor is may follow from that it is there. */
	look_decide_kind(look, root);
	sheet->power_is_package = look->kind == LOOK_WITH_CPUS;
	if (look->kind == LOOK_UNDECIDED && code != -ENOENT)
		code = -EAGAIN;

	bool has_energy =
		look->kind == LOOK_BOARD && look->metrics_code == 0 && look->metrics.has_energy;
	int64_t energy_uj = has_energy ? metrics_energy_uj(look->metrics.energy) : 0;

	if (has_energy)
		try_counter(look, energy_uj, code == 0 ? power_uw : -1, sheet->time_ns);
	look->last_power_uw = code == 0 ? power_uw : -1;
	if (has_energy && !look->is_distrusted)
		sheet_value(sheet, SHEET_ENERGY, METRIC_ENERGY_UJ, energy_uj);
	else if (has_energy)
		sheet_gap(sheet, SHEET_ENERGY, METRIC_ENERGY_UJ, EBADMSG, DISAGREES);
	else if (look->begun_ns != 0 && look->metrics_code != EPROTO)
		sheet_gap(sheet, SHEET_ENERGY, METRIC_ENERGY_UJ,
			  look->metrics_code ? look->metrics_code : ENODATA,
			  reason_of(look->metrics_code ? -look->metrics_code : -ENODATA));
	if (code == 0) {
		sheet_value(sheet, SHEET_POWER, METRIC_SENSOR_POWER_UW, power_uw);
		return;
	}
	if (code == -ENOENT && has_energy && !look->seen[FILE_POWER_AVERAGE] &&
	    !look->seen[FILE_POWER_INPUT])
		return;
	sheet_gap(sheet, SHEET_POWER, METRIC_SENSOR_POWER_UW, code == -ENOMSG ? ENODATA : -code,
		  code == -EAGAIN   ? UNDECIDED
		  : code == -ENOMSG ? SECOND_DIE
		  : code == -ENOENT ? NO_SENSOR
				    : reason_of(code));
}

static void read_rarely(struct look *look, const struct sysroot *root, struct sheet *sheet)
{
	int64_t value, max_hz;

	if (look->rarely_ns > 0 && sheet->time_ns - look->rarely_ns < RARELY_NS)
		return;
	look->rarely_ns = sheet->time_ns;

	int code = look_read_number(look, root, FILE_CAP, &value);

	if (code == 0 && value > 0 && value <= POWER_MAX_UW)
		sheet_value(sheet, SHEET_STATE, METRIC_POWER_LIMIT_UW, value);
	else if (code < 0 && look->seen[FILE_CAP])
		sheet_gap(sheet, SHEET_STATE, METRIC_POWER_LIMIT_UW, -code, reason_of(code));
	code = look_read_number(look, root, FILE_VRAM_TOTAL, &value);
	if (code == 0 && value > 0)
		sheet_value(sheet, SHEET_STATE, METRIC_MEMORY_TOTAL_BYTES, value);
	look_read_levels(look, root, FILE_SCLK, &value, &max_hz);
	if (max_hz > 0)
		sheet_value(sheet, SHEET_STATE, METRIC_FREQUENCY_MAX_HZ, max_hz);
}

/* The share of the firmware's ticks that each cause was in force; several kinds of heat count as their longest. */
static void share_ticks(struct look *look, struct sheet *sheet)
{
	const struct metrics *metrics = &look->metrics;
	uint32_t ticks = metrics->ticks - look->last_ticks;

	for (size_t i = 0; look->has_last && ticks > 0 && i < METRICS_RESIDENCIES; i++) {
		enum gpu_cause cause = metrics_residency_causes[i];
		uint32_t held = metrics->residencies[i] - look->last_residencies[i];

		/* More than there was time: one of the two began anew. */
		if (held == 0 || held > ticks || metrics->residencies[i] == UINT32_MAX)
			continue;

		int64_t ppm = (int64_t)((uint64_t)held * 1000000 / ticks);

		sheet->causes |= 1u << cause;
		if (ppm > sheet->cause_ppm[cause])
			sheet->cause_ppm[cause] = ppm;
	}
	look->last_ticks = metrics->ticks;
	memcpy(look->last_residencies, metrics->residencies, sizeof(look->last_residencies));
	look->has_last = true;
}

static void read_causes(struct look *look, struct sheet *sheet)
{
	if (look->metrics_code != 0) {
		look->has_last = false;
		return;
	}
	sheet->has_causes = look->metrics.has_causes || look->metrics.has_residencies;
	sheet->causes_counted = look->metrics.has_residencies;
	if (look->metrics.has_residencies) {
		share_ticks(look, sheet);
		return;
	}
	sheet->causes = look->metrics.causes;
	for (size_t i = 0; i < GPU_CAUSE_COUNT; i++)
		sheet->cause_ppm[i] = sheet->causes & (1u << i) ? 1000000 : 0;
}

void look_at(struct gpus_look *base, const struct sysroot *root, struct sheet *sheet)
{
	struct look *look = (struct look *)base;
	int64_t begin_ns = clock_now_ns();

	sheet_begin(sheet);
	sheet->time_ns = begin_ns;
	sheet->state = card_state(root, &look->base.card, &sheet->code);
	if (sheet->state != CARD_ACTIVE) {
		look->has_last = false;
		look->begun_ns = 0;
		return;
	}
	look_read_table(look, root);
	sheet->time_ns = begin_ns + (clock_now_ns() - begin_ns) / 2;
	read_watts(look, root, sheet);
	read_figures(look, root, sheet);
	read_rarely(look, root, sheet);
	read_causes(look, sheet);
	look->last_ns = sheet->time_ns;
	sheet->stale = base->stale;
}

void look_forget(struct gpus_look *base)
{
	struct look *look = (struct look *)base;

	memset(look->absent, 0, sizeof(look->absent));
}
