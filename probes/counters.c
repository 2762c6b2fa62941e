/* SPDX-License-Identifier: Apache-2.0 */
/* Hardware counters of each watched thread, or software events where the kernel has no PMU. A thread that sleeps is not
 * read. */
#include "probes/counters/counters.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define GIVES		 "cycles, instructions, LLC misses of each thread"
#define GIVES_SIZE	 128
#define FLOPS_GIVES_SIZE 192
#define FD_SHARE	 8 /* one part in so many of all descriptors is left to others */
#define FD_SHARE_WATCH	 4 /* and one to the watch */
#define FD_LEFT_MIN	 48
#define EXCHANGES_MAX	 8 /* threads that take another's descriptors, in one tick */
/* What was not read when a thread ends is lost: less than one part in so many of what it did. */
#define READINGS_BEFORE_TURNS 100
#define SLEEPERS_MAX \
	128 /* threads that sleep and are opened in one tick: each costs up to 0.1 ms */

struct counters {
	struct counters_plan plan;
	uint32_t plan_number;
	struct counters_thread *threads; /* by watch_thread.slot */
	size_t capacity;
	size_t open_count, open_max; /* threads that are counted; as many as descriptors last for */
	bool starved;		     /* that has been said */
	bool met;		 /* all threads have been looked at, and none waits to be opened */
	int exchanges, sleepers; /* in this tick */
	/* Groups of operations take as many ticks as they are: in each of them, one part of the threads is read. */
	uint32_t tick, flops_groups;
	bool *owes; /* by slot: operations were counted after they were last read */
	size_t owes_capacity;
	int64_t now_ns, previous_ns;
};

static void tell_flops(const struct counters_plan *plan, struct feed *feed)
{
	const struct counters_flops *flops = &plan->flops;
	enum source_state state = flops->reason[0] ? SOURCE_PARTIAL : SOURCE_OK;
	char gives[FLOPS_GIVES_SIZE];

	text_print(gives, sizeof(gives), "%s%soperations of each thread", flops->gives,
		   flops->gives[0] ? " " : "floating point ");
	feed_source(feed, FLOPS_SOURCE,
		    flops->is_counted[0] || flops->is_counted[1] ? state : SOURCE_NONE, gives,
		    flops->reason, "");
}

static void tell_state(const struct counters *counters, struct feed *feed)
{
	const struct counters_plan *plan = &counters->plan;
	char gives[GIVES_SIZE] = "";

	for (uint32_t i = 0; i < plan->count; i++) {
		for (uint32_t k = 0; k < plan->groups[i].count; k++) {
			const char *name = plan->groups[i].events[k].name;
			size_t length = strlen(gives);

			/* Both PMUs of a hybrid processor count the same. */
			if (!plan->groups[i].is_flops && !strstr(gives, name))
				text_print(gives + length, sizeof(gives) - length, "%s%s",
					   length ? ", " : "", name);
		}
	}
	feed_source(feed, COUNTERS_SOURCE, plan->reason[0] ? SOURCE_PARTIAL : SOURCE_OK, gives,
		    plan->reason, plan->remedy);
	tell_flops(plan, feed);
}

static void set_limit(struct counters *counters)
{
	struct rlimit limit;

	counters->open_max = WATCH_THREADS_MAX;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
		return;
	rlim_t others = limit.rlim_cur / FD_SHARE + limit.rlim_cur / FD_SHARE_WATCH;

	if (others < FD_LEFT_MIN)
		others = FD_LEFT_MIN;
	counters->open_max = others < limit.rlim_cur
				     ? (limit.rlim_cur - others) / counters->plan.descriptors
				     : 0;
}

static int counters_open(void *self, const struct probe_context *context, struct error *err)
{
	struct counters *counters = self;

	if (context->root->recorded)
		return error_set(err, ENODEV, "not with --root: counters are this machine's");
	int code = counters_plan_make(&counters->plan, context->root, err);

	if (code == -EACCES || code == -EPERM) {
		const char *remedy = strstr(err->text, "sudo ");

		feed_source(context->feed, COUNTERS_SOURCE, SOURCE_NO_ACCESS, GIVES, err->text,
			    remedy ? remedy : "");
		return code;
	}
	if (code < 0)
		return code == -ENOSYS ? -ENODEV : code;
	set_limit(counters);
	counters->flops_groups = counters_flops_groups(&counters->plan);
	tell_state(counters, context->feed);
	return 0;
}

static void counters_close(void *self)
{
	struct counters *counters = self;

	for (size_t i = 0; i < counters->capacity; i++)
		counters_thread_close(&counters->threads[i]);
	free(counters->threads);
	free(counters->owes);
	memset(counters, 0, sizeof(*counters));
}

