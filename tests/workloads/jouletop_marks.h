/* SPDX-License-Identifier: Apache-2.0 */
/* Tells jouletop what a program does: one file to copy, C99 or C++, no library; nothing happens without jouletop.
 *
 *     #include "jouletop_marks.h"
 *
 *     jouletop_begin("training");
 *     for (...) {
 *             jouletop_begin("forward");
 *             ...
 *             jouletop_end("forward");
 *             jouletop_work("samples", 32);
 *     }
 *     jouletop_end("training");
 *
 * Lines of text go in datagrams to the socket that JOULETOP_MARKS names. Nothing here fails; a call costs a fraction of
 * a microsecond, one that sends a few. Safe in threads and after fork. Work is told every 20 ms, at each begin and end
 * and when the program exits; `jouletop_tell` tells it at once. */
#ifndef JOULETOP_JOULETOP_MARKS_H
#define JOULETOP_JOULETOP_MARKS_H

#include <poll.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

#define JOULETOP_MARKS_UNITS	  8
#define JOULETOP_MARKS_NAME	  64
#define JOULETOP_MARKS_BYTES	  3584 /* of one datagram */
#define JOULETOP_MARKS_PERIOD_US  20000
#define JOULETOP_MARKS_WAIT_MS	  10   /* for room, once, when jouletop does not read */
#define JOULETOP_MARKS_EXIT_WAITS 20   /* of these, at the end of the program */
#define JOULETOP_MARKS_KEPT	  1024 /* bytes for the ends of what has begun */
#define JOULETOP_MARKS_SKIPPED	  16

/* Of each source file that includes this. */
struct jouletop_marks {
	char lock, opened, stuck;
	int fd; /* -1: nobody listens */
	pid_t pid;
	int64_t told_us;
	unsigned long lost;
	size_t length; /* lines that wait to be sent */
	char lines[JOULETOP_MARKS_BYTES];
	struct {
		char name[JOULETOP_MARKS_NAME];
		unsigned long count;
	} skipped
		[JOULETOP_MARKS_SKIPPED]; /* begins that found no room: their ends are left out too */
	struct {
		char unit[JOULETOP_MARKS_NAME]; /* "" = free */
		int64_t count;			/* not told yet */
	} work[JOULETOP_MARKS_UNITS];
};

static inline struct jouletop_marks *jouletop_marks_state(void)
{
	static struct jouletop_marks state;

	return &state;
}

static inline int64_t jouletop_marks_now_us(void)
{
	struct timeval now;

	gettimeofday(&now, NULL);
	return (int64_t)now.tv_sec * 1000000 + (int64_t)now.tv_usec;
}

