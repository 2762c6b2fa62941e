/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that reads probes on a grid of times and posts what they feed. */
#include "measure/worker.h"

#include "measure/run.h"

#include "base/thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

/* What opening probes may take from one tick. */
#define OPEN_BUDGET_NS	(20 * CLOCK_NS_PER_MS)
#define INTERVAL_MIN_NS CLOCK_NS_PER_MS

/* One thread with its feed. It owns all it touches, so that it can be left alone when it hangs. */
struct worker {
	pthread_t thread;
	pthread_mutex_t lock; /* the fields down to finished, and the right to post */
	pthread_cond_t wake;
	bool stop, again, abandoned, finished;
	int64_t interval_ns;

	struct mailbox *mailbox;
	int producer;
	struct sysroot root;
	char *marks_path;
	char **work_urls;
	size_t work_url_count;
	struct probe_context context;
	struct batch *empty; /* to be exchanged for a full one */
	struct run *runs;
	size_t run_count;
	size_t pending; /* runs that wait to be opened */

	bool is_sampler; /* it ticks; the others only post */
	struct watch *watch;
	int watch_code; /* of the last refresh */
	uint32_t ticks, tick_limit;
	void (*ready)(void *user);
	void *ready_user;

	int64_t least_ns;     /* between two readings */
	int64_t last_ns;      /* when the last reading was to begin; 0 = none yet */
	int64_t next_ns;      /* when the next one is to begin, on the grid */
	int64_t suspended_ns; /* as at the last reading, 0 = none yet */
	int64_t due_ns;	      /* when it should have begun, had none been missed */
};

static int64_t longer_ns(int64_t a_ns, int64_t b_ns)
{
	return a_ns > b_ns ? a_ns : b_ns;
}

static void add_fast_probes(struct worker *worker, const struct probe *const *probes)
{
	size_t count = 0;
	for (const struct probe *const *probe = probes; *probe; probe++)
		count += !(*probe)->slow;
	worker->runs = memory_zeroed(count, sizeof(*worker->runs));
	for (const struct probe *const *probe = probes; *probe; probe++) {
		if (!(*probe)->slow)
			run_init(&worker->runs[worker->run_count++], *probe);
	}
}

/* It may outlive all that its options name. */
static void copy_urls(struct worker *worker, const struct sampler_options *options)
{
	worker->work_urls = memory_zeroed(options->work_url_count, sizeof(*worker->work_urls));
	worker->work_url_count = options->work_url_count;
	for (size_t i = 0; i < options->work_url_count; i++)
		worker->work_urls[i] = memory_text(options->work_urls[i]);
}

struct worker *worker_create(const struct sampler_options *options, int producer,
			     const struct probe *slow)
{
	struct worker *worker = memory_zeroed(1, sizeof(*worker));
	pthread_mutex_init(&worker->lock, NULL);
	thread_condition_init(&worker->wake);
	worker->mailbox = options->mailbox;
	worker->producer = producer;
	worker->empty = memory_zeroed(1, sizeof(*worker->empty));
	worker->root = *options->root;
	worker->marks_path = options->marks_path ? memory_text(options->marks_path) : NULL;
	copy_urls(worker, options);

	if (slow) {
		worker->least_ns = slow->period_ns;
		worker->runs = memory_zeroed(1, sizeof(*worker->runs));
		run_init(&worker->runs[worker->run_count++], slow);
	} else {
		worker->is_sampler = true;
		worker->watch = options->watch;
		worker->tick_limit = options->tick_limit;
		worker->ready = options->ready;
		worker->ready_user = options->ready_user;
		add_fast_probes(worker, options->probes);
	}

	worker->least_ns = longer_ns(worker->least_ns, INTERVAL_MIN_NS);
	worker->interval_ns = longer_ns(options->interval_ns, worker->least_ns);
	worker->context = (struct probe_context){
		.root = &worker->root,
		.feed = feed_create(),
		.interval_ns = worker->interval_ns,
		.marks_path = worker->marks_path,
		.work_urls = (const char *const *)worker->work_urls,
		.work_url_count = worker->work_url_count,
	};
	return worker;
}

static void close_probes(struct worker *worker)
{
	for (size_t i = 0; i < worker->run_count; i++)
		run_finish(&worker->runs[i]);
	worker->run_count = 0;
}

