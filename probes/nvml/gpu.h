/* SPDX-License-Identifier: Apache-2.0 */
/* One GPU as the probe tells it: its domains, its series, and who uses it. */
#ifndef JOULETOP_PROBES_NVML_GPU_H
#define JOULETOP_PROBES_NVML_GPU_H

#include "probes/nvml/reader.h"
#include "probes/parts/users.h"

/* A process that was seen on it. */
struct gpu_user {
	uint32_t pid, domain;
	uint32_t gpu_instance; /* the slice; UINT32_MAX = none */
	bool has_memory;       /* some was told */
	bool is_here;	       /* named by the driver this time */
};

struct gpu_slice {
	uint32_t gpu_instance, domain, state, activity;
	bool is_here;
};

struct gpu {
	struct reader *reader;
	struct reading reading;	   /* the last one */
	unsigned index;		   /* among all GPUs; the driver's where the kernel lists none */
	char key[DOMAIN_KEY_SIZE]; /* "gpu-0000:1b:00.0" */
	uint32_t domain;	   /* 0 = not announced yet */
	uint32_t memory, module;
	uint32_t throttle[READING_SLOTS];
	uint32_t series[READING_SLOTS]; /* 0 = nothing told yet */
	bool is_counted[READING_SLOTS];
	uint64_t raw[READING_SLOTS];	  /* counters: as last read */
	uint64_t left_out[READING_SLOTS]; /* of them, what was counted in suspensions */
	int energy_code;		  /* of the last attempt */
	const char *state;		  /* as told; compared by its address */
	int64_t window_told_ns;
	uint64_t reasons_told;
	bool has_told_reasons;
	bool hangs;
	struct gpu_user users[READING_PROCESSES_MAX];
	size_t user_count;
	struct gpu_slice slices[READING_SLICES_MAX];
	size_t slice_count;
};

/* Tells a reading that was taken. */
void gpu_tell(struct gpu *gpu, const struct probe_context *context, struct users *users,
	      const char *driver);

/* All its values are gaps. */
void gpu_tell_gaps(const struct gpu *gpu, const struct probe_context *context, int code);

/* gpu_users.c, gpu_slices.c */
void gpu_tell_slices(struct gpu *gpu, const struct probe_context *context);
void gpu_tell_users(struct gpu *gpu, const struct probe_context *context, struct users *users);

#endif
