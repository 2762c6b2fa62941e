// SPDX-License-Identifier: GPL-2.0
/* Meters whose watts are parameters: their energy is the truth that tests compare with. */
#include "rig.h"

#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>

#define PJ_PER_J 1000000000000ULL

static const char *const kind_names[RIG_KINDS] = {"package", "core", "uncore", "dram", "psys"};

struct meter {
	u64 mw, pj, time_ns;
};

static struct meter meters[RIG_UNITS][RIG_KINDS];
static DEFINE_RAW_SPINLOCK(lock);

static unsigned long long raw_range = 1ULL << 32;
module_param(raw_range, ullong, 0644);
MODULE_PARM_DESC(raw_range, "values of an energy register before it begins again");
static unsigned long long start_raw;
module_param(start_raw, ullong, 0644);
MODULE_PARM_DESC(start_raw, "what energy registers held when the machine was switched on");
static unsigned int update_us = 1000;
module_param(update_us, uint, 0644);
MODULE_PARM_DESC(update_us, "how often energy registers change");

static void meter_advance(struct meter *meter, u64 now_ns)
{
	if (now_ns <= meter->time_ns)
		return;
	meter->pj += meter->mw * (now_ns - meter->time_ns);
	meter->time_ns = now_ns;
}

static u64 energy_pj(unsigned int unit, enum rig_kind kind)
{
	struct meter *meter = &meters[unit][kind];
	u64 now_ns = ktime_get_ns(), step_ns = READ_ONCE(update_us) * 1000ULL, pj;
	unsigned long flags;

	if (step_ns)
		now_ns -= now_ns % step_ns;
	raw_spin_lock_irqsave(&lock, flags);
	meter_advance(meter, now_ns);
	pj = meter->pj;
	raw_spin_unlock_irqrestore(&lock, flags);
	return pj;
}

u64 rig_energy_raw(unsigned int unit, enum rig_kind kind)
{
	return READ_ONCE(start_raw) +
	       mul_u64_u64_div_u64(energy_pj(unit, kind), 1ULL << RIG_UNIT_BITS, PJ_PER_J);
}

u64 rig_energy_range(void)
{
	u64 range = READ_ONCE(raw_range);

	return range ? range : 1ULL << 32;
}

u64 rig_energy_register(unsigned int unit, enum rig_kind kind)
{
	return rig_energy_raw(unit, kind) % rig_energy_range();
}

u64 rig_energy_uj(unsigned int unit, enum rig_kind kind)
{
	return div_u64(energy_pj(unit, kind), 1000000);
}

void rig_energy_init(void)
{
	u64 now_ns = ktime_get_ns();
	unsigned int unit, kind;

	for (unit = 0; unit < RIG_UNITS; unit++)
		for (kind = 0; kind < RIG_KINDS; kind++)
			meters[unit][kind].time_ns = now_ns;
}

/* "42000" for all units, "42000,10000" for each. */
static int milliwatts_set(const char *text, const struct kernel_param *param)
{
	unsigned int kind = (uintptr_t)param->arg, unit;
	int values[RIG_UNITS + 1];
	unsigned long flags;
	u64 now_ns;

	get_options(text, ARRAY_SIZE(values), values);
	if (values[0] < 1)
		return -EINVAL;
	now_ns = ktime_get_ns();
	raw_spin_lock_irqsave(&lock, flags);
	for (unit = 0; unit < RIG_UNITS; unit++) {
		struct meter *meter = &meters[unit][kind];

		if (meter->time_ns)
			meter_advance(meter, now_ns);
		meter->mw = max(values[min_t(int, unit + 1, values[0])], 0);
	}
	raw_spin_unlock_irqrestore(&lock, flags);
	return 0;
}

static int milliwatts_get(char *text, const struct kernel_param *param)
{
	unsigned int kind = (uintptr_t)param->arg, unit;
	int length = 0;

	for (unit = 0; unit < rig_units(); unit++)
		length += sysfs_emit_at(text, length, "%s%llu", unit ? "," : "",
					meters[unit][kind].mw);
	return length + sysfs_emit_at(text, length, "\n");
}

static const struct kernel_param_ops milliwatts_ops = {.set = milliwatts_set,
						       .get = milliwatts_get};
module_param_cb(package_mw, &milliwatts_ops, (void *)RIG_PACKAGE, 0644);
module_param_cb(core_mw, &milliwatts_ops, (void *)RIG_CORES, 0644);
module_param_cb(uncore_mw, &milliwatts_ops, (void *)RIG_UNCORE, 0644);
module_param_cb(dram_mw, &milliwatts_ops, (void *)RIG_DRAM, 0644);
module_param_cb(psys_mw, &milliwatts_ops, (void *)RIG_PSYS, 0644);

/* "package 0 123456": microjoules since the module was loaded. */
static int truth_get(char *text, const struct kernel_param *param)
{
	unsigned int unit, kind;
	int length = 0;

	for (unit = 0; unit < rig_units(); unit++)
		for (kind = 0; kind < RIG_KINDS; kind++)
			length += sysfs_emit_at(text, length, "%s %u %llu\n", kind_names[kind],
						unit, rig_energy_uj(unit, kind));
	return length;
}

static const struct kernel_param_ops truth_ops = {.get = truth_get};
module_param_cb(truth, &truth_ops, NULL, 0444);
