/* SPDX-License-Identifier: Apache-2.0 */
/* One GPU as its thread reads it. Any call may take long or never come back. */
#ifndef JOULETOP_PROBES_NVML_DEVICE_H
#define JOULETOP_PROBES_NVML_DEVICE_H

#include "probes/nvml/api.h"
#include "probes/nvml/reading.h"

/* A slice, and the two samples of its activity: the older one first. */
struct device_slice {
	uint32_t gpu_instance;
	void *gpm[2];
	int64_t sampled_ns; /* the older one; 0 = there is none */
};

struct device {
	const struct nvml_api *api;
	const struct sysroot *root;
	unsigned index;
	void *handle;
	struct reading_identity identity;
	bool is_dead[READING_SLOTS]; /* this value will never come */
	bool has_module;	     /* the GPU shares a module with a CPU, whose power is told */

	int64_t revive_ns; /* when what is dead is tried once more */
	int64_t slow_ns;   /* when the slow values are due */
	bool is_slow;	   /* they are read this time */

	uint64_t lost_ns[READING_SLOTS]; /* throttle counters as last read */
	bool has_lost[READING_SLOTS];
	bool is_counted
		[READING_SLOTS]; /* by the driver: not guessed from the reasons of the moment */
	int64_t reasons_ns;	 /* when they were last read */

	struct nvml_process *list; /* room for the driver's answers */
	size_t list_capacity;
	struct nvml_process_sample *samples;
	size_t sample_capacity;
	uint64_t seen_us; /* of the newest sample that was taken into account */
	int64_t seen_ns;  /* when that was */

	void *gpm[2]; /* samples of the activity, the older one first */
	int64_t gpm_ns[2];
	double traffic[READING_SLOTS]; /* totals made of their rates */
	bool has_traffic[READING_SLOTS];

	struct device_slice slices[READING_SLICES_MAX]; /* all that were ever seen */
	size_t slice_count;
};

/* Zeroed before. Looks the device up; what it is stands in identity. */
void device_open(struct device *device, const struct nvml_api *api, const struct sysroot *root,
		 unsigned index);
void device_close(struct device *device);

/* Reads all that is due. */
void device_read(struct device *device, struct reading *reading);

/* Puts a value unless it will never come; remembers when it never will. */
void device_put(struct device *device, struct reading *reading, enum reading_slot slot, int code,
		uint64_t raw);

/* device_fields.c: what comes by numbered fields, and the time lost by cause. */
void device_read_power(struct device *device, struct reading *reading);
void device_read_fields(struct device *device, struct reading *reading);
void device_read_reasons(struct device *device, struct reading *reading);

/* device_gpm.c: what worked since the last reading. */
void device_read_activity(struct device *device, struct reading *reading);

/* device_slices.c */
void device_read_slices(struct device *device, struct reading *reading);
void device_free_slices(struct device *device);

/* device_processes.c: who uses the GPU. */
void device_read_processes(struct device *device, struct reading *reading);

#endif
