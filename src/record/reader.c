/* SPDX-License-Identifier: Apache-2.0 */
/* A session CSV read back into a feed, tick by tick. */
#include "record/reader_private.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *key_of(const void *owner, uint32_t id)
{
	const struct reader *reader = owner;

	return reader->domains[id - 1].key;
}

static int open_file(struct reader *reader, const char *path, struct error *err)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	reader->window.fd = fd;
	if (fd < 0)
		return error_set(err, errno, "%s: %s", path, strerror(errno));
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return error_set(err, ESPIPE,
				 "%s: is no regular file; write a pipe into a file first", path);
	reader->file_size = status.st_size;
	return 0;
}

struct reader *reader_open(const char *path, struct error *err)
{
	struct reader *reader = memory_zeroed(1, sizeof(*reader));
	int result = open_file(reader, path, err);

	if (result == 0)
		result = reader_take_header(reader, err, path);
	if (result == 0) {
		result = reader_find_end(reader);
		if (result < 0)
			error_set(err, -result, "%s: %s", path, strerror(-result));
	}
	if (result < 0) {
		reader_close(reader);
		return NULL;
	}
	reader_rewind(reader);
	return reader;
}

void reader_close(struct reader *reader)
{
	if (!reader)
		return;
	if (reader->window.fd >= 0)
		close(reader->window.fd);
	reader_forget_domains(reader);
	free(reader->window.data);
	free(reader);
}

void reader_rewind(struct reader *reader)
{
	window_seek(&reader->window, reader->begin_offset);
	reader_forget_domains(reader);
	reader->keys = (struct keyset){.key_of = key_of, .owner = reader};
	reader->bad_rows = 0;
	reader->ticked = reader->ended = false;
	reader->tick = 0;
	reader->lateness_ns = 0;
}

int64_t reader_end_ns(const struct reader *reader)
{
	return reader->end_ns;
}

/* Says once what the file did not give. */
static int end_of_file(struct reader *reader, struct feed *feed)
{
	if (reader->ended)
		return 0;
	reader->ended = true;
	if (reader->bad_rows > 0)
		feed_note(feed, reader->end_ns, NOTE_WARN, 0,
			  "%" PRIu64 " rows of the recording make no sense and are left out",
			  reader->bad_rows);
	if (!reader->has_ticks)
		feed_note(feed, 0, NOTE_WARN, 0,
			  "the recording is cut before its first whole tick");
	else if (reader->end_offset < reader->file_size)
		feed_note(feed, reader->end_ns, NOTE_WARN, 0,
			  "the recording is cut: %" PRId64 " bytes after its last whole tick",
			  reader->file_size - reader->end_offset);
	return 0;
}

int reader_next(struct reader *reader, struct feed *feed, struct error *err)
{
	struct reader_row row;
	int result;

	while ((result = window_next(&reader->window, reader->end_offset, &row)) != 0) {
		if (result == -EIO)
			return error_set(err, EIO, "the recording cannot be read any further");
		if (result < 0 || !reader_take_row(reader, &row) ||
		    !reader_feed_row(reader, feed, &row))
			reader->bad_rows++;
		else if (strcmp(row.text[COLUMN_KIND], "tick") == 0)
			return 1;
	}
	return end_of_file(reader, feed);
}
