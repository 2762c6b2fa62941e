/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of the driver's library, looked up by name. */
#include "probes/nvml/api.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#define LIBRARY "libnvidia-ml.so.1"

/* Newest name first; what a driver lacks stays NULL. */
static const struct {
	size_t offset;
	const char *names[3];
	bool is_needed;
} functions[] = {
	{offsetof(struct nvml_api, init), {"nvmlInit_v2", "nvmlInit"}, true},
	{offsetof(struct nvml_api, shutdown), {"nvmlShutdown"}, false},
	{offsetof(struct nvml_api, driver_version), {"nvmlSystemGetDriverVersion"}, false},
	{offsetof(struct nvml_api, device_count),
	 {"nvmlDeviceGetCount_v2", "nvmlDeviceGetCount"},
	 true},
	{offsetof(struct nvml_api, device_by_index),
	 {"nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex"},
	 true},
	{offsetof(struct nvml_api, name), {"nvmlDeviceGetName"}, false},
	{offsetof(struct nvml_api, uuid), {"nvmlDeviceGetUUID"}, false},
	/* The unnumbered one fills a shorter struct: what lies behind stays as we left it. */
	{offsetof(struct nvml_api, pci),
	 {"nvmlDeviceGetPciInfo_v3", "nvmlDeviceGetPciInfo_v2", "nvmlDeviceGetPciInfo"},
	 false},
	{offsetof(struct nvml_api, architecture), {"nvmlDeviceGetArchitecture"}, false},
	{offsetof(struct nvml_api, energy_mj), {"nvmlDeviceGetTotalEnergyConsumption"}, false},
	{offsetof(struct nvml_api, power_mw), {"nvmlDeviceGetPowerUsage"}, false},
	{offsetof(struct nvml_api, power_limit_mw),
	 {"nvmlDeviceGetEnforcedPowerLimit", "nvmlDeviceGetPowerManagementLimit"},
	 false},
	{offsetof(struct nvml_api, clock_mhz), {"nvmlDeviceGetClockInfo"}, false},
	{offsetof(struct nvml_api, clock_max_mhz), {"nvmlDeviceGetMaxClockInfo"}, false},
	{offsetof(struct nvml_api, clock_of_mhz), {"nvmlDeviceGetClock"}, false},
	{offsetof(struct nvml_api, utilization), {"nvmlDeviceGetUtilizationRates"}, false},
	{offsetof(struct nvml_api, memory), {"nvmlDeviceGetMemoryInfo"}, false},
	{offsetof(struct nvml_api, memory_v2), {"nvmlDeviceGetMemoryInfo_v2"}, false},
	{offsetof(struct nvml_api, temperature), {"nvmlDeviceGetTemperature"}, false},
	{offsetof(struct nvml_api, reasons),
	 {"nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons"},
	 false},
	{offsetof(struct nvml_api, fields), {"nvmlDeviceGetFieldValues"}, false},
	{offsetof(struct nvml_api, process_samples), {"nvmlDeviceGetProcessUtilization"}, false},
	{offsetof(struct nvml_api, mig_mode), {"nvmlDeviceGetMigMode"}, false},
	{offsetof(struct nvml_api, mig_count), {"nvmlDeviceGetMaxMigDeviceCount"}, false},
	{offsetof(struct nvml_api, mig_by_index), {"nvmlDeviceGetMigDeviceHandleByIndex"}, false},
	{offsetof(struct nvml_api, mig_gpu_instance), {"nvmlDeviceGetGpuInstanceId"}, false},
	{offsetof(struct nvml_api, gpm_support), {"nvmlGpmQueryDeviceSupport"}, false},
	{offsetof(struct nvml_api, gpm_alloc), {"nvmlGpmSampleAlloc"}, false},
	{offsetof(struct nvml_api, gpm_free), {"nvmlGpmSampleFree"}, false},
	{offsetof(struct nvml_api, gpm_sample), {"nvmlGpmSampleGet"}, false},
	{offsetof(struct nvml_api, gpm_mig_sample), {"nvmlGpmMigSampleGet"}, false},
	{offsetof(struct nvml_api, gpm_metrics), {"nvmlGpmMetricsGet"}, false},
};

/* Lists of processes: the layout of an entry goes with the name. */
static const struct {
	size_t offset, size_offset;
	const char *name;
	size_t entry_size;
} lists[] = {
	{offsetof(struct nvml_api, compute_processes), offsetof(struct nvml_api, process_size),
	 "nvmlDeviceGetComputeRunningProcesses_v3", sizeof(struct nvml_process)},
	{offsetof(struct nvml_api, compute_processes), offsetof(struct nvml_api, process_size),
	 "nvmlDeviceGetComputeRunningProcesses_v2", sizeof(struct nvml_process)},
	{offsetof(struct nvml_api, compute_processes), offsetof(struct nvml_api, process_size),
	 "nvmlDeviceGetComputeRunningProcesses", sizeof(struct nvml_process_v1)},
	{offsetof(struct nvml_api, graphics_processes), offsetof(struct nvml_api, graphics_size),
	 "nvmlDeviceGetGraphicsRunningProcesses_v3", sizeof(struct nvml_process)},
	{offsetof(struct nvml_api, graphics_processes), offsetof(struct nvml_api, graphics_size),
	 "nvmlDeviceGetGraphicsRunningProcesses_v2", sizeof(struct nvml_process)},
	{offsetof(struct nvml_api, graphics_processes), offsetof(struct nvml_api, graphics_size),
	 "nvmlDeviceGetGraphicsRunningProcesses", sizeof(struct nvml_process_v1)},
	{offsetof(struct nvml_api, mps_processes), offsetof(struct nvml_api, mps_size),
	 "nvmlDeviceGetMPSComputeRunningProcesses_v3", sizeof(struct nvml_process)},
	{offsetof(struct nvml_api, mps_processes), offsetof(struct nvml_api, mps_size),
	 "nvmlDeviceGetMPSComputeRunningProcesses_v2", sizeof(struct nvml_process)},
	{offsetof(struct nvml_api, mps_processes), offsetof(struct nvml_api, mps_size),
	 "nvmlDeviceGetMPSComputeRunningProcesses", sizeof(struct nvml_process_v1)},
};

