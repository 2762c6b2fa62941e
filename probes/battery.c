/* SPDX-License-Identifier: Apache-2.0 */
/* What a laptop draws from its battery (kernel: Documentation/ABI/testing/sysfs-class-power). */
#include "measure/probe.h"

#include <errno.h>
#include <string.h>

#define CLASS	      "class/power_supply"
#define BATTERIES_MAX 8
/* Gauges of batteries speak every 1 to 30 s, and each look may run the firmware's code. */
#define PERIOD_NS CLOCK_NS_PER_S
#define GIVES	  "power of the whole machine while it runs from its battery"
/* 1 MW: what is beyond is no laptop's. */
#define POWER_MAX_UW INT64_C(1000000000000)

struct supply {
	char name[48]; /* "BAT0" */
	uint32_t series;
};

struct battery {
	const struct sysroot *root; /* while looking around */
	struct supply list[BATTERIES_MAX];
	size_t count;
};

static ssize_t read_text(const struct sysroot *root, const char *name, const char *file, char *text,
			 size_t size)
{
	char path[160];

	text_print(path, sizeof(path), CLASS "/%s/%s", name, file);
	return sysroot_read(root, SYSROOT_SYS, path, text, size);
}

static int read_number(const struct sysroot *root, const char *name, const char *file,
		       int64_t *value)
{
	char path[160];

	text_print(path, sizeof(path), CLASS "/%s/%s", name, file);
	return sysroot_read_i64(root, SYSROOT_SYS, path, value);
}

static int visit(void *user, const char *name)
{
	struct battery *battery = user;
	char text[32];

	if (battery->count == BATTERIES_MAX || strlen(name) >= sizeof(battery->list[0].name) ||
	    read_text(battery->root, name, "type", text, sizeof(text)) < 0 ||
	    strcmp(text, "Battery") != 0)
		return 0;
	/* A mouse or a headset feeds itself. */
	if (read_text(battery->root, name, "scope", text, sizeof(text)) > 0 &&
	    strcmp(text, "Device") == 0)
		return 0;
	if (read_text(battery->root, name, "present", text, sizeof(text)) > 0 &&
	    strcmp(text, "0") == 0)
		return 0;
	text_print(battery->list[battery->count++].name, sizeof(battery->list[0].name), "%s", name);
	return 0;
}

static int battery_open(void *self, const struct probe_context *context, struct error *err)
{
	struct battery *battery = self;

	battery->root = context->root;
	battery->count = 0;
	sysroot_list(context->root, SYSROOT_SYS, CLASS, visit, battery);
	if (battery->count == 0)
		return error_set(err, ENODEV, "no battery that feeds this machine");
	for (size_t i = 0; i < battery->count; i++) {
		struct supply *supply = &battery->list[i];
		char key[DOMAIN_KEY_SIZE], name[DOMAIN_NAME_SIZE], source[64];

		text_print(key, sizeof(key), "wall/%s", supply->name);
		text_print(name, sizeof(name), "battery %s", supply->name);
		text_print(source, sizeof(source), "battery:%s", supply->name);
		supply->series = feed_series(context->feed,
					     feed_domain(context->feed, DOMAIN_WALL, key, 0, name),
					     source, QUALITY_SAMPLED);
	}
	feed_source(context->feed, "battery", SOURCE_OK, GIVES, "", "");
	return 0;
}

/* Some gauges tell watts, others volts and amperes; some count what flows out as negative. */
static int read_power(const struct sysroot *root, const char *name, int64_t *power_uw)
{
	int64_t current_ua, voltage_uv;
	int code = read_number(root, name, "power_now", power_uw);

	if (code == -ENOENT) {
		code = read_number(root, name, "current_now", &current_ua);
		if (code == 0)
			code = read_number(root, name, "voltage_now", &voltage_uv);
		if (code == 0 && __builtin_mul_overflow(current_ua, voltage_uv, power_uw))
			code = -ERANGE;
		if (code == 0)
			*power_uw /= 1000000;
	}
	if (code < 0)
		return code;
	if (*power_uw <= -POWER_MAX_UW || *power_uw >= POWER_MAX_UW)
		return -ERANGE;
	if (*power_uw < 0)
		*power_uw = -*power_uw;
	return 0;
}

static void sample_supply(const struct supply *supply, const struct probe_context *context)
{
	char status[32], reason[128];
	int64_t power_uw = 0, begin_ns = clock_now_ns();
	ssize_t length = read_text(context->root, supply->name, "status", status, sizeof(status));
	bool discharging = length > 0 && strcmp(status, "Discharging") == 0;
	int code = length < 0 ? (int)length : 0;

	if (discharging)
		code = read_power(context->root, supply->name, &power_uw);
	int64_t end_ns = clock_now_ns(), time_ns = begin_ns + (end_ns - begin_ns) / 2;

	if (code == 0 && discharging && power_uw > 0) {
		feed_gauge(context->feed, supply->series, METRIC_SENSOR_POWER_UW, time_ns,
			   power_uw);
		return;
	}
	if (code < 0)
		text_print(reason, sizeof(reason), "the battery cannot be read: %s",
			   error_name(-code));
	else if (discharging)
		text_print(reason, sizeof(reason), "discharging, but its gauge has no power yet");
	else
		text_print(reason, sizeof(reason),
			   "the machine does not run from it (%s): what it draws is not seen here",
			   status);
	feed_gap(context->feed, supply->series, METRIC_SENSOR_POWER_UW, time_ns,
		 code < 0 ? -code : ENODATA, reason);
}

static int battery_sample(void *self, const struct probe_context *context,
			  const struct watch *watch)
{
	const struct battery *battery = self;

	(void)watch;
	for (size_t i = 0; i < battery->count; i++)
		sample_supply(&battery->list[i], context);
	return 0;
}

static void battery_close(void *self)
{
	(void)self;
}

const struct probe probe_battery = {
	.name = "battery",
	.gives = GIVES,
	.private_size = sizeof(struct battery),
	.slow = true,
	.period_ns = PERIOD_NS,
	.open = battery_open,
	.sample = battery_sample,
	.close = battery_close,
};
