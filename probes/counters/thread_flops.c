/* SPDX-License-Identifier: Apache-2.0 */
/* The floating point operations of one thread: weighed, scaled for the time in which their group did not run. */
#include "probes/counters/counters.h"

#include <errno.h>
#include <string.h>

#define PPM	   1000000
#define PARTLY_PPM 999000
/* A group waits its turn for so long at most where counters are free for it: no reason to say that any are missing. */
#define TURN_NS 20000000
/* Before so much CPU time it is no wonder that no operation was counted. */
#define SILENT_NS (30 * CLOCK_NS_PER_MS)
/* A thread may have run for one part in so many on cores that cannot count. */
#define UNCOUNTED_PARTS 100

#define NO_TURN		"the counters did not run: too many events for this PMU, or others use them"

#define BIT(metric)	(UINT32_C(1) << (metric))

/* What a thread did since its last reading. */
struct flops {
	uint64_t gained[METRIC_RAW_COUNT];
	uint32_t missing; /* metrics whose group did not run, a bit each */
	uint32_t read;	  /* metrics that are known */
	bool used_amx;
	int64_t least_ppm; /* that a group ran */
};

void counters_thread_flops_gap(struct counters_thread *thread, const struct counters_plan *plan,
			       struct feed *feed, int64_t time_ns, int code, const char *reason)
{
	for (int metric = 0; metric < METRIC_RAW_COUNT && thread->flops_series; metric++) {
		if (metric < 32 && (plan->flops.metrics & BIT(metric)))
			feed_gap(feed, thread->flops_series, (enum metric)metric, time_ns, code,
				 reason);
	}
}

static uint64_t scale(uint64_t counted, uint32_t times, uint64_t ran_ns, uint64_t all_ns)
{
	__extension__ unsigned __int128 scaled = (unsigned __int128)counted * times;

	if (ran_ns < all_ns)
		scaled = scaled * all_ns / ran_ns;
	return scaled > INT64_MAX / 8 ? INT64_MAX / 8 : (uint64_t)scaled;
}

static uint32_t metrics_of(const struct counters_group *group)
{
	uint32_t metrics = 0;

	for (uint32_t i = 0; i < group->count; i++)
		metrics |= BIT(group->events[i].metric) |
			   (group->events[i].is_vector ? BIT(METRIC_FLOP_VECTOR) : 0);
	return metrics;
}

static void add_group(struct counters_plan *plan, const struct counters_group *group,
		      const struct perfevent_reading *before, const struct perfevent_reading *now,
		      uint64_t ran_ns, uint64_t all_ns, struct flops *flops)
{
	int64_t ppm = ran_ns < all_ns ? (int64_t)((double)ran_ns / (double)all_ns * PPM) : PPM;

	for (uint32_t i = 0; i < group->count && i < now->count; i++) {
		const struct counters_event *event = &group->events[i];
		uint64_t counted =
			now->values[i] > before->values[i] ? now->values[i] - before->values[i] : 0;
		uint64_t gained = scale(counted, event->times, ran_ns, all_ns);

		flops->gained[event->metric] += gained;
		if (event->is_vector)
			flops->gained[METRIC_FLOP_VECTOR] += gained;
		flops->used_amx |= event->is_amx && counted > 0;
		plan->flops.proven |=
			counted > 0 && !event->is_amx && event->metric != METRIC_STALL_CYCLES;
	}
	flops->read |= metrics_of(group);
	flops->least_ppm = ppm < flops->least_ppm ? ppm : flops->least_ppm;
}

/* busy_ns: how long the thread ran on the PMU of the group, where there are several. */
static void take_group(struct counters_thread *thread, struct counters_plan *plan, uint32_t index,
		       const struct perfevent_reading *now, uint64_t busy_ns, struct flops *flops)
{
	const struct counters_group *group = &plan->groups[index];
	struct perfevent_reading *before = &thread->before[index];
	uint64_t ran_ns = now->running_ns - before->running_ns,
		 all_ns = now->enabled_ns - before->enabled_ns;

	if (plan->pmu_count > 1)
		all_ns = busy_ns > ran_ns ? busy_ns : ran_ns;
	if (ran_ns > 0)
		add_group(plan, group, before, now, ran_ns, all_ns, flops);
	else if (all_ns > 0)
		flops->missing |= metrics_of(group);
	*before = *now;
}

