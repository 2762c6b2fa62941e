// SPDX-License-Identifier: GPL-2.0
/* The perf PMU "power", as arch/x86/events/rapl.c registers it. */
#include "rig.h"

#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/perf_event.h>

static unsigned int power_events = BIT(RIG_PACKAGE) | BIT(RIG_CORES) | BIT(RIG_DRAM);
module_param(power_events, uint, 0644);
MODULE_PARM_DESC(power_events, "events of the PMU power, a bit each: pkg, cores, gpu, ram, psys");
static bool tpmi;
module_param(tpmi, bool, 0644);
MODULE_PARM_DESC(tpmi, "as the TPMI driver: a wrap of the register makes the count fall");

static const struct {
	u64 config;
	enum rig_kind kind;
} known[] = {{1, RIG_CORES}, {2, RIG_PACKAGE}, {3, RIG_DRAM}, {4, RIG_UNCORE}, {5, RIG_PSYS}};

static struct cpumask cpus;
static atomic_t users = ATOMIC_INIT(0);
static bool registered;
static struct pmu power_pmu;

static u64 read_register(struct perf_event *event)
{
	unsigned int unit = event->hw.event_base, kind = event->hw.config_base;

	return tpmi ? rig_energy_register(unit, kind) : rig_energy_raw(unit, kind);
}

static void power_read(struct perf_event *event)
{
	u64 now = read_register(event), before = local64_xchg(&event->hw.prev_count, now);

	/* 2^-32 J each. */
	local64_add((now - before) << (32 - RIG_UNIT_BITS), &event->count);
}

static void power_start(struct perf_event *event, int flags)
{
	event->hw.state = 0;
	local64_set(&event->hw.prev_count, read_register(event));
}

static void power_stop(struct perf_event *event, int flags)
{
	if (!(event->hw.state & PERF_HES_STOPPED))
		power_read(event);
	event->hw.state = PERF_HES_STOPPED | PERF_HES_UPTODATE;
}

static int power_add(struct perf_event *event, int flags)
{
	event->hw.state = PERF_HES_STOPPED | PERF_HES_UPTODATE;
	if (flags & PERF_EF_START)
		power_start(event, flags);
	return 0;
}

static void power_del(struct perf_event *event, int flags)
{
	power_stop(event, PERF_EF_UPDATE);
}

static void power_destroy(struct perf_event *event)
{
	atomic_dec(&users);
}

static int power_event_init(struct perf_event *event)
{
	unsigned int i, cpu;
	int unit;

	if (event->attr.type != power_pmu.type)
		return -ENOENT;
	if (event->cpu < 0 || is_sampling_event(event))
		return -EINVAL;
	unit = rig_unit_of_cpu(event->cpu);
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (known[i].config == event->attr.config && (power_events & BIT(known[i].kind)))
			break;
	}
	if (i == ARRAY_SIZE(known) || unit < 0)
		return -EINVAL;
	for_each_cpu(cpu, &cpus)
	{
		if (rig_unit_of_cpu(cpu) == unit)
			event->cpu = cpu;
	}
	event->hw.event_base = unit;
	event->hw.config_base = known[i].kind;
	event->destroy = power_destroy;
	atomic_inc(&users);
	return 0;
}

static ssize_t cpumask_show(struct device *device, struct device_attribute *attribute, char *text)
{
	return cpumap_print_to_pagebuf(true, text, &cpus);
}
static DEVICE_ATTR_RO(cpumask);

static struct attribute *cpumask_attributes[] = {&dev_attr_cpumask.attr, NULL};
static const struct attribute_group cpumask_group = {.attrs = cpumask_attributes};

#define EVENT(variable, name, code)                                 \
	PMU_EVENT_ATTR_STRING(name, variable, "event=" code)        \
	PMU_EVENT_ATTR_STRING(name.unit, variable##_unit, "Joules") \
	PMU_EVENT_ATTR_STRING(name.scale, variable##_scale, "2.3283064365386962890625e-10")

/* These names are no differences. */
/* clang-format off */
EVENT(cores, energy-cores, "0x01");
EVENT(pkg, energy-pkg, "0x02");
EVENT(ram, energy-ram, "0x03");
EVENT(gpu, energy-gpu, "0x04");
EVENT(psys, energy-psys, "0x05");
/* clang-format on */

#define ATTRIBUTES(variable) \
	&variable.attr.attr, &variable##_unit.attr.attr, &variable##_scale.attr.attr

/* In the order of the kinds, three files each. */
static struct attribute *event_attributes[] = {ATTRIBUTES(pkg), ATTRIBUTES(cores), ATTRIBUTES(gpu),
					       ATTRIBUTES(ram), ATTRIBUTES(psys),  NULL};

static umode_t is_event(struct kobject *object, struct attribute *attribute, int index)
{
	return power_events & BIT(index / 3) ? attribute->mode : 0;
}

static const struct attribute_group event_group = {
	.name = "events",
	.attrs = event_attributes,
	.is_visible = is_event,
};

PMU_FORMAT_ATTR(event, "config:0-7");
static struct attribute *format_attributes[] = {&format_attr_event.attr, NULL};
static const struct attribute_group format_group = {.name = "format", .attrs = format_attributes};

static const struct attribute_group *groups[] = {&cpumask_group, &event_group, &format_group, NULL};

void rig_power_pmu_leave(unsigned int cpu)
{
	if (registered)
		rig_leave_cpu(&power_pmu, &cpus, cpu);
}

void rig_power_pmu_join(unsigned int cpu)
{
	if (registered)
		rig_join_cpu(&cpus, cpu);
}

static int power_pmu_start(void)
{
	int code;

	rig_pick_cpus(&cpus);
	power_pmu = (struct pmu){
		.attr_groups = groups,
		.task_ctx_nr = perf_invalid_context,
		.event_init = power_event_init,
		.add = power_add,
		.del = power_del,
		.start = power_start,
		.stop = power_stop,
		.read = power_read,
		.module = THIS_MODULE,
		.capabilities = PERF_PMU_CAP_NO_EXCLUDE,
	};
	code = perf_pmu_register(&power_pmu, "power", -1);
	registered = code == 0;
	return code;
}

static int power_pmu_stop(void)
{
	if (atomic_read(&users))
		return -EBUSY;
	registered = false;
	perf_pmu_unregister(&power_pmu);
	return 0;
}

struct rig_part rig_power_pmu = {.start = power_pmu_start, .stop = power_pmu_stop};
