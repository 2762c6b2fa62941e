/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that reads a recorded session and posts it in its own time. */
#include "record/reader.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How long an unpaced run waits for the main thread before it looks again. */
#define WAIT_NS (1 * CLOCK_NS_PER_MS)

struct replay {
	pthread_t thread;
	struct reader *reader;
	struct mailbox *mailbox;
	int producer;
	struct feed *feed; /* the thread's own, as is all of reader and spare */
	struct batch *spare;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	bool stopping, playing, paced;
	int64_t speed_milli;
	int steps; /* ticks to go while it stands */
	bool seeking;
	int64_t seek_ns; /* runs unpaced up to this time; INT64_MIN = not */
	uint32_t epoch;
	int64_t real_ns, session_ns; /* these two times lie together; the pace counts from them */
	bool is_based;
};

static void wait_until(struct replay *replay, int64_t time_ns)
{
	struct timespec time = {time_ns / CLOCK_NS_PER_S, time_ns % CLOCK_NS_PER_S};

	pthread_cond_timedwait(&replay->changed, &replay->lock, &time);
}

/* The main thread has not taken what was posted before. */
static bool mail_waits(const struct replay *replay)
{
	struct pollfd fd = {.fd = mailbox_fd(replay->mailbox), .events = POLLIN};

	return poll(&fd, 1, 0) > 0;
}

static int64_t due_ns(struct replay *replay, int64_t time_ns)
{
	if (!replay->is_based) {
		replay->real_ns = clock_now_ns();
		replay->session_ns = time_ns;
		replay->is_based = true;
	}

	int64_t ahead_ns = time_ns - replay->session_ns;
	int64_t speed = replay->speed_milli > 0 ? replay->speed_milli : 1;

	/* A pause of years between two ticks (a file may say anything) must not overflow. */
	if (ahead_ns > INT64_MAX / 4000)
		return INT64_MAX / 2;
	return replay->real_ns + ahead_ns * 1000 / speed;
}

/* Called with the lock. Waits until the tick at time_ns may be shown: false = it is not to be (stop, seek). */
static bool wait_for_turn(struct replay *replay, int64_t time_ns)
{
	for (;;) {
		if (replay->stopping || replay->seeking)
			return false;
		if (time_ns <= replay->seek_ns || (!replay->paced && replay->playing)) {
			/* As fast as the main thread takes it, not faster: merged ticks would be lost. */
			if (!mail_waits(replay))
				return true;
			wait_until(replay, clock_now_ns() + WAIT_NS);
		} else if (replay->steps > 0) {
			replay->steps--;
			replay->is_based = false;
			return true;
		} else if (!replay->playing) {
			replay->is_based = false;
			pthread_cond_wait(&replay->changed, &replay->lock);
		} else {
			int64_t at_ns = due_ns(replay, time_ns);

			if (clock_now_ns() >= at_ns)
				return true;
			wait_until(replay, at_ns);
		}
	}
}

static void post(struct replay *replay, uint32_t epoch)
{
	struct batch *full = feed_swap(replay->feed, replay->spare);

	full->epoch = epoch;
	replay->spare = mailbox_post(replay->mailbox, replay->producer, full);
}

/* Called with the lock: back to the beginning, with a feed that knows nothing. */
static void begin_again(struct replay *replay)
{
	replay->seeking = false;
	replay->is_based = false;
	reader_rewind(replay->reader);
	feed_destroy(replay->feed);
	replay->feed = feed_create();
}

/* The time of the tick that closes the batch; false when there is none. */
static bool find_tick(const struct batch *batch, int64_t *time_ns)
{
	for (size_t i = batch->count; i > 0; i--) {
		if (batch->events[i - 1].type == EVENT_TICK) {
			*time_ns = batch->events[i - 1].time_ns;
			return true;
		}
	}
	return false;
}

