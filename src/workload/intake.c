/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that drains the command's output: nothing here may ever hold the command up. */
#include "workload/intake.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"
#include "model/feed.h"
#include "model/onednn_tally.h"
#include "workload/passing.h"
#include "workload/verbose.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define LINES_MAX 2000
#define READ_SIZE 65536
#define POST_NS	  (50 * CLOCK_NS_PER_MS)
#define NOTE_NS	  CLOCK_NS_PER_S
#define STOP_MS	  200
#define DRAIN_NS  (100 * CLOCK_NS_PER_MS) /* for what is left when we are told to stop */
/* The same where it is passed on: whoever reads it may be slow. */
#define PASS_STOP_MS  10000
#define PASS_DRAIN_NS (9 * CLOCK_NS_PER_S)
#define TALLY_NS      (250 * CLOCK_NS_PER_MS)
#define GROWTH_MS     200 /* how often a file is looked at whether it has grown */

struct kept_line {
	int64_t time_ns;
	uint16_t length;
	char text[sizeof(((struct lines *)0)->line)];
};

struct intake {
	pthread_t thread;
	struct intake_options options;
	int pass_fd;	      /* -1 = nowhere, or it failed */
	int stop_fd, done_fd; /* eventfds, written once */
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

	struct onednn_tally *tally; /* NULL = not looked for */
	struct verbose verbose;
	struct onednn_arrival arrival;
	int64_t read_ns;  /* when bytes came last */
	bool has_counted; /* since it was last told */
	bool at_end;	  /* of a file that may grow */
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

static void tell_tally(struct intake *intake, bool is_last)
{
	struct timespec cpu;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu) == 0)
		onednn_tally_cost(intake->tally, cpu.tv_sec * CLOCK_NS_PER_S + cpu.tv_nsec);
	onednn_tally_publish(intake->tally, intake->feed, intake->now_ns, intake->options.onednn,
			     is_last);
	intake->has_counted = false;
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
	if (intake->tally)
		tell_tally(intake, is_last);
	if (is_last)
		feed_end(intake->feed, intake->now_ns, 0);
	if (feed_batch(intake->feed)->count > 0)
		intake->empty = mailbox_post(intake->mailbox, intake->producer,
					     feed_swap(intake->feed, intake->empty));
}

static void pass_bytes(struct intake *intake, const char *bytes, size_t size)
{
	int result = intake->pass_fd < 0 ? 0 : passing_write(intake->pass_fd, bytes, size);

	if (result == 0)
		return;
	feed_note(intake->feed, intake->now_ns, NOTE_WARN, 0,
		  "the command's output cannot be passed on: %s; it is dropped", strerror(-result));
	intake->pass_fd = -1;
}

static void take_rest(void *user, const char *bytes, size_t size)
{
	struct intake *intake = user;

	if (intake->options.shows)
		lines_feed(&intake->lines, bytes, size, keep_line, intake);
	pass_bytes(intake, bytes, size);
	intake->uncopied_bytes += passing_copy(atomic_load(&intake->copy_fd), bytes, size);
}

/* What we do not understand, and what oneDNN has to say to people, stays in the output. */
static bool take_verbose(void *user, const char *text, size_t length)
{
	struct intake *intake = user;
	enum onednn_verb verb = onednn_tally_take(intake->tally, text, length, &intake->arrival);

	intake->has_counted = true;
	return verb == ONEDNN_EXEC || verb == ONEDNN_CREATE || verb == ONEDNN_INFO;
}

/* Stamps count from 1970; the clock may be set while we run. */
static void look_at_clocks(struct intake *intake)
{
	struct timespec wall;

	clock_gettime(CLOCK_REALTIME, &wall);
	intake->arrival.time_ns = intake->now_ns;
	intake->arrival.epoch_ns = wall.tv_sec * CLOCK_NS_PER_S + wall.tv_nsec - clock_now_ns();
}

static const struct verbose_sink *verbose_sink(struct verbose_sink *sink, struct intake *intake)
{
	*sink = (struct verbose_sink){take_verbose, take_rest, intake};
	return sink;
}

static void take(struct intake *intake, const char *bytes, size_t size)
{
	struct verbose_sink sink;

	if (!intake->tally) {
		take_rest(intake, bytes, size);
		return;
	}
	look_at_clocks(intake);
	verbose_feed(&intake->verbose, bytes, size, verbose_sink(&sink, intake));
}

/* A text that looked like the beginning of a marker and did not become one. */
static void let_go(struct intake *intake, bool is_last)
{
	struct verbose_sink sink;
	bool is_due = !intake->verbose.is_taking && intake->now_ns >= intake->read_ns + POST_NS;

	if (!intake->tally || (!is_due && !is_last))
		return;
	if (intake->verbose.is_taking)
		onednn_tally_unknown(intake->tally);
	verbose_flush(&intake->verbose, verbose_sink(&sink, intake));
}

