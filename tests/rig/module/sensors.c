// SPDX-License-Identifier: GPL-2.0
/* A hwmon chip with power, energy and a temperature, which may be slow to answer. */
#include "rig.h"

#include <linux/delay.h>
#include <linux/hwmon.h>
#include <linux/module.h>
#include <linux/platform_device.h>

static unsigned int sensor_mw = 25000;
module_param(sensor_mw, uint, 0644);
MODULE_PARM_DESC(sensor_mw, "what power1_input says");
static unsigned int sensor_delay_ms;
module_param(sensor_delay_ms, uint, 0644);
MODULE_PARM_DESC(sensor_delay_ms, "how long a reading takes");
static int temperature_mc = 45000;
module_param(temperature_mc, int, 0644);
static char chip_name[24] = "ina226";
module_param_string(chip_name, chip_name, sizeof(chip_name), 0644);

static struct platform_device *platform;
static struct device *chip;

static umode_t is_visible(const void *data, enum hwmon_sensor_types type, u32 attribute,
			  int channel)
{
	return 0444;
}

static int read_value(struct device *device, enum hwmon_sensor_types type, u32 attribute,
		      int channel, long *value)
{
	unsigned int delay_ms = READ_ONCE(sensor_delay_ms);

	if (delay_ms)
		msleep(delay_ms);
	switch (type) {
	case hwmon_power: *value = READ_ONCE(sensor_mw) * 1000L; return 0;
	case hwmon_energy: *value = (long)rig_energy_uj(0, RIG_PSYS); return 0;
	case hwmon_temp: *value = READ_ONCE(temperature_mc); return 0;
	default: return -EOPNOTSUPP;
	}
}

static int read_label(struct device *device, enum hwmon_sensor_types type, u32 attribute,
		      int channel, const char **text)
{
	*text = type == hwmon_power ? "VDD_RIG" : type == hwmon_energy ? "board energy" : "board";
	return 0;
}

static const struct hwmon_ops ops = {
	.is_visible = is_visible, .read = read_value, .read_string = read_label};
static const struct hwmon_channel_info *channels[] = {
	HWMON_CHANNEL_INFO(power, HWMON_P_INPUT | HWMON_P_LABEL),
	HWMON_CHANNEL_INFO(energy, HWMON_E_INPUT | HWMON_E_LABEL),
	HWMON_CHANNEL_INFO(temp, HWMON_T_INPUT | HWMON_T_LABEL),
	NULL,
};
static const struct hwmon_chip_info info = {.ops = &ops, .info = channels};

static int sensors_start(void)
{
	platform = platform_device_register_simple("jouletop_rig", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(platform))
		return PTR_ERR(platform);
	chip = hwmon_device_register_with_info(&platform->dev, chip_name, NULL, &info, NULL);
	if (!IS_ERR(chip))
		return 0;
	platform_device_unregister(platform);
	return PTR_ERR(chip);
}

static int sensors_stop(void)
{
	hwmon_device_unregister(chip);
	platform_device_unregister(platform);
	return 0;
}

struct rig_part rig_sensors = {.start = sensors_start, .stop = sensors_stop};
