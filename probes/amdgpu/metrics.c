/* SPDX-License-Identifier: Apache-2.0 */
/* Figures at the offsets of each revision of gpu_metrics. */
#include "probes/amdgpu/metrics.h"

#include "measure/probe.h"

#include <errno.h>
#include <string.h>

#define CLOCKS_MAX 8

/* Byte offsets; 0 = this revision does not have it (the header is there). */
struct revision {
	uint8_t format, content;
	uint16_t size;
	uint16_t gfx_activity, memory_activity, power, energy;
	uint16_t edge, hotspot, memory_temperature;
	uint16_t gfx_clock, gfx_clocks, memory_clock;
	uint16_t throttle, causes; /* of this device's own kind, and of one kind for all */
	uint16_t ticks;		   /* followed by prochot, power, socket, regulators, memory */
	uint16_t bandwidth;
	bool power_is_average, is_apu;
};

#define BEFORE_1_4                                                                       \
	.gfx_activity = 16, .memory_activity = 18, .power = 22, .energy = 24, .edge = 4, \
	.hotspot = 6, .memory_temperature = 8, .gfx_clock = 54, .gfx_clocks = 1,         \
	.memory_clock = 58, .throttle = 68, .power_is_average = true
#define SINCE_1_4                                                             \
	.gfx_activity = 12, .memory_activity = 14, .power = 10, .hotspot = 4, \
	.memory_temperature = 6, .gfx_clocks = CLOCKS_MAX
#define OF_APU                                                                               \
	.gfx_activity = 28, .edge = 4, .gfx_clock = 76, .gfx_clocks = 1, .memory_clock = 80, \
	.is_apu = true

static const struct revision revisions[] = {
	{1, 1, 96, BEFORE_1_4},
	{1, 2, 104, BEFORE_1_4},
	{1, 3, 120, BEFORE_1_4, .causes = 112},
	{1, 4, 288, SINCE_1_4, .energy = 24, .throttle = 40, .gfx_clock = 240, .memory_clock = 280},
	{1, 5, 360, SINCE_1_4, .energy = 88, .throttle = 104, .gfx_clock = 312,
	 .memory_clock = 352},
	{1, 6, 1664, SINCE_1_4, .energy = 16, .ticks = 32, .gfx_clock = 264, .memory_clock = 304},
	{1, 7, 2208, SINCE_1_4, .bandwidth = 16, .energy = 24, .ticks = 40, .gfx_clock = 296,
	 .memory_clock = 336},
	{1, 8, 3360, SINCE_1_4, .bandwidth = 16, .energy = 24, .ticks = 40, .gfx_clock = 296,
	 .memory_clock = 336},
	{2, 1, 120, OF_APU},
	{2, 2, 128, OF_APU, .causes = 120},
	{2, 3, 152, OF_APU, .causes = 120},
	/* Their temperatures and activities count in hundredths. */
	{2, 4, 168, .gfx_clock = 76, .gfx_clocks = 1, .memory_clock = 80, .causes = 120,
	 .is_apu = true},
	{3, 0, 256, .gfx_activity = 42, .edge = 0, .is_apu = true},
};

/* Bits of the status that is of one kind for all devices. */
static const struct {
	unsigned from, to;
	enum gpu_cause cause;
} bits[] = {
	{0, 7, GPU_CAUSE_POWER},     {16, 23, GPU_CAUSE_CURRENT}, {32, 45, GPU_CAUSE_THERMAL},
	{46, 47, GPU_CAUSE_PROCHOT}, {48, 63, GPU_CAUSE_OTHER},
};

/* Little-endian, as every machine that has these devices. */
static uint64_t number(const uint8_t *bytes, size_t offset, size_t width)
{
	uint64_t value = 0;

	for (size_t i = width; i-- > 0;)
		value = value << 8 | bytes[offset + i];
	return value;
}

/* All ones is how the driver says that it does not know. */
static int64_t short_number(const uint8_t *bytes, size_t offset)
{
	uint64_t value = offset > 0 ? number(bytes, offset, 2) : UINT16_MAX;

	return value == UINT16_MAX ? METRICS_UNKNOWN : (int64_t)value;
}

static int64_t percent(const uint8_t *bytes, size_t offset)
{
	int64_t value = short_number(bytes, offset);

	return value > 100 ? METRICS_UNKNOWN : value;
}

static int64_t temperature(const uint8_t *bytes, size_t offset)
{
	int64_t value = short_number(bytes, offset);

	/* No sensor is there where a running chip has no degree at all. */
	return value == 0 || value > 200 ? METRICS_UNKNOWN : value;
}

/* The mean of the dies that tell theirs. */
static int64_t clock_of(const uint8_t *bytes, size_t offset, size_t count)
{
	int64_t sum = 0, known = 0;

	for (size_t i = 0; offset > 0 && i < count; i++) {
		int64_t value = short_number(bytes, offset + 2 * i);

		if (value == METRICS_UNKNOWN)
			continue;
		sum += value;
		known++;
	}
	return known > 0 ? sum / known : METRICS_UNKNOWN;
}