/* The end of a file that may grow is no end; what comes behind it came now. */
static bool end_of_file(struct intake *intake)
{
	intake->at_end = true;
	if (intake->arrival.since_ns == INT64_MAX)
		intake->arrival.since_ns = intake->now_ns;
	return intake->options.follows;
}

/* Takes what is there; false at the end. A pty whose last writer is gone says EIO. */
static bool take_bytes(struct intake *intake)
{
	ssize_t size = read(intake->options.fd, intake->bytes, sizeof(intake->bytes));

	if (size < 0)
		return errno == EINTR || errno == EAGAIN;
	intake->now_ns = clock_now_ns();
	if (size == 0)
		return end_of_file(intake);
	intake->at_end = false;
	intake->read_ns = intake->now_ns;
	take(intake, intake->bytes, (size_t)size);
	return true;
}

/* When what waits is to be told; INT64_MAX = nothing waits. */
static int64_t due_ns(const struct intake *intake)
{
	bool is_held = intake->verbose.length > 0 && !intake->verbose.is_taking;

	if (intake->count > 0)
		return intake->posted_ns + POST_NS;
	if (is_held)
		return intake->read_ns + POST_NS;
	return intake->has_counted ? intake->posted_ns + TALLY_NS : INT64_MAX;
}

/* How long poll may sleep: until what waits is due. */
static int patience_ms(const struct intake *intake, int64_t stop_ns)
{
	int64_t wait_ns = due_ns(intake);

	if (stop_ns)
		return 0;
	if (wait_ns == INT64_MAX)
		return intake->at_end ? GROWTH_MS : -1;
	wait_ns -= intake->now_ns;
	if (wait_ns <= 0)
		return 0;
	return (int)(wait_ns / CLOCK_NS_PER_MS) + 1;
}

static void *intake_main(void *user)
{
	struct intake *intake = user;
	bool is_passed = intake->options.pass_fd >= 0;
	struct pollfd fds[] = {{.fd = intake->options.fd, .events = POLLIN},
			       {.fd = intake->stop_fd, .events = POLLIN}};
	int64_t stop_ns = 0; /* when to be done at the latest; 0 = not asked to stop */

	for (;;) {
		int ready;

		/* A file is always ready, at its end too. */
		fds[0].fd = intake->at_end ? -1 : intake->options.fd;
		fds[0].revents = 0;
		ready = poll(fds, 2, patience_ms(intake, stop_ns));
		if (ready < 0)
			continue; /* a debugger or SIGCONT: what was asked for is not filled in */
		intake->now_ns = clock_now_ns();
		if (fds[1].revents && !stop_ns) {
			stop_ns = intake->now_ns + (is_passed ? PASS_DRAIN_NS : DRAIN_NS);
			fds[1].fd = -1;
		}
		if ((fds[0].revents || intake->at_end) && !take_bytes(intake))
			break;
		if (stop_ns && (!fds[0].revents || intake->now_ns > stop_ns))
			break;
		if (intake->now_ns >= due_ns(intake)) {
			let_go(intake, false);
			post(intake, false);
		}
	}
	let_go(intake, true);
	if (intake->lines.length > 0)
		lines_feed(&intake->lines, "\n", 1, keep_line, intake);
	post(intake, true);
	signal_once(intake->done_fd);
	return NULL;
}

static void intake_destroy(struct intake *intake)
{
	onednn_tally_destroy(intake->tally);
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

struct intake *intake_start(const struct intake_options *options, struct mailbox *mailbox,
			    int producer, struct error *err)
{
	struct intake *intake = memory_zeroed(1, sizeof(*intake));
	int code;

	intake->options = *options;
	intake->pass_fd = options->pass_fd;
	intake->stop_fd = eventfd(0, EFD_CLOEXEC);
	intake->done_fd = eventfd(0, EFD_CLOEXEC);
	atomic_init(&intake->copy_fd, -1);
	intake->mailbox = mailbox;
	intake->producer = producer;
	intake->feed = feed_create();
	intake->empty = memory_zeroed(1, sizeof(*intake->empty));
	intake->kept = memory_zeroed(LINES_MAX, sizeof(*intake->kept));
	intake->now_ns = clock_now_ns();
	if (options->onednn)
		intake->tally = onednn_tally_create();
	intake->arrival.since_ns = options->is_log ? INT64_MAX : intake->now_ns;
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
	if (poll(&done, 1, intake->options.pass_fd >= 0 ? PASS_STOP_MS : STOP_MS) != 1) {
		pthread_detach(intake->thread); /* it hangs: what it uses is left to it */
		return;
	}
	pthread_join(intake->thread, NULL);
	intake_destroy(intake);
}