void worker_destroy(struct worker *worker)
{
	close_probes(worker);
	free(worker->runs);
	watch_destroy(worker->watch);
	feed_destroy(worker->context.feed);
	batch_finish(worker->empty);
	free(worker->empty);
	free(worker->marks_path);
	for (size_t i = 0; i < worker->work_url_count; i++)
		free(worker->work_urls[i]);
	free(worker->work_urls);
	pthread_mutex_destroy(&worker->lock);
	pthread_cond_destroy(&worker->wake);
	free(worker);
}

/* An abandoned worker must not touch the mailbox: it may be gone. */
static void worker_post(struct worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	if (!worker->abandoned) {
		struct batch *full = feed_swap(worker->context.feed, worker->empty);
		worker->empty = mailbox_post(worker->mailbox, worker->producer, full);
	}
	pthread_mutex_unlock(&worker->lock);
}

/* Opens pending probes in their order until the budget is spent, at least one. */
static void worker_open(struct worker *worker, int64_t budget_ns)
{
	int64_t end_ns = clock_now_ns() + budget_ns;
	for (size_t i = 0; i < worker->run_count; i++) {
		if (!worker->runs[i].pending)
			continue;
		run_open(&worker->runs[i], &worker->context);
		worker->pending--;
		if (clock_now_ns() >= end_ns)
			break;
	}
}

static void worker_begin_again(struct worker *worker)
{
	for (size_t i = 0; i < worker->run_count; i++) {
		struct run *run = &worker->runs[i];
		if (run->pending || run->state == SOURCE_OK)
			continue;
		run_begin(run, worker->context.feed);
		worker->pending++;
	}
}

static void refresh_watch(struct worker *worker)
{
	if (!worker->watch)
		return;
	int64_t now_ns = clock_now_ns();
	int code = watch_refresh(worker->watch, worker->context.feed, now_ns);
	if (code < 0 && code != worker->watch_code)
		feed_note(worker->context.feed, now_ns, NOTE_WARN, 0,
			  "the list of threads cannot be read: %s", error_name(-code));
	worker->watch_code = code;
}

/* After a late reading the next one is on the grid again; those missed are skipped. */
static void schedule_next(struct worker *worker)
{
	int64_t period_ns = worker->context.interval_ns, now_ns = clock_now_ns();
	worker->last_ns = worker->next_ns;
	worker->due_ns = worker->next_ns + period_ns;
	worker->next_ns = worker->due_ns;
	if (worker->next_ns < now_ns)
		worker->next_ns += ((now_ns - worker->next_ns) / period_ns + 1) * period_ns;
}

/* A suspension shorter than this is none: a busy machine may stop us between two clocks. */
#define SLEEP_LEAST_NS (CLOCK_NS_PER_S / 2)

static void notice_sleep(struct worker *worker)
{
	int64_t suspended_ns = clock_suspended_ns();
	int64_t slept_ns = worker->suspended_ns ? suspended_ns - worker->suspended_ns : 0;

	worker->suspended_ns = suspended_ns;
	worker->context.slept_ns = slept_ns > SLEEP_LEAST_NS ? slept_ns : 0;
	if (worker->context.slept_ns && worker->is_sampler)
		feed_note(
			worker->context.feed, clock_now_ns(), NOTE_INFO, 0,
			"the machine was suspended for %lld s: what meters counted then is left out",
			(long long)(slept_ns / CLOCK_NS_PER_S));
}

static void worker_read(struct worker *worker)
{
	notice_sleep(worker);
	int64_t lateness_ns = clock_now_ns() - worker->due_ns;
	if (worker->pending)
		worker_open(worker, worker->is_sampler ? OPEN_BUDGET_NS : 0);
	refresh_watch(worker);
	for (size_t i = 0; i < worker->run_count; i++) {
		if (worker->runs[i].open)
			run_sample(&worker->runs[i], &worker->context, worker->watch);
	}
	if (worker->is_sampler) {
		worker->ticks++;
		feed_tick(worker->context.feed, clock_now_ns(), worker->ticks,
			  lateness_ns > 0 ? lateness_ns : 0);
	}
	worker_post(worker);
	if (worker->ticks == 1 && worker->ready)
		worker->ready(worker->ready_user);
	schedule_next(worker);
}

/* Takes over what was asked for since the last look; true when probes are to be opened again. The
 * lock is held. */
