/* SPDX-License-Identifier: Apache-2.0 */
/* The counters of one thread: opened as the plan says, read as increases that are scaled for the time they did not run. */
#include "probes/counters/counters.h"

#include <errno.h>
#include <unistd.h>

#define PPM	   1000000
#define PARTLY_PPM 999000 /* less is worth saying */
#define SILENT_NS \
	(30 * CLOCK_NS_PER_MS) /* an event that counts nothing in so much CPU time counts nothing */
#define SILENT_READINGS 3
#define STUCK_NS	CLOCK_NS_PER_MS

/* What one metric gained, over all groups that count it. */
struct gain {
	uint64_t counted, running_ns, enabled_ns;
	struct counters_event *event; /* of the last group */
	bool proven;		      /* one of them at least */
};

static int open_group(struct counters_thread *thread, const struct counters_plan *plan,
		      uint32_t index)
{
	const struct counters_group *group = &plan->groups[index];
	int *fds = thread->fds[index];

	for (uint32_t i = 0; i < group->count; i++) {
		struct perf_event_attr attr = counters_plan_attr(plan, &group->events[i]);

		attr.pinned = plan->pinned && !group->is_flops && i == 0;
		fds[i] = perfevent_open(&attr, thread->tid, -1, i ? fds[0] : -1);
		if (fds[i] < 0)
			return fds[i];
	}
	return perfevent_read(fds[0], &thread->before[index]);
}

static void close_group(struct counters_thread *thread, uint32_t index)
{
	/* Members before their leader. */
	for (uint32_t k = COUNTERS_EVENTS_MAX; k-- > 0;) {
		if (thread->fds[index][k] >= 0)
			close(thread->fds[index][k]);
		thread->fds[index][k] = -1;
	}
}

/* Without operations a thread is counted all the same. */
static void open_flops(struct counters_thread *thread, const struct counters_plan *plan)
{
	int code = 0;

	for (uint32_t i = 0; i < plan->count && code == 0; i++) {
		if (plan->groups[i].is_flops)
			code = open_group(thread, plan, i);
	}
	thread->no_flops = code < 0;
	for (uint32_t i = 0; i < plan->count && thread->no_flops; i++) {
		if (plan->groups[i].is_flops)
			close_group(thread, i);
	}
}

int counters_thread_open(struct counters_thread *thread, const struct counters_plan *plan)
{
	int code = 0;

	for (uint32_t i = 0; i < COUNTERS_GROUPS_MAX; i++) {
		for (uint32_t k = 0; k < COUNTERS_EVENTS_MAX; k++)
			thread->fds[i][k] = -1;
	}
	for (uint32_t i = 0; i < plan->count && code == 0; i++) {
		if (!plan->groups[i].is_flops)
			code = open_group(thread, plan, i);
	}
	thread->state = COUNTERS_OPEN;
	if (code < 0)
		counters_thread_close(thread);
	else
		open_flops(thread, plan);
	return code;
}

void counters_thread_close(struct counters_thread *thread)
{
	if (thread->state != COUNTERS_OPEN)
		return;
	for (uint32_t i = 0; i < COUNTERS_GROUPS_MAX; i++)
		close_group(thread, i);
	thread->state = COUNTERS_NONE;
}

void counters_thread_gap(struct counters_thread *thread, const struct counters_plan *plan,
			 struct feed *feed, int64_t time_ns, int code, const char *reason)
{
	for (uint32_t i = 0; i < plan->count; i++) {
		for (uint32_t k = 0; k < plan->groups[i].count && !plan->groups[i].is_flops; k++)
			feed_gap(feed, thread->series, plan->groups[i].events[k].metric, time_ns,
				 code, reason);
	}
	counters_thread_flops_gap(thread, plan, feed, time_ns, code, reason);
}

/* Watches events that may be dead on this machine: some PMUs open what they cannot count and read as zero for ever. */
static void note_silence(struct counters_event *event, uint64_t counted, uint64_t running_ns)
{
	if (event->proven || running_ns == 0)
		return;
	if (counted > 0) {
		event->proven = true;
		event->silent = false;
		return;
	}
	event->silent_ns += (int64_t)running_ns;
	event->silent_readings++;
	event->silent = event->silent_ns >= SILENT_NS && event->silent_readings >= SILENT_READINGS;
}

void counters_thread_increase(struct counters_thread *thread, struct feed *feed, uint32_t series,
			      enum metric metric, uint64_t increase, int64_t previous_ns,
			      int64_t now_ns)
{
	uint32_t bit = UINT32_C(1) << metric;

	if (increase > INT64_MAX) {
		feed_gap(feed, series, metric, now_ns, ERANGE, "");
		return;
	}
	/* It slept until the sample before this one: what was counted now, was counted since then. */
	if (!(thread->said & bit) || thread->told_ns != previous_ns)
		feed_increase(feed, series, metric, previous_ns, 0);
	thread->said |= bit;
	feed_increase(feed, series, metric, now_ns, (int64_t)increase);
}

