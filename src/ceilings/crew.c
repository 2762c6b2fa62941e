/* SPDX-License-Identifier: Apache-2.0 */
/* Bound threads that sleep between orders. */
#include "ceilings/crew.h"

#include "base/memory.h"
#include "base/thread.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct worker {
	struct crew *crew;
	size_t number;
	pthread_t thread;
};

struct crew {
	const struct cores *cores;
	struct worker *workers;
	size_t started, bound, refused; /* threads; those bound, those that could not be */
	int refusal;			/* -errno of the last refused */
	pthread_mutex_t mutex;
	pthread_cond_t ordered, done;
	uint64_t order; /* number of the newest */
	size_t wanted, finished;
	void (*work)(void *user, size_t number);
	void *user;
	bool ending;
};

static void bind_worker(struct worker *worker)
{
	struct crew *crew = worker->crew;
	int result = cores_bind(crew->cores, worker->number);

	pthread_mutex_lock(&crew->mutex);
	if (result == 0)
		crew->bound++;
	else
		crew->refused++;
	if (result < 0)
		crew->refusal = result;
	pthread_cond_signal(&crew->done);
	pthread_mutex_unlock(&crew->mutex);
}

static void *run_worker(void *argument)
{
	struct worker *worker = argument;
	struct crew *crew = worker->crew;
	uint64_t last = 0;

	bind_worker(worker);
	pthread_mutex_lock(&crew->mutex);
	while (!crew->ending) {
		if (crew->order == last) {
			pthread_cond_wait(&crew->ordered, &crew->mutex);
			continue;
		}
		last = crew->order;
		if (worker->number >= crew->wanted)
			continue;
		pthread_mutex_unlock(&crew->mutex);
		crew->work(crew->user, worker->number);
		pthread_mutex_lock(&crew->mutex);
		crew->finished++;
		pthread_cond_signal(&crew->done);
	}
	pthread_mutex_unlock(&crew->mutex);
	return NULL;
}

struct crew *crew_create(const struct cores *cores, size_t count, struct error *err)
{
	struct crew *crew = memory_zeroed(1, sizeof(*crew));
	int result = 0;

	crew->cores = cores;
	crew->workers = memory_zeroed(count, sizeof(*crew->workers));
	pthread_mutex_init(&crew->mutex, NULL);
	pthread_cond_init(&crew->ordered, NULL);
	pthread_cond_init(&crew->done, NULL);
	for (size_t i = 0; i < count && result == 0; i++) {
		crew->workers[i] = (struct worker){.crew = crew, .number = i};
		result = thread_start(&crew->workers[i].thread, "ceiling", run_worker,
				      &crew->workers[i]);
		crew->started += result == 0;
	}
	pthread_mutex_lock(&crew->mutex);
	while (crew->bound + crew->refused < crew->started)
		pthread_cond_wait(&crew->done, &crew->mutex);
	if (crew->refused > 0)
		result = crew->refusal;
	pthread_mutex_unlock(&crew->mutex);
	if (result == 0)
		return crew;
	crew_destroy(crew);
	error_set(err, -result, "%zu threads could not be bound to a core each: %s", count,
		  strerror(-result));
	return NULL;
}

void crew_destroy(struct crew *crew)
{
	if (!crew)
		return;
	pthread_mutex_lock(&crew->mutex);
	crew->ending = true;
	pthread_cond_broadcast(&crew->ordered);
	pthread_mutex_unlock(&crew->mutex);
	for (size_t i = 0; i < crew->started; i++)
		pthread_join(crew->workers[i].thread, NULL);
	pthread_cond_destroy(&crew->done);
	pthread_cond_destroy(&crew->ordered);
	pthread_mutex_destroy(&crew->mutex);
	free(crew->workers);
	free(crew);
}

void crew_do(struct crew *crew, size_t count, void (*work)(void *user, size_t number), void *user)
{
	pthread_mutex_lock(&crew->mutex);
	crew->work = work;
	crew->user = user;
	crew->wanted = count;
	crew->finished = 0;
	crew->order++;
	pthread_cond_broadcast(&crew->ordered);
	while (crew->finished < count)
		pthread_cond_wait(&crew->done, &crew->mutex);
	pthread_mutex_unlock(&crew->mutex);
}
