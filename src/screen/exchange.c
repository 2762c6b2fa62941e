/* SPDX-License-Identifier: Apache-2.0 */
/* One lock, held only to copy a canvas or a key; two eventfds. */
#include "screen/exchange.h"

#include "base/clock.h"
#include "base/memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define KEYS_MAX 64

struct exchange {
	pthread_mutex_t lock;
	pthread_cond_t entered;
	int main_fd, thread_fd;
	enum exchange_state state;
	unsigned requests;
	bool waiting, drawing; /* a canvas waits to be drawn; one is being drawn */
	bool watched;	       /* the main thread has seen it busy */
	bool lost;
	struct canvas canvas;
	struct key_press keys[KEYS_MAX]; /* a ring */
	size_t first, count;
	int width, height;
};

struct exchange *exchange_create(void)
{
	struct exchange *exchange = memory_zeroed(1, sizeof(*exchange));
	pthread_condattr_t attributes;

	exchange->main_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	exchange->thread_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&exchange->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&exchange->entered, &attributes);
	pthread_condattr_destroy(&attributes);
	exchange->width = exchange->height = 1;
	if (exchange->main_fd < 0 || exchange->thread_fd < 0) {
		exchange_destroy(exchange);
		return NULL;
	}
	return exchange;
}

void exchange_destroy(struct exchange *exchange)
{
	if (exchange == NULL)
		return;
	if (exchange->main_fd >= 0)
		close(exchange->main_fd);
	if (exchange->thread_fd >= 0)
		close(exchange->thread_fd);
	pthread_cond_destroy(&exchange->entered);
	pthread_mutex_destroy(&exchange->lock);
	canvas_finish(&exchange->canvas);
	free(exchange);
}

static void wake(int fd)
{
	uint64_t one = 1;
	ssize_t written = write(fd, &one, sizeof(one));

	(void)written; /* a full counter is readable all the same */
}

static void quiet(int fd)
{
	uint64_t count;
	ssize_t got = read(fd, &count, sizeof(count));

	(void)got; /* nothing there: quiet already */
}

int exchange_main_fd(const struct exchange *exchange)
{
	return exchange->main_fd;
}

int exchange_thread_fd(const struct exchange *exchange)
{
	return exchange->thread_fd;
}

void exchange_show(struct exchange *exchange, const struct canvas *canvas)
{
	pthread_mutex_lock(&exchange->lock);
	canvas_copy(&exchange->canvas, canvas);
	exchange->waiting = true;
	pthread_mutex_unlock(&exchange->lock);
	wake(exchange->thread_fd);
}

bool exchange_busy(struct exchange *exchange)
{
	pthread_mutex_lock(&exchange->lock);
	bool busy = exchange->waiting || exchange->drawing;

	exchange->watched = busy;
	pthread_mutex_unlock(&exchange->lock);
	return busy;
}

bool exchange_key(struct exchange *exchange, struct key_press *key)
{
	/* Before the look: a key that comes in between makes the descriptor readable again. */
	quiet(exchange->main_fd);
	pthread_mutex_lock(&exchange->lock);
	bool found = exchange->count > 0;

	if (found) {
		*key = exchange->keys[exchange->first];
		exchange->first = (exchange->first + 1) % KEYS_MAX;
		exchange->count--;
	}
	bool more = exchange->count > 0;

	pthread_mutex_unlock(&exchange->lock);
	if (more)
		wake(exchange->main_fd);
	return found;
}

void exchange_size(struct exchange *exchange, int *width, int *height)
{
	pthread_mutex_lock(&exchange->lock);
	*width = exchange->width;
	*height = exchange->height;
	pthread_mutex_unlock(&exchange->lock);
}

bool exchange_is_lost(struct exchange *exchange)
{
	pthread_mutex_lock(&exchange->lock);
	bool lost = exchange->lost;

	pthread_mutex_unlock(&exchange->lock);
	return lost;
}

void exchange_ask(struct exchange *exchange, enum exchange_request request)
{
	pthread_mutex_lock(&exchange->lock);
	exchange->requests |= (unsigned)request;
	pthread_mutex_unlock(&exchange->lock);
	wake(exchange->thread_fd);
}

bool exchange_wait(struct exchange *exchange, enum exchange_state state, bool leave, int timeout_ms)
{
	int64_t end_ns = clock_now_ns() + timeout_ms * CLOCK_NS_PER_MS;
	struct timespec end = {(time_t)(end_ns / CLOCK_NS_PER_S), (long)(end_ns % CLOCK_NS_PER_S)};
	int code = 0;

	pthread_mutex_lock(&exchange->lock);
	while ((exchange->state == state) == leave && code == 0)
		code = pthread_cond_timedwait(&exchange->entered, &exchange->lock, &end);

	bool reached = (exchange->state == state) != leave;

	pthread_mutex_unlock(&exchange->lock);
	return reached;
}

enum exchange_state exchange_state(struct exchange *exchange)
{
	pthread_mutex_lock(&exchange->lock);
	enum exchange_state state = exchange->state;

	pthread_mutex_unlock(&exchange->lock);
	return state;
}

unsigned exchange_take(struct exchange *exchange, struct canvas *canvas, bool *fresh)
{
	quiet(exchange->thread_fd);
	pthread_mutex_lock(&exchange->lock);
	unsigned requests = exchange->requests;

	exchange->requests = 0;
	*fresh = exchange->waiting;
	if (exchange->waiting) {
		struct canvas taken = exchange->canvas;

		exchange->canvas = *canvas;
		*canvas = taken;
		exchange->waiting = false;
		exchange->drawing = true;
	}
	pthread_mutex_unlock(&exchange->lock);
	return requests;
}

void exchange_drawn(struct exchange *exchange)
{
	pthread_mutex_lock(&exchange->lock);
	exchange->drawing = false;
	bool tell = exchange->watched && !exchange->waiting;

	if (tell)
		exchange->watched = false;
	pthread_mutex_unlock(&exchange->lock);
	if (tell)
		wake(exchange->main_fd);
}

/* With the lock held. */
static void enqueue(struct exchange *exchange, struct key_press key)
{
	if (exchange->count == KEYS_MAX)
		return;
	exchange->keys[(exchange->first + exchange->count) % KEYS_MAX] = key;
	exchange->count++;
}

void exchange_press(struct exchange *exchange, struct key_press key)
{
	pthread_mutex_lock(&exchange->lock);
	enqueue(exchange, key);
	pthread_mutex_unlock(&exchange->lock);
	wake(exchange->main_fd);
}

void exchange_resized(struct exchange *exchange, int width, int height)
{
	struct key_press resize = {.code = KEY_RESIZE_EVENT};

	pthread_mutex_lock(&exchange->lock);
	size_t last = (exchange->first + exchange->count + KEYS_MAX - 1) % KEYS_MAX;

	/* A storm of sizes must not crowd out the keys. */
	if (exchange->count == 0 || exchange->keys[last].code != KEY_RESIZE_EVENT)
		enqueue(exchange, resize);
	exchange->width = width;
	exchange->height = height;
	pthread_mutex_unlock(&exchange->lock);
	wake(exchange->main_fd);
}

void exchange_lose(struct exchange *exchange)
{
	pthread_mutex_lock(&exchange->lock);
	exchange->lost = true;
	pthread_mutex_unlock(&exchange->lock);
	wake(exchange->main_fd);
}

void exchange_enter(struct exchange *exchange, enum exchange_state state)
{
	pthread_mutex_lock(&exchange->lock);
	exchange->state = state;
	pthread_cond_broadcast(&exchange->entered);
	pthread_mutex_unlock(&exchange->lock);
}
