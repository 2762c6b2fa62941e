/* SPDX-License-Identifier: Apache-2.0 */
/* A made-up library of NVIDIA's driver: answers as its script says. Layouts are those of probes/nvml/abi.h. */
#include "fake_nvml.h"

#include "probes/nvml/abi.h"

#include <stdio.h>
#include <string.h>

#define MIB (1024.0 * 1024.0)

/* --- Itself --- */

int nvmlInit_v2(void);
int nvmlInit_v2(void)
{
	return fake_enter("nvmlInit_v2", NULL);
}

int nvmlInit(void);
int nvmlInit(void)
{
	return fake_enter("nvmlInit", NULL);
}

int nvmlInitWithFlags(unsigned flags);
int nvmlInitWithFlags(unsigned flags)
{
	(void)flags;
	return fake_enter("nvmlInitWithFlags", NULL);
}

int nvmlShutdown(void);
int nvmlShutdown(void)
{
	return fake_enter("nvmlShutdown", NULL);
}

const char *nvmlErrorString(int code);
const char *nvmlErrorString(int code)
{
	return code == NVML_OK ? "Success" : "Made-up Error";
}

static int tell_text(int gpu, const char *key, const char *otherwise, char *text, unsigned size)
{
	char value[FAKE_VALUE_SIZE];

	fake_text(gpu, key, otherwise, value);
	if (strlen(value) >= size)
		return NVML_INSUFFICIENT_SIZE;
	memcpy(text, value, strlen(value) + 1);
	return NVML_OK;
}

int nvmlSystemGetDriverVersion(char *text, unsigned size);
int nvmlSystemGetDriverVersion(char *text, unsigned size)
{
	int code = fake_enter("nvmlSystemGetDriverVersion", NULL);
	return code ? code : tell_text(-1, "driver", "580.65.06", text, size);
}

static int count_gpus(const char *function, unsigned *count)
{
	int code = fake_enter(function, NULL);
	if (code == NVML_OK)
		*count = (unsigned)fake_number(-1, "gpus", 1);
	return code;
}

int nvmlDeviceGetCount_v2(unsigned *count);
int nvmlDeviceGetCount_v2(unsigned *count)
{
	return count_gpus("nvmlDeviceGetCount_v2", count);
}

int nvmlDeviceGetCount(unsigned *count);
int nvmlDeviceGetCount(unsigned *count)
{
	return count_gpus("nvmlDeviceGetCount", count);
}

static int device_by_index(const char *function, unsigned index, void **device)
{
	struct fake_device *found = fake_device((int)index, -1);
	int code = fake_enter(function, found);

	if (code == NVML_OK && (!found || index >= (unsigned)fake_number(-1, "gpus", 1)))
		code = NVML_INVALID_ARGUMENT;
	*device = found;
	return code;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device);
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device)
{
	return device_by_index("nvmlDeviceGetHandleByIndex_v2", index, device);
}

int nvmlDeviceGetHandleByIndex(unsigned index, void **device);
int nvmlDeviceGetHandleByIndex(unsigned index, void **device)
{
	return device_by_index("nvmlDeviceGetHandleByIndex", index, device);
}

/* --- What a GPU is --- */

int nvmlDeviceGetIndex(struct fake_device *device, unsigned *index);
int nvmlDeviceGetIndex(struct fake_device *device, unsigned *index)
{
	*index = (unsigned)device->gpu;
	return fake_enter("nvmlDeviceGetIndex", device);
}

int nvmlDeviceGetName(struct fake_device *device, char *text, unsigned size);
int nvmlDeviceGetName(struct fake_device *device, char *text, unsigned size)
{
	char key[32], line[FAKE_VALUE_SIZE], name[64];
	int code = fake_enter("nvmlDeviceGetName", device);

	snprintf(key, sizeof(key), "name");
	if (code == NVML_OK && device->slice >= 0 &&
	    fake_line(device->gpu, "slice", (unsigned)device->slice, line) &&
	    sscanf(line, "%63s", name) == 1) {
		snprintf(text, size, "NVIDIA H200 MIG %s", name);
		return NVML_OK;
	}
	return code ? code : tell_text(device->gpu, key, "NVIDIA H200", text, size);
}

int nvmlDeviceGetUUID(struct fake_device *device, char *text, unsigned size);
int nvmlDeviceGetUUID(struct fake_device *device, char *text, unsigned size)
{
	char uuid[64];
	int code = fake_enter("nvmlDeviceGetUUID", device);

	snprintf(uuid, sizeof(uuid), "%s-00000000-0000-0000-0000-%06d%06d",
		 device->slice >= 0 ? "MIG" : "GPU", device->gpu, device->slice + 1);
	return code ? code : tell_text(device->gpu, "uuid", uuid, text, size);
}

