/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel says of a perf PMU in its files: type, CPUs, events and how they are written. */
#ifndef JOULETOP_PROBES_PMU_H
#define JOULETOP_PROBES_PMU_H

#include "measure/probe.h"

#define PMU_DEVICES "bus/event_source/devices"
#define PMU_CPU_MAX 8191

/* A file below the PMU's directory, as sysroot_read. */
ssize_t pmu_read(const struct sysroot *root, const char *pmu, const char *name, char *text,
		 size_t size);

/* Its number for perf_event_open. 0 or -errno. */
int pmu_type(const struct sysroot *root, const char *pmu, uint32_t *type);

/* Writes "event=0x04,umask=0x03" into attr as the PMU's format files say. 0; -EINVAL when a term is not understood. */
int pmu_encode(const struct sysroot *root, const char *pmu, const char *terms,
	       struct perf_event_attr *attr);

/* The CPUs of a list such as "0-3,8", in order, bounded. */
void pmu_each_cpu(const char *list, void (*visit)(void *user, int cpu), void *user);

/* A number of the CPU's topology ("physical_package_id"); `otherwise` when it cannot be had. */
int pmu_topology(const struct sysroot *root, int cpu, const char *name, int otherwise);

#endif
