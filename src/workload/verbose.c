/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the lines of oneDNN between the bytes of a program. */
#include "workload/verbose.h"

#include <string.h>

/* Longer than every marker: so many bytes decide whether one begins. */
#define MARKER_MAX 16

static void pass(const struct verbose_sink *sink, const char *bytes, size_t size)
{
	if (size > 0)
		sink->rest(sink->user, bytes, size);
}

void verbose_flush(struct verbose *verbose, const struct verbose_sink *sink)
{
	if (verbose->length == 0)
		return;
	verbose->inside = verbose->held[verbose->length - 1] != '\n';
	verbose->is_taking = false;
	pass(sink, verbose->held, verbose->length);
	verbose->length = 0;
}

/* A whole line with its end. */
static void take_line(struct verbose *verbose, const char *text, size_t size,
		      const struct verbose_sink *sink)
{
	if (!sink->line(sink->user, text, size - 1))
		pass(sink, text, size);
	verbose->inside = verbose->is_taking = false;
	verbose->length = 0;
}

/* Adds bytes to what is held up to the end of the line; returns how many were taken. */
static size_t hold(struct verbose *verbose, const char *bytes, size_t size,
		   const struct verbose_sink *sink)
{
	const char *end = memchr(bytes, '\n', size);
	size_t part = end ? (size_t)(end - bytes) + 1 : size;
	size_t room = sizeof(verbose->held) - verbose->length;

	if (verbose->length == 0 && end) {
		take_line(verbose, bytes, part, sink);
		return part;
	}
	if (part > room)
		part = room;
	memcpy(verbose->held + verbose->length, bytes, part);
	verbose->length += part;
	if (verbose->held[verbose->length - 1] == '\n')
		take_line(verbose, verbose->held, verbose->length, sink);
	else if (verbose->length == sizeof(verbose->held))
		verbose_flush(verbose, sink);
	return part;
}

/* Where a marker may begin: takes as many bytes as are needed to know; returns how many. */
static size_t look(struct verbose *verbose, const char *bytes, size_t size,
		   const struct verbose_sink *sink)
{
	char begin[2 * MARKER_MAX];
	size_t more = size < MARKER_MAX ? size : MARKER_MAX;
	int marker;

	memcpy(begin, verbose->held, verbose->length);
	memcpy(begin + verbose->length, bytes, more);
	marker = onednn_marker(begin, verbose->length + more);
	if (marker > 0) {
		verbose->is_taking = true;
		return hold(verbose, bytes, size, sink);
	}
	if (marker < 0) {
		memcpy(verbose->held + verbose->length, bytes, more);
		verbose->length += more;
		return more;
	}
	pass(sink, verbose->held, verbose->length);
	verbose->length = 0;
	verbose->inside = true;
	return 0;
}

/* Where a marker stands in the midst of a line: a buffer of the program's may end anywhere. NULL = nowhere. */
static const char *find_marker(const char *bytes, size_t size)
{
	const char *found = memmem(bytes, size, "_verbose,", 9);

	if (!found)
		return NULL;
	for (const char *at = found - bytes > 6 ? found - 6 : bytes; at < found; at++) {
		if (onednn_marker(at, size - (size_t)(at - bytes)) > 0)
			return at;
	}
	return NULL;
}

/* A line of the program's, up to its end or to a marker in it; returns how many bytes it has. */
static size_t pass_line(struct verbose *verbose, const char *bytes, size_t size,
			const struct verbose_sink *sink)
{
	const char *end = memchr(bytes, '\n', size);
	size_t length = end ? (size_t)(end - bytes) + 1 : size;
	const char *marker = find_marker(bytes, length);

	if (marker)
		length = (size_t)(marker - bytes);
	pass(sink, bytes, length);
	verbose->inside = !marker && !end;
	return length;
}

void verbose_feed(struct verbose *verbose, const char *bytes, size_t size,
		  const struct verbose_sink *sink)
{
	while (size > 0) {
		size_t taken;

		if (verbose->is_taking)
			taken = hold(verbose, bytes, size, sink);
		else if (verbose->inside)
			taken = pass_line(verbose, bytes, size, sink);
		else
			taken = look(verbose, bytes, size, sink);
		bytes += taken;
		size -= taken;
	}
}
