/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that reads a log of oneDNN, to its end or for as long as it grows. */
#include "workload/tap.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define READ_SIZE 65536
#define GROWTH_MS 200 /* how often it is looked at whether it has grown */

struct tap_log {
	pthread_t thread;
	int fd, stop_fd;
	bool follows, has_ended; /* has_ended: its end was reached once */
	struct tap *tap;
	struct mailbox *mailbox;
	int producer;
	struct feed *feed;
	struct batch *empty; /* to be exchanged for a full one */
	int64_t now_ns;
	char bytes[READ_SIZE];
};

static void post(struct tap_log *log, bool is_last)
{
	tap_tell(log->tap, log->feed, log->now_ns, is_last);
	if (is_last)
		feed_end(log->feed, log->now_ns, 0);
	if (feed_batch(log->feed)->count > 0)
		log->empty =
			mailbox_post(log->mailbox, log->producer, feed_swap(log->feed, log->empty));
}

/* How many bytes there were; 0 = none now, negative = none any more. */
static ssize_t take(struct tap_log *log)
{
	ssize_t size = read(log->fd, log->bytes, sizeof(log->bytes));

	log->now_ns = clock_now_ns();
	if (size > 0)
		tap_take(log->tap, NULL, log->bytes, (size_t)size, log->now_ns);
	if (size > 0)
		return size;
	if (size < 0 && errno != EAGAIN && errno != EINTR)
		return -1;
	/* What comes behind the end comes now. */
	if (!log->has_ended)
		tap_begin(log->tap, log->now_ns);
	log->has_ended = true;
	return size < 0 || log->follows ? 0 : -1;
}

static void *log_main(void *user)
{
	struct tap_log *log = user;
	struct pollfd stop = {.fd = log->stop_fd, .events = POLLIN};
	ssize_t size;

	do {
		size = take(log);
		if (size >= 0)
			post(log, false);
	} while (size >= 0 && poll(&stop, 1, size > 0 ? 0 : GROWTH_MS) == 0);
	tap_let_go(log->tap, NULL, log->now_ns, true);
	post(log, true);
	return NULL;
}

static void log_destroy(struct tap_log *log)
{
	tap_destroy(log->tap);
	feed_destroy(log->feed);
	batch_finish(log->empty);
	free(log->empty);
	if (log->stop_fd >= 0)
		close(log->stop_fd);
	free(log);
}

struct tap_log *tap_log_start(int fd, const char *named, bool follows, struct mailbox *mailbox,
			      int producer, struct error *err)
{
	struct tap_log *log = memory_zeroed(1, sizeof(*log));
	int code;

	log->fd = fd;
	log->stop_fd = eventfd(0, EFD_CLOEXEC);
	log->follows = follows;
	log->tap = tap_create(named, INT64_MAX);
	log->mailbox = mailbox;
	log->producer = producer;
	log->feed = feed_create();
	log->empty = memory_zeroed(1, sizeof(*log->empty));
	code = log->stop_fd < 0 ? -EMFILE : thread_start(&log->thread, "onednn-log", log_main, log);
	if (code == 0)
		return log;
	log_destroy(log);
	error_set(err, -code, "no thread for the log of oneDNN: %s", strerror(-code));
	return NULL;
}

void tap_log_stop(struct tap_log *log)
{
	uint64_t one = 1;

	if (!log)
		return;
	if (write(log->stop_fd, &one, sizeof(one)) != (ssize_t)sizeof(one))
		abort(); /* an eventfd of ours that refuses one: the program's state is broken */
	pthread_join(log->thread, NULL);
	log_destroy(log);
}
