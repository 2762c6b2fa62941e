/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of oneDNN on their way from a stream of bytes into a tally. */
#ifndef JOULETOP_TAP_H
#define JOULETOP_TAP_H

#include "base/error.h"
#include "measure/mailbox.h"
#include "model/feed.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tap;

/* named: where the lines come from, for people; must outlive it. since_ns: what lies before was not watched. */
struct tap *tap_create(const char *named, int64_t since_ns);
void tap_destroy(struct tap *tap);

/* Takes bytes and writes what is no line of oneDNN to `out`, which may be the same memory if it begins ONEDNN_LINE_MAX bytes
 * before. Lines that make no sense stay, as does what oneDNN has to say to people. Returns how many bytes it wrote. */
size_t tap_take(struct tap *tap, char *out, const char *bytes, size_t size, int64_t now_ns);

/* What was held back because it may become one of the lines, once it is old or nothing will follow: at most
 * ONEDNN_LINE_MAX bytes. */
size_t tap_let_go(struct tap *tap, char *out, int64_t now_ns, bool is_last);

/* When there is something to let go or to tell; INT64_MAX = nothing waits. */
int64_t tap_due_ns(const struct tap *tap);

/* Tells what was counted, if it is time for it. */
void tap_tell(struct tap *tap, struct feed *feed, int64_t now_ns, bool is_last);

/* A log, read on a thread of its own. `follows`: it may grow, its end is no end; the feed ends with it otherwise. */
struct tap_log;
struct tap_log *tap_log_start(int fd, const char *named, bool follows, struct mailbox *mailbox,
			      int producer, struct error *err);
void tap_log_stop(struct tap_log *log);

/* What a log held before we looked has a time of its own: nothing of it was watched. */
void tap_begin(struct tap *tap, int64_t since_ns);

#endif