static int tell_pci(const char *function, const struct fake_device *device, struct nvml_pci *pci)
{
	int code = fake_enter(function, device);

	if (code != NVML_OK)
		return code;
	memset(pci, 0, sizeof(*pci));
	pci->bus = (uint32_t)fake_number(device->gpu, "bus", 0x1b + device->gpu);
	pci->id = 0x233510de;
	snprintf(pci->bus_id, sizeof(pci->bus_id), "00000000:%02X:00.0", pci->bus & 0xffu);
	snprintf(pci->bus_id_legacy, sizeof(pci->bus_id_legacy), "0000:%02X:00.0",
		 pci->bus & 0xffu);
	return NVML_OK;
}

int nvmlDeviceGetPciInfo_v3(struct fake_device *device, struct nvml_pci *pci);
int nvmlDeviceGetPciInfo_v3(struct fake_device *device, struct nvml_pci *pci)
{
	return tell_pci("nvmlDeviceGetPciInfo_v3", device, pci);
}

static int tell_unsigned(const char *function, const struct fake_device *device, const char *key,
			 double otherwise, unsigned *value)
{
	char text[FAKE_VALUE_SIZE];
	int code = fake_enter(function, device);

	fake_text(device->gpu, key, "", text);
	if (code == NVML_OK && text[0] == '-')
		return NVML_NOT_SUPPORTED;
	*value = (unsigned)fake_number(device->gpu, key, otherwise);
	return code;
}

int nvmlDeviceGetArchitecture(struct fake_device *device, unsigned *value);
int nvmlDeviceGetArchitecture(struct fake_device *device, unsigned *value)
{
	return tell_unsigned("nvmlDeviceGetArchitecture", device, "architecture", NVML_HOPPER,
			     value);
}

/* --- Energy and power --- */

int nvmlDeviceGetTotalEnergyConsumption(struct fake_device *device, unsigned long long *energy_mj);
int nvmlDeviceGetTotalEnergyConsumption(struct fake_device *device, unsigned long long *energy_mj)
{
	int code = fake_enter("nvmlDeviceGetTotalEnergyConsumption", device);
	if (code == NVML_OK)
		*energy_mj = fake_energy_mj(device->gpu);
	return code;
}

int nvmlDeviceGetPowerUsage(struct fake_device *device, unsigned *value);
int nvmlDeviceGetPowerUsage(struct fake_device *device, unsigned *value)
{
	return tell_unsigned("nvmlDeviceGetPowerUsage", device, "power_mw", 100000, value);
}

int nvmlDeviceGetEnforcedPowerLimit(struct fake_device *device, unsigned *value);
int nvmlDeviceGetEnforcedPowerLimit(struct fake_device *device, unsigned *value)
{
	return tell_unsigned("nvmlDeviceGetEnforcedPowerLimit", device, "limit_mw", 700000, value);
}

/* A field is its number with its scope as a key: "field_185_1"; those not named are not supported. */
static const struct {
	uint32_t id, scope;
	const char *key;
	double otherwise; /* -1 = not supported */
	int type;
} fields[] = {
	{NVML_FIELD_POWER_INSTANT, NVML_SCOPE_GPU, "instant_mw", -2, NVML_TYPE_UINT},
	{NVML_FIELD_POWER_AVERAGE, NVML_SCOPE_GPU, "average_mw", -2, NVML_TYPE_UINT},
	{NVML_FIELD_POWER_AVERAGE, NVML_SCOPE_MODULE, "module_mw", -1, NVML_TYPE_UINT},
	{NVML_FIELD_POWER_AVERAGE, NVML_SCOPE_MEMORY, "memory_mw", -1, NVML_TYPE_UINT},
	{NVML_FIELD_MEMORY_TEMPERATURE, 0, "memory_celsius", 45, NVML_TYPE_UINT},
	{NVML_FIELD_PCIE_READ, 0, "pcie_read", -1, NVML_TYPE_ULLONG},
	{NVML_FIELD_PCIE_WRITTEN, 0, "pcie_written", -1, NVML_TYPE_ULLONG},
	{NVML_FIELD_NVLINK_READ_KIB, NVML_SCOPE_ALL_LINKS, "nvlink_read", -1, NVML_TYPE_ULLONG},
	{NVML_FIELD_NVLINK_WRITTEN_KIB, NVML_SCOPE_ALL_LINKS, "nvlink_written", -1,
	 NVML_TYPE_ULLONG},
	{NVML_FIELD_THROTTLE_POWER, 0, "lost_power_ns", -1, NVML_TYPE_ULLONG},
	{NVML_FIELD_THROTTLE_SW_THERMAL, 0, "lost_thermal_ns", -1, NVML_TYPE_ULLONG},
};

static void answer_field(int gpu, struct nvml_field *field)
{
	char key[32], text[FAKE_VALUE_SIZE];

	field->code = NVML_NOT_SUPPORTED;
	snprintf(key, sizeof(key), "field:%u", field->id);
	int code = (int)fake_number(gpu, key, 0);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (fields[i].id != field->id || fields[i].scope != field->scope)
			continue;
		double otherwise = fields[i].otherwise;
		if (otherwise < -1)
			otherwise = fake_number(gpu, "power_mw", 100000);
		fake_text(gpu, fields[i].key, "", text);
		double value = fake_number(gpu, fields[i].key, otherwise);
		if (text[0] == '-' || value < 0)
			return;
		field->type = (int)fake_number(gpu, "field_type", fields[i].type);
		field->value.ull = 0;
		if (field->type == NVML_TYPE_DOUBLE)
			field->value.real = value;
		else
			field->value.ull = (uint64_t)value;
		field->code = code;
		return;
	}
}

