/* SPDX-License-Identifier: Apache-2.0 */
/* The counters of one thread: opened as the plan says, read as increases that are scaled for the time they did not run. */
#include "probes/counters/counters.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define PPM	    1000000
#define PARTLY_PPM  999000    /* less is worth saying */
#define UNKNOWN_PPM INT64_MAX /* all wait */
#define SILENT_NS \
	(30 * CLOCK_NS_PER_MS) /* an event that counts nothing in so much CPU time counts nothing */
#define SILENT_READINGS 3
#define STUCK_NS	CLOCK_NS_PER_MS

/* What one metric gained, over all groups that count it. */
struct gain {
	uint64_t counted, running_ns, enabled_ns;
	struct counters_event *event; /* of the last group */
	bool proven;		      /* one of them at least */
	bool waits;		      /* for its group's turn, which will stand for this time too */
	struct counters_span span;
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

int counters_thread_open(struct counters_thread *thread, const struct counters_plan *plan,
			 int64_t now_ns)
{
	int code = 0;

	for (uint32_t i = 0; i < COUNTERS_GROUPS_MAX; i++) {
		for (uint32_t k = 0; k < COUNTERS_EVENTS_MAX; k++)
			thread->fds[i][k] = -1;
		thread->spans[i] = (struct counters_span){.told_ns = now_ns};
	}
	thread->flops_span = thread->spans[0];
	memset(thread->flops_busy_ns, 0, sizeof(thread->flops_busy_ns));
	for (uint32_t i = 0; i < plan->count && code == 0; i++) {
		if (!plan->groups[i].is_flops)
			code = open_group(thread, plan, i);
	}
	thread->state = COUNTERS_OPEN;
	thread->enabled_ns = code == 0 ? thread->before[0].enabled_ns : 0;
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
			      enum metric metric, uint64_t increase,
			      const struct counters_span *span, int64_t now_ns)
{
	uint32_t bit = UINT32_C(1) << metric;

	if (increase > INT64_MAX) {
		feed_gap(feed, series, metric, now_ns, ERANGE, "");
		return;
	}
	/* It slept until the span began: what was counted now, was counted since then. */
	if (!(thread->said & bit) || span->told_ns != span->start_ns)
		feed_increase(feed, series, metric, span->start_ns, 0);
	thread->said |= bit;
	feed_increase(feed, series, metric, now_ns, (int64_t)increase);
}

static void tell_gain(struct counters_thread *thread, struct feed *feed, const struct gain *gain,
		      int64_t now_ns)
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
					 &gain->span, now_ns);
	else if (gain->event->silent)
		feed_gap(feed, thread->series, metric, now_ns, ENODATA,
			 "counts nothing on this machine");
}

static int64_t ran_ppm(const struct gain *gain)
{
	if (gain->running_ns >= gain->enabled_ns)
		return PPM;
	return (int64_t)((double)gain->running_ns / (double)gain->enabled_ns * PPM);
}