/* Called with the lock; reads and posts until the end of the file, a seek or the stop. */
static void run_once(struct replay *replay)
{
	uint32_t epoch = replay->epoch;
	int result;

	do {
		int64_t time_ns = INT64_MIN;
		struct error err = {0};

		pthread_mutex_unlock(&replay->lock);
		result = reader_next(replay->reader, replay->feed, &err);
		if (result < 0)
			feed_note(replay->feed, reader_end_ns(replay->reader), NOTE_BAD, 0, "%s",
				  err.text);
		if (result <= 0)
			feed_end(replay->feed, reader_end_ns(replay->reader), 0);

		bool has_tick = find_tick(feed_batch(replay->feed), &time_ns);

		pthread_mutex_lock(&replay->lock);
		/* What stands behind the last tick belongs to it. */
		if (has_tick && !wait_for_turn(replay, time_ns))
			return;
		if (replay->stopping || replay->seeking)
			return;
		post(replay, epoch);
	} while (result > 0);
}

static void *replay_run(void *argument)
{
	struct replay *replay = argument;

	pthread_mutex_lock(&replay->lock);
	while (!replay->stopping) {
		if (replay->seeking)
			begin_again(replay);
		run_once(replay);
		while (!replay->stopping && !replay->seeking)
			pthread_cond_wait(&replay->changed, &replay->lock);
	}
	pthread_mutex_unlock(&replay->lock);
	return NULL;
}

static void replay_free(struct replay *replay)
{
	feed_destroy(replay->feed);
	batch_finish(replay->spare);
	free(replay->spare);
	pthread_cond_destroy(&replay->changed);
	pthread_mutex_destroy(&replay->lock);
	free(replay);
}

struct replay *replay_start(struct reader *reader, struct mailbox *mailbox, int producer,
			    bool paced, struct error *err)
{
	struct replay *replay = memory_zeroed(1, sizeof(*replay));

	thread_condition_init(&replay->changed);
	pthread_mutex_init(&replay->lock, NULL);
	replay->reader = reader;
	replay->mailbox = mailbox;
	replay->producer = producer;
	replay->feed = feed_create();
	replay->spare = memory_zeroed(1, sizeof(*replay->spare));
	replay->playing = true;
	replay->paced = paced;
	replay->speed_milli = 1000;
	replay->seek_ns = INT64_MIN;

	int code = thread_start(&replay->thread, "replay", replay_run, replay);

	if (code == 0)
		return replay;
	error_set(err, -code, "no thread for the replay: %s", strerror(-code));
	replay_free(replay);
	return NULL;
}

void replay_play(struct replay *replay, bool play)
{
	pthread_mutex_lock(&replay->lock);
	replay->playing = play;
	replay->is_based = false;
	pthread_cond_signal(&replay->changed);
	pthread_mutex_unlock(&replay->lock);
}

void replay_speed(struct replay *replay, int64_t milli)
{
	pthread_mutex_lock(&replay->lock);
	replay->speed_milli = milli;
	replay->is_based = false;
	pthread_cond_signal(&replay->changed);
	pthread_mutex_unlock(&replay->lock);
}

uint32_t replay_seek(struct replay *replay, int64_t time_ns)
{
	pthread_mutex_lock(&replay->lock);
	replay->seeking = true;
	replay->seek_ns = time_ns;
	replay->steps = 0;

	uint32_t epoch = ++replay->epoch;

	pthread_cond_signal(&replay->changed);
	pthread_mutex_unlock(&replay->lock);
	return epoch;
}

void replay_step(struct replay *replay, int ticks)
{
	pthread_mutex_lock(&replay->lock);
	if (ticks > 0 && replay->steps <= INT32_MAX - ticks)
		replay->steps += ticks;
	pthread_cond_signal(&replay->changed);
	pthread_mutex_unlock(&replay->lock);
}

void replay_stop(struct replay *replay)
{
	if (!replay)
		return;
	pthread_mutex_lock(&replay->lock);
	replay->stopping = true;
	pthread_cond_signal(&replay->changed);
	pthread_mutex_unlock(&replay->lock);
	pthread_join(replay->thread, NULL);
	replay_free(replay);
}
