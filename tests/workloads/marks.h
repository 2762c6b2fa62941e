/* SPDX-License-Identifier: Apache-2.0 */
/* How a program tells jouletop what it does: lines of text in datagrams to the socket that JOULETOP_MARKS names. */
#ifndef JOULETOP_WORKLOADS_MARKS_H
#define JOULETOP_WORKLOADS_MARKS_H

#include <stdint.h>

#define MARKS_UNITS_MAX 4

/* Work not yet told, by unit. */
struct marks_work {
	const char *unit; /* lent */
	int64_t count;
};

struct marks {
	int fd; /* -1: nobody listens */
	int64_t sent_ns;
	struct marks_work work[MARKS_UNITS_MAX];
};

/* Never fails: without the variable or a listener every mark is dropped. Sending never blocks, and what cannot be sent is
 * lost, but for work, which is told again. */
void marks_open(struct marks *marks);
void marks_begin(struct marks *marks, const char *name);
void marks_end(struct marks *marks, const char *name);

/* Adds to the work done. */
void marks_work(struct marks *marks, const char *unit, int64_t count);

/* Tells the work added, all units in one datagram, unless that was done less than 20 ms ago. */
void marks_tell(struct marks *marks);

/* Tells what is left. */
void marks_close(struct marks *marks);

/* CLOCK_MONOTONIC. */
double marks_now_s(void);

#endif
