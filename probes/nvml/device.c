/* SPDX-License-Identifier: Apache-2.0 */
/* One GPU as its thread reads it. */
#include "probes/nvml/device.h"

#include "probes/parts/gpu.h"

#include <stdlib.h>
#include <string.h>

/* What changes slowly or costs the driver milliseconds is read so often. */
#define SLOW_PERIOD_NS CLOCK_NS_PER_S

/* What a GPU does not give now it may give when it is cut into slices no more: it is tried again so often. */
#define REVIVE_PERIOD_NS (60 * CLOCK_NS_PER_S)

static void take_address(struct reading_identity *identity, struct nvml_pci *pci)
{
	char *id = pci->bus_id[0] ? pci->bus_id : pci->bus_id_legacy;

	pci->bus_id[sizeof(pci->bus_id) - 1] = pci->bus_id_legacy[sizeof(pci->bus_id_legacy) - 1] =
		'\0';
	if (!gpu_address(identity->bus_id, id))
		identity->bus_id[0] = '\0';
}

static void identify(struct device *device)
{
	const struct nvml_api *api = device->api;
	struct reading_identity *identity = &device->identity;
	char text[NVML_NAME_SIZE] = "";
	struct nvml_pci pci = {0};

	if (!api->name || api->name(device->handle, text, sizeof(text)) != NVML_OK)
		text_print(text, sizeof(text), "NVIDIA GPU %u", device->index);
	text[sizeof(text) - 1] = '\0';
	text_print(identity->name, sizeof(identity->name), "%s", text);
	text[0] = '\0';
	if (api->uuid && api->uuid(device->handle, text, sizeof(text)) == NVML_OK) {
		text[sizeof(text) - 1] = '\0';
		text_print(identity->uuid, sizeof(identity->uuid), "%s", text);
	}
	if (api->pci && api->pci(device->handle, &pci) == NVML_OK)
		take_address(identity, &pci);
	if (!api->architecture ||
	    api->architecture(device->handle, &identity->architecture) != NVML_OK)
		identity->architecture = 0;
}

void device_open(struct device *device, const struct nvml_api *api, const struct sysroot *root,
		 unsigned index)
{
	device->api = api;
	device->root = root;
	device->index = index;
	device->identity.code = api->device_by_index(index, &device->handle);
	if (device->identity.code == NVML_OK)
		identify(device);
}

void device_close(struct device *device)
{
	if (device->slice_count > 0)
		device_free_slices(device);
	for (size_t i = 0; i < ARRAY_SIZE(device->gpm); i++) {
		if (device->gpm[i] && device->api->gpm_free)
			device->api->gpm_free(device->gpm[i]);
	}
	free(device->list);
	free(device->samples);
	*device = (struct device){0};
}

void device_put(struct device *device, struct reading *reading, enum reading_slot slot, int code,
		uint64_t raw)
{
	if (device->is_dead[slot])
		return;
	device->is_dead[slot] = api_never_comes(code);
	reading_put(reading, slot, code, raw);
}

/* A GPU of a laptop that the kernel has suspended is left asleep. */
static bool is_asleep(const struct device *device)
{
	char path[96], status[16];

	if (device->identity.bus_id[0] == '\0')
		return false;
	text_print(path, sizeof(path), "bus/pci/devices/%s/power/runtime_status",
		   device->identity.bus_id);
	return sysroot_read(device->root, SYSROOT_SYS, path, status, sizeof(status)) > 0 &&
	       strcmp(status, "suspended") == 0;
}

static void read_energy(struct device *device, struct reading *reading)
{
	unsigned long long energy_mj = 0;
	int code = NVML_FUNCTION_NOT_FOUND;

	if (device->is_dead[READING_ENERGY])
		return;
	int64_t begin_ns = clock_now_ns();
	if (device->api->energy_mj)
		code = device->api->energy_mj(device->handle, &energy_mj);
	device_put(device, reading, READING_ENERGY, code, energy_mj);
	/* It was read somewhere in between. */
	reading->energy_ns = begin_ns + (clock_now_ns() - begin_ns) / 2;
}

/* Functions of one shape: a GPU, perhaps a number, and an answer. */
static void read_clock(struct device *device, struct reading *reading, enum reading_slot slot,
		       int (*function)(void *, int, unsigned *), int clock)
{
	unsigned mhz = 0;
	if (device->is_dead[slot])
		return;
	int code = function ? function(device->handle, clock, &mhz) : NVML_FUNCTION_NOT_FOUND;
	device_put(device, reading, slot, code, mhz);
}

static void read_requested_clock(struct device *device, struct reading *reading)
{
	unsigned mhz = 0;
	if (device->is_dead[READING_CLOCK_REQUESTED])
		return;
	int code = device->api->clock_of_mhz
			   ? device->api->clock_of_mhz(device->handle, NVML_CLOCK_SM,
						       NVML_CLOCK_REQUESTED, &mhz)
			   : NVML_FUNCTION_NOT_FOUND;
	device_put(device, reading, READING_CLOCK_REQUESTED, code, mhz);
}

