/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that drains the command's output: nothing here may ever hold the command up. */
#include "workload/intake.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"
#include "model/feed.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LINES_MAX 2000
#define READ_SIZE 65536
#define POST_NS	  (50 * CLOCK_NS_PER_MS)
#define NOTE_NS	  CLOCK_NS_PER_S
#define STOP_MS	  200
#define DRAIN_NS  (100 * CLOCK_NS_PER_MS) /* for what is left when we are told to stop */

struct kept_line {
	int64_t time_ns;
	uint16_t length;
	char text[sizeof(((struct lines *)0)->line)];
};

struct intake {
	pthread_t thread;
	int fd, stop_fd, done_fd; /* the last two: eventfds, written once */
	atomic_int copy_fd;
	struct mailbox *mailbox;
	int producer;
	struct feed *feed;
	struct batch *empty; /* to be exchanged for a full one */

	struct lines lines;
	struct kept_line *kept; /* ring of LINES_MAX */
	size_t first, count;
	int64_t now_ns, posted_ns, noted_ns;
	uint64_t skipped_lines, uncopied_bytes; /* since the last note */
	char bytes[READ_SIZE];
};

static void signal_once(int event_fd)
{
	uint64_t one = 1;
	ssize_t written = write(event_fd, &one, sizeof(one));

	(void)written; /* a fresh counter takes a one */
}

static void keep_line(void *user, const char *text, size_t length)
{
	struct intake *intake = user;
	struct kept_line *line = &intake->kept[(intake->first + intake->count) % LINES_MAX];

	if (intake->count < LINES_MAX) {
		intake->count++;
	} else {
		intake->first = (intake->first + 1) % LINES_MAX;
		intake->skipped_lines++;
	}
	line->time_ns = intake->now_ns;
	line->length = (uint16_t)length;
	memcpy(line->text, text, length);
}

/* At most once a second: at full speed every batch would have its own. */
static void note_losses(struct intake *intake, bool is_last)
{
	if (!is_last && intake->now_ns - intake->noted_ns < NOTE_NS)
		return;
	if (intake->skipped_lines)
		feed_note(intake->feed, intake->now_ns, NOTE_INFO, 0,
			  "output came too fast: %llu lines are not shown",
			  (unsigned long long)intake->skipped_lines);
	if (intake->uncopied_bytes)
		feed_note(intake->feed, intake->now_ns, NOTE_WARN, 0,
			  "output could not be copied: %llu bytes are missing in the copy",
			  (unsigned long long)intake->uncopied_bytes);
	if (intake->skipped_lines || intake->uncopied_bytes)
		intake->noted_ns = intake->now_ns;
	intake->skipped_lines = intake->uncopied_bytes = 0;
}

static void post(struct intake *intake, bool is_last)
{
	intake->posted_ns = intake->now_ns;
	for (; intake->count > 0; intake->count--) {
		const struct kept_line *line = &intake->kept[intake->first];

		feed_output(intake->feed, line->time_ns, 1, line->text, line->length);
		intake->first = (intake->first + 1) % LINES_MAX;
	}
	note_losses(intake, is_last);
	if (is_last)
		feed_end(intake->feed, intake->now_ns, 0);
	if (feed_batch(intake->feed)->count > 0)
		intake->empty = mailbox_post(intake->mailbox, intake->producer,
					     feed_swap(intake->feed, intake->empty));
}

/* Copies what can be written at once; a stopped terminal or a full pipe loses bytes, not time. */
static void copy_bytes(struct intake *intake, const char *bytes, size_t size)
{
	struct pollfd out = {.fd = atomic_load(&intake->copy_fd), .events = POLLOUT};

	while (out.fd >= 0 && size > 0) {
		size_t part = size < PIPE_BUF ? size : PIPE_BUF;
		ssize_t written = -1;

		if (poll(&out, 1, 0) == 1 && (out.revents & POLLOUT))
			written = write(out.fd, bytes, part);
		if (written <= 0) {
			intake->uncopied_bytes += size;
			return;
		}
		bytes += written;
		size -= (size_t)written;
	}
}

