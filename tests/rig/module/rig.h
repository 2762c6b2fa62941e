/* SPDX-License-Identifier: GPL-2.0 */
/* The emulated machine: meters of energy and the kernel interfaces (parts) that show them. */
#ifndef JOULETOP_RIG_H
#define JOULETOP_RIG_H

#include <linux/device.h>
#include <linux/moduleparam.h>
#include <linux/types.h>

/* A unit is a package, or a die where packages have several. */
#define RIG_UNITS 8

enum rig_kind { RIG_PACKAGE, RIG_CORES, RIG_UNCORE, RIG_DRAM, RIG_PSYS, RIG_KINDS };

/* Energy registers count 2^-14 J; the kernel shows that as 61.035 microjoules. */
#define RIG_UNIT_BITS 14
#define RIG_UNIT_NJ   61035

/* What can be switched on and off while the module is loaded. stop: -EBUSY while somebody counts with it. */
struct rig_part {
	bool on;
	int (*start)(void);
	int (*stop)(void);
};

extern struct rig_part rig_powercap, rig_power_pmu, rig_memory_pmu, rig_sensors;

extern unsigned int rig_packages, rig_dies; /* dies of each package */
unsigned int rig_units(void);
int rig_unit_of_cpu(int cpu);

/* energy.c: registers as the hardware has them. */
void rig_energy_init(void);
u64 rig_energy_raw(unsigned int unit, enum rig_kind kind);	/* never wraps */
u64 rig_energy_register(unsigned int unit, enum rig_kind kind); /* wraps at the range */
u64 rig_energy_range(void); /* one past the largest value of a register */
u64 rig_energy_uj(unsigned int unit, enum rig_kind kind);

/* The first online CPU of each unit, and the move to another when it goes off line. */
struct pmu;
struct cpumask;
void rig_pick_cpus(struct cpumask *cpus);
void rig_leave_cpu(struct pmu *pmu, struct cpumask *cpus, unsigned int cpu);
void rig_join_cpu(struct cpumask *cpus, unsigned int cpu);
void rig_power_pmu_leave(unsigned int cpu);
void rig_power_pmu_join(unsigned int cpu);

#endif