static bool worker_obey(struct worker *worker)
{
	if (worker->interval_ns != worker->context.interval_ns) {
		worker->context.interval_ns = worker->interval_ns;
		if (worker->last_ns)
			worker->next_ns =
				longer_ns(worker->last_ns + worker->interval_ns, clock_now_ns());
		worker->due_ns = worker->next_ns;
	}
	bool again = worker->again;
	worker->again = false;
	return again;
}

static void wait_until(struct worker *worker, int64_t time_ns)
{
	struct timespec until = {time_ns / CLOCK_NS_PER_S, time_ns % CLOCK_NS_PER_S};
	pthread_cond_timedwait(&worker->wake, &worker->lock, &until);
}

/* A source that is not here may be probed again, but there is nothing to read until then. */
static bool has_nothing_to_read(const struct worker *worker)
{
	for (size_t i = 0; i < worker->run_count; i++) {
		if (worker->runs[i].open || worker->runs[i].pending)
			return false;
	}
	return !worker->is_sampler;
}

/* Waits for the next reading; uses the time to open what is pending. False when it shall stop. */
static bool worker_wait(struct worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	while (!worker->stop) {
		bool again = worker_obey(worker);
		if (!again && has_nothing_to_read(worker)) {
			pthread_cond_wait(&worker->wake, &worker->lock);
			continue;
		}
		if (!again && clock_now_ns() >= worker->next_ns)
			break;
		if (!again && worker->pending == 0) {
			wait_until(worker, worker->next_ns);
			continue;
		}
		pthread_mutex_unlock(&worker->lock);
		if (again)
			worker_begin_again(worker);
		else
			worker_open(worker, 0);
		worker_post(worker);
		pthread_mutex_lock(&worker->lock);
	}
	bool go_on = !worker->stop;
	pthread_mutex_unlock(&worker->lock);
	return go_on;
}

static void worker_run(struct worker *worker)
{
	worker_begin_again(worker);
	if (!worker->is_sampler)
		worker_post(worker);
	worker->next_ns = worker->due_ns = clock_now_ns();
	bool enough = false;
	while (!enough && worker_wait(worker)) {
		worker_read(worker);
		enough = worker->tick_limit && worker->ticks >= worker->tick_limit;
	}
	if (!worker->is_sampler)
		return;
	/* What was used since the last tick belongs to the run. */
	if (!enough) {
		worker->due_ns = clock_now_ns();
		worker_read(worker);
	}
	feed_end(worker->context.feed, clock_now_ns(), 0);
	worker_post(worker);
}

static void *worker_main(void *argument)
{
	struct worker *worker = argument;
	worker_run(worker);
	/* Closing may block as well as reading. */
	close_probes(worker);

	pthread_mutex_lock(&worker->lock);
	worker->finished = true;
	bool abandoned = worker->abandoned;
	pthread_cond_broadcast(&worker->wake);
	pthread_mutex_unlock(&worker->lock);
	if (abandoned)
		worker_destroy(worker);
	return NULL;
}

int worker_start(struct worker *worker, const char *name)
{
	return thread_start(&worker->thread, name, worker_main, worker);
}

void worker_set_interval(struct worker *worker, int64_t interval_ns)
{
	pthread_mutex_lock(&worker->lock);
	worker->interval_ns = longer_ns(interval_ns, worker->least_ns);
	pthread_cond_broadcast(&worker->wake);
	pthread_mutex_unlock(&worker->lock);
}

void worker_probe_again(struct worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	worker->again = true;
	pthread_cond_broadcast(&worker->wake);
	pthread_mutex_unlock(&worker->lock);
}

void worker_ask_to_stop(struct worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	worker->stop = true;
	pthread_cond_broadcast(&worker->wake);
	pthread_mutex_unlock(&worker->lock);
}

void worker_end(struct worker *worker, int64_t until_ns)
{
	pthread_mutex_lock(&worker->lock);
	while (!worker->finished && clock_now_ns() < until_ns)
		wait_until(worker, until_ns);
	bool finished = worker->finished;
	pthread_t thread = worker->thread;
	worker->abandoned = !finished;
	pthread_mutex_unlock(&worker->lock);
	if (!finished) {
		pthread_detach(thread);
		return;
	}
	pthread_join(thread, NULL);
	worker_destroy(worker);
}
