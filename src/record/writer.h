/* SPDX-License-Identifier: Apache-2.0 */
/* Files written on a thread of their own: a slow disk never stops the main thread. */
#ifndef JOULETOP_WRITER_H
#define JOULETOP_WRITER_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

#define WRITER_BYTES_MAX (16u << 20)

struct writer;

/* path "-" = standard output. Files are made 0600, never through a symbolic link of another user in a sticky directory;
 * an existing regular file is replaced. NULL with *err. */
struct writer *writer_open(const char *path, struct error *err);

/* Queues bytes; false when the queue is full (the caller skips the whole tick and says so). Never blocks. */
bool writer_put(struct writer *writer, const char *data, size_t size);

/* The first error of the disk (ENOSPC...), 0 = none. After it everything is dropped. */
int writer_error(const struct writer *writer);

/* Waits up to timeout_ms for the queue to drain, closes. 0 or -errno (-ETIMEDOUT: abandoned). */
int writer_close(struct writer *writer, int timeout_ms);

#endif
