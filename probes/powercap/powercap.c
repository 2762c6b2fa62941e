/* SPDX-License-Identifier: Apache-2.0 */
/* Energy of packages, cores, DRAM and platform from the kernel's powercap zones. */
#include "probes/powercap/zone.h"

#include <errno.h>

/* Limits change when somebody changes them. */
#define LIMIT_PERIOD_NS (5 * CLOCK_NS_PER_S)
/* A driver may be loaded while we look, or a socket come on line. */
#define LOOK_PERIOD_NS (5 * CLOCK_NS_PER_S)
/* Those that went may be back under the same names: the driver was loaded anew. */
#define GONE_PERIOD_NS CLOCK_NS_PER_S

struct powercap {
	struct zones zones;
	size_t names; /* in the class when it was last looked at */
	int64_t looked_ns;
	bool has_gone; /* a zone that was open cannot be read any more */
};

static void zone_key(char key[DOMAIN_KEY_SIZE], const char *kind, const struct zone *zone)
{
	if (zone->die < 0)
		text_print(key, DOMAIN_KEY_SIZE, "%s-%d", kind, zone->package);
	else
		text_print(key, DOMAIN_KEY_SIZE, "%s-%d-die-%d", kind, zone->package, zone->die);
}

static void announce(struct zone *zone, struct feed *feed)
{
	char key[DOMAIN_KEY_SIZE], source[64];
	uint32_t parent = 0;

	if (zone->kind != DOMAIN_PSYS) {
		text_print(key, sizeof(key), "socket-%d", zone->package);
		parent = feed_domain(feed, DOMAIN_SOCKET, key, 0, key);
	}
	if (zone->kind == DOMAIN_CORES || zone->kind == DOMAIN_UNCORE) {
		zone_key(key, domain_kind_name(DOMAIN_PACKAGE), zone);
		parent = feed_domain(feed, DOMAIN_PACKAGE, key, parent, key);
	}
	zone_key(key, domain_kind_name(zone->kind), zone);
	zone->domain = feed_domain(feed, zone->kind, key, parent, key);
	text_print(source, sizeof(source), "powercap:%s", zone->id);
	zone->series = feed_series(feed, zone->domain, source, QUALITY_MEASURED);
	if (zone->unit_uj > 0) {
		text_print(key, sizeof(key), FEED_RESOLUTION_LABEL "%s", source);
		text_print(source, sizeof(source), "%.3g uJ", zone->unit_uj);
		feed_label(feed, zone->domain, key, source);
	}
}

static void tell_no_access(const struct powercap *powercap, const struct probe_context *context,
			   size_t denied)
{
	const struct zones *zones = &powercap->zones;
	char place[300], reason[256], counting[384], remedy[768];

	zones_place(context->root, place, sizeof(place));
	perfevent_remedy(context->root, true, counting, sizeof(counting));
	text_print(reason, sizeof(reason),
		   "energy_uj of %zu of %zu zones is readable by root only%s%s", denied,
		   zones->count, zones->remark[0] ? "; " : "", zones->remark);
	text_print(remedy, sizeof(remedy),
		   "%s (then perf_power reads the same energy), or: sudo chmod a+r %s/*/energy_uj",
		   counting, place);
	feed_source(context->feed, "powercap",
		    denied == zones->count ? SOURCE_NO_ACCESS : SOURCE_PARTIAL,
		    "package, core, dram energy", reason, remedy);
}

static void tell_state(const struct powercap *powercap, const struct probe_context *context)
{
	const struct zones *zones = &powercap->zones;
	size_t denied = 0, failed = 0;
	const char *failed_id = "";
	int code = 0;

	for (size_t i = 0; i < zones->count; i++) {
		const struct zone *zone = &zones->list[i];
		if (zone->open_code == -EACCES || zone->open_code == -EPERM) {
			denied++;
		} else if (zone->open_code != 0) {
			failed++;
			failed_id = zone->id;
			code = -zone->open_code;
		}
	}
	if (denied) {
		tell_no_access(powercap, context, denied);
		return;
	}
	char reason[256];
	if (failed)
		text_print(reason, sizeof(reason), "%zu of %zu zones cannot be read (%s: %s)%s%s",
			   failed, zones->count, failed_id, error_name(code),
			   zones->remark[0] ? "; " : "", zones->remark);
	else
		text_print(reason, sizeof(reason), "%s", zones->remark);
	feed_source(context->feed, "powercap",
		    failed == zones->count	? SOURCE_FAILED
		    : failed || zones->nameless ? SOURCE_PARTIAL
						: SOURCE_OK,
		    "package, core, dram energy", reason, "");
}

static int tell_nothing(const struct zones *zones, const struct probe_context *context, int code,
			struct error *err)
{
	char place[300];
	zones_place(context->root, place, sizeof(place));