/* Reads all groups. The longest time that one of them now waits for its turn is *waited_ns. */
static int read_groups(struct counters_thread *thread, struct counters_plan *plan,
		       const uint64_t busy_ns[COUNTERS_PMUS_MAX],
		       struct perfevent_reading now[COUNTERS_GROUPS_MAX], uint64_t *waited_ns)
{
	*waited_ns = 0;
	for (uint32_t i = 0; i < plan->count; i++) {
		struct counters_group *group = &plan->groups[i];
		const struct perfevent_reading *before = &thread->before[i];

		if (!group->is_flops)
			continue;

		int code = perfevent_read(thread->fds[i][0], &now[i]);

		if (code < 0)
			return code;
		group->ran |= now[i].running_ns > before->running_ns;
		if (!group->ran)
			group->waited_ns += (int64_t)busy_ns[group->pmu];
		/* Of several PMUs it is not known for how long this one's turn was missed. */
		if (plan->pmu_count == 1 && perfevent_waits(before, &now[i]) &&
		    now[i].enabled_ns - before->enabled_ns > *waited_ns)
			*waited_ns = now[i].enabled_ns - before->enabled_ns;
	}
	return 0;
}

static void tell_running(struct counters_thread *thread, struct feed *feed, int64_t ppm,
			 int64_t now_ns)
{
	if (ppm >= PARTLY_PPM && !thread->flops_partly)
		return;
	thread->flops_partly = ppm < PARTLY_PPM;
	feed_gauge(feed, thread->flops_series, METRIC_RUNNING_PPM, now_ns, ppm);
}

static void tell_amx(struct counters_thread *thread, struct feed *feed, int64_t now_ns)
{
	feed_gap(feed, thread->flops_series, METRIC_FLOP_FP16, now_ns, EOPNOTSUPP,
		 "AMX not countable");
	if (!thread->uses_amx)
		feed_label(feed, thread->domain, FLOPS_SOURCE, "AMX not countable");
	thread->uses_amx = true;
}

static void tell(struct counters_thread *thread, const struct counters_plan *plan,
		 struct feed *feed, const struct flops *flops, int64_t now_ns)
{
	static const enum metric metrics[] = {METRIC_FLOP_FP64, METRIC_FLOP_FP32, METRIC_FLOP_FP16,
					      METRIC_FLOP_VECTOR};
	const struct counters_span *span = &thread->flops_span;

	for (size_t i = 0; i < ARRAY_SIZE(metrics); i++) {
		enum metric metric = metrics[i];

		if (!(plan->flops.metrics & BIT(metric)))
			continue;
		if (flops->missing & BIT(metric))
			feed_gap(feed, thread->flops_series, metric, now_ns, ENODATA, NO_TURN);
		else if (metric == METRIC_FLOP_FP16 && flops->used_amx)
			tell_amx(thread, feed, now_ns);
		else if (flops->read & BIT(metric))
			counters_thread_increase(thread, feed, thread->flops_series, metric,
						 flops->gained[metric], span, now_ns);
	}
	if (flops->read & BIT(METRIC_STALL_CYCLES))
		counters_thread_increase(thread, feed, thread->series, METRIC_STALL_CYCLES,
					 flops->gained[METRIC_STALL_CYCLES], span, now_ns);
	if (flops->read)
		tell_running(thread, feed, flops->least_ppm, now_ns);
}

