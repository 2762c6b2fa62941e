/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the verbose lines of oneDNN out of a stream of bytes; everything else passes unchanged and in order. Pure. */
#ifndef JOULETOP_VERBOSE_H
#define JOULETOP_VERBOSE_H

#include "model/onednn.h"

#include <stdbool.h>
#include <stddef.h>

struct verbose_sink {
	/* A line that begins with a marker, without its end; false = it stays in the stream. */
	bool (*line)(void *user, const char *text, size_t length);
	void (*rest)(void *user, const char *bytes, size_t size);
	void *user;
};

/* Zeroed = at the beginning of a stream. A program's own text is kept back only as long as it may still become a marker. */
struct verbose {
	bool inside;	/* in a line of the program's: no marker is expected here */
	bool is_taking; /* what is held begins with a whole marker */
	size_t length;	/* of what is held */
	char held[ONEDNN_LINE_MAX];
};

void verbose_feed(struct verbose *verbose, const char *bytes, size_t size,
		  const struct verbose_sink *sink);

/* What is held goes on: nothing came for a while, or this is the end. */
void verbose_flush(struct verbose *verbose, const struct verbose_sink *sink);

#endif
