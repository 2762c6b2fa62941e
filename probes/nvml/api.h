/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of the driver's library, looked up by name: each may be missing. */
#ifndef JOULETOP_PROBES_NVML_API_H
#define JOULETOP_PROBES_NVML_API_H

#include "measure/probe.h"
#include "probes/nvml/abi.h"

/* All return an enum nvml_code. NULL = this driver has no such function. */
struct nvml_api {
	void *library;
	int (*init)(void);
	int (*shutdown)(void);
	int (*driver_version)(char *text, unsigned size);
	int (*device_count)(unsigned *count);
	int (*device_by_index)(unsigned index, void **device);
	int (*name)(void *device, char *text, unsigned size);
	int (*uuid)(void *device, char *text, unsigned size);
	int (*pci)(void *device, struct nvml_pci *pci);
	int (*architecture)(void *device, unsigned *architecture);
	int (*energy_mj)(void *device, unsigned long long *energy_mj);
	int (*power_mw)(void *device, unsigned *power_mw);
	int (*power_limit_mw)(void *device, unsigned *limit_mw);
	int (*clock_mhz)(void *device, int clock, unsigned *mhz);
	int (*clock_max_mhz)(void *device, int clock, unsigned *mhz);
	int (*clock_of_mhz)(void *device, int clock, int id, unsigned *mhz);
	int (*utilization)(void *device, struct nvml_utilization *utilization);
	int (*memory)(void *device, struct nvml_memory *memory);
	int (*memory_v2)(void *device, struct nvml_memory_v2 *memory);
	int (*temperature)(void *device, int sensor, unsigned *celsius);
	int (*reasons)(void *device, unsigned long long *reasons);
	int (*fields)(void *device, int count, struct nvml_field *fields);
	int (*compute_processes)(void *device, unsigned *count, void *processes);
	int (*graphics_processes)(void *device, unsigned *count, void *processes);
	int (*mps_processes)(void *device, unsigned *count, void *processes);
	int (*process_samples)(void *device, struct nvml_process_sample *samples, unsigned *count,
			       unsigned long long since_us);
	int (*mig_mode)(void *device, unsigned *current, unsigned *pending);
	int (*mig_count)(void *device, unsigned *count);
	int (*mig_by_index)(void *device, unsigned index, void **slice);
	int (*mig_gpu_instance)(void *slice, unsigned *id);
	int (*gpm_support)(void *device, struct nvml_gpm_support *support);
	int (*gpm_alloc)(void **sample);
	int (*gpm_free)(void *sample);
	int (*gpm_sample)(void *device, void *sample);
	int (*gpm_mig_sample)(void *device, unsigned gpu_instance, void *sample);
	int (*gpm_metrics)(struct nvml_gpm_request *request);
	size_t process_size; /* of one entry of compute_processes; the others alike */
	size_t graphics_size, mps_size;
};

/* Loads the library and looks its functions up; init has not been called. 0; -ENODEV: no driver's library here, or
 * one that lacks what nothing works without, with *err. */
int api_load(struct nvml_api *api, struct error *err);

/* What a code means to a reader: errno and a sentence. */
int api_errno(int code);
const char *api_reason(int code);

/* True when the code says that the driver under the library is gone or another one. */
bool api_driver_is_gone(int code);

/* True when the value will never come: this GPU or driver has none. */
bool api_never_comes(int code);

#endif
