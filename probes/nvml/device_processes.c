/* SPDX-License-Identifier: Apache-2.0 */
/* Who uses a GPU: what the driver lists, and how long each worked on it. */
#include "probes/nvml/device.h"

#include <string.h>

#define ENTRIES_FIRST 64
#define ENTRIES_MAX   4096
#define PERCENT	      100

static struct reading_process *process_of(struct reading *reading, uint32_t pid)
{
	for (size_t i = 0; i < reading->process_count; i++) {
		if (reading->processes[i].pid == pid)
			return &reading->processes[i];
	}
	if (pid == 0)
		return NULL;
	if (reading->process_count == READING_PROCESSES_MAX) {
		reading->processes_left_out++;
		return NULL;
	}
	struct reading_process *process = &reading->processes[reading->process_count++];
	*process = (struct reading_process){
		.pid = pid, .memory_bytes = -1, .gpu_instance = UINT32_MAX};
	return process;
}

/* One program may stand in the list of those that compute and in that of those that draw, with the same memory. */
static void take_entry(struct reading *reading, const struct nvml_process *entry)
{
	struct reading_process *process = process_of(reading, entry->pid);
	uint64_t memory_bytes = entry->memory_bytes;

	if (!process)
		return;
	process->is_listed = true;
	process->gpu_instance = entry->gpu_instance;
	if (memory_bytes <= INT64_MAX && (int64_t)memory_bytes > process->memory_bytes)
		process->memory_bytes = (int64_t)memory_bytes;
}

/* Asks until the answer fits; *count = entries. An entry has at most the size of those we keep. */
static int ask_for_list(struct device *device, int (*function)(void *, unsigned *, void *),
			unsigned *count)
{
	size_t need = device->list_capacity ? device->list_capacity : ENTRIES_FIRST;

	for (int attempt = 0; attempt < 4; attempt++) {
		memory_reserve(&device->list, &device->list_capacity, need, sizeof(*device->list));
		*count = (unsigned)device->list_capacity;
		int code = function(device->handle, count, device->list);
		if (*count > device->list_capacity && code == NVML_OK)
			return NVML_NO_DATA;
		if (code != NVML_INSUFFICIENT_SIZE)
			return code;
		/* New ones may come before it is asked again. */
		need = 2 * device->list_capacity > *count ? 2 * device->list_capacity : *count;
		if (need > ENTRIES_MAX)
			return code;
	}
	return NVML_INSUFFICIENT_SIZE;
}

static int read_list(struct device *device, struct reading *reading,
		     int (*function)(void *, unsigned *, void *), size_t entry_size)
{
	unsigned count = 0;

	if (!function)
		return NVML_FUNCTION_NOT_FOUND;
	int code = ask_for_list(device, function, &count);
	for (unsigned i = 0; code == NVML_OK && i < count; i++) {
		const char *entry = (const char *)device->list + i * entry_size;
		struct nvml_process process = {.gpu_instance = UINT32_MAX};

		/* The oldest entries know of no slices. */
		memcpy(&process, entry,
		       entry_size < sizeof(process) ? sizeof(struct nvml_process_v1)
						    : sizeof(process));
		take_entry(reading, &process);
	}
	return code;
}

static int ask_for_samples(struct device *device, unsigned *count)
{
	size_t need = device->sample_capacity ? device->sample_capacity : ENTRIES_FIRST;

	if (!device->api->process_samples)
		return NVML_FUNCTION_NOT_FOUND;
	for (int attempt = 0; attempt < 4; attempt++) {
		memory_reserve(&device->samples, &device->sample_capacity, need,
			       sizeof(*device->samples));
		*count = (unsigned)device->sample_capacity;
		int code = device->api->process_samples(device->handle, device->samples, count,
							device->seen_us);
		if (*count > device->sample_capacity && code == NVML_OK)
			return NVML_NO_DATA;
		if (code != NVML_INSUFFICIENT_SIZE)
			return code;
		need = 2 * device->sample_capacity > *count ? 2 * device->sample_capacity : *count;
		if (need > ENTRIES_MAX)
			return code;
	}
	return NVML_INSUFFICIENT_SIZE;
}

static bool is_new(const struct device *device, const struct nvml_process_sample *sample)
{
	return sample->pid != 0 && sample->time_us > device->seen_us &&
	       sample->sm_percent <= PERCENT;
}

/* At how many different times the new samples were taken. */
static size_t count_times(const struct device *device, unsigned count)
{
	size_t times = 0;

	for (unsigned i = 0; i < count; i++) {
		bool is_first = is_new(device, &device->samples[i]);

		for (unsigned k = 0; k < i && is_first; k++)
			is_first = device->samples[k].time_us != device->samples[i].time_us ||
				   !is_new(device, &device->samples[k]);
		times += is_first;
	}
	return times;
}

/* Each process worked for its mean share of the time that the samples cover, which is no longer than since they were last
 * asked for. */
static void take_samples(struct device *device, struct reading *reading, unsigned count,
			 int64_t now_ns)
{
	size_t times = count_times(device, count);
	uint64_t newest_us = device->seen_us;

	for (unsigned i = 0; i < count; i++) {
		if (is_new(device, &device->samples[i]) && device->samples[i].time_us > newest_us)
			newest_us = device->samples[i].time_us;
	}
	int64_t length_ns = now_ns - device->seen_ns;
	if (newest_us - device->seen_us < (uint64_t)length_ns / 1000)
		length_ns = (int64_t)(newest_us - device->seen_us) * 1000;
	for (unsigned i = 0; i < count && times > 0; i++) {
		const struct nvml_process_sample *sample = &device->samples[i];
		struct reading_process *process =
			is_new(device, sample) ? process_of(reading, sample->pid) : NULL;

		if (process)
			process->busy_ns += length_ns * (int64_t)sample->sm_percent /
					    (PERCENT * (int64_t)times);
	}
	device->seen_us = newest_us;
}

static int read_samples(struct device *device, struct reading *reading, int64_t now_ns)
{
	unsigned count = 0;

	/* The samples that are there at first tell of a time before ours: their length is zero. */
	if (device->seen_ns == 0)
		device->seen_ns = now_ns;
	int code = ask_for_samples(device, &count);
	if (code == NVML_OK)
		take_samples(device, reading, count, now_ns);
	device->seen_ns = now_ns;
	return code == NVML_NOT_FOUND ? NVML_OK : code; /* nobody worked */
}

void device_read_processes(struct device *device, struct reading *reading)
{
	const struct nvml_api *api = device->api;

	reading->processes_ns = clock_now_ns();
	reading->list_code = read_list(device, reading, api->compute_processes, api->process_size);
	/* Clients of a shared context stand in a list of their own; most machines have none. */
	read_list(device, reading, api->mps_processes, api->mps_size);
	int code = read_list(device, reading, api->graphics_processes, api->graphics_size);
	if (reading->list_code != NVML_OK && !(code != NVML_OK && api_never_comes(code)))
		reading->list_code = code;
	reading->samples_code = read_samples(device, reading, reading->processes_ns);
}
