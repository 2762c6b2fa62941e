/* SPDX-License-Identifier: Apache-2.0 */
/* What one look at a graphics processor gave, and how it is told: the same for every driver of the kernel. A look may block
 * and be taken on any thread; telling is the feed's. */
#ifndef JOULETOP_PROBES_SHEET_H
#define JOULETOP_PROBES_SHEET_H

#include "probes/parts/card.h"

#define SHEET_VALUES_MAX 24

/* Why a device is held back. */
enum gpu_cause {
	GPU_CAUSE_POWER,
	GPU_CAUSE_CURRENT,
	GPU_CAUSE_THERMAL,
	GPU_CAUSE_PROCHOT,
	GPU_CAUSE_OTHER,
	GPU_CAUSE_COUNT
};

/* The sources of one device: a counter of energy, a sensor of power, what it does, what its memory does, and how long it
 * rested. */
enum sheet_source {
	SHEET_ENERGY,
	SHEET_POWER,
	SHEET_STATE,
	SHEET_MEMORY,
	SHEET_REST,
	SHEET_SOURCES,
};

struct sheet_value {
	uint8_t source, metric;
	int16_t code; /* errno, 0 = value holds */
	int64_t value;
	const char *reason; /* constant text; NULL = errno's */
};

/* Plain data, filled anew at each look. */
struct sheet {
	int64_t time_ns;
	enum card_state state;
	int code;	       /* of the state */
	bool stale;	       /* a file that was there is not */
	bool power_is_package; /* the watts are those of a chip with CPUs in it */
	struct sheet_value values[SHEET_VALUES_MAX];
	size_t count;
	bool has_causes; /* what is in force, and for which share of the time since the last look */
	bool causes_counted; /* counted by the device, not seen at the moment of a look */
	unsigned causes;
	int64_t cause_ppm[GPU_CAUSE_COUNT];
};

void sheet_begin(struct sheet *sheet);
void sheet_value(struct sheet *sheet, enum sheet_source source, enum metric metric, int64_t value);
void sheet_gap(struct sheet *sheet, enum sheet_source source, enum metric metric, int code,
	       const char *reason);

/* Where a device stands in a feed. */
struct sheet_device {
	const struct card *card;
	const char *probe; /* name of the probe: before the ':' of sources */
	char key[DOMAIN_KEY_SIZE];
	uint32_t domain, memory, package, rest;
	uint32_t series[SHEET_SOURCES];
	bool told[SHEET_SOURCES]
		 [METRIC_RAW_COUNT]; /* these become gaps when it sleeps or is lost */
	struct {
		uint32_t domain, series;
	} throttles[GPU_CAUSE_COUNT];
	int64_t looked_ns; /* of the last look while it was active; 0 = not in a row */
	enum card_state state;
	unsigned causes;
	bool named_causes;
	bool power_is_package; /* its power is that of a chip with CPUs in it */
};

/* Announces the device: its domain, name and labels. */
void sheet_announce(struct sheet_device *device, const struct probe_context *context,
		    const char *model, int fallback_index);

/* Tells a look. */
void sheet_tell(struct sheet_device *device, const struct probe_context *context,
		const struct sheet *sheet);

#endif