static void tell_gain(struct counters_thread *thread, struct feed *feed, const struct gain *gain,
		      int64_t previous_ns, int64_t now_ns)
{
	struct perfevent_reading zero = {.count = 1};
	struct perfevent_reading gained = {.count = 1,
					   .enabled_ns = gain->enabled_ns,
					   .running_ns = gain->running_ns,
					   .values = {gain->counted}};
	enum metric metric = gain->event->metric;
	uint64_t increase;
	int code = perfevent_increase(&zero, &gained, 0, &increase);

	if (code < 0)
		feed_gap(
			feed, thread->series, metric, now_ns, -code,
			"the counters did not run: too many events for this PMU, or others use them");
	else if (gain->proven)
		counters_thread_increase(thread, feed, thread->series, metric, increase,
					 previous_ns, now_ns);
	else if (gain->event->silent)
		feed_gap(feed, thread->series, metric, now_ns, ENODATA,
			 "counts nothing on this machine");
}

static void tell_running(struct counters_thread *thread, struct feed *feed, uint64_t enabled_ns,
			 uint64_t running_ns, int64_t now_ns)
{
	int64_t ppm =
		(int64_t)(running_ns < enabled_ns ? (double)running_ns / (double)enabled_ns * PPM
						  : PPM);

	if (ppm >= PARTLY_PPM && !thread->partly)
		return;
	thread->partly = ppm < PARTLY_PPM;
	feed_gauge(feed, thread->series, METRIC_RUNNING_PPM, now_ns, ppm);
}

static void add_gain(struct gain *gain, struct counters_event *event, uint64_t counted,
		     uint64_t enabled_ns, uint64_t running_ns)
{
	gain->event = event;
	gain->counted += counted;
	gain->running_ns += running_ns;
	/* Groups of one thread are enabled together. */
	if (enabled_ns > gain->enabled_ns)
		gain->enabled_ns = enabled_ns;
	note_silence(event, counted, running_ns);
	gain->proven |= event->proven;
}

/* Reads a group and adds what it gained to the metrics. */
static int read_group(struct counters_thread *thread, struct counters_plan *plan, uint32_t index,
		      struct gain gains[METRIC_RAW_COUNT], uint64_t *busy_ns)
{
	struct counters_group *group = &plan->groups[index];
	struct perfevent_reading now, *before = &thread->before[index];
	int code = perfevent_read(thread->fds[index][0], &now);

	if (code < 0)
		return code;
	uint64_t enabled_ns = now.enabled_ns - before->enabled_ns,
		 running_ns = now.running_ns - before->running_ns;

	for (uint32_t i = 0; i < group->count && i < now.count; i++) {
		uint64_t counted =
			now.values[i] > before->values[i] ? now.values[i] - before->values[i] : 0;

		add_gain(&gains[group->events[i].metric], &group->events[i], counted, enabled_ns,
			 running_ns);
	}
	if (running_ns > *busy_ns)
		*busy_ns = running_ns;
	*before = now;
	return 0;
}

/* A group that is too large for its PMU never runs. */
static void note_stuck(struct counters_plan *plan, uint64_t enabled_ns, uint64_t running_ns,
		       int64_t now_ns)
{
	if (running_ns > 0)
		plan->stuck_ns = 0;
	else if (enabled_ns >= STUCK_NS && plan->stuck_ns == 0)
		plan->stuck_ns = now_ns;
}

/* Reads the groups that each PMU counts in any case; busy_ns: how long the thread ran on each. */
static int read_base(struct counters_thread *thread, struct counters_plan *plan,
		     struct gain gains[METRIC_RAW_COUNT], uint64_t busy_ns[COUNTERS_PMUS_MAX])
{
	for (uint32_t i = 0; i < plan->count; i++) {
		uint32_t pmu = plan->groups[i].pmu;
		int code = plan->groups[i].is_flops
				   ? 0
				   : read_group(thread, plan, i, gains, &busy_ns[pmu]);

		/* A pinned group for which there was no counter is in error, and stays so. */
		if (code == -ENODATA && plan->pinned) {
			plan->pinned = false;
			plan->has_changed = true;
		}
		if (code < 0)
			return code;
	}
	return 0;
}

int counters_thread_read(struct counters_thread *thread, struct counters_plan *plan,
			 struct feed *feed, int64_t previous_ns, int64_t now_ns)
{
	struct gain gains[METRIC_RAW_COUNT] = {{.event = NULL}};
	uint64_t enabled_ns = 0, least_ns = UINT64_MAX, most_ns = 0;
	uint64_t busy_ns[COUNTERS_PMUS_MAX] = {0};
	int code = read_base(thread, plan, gains, busy_ns);

	if (code < 0)
		return code;
	for (int metric = 0; metric < METRIC_RAW_COUNT; metric++) {
		const struct gain *gain = &gains[metric];

		if (!gain->event || gain->enabled_ns == 0)
			continue;
		tell_gain(thread, feed, gain, previous_ns, now_ns);
		enabled_ns = gain->enabled_ns;
		least_ns = gain->running_ns < least_ns ? gain->running_ns : least_ns;
		most_ns = gain->running_ns > most_ns ? gain->running_ns : most_ns;
	}
	if (enabled_ns > 0) {
		/* Events are enabled whenever their thread runs: that is its CPU time. */
		if (plan->hardware)
			counters_thread_increase(thread, feed, thread->series, METRIC_BUSY_NS,
						 enabled_ns, previous_ns, now_ns);
		tell_running(thread, feed, enabled_ns, least_ns, now_ns);
		note_stuck(plan, enabled_ns, most_ns, now_ns);
	}
	counters_thread_read_flops(thread, plan, feed, busy_ns, previous_ns, now_ns);
	thread->told_ns = now_ns;
	return 0;
}
