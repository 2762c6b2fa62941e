/* SPDX-License-Identifier: Apache-2.0 */
/* A recording or a log of oneDNN, read to its end into a session. */
#include "commands/export.h"

#include "base/clock.h"
#include "base/memory.h"
#include "model/phase.h"
#include "record/reader.h"
#include "workload/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void apply(struct session *session, struct feed *feed, struct batch **spare)
{
	*spare = feed_swap(feed, *spare);
	session_apply(session, *spare);
	batch_clear(*spare);
}

static int read_recording(const char *path, struct session *session, struct error *err)
{
	struct reader *reader = reader_open(path, err);
	struct feed *feed = feed_create();
	struct batch *spare = memory_zeroed(1, sizeof(*spare));
	int result = reader ? 1 : -err->code;

	while (result > 0) {
		result = reader_next(reader, feed, err);
		apply(session, feed, &spare);
		phase_tick(session, result <= 0);
		session_recorded(session);
		session_fold(session, session_now_ns(session));
	}
	batch_finish(spare);
	free(spare);
	feed_destroy(feed);
	reader_close(reader);
	return result;
}

static int read_log(int fd, const char *path, struct session *session, struct error *err)
{
	static char bytes[65536];
	struct tap *tap = tap_create(path, INT64_MAX);
	struct feed *feed = feed_create();
	struct batch *spare = memory_zeroed(1, sizeof(*spare));
	ssize_t size;
	int code;

	while ((size = read(fd, bytes, sizeof(bytes))) > 0 || (size < 0 && errno == EINTR)) {
		if (size > 0)
			tap_take(tap, NULL, bytes, (size_t)size, CLOCK_NS_PER_S);
	}
	code = size < 0 ? errno : 0;
	tap_let_go(tap, NULL, CLOCK_NS_PER_S, true);
	tap_tell(tap, feed, CLOCK_NS_PER_S, true);
	feed_tick(feed, CLOCK_NS_PER_S, 1, 0);
	apply(session, feed, &spare);
	batch_finish(spare);
	free(spare);
	feed_destroy(feed);
	tap_destroy(tap);
	return code ? error_set(err, code, "%s: %s", path, strerror(code)) : 0;
}

/* A recording begins with the name of its first column. */
int export_read(const char *path, struct session *session, struct error *err)
{
	static const char first[] = "time_seconds,";
	char begin[sizeof(first)] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC), result;

	if (fd < 0)
		return error_set(err, errno, "%s: %s", path, strerror(errno));
	if (pread(fd, begin, sizeof(first) - 1, 0) >= 0 &&
	    memmem(begin, sizeof(begin), "_verbose", 8) == NULL &&
	    (strncmp(begin, first, sizeof(first) - 1) == 0 || begin[0] == '\0'))
		result = read_recording(path, session, err);
	else
		result = read_log(fd, path, session, err);
	close(fd);
	return result;
}
