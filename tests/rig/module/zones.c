// SPDX-License-Identifier: GPL-2.0
/* Powercap zones, as intel_rapl_common.c registers them. */
#include "rig.h"

#include <linux/bits.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/powercap.h>
#include <linux/slab.h>

static unsigned int zones = BIT(RIG_PACKAGE) | BIT(RIG_CORES) | BIT(RIG_DRAM);
module_param(zones, uint, 0644);
MODULE_PARM_DESC(zones, "zones of intel-rapl, a bit each: package, core, uncore, dram, psys");
static unsigned int mmio_zones;
module_param(mmio_zones, uint, 0644);
MODULE_PARM_DESC(mmio_zones, "zones of intel-rapl-mmio that repeat them");
static unsigned int dead_zones;
module_param(dead_zones, uint, 0644);
MODULE_PARM_DESC(dead_zones, "zones whose energy cannot be read any more");
static unsigned int limit_mw = 100000;
module_param(limit_mw, uint, 0644);
MODULE_PARM_DESC(limit_mw, "long-term power limit of each zone");

struct rig_zone {
	struct powercap_zone zone;
	unsigned int unit;
	enum rig_kind kind;
};

#define ZONES_MAX (2 * RIG_UNITS * RIG_KINDS)

static struct powercap_control_type *types[2];
static struct rig_zone *list[ZONES_MAX];
static unsigned int count;

static struct rig_zone *to_rig(struct powercap_zone *zone)
{
	return container_of(zone, struct rig_zone, zone);
}

static u64 microjoules(u64 raw)
{
	return mul_u64_u64_div_u64(raw, RIG_UNIT_NJ, 1000);
}

static int get_max_energy_range_uj(struct powercap_zone *zone, u64 *value)
{
	*value = microjoules(rig_energy_range() - 1);
	return 0;
}

static int get_energy_uj(struct powercap_zone *zone, u64 *value)
{
	struct rig_zone *rig = to_rig(zone);

	if (READ_ONCE(dead_zones) & BIT(rig->kind))
		return -EIO;
	*value = microjoules(rig_energy_register(rig->unit, rig->kind));
	return 0;
}

static int get_enable(struct powercap_zone *zone, bool *mode)
{
	*mode = true;
	return 0;
}

static int release(struct powercap_zone *zone)
{
	kfree(to_rig(zone));
	return 0;
}

static const struct powercap_zone_ops zone_ops = {
	.get_max_energy_range_uj = get_max_energy_range_uj,
	.get_energy_uj = get_energy_uj,
	.get_enable = get_enable,
	.release = release,
};

static int set_power_limit_uw(struct powercap_zone *zone, int id, u64 value)
{
	WRITE_ONCE(limit_mw, (unsigned int)div_u64(value, 1000));
	return 0;
}

static int get_power_limit_uw(struct powercap_zone *zone, int id, u64 *value)
{
	*value = READ_ONCE(limit_mw) * 1000ULL;
	return 0;
}

static int set_time_window_us(struct powercap_zone *zone, int id, u64 value)
{
	return 0;
}

static int get_time_window_us(struct powercap_zone *zone, int id, u64 *value)
{
	*value = 999424;
	return 0;
}

static const char *get_name(struct powercap_zone *zone, int id)
{
	return "long_term";
}

static const struct powercap_zone_constraint_ops constraint_ops = {
	.set_power_limit_uw = set_power_limit_uw,
	.get_power_limit_uw = get_power_limit_uw,
	.set_time_window_us = set_time_window_us,
	.get_time_window_us = get_time_window_us,
	.get_name = get_name,
};

static struct powercap_zone *add_zone(unsigned int type, const char *name,
				      struct powercap_zone *parent, unsigned int unit,
				      enum rig_kind kind)
{
	struct rig_zone *rig = kzalloc(sizeof(*rig), GFP_KERNEL);
	struct powercap_zone *zone;

	if (!rig)
		return ERR_PTR(-ENOMEM);
	rig->unit = unit;
	rig->kind = kind;
	zone = powercap_register_zone(&rig->zone, types[type], name, parent, &zone_ops, 1,
				      &constraint_ops);
	if (IS_ERR(zone)) {
		kfree(rig);
		return zone;
	}
	list[count] = rig;
	rig->zone.private_data = types[type];
	count++;
	return zone;
}

static int add_unit(unsigned int type, unsigned int mask, unsigned int unit)
{
	static const char *const inner[] = {
		[RIG_CORES] = "core", [RIG_UNCORE] = "uncore", [RIG_DRAM] = "dram"};
	struct powercap_zone *package, *zone;
	unsigned int kind;
	char name[32];

	if (rig_dies > 1)
		snprintf(name, sizeof(name), "package-%u-die-%u", unit / rig_dies, unit % rig_dies);
	else
		snprintf(name, sizeof(name), "package-%u", unit);
	package = add_zone(type, name, NULL, unit, RIG_PACKAGE);
	if (IS_ERR(package))
		return PTR_ERR(package);
	for (kind = RIG_CORES; kind <= RIG_DRAM; kind++) {
		if (!(mask & BIT(kind)))
			continue;
		zone = add_zone(type, inner[kind], package, unit, kind);
		if (IS_ERR(zone))
			return PTR_ERR(zone);
	}
	return 0;
}

/* The platform's zone stands beside the packages, and contains them. */
static int add_platform(unsigned int type, unsigned int unit)
{
	struct powercap_zone *zone;
	char name[32];

	if (unit == 0)
		snprintf(name, sizeof(name), "psys");
	else
		snprintf(name, sizeof(name), "psys-%u", unit);
	zone = add_zone(type, name, NULL, unit, RIG_PSYS);
	return PTR_ERR_OR_ZERO(zone);
}

static int add_type(unsigned int type, const char *name, unsigned int mask)
{
	unsigned int unit;
	int code = 0;

	if (!(mask & (BIT(RIG_PACKAGE) | BIT(RIG_PSYS))))
		return 0;
	types[type] = powercap_register_control_type(NULL, name, NULL);
	if (IS_ERR(types[type])) {
		code = PTR_ERR(types[type]);
		types[type] = NULL;
		return code;
	}
	for (unit = 0; unit < rig_units() && code == 0 && (mask & BIT(RIG_PACKAGE)); unit++)
		code = add_unit(type, mask, unit);
	if (code == 0 && (mask & BIT(RIG_PSYS)))
		code = add_platform(type, 0);
	return code;
}

static int zones_stop(void)
{
	unsigned int type;

	while (count > 0) {
		struct rig_zone *rig = list[--count];

		powercap_unregister_zone(rig->zone.private_data, &rig->zone);
	}
	for (type = 0; type < ARRAY_SIZE(types); type++) {
		if (types[type])
			powercap_unregister_control_type(types[type]);
		types[type] = NULL;
	}
	return 0;
}

static int zones_start(void)
{
	int code = add_type(0, "intel-rapl", zones);

	if (code == 0)
		code = add_type(1, "intel-rapl-mmio", mmio_zones);
	if (code < 0)
		zones_stop();
	return code;
}

struct rig_part rig_powercap = {.start = zones_start, .stop = zones_stop};