	if (code < 0 && code != -ENOENT)
		return error_set(err, -code, "%s cannot be listed: %s", place, error_name(-code));
	if (code == -ENOENT)
		return error_set(
			err, ENODEV,
			"no powercap zones: %s is not there (a virtual machine, a CPU without "
			"energy counters, "
			"or a kernel without the powercap driver)",
			place);
	if (zones->listed == 0)
		return error_set(
			err, ENODEV,
			"no powercap zones: %s is empty (the driver found no energy counter, "
			"as in most virtual "
			"machines)",
			place);
	if (zones->nameless == zones->listed &&
	    (zones->name_code == -ENOENT || zones->name_code == -EACCES)) {
		feed_source(context->feed, "powercap", SOURCE_NO_ACCESS,
			    "package, core, dram energy",
			    "the zones are listed, but what is in them is masked, "
			    "as container engines do",
			    "docker run --security-opt systempaths=unconfined ..., "
			    "or run jouletop outside of the container");
		return error_set(err, EACCES, "the powercap zones are masked");
	}
	return error_set(err, EIO, "no powercap zone can be used: %s", zones->remark);
}

static int powercap_open(void *self, const struct probe_context *context, struct error *err)
{
	struct powercap *powercap = self;
	struct zones *zones = &powercap->zones;

	int code = zones_find(zones, context->root);
	if (zones->count == 0)
		return tell_nothing(zones, context, code, err);
	int64_t now_ns = clock_now_ns();
	powercap->names = zones_names(context->root);
	powercap->looked_ns = now_ns;
	for (size_t i = 0; i < zones->count; i++) {
		struct zone *zone = &zones->list[i];
		announce(zone, context->feed);
		zone->limit_ns = now_ns - LIMIT_PERIOD_NS;
	}
	tell_state(powercap, context);
	return 0;
}

static void energy_gap(const struct zone *zone, struct feed *feed, int64_t now_ns, int code,
		       const char *reason)
{
	feed_gap(feed, zone->series, METRIC_ENERGY_UJ, now_ns, code, reason);
}

static void energy_still(const struct zone *zone, const struct probe_context *context,
			 int64_t now_ns)
{
	/* A package draws power as long as it is on; cores and an iGPU may really rest. */
	bool never_rests = zone->kind == DOMAIN_PACKAGE || zone->kind == DOMAIN_PSYS;
	if (never_rests && still_too_long(&zone->still, now_ns, context->interval_ns))
		energy_gap(zone, context->feed, now_ns, ENODATA, "the counter does not move");
	else
		feed_increase(context->feed, zone->series, METRIC_ENERGY_UJ, now_ns, 0);
}

static void energy_moved(struct zone *zone, struct feed *feed, int64_t now_ns, int64_t amount_uj)
{
	still_moved(&zone->still, now_ns);
	feed_increase(feed, zone->series, METRIC_ENERGY_UJ, now_ns, amount_uj);
}

static void take_reading(struct zone *zone, const struct probe_context *context, int64_t now_ns,
			 uint64_t raw_uj)
{
	struct feed *feed = context->feed;

	/* The counter may have gone on or begun anew in a time that no clock of ours shows. */
	if (context->slept_ns > 0)
		zone->counter.anchored = false;
	/* After a long gap nobody knows how often it has wrapped. */
	if (zone->counter.anchored && counter_wraps_unseen(&zone->rule, now_ns - zone->read_ns)) {
		feed_note(feed, now_ns, NOTE_WARN, zone->domain,
			  "powercap:%s: not read for so long that the counter may have wrapped: "
			  "that energy is missing",
			  zone->id);
		zone->counter.anchored = false;
	}
	int64_t before_uj = zone->counter.total;
	enum counter_step step = counter_advance(&zone->counter, &zone->rule, raw_uj, now_ns);
	zone->read_ns = now_ns;
	switch (step) {
	case COUNTER_ANCHORED:
		still_begin(&zone->still, now_ns);
		feed_increase(feed, zone->series, METRIC_ENERGY_UJ, now_ns, 0);
		break;
	case COUNTER_STILL: energy_still(zone, context, now_ns); break;
	case COUNTER_MOVED:
	case COUNTER_WRAPPED:
		energy_moved(zone, feed, now_ns, zone->counter.total - before_uj);
		break;
	case COUNTER_FELL:
		still_begin(&zone->still, now_ns);
		energy_gap(zone, feed, now_ns, ERANGE,
			   "the counter fell: it was reset, or wrapped implausibly");
		feed_note(feed, now_ns, NOTE_WARN, zone->domain,
			  "powercap:%s fell; its total goes on from here", zone->id);
		break;
	}
}

static void tell_failure(const struct zone *zone, struct feed *feed, int code)
{
	const char *reason = "energy_uj cannot be read";
	switch (code) {
	case EACCES:
	case EPERM:
		reason = "energy_uj is readable by root only; see the panel sources for what to do";
		break;
	case ENODEV:
	case ENOENT:
		code = ENODEV;
		reason = "the zone is gone";
		break;
	case ENODATA: reason = "energy_uj is empty"; break;
	case EINVAL: /* what the kernel makes of every failure of a driver */
		reason = "energy_uj cannot be read: the driver refuses";
		break;
	case EMFILE:
		reason = "no descriptor was left for it: raise the limit with ulimit -n";
		break;
	}
	energy_gap(zone, feed, clock_now_ns(), code, reason);
}