/* Some of the time it ran where operations cannot be counted: what is counted elsewhere is not all. */
static bool ran_uncounted(const struct counters_plan *plan,
			  const uint64_t busy_ns[COUNTERS_PMUS_MAX])
{
	uint64_t all_ns = 0, uncounted_ns = 0;

	for (uint32_t i = 0; i < plan->pmu_count; i++) {
		all_ns += busy_ns[i];
		uncounted_ns += plan->flops.is_counted[i] ? 0 : busy_ns[i];
	}
	return uncounted_ns > all_ns / UNCOUNTED_PARTS;
}

/* Zeros of an event that never counted anything may mean that it cannot. */
static bool is_silent(struct counters_plan *plan, struct counters_thread *thread, struct feed *feed,
		      const uint64_t busy_ns[COUNTERS_PMUS_MAX], int64_t now_ns)
{
	if (plan->flops.proven)
		return false;
	for (uint32_t i = 0; i < plan->pmu_count; i++)
		plan->flops.silent_ns += (int64_t)busy_ns[i];
	if (plan->flops.silent_ns >= SILENT_NS)
		counters_thread_flops_gap(thread, plan, feed, now_ns, ENODATA,
					  "no operation has been counted yet");
	return true;
}

/* What all groups gained since they were last taken together: a precision may have events in two of them. */
static void take_groups(struct counters_thread *thread, struct counters_plan *plan,
			struct feed *feed, const struct perfevent_reading now[COUNTERS_GROUPS_MAX],
			const uint64_t busy_ns[COUNTERS_PMUS_MAX], int64_t now_ns)
{
	struct flops flops = {.least_ppm = PPM};
	bool told = false;

	for (uint32_t i = 0; i < plan->count; i++) {
		if (plan->groups[i].is_flops)
			take_group(thread, plan, i, &now[i], busy_ns[plan->groups[i].pmu], &flops);
	}
	if (ran_uncounted(plan, busy_ns)) {
		counters_thread_flops_gap(thread, plan, feed, now_ns, EOPNOTSUPP,
					  plan->pmu_count > 1
						  ? "it ran on cores that cannot count operations"
						  : plan->flops.reason);
	} else if (is_silent(plan, thread, feed, busy_ns, now_ns)) {
		if (flops.used_amx)
			tell_amx(thread, feed, now_ns);
	} else {
		tell(thread, plan, feed, &flops, now_ns);
		told = flops.missing == 0;
	}
	thread->flops_span.start_ns = 0;
	if (told)
		thread->flops_span.told_ns = now_ns;
}

static void read_due(struct counters_thread *thread, struct counters_plan *plan, struct feed *feed,
		     int64_t now_ns)
{
	const uint64_t *busy_ns = thread->flops_busy_ns;
	struct perfevent_reading now[COUNTERS_GROUPS_MAX];
	uint64_t waited_ns = 0;
	int code = thread->no_flops ? -EBUSY : read_groups(thread, plan, busy_ns, now, &waited_ns);

	if (code < 0)
		counters_thread_flops_gap(thread, plan, feed, now_ns, -code,
					  thread->no_flops ? "its counters could not be opened"
							   : "");
	else if (waited_ns == 0)
		take_groups(thread, plan, feed, now, busy_ns, now_ns);
	else if (waited_ns >= TURN_NS)
		counters_thread_flops_gap(thread, plan, feed, now_ns, ENODATA, NO_TURN);
}

void counters_thread_read_flops(struct counters_thread *thread, struct counters_plan *plan,
				struct feed *feed, const uint64_t busy_ns[COUNTERS_PMUS_MAX],
				bool due, int64_t previous_ns, int64_t now_ns)
{
	if (!thread->flops_series)
		return;
	if (thread->flops_span.start_ns == 0)
		thread->flops_span.start_ns = previous_ns;
	for (uint32_t pmu = 0; pmu < plan->pmu_count; pmu++)
		thread->flops_busy_ns[pmu] += busy_ns[pmu];
	if (!due)
		return;
	read_due(thread, plan, feed, now_ns);
	memset(thread->flops_busy_ns, 0, sizeof(thread->flops_busy_ns));
	thread->flops_readings++;
}
