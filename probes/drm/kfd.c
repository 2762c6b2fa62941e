/* SPDX-License-Identifier: Apache-2.0 */
/* Compute processes of AMD cards, which open no client of the graphics driver (kernel: drivers/gpu/drm/amd/amdkfd). */
#include "probes/drm/clients.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODES	  "class/kfd/kfd/topology/nodes"
#define PROCESSES "class/kfd/kfd/proc"

/* The number in the line "NAME NUMBER" of a text; -1 = there is none. */
static int64_t property(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += line[0] == '\n';
		if (strncmp(line, name, length) == 0 && line[length] == ' ')
			return strtoll(line + length + 1, NULL, 10);
	}
	return -1;
}

static int visit_node(void *user, const char *name)
{
	struct drm *drm = user;
	char path[128], text[4096], address[GPU_ADDRESS_SIZE + 16];
	int64_t id;

	text_print(path, sizeof(path), NODES "/%s/gpu_id", name);
	if (sysroot_read_i64(drm->root, SYSROOT_SYS, path, &id) < 0 || id <= 0 || id > UINT32_MAX)
		return 0;
	text_print(path, sizeof(path), NODES "/%s/properties", name);
	if (sysroot_read(drm->root, SYSROOT_SYS, path, text, sizeof(text)) < 0)
		return 0;

	int64_t place = property(text, "location_id"), domain = property(text, "domain");
	int64_t units = property(text, "simd_count"), per_unit = property(text, "simd_per_cu");

	if (place < 0)
		return 0;
	text_print(address, sizeof(address), "%04x:%02x:%02x.%x",
		   domain > 0 ? (unsigned)domain : 0u, (unsigned)(place >> 8 & 0xff),
		   (unsigned)(place >> 3 & 0x1f), (unsigned)(place & 7));
	for (size_t i = 0; i < drm->gpu_count; i++) {
		if (strcmp(drm->gpus[i].card.address, address) != 0)
			continue;
		drm->gpus[i].kfd_id = (uint32_t)id;
		drm->gpus[i].units = units > 0 && per_unit > 0 ? units / per_unit : 0;
		drm->has_compute = true;
	}
	return 0;
}

void kfd_open(struct drm *drm)
{
	sysroot_list(drm->root, SYSROOT_SYS, NODES, visit_node, drm);
}

struct visit {
	struct drm *drm;
	const struct watch_process *processes;
	size_t count;
};

static int read_of(const struct drm *drm, pid_t pid, const char *format, uint32_t id,
		   int64_t *value)
{
	char path[96];
	size_t used = text_print(path, sizeof(path), PROCESSES "/%d/", pid);

	/* The two formats below are the only ones. */
	text_print(path + used, sizeof(path) - used, "%s%u%s", format, id,
		   strcmp(format, "stats_") == 0 ? "/cu_occupancy" : "");
	return sysroot_read_i64(drm->root, SYSROOT_SYS, path, value);
}

/* Time is shared out by the part of the compute units that were occupied at this moment. */
static void read_process(struct drm *drm, const struct watch_process *process, size_t index)
{
	for (size_t i = 0; i < drm->gpu_count; i++) {
		struct drm_gpu *gpu = &drm->gpus[i];
		int64_t bytes = -1, occupied = -1;

		if (gpu->kfd_id == 0 || !gpu->is_awake ||
		    read_of(drm, process->pid, "vram_", gpu->kfd_id, &bytes) < 0)
			continue;

		struct drm_use *use = drm_use(drm, process, index, i, true);

		if (!use)
			continue;
		if (bytes >= 0)
			use->memory_bytes = bytes;
		if (gpu->units > 0 && use->seen_ns > 0 &&
		    read_of(drm, process->pid, "stats_", gpu->kfd_id, &occupied) == 0 &&
		    occupied > 0) {
			double part = (double)occupied / (double)gpu->units;

			use->busy_ns += (int64_t)((part < 1 ? part : 1) *
						  (double)(drm->now_ns - use->seen_ns));
		}
		use->seen_ns = drm->now_ns;
	}
}

static int visit_process(void *user, const char *name)
{
	const struct visit *visit = user;
	int64_t pid;

	if (text_to_i64(name, &pid) < 0)
		return 0;
	for (size_t i = 0; i < visit->count; i++) {
		if (visit->processes[i].pid == pid) {
			read_process(visit->drm, &visit->processes[i], i);
			break;
		}
	}
	return 0;
}

void kfd_read(struct drm *drm, const struct watch *watch)
{
	struct visit visit = {.drm = drm};

	if (!drm->has_compute)
		return;
	visit.processes = watch_processes(watch, &visit.count);
	sysroot_list(drm->root, SYSROOT_SYS, PROCESSES, visit_process, &visit);
}
