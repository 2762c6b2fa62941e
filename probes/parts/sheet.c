/* SPDX-License-Identifier: Apache-2.0 */
/* Looks at graphics processors told to a feed. */
#include "probes/parts/sheet.h"

#include <errno.h>

#define PPM    1000000

#define ASLEEP "it sleeps, and is not woken to be read"
#define GONE   "the GPU is gone: its driver was unloaded, or it fell off the bus"
#define SILENT "its driver does not answer"
#define UNSURE "whether it sleeps cannot be read, and nothing may wake it"

static const struct {
	const char *key, *name;
} causes[GPU_CAUSE_COUNT] = {
	[GPU_CAUSE_POWER] = {"power-cap", "power cap"},
	[GPU_CAUSE_CURRENT] = {"current", "current limit"},
	[GPU_CAUSE_THERMAL] = {"thermal", "thermal"},
	[GPU_CAUSE_PROCHOT] = {"prochot", "board signal"},
	[GPU_CAUSE_OTHER] = {"other", "other limit"},
};

void sheet_begin(struct sheet *sheet)
{
	sheet->time_ns = 0;
	sheet->state = CARD_ACTIVE;
	sheet->code = 0;
	sheet->count = 0;
	sheet->stale = sheet->power_is_package = false;
	sheet->has_causes = sheet->causes_counted = false;
	sheet->causes = 0;
	for (size_t i = 0; i < GPU_CAUSE_COUNT; i++)
		sheet->cause_ppm[i] = 0;
}

static void add(struct sheet *sheet, const struct sheet_value *value)
{
	if (sheet->count < SHEET_VALUES_MAX)
		sheet->values[sheet->count++] = *value;
}

void sheet_value(struct sheet *sheet, enum sheet_source source, enum metric metric, int64_t value)
{
	add(sheet, &(struct sheet_value){
			   .source = (uint8_t)source, .metric = (uint8_t)metric, .value = value});
}

void sheet_gap(struct sheet *sheet, enum sheet_source source, enum metric metric, int code,
	       const char *reason)
{
	add(sheet, &(struct sheet_value){.source = (uint8_t)source,
					 .metric = (uint8_t)metric,
					 .code = (int16_t)code,
					 .reason = reason});
}

void sheet_announce(struct sheet_device *device, const struct probe_context *context,
		    const char *model, int fallback_index)
{
	const struct card *card = device->card;
	int index = gpu_index(context->root, card->address);
	char name[DOMAIN_NAME_SIZE], text[32];

	if (index < 0)
		index = fallback_index;
	gpu_key(device->key, card->address);
	text_print(name, sizeof(name), "gpu%d %s", index, model);
	device->domain = feed_domain(context->feed, DOMAIN_GPU, device->key, 0, name);
	text_print(text, sizeof(text), "%d", index);
	feed_label(context->feed, device->domain, "index", text);
	feed_label(context->feed, device->domain, "pci", card->address);
	feed_label(context->feed, device->domain, "driver", card->driver);
	feed_label(context->feed, device->domain, "model", model);
	device->state = CARD_UNSURE;
}

static uint32_t domain_inside(struct sheet_device *device, struct feed *feed, uint32_t *domain,
			      enum domain_kind kind, const char *name)
{
	char key[DOMAIN_KEY_SIZE];

	if (*domain == 0) {
		text_print(key, sizeof(key), "%s/%s", device->key, name);
		*domain = feed_domain(feed, kind, key, device->domain, name);
	}
	return *domain;
}

/* What has a graphics processor of AMD and CPUs in it is the only package of its machine. */
static uint32_t package_domain(struct sheet_device *device, struct feed *feed)
{
	if (device->package == 0) {
		uint32_t socket = feed_domain(feed, DOMAIN_SOCKET, "socket-0", 0, "socket-0");

		device->package =
			feed_domain(feed, DOMAIN_PACKAGE, "package-0", socket, "package-0");
	}
	return device->package;
}

static uint32_t domain_of(struct sheet_device *device, struct feed *feed, enum sheet_source source)
{
	switch (source) {
	case SHEET_POWER:
		return device->power_is_package ? package_domain(device, feed) : device->domain;
	case SHEET_MEMORY:
		return domain_inside(device, feed, &device->memory, DOMAIN_GPU_MEMORY, "memory");
	case SHEET_REST:
		return domain_inside(device, feed, &device->rest, DOMAIN_IDLE_STATE, "rc6");
	case SHEET_ENERGY:
	case SHEET_STATE:
	case SHEET_SOURCES: break;
	}
	return device->domain;
}

static uint32_t series_of(struct sheet_device *device, struct feed *feed, enum sheet_source source)
{
	static const char *const suffixes[SHEET_SOURCES] = {
		[SHEET_ENERGY] = ":energy", [SHEET_POWER] = ":power", [SHEET_STATE] = "",
		[SHEET_MEMORY] = "",	    [SHEET_REST] = "",
	};
	char name[64];

	if (device->series[source] == 0) {
		text_print(name, sizeof(name), "%s%s", device->probe,
			   source == SHEET_POWER && device->power_is_package ? ":soc"
									     : suffixes[source]);
		device->series[source] = feed_series(feed, domain_of(device, feed, source), name,
						     source == SHEET_ENERGY || source == SHEET_REST
							     ? QUALITY_MEASURED
							     : QUALITY_SAMPLED);
	}
	return device->series[source];
}

