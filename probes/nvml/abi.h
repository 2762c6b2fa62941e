/* SPDX-License-Identifier: Apache-2.0 */
/* NVML as the driver's library has it on 64-bit Linux: numbers and layouts, written down anew. */
#ifndef JOULETOP_PROBES_NVML_ABI_H
#define JOULETOP_PROBES_NVML_ABI_H

#include <stdint.h>

/* What every function returns. */
enum nvml_code {
	NVML_OK = 0,
	NVML_UNINITIALIZED = 1,
	NVML_INVALID_ARGUMENT = 2,
	NVML_NOT_SUPPORTED = 3,
	NVML_NO_PERMISSION = 4,
	NVML_NOT_FOUND = 6,
	NVML_INSUFFICIENT_SIZE = 7,
	NVML_DRIVER_NOT_LOADED = 9,
	NVML_TIMEOUT = 10,
	NVML_IRQ_ISSUE = 11,
	NVML_LIBRARY_NOT_FOUND = 12,
	NVML_FUNCTION_NOT_FOUND = 13,
	NVML_GPU_IS_LOST = 15,
	NVML_RESET_REQUIRED = 16,
	NVML_LIB_RM_VERSION_MISMATCH = 18,
	NVML_IN_USE = 19,
	NVML_NO_DATA = 21,
	NVML_ARGUMENT_VERSION_MISMATCH = 25,
	NVML_UNKNOWN = 999,
	/* Ours, beyond theirs. */
	NVML_NOT_TRIED = -1, /* nobody asked */
	NVML_ASLEEP = -2,    /* the GPU is suspended and was not woken */
	NVML_HANGS = -3,     /* the driver has not come back */
	NVML_WRAPS = -4,     /* the counter wraps faster than it is read */
	NVML_MODULE = -5,    /* only the sum of the GPU and its CPU is told */
};

enum nvml_clock { NVML_CLOCK_SM = 1, NVML_CLOCK_MEMORY = 2 };
enum nvml_clock_id { NVML_CLOCK_REQUESTED = 1 };

/* Of nvml_field.id. */
enum nvml_field_id {
	NVML_FIELD_THROTTLE_POWER = 74,
	NVML_FIELD_THROTTLE_THERMAL = 75,
	NVML_FIELD_THROTTLE_SYNC_BOOST = 76,
	NVML_FIELD_THROTTLE_BOARD_LIMIT = 77,
	NVML_FIELD_THROTTLE_RELIABILITY = 79,
	NVML_FIELD_MEMORY_TEMPERATURE = 82,
	NVML_FIELD_NVLINK_WRITTEN_KIB = 138,
	NVML_FIELD_NVLINK_READ_KIB = 139,
	NVML_FIELD_POWER_AVERAGE = 185,
	NVML_FIELD_POWER_INSTANT = 186,
	NVML_FIELD_PCIE_WRITTEN = 197,
	NVML_FIELD_PCIE_READ = 198,
	NVML_FIELD_THROTTLE_SW_THERMAL = 269,
	NVML_FIELD_THROTTLE_HW_THERMAL = 270,
	NVML_FIELD_THROTTLE_POWER_BRAKE = 271,
};

/* Of nvml_field.scope, for power. */
enum nvml_scope { NVML_SCOPE_GPU, NVML_SCOPE_MODULE, NVML_SCOPE_MEMORY };
#define NVML_SCOPE_ALL_LINKS UINT32_MAX

enum nvml_value_type {
	NVML_TYPE_DOUBLE,
	NVML_TYPE_UINT,
	NVML_TYPE_ULONG,
	NVML_TYPE_ULLONG,
	NVML_TYPE_SLLONG,
	NVML_TYPE_SINT,
	NVML_TYPE_USHORT,
};

enum nvml_architecture {
	NVML_KEPLER = 2,
	NVML_MAXWELL,
	NVML_PASCAL,
	NVML_VOLTA,
	NVML_TURING,
	NVML_AMPERE,
	NVML_ADA,
	NVML_HOPPER,
	NVML_BLACKWELL,
};

/* Bits of the reasons for which a clock is not higher. */
enum nvml_reason {
	NVML_REASON_IDLE = 0x1,
	NVML_REASON_APPLICATION_CLOCKS = 0x2,
	NVML_REASON_SW_POWER_CAP = 0x4,
	NVML_REASON_HW_SLOWDOWN = 0x8,
	NVML_REASON_SYNC_BOOST = 0x10,
	NVML_REASON_SW_THERMAL = 0x20,
	NVML_REASON_HW_THERMAL = 0x40,
	NVML_REASON_POWER_BRAKE = 0x80,
	NVML_REASON_DISPLAY = 0x100,
};

#define NVML_NAME_SIZE 96

struct nvml_field {
	uint32_t id, scope;
	int64_t time_us, latency_us;
	int32_t type, code;
	union {
		double real;
		uint32_t uint;
		uint64_t ull;
		int64_t sll;
		int32_t sint;
		uint16_t ushort;
	} value;
};
_Static_assert(sizeof(struct nvml_field) == 40, "as the library has it");

struct nvml_utilization {
	uint32_t gpu_percent, memory_percent;
};

struct nvml_memory {
	uint64_t total, free, used;
};

struct nvml_memory_v2 {
	uint32_t version;
	uint64_t total, reserved, free, used;
};
_Static_assert(sizeof(struct nvml_memory_v2) == 40, "as the library has it");

struct nvml_pci {
	char bus_id_legacy[16];
	uint32_t domain, bus, device, id, subsystem_id;
	char bus_id[32];
};
_Static_assert(sizeof(struct nvml_pci) == 68, "as the library has it");

struct nvml_process_v1 {
	uint32_t pid;
	uint64_t memory_bytes; /* UINT64_MAX = not told */
};

struct nvml_process {
	uint32_t pid;
	uint64_t memory_bytes;
	uint32_t gpu_instance, compute_instance; /* UINT32_MAX = the whole GPU */
};
_Static_assert(sizeof(struct nvml_process_v1) == 16, "as the library has it");
_Static_assert(sizeof(struct nvml_process) == 24, "as the library has it");

struct nvml_process_sample {
	uint32_t pid;
	uint64_t time_us;
	uint32_t sm_percent, memory_percent, encoder_percent, decoder_percent;
};
_Static_assert(sizeof(struct nvml_process_sample) == 32, "as the library has it");

struct nvml_gpm_metric {
	uint32_t id;
	int32_t code;
	double value;
	const char *name, *long_name, *unit;
};
_Static_assert(sizeof(struct nvml_gpm_metric) == 40, "as the library has it");

/* The library's own has room for more metrics at its end, which it touches only as far as `count` says. */
#define NVML_GPM_METRICS 16
struct nvml_gpm_request {
	uint32_t version, count;
	void *older, *newer;
	struct nvml_gpm_metric metrics[NVML_GPM_METRICS];
};

struct nvml_gpm_support {
	uint32_t version, is_supported;
};

enum nvml_gpm_id {
	NVML_GPM_SM = 2,
	NVML_GPM_TENSOR = 5,
	NVML_GPM_HMMA = 7,
	NVML_GPM_DRAM = 10,
	NVML_GPM_FP64 = 11,
	NVML_GPM_FP32 = 12,
	NVML_GPM_FP16 = 13,
	NVML_GPM_PCIE_WRITTEN = 20, /* MiB/s */
	NVML_GPM_PCIE_READ = 21,
	NVML_GPM_NVLINK_READ = 60,
	NVML_GPM_NVLINK_WRITTEN = 61,
};

#endif