static inline void jouletop_marks_send(struct jouletop_marks *marks)
{
	if (marks->length == 0)
		return;
	if (send(marks->fd, marks->lines, marks->length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return; /* they wait for the next time */
	marks->length = 0;
	marks->stuck = 0;
	marks->told_us = jouletop_marks_now_us();
}

/* 0 when there is no room even after a short wait. */
static inline int jouletop_marks_line(struct jouletop_marks *marks, const char *verb,
				      const char *text, const char *number)
{
	size_t name = strlen(text) < JOULETOP_MARKS_NAME ? strlen(text) : JOULETOP_MARKS_NAME - 1;
	size_t size = strlen(verb) + name + strlen(number) + 2;
	size_t most = sizeof(marks->lines) - (strcmp(verb, "end") ? JOULETOP_MARKS_KEPT : 0);
	struct pollfd room;

	if (marks->length + size > most)
		jouletop_marks_send(marks);
	if (marks->length + size > most && !marks->stuck) {
		room.fd = marks->fd;
		room.events = POLLOUT;
		marks->stuck = 1;
		poll(&room, 1, JOULETOP_MARKS_WAIT_MS);
		jouletop_marks_send(marks);
	}
	if (marks->length + size > most)
		return 0;
	for (const char *part = verb; *part; part++)
		marks->lines[marks->length++] = *part;
	marks->lines[marks->length++] = ' ';
	for (size_t i = 0; i < name; i++)
		marks->lines[marks->length++] = text[i] == '\n' ? ' ' : text[i];
	for (const char *part = number; *part; part++)
		marks->lines[marks->length++] = *part;
	marks->lines[marks->length++] = '\n';
	return 1;
}

static inline void jouletop_marks_work_lines(struct jouletop_marks *marks)
{
	char number[32];

	for (size_t i = 0; i < JOULETOP_MARKS_UNITS; i++) {
		if (marks->work[i].count == 0)
			continue;
		snprintf(number, sizeof(number), " %lld", (long long)marks->work[i].count);
		if (jouletop_marks_line(marks, "work", marks->work[i].unit, number))
			marks->work[i].count = 0;
	}
}

static inline void jouletop_marks_leave(void)
{
	__atomic_clear(&jouletop_marks_state()->lock, __ATOMIC_RELEASE);
}

static inline void jouletop_marks_open(struct jouletop_marks *marks);

/* The state, locked; NULL when nobody listens. */
static inline struct jouletop_marks *jouletop_marks_enter(void)
{
	struct jouletop_marks *marks = jouletop_marks_state();

	while (__atomic_test_and_set(&marks->lock, __ATOMIC_ACQUIRE))
		sched_yield();
	if (!marks->opened)
		jouletop_marks_open(marks);
	if (marks->fd >= 0 && marks->pid != getpid()) {
		/* A child of fork: what waits here is its parent's to tell. */
		marks->pid = getpid();
		marks->length = 0;
		for (size_t i = 0; i < JOULETOP_MARKS_UNITS; i++)
			marks->work[i].count = 0;
	}
	if (marks->fd >= 0)
		return marks;
	jouletop_marks_leave();
	return NULL;
}

/* Tells the work that was not told yet. */
static inline void jouletop_tell(void)
{
	struct jouletop_marks *marks = jouletop_marks_enter();

	if (!marks)
		return;
	jouletop_marks_work_lines(marks);
	jouletop_marks_send(marks);
	jouletop_marks_leave();
}

/* What is left when the program ends has no later chance: it waits a little for a listener that lags. */
static inline void jouletop_marks_exit(void)
{
	struct jouletop_marks *marks = jouletop_marks_enter();
	struct pollfd room;

	if (!marks)
		return;
	room.fd = marks->fd;
	room.events = POLLOUT;
	for (int i = 0; i < JOULETOP_MARKS_EXIT_WAITS; i++) {
		jouletop_marks_work_lines(marks);
		jouletop_marks_send(marks);
		if (marks->length == 0)
			break;
		poll(&room, 1, JOULETOP_MARKS_WAIT_MS);
	}
	jouletop_marks_leave();
}

static inline void jouletop_marks_open(struct jouletop_marks *marks)
{
	const char *path = getenv("JOULETOP_MARKS");
	struct sockaddr_un address;

	marks->opened = 1;
	marks->fd = -1;
	marks->pid = getpid();
	memset(&address, 0, sizeof(address));
	address.sun_family = AF_UNIX;
	if (!path || !*path || strlen(path) >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, strlen(path) + 1);
	marks->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (marks->fd < 0)
		return;
	if (connect(marks->fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		close(marks->fd);
		marks->fd = -1;
		return;
	}
	atexit(jouletop_marks_exit);
}

/* The row of a name; of a new one a free row; the last when there is none. */
static inline size_t jouletop_marks_find(const struct jouletop_marks *marks, const char *name)
{
	size_t found = JOULETOP_MARKS_SKIPPED - 1;

	for (size_t i = JOULETOP_MARKS_SKIPPED; i-- > 0;) {
		if (marks->skipped[i].count == 0)
			found = i;
		else if (strncmp(marks->skipped[i].name, name, JOULETOP_MARKS_NAME - 1) == 0)
			return i;
	}
	return found;
}

static inline void jouletop_marks_event(const char *verb, const char *name)
{
	struct jouletop_marks *marks = jouletop_marks_enter();
	char number[32];
	size_t skipped;

	if (!marks)
		return;
	/* Work belongs to the phase in which it was done. */
	jouletop_marks_work_lines(marks);
	if (marks->lost > 0) {
		snprintf(number, sizeof(number), " %lu", marks->lost);
		if (jouletop_marks_line(marks, "note",
					"marks lost, jouletop did not read:", number))
			marks->lost = 0;
	}
	skipped = jouletop_marks_find(marks, name);
	if (strcmp(verb, "end") == 0 && marks->skipped[skipped].count > 0 &&
	    strncmp(marks->skipped[skipped].name, name, JOULETOP_MARKS_NAME - 1) == 0) {
		marks->skipped[skipped].count--;
		marks->lost++;
	} else if (!jouletop_marks_line(marks, verb, name, "")) {
		marks->lost++;
		if (strcmp(verb, "begin") == 0 && marks->skipped[skipped].count++ == 0)
			snprintf(marks->skipped[skipped].name, JOULETOP_MARKS_NAME, "%s", name);
	}
	jouletop_marks_send(marks);
	jouletop_marks_leave();
}

/* A phase begins. Phases nest, overlap and repeat; the same name in another phase is another phase. */
static inline void jouletop_begin(const char *name)
{
	jouletop_marks_event("begin", name);
}

static inline void jouletop_end(const char *name)
{
	jouletop_marks_event("end", name);
}

/* A remark for the list of notes. */
static inline void jouletop_note(const char *text)
{
	jouletop_marks_event("note", text);
}

/* So much work was done: jouletop_work("samples", 32), jouletop_work("tokens", 512), jouletop_work("flop", 2000000). */
static inline void jouletop_work(const char *unit, int64_t count)
{
	struct jouletop_marks *marks = jouletop_marks_enter();
	int64_t now_us;
	size_t i = 0;

	if (!marks)
		return;
	while (i < JOULETOP_MARKS_UNITS && marks->work[i].unit[0] &&
	       strncmp(marks->work[i].unit, unit, JOULETOP_MARKS_NAME - 1) != 0)
		i++;
	if (i < JOULETOP_MARKS_UNITS && count > 0) {
		if (!marks->work[i].unit[0])
			snprintf(marks->work[i].unit, sizeof(marks->work[i].unit), "%s", unit);
		marks->work[i].count += count;
	}
	now_us = jouletop_marks_now_us();
	if (now_us - marks->told_us >= JOULETOP_MARKS_PERIOD_US || now_us < marks->told_us) {
		marks->told_us = now_us; /* also when it cannot be sent: not at each call again */
		jouletop_marks_work_lines(marks);
		jouletop_marks_send(marks);
	}
	jouletop_marks_leave();
}

#endif
