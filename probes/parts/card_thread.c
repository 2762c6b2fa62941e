/* SPDX-License-Identifier: Apache-2.0 */
/* One card's thread. */
#include "probes/parts/card_thread.h"

#include <stdlib.h>

enum stage { THREAD_RESTS, THREAD_IS_ASKED, THREAD_IS_DONE };

struct card_thread {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	const struct gpus_driver *driver;
	struct gpus_look *look;
	struct sysroot root;
	struct sheet sheet; /* the thread's while it is asked, the probe's when it is done */
	enum stage stage;
	int64_t asked_ns;
	bool is_ending;
};

static void destroy(struct card_thread *thread)
{
	pthread_mutex_destroy(&thread->lock);
	pthread_cond_destroy(&thread->changed);
	free(thread->look);
	free(thread);
}

/* Nobody else knows the thread any more once it is ending. */
static void *run(void *argument)
{
	struct card_thread *thread = argument;

	pthread_mutex_lock(&thread->lock);
	while (!thread->is_ending) {
		if (thread->stage != THREAD_IS_ASKED) {
			pthread_cond_wait(&thread->changed, &thread->lock);
			continue;
		}
		pthread_mutex_unlock(&thread->lock);
		thread->driver->look(thread->look, &thread->root, &thread->sheet);
		pthread_mutex_lock(&thread->lock);
		thread->stage = THREAD_IS_DONE;
		pthread_cond_broadcast(&thread->changed);
	}
	pthread_mutex_unlock(&thread->lock);
	destroy(thread);
	return NULL;
}

struct card_thread *card_thread_start(const struct gpus_driver *driver, struct gpus_look *look,
				      const struct sysroot *root)
{
	struct card_thread *thread = memory_zeroed(1, sizeof(*thread));
	pthread_t id;

	pthread_mutex_init(&thread->lock, NULL);
	thread_condition_init(&thread->changed);
	thread->driver = driver;
	thread->look = look;
	thread->root = *root;
	if (thread_start(&id, driver->name, run, thread) < 0) {
		thread->look = NULL;
		destroy(thread);
		return NULL;
	}
	pthread_detach(id);
	return thread;
}

void card_thread_ask(struct card_thread *thread)
{
	pthread_mutex_lock(&thread->lock);
	if (thread->stage == THREAD_RESTS) {
		thread->stage = THREAD_IS_ASKED;
		thread->asked_ns = clock_now_ns();
		pthread_cond_broadcast(&thread->changed);
	}
	pthread_mutex_unlock(&thread->lock);
}

bool card_thread_is_busy(struct card_thread *thread)
{
	pthread_mutex_lock(&thread->lock);

	bool is_busy = thread->stage == THREAD_IS_ASKED;

	pthread_mutex_unlock(&thread->lock);
	return is_busy;
}

bool card_thread_take(struct card_thread *thread, int64_t until_ns, struct sheet *sheet,
		      int64_t *asked_ns)
{
	struct timespec until = {until_ns / CLOCK_NS_PER_S, until_ns % CLOCK_NS_PER_S};
	int code = 0;

	pthread_mutex_lock(&thread->lock);
	while (thread->stage == THREAD_IS_ASKED && code == 0)
		code = pthread_cond_timedwait(&thread->changed, &thread->lock, &until);

	bool is_done = thread->stage == THREAD_IS_DONE;

	*asked_ns = thread->asked_ns;
	if (is_done) {
		*sheet = thread->sheet;
		thread->stage = THREAD_RESTS;
	}
	pthread_mutex_unlock(&thread->lock);
	return is_done;
}

void card_thread_end(struct card_thread *thread)
{
	if (!thread)
		return;
	pthread_mutex_lock(&thread->lock);
	thread->is_ending = true;
	pthread_cond_broadcast(&thread->changed);
	pthread_mutex_unlock(&thread->lock);
}
