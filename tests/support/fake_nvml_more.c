/* SPDX-License-Identifier: Apache-2.0 */
/* What the made-up library has for other programs that show GPUs: links, fans, encoders, thresholds. */
#include "fake_nvml.h"

#include "probes/nvml/abi.h"

#include <stdio.h>
#include <string.h>

static int tell(const char *function, const struct fake_device *device, const char *key,
		double otherwise, unsigned *value)
{
	*value = (unsigned)fake_number(device->gpu, key, otherwise);
	return fake_enter(function, device);
}

int nvmlDeviceGetPciInfo_v2(struct fake_device *device, struct nvml_pci *pci);
int nvmlDeviceGetPciInfo_v3(struct fake_device *device, struct nvml_pci *pci);
int nvmlDeviceGetPciInfo_v2(struct fake_device *device, struct nvml_pci *pci)
{
	return nvmlDeviceGetPciInfo_v3(device, pci);
}

/* Shorter: it ends before the long name. */
int nvmlDeviceGetPciInfo(struct fake_device *device, void *out);
int nvmlDeviceGetPciInfo(struct fake_device *device, void *out)
{
	struct nvml_pci pci;
	int code = nvmlDeviceGetPciInfo_v3(device, &pci);

	if (code == NVML_OK)
		memcpy(out, &pci, offsetof(struct nvml_pci, bus_id));
	return code;
}

int nvmlDeviceGetMaxPcieLinkGeneration(struct fake_device *device, unsigned *value);
int nvmlDeviceGetMaxPcieLinkGeneration(struct fake_device *device, unsigned *value)
{
	return tell("nvmlDeviceGetMaxPcieLinkGeneration", device, "pcie_generation", 5, value);
}

int nvmlDeviceGetCurrPcieLinkGeneration(struct fake_device *device, unsigned *value);
int nvmlDeviceGetCurrPcieLinkGeneration(struct fake_device *device, unsigned *value)
{
	return tell("nvmlDeviceGetCurrPcieLinkGeneration", device, "pcie_generation", 5, value);
}

int nvmlDeviceGetMaxPcieLinkWidth(struct fake_device *device, unsigned *value);
int nvmlDeviceGetMaxPcieLinkWidth(struct fake_device *device, unsigned *value)
{
	return tell("nvmlDeviceGetMaxPcieLinkWidth", device, "pcie_width", 16, value);
}

int nvmlDeviceGetCurrPcieLinkWidth(struct fake_device *device, unsigned *value);
int nvmlDeviceGetCurrPcieLinkWidth(struct fake_device *device, unsigned *value)
{
	return tell("nvmlDeviceGetCurrPcieLinkWidth", device, "pcie_width", 16, value);
}

/* In KiB/s: 0 = sent, 1 = received. */
int nvmlDeviceGetPcieThroughput(struct fake_device *device, int counter, unsigned *value);
int nvmlDeviceGetPcieThroughput(struct fake_device *device, int counter, unsigned *value)
{
	*value = (unsigned)(fake_number(device->gpu, counter == 0 ? "gpm_20" : "gpm_21", 0) * 1024);
	return fake_enter("nvmlDeviceGetPcieThroughput", device);
}

int nvmlDeviceGetFanSpeed(struct fake_device *device, unsigned *percent);
int nvmlDeviceGetFanSpeed(struct fake_device *device, unsigned *percent)
{
	return tell("nvmlDeviceGetFanSpeed", device, "fan_percent", 33, percent);
}

int nvmlDeviceGetTemperatureThreshold(struct fake_device *device, int which, unsigned *celsius);
int nvmlDeviceGetTemperatureThreshold(struct fake_device *device, int which, unsigned *celsius)
{
	(void)which;
	return tell("nvmlDeviceGetTemperatureThreshold", device, "threshold_celsius", 90, celsius);
}

int nvmlDeviceGetEncoderUtilization(struct fake_device *device, unsigned *percent,
				    unsigned *period_us);
int nvmlDeviceGetEncoderUtilization(struct fake_device *device, unsigned *percent,
				    unsigned *period_us)
{
	*period_us = 100000;
	return tell("nvmlDeviceGetEncoderUtilization", device, "encoder", 0, percent);
}

int nvmlDeviceGetDecoderUtilization(struct fake_device *device, unsigned *percent,
				    unsigned *period_us);
int nvmlDeviceGetDecoderUtilization(struct fake_device *device, unsigned *percent,
				    unsigned *period_us)
{
	*period_us = 100000;
	return tell("nvmlDeviceGetDecoderUtilization", device, "decoder", 0, percent);
}

/* The layout of the oldest drivers, as for those that compute. */
int nvmlDeviceGetGraphicsRunningProcesses(struct fake_device *device, unsigned *count, void *list);
int nvmlDeviceGetGraphicsRunningProcesses(struct fake_device *device, unsigned *count, void *list)
{
	(void)list;
	*count = 0;
	return fake_enter("nvmlDeviceGetGraphicsRunningProcesses", device);
}
