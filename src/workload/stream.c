/* SPDX-License-Identifier: Apache-2.0 */
/* Reads one stream and passes its bytes on as fast as they are taken: whoever reads them slows the command, not us. */
#include "workload/stream.h"

#include "workload/keeper.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

struct pollfd stream_poll(const struct stream *stream)
{
	if (stream_is_waiting(stream))
		return (struct pollfd){.fd = stream->pass_fd, .events = POLLOUT};
	return (struct pollfd){.fd = stream->fd, .events = POLLIN};
}

bool stream_is_waiting(const struct stream *stream)
{
	return stream->from < stream->size;
}

static void let_wait(struct stream *stream, size_t from, size_t size)
{
	stream->from = from;
	stream->size = stream->pass_fd >= 0 ? from + size : from;
}

/* A pty whose last writer is gone says EIO. */
ssize_t stream_read(struct stream *stream, int64_t now_ns, const char **text, size_t *size)
{
	char *fresh = stream->bytes + STREAM_ROOM;
	ssize_t got = read(stream->fd, fresh, STREAM_READ_SIZE);

	*text = fresh;
	*size = got > 0 ? (size_t)got : 0;
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return -1;
	if (got <= 0) {
		stream->fd = -1;
		stream_let_go(stream, now_ns, true, text, size);
		return 0;
	}
	if (stream->tap) {
		*size = tap_take(stream->tap, stream->bytes, fresh, (size_t)got, now_ns);
		*text = stream->bytes;
	}
	let_wait(stream, (size_t)(*text - stream->bytes), *size);
	return got;
}

void stream_let_go(struct stream *stream, int64_t now_ns, bool is_last, const char **text,
		   size_t *size)
{
	*text = stream->bytes;
	*size = stream->tap ? tap_let_go(stream->tap, stream->bytes, now_ns, is_last) : 0;
	if (*size > 0)
		let_wait(stream, 0, *size);
}

static void end_with_the_reader(struct stream *stream)
{
	keeper_release(stream->keeper_fd);
	close(stream->fd);
	stream->fd = -1;
}

void stream_pass(struct stream *stream)
{
	struct pollfd out = {.fd = stream->pass_fd, .events = POLLOUT};

	while (stream_is_waiting(stream)) {
		size_t left = stream->size - stream->from;
		ssize_t written;

		if (poll(&out, 1, 0) != 1)
			return;
		/* So much fits into a pipe that has room at all. */
		written = write(stream->pass_fd, stream->bytes + stream->from,
				left < PIPE_BUF ? left : PIPE_BUF);
		if (written < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (written < 0) {
			stream->dropped += left;
			stream->from = stream->size;
			if (errno == EPIPE && stream->fd >= 0)
				end_with_the_reader(stream);
			return;
		}
		stream->from += (size_t)written;
	}
}
