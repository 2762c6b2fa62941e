/* SPDX-License-Identifier: Apache-2.0 */
/* The thread of one GPU. */
#include "probes/nvml/reader.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

struct library {
	struct nvml_api api;
	atomic_int users;
};

struct reader {
	pthread_t thread;
	pthread_mutex_t lock; /* of all down to front */
	pthread_cond_t wake;
	bool is_asked, is_ready, stop, is_abandoned, is_finished;
	int64_t asked_ns;
	struct reading *front; /* ready to be taken */

	struct reading *back; /* the thread's, as all below */
	struct library *library;
	struct sysroot root;
	unsigned index;
	struct device device;
};

struct library *library_create(const struct nvml_api *api)
{
	struct library *library = memory_zeroed(1, sizeof(*library));
	library->api = *api;
	atomic_init(&library->users, 1);
	return library;
}

const struct nvml_api *library_api(const struct library *library)
{
	return &library->api;
}

void library_release(struct library *library)
{
	if (!library || atomic_fetch_sub(&library->users, 1) > 1)
		return;
	if (library->api.shutdown)
		library->api.shutdown();
	free(library);
}

static void reader_destroy(struct reader *reader)
{
	device_close(&reader->device);
	library_release(reader->library);
	pthread_mutex_destroy(&reader->lock);
	pthread_cond_destroy(&reader->wake);
	free(reader->front);
	free(reader->back);
	free(reader);
}

/* Waits until a reading is wanted; false when it shall stop. */
static bool wait_for_order(struct reader *reader)
{
	pthread_mutex_lock(&reader->lock);
	while (!reader->stop && !reader->is_asked)
		pthread_cond_wait(&reader->wake, &reader->lock);
	bool go_on = !reader->stop;
	pthread_mutex_unlock(&reader->lock);
	return go_on;
}

static void hand_over(struct reader *reader)
{
	pthread_mutex_lock(&reader->lock);
	struct reading *full = reader->back;
	reader->back = reader->front;
	reader->front = full;
	reader->is_asked = false;
	reader->is_ready = true;
	pthread_cond_broadcast(&reader->wake);
	pthread_mutex_unlock(&reader->lock);
}

static void *reader_main(void *argument)
{
	struct reader *reader = argument;
	bool is_open = false;

	while (wait_for_order(reader)) {
		if (!is_open)
			device_open(&reader->device, library_api(reader->library), &reader->root,
				    reader->index);
		is_open = true;
		device_read(&reader->device, reader->back);
		hand_over(reader);
	}
	pthread_mutex_lock(&reader->lock);
	reader->is_finished = true;
	bool is_abandoned = reader->is_abandoned;
	pthread_cond_broadcast(&reader->wake);
	pthread_mutex_unlock(&reader->lock);
	if (is_abandoned)
		reader_destroy(reader);
	return NULL;
}

struct reader *reader_start(struct library *library, const struct sysroot *root, unsigned index)
{
	struct reader *reader = memory_zeroed(1, sizeof(*reader));
	char name[16];

	pthread_mutex_init(&reader->lock, NULL);
	thread_condition_init(&reader->wake);
	reader->front = memory_zeroed(1, sizeof(*reader->front));
	reader->back = memory_zeroed(1, sizeof(*reader->back));
	reader->library = library;
	reader->root = *root;
	reader->index = index;
	atomic_fetch_add(&library->users, 1);
	text_print(name, sizeof(name), "gpu-%u", index);
	if (thread_start(&reader->thread, name, reader_main, reader) == 0)
		return reader;
	reader_destroy(reader);
	return NULL;
}

void reader_ask(struct reader *reader)
{
	pthread_mutex_lock(&reader->lock);
	if (!reader->is_asked && !reader->is_ready) {
		reader->is_asked = true;
		reader->asked_ns = clock_now_ns();
		pthread_cond_broadcast(&reader->wake);
	}
	pthread_mutex_unlock(&reader->lock);
}

static void wait_until(struct reader *reader, int64_t time_ns)
{
	struct timespec until = {time_ns / CLOCK_NS_PER_S, time_ns % CLOCK_NS_PER_S};
	pthread_cond_timedwait(&reader->wake, &reader->lock, &until);
}

bool reader_take(struct reader *reader, int64_t until_ns, struct reading *reading)
{
	pthread_mutex_lock(&reader->lock);
	while (!reader->is_ready && clock_now_ns() < until_ns)
		wait_until(reader, until_ns);
	bool is_ready = reader->is_ready;
	if (is_ready)
		*reading = *reader->front;
	reader->is_ready = false;
	pthread_mutex_unlock(&reader->lock);
	return is_ready;
}

int64_t reader_busy_ns(struct reader *reader, int64_t now_ns)
{
	pthread_mutex_lock(&reader->lock);
	int64_t busy_ns = reader->is_asked ? now_ns - reader->asked_ns : 0;
	pthread_mutex_unlock(&reader->lock);
	return busy_ns;
}

void reader_stop(struct reader *reader, int64_t until_ns)
{
	if (!reader)
		return;
	pthread_mutex_lock(&reader->lock);
	reader->stop = true;
	pthread_cond_broadcast(&reader->wake);
	while (!reader->is_finished && clock_now_ns() < until_ns)
		wait_until(reader, until_ns);
	bool is_finished = reader->is_finished;
	pthread_t thread = reader->thread;
	reader->is_abandoned = !is_finished;
	pthread_mutex_unlock(&reader->lock);
	if (!is_finished) {
		pthread_detach(thread);
		return;
	}
	pthread_join(thread, NULL);
	reader_destroy(reader);
}
