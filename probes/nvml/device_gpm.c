/* SPDX-License-Identifier: Apache-2.0 */
/* The activity counters of newer GPUs: what worked between two samples of theirs. */
#include "probes/nvml/device.h"

#include <math.h>

/* Closer samples may be the same one. */
#define LEAST_NS     (100 * CLOCK_NS_PER_MS - 5 * CLOCK_NS_PER_MS)

#define MIB_IN_BYTES 1048576.0
#define MIB_IN_KIB   1024.0

/* scale 0: percent of the time; else a rate in MiB/s that becomes a total in the slot's unit. */
static const struct {
	enum nvml_gpm_id id;
	enum reading_slot slot;
	double scale;
} metrics[] = {
	{NVML_GPM_SM, READING_SM_ACTIVITY, 0},
	{NVML_GPM_TENSOR, READING_TENSOR_ACTIVITY, 0},
	{NVML_GPM_HMMA, READING_HMMA_ACTIVITY, 0},
	{NVML_GPM_FP64, READING_FP64_ACTIVITY, 0},
	{NVML_GPM_FP32, READING_FP32_ACTIVITY, 0},
	{NVML_GPM_FP16, READING_FP16_ACTIVITY, 0},
	{NVML_GPM_DRAM, READING_DRAM_ACTIVITY, 0},
	{NVML_GPM_PCIE_READ, READING_PCIE_READ, MIB_IN_BYTES},
	{NVML_GPM_PCIE_WRITTEN, READING_PCIE_WRITTEN, MIB_IN_BYTES},
	{NVML_GPM_NVLINK_READ, READING_NVLINK_READ, MIB_IN_KIB},
	{NVML_GPM_NVLINK_WRITTEN, READING_NVLINK_WRITTEN, MIB_IN_KIB},
};
_Static_assert(ARRAY_SIZE(metrics) <= NVML_GPM_METRICS, "they are asked for at once");

static void put_all(struct device *device, struct reading *reading, int code)
{
	for (size_t i = 0; i < ARRAY_SIZE(metrics); i++) {
		if (metrics[i].scale > 0)
			continue; /* traffic may still come by fields */
		device_put(device, reading, metrics[i].slot, code, 0);
	}
}

static int prepare(struct device *device)
{
	const struct nvml_api *api = device->api;
	struct nvml_gpm_support support = {.version = 1};

	if (!api->gpm_support || !api->gpm_alloc || !api->gpm_free || !api->gpm_sample ||
	    !api->gpm_metrics)
		return NVML_FUNCTION_NOT_FOUND;
	int code = api->gpm_support(device->handle, &support);
	if (code == NVML_OK && !support.is_supported)
		code = NVML_NOT_SUPPORTED;
	for (size_t i = 0; code == NVML_OK && i < ARRAY_SIZE(device->gpm); i++) {
		if (!device->gpm[i])
			code = api->gpm_alloc(&device->gpm[i]);
	}
	return code;
}

static void put_activity(struct device *device, struct reading *reading, enum reading_slot slot,
			 const struct nvml_gpm_metric *metric)
{
	int code = metric->code;

	if (code == NVML_OK && !(metric->value >= 0 && metric->value < 101))
		code = NVML_NO_DATA;
	double ppm = code == NVML_OK ? fmin(metric->value, 100) * 1e4 : 0;
	device_put(device, reading, slot, code, (uint64_t)llround(ppm));
}

/* A rate is a mean between the two samples: times their distance it is what passed. */
static void add_traffic(struct device *device, struct reading *reading, size_t index,
			const struct nvml_gpm_metric *metric, int64_t length_ns)
{
	enum reading_slot slot = metrics[index].slot;

	if (metric->code != NVML_OK || !(metric->value >= 0 && metric->value < 1e9)) {
		if (device->has_traffic[slot])
			reading_put(reading, slot, NVML_NO_DATA, 0);
		return;
	}
	device->has_traffic[slot] = true;
	device->traffic[slot] +=
		metric->value * metrics[index].scale * (double)length_ns / (double)CLOCK_NS_PER_S;
	reading_put(reading, slot, NVML_OK, (uint64_t)device->traffic[slot]);
}

static void swap_samples(struct device *device)
{
	void *older = device->gpm[0];
	int64_t older_ns = device->gpm_ns[0];

	device->gpm[0] = device->gpm[1];
	device->gpm_ns[0] = device->gpm_ns[1];
	device->gpm[1] = older;
	device->gpm_ns[1] = older_ns;
}

static void evaluate(struct device *device, struct reading *reading)
{
	struct nvml_gpm_request request = {.version = 1,
					   .count = ARRAY_SIZE(metrics),
					   .older = device->gpm[0],
					   .newer = device->gpm[1]};

	for (size_t i = 0; i < ARRAY_SIZE(metrics); i++)
		request.metrics[i].id = metrics[i].id;
	int code = device->api->gpm_metrics(&request);
	if (code != NVML_OK) {
		put_all(device, reading, code);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(metrics); i++) {
		if (metrics[i].scale > 0)
			add_traffic(device, reading, i, &request.metrics[i],
				    device->gpm_ns[1] - device->gpm_ns[0]);
		else
			put_activity(device, reading, metrics[i].slot, &request.metrics[i]);
	}
}

void device_read_activity(struct device *device, struct reading *reading)
{
	if (device->is_dead[READING_SM_ACTIVITY] && device->is_dead[READING_DRAM_ACTIVITY])
		return;
	if (!device->gpm[1]) {
		int code = prepare(device);
		if (code != NVML_OK) {
			put_all(device, reading, code);
			return;
		}
	}
	int64_t now_ns = clock_now_ns();
	if (device->gpm_ns[0] > 0 && now_ns - device->gpm_ns[0] < LEAST_NS)
		return;
	int code = device->api->gpm_sample(device->handle, device->gpm[1]);
	device->gpm_ns[1] = now_ns + (clock_now_ns() - now_ns) / 2;
	if (code != NVML_OK) {
		/* What comes after lies too far from what came before. */
		device->gpm_ns[0] = 0;
		put_all(device, reading, code);
		return;
	}
	if (device->gpm_ns[0] > 0)
		evaluate(device, reading);
	swap_samples(device);
}
