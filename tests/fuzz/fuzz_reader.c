/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: any bytes as a session CSV; what is read is taken in, recorded again and read once more. */
#include "base/memory.h"
#include "base/text.h"
#include "model/session.h"
#include "record/reader.h"
#include "record/recorder.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define ROUNDS 2

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct reader *open_bytes(const uint8_t *data, size_t size)
{
	int fd = memfd_create("session", MFD_CLOEXEC);
	char path[32];
	struct error err;

	if (fd < 0 || (size > 0 && write(fd, data, size) != (ssize_t)size))
		abort();
	text_print(path, sizeof(path), "/dev/fd/%d", fd);

	struct reader *reader = reader_open(path, &err);

	close(fd);
	return reader;
}

static void take(struct session *session, struct feed *feed, struct recorder *recorder,
		 struct csv_buffer *out)
{
	uint32_t ticks = session_ticks(session);

	session_apply(session, feed_batch(feed));
	batch_clear(feed_batch(feed));
	if (session_ticks(session) == ticks)
		return;
	if (out->size == 0)
		recorder_begin(recorder, session, out);
	recorder_tick(recorder, session, false, out);
	session_fold(session, session_now_ns(session));
}

/* Reads a session and records it again. */
static void read_once(const uint8_t *data, size_t size, struct csv_buffer *out)
{
	struct reader *reader = open_bytes(data, size);
	struct recorder_options options = {.thread_period_ns = 0};
	int result = 1;

	if (!reader)
		return;

	struct session *session = session_create(1);
	struct feed *feed = feed_create();
	struct recorder *recorder = recorder_create(&options);

	while (result > 0) {
		result = reader_next(reader, feed, NULL);
		take(session, feed, recorder, out);
	}
	if (out->size > 0)
		recorder_tick(recorder, session, true, out);
	recorder_destroy(recorder);
	feed_destroy(feed);
	session_destroy(session);
	reader_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct csv_buffer rows[ROUNDS] = {0};

	read_once(data, size, &rows[0]);
	/* What we have written ourselves must be a session for us. */
	if (rows[0].size > 0) {
		read_once((const uint8_t *)rows[0].data, rows[0].size, &rows[1]);
		if (rows[1].size == 0)
			abort();
	}
	for (int i = 0; i < ROUNDS; i++)
		csv_finish(&rows[i]);
	return 0;
}