static void read_causes(struct metrics *metrics, const uint8_t *bytes, const struct revision *as)
{
	uint64_t status = as->causes > 0 ? number(bytes, as->causes, 8) : UINT64_MAX;

	if (status != UINT64_MAX) {
		metrics->has_causes = true;
		for (size_t i = 0; i < ARRAY_SIZE(bits); i++) {
			uint64_t mask =
				(UINT64_MAX >> (63 - bits[i].to)) & (UINT64_MAX << bits[i].from);
			if (status & mask)
				metrics->causes |= 1u << bits[i].cause;
		}
		return;
	}
	/* That there is a cause can be told, which one cannot: its bits differ from chip to chip. */
	uint64_t own = as->throttle > 0 ? number(bytes, as->throttle, 4) : UINT32_MAX;

	if (own == UINT32_MAX)
		return;
	metrics->has_causes = true;
	if (own != 0)
		metrics->causes = 1u << GPU_CAUSE_OTHER;
}

const enum gpu_cause metrics_residency_causes[METRICS_RESIDENCIES] = {
	GPU_CAUSE_PROCHOT, GPU_CAUSE_POWER, GPU_CAUSE_THERMAL, GPU_CAUSE_THERMAL, GPU_CAUSE_THERMAL,
};

static void read_residencies(struct metrics *metrics, const uint8_t *bytes,
			     const struct revision *as)
{
	if (as->ticks == 0 || number(bytes, as->ticks, 4) == UINT32_MAX)
		return;
	metrics->has_residencies = true;
	metrics->ticks = (uint32_t)number(bytes, as->ticks, 4);
	for (size_t i = 0; i < METRICS_RESIDENCIES; i++)
		metrics->residencies[i] = (uint32_t)number(bytes, as->ticks + 4 + 4 * i, 4);
}

static const struct revision *find_revision(unsigned format, unsigned content)
{
	for (size_t i = 0; i < ARRAY_SIZE(revisions); i++) {
		if (revisions[i].format == format && revisions[i].content == content)
			return &revisions[i];
	}
	return NULL;
}

static void read_figures(struct metrics *metrics, const uint8_t *bytes, const struct revision *as)
{
	metrics->gfx_activity_percent = percent(bytes, as->gfx_activity);
	metrics->memory_activity_percent = percent(bytes, as->memory_activity);
	metrics->power_w = short_number(bytes, as->power);
	metrics->power_is_average = as->power_is_average;
	metrics->temperature_c = as->is_apu ? METRICS_UNKNOWN : temperature(bytes, as->hotspot);
	if (metrics->temperature_c == METRICS_UNKNOWN && !as->is_apu)
		metrics->temperature_c = temperature(bytes, as->edge);
	metrics->memory_temperature_c = temperature(bytes, as->memory_temperature);
	metrics->gfx_mhz = clock_of(bytes, as->gfx_clock, as->gfx_clocks);
	metrics->memory_mhz = short_number(bytes, as->memory_clock);
	metrics->energy = as->energy > 0 ? number(bytes, as->energy, 8) : 0;
	metrics->has_energy =
		as->energy > 0 && metrics->energy != UINT64_MAX && metrics->energy != 0;
	if (as->bandwidth > 0) {
		uint64_t gigabytes = number(bytes, as->bandwidth, 8);

		if (gigabytes > 0 && gigabytes < 1000000)
			metrics->memory_bytes_per_s = (int64_t)gigabytes * 1000000000;
	}
}

int metrics_read(struct metrics *metrics, const uint8_t *bytes, size_t size)
{
	*metrics = (struct metrics){.memory_bytes_per_s = METRICS_UNKNOWN};
	if (size < 4)
		return -ENODATA;

	size_t told = number(bytes, 0, 2);
	const struct revision *as = find_revision(bytes[2], bytes[3]);

	if (!as) {
		/* What has CPUs in it can be told of revisions that come, too. */
		metrics->is_apu = bytes[2] == 2 || bytes[2] == 3;
		return -EPROTO;
	}
	if (told < as->size || size < as->size)
		return -ENODATA;
	metrics->is_apu = as->is_apu;
	read_figures(metrics, bytes, as);
	read_causes(metrics, bytes, as);
	read_residencies(metrics, bytes, as);
	return 0;
}

int64_t metrics_energy_uj(uint64_t energy)
{
	/* 10^6 / 2^16 = 15625 / 1024. */
	uint64_t whole = energy / 1024, rest = energy % 1024;

	if (whole > (uint64_t)INT64_MAX / 15625 - 1)
		return INT64_MAX;
	return (int64_t)(whole * 15625 + rest * 15625 / 1024);
}
