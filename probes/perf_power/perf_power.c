/* SPDX-License-Identifier: Apache-2.0 */
/* Energy by the kernel's perf events: the same meters as powercap, open to whoever has CAP_PERFMON.
 * */
#include "probes/perf_power/meters.h"

#include <errno.h>
#include <string.h>

#define GIVES "package, core, dram energy"

/* What a meter may draw: above it a fall is no wrap. */
#define POWER_MAX_W 1000.0

struct perf_power {
	struct meters meters;
};

static void open_parts(struct meters *meters)
{
	for (size_t i = 0; i < meters->count; i++) {
		struct meter *meter = &meters->list[i];
		for (size_t j = 0; j < meter->part_count; j++) {
			/* The PMU counts a package, not a program: it refuses every filter. */
			struct perf_event_attr attr = {.type = meter->type,
						       .config = meter->config};
			struct meter_part *part = &meter->parts[j];
			part->fd = perfevent_open(&attr, -1, part->cpu, -1);
			part->code = part->fd < 0 ? part->fd : 0;
		}
	}
}

static void meter_key(char key[DOMAIN_KEY_SIZE], enum domain_kind kind, const struct meter *meter)
{
	if (meter->die < 0)
		text_print(key, DOMAIN_KEY_SIZE, "%s-%d", domain_kind_name(kind), meter->package);
	else
		text_print(key, DOMAIN_KEY_SIZE, "%s-%d-die-%d", domain_kind_name(kind),
			   meter->package, meter->die);
}

static void announce(struct meter *meter, struct feed *feed)
{
	char key[DOMAIN_KEY_SIZE], source[64];
	uint32_t parent = 0;

	if (meter->kind != DOMAIN_PSYS) {
		text_print(key, sizeof(key), "socket-%d", meter->package);
		parent = feed_domain(feed, DOMAIN_SOCKET, key, 0, key);
	}
	if (meter->kind == DOMAIN_CORES || meter->kind == DOMAIN_UNCORE) {
		meter_key(key, DOMAIN_PACKAGE, meter);
		parent = feed_domain(feed, DOMAIN_PACKAGE, key, parent, key);
	}
	meter_key(key, meter->kind, meter);
	meter->domain = feed_domain(feed, meter->kind, key, parent, key);
	text_print(source, sizeof(source), "perf_power:%s", meter->event);
	meter->series = feed_series(feed, meter->domain, source, QUALITY_MEASURED);
}

static void tell_state(const struct perf_power *perf_power, const struct probe_context *context)
{
	size_t parts = 0, failed = 0;
	int code = 0;
	const char *event = "";

	for (size_t i = 0; i < perf_power->meters.count; i++) {
		const struct meter *meter = &perf_power->meters.list[i];
		parts += meter->part_count;
		for (size_t j = 0; j < meter->part_count; j++) {
			if (meter->parts[j].code == 0)
				continue;
			failed++;
			code = -meter->parts[j].code;
			event = meter->event;
		}
	}
	if (failed == 0) {
		feed_source(context->feed, "perf_power", SOURCE_OK, GIVES, "", "");
		return;
	}
	struct error err = {0};
	char remedy[512] = "";
	perfevent_explain(context->root, code, event, &err);
	if (code == EACCES) {
		/* What it recommends is meant for threads. */
		char *run = strstr(err.text, "; run:");
		if (run)
			*run = '\0';
		perfevent_remedy(context->root, true, remedy, sizeof(remedy));
	}
	enum source_state state =
		code == EACCES || code == EPERM ? SOURCE_NO_ACCESS : SOURCE_FAILED;
	feed_source(context->feed, "perf_power", failed == parts ? state : SOURCE_PARTIAL, GIVES,
		    err.text, remedy);
}

static int perf_power_open(void *self, const struct probe_context *context, struct error *err)
{
	struct perf_power *perf_power = self;

	if (context->root->recorded)
		return error_set(err, ENODEV,
				 "not with --root: perf events count on this machine only");
	int code = meters_find(&perf_power->meters, context->root, err);
	if (code < 0)
		return code;
	open_parts(&perf_power->meters);
	for (size_t i = 0; i < perf_power->meters.count; i++)
		announce(&perf_power->meters.list[i], context->feed);
	tell_state(perf_power, context);
	return 0;
}

static void energy_gap(const struct meter *meter, struct feed *feed, int64_t now_ns, int code,
		       const char *reason)
{
	feed_gap(feed, meter->series, METRIC_ENERGY_UJ, now_ns, code, reason);
}

