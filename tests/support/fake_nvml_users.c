/* SPDX-License-Identifier: Apache-2.0 */
/* The processes and slices of the made-up library, and its activity counters. */
#include "fake_nvml.h"

#include "probes/nvml/abi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB (UINT64_C(1024) * 1024)

struct made_process {
	unsigned pid, sm_percent;
	unsigned long long mib;
	unsigned gpu_instance;
};

static int made_process(int gpu, const char *key, unsigned index, struct made_process *process)
{
	char line[FAKE_VALUE_SIZE];

	*process = (struct made_process){.gpu_instance = UINT32_MAX};
	return fake_line(gpu, key, index, line) &&
	       sscanf(line, "%u %u %llu %u", &process->pid, &process->sm_percent, &process->mib,
		      &process->gpu_instance) >= 2;
}

static unsigned count_lines(int gpu, const char *key)
{
	char line[FAKE_VALUE_SIZE];
	unsigned count = 0;

	while (fake_line(gpu, key, count, line))
		count++;
	return count;
}

/* The driver returns no entry at all when not all fit. */
static int check_room(unsigned need, unsigned *count)
{
	unsigned room = *count;

	*count = need;
	return need > room ? NVML_INSUFFICIENT_SIZE : NVML_OK;
}

static int list_processes(const char *function, const struct fake_device *device, const char *key,
			  unsigned *count, struct nvml_process *list)
{
	struct made_process process;
	int code = fake_enter(function, device);

	if (code == NVML_OK)
		code = check_room(count_lines(device->gpu, key), count);
	for (unsigned i = 0; code == NVML_OK && i < *count; i++) {
		made_process(device->gpu, key, i, &process);
		list[i] = (struct nvml_process){
			.pid = process.pid,
			.memory_bytes = process.mib ? process.mib * MIB : UINT64_MAX,
			.gpu_instance = process.gpu_instance,
			.compute_instance = UINT32_MAX,
		};
	}
	return code;
}

int nvmlDeviceGetComputeRunningProcesses_v3(struct fake_device *device, unsigned *count,
					    struct nvml_process *list);
int nvmlDeviceGetComputeRunningProcesses_v3(struct fake_device *device, unsigned *count,
					    struct nvml_process *list)
{
	return list_processes("nvmlDeviceGetComputeRunningProcesses_v3", device, "process", count,
			      list);
}

int nvmlDeviceGetGraphicsRunningProcesses_v3(struct fake_device *device, unsigned *count,
					     struct nvml_process *list);
int nvmlDeviceGetGraphicsRunningProcesses_v3(struct fake_device *device, unsigned *count,
					     struct nvml_process *list)
{
	return list_processes("nvmlDeviceGetGraphicsRunningProcesses_v3", device, "drawer", count,
			      list);
}

/* The layout of the oldest drivers. */
int nvmlDeviceGetComputeRunningProcesses(struct fake_device *device, unsigned *count,
					 struct nvml_process_v1 *list);
int nvmlDeviceGetComputeRunningProcesses(struct fake_device *device, unsigned *count,
					 struct nvml_process_v1 *list)
{
	struct made_process process;
	int code = fake_enter("nvmlDeviceGetComputeRunningProcesses", device);

	if (code == NVML_OK)
		code = check_room(count_lines(device->gpu, "process"), count);
	for (unsigned i = 0; code == NVML_OK && i < *count; i++) {
		made_process(device->gpu, "process", i, &process);
		list[i] = (struct nvml_process_v1){process.pid, process.mib * MIB};
	}
	return code;
}

int nvmlDeviceGetProcessUtilization(struct fake_device *device, struct nvml_process_sample *samples,
				    unsigned *count, unsigned long long since_us);
int nvmlDeviceGetProcessUtilization(struct fake_device *device, struct nvml_process_sample *samples,
				    unsigned *count, unsigned long long since_us)
{
	struct made_process process;
	unsigned lines = count_lines(device->gpu, "process"), busy = 0;
	int code = fake_enter("nvmlDeviceGetProcessUtilization", device);

	if (code != NVML_OK)
		return code;
	for (unsigned i = 0; i < lines; i++)
		busy += made_process(device->gpu, "process", i, &process) && process.sm_percent > 0;
	if (busy == 0 || fake_wall_us() <= since_us)
		return NVML_NOT_FOUND;
	code = check_room(busy, count);
	if (!samples || code != NVML_OK)
		return NVML_INSUFFICIENT_SIZE;
	uint64_t time_us = (uint64_t)fake_number(device->gpu, "sample_us", 0);
	busy = 0;
	for (unsigned i = 0; i < lines && busy < *count; i++) {
		made_process(device->gpu, "process", i, &process);
		if (process.sm_percent > 0)
			samples[busy++] = (struct nvml_process_sample){
				.pid = process.pid,
				.time_us = time_us ? time_us : fake_wall_us(),
				.sm_percent = process.sm_percent,
			};
	}
	return NVML_OK;
}

