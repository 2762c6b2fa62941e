/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that drains the command's output: nothing here may ever hold the command up. */
#include "workload/intake.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"
#include "model/feed.h"
#include "workload/stream.h"

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
#define POST_NS	  (50 * CLOCK_NS_PER_MS)
#define NOTE_NS	  CLOCK_NS_PER_S
#define STOP_MS	  200
#define DRAIN_NS  (100 * CLOCK_NS_PER_MS) /* for what is left when we are told to stop */
#define REST_SIZE (INT64_C(1) << 20)	  /* what is left in a pipe at most, when it is passed on */

struct kept_line {
	int64_t time_ns;
	uint16_t length;
	char text[sizeof(((struct lines *)0)->line)];
};

struct intake {
	pthread_t thread;
	int stop_fd, done_fd; /* eventfds, written once */
	atomic_int copy_fd;
	struct mailbox *mailbox;
	int producer;
	struct feed *feed;
	struct batch *empty; /* to be exchanged for a full one */

	struct stream streams[INTAKE_STREAMS];
	struct match *match;
	struct kept_line *kept; /* ring of LINES_MAX; NULL = lines are not posted */
	size_t first, count;
	int64_t now_ns, posted_ns, noted_ns;
	int64_t stop_ns;    /* when to be done at the latest; 0 = not asked to stop */
	int64_t rest_bytes; /* read since then */
	uint64_t skipped_lines, uncopied_bytes; /* since the last note */
	bool has_matched;			/* since the last post */
};

static void signal_once(int event_fd)
{
	uint64_t one = 1;
	ssize_t written = write(event_fd, &one, sizeof(one));

	(void)written; /* a fresh counter takes a one */
}

static void match_text(void *user, const char *text, size_t length)
{
	struct intake *intake = user;

	match_line(intake->match, text, length);
	intake->has_matched = true;
}

