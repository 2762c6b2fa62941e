/* SPDX-License-Identifier: Apache-2.0 */
/* Power of the zones that the firmware of Arm boards meters: powercap's control type arm-scmi, which tells watts where
 * RAPL counts joules (kernel: drivers/powercap/arm_scmi_powercap.c). */
#include "measure/probe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CLASS	  "class/powercap"
#define PREFIX	  "arm-scmi:"
#define ZONES_MAX 64
/* Each reading is a message to the firmware and back. */
#define PERIOD_NS    (CLOCK_NS_PER_S / 2)
#define GIVES	     "power of the firmware's zones"
#define POWER_MAX_UW INT64_C(1000000000000)

struct scmi_zone {
	char id[48];
	uint32_t domain, series;
	int64_t window_ns; /* as last told */
};

struct scmi {
	const struct sysroot *root; /* while looking around */
	struct scmi_zone *zones;
	size_t count, capacity;
};

static int read_number(const struct sysroot *root, const char *id, const char *file, int64_t *value)
{
	char path[160];

	text_print(path, sizeof(path), CLASS "/%s/%s", id, file);
	return sysroot_read_i64(root, SYSROOT_SYS, path, value);
}

static int visit(void *user, const char *id)
{
	struct scmi *scmi = user;

	if (!text_starts_with(id, PREFIX) || strlen(id) >= sizeof(scmi->zones->id) ||
	    scmi->count == ZONES_MAX)
		return 0;
	memory_reserve(&scmi->zones, &scmi->capacity, scmi->count + 1, sizeof(*scmi->zones));
	scmi->zones[scmi->count] = (struct scmi_zone){.domain = 0};
	text_print(scmi->zones[scmi->count++].id, sizeof(scmi->zones->id), "%s", id);
	return 0;
}

/* The zone that contains this one: its name is the beginning of ours. 0 = none. */
static uint32_t domain_above(const struct scmi *scmi, const char *id)
{
	size_t length = (size_t)(strrchr(id, ':') - id);

	for (size_t i = 0; i < scmi->count; i++) {
		const struct scmi_zone *zone = &scmi->zones[i];
		if (strlen(zone->id) == length && memcmp(zone->id, id, length) == 0)
			return zone->domain;
	}
	return 0;
}

/* Names are listed sorted: what contains a zone comes before it. */
static void announce(struct scmi *scmi, struct scmi_zone *zone, struct feed *feed)
{
	char path[160], name[DOMAIN_NAME_SIZE], key[DOMAIN_KEY_SIZE], source[64];

	text_print(path, sizeof(path), CLASS "/%s/name", zone->id);
	if (sysroot_read(scmi->root, SYSROOT_SYS, path, name, sizeof(name)) < 0)
		text_print(name, sizeof(name), "%s", zone->id);
	text_print(key, sizeof(key), "board/%s", zone->id);
	zone->domain = feed_domain(feed, DOMAIN_BOARD, key, domain_above(scmi, zone->id), name);
	text_print(source, sizeof(source), "scmi:%s", zone->id);
	zone->series = feed_series(feed, zone->domain, source, QUALITY_SAMPLED);
}

static int scmi_open(void *self, const struct probe_context *context, struct error *err)
{
	struct scmi *scmi = self;

	scmi->root = context->root;
	sysroot_list(context->root, SYSROOT_SYS, CLASS, visit, scmi);
	if (scmi->count == 0)
		return error_set(err, ENODEV, "no powercap zones of the type arm-scmi");
	for (size_t i = 0; i < scmi->count; i++)
		announce(scmi, &scmi->zones[i], context->feed);
	feed_source(context->feed, "scmi", SOURCE_OK, GIVES,
		    scmi->count == ZONES_MAX ? "zones beyond the first 64 are left out" : "", "");
	return 0;
}

static void tell_window(struct scmi_zone *zone, const struct probe_context *context,
			int64_t time_ns)
{
	int64_t window_us;

	if (read_number(context->root, zone->id, "constraint_0_time_window_us", &window_us) < 0 ||
	    window_us <= 0 || window_us > 86400 * INT64_C(1000000) ||
	    window_us * 1000 == zone->window_ns)
		return;
	zone->window_ns = window_us * 1000;
	feed_gauge(context->feed, zone->series, METRIC_WINDOW_NS, time_ns, zone->window_ns);
}

static int scmi_sample(void *self, const struct probe_context *context, const struct watch *watch)
{
	struct scmi *scmi = self;

	(void)watch;
	for (size_t i = 0; i < scmi->count; i++) {
		struct scmi_zone *zone = &scmi->zones[i];
		int64_t power_uw, begin_ns = clock_now_ns();
		int code = read_number(context->root, zone->id, "power_uw", &power_uw);
		int64_t end_ns = clock_now_ns(), time_ns = begin_ns + (end_ns - begin_ns) / 2;

		if (code == 0 && (power_uw < 0 || power_uw > POWER_MAX_UW))
			code = -ERANGE;
		if (code < 0) {
			feed_gap(context->feed, zone->series, METRIC_SENSOR_POWER_UW, time_ns,
				 -code,
				 code == -EINVAL ? "the firmware does not monitor this zone"
						 : "power_uw cannot be read");
			continue;
		}
		feed_gauge(context->feed, zone->series, METRIC_SENSOR_POWER_UW, time_ns, power_uw);
		tell_window(zone, context, time_ns);
	}
	return 0;
}

static void scmi_close(void *self)
{
	struct scmi *scmi = self;

	free(scmi->zones);
	*scmi = (struct scmi){.count = 0};
}

const struct probe probe_scmi = {
	.name = "scmi",
	.gives = GIVES,
	.private_size = sizeof(struct scmi),
	.slow = true,
	.period_ns = PERIOD_NS,
	.open = scmi_open,
	.sample = scmi_sample,
	.close = scmi_close,
};