static void close_thread(struct counters *counters, struct counters_thread *thread)
{
	if (thread->state == COUNTERS_OPEN)
		counters->open_count--;
	counters_thread_close(thread);
}

/* The thread that is counted and was least busy when last seen; NULL when none is less busy than that. */
static struct counters_thread *find_idler(struct counters *counters, int64_t busy_ns)
{
	struct counters_thread *idler = NULL;

	for (size_t i = 0; i < counters->capacity; i++) {
		struct counters_thread *thread = &counters->threads[i];
		/* Who did not run since the last sample was not busy in it. */
		int64_t delta_ns =
			thread->told_ns >= counters->previous_ns ? thread->busy_delta_ns : 0;

		if (thread->state != COUNTERS_OPEN || delta_ns >= busy_ns)
			continue;
		idler = thread;
		busy_ns = delta_ns;
	}
	return idler;
}

static void tell_starved(struct counters *counters, const struct probe_context *context,
			 struct counters_thread *thread)
{
	thread->state = COUNTERS_STARVED;
	counters_thread_gap(thread, &counters->plan, context->feed, counters->now_ns, EMFILE,
			    "no descriptor left for its counters: raise the limit with ulimit -n");
	if (counters->starved)
		return;
	counters->starved = true;
	feed_note(
		context->feed, counters->now_ns, NOTE_WARN, 0,
		"counters: descriptors last for the %zu busiest threads only; raise the limit with ulimit -n",
		counters->open_max);
}

static void tell_refused(struct counters *counters, const struct probe_context *context,
			 struct counters_thread *thread, int code)
{
	struct error err;

	thread->state = COUNTERS_REFUSED;
	/* It ended between the list and the open: its death will be told. */
	if (code == -ESRCH)
		return;
	perfevent_explain(context->root, -code, "counters", &err);
	counters_thread_gap(thread, &counters->plan, context->feed, counters->now_ns, -code,
			    err.text);
}

static void open_thread(struct counters *counters, const struct probe_context *context,
			struct counters_thread *thread)
{
	int code = -EMFILE;

	if (counters->open_count < counters->open_max)
		code = counters_thread_open(thread, &counters->plan, counters->now_ns);
	/* No counter for a pinned group: in turn with others there may be one. */
	if (code == -ENODATA && counters->plan.pinned) {
		counters->plan.pinned = false;
		counters->plan.has_changed = true;
		code = counters_thread_open(thread, &counters->plan, counters->now_ns);
	}
	thread->plan = counters->plan_number;
	thread->told_ns = counters->now_ns;
	if (code == 0) {
		counters->open_count++;
		return;
	}
	if (code != -EMFILE && code != -ENFILE) {
		tell_refused(counters, context, thread, code);
		return;
	}
	/* Others have taken more than their share: what is open now is what there is. */
	if (counters->open_count < counters->open_max)
		counters->open_max = counters->open_count;
	tell_starved(counters, context, thread);
}

static void exchange(struct counters *counters, const struct probe_context *context,
		     struct counters_thread *thread)
{
	/* Twice as busy, or two threads would take turns for ever. */
	struct counters_thread *idler = counters->exchanges < EXCHANGES_MAX
						? find_idler(counters, thread->busy_delta_ns / 2)
						: NULL;

	if (!idler)
		return;
	counters->exchanges++;
	close_thread(counters, idler);
	tell_starved(counters, context, idler);
	open_thread(counters, context, thread);
}

static void meet_thread(struct counters *counters, const struct probe_context *context,
			const struct watch_thread *watched, struct counters_thread *thread)
{
	close_thread(counters, thread);
	counters->owes[watched->slot] = false;
	*thread = (struct counters_thread){
		.tid = watched->tid,
		.start_ticks = watched->start_ticks,
		.series = feed_series(context->feed, watched->domain, COUNTERS_SOURCE,
				      QUALITY_MEASURED),
		.busy_delta_ns = watched->busy_delta_ns,
		.domain = watched->domain,
	};
	if (counters->plan.flops.metrics != 0)
		thread->flops_series =
			feed_series(context->feed, watched->domain, FLOPS_SOURCE, QUALITY_MEASURED);
}

/* A thread that sleeps is opened before it runs, so that nothing is lost; many of them not all in one tick, and those of
 * the kernel, which mostly sleep for ever, only when they run. */
static void open_sleeper(struct counters *counters, const struct probe_context *context,
			 bool kernel, struct counters_thread *thread)
{
	if (kernel || thread->state != COUNTERS_NONE)
		return;
	if (counters->sleepers++ < SLEEPERS_MAX)
		open_thread(counters, context, thread);
	else
		counters->met = false;
}

