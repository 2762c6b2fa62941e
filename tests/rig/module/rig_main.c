// SPDX-License-Identifier: GPL-2.0
/* Emulated hardware for the tests of jouletop: its parts are switched by writing 0 or 1 to their parameters. */
#include "rig.h"

#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/perf_event.h>
#include <linux/topology.h>

unsigned int rig_packages = 1, rig_dies = 1;
module_param_named(packages, rig_packages, uint, 0644);
module_param_named(dies, rig_dies, uint, 0644);

static struct rig_part *const parts[] = {&rig_powercap, &rig_power_pmu, &rig_memory_pmu,
					 &rig_sensors};
static bool ready;
static enum cpuhp_state hotplug_state;

unsigned int rig_units(void)
{
	return clamp_t(unsigned int, rig_packages *rig_dies, 1, RIG_UNITS);
}

int rig_unit_of_cpu(int cpu)
{
	unsigned int unit = topology_physical_package_id(cpu);

	if (rig_dies > 1)
		unit = unit * rig_dies + topology_die_id(cpu);
	return unit < rig_units() ? (int)unit : -1;
}

static bool unit_has_cpu(const struct cpumask *cpus, int unit)
{
	unsigned int cpu;

	for_each_cpu(cpu, cpus)
	{
		if (rig_unit_of_cpu(cpu) == unit)
			return true;
	}
	return false;
}

void rig_join_cpu(struct cpumask *cpus, unsigned int cpu)
{
	int unit = rig_unit_of_cpu(cpu);

	if (unit >= 0 && !unit_has_cpu(cpus, unit))
		cpumask_set_cpu(cpu, cpus);
}

void rig_pick_cpus(struct cpumask *cpus)
{
	unsigned int cpu;

	cpumask_clear(cpus);
	for_each_online_cpu(cpu) rig_join_cpu(cpus, cpu);
}

void rig_leave_cpu(struct pmu *pmu, struct cpumask *cpus, unsigned int cpu)
{
	unsigned int other;

	if (!cpumask_test_and_clear_cpu(cpu, cpus))
		return;
	for_each_online_cpu(other)
	{
		if (other == cpu || rig_unit_of_cpu(other) != rig_unit_of_cpu(cpu))
			continue;
		cpumask_set_cpu(other, cpus);
		perf_pmu_migrate_context(pmu, cpu, other);
		return;
	}
}

static int join_cpu(unsigned int cpu)
{
	rig_power_pmu_join(cpu);
	return 0;
}

static int leave_cpu(unsigned int cpu)
{
	rig_power_pmu_leave(cpu);
	return 0;
}

/* Before the module is ready, a parameter only says what to start with. */
static int part_set(const char *text, const struct kernel_param *param)
{
	struct rig_part *part = param->arg;
	bool on;
	int code = kstrtobool(text, &on);

	if (code == 0 && ready && on != part->on)
		code = on ? part->start() : part->stop();
	if (code == 0)
		part->on = on;
	return code;
}

static int part_get(char *text, const struct kernel_param *param)
{
	const struct rig_part *part = param->arg;

	return sysfs_emit(text, "%d\n", part->on);
}

static const struct kernel_param_ops part_ops = {.set = part_set, .get = part_get};
module_param_cb(powercap, &part_ops, &rig_powercap, 0644);
module_param_cb(power_pmu, &part_ops, &rig_power_pmu, 0644);
module_param_cb(memory_pmu, &part_ops, &rig_memory_pmu, 0644);
module_param_cb(sensors, &part_ops, &rig_sensors, 0644);

static void stop_parts(void)
{
	unsigned int i;

	for (i = ARRAY_SIZE(parts); i-- > 0;) {
		if (parts[i]->on)
			parts[i]->stop();
		parts[i]->on = false;
	}
}

static int __init rig_init(void)
{
	unsigned int i;
	int code;

	rig_energy_init();
	code = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "jouletop_rig:online", join_cpu,
					 leave_cpu);
	if (code < 0)
		return code;
	hotplug_state = code;
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		if (!parts[i]->on)
			continue;
		parts[i]->on = false;
		code = parts[i]->start();
		if (code < 0) {
			stop_parts();
			cpuhp_remove_state_nocalls(hotplug_state);
			return code;
		}
		parts[i]->on = true;
	}
	ready = true;
	return 0;
}

static void __exit rig_exit(void)
{
	ready = false;
	stop_parts();
	cpuhp_remove_state_nocalls(hotplug_state);
}

module_init(rig_init);
module_exit(rig_exit);
MODULE_DESCRIPTION("emulated hardware for the tests of jouletop");
MODULE_LICENSE("GPL");
