/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that memory controllers read and wrote: per package, counted by the kernel's uncore PMUs. */
#include "probes/traffic/controllers.h"

#include <errno.h>
#include <string.h>

#define SOURCE "traffic"
#define GIVES  "bytes read from and written to memory"
#define PPM    1000000

struct traffic {
	struct controllers controllers;
};

/* All events of a controller in one group, read at once. */
static void open_controller(struct controller *controller)
{
	for (uint32_t i = 0; i < controller->count && controller->code == 0; i++) {
		struct controller_event *event = &controller->events[i];

		event->fd = perfevent_open(&event->attr, -1, controller->cpu,
					   i ? controller->events[0].fd : -1);
		if (event->fd < 0)
			controller->code = event->fd;
	}
}

static void announce(struct place *place, const char *source, struct feed *feed)
{
	char key[DOMAIN_KEY_SIZE];

	text_print(key, sizeof(key), "socket-%d", place->package);
	place->domain = feed_domain(feed, DOMAIN_SOCKET, key, 0, key);
	if (!place->has_dies) {
		text_print(key, sizeof(key), "package-%d", place->package);
		place->domain = feed_domain(feed, DOMAIN_PACKAGE, key, place->domain, key);
	}
	place->series = feed_series(feed, place->domain, source, QUALITY_MEASURED);
}

static void tell_state(const struct traffic *traffic, const struct probe_context *context)
{
	const struct controllers *controllers = &traffic->controllers;
	char remedy[512] = "";
	size_t failed = 0;
	int code = 0;
	struct error err = {0};

	for (size_t i = 0; i < controllers->count; i++) {
		failed += controllers->list[i].code < 0;
		code = controllers->list[i].code < 0 ? -controllers->list[i].code : code;
	}
	if (failed == 0) {
		feed_source(context->feed, SOURCE, SOURCE_OK, GIVES, "", "");
		return;
	}
	perfevent_explain(context->root, code, "memory traffic", &err);
	if (code == EACCES) {
		/* What it recommends is meant for threads. */
		char *run = strstr(err.text, "; run:");

		if (run)
			*run = '\0';
		perfevent_remedy(context->root, true, remedy, sizeof(remedy));
	}
	feed_source(context->feed, SOURCE,
		    failed < controllers->count	      ? SOURCE_PARTIAL
		    : code == EACCES || code == EPERM ? SOURCE_NO_ACCESS
						      : SOURCE_FAILED,
		    GIVES, err.text, remedy);
}

static int traffic_open(void *self, const struct probe_context *context, struct error *err)
{
	struct traffic *traffic = self;
	struct controllers *controllers = &traffic->controllers;

	if (context->root->recorded)
		return error_set(err, ENODEV,
				 "not with --root: perf events count on this machine only");
	int code = controllers_find(controllers, context->root, err);

	if (code < 0)
		return code;
	for (size_t i = 0; i < controllers->count; i++)
		open_controller(&controllers->list[i]);
	for (size_t i = 0; i < controllers->place_count; i++)
		announce(&controllers->places[i], controllers->source, context->feed);
	tell_state(traffic, context);
	return 0;
}

static void add_gains(struct place *place, const struct controller *controller)
{
	const struct perfevent_reading *before = &controller->before, *now = &controller->now;
	uint64_t ran_ns = now->running_ns - before->running_ns,
		 all_ns = now->enabled_ns - before->enabled_ns;

	for (uint32_t i = 0; i < controller->count; i++) {
		uint64_t increase = 0;
		int code = perfevent_increase(before, now, i, &increase);

		if (code < 0 || increase > INT64_MAX / 4096) {
			place->code = code < 0 ? code : -ERANGE;
			return;
		}
		place->gained[controller->events[i].metric == METRIC_WRITE_BYTES] +=
			increase * controller->events[i].bytes;
	}
	if (all_ns > 0 && (double)ran_ns / (double)all_ns < place->running_ratio)
		place->running_ratio = (double)ran_ns / (double)all_ns;
}

/* What was counted while the machine was suspended belongs to no interval. */
static void read_controller(struct controllers *controllers, struct controller *controller,
			    bool goes_on)
{
	struct place *place = &controllers->places[controller->place];
	int code = controller->events[0].fd >= 0 && controller->code == 0
			   ? perfevent_read(controller->events[0].fd, &controller->now)
			   : controller->code;

	if (code == 0 && controller->now.count != controller->count)
		code = -EIO;
	controller->was_read = code == 0;
	if (code < 0) {
		controller->anchored = false;
		place->code = code;
		return;
	}
	controller->anchored &= goes_on;
	place->waits |=
		controller->anchored && perfevent_waits(&controller->before, &controller->now);
}

/* The controllers of a place are taken together or not at all. */
static void take_controller(struct place *place, struct controller *controller)
{
	if (!controller->was_read || (controller->anchored && place->waits))
		return;
	if (controller->anchored)
		add_gains(place, controller);
	controller->before = controller->now;
	controller->anchored = true;
}

static void tell_place(const struct place *place, struct feed *feed, int64_t now_ns)
{
	char reason[128];
	int code = place->code == 0 && place->waits ? -ENODATA : place->code;

	if (code == 0) {
		feed_increase(feed, place->series, METRIC_READ_BYTES, now_ns,
			      (int64_t)place->gained[0]);
		feed_increase(feed, place->series, METRIC_WRITE_BYTES, now_ns,
			      (int64_t)place->gained[1]);
		if (place->running_ratio < 1)
			feed_gauge(feed, place->series, METRIC_RUNNING_PPM, now_ns,
				   (int64_t)(place->running_ratio * PPM));
		return;
	}
	/* Some channels are not all. */
	if (code == -EACCES || code == -EPERM)
		text_print(reason, sizeof(reason),
			   "no permission to count; see the panel sources for what to do");
	else if (code == -ENODATA)
		text_print(reason, sizeof(reason),
			   "the counters of a memory controller did not run: others use them");
	else
		text_print(reason, sizeof(reason), "a memory controller cannot be read: %s",
			   error_name(-code));
	feed_gap(feed, place->series, METRIC_READ_BYTES, now_ns, -code, reason);
	feed_gap(feed, place->series, METRIC_WRITE_BYTES, now_ns, -code, reason);
}

static int traffic_sample(void *self, const struct probe_context *context,
			  const struct watch *watch)
{
	struct controllers *controllers = &((struct traffic *)self)->controllers;

	(void)watch;
	for (size_t i = 0; i < controllers->place_count; i++) {
		struct place *place = &controllers->places[i];

		place->gained[0] = place->gained[1] = 0;
		place->code = 0;
		place->waits = false;
		place->running_ratio = 1;
	}
	for (size_t i = 0; i < controllers->count; i++)
		read_controller(controllers, &controllers->list[i], context->slept_ns == 0);
	for (size_t i = 0; i < controllers->count; i++)
		take_controller(&controllers->places[controllers->list[i].place],
				&controllers->list[i]);

	int64_t now_ns = clock_now_ns();

	for (size_t i = 0; i < controllers->place_count; i++)
		tell_place(&controllers->places[i], context->feed, now_ns);
	return 0;
}

static void traffic_close(void *self)
{
	controllers_finish(&((struct traffic *)self)->controllers);
}

const struct probe probe_traffic = {
	.name = SOURCE,
	.gives = GIVES,
	.private_size = sizeof(struct traffic),
	.open = traffic_open,
	.sample = traffic_sample,
	.close = traffic_close,
};
