/* SPDX-License-Identifier: Apache-2.0 */
/* Writes queued bytes to a file on a thread of its own. */
#include "record/writer.h"

#include "base/memory.h"
#include "base/text.h"
#include "base/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A pile of bytes; two of them take turns. */
struct pile {
	char *data;
	size_t size, capacity;
};

struct writer {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work;  /* bytes wait, or it is to close */
	pthread_cond_t ended; /* the thread has done its last write */
	struct pile waiting;  /* filled by writer_put */
	size_t in_flight;     /* bytes that the thread has taken and not written yet */
	_Atomic int error;    /* errno of the first failure */
	bool closing, has_ended, is_abandoned;
	int fd;	    /* -1 until the thread has opened a FIFO */
	char *path; /* of a FIFO: opening one waits for its reader */
};

static void writer_free(struct writer *writer)
{
	if (writer->fd >= 0)
		close(writer->fd);
	pthread_cond_destroy(&writer->work);
	pthread_cond_destroy(&writer->ended);
	pthread_mutex_destroy(&writer->lock);
	free(writer->waiting.data);
	free(writer->path);
	free(writer);
}

/* Standard output may be a terminal that somebody set to non-blocking. */
static int wait_for_room(int fd)
{
	struct pollfd room = {.fd = fd, .events = POLLOUT};

	return poll(&room, 1, -1) < 0 && errno != EINTR ? -errno : 0;
}

static int write_all(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t written = write(fd, data, size);

		if (written > 0) {
			data += written;
			size -= (size_t)written;
			continue;
		}
		if (written == 0 || errno == EINTR)
			continue;

		int result = errno == EAGAIN ? wait_for_room(fd) : -errno;

		if (result < 0)
			return result;
	}
	return 0;
}

static int open_fifo(struct writer *writer)
{
	if (writer->fd >= 0)
		return 0;

	int fd = open(writer->path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	pthread_mutex_lock(&writer->lock);
	writer->fd = fd;
	pthread_mutex_unlock(&writer->lock);
	return 0;
}

/* Takes the waiting pile in exchange for an empty one; false = nothing will come any more. */
static bool take_pile(struct writer *writer, struct pile *pile)
{
	pthread_mutex_lock(&writer->lock);
	while (writer->waiting.size == 0 && !writer->closing)
		pthread_cond_wait(&writer->work, &writer->lock);

	struct pile taken = writer->waiting;

	pile->size = 0;
	writer->waiting = *pile;
	writer->in_flight = taken.size;
	pthread_mutex_unlock(&writer->lock);
	*pile = taken;
	return taken.size > 0;
}

static void pile_is_done(struct writer *writer, int result)
{
	pthread_mutex_lock(&writer->lock);
	writer->in_flight = 0;
	if (result < 0 && !writer->error)
		writer->error = -result;
	pthread_mutex_unlock(&writer->lock);
}

static void *writer_run(void *argument)
{
	struct writer *writer = argument;
	struct pile pile = {0};
	int result = 0;

	while (take_pile(writer, &pile)) {
		if (result == 0)
			result = open_fifo(writer);
		if (result == 0)
			result = write_all(writer->fd, pile.data, pile.size);
		pile_is_done(writer, result);
	}
	free(pile.data);

	pthread_mutex_lock(&writer->lock);
	writer->has_ended = true;
	bool is_abandoned = writer->is_abandoned;
	pthread_cond_signal(&writer->ended);
	pthread_mutex_unlock(&writer->lock);
	if (is_abandoned)
		writer_free(writer);
	return NULL;
}

/* A symbolic link in a directory where anybody may put things is followed only when it is ours, root's or the
 * directory's owner's: the rule of fs.protected_symlinks, also where that is switched off. */
static bool is_trusted_link(const char *path, const struct stat *link)
{
	char directory[4096];
	struct stat status;
	const char *slash = strrchr(path, '/');

	text_print(directory, sizeof(directory), "%.*s", slash ? (int)(slash - path) + 1 : 1,
		   slash ? path : ".");
	if (stat(directory, &status) < 0)
		return false;
	if (!(status.st_mode & S_ISVTX) || !(status.st_mode & S_IWOTH))
		return true;
	return link->st_uid == geteuid() || link->st_uid == 0 || link->st_uid == status.st_uid;
}

/* Opens what is there already: a file is replaced (its mode and its other names are not ours to keep), a device or a
 * trusted link is written to. */
static int open_existing(const char *path, const struct stat *status)
{
	int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY;

	if (S_ISLNK(status->st_mode)) {
		if (!is_trusted_link(path, status)) {
			errno = ELOOP;
			return -1;
		}
		return open(path, flags, 0600);
	}
	if (S_ISREG(status->st_mode) && unlink(path) == 0)
		flags |= O_EXCL;
	return open(path, flags | O_NOFOLLOW, 0600);
}

static int open_path(struct writer *writer, const char *path)
{
	struct stat status;

	if (strcmp(path, "-") == 0)
		return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (lstat(path, &status) < 0)
		return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY,
			    0600);
	if (S_ISFIFO(status.st_mode)) {
		writer->path = memory_text(path);
		errno = 0;
		return -1;
	}
	return open_existing(path, &status);
}

