/* SPDX-License-Identifier: Apache-2.0 */
/* Sends marks to jouletop; losing them never disturbs the workload. */
#include "tests/workloads/marks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define PERIOD_NS INT64_C(20000000)

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

double marks_now_s(void)
{
	return (double)now_ns() * 1e-9;
}

void marks_open(struct marks *marks)
{
	const char *path = getenv("JOULETOP_MARKS");
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	memset(marks, 0, sizeof(*marks));
	marks->fd = -1;
	if (!path || !*path || strlen(path) >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, strlen(path) + 1);
	marks->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (marks->fd < 0)
		return;
	if (connect(marks->fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return;
	close(marks->fd);
	marks->fd = -1;
}

static int tell(struct marks *marks, const char *text, size_t length)
{
	return send(marks->fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)length;
}

static void tell_work(struct marks *marks)
{
	char text[256];
	size_t length = 0;

	for (int i = 0; i < MARKS_UNITS_MAX; i++) {
		const struct marks_work *work = &marks->work[i];

		if (work->count == 0)
			continue;
		int added = snprintf(text + length, sizeof(text) - length, "work %s %" PRId64 "\n",
				     work->unit, work->count);
		if (added < 0 || (size_t)added >= sizeof(text) - length)
			break;
		length += (size_t)added;
	}
	if (length == 0 || !tell(marks, text, length))
		return;
	for (int i = 0; i < MARKS_UNITS_MAX; i++)
		marks->work[i].count = 0;
}

static void tell_event(struct marks *marks, const char *verb, const char *name)
{
	char text[256];

	if (marks->fd < 0)
		return;
	/* Work belongs to the phase in which it was done. */
	tell_work(marks);
	int length = snprintf(text, sizeof(text), "%s %s\n", verb, name);
	if (length > 0 && (size_t)length < sizeof(text))
		tell(marks, text, (size_t)length);
}

void marks_begin(struct marks *marks, const char *name)
{
	tell_event(marks, "begin", name);
}

void marks_end(struct marks *marks, const char *name)
{
	tell_event(marks, "end", name);
}

void marks_work(struct marks *marks, const char *unit, int64_t count)
{
	if (marks->fd < 0)
		return;
	for (int i = 0; i < MARKS_UNITS_MAX; i++) {
		struct marks_work *work = &marks->work[i];

		if (work->unit && strcmp(work->unit, unit) != 0)
			continue;
		work->unit = unit;
		work->count += count;
		return;
	}
}

void marks_tell(struct marks *marks)
{
	if (marks->fd < 0)
		return;
	if (now_ns() - marks->sent_ns < PERIOD_NS)
		return;
	marks->sent_ns = now_ns();
	tell_work(marks);
}

void marks_close(struct marks *marks)
{
	if (marks->fd < 0)
		return;
	tell_work(marks);
	close(marks->fd);
	marks->fd = -1;
}