static void read_thread(struct counters *counters, const struct probe_context *context, size_t slot)
{
	struct counters_thread *thread = &counters->threads[slot];
	bool due = counters->flops_groups <= 1 ||
		   thread->flops_readings < READINGS_BEFORE_TURNS * (counters->flops_groups - 1) ||
		   (counters->tick + slot) % counters->flops_groups == 0;
	int code = counters_thread_read(thread, &counters->plan, context->feed, due,
					counters->previous_ns, counters->now_ns);

	counters->owes[slot] = !due;
	if (code < 0) {
		counters_thread_gap(thread, &counters->plan, context->feed, counters->now_ns, -code,
				    "");
		thread->told_ns = counters->now_ns;
	}
}

/* What is left of the time before it fell asleep. */
static void read_owed(struct counters *counters, const struct probe_context *context, size_t slot)
{
	static const uint64_t none_ns[COUNTERS_PMUS_MAX];
	struct counters_thread *thread = &counters->threads[slot];

	if (counters->owes[slot] && thread->state == COUNTERS_OPEN)
		counters_thread_read_flops(thread, &counters->plan, context->feed, none_ns, true,
					   counters->previous_ns, counters->now_ns);
	counters->owes[slot] = false;
}

static void sample_thread(struct counters *counters, const struct probe_context *context,
			  const struct watch_thread *watched, bool kernel)
{
	struct counters_thread *thread = &counters->threads[watched->slot];

	if (thread->tid != watched->tid || thread->start_ticks != watched->start_ticks)
		meet_thread(counters, context, watched, thread);
	if (!watched->changed) {
		read_owed(counters, context, watched->slot);
		open_sleeper(counters, context, kernel, thread);
		return;
	}
	thread->busy_delta_ns = watched->busy_delta_ns;
	switch (thread->state) {
	case COUNTERS_OPEN:
		if (thread->plan == counters->plan_number) {
			read_thread(counters, context, watched->slot);
			break;
		}
		close_thread(counters, thread);
		open_thread(counters, context, thread);
		break;
	case COUNTERS_NONE: open_thread(counters, context, thread); break;
	case COUNTERS_STARVED:
		if (counters->open_count < counters->open_max)
			open_thread(counters, context, thread);
		else
			exchange(counters, context, thread);
		break;
	case COUNTERS_REFUSED: break;
	}
}

/* Groups that have not run since the sample before are taken apart, for all threads. */
static void split_stuck(struct counters *counters, const struct probe_context *context)
{
	struct counters_plan *plan = &counters->plan;

	if (plan->stuck_ns == 0 || plan->stuck_ns == counters->now_ns || !counters_plan_split(plan))
		return;
	plan->has_changed = true;
	counters_flops_yield(plan);
	feed_note(
		context->feed, counters->now_ns, NOTE_INFO, 0,
		"counters: this PMU does not run all events at once (the NMI watchdog may hold a counter): they take "
		"turns");
}

/* What did not work is asked of the kernel in another way, for all threads. */
static void follow_plan(struct counters *counters, const struct probe_context *context)
{
	struct counters_plan *plan = &counters->plan;

	split_stuck(counters, context);
	counters_flops_retreat(plan);
	if (!plan->has_changed)
		return;
	plan->has_changed = false;
	counters->plan_number++;
	counters->flops_groups = counters_flops_groups(plan);
	tell_flops(plan, context->feed);
}

static int counters_sample(void *self, const struct probe_context *context,
			   const struct watch *watch)
{
	struct counters *counters = self;
	size_t count, died_count, process_count;
	const struct watch_thread *threads = watch_threads(watch, &count);
	const struct watch_thread *died = watch_died(watch, &died_count);
	const struct watch_process *processes = watch_processes(watch, &process_count);
	bool met = counters->met;

	counters->previous_ns = counters->now_ns;
	counters->now_ns = clock_now_ns();
	memory_reserve(&counters->threads, &counters->capacity, watch_slots(watch),
		       sizeof(*counters->threads));
	memory_reserve(&counters->owes, &counters->owes_capacity, watch_slots(watch),
		       sizeof(*counters->owes));
	for (size_t i = 0; i < died_count; i++) {
		struct counters_thread *thread = &counters->threads[died[i].slot];

		close_thread(counters, thread);
		counters->owes[died[i].slot] = false;
		*thread = (struct counters_thread){.tid = 0};
	}
	counters->exchanges = counters->sleepers = 0;
	counters->met = true;
	counters->tick++;
	for (size_t i = 0; i < count; i++) {
		if (threads[i].changed || threads[i].born || !met ||
		    counters->owes[threads[i].slot])
			sample_thread(counters, context, &threads[i],
				      processes[threads[i].process].kernel);
	}
	follow_plan(counters, context);
	return 0;
}

const struct probe probe_counters = {
	.name = COUNTERS_SOURCE,
	.gives = GIVES,
	.private_size = sizeof(struct counters),
	.open = counters_open,
	.sample = counters_sample,
	.close = counters_close,
};
