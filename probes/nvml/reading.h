/* SPDX-License-Identifier: Apache-2.0 */
/* What is read of one GPU: plain data that its thread fills and the probe tells. */
#ifndef JOULETOP_PROBES_NVML_READING_H
#define JOULETOP_PROBES_NVML_READING_H

#include "measure/probe.h"
#include "probes/nvml/abi.h"
#include "probes/parts/gpu.h"

/* One value each; reading_rows says what it becomes. */
enum reading_slot {
	READING_ENERGY,
	READING_POWER_INSTANT,
	READING_POWER_AVERAGE,
	READING_POWER_PLAIN, /* where the fields are not: instant or average, by architecture */
	READING_POWER_LIMIT,
	READING_CLOCK,
	READING_CLOCK_MAX,
	READING_CLOCK_MEMORY,
	READING_CLOCK_REQUESTED,
	READING_UTILIZATION,
	READING_MEMORY_UTILIZATION,
	READING_MEMORY_USED,
	READING_MEMORY_TOTAL,
	READING_TEMPERATURE,
	READING_PCIE_READ,
	READING_PCIE_WRITTEN,
	READING_NVLINK_READ,
	READING_NVLINK_WRITTEN,
	READING_SM_ACTIVITY,
	READING_TENSOR_ACTIVITY,
	READING_HMMA_ACTIVITY,
	READING_FP64_ACTIVITY,
	READING_FP32_ACTIVITY,
	READING_FP16_ACTIVITY,
	READING_DRAM_ACTIVITY,
	/* of its memory */
	READING_MEMORY_POWER,
	READING_MEMORY_TEMPERATURE,
	/* of the module that it shares with a CPU */
	READING_MODULE_POWER,
	/* time that it lost, by cause */
	READING_THROTTLE_POWER_CAP,
	READING_THROTTLE_THERMAL,
	READING_THROTTLE_HW_THERMAL,
	READING_THROTTLE_HW_SLOWDOWN,
	READING_THROTTLE_POWER_BRAKE,
	READING_THROTTLE_SYNC_BOOST,
	READING_THROTTLE_APPLICATION_CLOCKS,
	READING_THROTTLE_DISPLAY,
	READING_THROTTLE_BOARD_LIMIT,
	READING_THROTTLE_RELIABILITY,
	READING_SLOTS
};

/* The domain that a value belongs to. */
enum reading_place { PLACE_GPU, PLACE_MEMORY, PLACE_MODULE, PLACE_THROTTLE };

/* How a raw value is told. */
enum reading_verb { READING_COUNTER, READING_GAUGE, READING_INCREASE };

struct reading_row {
	enum reading_place place;
	enum metric metric;
	enum reading_verb verb;
	enum quality quality;
	const char *source;
	int64_t scale;	   /* raw to the metric's unit */
	const char *cause; /* PLACE_THROTTLE: "power-cap" */
};

extern const struct reading_row reading_rows[READING_SLOTS];

struct reading_value {
	int code; /* enum nvml_code; NVML_NOT_TRIED = not read this time */
	uint64_t raw;
};

/* A process that has memory of the GPU or worked on it. */
struct reading_process {
	uint32_t pid;
	int64_t memory_bytes;  /* -1 = not told */
	int64_t busy_ns;       /* since the last reading */
	bool is_listed;	       /* not only among those that worked */
	uint32_t gpu_instance; /* the slice; UINT32_MAX = none */
};

#define READING_PROCESSES_MAX 128
#define READING_SLICES_MAX    16

/* What never changes, and the slices that do. */
struct reading_identity {
	char name[NVML_NAME_SIZE], uuid[NVML_NAME_SIZE], bus_id[GPU_ADDRESS_SIZE];
	unsigned architecture;
	int code; /* of the device's handle: other than NVML_OK there is nothing else */
};

struct reading_slice {
	char name[NVML_NAME_SIZE], uuid[NVML_NAME_SIZE];
	uint32_t gpu_instance;
	unsigned size;				  /* compute slices; 0 = unknown */
	int64_t memory_bytes, memory_total_bytes; /* -1 = not told */
	int activity_code;
	uint64_t sm_activity_ppm;
};

struct reading {
	struct reading_identity identity;
	int64_t energy_ns; /* when the energy was read */
	int64_t time_ns;   /* of all the rest: the middle of the reading */
	struct reading_value values[READING_SLOTS];
	bool is_counted[READING_SLOTS]; /* by the driver, not by looking now and then */
	int64_t power_window_ns;	/* of READING_POWER_INSTANT and _PLAIN; 0 = unknown */
	int reasons_code;
	uint64_t reasons; /* enum nvml_reason, now */
	struct reading_process processes[READING_PROCESSES_MAX];
	size_t process_count, processes_left_out;
	int64_t processes_ns; /* when they were read; 0 = not this time */
	int list_code, samples_code;
	struct reading_slice slices[READING_SLICES_MAX];
	size_t slice_count;
	bool has_slices; /* they were looked for this time */
};

/* Puts a value. */
void reading_put(struct reading *reading, enum reading_slot slot, int code, uint64_t raw);

/* Forgets all values but the identity. */
void reading_begin(struct reading *reading);

#endif