/* False when the zone is gone. */
static bool sample_energy(struct zone *zone, const struct probe_context *context)
{
	int64_t raw_uj;

	if (zone->energy_fd < 0) {
		tell_failure(zone, context->feed, -zone->open_code);
		return true;
	}
	if (counter_wraps_unseen(&zone->rule, context->interval_ns)) {
		char reason[128];
		int64_t safe_ms =
			(int64_t)((double)zone->rule.range / zone->rule.max_per_second * 500);
		text_print(reason, sizeof(reason),
			   "wraps faster than it is sampled: use -d %d.%03d or less, "
			   "or the perf power events",
			   (int)(safe_ms / 1000), (int)(safe_ms % 1000));
		energy_gap(zone, context->feed, clock_now_ns(), EOVERFLOW, reason);
		return true;
	}
	int code = sysroot_file_read_i64(context->root, zone->energy_fd, &raw_uj);
	if (code == 0 && raw_uj < 0)
		code = -EINVAL;
	if (code < 0)
		tell_failure(zone, context->feed, -code);
	else
		take_reading(zone, context, clock_now_ns(), (uint64_t)raw_uj);
	return code != -ENODEV && code != -ENOENT;
}

static void sample_limit(struct zone *zone, const struct probe_context *context)
{
	int64_t now_ns = clock_now_ns(), limit_uw;

	if (zone->limit_fd < 0 || now_ns - zone->limit_ns < LIMIT_PERIOD_NS)
		return;
	zone->limit_ns = now_ns;
	/* One time for both: one row in the session. */
	if (zone->read_ns)
		now_ns = zone->read_ns;
	int code = sysroot_file_read_i64(context->root, zone->limit_fd, &limit_uw);
	if (code == 0 && limit_uw <= 0)
		code = -ENODATA;
	if (code < 0) {
		zone->limit_uw = 0;
		feed_gap(context->feed, zone->series, METRIC_POWER_LIMIT_UW, now_ns, -code,
			 code == -ENODATA ? "no limit is set" : "the limit cannot be read");
	} else if (limit_uw != zone->limit_uw) {
		zone->limit_uw = limit_uw;
		feed_gauge(context->feed, zone->series, METRIC_POWER_LIMIT_UW, now_ns, limit_uw);
	}
}

/* What was counted so far goes on in the zone's new description. */
static void carry_over(struct zone *zone, const struct zone *before)
{
	zone->domain = before->domain;
	zone->series = before->series;
	zone->counter = before->counter;
	zone->still = before->still;
	zone->read_ns = before->read_ns;
	zone->limit_uw = before->limit_uw;
	zone->limit_ns = before->limit_ns;
}

static void take_zones(struct powercap *powercap, const struct probe_context *context,
		       struct zones *fresh)
{
	struct zones *zones = &powercap->zones;
	int64_t now_ns = clock_now_ns();

	for (size_t i = 0; i < fresh->count; i++) {
		struct zone *zone = &fresh->list[i];
		const struct zone *before = zones_find_same(zones, zone);
		if (before) {
			carry_over(zone, before);
			continue;
		}
		announce(zone, context->feed);
		zone->limit_ns = now_ns - LIMIT_PERIOD_NS;
		feed_note(context->feed, now_ns, NOTE_INFO, zone->domain,
			  "powercap:%s has appeared: its energy counts from here", zone->id);
	}
	for (size_t i = 0; i < zones->count; i++) {
		if (!zones_find_same(fresh, &zones->list[i]))
			energy_gap(&zones->list[i], context->feed, now_ns, ENODEV,
				   "the zone is gone");
	}
	zones_finish(zones);
	*zones = *fresh;
	tell_state(powercap, context);
}

static void look_again(struct powercap *powercap, const struct probe_context *context)
{
	int64_t now_ns = clock_now_ns();
	struct zones fresh = {.list = NULL};

	if (now_ns - powercap->looked_ns < (powercap->has_gone ? GONE_PERIOD_NS : LOOK_PERIOD_NS))
		return;
	powercap->looked_ns = now_ns;
	size_t names = zones_names(context->root);
	if (names == powercap->names && !powercap->has_gone)
		return;
	powercap->names = names;
	powercap->has_gone = false;
	/* With nothing left the old ones say why they cannot be read. */
	zones_find(&fresh, context->root);
	if (fresh.count > 0)
		take_zones(powercap, context, &fresh);
	else
		zones_finish(&fresh);
}

static int powercap_sample(void *self, const struct probe_context *context,
			   const struct watch *watch)
{
	struct powercap *powercap = self;
	(void)watch;
	look_again(powercap, context);
	for (size_t i = 0; i < powercap->zones.count; i++) {
		powercap->has_gone |= !sample_energy(&powercap->zones.list[i], context);
		sample_limit(&powercap->zones.list[i], context);
	}
	return 0;
}

static void powercap_close(void *self)
{
	struct powercap *powercap = self;
	zones_finish(&powercap->zones);
}

const struct probe probe_powercap = {
	.name = "powercap",
	.gives = "package, core, dram energy",
	.private_size = sizeof(struct powercap),
	.open = powercap_open,
	.sample = powercap_sample,
	.close = powercap_close,
};
