/* SPDX-License-Identifier: Apache-2.0 */
/* Where what was learnt about a machine is kept: $XDG_CACHE_HOME/jouletop/KEY/NAME. */
#ifndef JOULETOP_CACHE_H
#define JOULETOP_CACHE_H

#include "measure/sysroot.h"
#include "record/csv.h"

#include <stddef.h>

/* "model name" and "microcode" of the first processor of /proc/cpuinfo; "" when it is not said. */
void cache_processor(const struct sysroot *root, char *model, size_t model_size, char *microcode,
		     size_t microcode_size);

/* Makes a key of letters, digits and single '-' of any text, in place. */
void cache_key(char *text);

/* The file NAME below the folder of a key. 0, -ENOENT without a home, -ENAMETOOLONG. */
int cache_path(const char *key, const char *name, char *path, size_t size);

/* Writes the whole file, its folders too: a reader sees the old one or the new one. 0 or -errno. */
int cache_write(const char *path, const struct csv_buffer *rows);

/* Reads at most size - 1 bytes and ends them with NUL. The length, -ENOENT, or another -errno. */
int cache_read(const char *path, char *data, size_t size);

#endif
