/* SPDX-License-Identifier: Apache-2.0 */
/* The slices that a GPU was cut into (MIG): what they are, their memory and activity. */
#include "probes/nvml/device.h"

#include <math.h>
#include <string.h>

#define TRIES_MAX 32 /* places in which the driver may keep a slice */

static int sample_activity(struct device *device, struct device_slice *kept, int64_t *length_ns)
{
	const struct nvml_api *api = device->api;
	int64_t now_ns = clock_now_ns();

	if (!api->gpm_mig_sample || !api->gpm_alloc || !api->gpm_free || !api->gpm_metrics)
		return NVML_FUNCTION_NOT_FOUND;
	for (size_t i = 0; i < ARRAY_SIZE(kept->gpm); i++) {
		int code = kept->gpm[i] ? NVML_OK : api->gpm_alloc(&kept->gpm[i]);
		if (code != NVML_OK)
			return code;
	}
	int code = api->gpm_mig_sample(device->handle, kept->gpu_instance, kept->gpm[1]);
	*length_ns = kept->sampled_ns > 0 ? now_ns - kept->sampled_ns : 0;
	kept->sampled_ns = code == NVML_OK ? now_ns : 0;
	return code;
}

/* From one look at the slices to the next. */
static void read_activity(struct device *device, struct device_slice *kept,
			  struct reading_slice *slice)
{
	struct nvml_gpm_request request = {.version = 1, .count = 1};
	int64_t length_ns = 0;

	slice->activity_code = sample_activity(device, kept, &length_ns);
	if (slice->activity_code != NVML_OK)
		return;
	request.older = kept->gpm[0];
	request.newer = kept->gpm[1];
	request.metrics[0].id = NVML_GPM_SM;
	kept->gpm[0] = request.newer;
	kept->gpm[1] = request.older;
	slice->activity_code = NVML_NOT_TRIED;
	if (length_ns == 0)
		return;
	slice->activity_code = device->api->gpm_metrics(&request);
	if (slice->activity_code == NVML_OK)
		slice->activity_code = request.metrics[0].code;
	double percent = request.metrics[0].value;
	if (slice->activity_code == NVML_OK && !(percent >= 0 && percent < 101))
		slice->activity_code = NVML_NO_DATA;
	if (slice->activity_code == NVML_OK)
		slice->sm_activity_ppm = (uint64_t)llround(fmin(percent, 100) * 1e4);
}

static struct device_slice *keep(struct device *device, uint32_t gpu_instance)
{
	for (size_t i = 0; i < device->slice_count; i++) {
		if (device->slices[i].gpu_instance == gpu_instance)
			return &device->slices[i];
	}
	if (device->slice_count == ARRAY_SIZE(device->slices))
		return NULL;
	struct device_slice *kept = &device->slices[device->slice_count++];
	*kept = (struct device_slice){.gpu_instance = gpu_instance};
	return kept;
}

/* "NVIDIA H200 MIG 1c.3g.71gb": three of the GPU's compute slices. */
static unsigned size_of(const char *name)
{
	const char *mig = strstr(name, "MIG ");
	unsigned size = 0;

	for (const char *at = mig ? mig + strlen("MIG ") : ""; *at; at++) {
		if (*at >= '0' && *at <= '9')
			size = size < 100 ? size * 10 + (unsigned)(*at - '0') : size;
		else if (*at == 'g')
			return size;
		else
			size = 0;
	}
	return 0;
}

static void read_slice(struct device *device, struct reading *reading, void *handle)
{
	const struct nvml_api *api = device->api;
	struct reading_slice *slice = &reading->slices[reading->slice_count];
	struct nvml_memory memory = {0};
	unsigned gpu_instance = 0;

	*slice = (struct reading_slice){.memory_bytes = -1, .memory_total_bytes = -1};
	if (!api->mig_gpu_instance || api->mig_gpu_instance(handle, &gpu_instance) != NVML_OK)
		return;
	slice->gpu_instance = gpu_instance;
	if (!api->name || api->name(handle, slice->name, sizeof(slice->name)) != NVML_OK)
		text_print(slice->name, sizeof(slice->name), "slice %u", gpu_instance);
	if (!api->uuid || api->uuid(handle, slice->uuid, sizeof(slice->uuid)) != NVML_OK)
		slice->uuid[0] = '\0';
	slice->name[sizeof(slice->name) - 1] = slice->uuid[sizeof(slice->uuid) - 1] = '\0';
	slice->size = size_of(slice->name);
	if (api->memory && api->memory(handle, &memory) == NVML_OK && memory.total <= INT64_MAX &&
	    memory.used <= memory.total) {
		slice->memory_bytes = (int64_t)memory.used;
		slice->memory_total_bytes = (int64_t)memory.total;
	}
	struct device_slice *kept = keep(device, gpu_instance);
	if (kept)
		read_activity(device, kept, slice);
	else
		slice->activity_code = NVML_NOT_TRIED;
	reading->slice_count++;
}

void device_read_slices(struct device *device, struct reading *reading)
{
	const struct nvml_api *api = device->api;
	unsigned current = 0, pending = 0, count = 0;

	reading->slice_count = 0;
	if (!api->mig_mode || !api->mig_count || !api->mig_by_index)
		return;
	if (api->mig_mode(device->handle, &current, &pending) != NVML_OK || current == 0 ||
	    api->mig_count(device->handle, &count) != NVML_OK)
		return;
	for (unsigned i = 0; i < count && i < TRIES_MAX; i++) {
		void *handle = NULL;

		if (reading->slice_count < READING_SLICES_MAX &&
		    api->mig_by_index(device->handle, i, &handle) == NVML_OK)
			read_slice(device, reading, handle);
	}
}

void device_free_slices(struct device *device)
{
	for (size_t i = 0; i < device->slice_count; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(device->slices[i].gpm); k++) {
			if (device->slices[i].gpm[k] && device->api->gpm_free)
				device->api->gpm_free(device->slices[i].gpm[k]);
		}
	}
	device->slice_count = 0;
}