/* Takes what is there; false at the end. A pty whose last writer is gone says EIO. */
static bool take_bytes(struct intake *intake)
{
	ssize_t size = read(intake->fd, intake->bytes, sizeof(intake->bytes));

	if (size < 0)
		return errno == EINTR || errno == EAGAIN;
	intake->now_ns = clock_now_ns();
	lines_feed(&intake->lines, intake->bytes, (size_t)size, keep_line, intake);
	copy_bytes(intake, intake->bytes, (size_t)size);
	return size > 0;
}

/* How long poll may sleep: until what waits is due. */
static int patience_ms(const struct intake *intake, int64_t stop_ns)
{
	int64_t due_ns = intake->posted_ns + POST_NS - intake->now_ns;

	if (stop_ns)
		return 0;
	if (intake->count == 0)
		return -1;
	return due_ns > 0 ? (int)(due_ns / CLOCK_NS_PER_MS) + 1 : 0;
}

static void *intake_main(void *user)
{
	struct intake *intake = user;
	struct pollfd fds[] = {{.fd = intake->fd, .events = POLLIN},
			       {.fd = intake->stop_fd, .events = POLLIN}};
	int64_t stop_ns = 0; /* when to be done at the latest; 0 = not asked to stop */

	for (;;) {
		int ready = poll(fds, 2, patience_ms(intake, stop_ns));

		if (ready < 0)
			continue; /* a debugger or SIGCONT: what was asked for is not filled in */
		intake->now_ns = clock_now_ns();
		if (fds[1].revents && !stop_ns) {
			stop_ns = intake->now_ns + DRAIN_NS;
			fds[1].fd = -1;
		}
		if (fds[0].revents && !take_bytes(intake))
			break;
		if (stop_ns && (!fds[0].revents || intake->now_ns > stop_ns))
			break;
		if (intake->count > 0 && intake->now_ns - intake->posted_ns >= POST_NS)
			post(intake, false);
	}
	if (intake->lines.length > 0)
		lines_feed(&intake->lines, "\n", 1, keep_line, intake);
	post(intake, true);
	signal_once(intake->done_fd);
	return NULL;
}

static void intake_destroy(struct intake *intake)
{
	feed_destroy(intake->feed);
	batch_finish(intake->empty);
	free(intake->empty);
	free(intake->kept);
	if (intake->stop_fd >= 0)
		close(intake->stop_fd);
	if (intake->done_fd >= 0)
		close(intake->done_fd);
	free(intake);
}

struct intake *intake_start(int fd, struct mailbox *mailbox, int producer, struct error *err)
{
	struct intake *intake = memory_zeroed(1, sizeof(*intake));
	int code;

	intake->fd = fd;
	intake->stop_fd = eventfd(0, EFD_CLOEXEC);
	intake->done_fd = eventfd(0, EFD_CLOEXEC);
	atomic_init(&intake->copy_fd, -1);
	intake->mailbox = mailbox;
	intake->producer = producer;
	intake->feed = feed_create();
	intake->empty = memory_zeroed(1, sizeof(*intake->empty));
	intake->kept = memory_zeroed(LINES_MAX, sizeof(*intake->kept));
	intake->now_ns = clock_now_ns();
	code = intake->stop_fd < 0 || intake->done_fd < 0
		       ? -EMFILE
		       : thread_start(&intake->thread, "intake", intake_main, intake);
	if (code == 0)
		return intake;
	intake_destroy(intake);
	error_set(err, -code, "no thread for the output of the command: %s", strerror(-code));
	return NULL;
}

void intake_copy_to(struct intake *intake, int fd)
{
	atomic_store(&intake->copy_fd, fd);
}

void intake_stop(struct intake *intake)
{
	struct pollfd done = {.events = POLLIN};

	if (!intake)
		return;
	done.fd = intake->done_fd;
	signal_once(intake->stop_fd);
	if (poll(&done, 1, STOP_MS) != 1) {
		pthread_detach(intake->thread); /* it hangs: what it uses is left to it */
		return;
	}
	pthread_join(intake->thread, NULL);
	intake_destroy(intake);
}
