// SPDX-License-Identifier: GPL-2.0
/* Core PMUs: one for all CPUs, or cpu_core and cpu_atom of a hybrid processor. Counts follow the time for which the
 * kernel schedules an event: multiplexing is real. A module of its own that stays: the kernel does not forget a PMU of
 * PERF_TYPE_RAW when it is unregistered.
 */
#include "core.h"

#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/sched/clock.h>

static bool hybrid;
module_param(hybrid, bool, 0444);
MODULE_PARM_DESC(hybrid, "two core PMUs");
static bool present;
module_param(present, bool, 0644);
MODULE_PARM_DESC(present, "else no event is known, as in most virtual machines");
static unsigned int counters = 8;
module_param(counters, uint, 0644);
MODULE_PARM_DESC(counters, "general counters of a CPU");
static bool fixed_counters = true;
module_param(fixed_counters, bool, 0644);
MODULE_PARM_DESC(fixed_counters,
		 "cycles, instructions and reference cycles have counters of their own");
static unsigned int watchdog;
module_param(watchdog, uint, 0644);
MODULE_PARM_DESC(watchdog, "general counters that the NMI watchdog holds");

#define NS_PER_MS 1000000
#define GENERAL	  -1

struct core_pmu {
	struct pmu pmu;
	struct cpumask cpus;
	bool atom;
};

static struct core_pmu pmus[2];
static DEFINE_PER_CPU(unsigned int, general_used);
static DEFINE_PER_CPU(unsigned long, fixed_used);

static struct core_pmu *to_core(struct pmu *pmu)
{
	return container_of(pmu, struct core_pmu, pmu);
}

static void core_read(struct perf_event *event)
{
	struct core_pmu *core = to_core(event->pmu);
	u64 now_ns = local_clock(), before_ns = local64_xchg(&event->hw.prev_count, now_ns);
	s64 rate = core_rate(core->atom, event->attr.type, event->attr.config);

	if (rate > 0 && now_ns > before_ns)
		local64_add(mul_u64_u64_div_u64(now_ns - before_ns, rate, NS_PER_MS),
			    &event->count);
}

static void core_start(struct perf_event *event, int flags)
{
	event->hw.state = 0;
	local64_set(&event->hw.prev_count, local_clock());
}

static void core_stop(struct perf_event *event, int flags)
{
	if (!(event->hw.state & PERF_HES_STOPPED))
		core_read(event);
	event->hw.state = PERF_HES_STOPPED | PERF_HES_UPTODATE;
}

static int find_fixed(struct perf_event *event)
{
	return fixed_counters ? core_fixed(event->attr.type, event->attr.config) : -ENOENT;
}

/* The fixed counter that is meant for it, else a general one. */
static int take_counter(struct perf_event *event)
{
	unsigned int held = READ_ONCE(watchdog), all = READ_ONCE(counters);
	int fixed = find_fixed(event);

	if (fixed >= 0 && !(this_cpu_read(fixed_used) & BIT(fixed))) {
		this_cpu_or(fixed_used, BIT(fixed));
		event->hw.idx = fixed;
		return 0;
	}
	if (this_cpu_read(general_used) + held >= all)
		return -EAGAIN;
	this_cpu_inc(general_used);
	event->hw.idx = GENERAL;
	return 0;
}

static int core_add(struct perf_event *event, int flags)
{
	int code = take_counter(event);

	if (code < 0)
		return code;
	event->hw.state = PERF_HES_STOPPED | PERF_HES_UPTODATE;
	if (flags & PERF_EF_START)
		core_start(event, flags);
	return 0;
}

static void core_del(struct perf_event *event, int flags)
{
	core_stop(event, PERF_EF_UPDATE);
	if (event->hw.idx == GENERAL)
		this_cpu_dec(general_used);
	else
		this_cpu_and(fixed_used, ~BIT(event->hw.idx));
}

static int core_filter_match(struct perf_event *event)
{
	return cpumask_test_cpu(smp_processor_id(), &to_core(event->pmu)->cpus);
}

static bool needs_general(struct perf_event *event)
{
	return find_fixed(event) < 0;
}

