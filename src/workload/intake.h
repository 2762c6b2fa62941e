/* SPDX-License-Identifier: Apache-2.0 */
/* Output of the command, byte by byte into lines, on a thread of its own; goes on draining whatever happens to us. */
#ifndef JOULETOP_INTAKE_H
#define JOULETOP_INTAKE_H

#include "base/error.h"
#include "measure/mailbox.h"
#include "workload/match.h"

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
	/* Told of a text that a CR sent back to its beginning and that is overwritten now; NULL = nobody is. */
	void (*overwritten)(void *user, const char *text, size_t length);
};
void lines_feed(struct lines *lines, const char *data, size_t size,
		void (*line)(void *user, const char *text, size_t length), void *user);

struct intake;

#define INTAKE_STREAMS 2 /* standard output, or a pty for both; standard error */

struct intake_options {
	int fds[INTAKE_STREAMS]; /* -1 = none */
	int pass_fds
		[INTAKE_STREAMS]; /* where the bytes go on to, unchanged and whole; -1 = nowhere */
	int keeper_fds[INTAKE_STREAMS]; /* of the keepers that hold fds too; -1 = none */
	bool posts_lines;		/* EVENT_OUTPUT, at most 2,000 a batch, the newest */
	struct match *match;		/* the intake's from here on; NULL = none */
	const char *
		onednn; /* lines of oneDNN are taken out of the first and counted: whose they are; NULL = not */
	struct mailbox *mailbox;
	int producer;
};

/* Reads until the ends of its streams. NULL with *err; the match is gone then too. */
struct intake *intake_start(const struct intake_options *options, struct error *err);

/* From now on the raw bytes of the first stream go to this descriptor too (batch mode after the terminal was lost), as
 * far as it takes them; -1 = nowhere. */
void intake_copy_to(struct intake *intake, int fd);

/* It shall end once all that is there was read and passed on; the descriptor becomes readable when it has. */
int intake_ask_to_stop(struct intake *intake);

/* Waits 200 ms for that, at most. */
void intake_stop(struct intake *intake);

#endif
