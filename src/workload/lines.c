/* SPDX-License-Identifier: Apache-2.0 */
/* The state machine that makes lines of a terminal's bytes. */
#include "base/text.h"
#include "workload/intake.h"

#include <stdbool.h>
#include <string.h>

enum {
	STATE_TEXT,
	STATE_ESCAPE,	     /* after ESC */
	STATE_CONTROL,	     /* after ESC [: parameters up to a final byte */
	STATE_STRING,	     /* title and the like, up to BEL or ESC \ */
	STATE_STRING_ESCAPE, /* ESC inside of one */
};

struct sink {
	void (*line)(void *user, const char *text, size_t length);
	void *user;
};

/* After a CR the first byte that is kept clears the line: a shorter text leaves no rest of a longer
 * one. */
static void put(struct lines *lines, const char *bytes, size_t size, const struct sink *sink)
{
	if (lines->written != lines->length) {
		if (lines->overwritten)
			lines->overwritten(sink->user, lines->line, lines->length);
		lines->length = lines->written;
	}
	if (size > sizeof(lines->line) - lines->length)
		return;
	memcpy(lines->line + lines->length, bytes, size);
	lines->length += size;
	lines->written = lines->length;
}

static void end_line(struct lines *lines, const struct sink *sink)
{
	size_t length = lines->length;

	if (length == sizeof(lines->line))
		length = text_whole(lines->line, length);
	sink->line(sink->user, lines->line, length);
	lines->length = lines->written = 0;
}

static void take_text(struct lines *lines, unsigned char byte, const struct sink *sink)
{
	char character = (char)byte;

	lines->state = STATE_TEXT;
	if (byte == '\n')
		end_line(lines, sink);
	else if (byte == '\r')
		lines->written = 0;
	else if (byte == 0x1b)
		lines->state = STATE_ESCAPE;
	else if (byte == '\t' || (byte >= 0x20 && byte != 0x7f))
		put(lines, &character, 1, sink);
}

static void take_escape(struct lines *lines, unsigned char byte, const struct sink *sink)
{
	lines->sequence_length = 0;
	if (byte == '[')
		lines->state = STATE_CONTROL;
	else if (strchr("]PX^_", byte) && byte)
		lines->state = STATE_STRING;
	else if (byte < 0x20 || byte > 0x7e)
		take_text(lines, byte, sink);
	else if (byte >= 0x30)
		lines->state = STATE_TEXT;
	/* 0x20..0x2f: one more byte is to come, as in ESC ( B */
}

/* True for ESC [ digits and semicolons m. */
static bool is_colour(const struct lines *lines, unsigned char final)
{
	return final == 'm' && lines->sequence_length < sizeof(lines->sequence) &&
	       strspn(lines->sequence, "0123456789;") == lines->sequence_length;
}

static void take_control(struct lines *lines, unsigned char byte, const struct sink *sink)
{
	char sequence[sizeof(lines->sequence) + 4];

	if (byte < 0x20 || byte > 0x7e) { /* broken off */
		take_text(lines, byte, sink);
		return;
	}
	if (byte < 0x40) {
		if (lines->sequence_length < sizeof(lines->sequence))
			lines->sequence[lines->sequence_length++] = (char)byte;
		return;
	}
	lines->state = STATE_TEXT;
	if (lines->sequence_length < sizeof(lines->sequence))
		lines->sequence[lines->sequence_length] = '\0';
	if (is_colour(lines, byte))
		put(lines, sequence,
		    text_print(sequence, sizeof(sequence), "\033[%sm", lines->sequence), sink);
}

/* A line's end also ends a string: one that is never closed must not swallow all that follows. */
static void take_string(struct lines *lines, unsigned char byte, const struct sink *sink)
{
	bool was_escape = lines->state == STATE_STRING_ESCAPE;

	if (byte == '\n' || byte == 0x18 || byte == 0x1a)
		take_text(lines, byte, sink);
	else if (byte == 0x1b)
		lines->state = STATE_STRING_ESCAPE;
	else if (byte == 0x07 || (was_escape && byte == '\\'))
		lines->state = STATE_TEXT;
	else if (was_escape)
		take_escape(lines, byte, sink);
}

/* How many bytes are plain text that fits; most of a flood goes this way. */
static size_t plain_run(const struct lines *lines, const char *data, size_t size)
{
	size_t room = sizeof(lines->line) - lines->written, run = 0;

	if (lines->state != STATE_TEXT)
		return 0;
	if (size > room)
		size = room;
	while (run < size && (unsigned char)data[run] >= 0x20 && data[run] != 0x7f)
		run++;
	return run;
}

static void (*const take[])(struct lines *lines, unsigned char byte, const struct sink *sink) = {
	[STATE_TEXT] = take_text,
	[STATE_ESCAPE] = take_escape,
	[STATE_CONTROL] = take_control,
	[STATE_STRING] = take_string,
	[STATE_STRING_ESCAPE] = take_string,
};

void lines_feed(struct lines *lines, const char *data, size_t size,
		void (*line)(void *user, const char *text, size_t length), void *user)
{
	const struct sink sink = {line, user};

	for (size_t i = 0; i < size;) {
		size_t run = plain_run(lines, data + i, size - i);
		unsigned char byte = (unsigned char)data[i];

		if (run > 0) {
			put(lines, data + i, run, &sink);
			i += run;
			continue;
		}
		i++;
		take[lines->state](lines, byte, &sink);
	}
}
