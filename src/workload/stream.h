/* SPDX-License-Identifier: Apache-2.0 */
/* One stream of the command's output: its bytes become lines and, where that was asked for, go on unchanged and whole. */
#ifndef JOULETOP_STREAM_H
#define JOULETOP_STREAM_H

#include "model/onednn.h"
#include "workload/intake.h"
#include "workload/tap.h"

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>

#define STREAM_READ_SIZE 65536
/* What a tap held back may come before what was read. */
#define STREAM_ROOM ONEDNN_LINE_MAX

struct stream {
	int fd;	       /* -1 = none, or ended */
	int pass_fd;   /* -1 = its bytes go nowhere else */
	int keeper_fd; /* the keeper that holds fd too; -1 = none */
	struct lines lines;
	size_t from, size; /* what waits to be passed on: nothing is read meanwhile */
	uint64_t dropped;  /* could not be passed on: not said yet */
	struct tap *tap;   /* takes lines of oneDNN out; NULL = none */
	char bytes[STREAM_ROOM + STREAM_READ_SIZE];
};

/* What to wait for; fd -1 when it has ended. */
struct pollfd stream_poll(const struct stream *stream);

/* True while bytes wait to be passed on. */
bool stream_is_waiting(const struct stream *stream);

/* Reads what is there; 0 at the end (the stream has ended then), negative when there is nothing now. *text and *size are
 * what is left of it, and waits to be passed on. */
ssize_t stream_read(struct stream *stream, int64_t now_ns, const char **text, size_t *size);

/* What the tap holds back waits to be passed on from here on, when it is time for it. */
void stream_let_go(struct stream *stream, int64_t now_ns, bool is_last, const char **text,
		   size_t *size);

/* Passes on what can be written without waiting. A pipe whose reader is gone ends the stream: the command shall find out
 * as it would have without us. */
void stream_pass(struct stream *stream);

#endif