static void take_line(void *user, const char *text, size_t length)
{
	struct intake *intake = user;
	struct kept_line *line;

	if (intake->match)
		match_text(user, text, length);
	if (!intake->kept)
		return;
	line = &intake->kept[(intake->first + intake->count) % LINES_MAX];
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
	for (int i = 0; i < INTAKE_STREAMS; i++) {
		if (!intake->streams[i].dropped)
			continue;
		feed_note(intake->feed, intake->now_ns, NOTE_WARN, 0,
			  "%s of the command: nobody takes it any more, %llu bytes were dropped",
			  i == 0 ? "output" : "standard error",
			  (unsigned long long)intake->streams[i].dropped);
		intake->noted_ns = intake->now_ns;
		intake->streams[i].dropped = 0;
	}
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
	if (intake->match && (intake->has_matched || is_last))
		match_tell(intake->match, intake->feed, intake->now_ns, is_last);
	intake->has_matched = false;
	if (intake->streams[0].tap)
		tap_tell(intake->streams[0].tap, intake->feed, intake->now_ns, is_last);
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

static bool has_something_to_post(const struct intake *intake)
{
	return intake->count > 0 || intake->has_matched;
}

/* When what waits is to be told; INT64_MAX = nothing waits. */
static int64_t due_ns(const struct intake *intake)
{
	const struct tap *tap = intake->streams[0].tap;
	int64_t tap_ns = tap ? tap_due_ns(tap) : INT64_MAX;
	int64_t post_ns = has_something_to_post(intake) ? intake->posted_ns + POST_NS : INT64_MAX;

	return tap_ns < post_ns ? tap_ns : post_ns;
}

static void take_text(struct intake *intake, struct stream *stream, const char *text, size_t size)
{
	lines_feed(&stream->lines, text, size, take_line, intake);
	if (stream == intake->streams)
		copy_bytes(intake, text, size);
	stream_pass(stream);
}

/* A text that looked like the beginning of a line of oneDNN and did not become one. */
static void let_go(struct intake *intake, bool is_last)
{
	struct stream *stream = &intake->streams[0];
	const char *text;
	size_t size;

	if (stream_is_waiting(stream))
		return;
	stream_let_go(stream, intake->now_ns, is_last, &text, &size);
	take_text(intake, stream, text, size);
}

/* Takes what is there, or passes on what was. */
static void take_turn(struct intake *intake, struct stream *stream)
{
	const char *text;
	size_t size;
	ssize_t got;

	if (stream_is_waiting(stream)) {
		stream_pass(stream);
		return;
	}
	got = stream_read(stream, intake->now_ns, &text, &size);
	intake->rest_bytes += intake->stop_ns && got > 0 ? got : 0;
	take_text(intake, stream, text, size);
}

static bool is_waiting(const struct intake *intake)
{
	return stream_is_waiting(&intake->streams[0]) || stream_is_waiting(&intake->streams[1]);
}

/* How long poll may sleep: until what waits is due. */
static int patience_ms(const struct intake *intake)
{
	int64_t at_ns = due_ns(intake);

	if (intake->stop_ns && !is_waiting(intake))
		return 0;
	if (at_ns == INT64_MAX)
		return -1;
	return at_ns > intake->now_ns ? (int)((at_ns - intake->now_ns) / CLOCK_NS_PER_MS) + 1 : 0;
}

/* Told to stop: what is there is still taken, as long as it was there and not written since; what was taken is passed on
 * however long that lasts. */
static bool is_done(const struct intake *intake, int ready)
{
	bool passes = intake->streams[0].pass_fd >= 0 || intake->streams[1].pass_fd >= 0;

	if (is_waiting(intake))
		return false;
	if (intake->streams[0].fd < 0 && intake->streams[1].fd < 0)
		return true;
	if (!intake->stop_ns)
		return false;
	return ready == 0 ||
	       (passes ? intake->rest_bytes > REST_SIZE : intake->now_ns > intake->stop_ns);
}

static void end_lines(struct intake *intake)
{
	for (int i = 0; i < INTAKE_STREAMS; i++) {
		struct lines *lines = &intake->streams[i].lines;

		if (lines->length > 0)
			lines_feed(lines, "\n", 1, take_line, intake);
	}
}

static void *intake_main(void *user)
{
	struct intake *intake = user;
	struct pollfd fds[1 + INTAKE_STREAMS] = {{.fd = intake->stop_fd, .events = POLLIN}};

	if (intake->match) {
		match_announce(intake->match, intake->feed, intake->now_ns);
		intake->has_matched = true;
	}

	for (;;) {
		for (int i = 0; i < INTAKE_STREAMS; i++)
			fds[1 + i] = stream_poll(&intake->streams[i]);

		int ready = poll(fds, ARRAY_SIZE(fds), patience_ms(intake));

		if (ready < 0)
			continue; /* a debugger or SIGCONT: what was asked for is not filled in */
		intake->now_ns = clock_now_ns();
		if (fds[0].revents && !intake->stop_ns) {
			intake->stop_ns = intake->now_ns + DRAIN_NS;
			fds[0].fd = -1;
		}
		for (int i = 0; i < INTAKE_STREAMS; i++)
			if (fds[1 + i].revents)
				take_turn(intake, &intake->streams[i]);
		if (is_done(intake, ready))
			break;
		if (intake->now_ns >= due_ns(intake)) {
			let_go(intake, false);
			post(intake, false);
		}
	}
	let_go(intake, true);
	end_lines(intake);
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
	match_destroy(intake->match);
	tap_destroy(intake->streams[0].tap);
	if (intake->stop_fd >= 0)
		close(intake->stop_fd);
	if (intake->done_fd >= 0)
		close(intake->done_fd);
	free(intake);
}

struct intake *intake_start(const struct intake_options *options, struct error *err)
{
	struct intake *intake = memory_zeroed(1, sizeof(*intake));
	int code;

	for (int i = 0; i < INTAKE_STREAMS; i++) {
		intake->streams[i].fd = options->fds[i];
		intake->streams[i].pass_fd = options->pass_fds[i];
		intake->streams[i].keeper_fd = options->keeper_fds[i];
		if (options->match)
			intake->streams[i].lines.overwritten = match_text;
	}
	intake->stop_fd = eventfd(0, EFD_CLOEXEC);
	intake->done_fd = eventfd(0, EFD_CLOEXEC);
	atomic_init(&intake->copy_fd, -1);
	intake->match = options->match;
	intake->mailbox = options->mailbox;
	intake->producer = options->producer;
	intake->feed = feed_create();
	intake->empty = memory_zeroed(1, sizeof(*intake->empty));
	if (options->posts_lines)
		intake->kept = memory_zeroed(LINES_MAX, sizeof(*intake->kept));
	intake->now_ns = clock_now_ns();
	if (options->onednn)
		intake->streams[0].tap = tap_create(options->onednn, intake->now_ns);
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

int intake_ask_to_stop(struct intake *intake)
{
	signal_once(intake->stop_fd);
	return intake->done_fd;
}

void intake_stop(struct intake *intake)
{
	struct pollfd done = {.events = POLLIN};

	if (!intake)
		return;
	done.fd = intake_ask_to_stop(intake);
	if (poll(&done, 1, STOP_MS) != 1) {
		pthread_detach(intake->thread); /* it hangs: what it uses is left to it */
		return;
	}
	pthread_join(intake->thread, NULL);
	intake_destroy(intake);
}