static void read_utilization(struct device *device, struct reading *reading)
{
	struct nvml_utilization utilization = {0};
	if (device->is_dead[READING_UTILIZATION])
		return;
	int code = device->api->utilization ? device->api->utilization(device->handle, &utilization)
					    : NVML_FUNCTION_NOT_FOUND;
	if (code == NVML_OK && (utilization.gpu_percent > 100 || utilization.memory_percent > 100))
		code = NVML_NO_DATA;
	device_put(device, reading, READING_UTILIZATION, code, utilization.gpu_percent);
	device_put(device, reading, READING_MEMORY_UTILIZATION, code, utilization.memory_percent);
}

/* The second form leaves out what the driver holds for itself. */
static void read_memory(struct device *device, struct reading *reading)
{
	struct nvml_memory_v2 memory = {.version = (uint32_t)sizeof(memory) | 2u << 24};
	struct nvml_memory plain = {0};
	int code = NVML_FUNCTION_NOT_FOUND;

	if (device->is_dead[READING_MEMORY_USED])
		return;
	if (device->api->memory_v2)
		code = device->api->memory_v2(device->handle, &memory);
	if (api_never_comes(code) && device->api->memory) {
		code = device->api->memory(device->handle, &plain);
		memory.used = plain.used;
		memory.total = plain.total;
	}
	device_put(device, reading, READING_MEMORY_USED, code, memory.used);
	device_put(device, reading, READING_MEMORY_TOTAL, code, memory.total);
}

static void read_temperature(struct device *device, struct reading *reading)
{
	unsigned celsius = 0;
	if (device->is_dead[READING_TEMPERATURE])
		return;
	int code = device->api->temperature ? device->api->temperature(device->handle, 0, &celsius)
					    : NVML_FUNCTION_NOT_FOUND;
	device_put(device, reading, READING_TEMPERATURE, code, celsius);
}

static void read_limit(struct device *device, struct reading *reading)
{
	unsigned limit_mw = 0;
	if (device->is_dead[READING_POWER_LIMIT])
		return;
	int code = device->api->power_limit_mw
			   ? device->api->power_limit_mw(device->handle, &limit_mw)
			   : NVML_FUNCTION_NOT_FOUND;
	device_put(device, reading, READING_POWER_LIMIT, code, limit_mw);
}

static void read_slow_values(struct device *device, struct reading *reading)
{
	read_limit(device, reading);
	read_clock(device, reading, READING_CLOCK_MAX, device->api->clock_max_mhz, NVML_CLOCK_SM);
	read_requested_clock(device, reading);
	read_memory(device, reading);
	read_temperature(device, reading);
	device_read_processes(device, reading);
	device_read_slices(device, reading);
	reading->has_slices = true;
}

static void tell_asleep(struct device *device, struct reading *reading)
{
	for (int slot = 0; slot < READING_SLOTS; slot++) {
		if (!device->is_dead[slot] && slot != READING_POWER_PLAIN)
			reading_put(reading, (enum reading_slot)slot, NVML_ASLEEP, 0);
	}
}

/* A GPU that could not be had at first may come. */
static void look_again(struct device *device, int64_t now_ns)
{
	if (now_ns < device->slow_ns)
		return;
	device->slow_ns = now_ns + SLOW_PERIOD_NS;
	device_open(device, device->api, device->root, device->index);
}

static void read_values(struct device *device, struct reading *reading, int64_t now_ns)
{
	if (device->identity.code != NVML_OK) {
		look_again(device, now_ns);
		return;
	}
	if (is_asleep(device)) {
		tell_asleep(device, reading);
		return;
	}
	/* A reading that comes a little early is not put off for a whole one. */
	device->is_slow = now_ns >= device->slow_ns - 20 * CLOCK_NS_PER_MS;
	if (now_ns >= device->revive_ns) {
		memset(device->is_dead, 0, sizeof(device->is_dead));
		device->revive_ns = now_ns + REVIVE_PERIOD_NS;
	}
	read_energy(device, reading);
	/* They tell whether there is a module, which the power must know. */
	if (device->is_slow)
		device_read_fields(device, reading);
	device_read_power(device, reading);
	read_clock(device, reading, READING_CLOCK, device->api->clock_mhz, NVML_CLOCK_SM);
	read_clock(device, reading, READING_CLOCK_MEMORY, device->api->clock_mhz,
		   NVML_CLOCK_MEMORY);
	read_utilization(device, reading);
	device_read_reasons(device, reading);
	device_read_activity(device, reading);
	if (!device->is_slow)
		return;
	device->slow_ns = now_ns + SLOW_PERIOD_NS;
	read_slow_values(device, reading);
}

void device_read(struct device *device, struct reading *reading)
{
	int64_t now_ns = clock_now_ns();

	reading_begin(reading);
	read_values(device, reading, now_ns);
	reading->identity = device->identity;
	reading->time_ns = now_ns + (clock_now_ns() - now_ns) / 2;
}
