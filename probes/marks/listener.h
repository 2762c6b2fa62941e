/* SPDX-License-Identifier: Apache-2.0 */
/* The ear for marks: a datagram socket or a FIFO, emptied on a thread of its own. The queue of a
 * socket may be ten messages long: read once a tick it would hold up the workload. */
#ifndef JOULETOP_PROBES_MARKS_LISTENER_H
#define JOULETOP_PROBES_MARKS_LISTENER_H

#include "probes/marks/line.h"

struct mark_listener;

/* Makes the socket at path (0600, the directory's owner may send), or reads the FIFO that is there.
 * NULL with *err. */
struct mark_listener *mark_listener_start(const char *path, struct error *err);

/* What has come since the last call; valid until the next one. */
const struct mark_pile *mark_listener_take(struct mark_listener *listener);

/* Accepts NULL. Removes the socket that start made. */
/* True when a process has sent more than one message: `jouletop mark` sends one and ends, a program goes on. Unknown ones
 * have not. */
bool mark_listener_knows(struct mark_listener *listener, pid_t sender);

void mark_listener_stop(struct mark_listener *listener);

#endif