/* A group that can never be scheduled is refused at once, as on x86; the watchdog is not thought of. */
static bool group_fits(struct perf_event *event)
{
	struct perf_event *leader = event->group_leader, *sibling;
	unsigned int needed = needs_general(event);

	if (leader == event)
		return needed <= counters;
	if (leader->pmu == event->pmu)
		needed += needs_general(leader);
	for_each_sibling_event(sibling, leader)
	{
		if (sibling->pmu == event->pmu)
			needed += needs_general(sibling);
	}
	return needed <= counters;
}

static int core_event_init(struct perf_event *event)
{
	struct core_pmu *core = to_core(event->pmu);

	switch (event->attr.type) {
	case PERF_TYPE_HARDWARE:
	case PERF_TYPE_HW_CACHE:
	case PERF_TYPE_RAW: break;
	default:
		if (event->attr.type != core->pmu.type)
			return -ENOENT;
	}
	if (!present || core_rate(core->atom, event->attr.type, event->attr.config) < 0)
		return -ENOENT;
	if (event->cpu >= 0 && !cpumask_test_cpu(event->cpu, &core->cpus))
		return -ENOENT;
	if (!group_fits(event))
		return -EINVAL;
	return 0;
}

PMU_FORMAT_ATTR(event, "config:0-7");
PMU_FORMAT_ATTR(umask, "config:8-15");
static struct attribute *format_attributes[] = {&format_attr_event.attr, &format_attr_umask.attr,
						NULL};
static const struct attribute_group format_group = {.name = "format", .attrs = format_attributes};

/* These names are no differences. */
/* clang-format off */
PMU_EVENT_ATTR_STRING(cpu-cycles, cycles, "event=0x3c");
PMU_EVENT_ATTR_STRING(instructions, instructions, "event=0xc0");
PMU_EVENT_ATTR_STRING(ref-cycles, reference, "event=0x00,umask=0x03");
PMU_EVENT_ATTR_STRING(cache-misses, misses, "event=0x2e,umask=0x41");
/* clang-format on */
static struct attribute *event_attributes[] = {&cycles.attr.attr, &instructions.attr.attr,
					       &reference.attr.attr, &misses.attr.attr, NULL};
static const struct attribute_group event_group = {.name = "events", .attrs = event_attributes};

static ssize_t cpus_show(struct device *device, struct device_attribute *attribute, char *text)
{
	struct pmu *pmu = dev_get_drvdata(device);

	return cpumap_print_to_pagebuf(true, text, &to_core(pmu)->cpus);
}
static DEVICE_ATTR_RO(cpus);
static struct attribute *cpus_attributes[] = {&dev_attr_cpus.attr, NULL};
static const struct attribute_group cpus_group = {.attrs = cpus_attributes};

static const struct attribute_group *plain_groups[] = {&format_group, &event_group, NULL};
static const struct attribute_group *hybrid_groups[] = {&format_group, &event_group, &cpus_group,
							NULL};

static int register_pmu(struct core_pmu *core, const char *name, int type)
{
	core->pmu = (struct pmu){
		.attr_groups = hybrid ? hybrid_groups : plain_groups,
		.task_ctx_nr = perf_hw_context,
		.event_init = core_event_init,
		.add = core_add,
		.del = core_del,
		.start = core_start,
		.stop = core_stop,
		.read = core_read,
		.filter_match = core_filter_match,
		.module = THIS_MODULE,
		.capabilities = PERF_PMU_CAP_NO_INTERRUPT,
	};
	if (hybrid)
		core->pmu.capabilities |=
			PERF_PMU_CAP_HETEROGENEOUS_CPUS | PERF_PMU_CAP_EXTENDED_HW_TYPE;
	return perf_pmu_register(&core->pmu, name, type);
}

/* Half of the CPUs of a hybrid processor are small ones. */
static int __init core_init(void)
{
	unsigned int cpu;
	int code;

	core_rates_init();
	pmus[1].atom = true;
	for_each_possible_cpu(cpu)
		cpumask_set_cpu(cpu, &pmus[hybrid && cpu >= nr_cpu_ids / 2].cpus);
	code = register_pmu(&pmus[0], hybrid ? "cpu_core" : "cpu", PERF_TYPE_RAW);
	if (code == 0 && hybrid)
		code = register_pmu(&pmus[1], "cpu_atom", -1);
	return code;
}

module_init(core_init);
MODULE_DESCRIPTION("emulated core PMUs for the tests of jouletop");
MODULE_LICENSE("GPL");
