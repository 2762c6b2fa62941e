/* SPDX-License-Identifier: Apache-2.0 */
/* Writes output, with and without patience. */
#include "workload/passing.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

size_t passing_copy(int fd, const char *bytes, size_t size)
{
	struct pollfd out = {.fd = fd, .events = POLLOUT};

	while (fd >= 0 && size > 0) {
		size_t part = size < PIPE_BUF ? size : PIPE_BUF;
		ssize_t written = -1;

		if (poll(&out, 1, 0) == 1 && (out.revents & POLLOUT))
			written = write(fd, bytes, part);
		if (written <= 0)
			return size;
		bytes += written;
		size -= (size_t)written;
	}
	return 0;
}

int passing_write(int fd, const char *bytes, size_t size)
{
	struct pollfd out = {.fd = fd, .events = POLLOUT};

	while (size > 0) {
		ssize_t written = write(fd, bytes, size);

		if (written < 0 && errno == EAGAIN)
			poll(&out, 1, -1);
		else if (written < 0 && errno != EINTR)
			return -errno;
		if (written <= 0)
			continue;
		bytes += written;
		size -= (size_t)written;
	}
	return 0;
}