/* --- Slices --- */

int nvmlDeviceGetMigMode(struct fake_device *device, unsigned *current, unsigned *pending);
int nvmlDeviceGetMigMode(struct fake_device *device, unsigned *current, unsigned *pending)
{
	int code = fake_enter("nvmlDeviceGetMigMode", device);
	*current = *pending = count_lines(device->gpu, "slice") > 0;
	return code;
}

int nvmlDeviceGetMaxMigDeviceCount(struct fake_device *device, unsigned *count);
int nvmlDeviceGetMaxMigDeviceCount(struct fake_device *device, unsigned *count)
{
	*count = FAKE_SLICES_MAX - 1;
	return fake_enter("nvmlDeviceGetMaxMigDeviceCount", device);
}

int nvmlDeviceGetMigDeviceHandleByIndex(struct fake_device *device, unsigned index, void **slice);
int nvmlDeviceGetMigDeviceHandleByIndex(struct fake_device *device, unsigned index, void **slice)
{
	int code = fake_enter("nvmlDeviceGetMigDeviceHandleByIndex", device);

	if (code == NVML_OK && index >= count_lines(device->gpu, "slice"))
		return NVML_NOT_FOUND;
	*slice = fake_device(device->gpu, (int)index);
	return code;
}

int nvmlDeviceGetGpuInstanceId(struct fake_device *device, unsigned *id);
int nvmlDeviceGetGpuInstanceId(struct fake_device *device, unsigned *id)
{
	char line[FAKE_VALUE_SIZE], name[64];
	int code = fake_enter("nvmlDeviceGetGpuInstanceId", device);

	*id = 0;
	if (code == NVML_OK &&
	    (device->slice < 0 || !fake_line(device->gpu, "slice", (unsigned)device->slice, line) ||
	     sscanf(line, "%63s %u", name, id) != 2))
		return NVML_INVALID_ARGUMENT;
	return code;
}

/* --- Activity counters --- */

int nvmlGpmQueryDeviceSupport(struct fake_device *device, struct nvml_gpm_support *support);
int nvmlGpmQueryDeviceSupport(struct fake_device *device, struct nvml_gpm_support *support)
{
	int code = fake_enter("nvmlGpmQueryDeviceSupport", device);

	if (code == NVML_OK && support->version != 1)
		return NVML_ARGUMENT_VERSION_MISMATCH;
	support->is_supported = fake_number(device->gpu, "gpm", 1) > 0;
	return code;
}

/* A sample remembers its GPU. */
int nvmlGpmSampleAlloc(void **sample);
int nvmlGpmSampleAlloc(void **sample)
{
	int code = fake_enter("nvmlGpmSampleAlloc", NULL);
	*sample = code == NVML_OK ? calloc(1, sizeof(struct fake_device)) : NULL;
	return code;
}

int nvmlGpmSampleFree(void *sample);
int nvmlGpmSampleFree(void *sample)
{
	free(sample);
	return NVML_OK;
}

int nvmlGpmSampleGet(struct fake_device *device, void *sample);
int nvmlGpmSampleGet(struct fake_device *device, void *sample)
{
	memcpy(sample, device, sizeof(*device));
	return fake_enter("nvmlGpmSampleGet", device);
}

int nvmlGpmMigSampleGet(struct fake_device *device, unsigned gpu_instance, void *sample);
int nvmlGpmMigSampleGet(struct fake_device *device, unsigned gpu_instance, void *sample)
{
	struct fake_device part = {device->gpu, (int)gpu_instance};
	memcpy(sample, &part, sizeof(part));
	return fake_enter("nvmlGpmMigSampleGet", device);
}

int nvmlGpmMetricsGet(struct nvml_gpm_request *request);
int nvmlGpmMetricsGet(struct nvml_gpm_request *request)
{
	const struct fake_device *device = request->newer;
	int code = fake_enter("nvmlGpmMetricsGet", device);

	if (code == NVML_OK && request->version != 1)
		return NVML_ARGUMENT_VERSION_MISMATCH;
	for (uint32_t i = 0; code == NVML_OK && i < request->count; i++) {
		char key[32];
		snprintf(key, sizeof(key), "gpm_%u", request->metrics[i].id);
		request->metrics[i].value = fake_number(device->gpu, key, 0);
		if (device->slice >= 0) {
			char part[48];
			snprintf(part, sizeof(part), "%s/%d", key, device->slice);
			request->metrics[i].value =
				fake_number(device->gpu, part, request->metrics[i].value);
		}
		snprintf(key, sizeof(key), "gpm:%u", request->metrics[i].id);
		request->metrics[i].code = (int)fake_number(device->gpu, key, 0);
	}
	return code;
}
