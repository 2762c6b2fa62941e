// SPDX-License-Identifier: GPL-2.0
/* The memory controller's PMU "uncore_imc_0": lines of 64 bytes that were read and written. */
#include "rig.h"

#include <linux/cpumask.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/perf_event.h>
#include <linux/timekeeping.h>

static unsigned int read_mbps = 1000, write_mbps = 500;
module_param(read_mbps, uint, 0644);
MODULE_PARM_DESC(read_mbps, "bytes read from memory in a microsecond");
module_param(write_mbps, uint, 0644);
MODULE_PARM_DESC(write_mbps, "bytes written to memory in a microsecond");

#define LINE_BYTES   64
#define NS_PER_US    1000
#define CONFIG_READ  0x0304
#define CONFIG_WRITE 0x0c04

static struct pmu memory_pmu;
static struct cpumask cpus;
static atomic_t users = ATOMIC_INIT(0);

static void memory_read(struct perf_event *event)
{
	u64 now_ns = ktime_get_ns(), before_ns = local64_xchg(&event->hw.prev_count, now_ns);
	u64 rate = READ_ONCE(*(event->attr.config == CONFIG_READ ? &read_mbps : &write_mbps));

	local64_add(mul_u64_u64_div_u64(now_ns - before_ns, rate, NS_PER_US * LINE_BYTES),
		    &event->count);
}

static void memory_start(struct perf_event *event, int flags)
{
	event->hw.state = 0;
	local64_set(&event->hw.prev_count, ktime_get_ns());
}

static void memory_stop(struct perf_event *event, int flags)
{
	if (!(event->hw.state & PERF_HES_STOPPED))
		memory_read(event);
	event->hw.state = PERF_HES_STOPPED | PERF_HES_UPTODATE;
}

static int memory_add(struct perf_event *event, int flags)
{
	event->hw.state = PERF_HES_STOPPED | PERF_HES_UPTODATE;
	if (flags & PERF_EF_START)
		memory_start(event, flags);
	return 0;
}

static void memory_del(struct perf_event *event, int flags)
{
	memory_stop(event, PERF_EF_UPDATE);
}

static void memory_destroy(struct perf_event *event)
{
	atomic_dec(&users);
}

static int memory_event_init(struct perf_event *event)
{
	if (event->attr.type != memory_pmu.type)
		return -ENOENT;
	if (event->cpu < 0 || is_sampling_event(event))
		return -EINVAL;
	if (event->attr.config != CONFIG_READ && event->attr.config != CONFIG_WRITE)
		return -EINVAL;
	event->destroy = memory_destroy;
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

PMU_FORMAT_ATTR(event, "config:0-7");
PMU_FORMAT_ATTR(umask, "config:8-15");
static struct attribute *format_attributes[] = {&format_attr_event.attr, &format_attr_umask.attr,
						NULL};
static const struct attribute_group format_group = {.name = "format", .attrs = format_attributes};

PMU_EVENT_ATTR_STRING(cas_count_read, reads, "event=0x04,umask=0x03");
PMU_EVENT_ATTR_STRING(cas_count_read.scale, reads_scale, "6.103515625e-5");
PMU_EVENT_ATTR_STRING(cas_count_read.unit, reads_unit, "MiB");
PMU_EVENT_ATTR_STRING(cas_count_write, writes, "event=0x04,umask=0x0c");
PMU_EVENT_ATTR_STRING(cas_count_write.scale, writes_scale, "6.103515625e-5");
PMU_EVENT_ATTR_STRING(cas_count_write.unit, writes_unit, "MiB");
static struct attribute *event_attributes[] = {&reads.attr.attr,
					       &reads_scale.attr.attr,
					       &reads_unit.attr.attr,
					       &writes.attr.attr,
					       &writes_scale.attr.attr,
					       &writes_unit.attr.attr,
					       NULL};
static const struct attribute_group event_group = {.name = "events", .attrs = event_attributes};

static const struct attribute_group *groups[] = {&cpumask_group, &format_group, &event_group, NULL};

static int memory_pmu_start(void)
{
	rig_pick_cpus(&cpus);
	memory_pmu = (struct pmu){
		.attr_groups = groups,
		.task_ctx_nr = perf_invalid_context,
		.event_init = memory_event_init,
		.add = memory_add,
		.del = memory_del,
		.start = memory_start,
		.stop = memory_stop,
		.read = memory_read,
		.module = THIS_MODULE,
		.capabilities = PERF_PMU_CAP_NO_EXCLUDE,
	};
	return perf_pmu_register(&memory_pmu, "uncore_imc_0", -1);
}

static int memory_pmu_stop(void)
{
	if (atomic_read(&users))
		return -EBUSY;
	perf_pmu_unregister(&memory_pmu);
	return 0;
}

struct rig_part rig_memory_pmu = {.start = memory_pmu_start, .stop = memory_pmu_stop};