/* What the codes mean; others are an error of the driver. */
static const struct {
	int code, number;
	const char *reason;
} meanings[] = {
	{NVML_UNINITIALIZED, ENXIO, "the driver was unloaded"},
	{NVML_INVALID_ARGUMENT, EINVAL, "the driver does not know this value"},
	{NVML_NOT_SUPPORTED, ENOTSUP, "this GPU does not give it"},
	{NVML_NO_PERMISSION, EACCES, "the driver gives it to root only"},
	{NVML_NOT_FOUND, ENODATA, "the driver has no value"},
	{NVML_INSUFFICIENT_SIZE, EMSGSIZE, "more than fits"},
	{NVML_DRIVER_NOT_LOADED, ENXIO, "the driver is not loaded"},
	{NVML_TIMEOUT, ETIMEDOUT, "the driver waited in vain for the GPU"},
	{NVML_IRQ_ISSUE, EIO, "the GPU's interrupts do not arrive"},
	{NVML_LIBRARY_NOT_FOUND, ENOENT, "the driver misses one of its libraries"},
	{NVML_FUNCTION_NOT_FOUND, ENOSYS, "this driver is too old to tell it"},
	{NVML_GPU_IS_LOST, ENODEV, "the GPU is lost: it fell off the bus"},
	{NVML_RESET_REQUIRED, ENODEV, "the GPU must be reset before it can be used again"},
	{NVML_LIB_RM_VERSION_MISMATCH, ENXIO,
	 "the driver's library and its module differ: restart after the update of the driver"},
	{NVML_IN_USE, EBUSY, "another program holds it"},
	{NVML_NO_DATA, ENODATA, "the driver has no value"},
	{NVML_ARGUMENT_VERSION_MISMATCH, ENOTSUP, "this driver has it in another layout"},
	{NVML_ASLEEP, EAGAIN, "the GPU sleeps and is not woken"},
	{NVML_HANGS, ETIMEDOUT, "the driver does not come back from a call"},
	{NVML_WRAPS, ERANGE, "the counter wraps faster than it is read"},
	{NVML_MODULE, ENOTSUP, "the driver tells only the sum of the GPU and its CPU"},
};

int api_errno(int code)
{
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		if (meanings[i].code == code)
			return meanings[i].number;
	}
	return EIO;
}

const char *api_reason(int code)
{
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		if (meanings[i].code == code)
			return meanings[i].reason;
	}
	return "the driver failed";
}

bool api_driver_is_gone(int code)
{
	return code == NVML_UNINITIALIZED || code == NVML_DRIVER_NOT_LOADED ||
	       code == NVML_LIB_RM_VERSION_MISMATCH;
}

bool api_never_comes(int code)
{
	return code == NVML_NOT_SUPPORTED || code == NVML_FUNCTION_NOT_FOUND ||
	       code == NVML_INVALID_ARGUMENT || code == NVML_ARGUMENT_VERSION_MISMATCH;
}

/* A pointer to data becomes one to a function by its bytes alone, as POSIX has it. */
static bool look_up(struct nvml_api *api, size_t offset, const char *name)
{
	void *symbol = name ? dlsym(api->library, name) : NULL;
	if (!symbol)
		return false;
	memcpy((char *)api + offset, &symbol, sizeof(symbol));
	return true;
}

static bool is_known(const struct nvml_api *api, size_t offset)
{
	void *symbol;
	memcpy(&symbol, (const char *)api + offset, sizeof(symbol));
	return symbol != NULL;
}

int api_load(struct nvml_api *api, struct error *err)
{
	*api = (struct nvml_api){.library = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL)};
	if (!api->library)
		return error_set(err, ENODEV, "no driver of NVIDIA: there is no " LIBRARY);

	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		bool found = false;
		for (size_t k = 0; k < ARRAY_SIZE(functions[i].names) && !found; k++)
			found = look_up(api, functions[i].offset, functions[i].names[k]);
		if (!found && functions[i].is_needed)
			return error_set(err, ENOSYS, LIBRARY " has no %s: no driver's library",
					 functions[i].names[0]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		if (!is_known(api, lists[i].offset) && look_up(api, lists[i].offset, lists[i].name))
			memcpy((char *)api + lists[i].size_offset, &lists[i].entry_size,
			       sizeof(size_t));
	}
	return 0;
}