int nvmlDeviceGetFieldValues(struct fake_device *device, int count, struct nvml_field *values);
int nvmlDeviceGetFieldValues(struct fake_device *device, int count, struct nvml_field *values)
{
	int code = fake_enter("nvmlDeviceGetFieldValues", device);
	char key[32];

	/* A field that the driver has never heard of spoils the whole call. */
	for (int i = 0; code == NVML_OK && i < count; i++) {
		snprintf(key, sizeof(key), "poison:%u", values[i].id);
		code = (int)fake_number(device->gpu, key, NVML_OK);
	}
	for (int i = 0; code == NVML_OK && i < count; i++)
		answer_field(device->gpu, &values[i]);
	return code;
}

/* --- Clocks and use --- */

static const char *const clock_keys[] = {"graphics_mhz", "sm_mhz", "memory_mhz", "video_mhz"};

int nvmlDeviceGetClockInfo(struct fake_device *device, int clock, unsigned *mhz);
int nvmlDeviceGetClockInfo(struct fake_device *device, int clock, unsigned *mhz)
{
	return tell_unsigned("nvmlDeviceGetClockInfo", device, clock_keys[clock & 3],
			     clock == NVML_CLOCK_MEMORY ? 3201 : 1755, mhz);
}

int nvmlDeviceGetMaxClockInfo(struct fake_device *device, int clock, unsigned *mhz);
int nvmlDeviceGetMaxClockInfo(struct fake_device *device, int clock, unsigned *mhz)
{
	return tell_unsigned("nvmlDeviceGetMaxClockInfo", device,
			     clock == NVML_CLOCK_MEMORY ? "memory_max_mhz" : "sm_max_mhz",
			     clock == NVML_CLOCK_MEMORY ? 3201 : 1980, mhz);
}

int nvmlDeviceGetClock(struct fake_device *device, int clock, int id, unsigned *mhz);
int nvmlDeviceGetClock(struct fake_device *device, int clock, int id, unsigned *mhz)
{
	(void)clock;
	(void)id;
	return tell_unsigned("nvmlDeviceGetClock", device, "requested_mhz", 1980, mhz);
}

int nvmlDeviceGetUtilizationRates(struct fake_device *device, struct nvml_utilization *rates);
int nvmlDeviceGetUtilizationRates(struct fake_device *device, struct nvml_utilization *rates)
{
	int code = tell_unsigned("nvmlDeviceGetUtilizationRates", device, "utilization", 50,
				 &rates->gpu_percent);
	rates->memory_percent = (uint32_t)fake_number(device->gpu, "memory_utilization", 25);
	return code;
}

int nvmlDeviceGetMemoryInfo(struct fake_device *device, struct nvml_memory *memory);
int nvmlDeviceGetMemoryInfo(struct fake_device *device, struct nvml_memory *memory)
{
	int code = fake_enter("nvmlDeviceGetMemoryInfo", device);

	memory->total = (uint64_t)(fake_number(device->gpu, "total_mib", 143771) * MIB);
	memory->used = (uint64_t)((fake_number(device->gpu, "used_mib", 1024) +
				   fake_number(device->gpu, "reserved_mib", 600)) *
				  MIB);
	memory->free = memory->total - memory->used;
	return code;
}

int nvmlDeviceGetMemoryInfo_v2(struct fake_device *device, struct nvml_memory_v2 *memory);
int nvmlDeviceGetMemoryInfo_v2(struct fake_device *device, struct nvml_memory_v2 *memory)
{
	int code = fake_enter("nvmlDeviceGetMemoryInfo_v2", device);

	if (code == NVML_OK && memory->version != (40u | 2u << 24))
		return NVML_ARGUMENT_VERSION_MISMATCH;
	memory->total = (uint64_t)(fake_number(device->gpu, "total_mib", 143771) * MIB);
	memory->reserved = (uint64_t)(fake_number(device->gpu, "reserved_mib", 600) * MIB);
	memory->used = (uint64_t)(fake_number(device->gpu, "used_mib", 1024) * MIB);
	memory->free = memory->total - memory->used - memory->reserved;
	return code;
}

int nvmlDeviceGetTemperature(struct fake_device *device, int sensor, unsigned *celsius);
int nvmlDeviceGetTemperature(struct fake_device *device, int sensor, unsigned *celsius)
{
	(void)sensor;
	return tell_unsigned("nvmlDeviceGetTemperature", device, "celsius", 40, celsius);
}

int nvmlDeviceGetCurrentClocksEventReasons(struct fake_device *device, unsigned long long *reasons);
int nvmlDeviceGetCurrentClocksEventReasons(struct fake_device *device, unsigned long long *reasons)
{
	int code = fake_enter("nvmlDeviceGetCurrentClocksEventReasons", device);
	*reasons = (unsigned long long)fake_number(device->gpu, "reasons", 0);
	return code;
}
