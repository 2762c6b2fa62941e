/* SPDX-License-Identifier: Apache-2.0 */
/* One card's thread. */
#include "probes/parts/reader.h"

#include <stdlib.h>

enum stage { READER_RESTS, READER_IS_ASKED, READER_IS_DONE };

struct reader {
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

static void destroy(struct reader *reader)
{
	pthread_mutex_destroy(&reader->lock);
	pthread_cond_destroy(&reader->changed);
	free(reader->look);
	free(reader);
}

/* Nobody else knows the reader any more once it is ending. */
static void *run(void *argument)
{
	struct reader *reader = argument;

	pthread_mutex_lock(&reader->lock);
	while (!reader->is_ending) {
		if (reader->stage != READER_IS_ASKED) {
			pthread_cond_wait(&reader->changed, &reader->lock);
			continue;
		}
		pthread_mutex_unlock(&reader->lock);
		reader->driver->look(reader->look, &reader->root, &reader->sheet);
		pthread_mutex_lock(&reader->lock);
		reader->stage = READER_IS_DONE;
		pthread_cond_broadcast(&reader->changed);
	}
	pthread_mutex_unlock(&reader->lock);
	destroy(reader);
	return NULL;
}

struct reader *reader_start(const struct gpus_driver *driver, struct gpus_look *look,
			    const struct sysroot *root)
{
	struct reader *reader = memory_zeroed(1, sizeof(*reader));
	pthread_t thread;

	pthread_mutex_init(&reader->lock, NULL);
	thread_condition_init(&reader->changed);
	reader->driver = driver;
	reader->look = look;
	reader->root = *root;
	if (thread_start(&thread, driver->name, run, reader) < 0) {
		reader->look = NULL;
		destroy(reader);
		return NULL;
	}
	pthread_detach(thread);
	return reader;
}

void reader_ask(struct reader *reader)
{
	pthread_mutex_lock(&reader->lock);
	if (reader->stage == READER_RESTS) {
		reader->stage = READER_IS_ASKED;
		reader->asked_ns = clock_now_ns();
		pthread_cond_broadcast(&reader->changed);
	}
	pthread_mutex_unlock(&reader->lock);
}

bool reader_is_busy(struct reader *reader)
{
	pthread_mutex_lock(&reader->lock);

	bool is_busy = reader->stage == READER_IS_ASKED;

	pthread_mutex_unlock(&reader->lock);
	return is_busy;
}

bool reader_take(struct reader *reader, int64_t until_ns, struct sheet *sheet, int64_t *asked_ns)
{
	struct timespec until = {until_ns / CLOCK_NS_PER_S, until_ns % CLOCK_NS_PER_S};
	int code = 0;

	pthread_mutex_lock(&reader->lock);
	while (reader->stage == READER_IS_ASKED && code == 0)
		code = pthread_cond_timedwait(&reader->changed, &reader->lock, &until);

	bool is_done = reader->stage == READER_IS_DONE;

	*asked_ns = reader->asked_ns;
	if (is_done) {
		*sheet = reader->sheet;
		reader->stage = READER_RESTS;
	}
	pthread_mutex_unlock(&reader->lock);
	return is_done;
}

void reader_end(struct reader *reader)
{
	if (!reader)
		return;
	pthread_mutex_lock(&reader->lock);
	reader->is_ending = true;
	pthread_cond_broadcast(&reader->changed);
	pthread_mutex_unlock(&reader->lock);
}
