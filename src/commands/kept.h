/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that are kept of this machine from one run to the next: small session CSVs that say whose they are. */
#ifndef JOULETOP_KEPT_H
#define JOULETOP_KEPT_H

#include "commands/cache.h"
#include "measure/sysroot.h"
#include "record/csv.h"

#include <stddef.h>

#define KEPT_PATH_SIZE	 1024
#define KEPT_COLUMNS_MAX 16
#define KEPT_WORDS \
	6 /* kind, id, parent, name, source, quality: behind the time, before the values */

/* The file `name` under $XDG_CACHE_HOME/jouletop/KEY, where KEY names CPU model, microcode and the CPUs we may use. -ENOENT
 * where there is no place for it, -ENAMETOOLONG. */
int kept_path(const struct sysroot *root, const char *name, char path[KEPT_PATH_SIZE]);

/* Begins what cache_write is to write: the header line (with its LF) and the row that says whose it is. */
void kept_begin(struct csv_buffer *rows, const struct sysroot *root, const char *header);

/* A row up to its values; they follow, each behind a csv_comma, and csv_end_row. */
void kept_row(struct csv_buffer *rows, int64_t time_ns, const char *const words[KEPT_WORDS]);

/* A row "meta" without values, of a file with so many columns in all. */
void kept_meta(struct csv_buffer *rows, int columns, const char *name, const char *value);

/* Calls take for each row of a file but that of the key, its fields restored; stops at a negative answer. -ENOENT: there is
 * none; -EXDEV: another machine's; -EINVAL: it has another header, is too long, or a row is malformed; -errno of take. */
int kept_read(const struct sysroot *root, const char *path, const char *header,
	      int (*take)(void *user, char *const *fields), void *user);

/* How long ago that was: "12 min", "3 h", "2 d". */
void kept_age(char *out, size_t size, int64_t measured_s);

#endif