static void tell_value(struct sheet_device *device, struct feed *feed, int64_t time_ns,
		       const struct sheet_value *value)
{
	uint32_t series = series_of(device, feed, value->source);

	device->told[value->source][value->metric] = true;
	if (value->code != 0)
		feed_gap(feed, series, value->metric, time_ns, value->code,
			 value->reason ? value->reason : "");
	else if (metric_info(value->metric)->kind == METRIC_COUNTER)
		feed_counter(feed, series, value->metric, time_ns, (uint64_t)value->value);
	else
		feed_gauge(feed, series, value->metric, time_ns, value->value);
}

static void tell_state(struct sheet_device *device, const struct probe_context *context,
		       const struct sheet *sheet)
{
	static const char *const names[] = {
		[CARD_ACTIVE] = "active",  [CARD_SUSPENDED] = "suspended", [CARD_LOST] = "lost",
		[CARD_UNSURE] = "unknown", [CARD_SILENT] = "silent",
	};

	if (device->state == sheet->state)
		return;
	if (sheet->state == CARD_LOST)
		feed_note(context->feed, sheet->time_ns, NOTE_BAD, device->domain,
			  "%s at %s is gone", device->probe, device->card->address);
	else if (device->state == CARD_LOST)
		feed_note(context->feed, sheet->time_ns, NOTE_INFO, device->domain,
			  "%s at %s is back", device->probe, device->card->address);
	device->state = sheet->state;
	feed_label(context->feed, device->domain, "state", names[sheet->state]);
}

/* All that was ever told of it becomes a gap; the watts and the load do even if nothing was told yet. */
static void tell_absence(struct sheet_device *device, const struct probe_context *context,
			 const struct sheet *sheet)
{
	static const char *const reasons[] = {
		[CARD_ACTIVE] = "",	[CARD_SUSPENDED] = ASLEEP, [CARD_LOST] = GONE,
		[CARD_UNSURE] = UNSURE, [CARD_SILENT] = SILENT,
	};

	device->told[SHEET_POWER][METRIC_SENSOR_POWER_UW] |=
		!device->told[SHEET_ENERGY][METRIC_ENERGY_UJ] && !device->power_is_package;
	device->told[SHEET_STATE][METRIC_UTILIZATION_PPM] = true;
	for (enum sheet_source source = 0; source < SHEET_SOURCES; source++) {
		for (enum metric metric = 0; metric < METRIC_RAW_COUNT; metric++) {
			if (device->told[source][metric])
				feed_gap(context->feed, series_of(device, context->feed, source),
					 metric, sheet->time_ns, sheet->code,
					 reasons[sheet->state]);
		}
	}
}

static void name_causes(struct sheet_device *device, struct feed *feed, unsigned in_force)
{
	char text[128] = "";
	size_t used = 0;

	if (device->named_causes && device->causes == in_force)
		return;
	for (size_t i = 0; i < GPU_CAUSE_COUNT; i++) {
		if (in_force & (1u << i))
			used += text_print(text + used, sizeof(text) - used, "%s%s",
					   used > 0 ? ", " : "", causes[i].name);
	}
	device->causes = in_force;
	device->named_causes = true;
	feed_label(feed, device->domain, "reasons", text);
}

/* The time that each cause cost since the last look; the first look says that none is known to have cost any. */
static void tell_causes(struct sheet_device *device, const struct probe_context *context,
			const struct sheet *sheet)
{
	struct feed *feed = context->feed;
	int64_t length_ns = device->looked_ns > 0 ? sheet->time_ns - device->looked_ns : 0;

	for (size_t i = 0; i < GPU_CAUSE_COUNT; i++) {
		if (device->throttles[i].domain == 0) {
			char key[DOMAIN_KEY_SIZE], source[64];

			text_print(key, sizeof(key), "%s/%s", device->key, causes[i].key);
			device->throttles[i].domain = feed_domain(feed, DOMAIN_THROTTLE, key,
								  device->domain, causes[i].name);
			text_print(source, sizeof(source), "%s:throttle", device->probe);
			device->throttles[i].series = feed_series(
				feed, device->throttles[i].domain, source,
				sheet->causes_counted ? QUALITY_MEASURED : QUALITY_SAMPLED);
		}
		feed_increase(feed, device->throttles[i].series, METRIC_THROTTLE_NS, sheet->time_ns,
			      length_ns / PPM * sheet->cause_ppm[i] +
				      length_ns % PPM * sheet->cause_ppm[i] / PPM);
	}
	name_causes(device, feed, sheet->causes);
}

void sheet_tell(struct sheet_device *device, const struct probe_context *context,
		const struct sheet *sheet)
{
	tell_state(device, context, sheet);
	if (sheet->state != CARD_ACTIVE) {
		device->looked_ns = 0;
		if (device->named_causes)
			name_causes(device, context->feed, 0);
		tell_absence(device, context, sheet);
		return;
	}
	/* The suspension of the machine is in no interval. */
	if (context->slept_ns > 0)
		device->looked_ns = 0;
	for (size_t i = 0; i < sheet->count; i++)
		tell_value(device, context->feed, sheet->time_ns, &sheet->values[i]);
	if (sheet->has_causes)
		tell_causes(device, context, sheet);
	device->looked_ns = sheet->time_ns;
}