static int explain_open(const char *path, int code, struct error *err)
{
	switch (code) {
	case ELOOP:
		return error_set(err, code,
				 "%s: a symbolic link of another user in a directory open to all; "
				 "give another path",
				 path);
	case ENOENT:
		return error_set(err, code, "%s: its directory does not exist; create it first",
				 path);
	case EISDIR:
		return error_set(err, code, "%s: is a directory; give the name of a file", path);
	case EACCES:
	case EPERM:
	case EROFS:
		return error_set(err, code,
				 "%s: cannot be written (%s); choose a directory of yours", path,
				 strerror(code));
	default: return error_set(err, code, "%s: %s", path, strerror(code));
	}
}

struct writer *writer_open(const char *path, struct error *err)
{
	struct writer *writer = memory_zeroed(1, sizeof(*writer));

	pthread_mutex_init(&writer->lock, NULL);
	pthread_cond_init(&writer->work, NULL);
	thread_condition_init(&writer->ended);

	writer->fd = open_path(writer, path);
	if (writer->fd < 0 && !writer->path) {
		explain_open(path, errno, err);
		writer_free(writer);
		return NULL;
	}

	/* Without signals a reader that is gone gives EPIPE, not SIGPIPE. */
	int code = thread_start(&writer->thread, "writer", writer_run, writer);

	if (code < 0) {
		error_set(err, -code, "no thread to write %s: %s", path, strerror(-code));
		writer_free(writer);
		return NULL;
	}
	return writer;
}

bool writer_put(struct writer *writer, const char *data, size_t size)
{
	if (size == 0)
		return true;
	pthread_mutex_lock(&writer->lock);

	bool has_failed = writer->error != 0;
	bool fits = size <= WRITER_BYTES_MAX &&
		    writer->waiting.size + writer->in_flight <= WRITER_BYTES_MAX - size;

	if (fits && !has_failed) {
		struct pile *pile = &writer->waiting;

		memory_reserve(&pile->data, &pile->capacity, pile->size + size, 1);
		memcpy(pile->data + pile->size, data, size);
		pile->size += size;
		pthread_cond_signal(&writer->work);
	}
	pthread_mutex_unlock(&writer->lock);
	return fits || has_failed;
}

int writer_error(const struct writer *writer)
{
	return writer->error;
}

static struct timespec deadline_in(int timeout_ms)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	time.tv_sec += timeout_ms / 1000;
	time.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	if (time.tv_nsec >= 1000000000) {
		time.tv_sec++;
		time.tv_nsec -= 1000000000;
	}
	return time;
}

int writer_close(struct writer *writer, int timeout_ms)
{
	if (!writer)
		return 0;

	struct timespec deadline = deadline_in(timeout_ms);
	int wait = 0;

	pthread_mutex_lock(&writer->lock);
	writer->closing = true;
	pthread_cond_signal(&writer->work);
	while (!writer->has_ended && wait == 0)
		wait = pthread_cond_timedwait(&writer->ended, &writer->lock, &deadline);

	bool has_ended = writer->has_ended;

	writer->is_abandoned = !has_ended;
	if (!has_ended)
		pthread_detach(writer->thread);
	pthread_mutex_unlock(&writer->lock);
	if (!has_ended)
		return -ETIMEDOUT;
	pthread_join(writer->thread, NULL);

	int code = writer->error;

	writer_free(writer);
	return -code;
}
