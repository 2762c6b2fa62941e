/* SPDX-License-Identifier: Apache-2.0 */
/* Output of the command, byte by byte into lines, on a thread of its own; goes on draining whatever happens to us. */
#ifndef JOULETOP_INTAKE_H
#define JOULETOP_INTAKE_H

#include "base/error.h"
#include "measure/mailbox.h"

#include <stdbool.h>
#include <stddef.h>

/* Splits a byte stream into lines: CR begins the line again, LF ends it, over-long ones are cut, SGR colours are kept,
 * every other control sequence is dropped. Pure. Zeroed = start. */
struct lines {
	char line[512];
	size_t length, written; /* written: place of the cursor after a CR */
	int state;
	char sequence[32];
	size_t sequence_length;
};
void lines_feed(struct lines *lines, const char *data, size_t size,
		void (*line)(void *user, const char *text, size_t length), void *user);

struct intake;

struct intake_options {
	int fd; /* what is read, until its end */
	const char *
		onednn; /* "the command's output": lines of oneDNN are taken out and counted; NULL = not looked for */
	bool shows; /* the rest becomes EVENT_OUTPUT lines (at most 2,000 a batch, the newest) */
	int pass_fd; /* where the rest goes unchanged, at the pace of whoever reads it; -1 = nowhere */
	bool is_log;  /* a file: what stood in it before has a time of its own */
	bool follows; /* it may grow: goes on behind its end */
};

struct intake *intake_start(const struct intake_options *options, struct mailbox *mailbox,
			    int producer, struct error *err);

/* From now on the raw bytes go to this descriptor too (batch mode after the terminal was lost); -1 = nowhere. */
void intake_copy_to(struct intake *intake, int fd);
void intake_stop(struct intake *intake);

#endif
