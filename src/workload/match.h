/* SPDX-License-Identifier: Apache-2.0 */
/* Work that the command's output tells of: a regular expression, or a preset by name, makes counts of its lines. */
#ifndef JOULETOP_MATCH_H
#define JOULETOP_MATCH_H

#include "base/error.h"
#include "model/feed.h"

/* How a line is counted. Without a group each match is one unit. A number in the first group is a running total: a fall to
 * less than half is a new beginning (the next epoch's bar), a lesser fall is old news and ignored. A first number that is
 * more than twice the step that follows is where a resumed run began: it counts nothing. With `each` the number is the work
 * of this line alone. 1,234 and 45.2k are numbers. */
struct match_options {
	const char *pattern; /* POSIX extended regular expression, or a preset's name */
	const char *unit;    /* "" = the preset's own, else "steps" */
	bool each;
};

struct match;

/* NULL with *err when it is no regular expression. */
struct match *match_create(const struct match_options *options, struct error *err);
void match_destroy(struct match *match);

/* Says what will be counted, before anything was, where that is one unit: nobody shall take another one for it meanwhile. */
void match_announce(const struct match *match, struct feed *feed, int64_t time_ns);

/* Looks at one line, or at a text that a carriage return is about to overwrite. SGR sequences are no part of it. */
void match_line(struct match *match, const char *text, size_t length);

/* Tells what was counted since the last time, source "output"; `last`: no more lines will come. */
void match_tell(struct match *match, struct feed *feed, int64_t time_ns, bool last);

/* Name of the n-th preset; NULL beyond the last. */
const char *match_preset(size_t index);

#endif