/* The count fell: the TPMI driver does not undo the wrap of the 32-bit register. 0 when the fall
 * was something else. */
static uint64_t undo_wrap(const struct meter *meter, const struct meter_part *part,
			  const struct sysroot *root, uint64_t count, int64_t now_ns)
{
	uint64_t increase = count - part->count + meter_wrap_counts(meter, root);
	double elapsed_s = (double)(now_ns - part->time_ns) / (double)CLOCK_NS_PER_S;
	return (double)increase * meter->scale_j <= POWER_MAX_W * elapsed_s ? increase : 0;
}

/* Adds what a part has counted since its last reading. 0 or -errno. */
static int read_part(struct meter *meter, struct meter_part *part,
		     const struct probe_context *context)
{
	struct perfevent_reading reading;

	if (part->fd < 0)
		return part->code;
	int code = perfevent_read(part->fd, &reading);
	int64_t now_ns = clock_now_ns();
	if (code == 0 && reading.count != 1)
		code = -EIO;
	if (code < 0)
		return code;
	uint64_t count = reading.values[0];
	/* What was counted while the machine was suspended belongs to no interval. */
	bool goes_on = part->anchored && context->slept_ns == 0;
	uint64_t increase = goes_on ? count - part->count : 0;
	if (increase > INT64_MAX) {
		increase = undo_wrap(meter, part, context->root, count, now_ns);
		code = increase ? 0 : -ERANGE;
	}
	meter->total += increase;
	part->count = count;
	part->time_ns = now_ns;
	part->anchored = true;
	return code;
}

static void tell_failure(const struct meter *meter, const struct probe_context *context, int code)
{
	int64_t now_ns = clock_now_ns();
	char reason[128];

	switch (code) {
	case EACCES:
	case EPERM:
		text_print(reason, sizeof(reason),
			   "no permission to count; see the panel sources for what to do");
		break;
	case ERANGE:
		text_print(reason, sizeof(reason), "the counter fell, and its range is not known");
		feed_note(context->feed, now_ns, NOTE_WARN, meter->domain,
			  "perf_power:%s fell; its total goes on from here", meter->event);
		break;
	default:
		text_print(reason, sizeof(reason), "%s cannot be read: %s", meter->event,
			   error_name(code));
		break;
	}
	energy_gap(meter, context->feed, now_ns, code, reason);
}

/* The middle of the parts' readings: what happens to this thread afterwards must not move the time. */
static int64_t time_of_reading_ns(const struct meter *meter)
{
	int64_t first_ns = meter->parts[0].time_ns,
		last_ns = meter->parts[meter->part_count - 1].time_ns;

	return first_ns + (last_ns - first_ns) / 2;
}

static void tell_energy(struct meter *meter, const struct probe_context *context)
{
	int64_t now_ns = time_of_reading_ns(meter);
	int64_t total_uj = meter_microjoules(meter->total, meter->scale_j);
	bool never_rests = meter->kind == DOMAIN_PACKAGE || meter->kind == DOMAIN_PSYS;

	if (meter->still.moved_ns == 0)
		still_begin(&meter->still, now_ns);
	else if (total_uj > meter->told_uj)
		still_moved(&meter->still, now_ns);
	else if (never_rests && still_too_long(&meter->still, now_ns, context->interval_ns)) {
		energy_gap(meter, context->feed, now_ns, ENODATA, "the counter does not move");
		return;
	}
	feed_increase(context->feed, meter->series, METRIC_ENERGY_UJ, now_ns,
		      total_uj - meter->told_uj);
	meter->told_uj = total_uj;
}

static int perf_power_sample(void *self, const struct probe_context *context,
			     const struct watch *watch)
{
	struct perf_power *perf_power = self;
	(void)watch;
	for (size_t i = 0; i < perf_power->meters.count; i++) {
		struct meter *meter = &perf_power->meters.list[i];
		int code = 0;
		for (size_t j = 0; j < meter->part_count; j++) {
			int part_code = read_part(meter, &meter->parts[j], context);
			if (part_code < 0)
				code = part_code;
		}
		if (code < 0)
			tell_failure(meter, context, -code);
		else
			tell_energy(meter, context);
	}
	return 0;
}

static void perf_power_close(void *self)
{
	struct perf_power *perf_power = self;
	meters_finish(&perf_power->meters);
}

const struct probe probe_perf_power = {
	.name = "perf_power",
	.gives = GIVES,
	.private_size = sizeof(struct perf_power),
	.open = perf_power_open,
	.sample = perf_power_sample,
	.close = perf_power_close,
};
