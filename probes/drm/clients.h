/* SPDX-License-Identifier: Apache-2.0 */
/* Which processes use which graphics processors of AMD and Intel, and how: what the parts of the probe share. */
#ifndef JOULETOP_PROBES_CLIENTS_H
#define JOULETOP_PROBES_CLIENTS_H

#include "probes/drm/fdinfo.h"
#include "probes/parts/card.h"

#define CLIENTS_MAX 512
#define USES_MAX    256
#define NODES_MAX   128

struct drm_gpu {
	struct card card;
	char key[DOMAIN_KEY_SIZE];
	bool is_awake; /* at this sample; what sleeps is not asked for its clients, which would wake it */
	uint32_t kfd_id; /* by the compute driver, 0 = it does not know it */
	int64_t units;	 /* compute units, 0 = unknown */
};

/* A file in /dev/dri and whose it is. */
struct drm_node {
	char name[16]; /* "renderD128" */
	uint8_t gpu;
};

/* One open file of a process. */
struct drm_client {
	pid_t pid;
	uint64_t start_ticks, id;
	size_t process; /* in the watch */
	int fd;
	uint8_t gpu;
	int64_t read_ns; /* 0 = not read yet */
	uint64_t busy_ns[FDINFO_ENGINES_MAX], cycles[FDINFO_ENGINES_MAX],
		total_cycles[FDINFO_ENGINES_MAX];
};

/* A process and a GPU: one series. */
struct drm_use {
	pid_t pid;
	uint64_t start_ticks;
	size_t process;
	uint32_t series;
	uint8_t gpu;
	bool is_compute;		  /* told by the compute driver */
	bool is_here;			  /* at this sample */
	int64_t busy_ns;		  /* since the last sample */
	int64_t memory_bytes, told_bytes; /* -1 = not told */
	int64_t seen_ns;		  /* of the last sample in which it was here */
};

struct drm_program {
	pid_t pid;
	uint64_t start_ticks;
	int64_t scanned_ns; /* 0 = never */
	bool has_run;	    /* since then: only who runs opens files */
	bool is_closed;	    /* its files are not for us */
};

struct drm {
	const struct sysroot *root;
	struct drm_gpu gpus[CARDS_MAX];
	size_t gpu_count;
	struct drm_node nodes[NODES_MAX];
	size_t node_count;
	struct drm_client clients[CLIENTS_MAX];
	size_t client_count;
	struct drm_use uses[USES_MAX];
	size_t use_count;
	struct drm_program *programs; /* by the place of the process in the watch */
	size_t program_capacity;
	size_t next_program;
	bool left_out; /* beyond the bounds */
	bool has_compute;
	int64_t now_ns;
};

/* The use of a GPU by a process, made when it is new; NULL beyond the bound. */
struct drm_use *drm_use(struct drm *drm, const struct watch_process *process, size_t index,
			size_t gpu, bool is_compute);

/* Looks through the files of processes that ran, as long as there is time. */
void clients_scan(struct drm *drm, const struct watch *watch, int64_t budget_ns);

/* Reads what each client did since it was last read. */
void clients_read(struct drm *drm, const struct watch *watch);

/* kfd.c: the compute driver of AMD. */
void kfd_open(struct drm *drm);
void kfd_read(struct drm *drm, const struct watch *watch);

#endif
