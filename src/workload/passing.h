/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of the command's output on their way to somebody else. */
#ifndef JOULETOP_PASSING_H
#define JOULETOP_PASSING_H

#include <stddef.h>

/* Copies what can be written at once; a stopped terminal or a full pipe loses bytes, not time. Returns how many were lost.
 * fd -1 = nowhere, nothing is lost. */
size_t passing_copy(int fd, const char *bytes, size_t size);

/* Writes all of it, and waits for whoever reads it, as the command itself would without us. 0 or -errno. */
int passing_write(int fd, const char *bytes, size_t size);

#endif