static void tell_running(struct counters_thread *thread, struct feed *feed, int64_t ppm,
			 int64_t now_ns)
{
	if (ppm == UNKNOWN_PPM || (ppm >= PARTLY_PPM && !thread->partly))
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

/* Adds what a group gained to its metrics. One that had no turn goes on from its last one; elsewhere: the thread was on a PMU
 * of another kind, and this one is not expected to have run. */
static void take_group(struct counters_thread *thread, struct counters_plan *plan, uint32_t index,
		       const struct perfevent_reading *now, bool elsewhere,
		       struct gain gains[METRIC_RAW_COUNT], int64_t now_ns)
{
	struct counters_group *group = &plan->groups[index];
	struct perfevent_reading *before = &thread->before[index];
	struct counters_span *span = &thread->spans[index];
	uint64_t running_ns = now->running_ns - before->running_ns;
	bool waits = !elsewhere && perfevent_waits(before, now);

	for (uint32_t i = 0; i < group->count && i < now->count; i++) {
		uint64_t counted =
			now->values[i] > before->values[i] ? now->values[i] - before->values[i] : 0;
		struct gain *gain = &gains[group->events[i].metric];

		add_gain(gain, &group->events[i], counted, now->enabled_ns - before->enabled_ns,
			 running_ns);
		gain->waits |= waits;
		gain->span = *span;
	}
	if (waits)
		return;
	*before = *now;
	span->start_ns = 0;
	if (running_ns > 0 || elsewhere)
		span->told_ns = now_ns;
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
		     struct perfevent_reading now[COUNTERS_GROUPS_MAX],
		     uint64_t busy_ns[COUNTERS_PMUS_MAX])
{
	for (uint32_t i = 0; i < plan->count; i++) {
		uint32_t pmu = plan->groups[i].pmu;
		int code =
			plan->groups[i].is_flops ? 0 : perfevent_read(thread->fds[i][0], &now[i]);

		/* A pinned group for which there was no counter is in error, and stays so. */
		if (code == -ENODATA && plan->pinned) {
			plan->pinned = false;
			plan->has_changed = true;
		}
		if (code < 0)
			return code;
		if (plan->groups[i].is_flops)
			continue;
		uint64_t ran_ns = now[i].running_ns - thread->before[i].running_ns;

		busy_ns[pmu] = ran_ns > busy_ns[pmu] ? ran_ns : busy_ns[pmu];
	}
	return 0;
}

static void take_base(struct counters_thread *thread, struct counters_plan *plan,
		      const struct perfevent_reading now[COUNTERS_GROUPS_MAX],
		      const uint64_t busy_ns[COUNTERS_PMUS_MAX],
		      struct gain gains[METRIC_RAW_COUNT], int64_t previous_ns, int64_t now_ns)
{
	bool ran = false;

	for (uint32_t pmu = 0; pmu < plan->pmu_count; pmu++)
		ran |= busy_ns[pmu] > 0;
	for (uint32_t i = 0; i < plan->count; i++) {
		if (plan->groups[i].is_flops)
			continue;
		if (thread->spans[i].start_ns == 0)
			thread->spans[i].start_ns = previous_ns;
		take_group(thread, plan, i, &now[i], plan->pmu_count > 1 && ran, gains, now_ns);
	}
}

int counters_thread_read(struct counters_thread *thread, struct counters_plan *plan,
			 struct feed *feed, bool flops_due, int64_t previous_ns, int64_t now_ns)
{
	struct gain gains[METRIC_RAW_COUNT] = {{.event = NULL}};
	struct perfevent_reading now[COUNTERS_GROUPS_MAX] = {{.count = 0}};
	const struct counters_span own = {previous_ns, thread->told_ns};
	uint64_t busy_ns[COUNTERS_PMUS_MAX] = {0}, most_ns = 0;
	int64_t least_ppm = UNKNOWN_PPM;
	int code = read_base(thread, plan, now, busy_ns);

	if (code < 0)
		return code;
	take_base(thread, plan, now, busy_ns, gains, previous_ns, now_ns);

	/* Events are enabled whenever their thread runs: that is its CPU time. */
	uint64_t enabled_ns = now[0].enabled_ns - thread->enabled_ns;

	thread->enabled_ns = now[0].enabled_ns;
	for (int metric = 0; metric < METRIC_RAW_COUNT; metric++) {
		const struct gain *gain = &gains[metric];

		if (!gain->event || gain->enabled_ns == 0)
			continue;
		tell_gain(thread, feed, gain, now_ns);
		if (!gain->waits)
			least_ppm = ran_ppm(gain) < least_ppm ? ran_ppm(gain) : least_ppm;
		most_ns = gain->running_ns > most_ns ? gain->running_ns : most_ns;
	}
	if (enabled_ns > 0) {
		if (plan->hardware)
			counters_thread_increase(thread, feed, thread->series, METRIC_BUSY_NS,
						 enabled_ns, &own, now_ns);
		tell_running(thread, feed, least_ppm, now_ns);
		note_stuck(plan, enabled_ns, most_ns, now_ns);
	}
	if (plan->pmu_count == 1)
		busy_ns[0] = enabled_ns;
	counters_thread_read_flops(thread, plan, feed, busy_ns, flops_due, previous_ns, now_ns);
	thread->told_ns = now_ns;
	return 0;
}
