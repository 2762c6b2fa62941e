/* SPDX-License-Identifier: Apache-2.0 */
/* The cores that this process may use and the caches they have, and how a thread is bound to one. Knows hwloc. */
#ifndef JOULETOP_CORES_H
#define JOULETOP_CORES_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

#define CORES_LEVELS 3

struct cores;

/* -ENOSYS with *err when the topology cannot be had. */
int cores_open(struct cores **cores, struct error *err);
void cores_close(struct cores *cores);

/* Cores that the affinity mask and the cpuset leave us, one CPU of each; the fastest kind of core comes first. */
size_t cores_count(const struct cores *cores);
unsigned cores_cpu(const struct cores *cores, size_t core); /* the system's number of that CPU */

/* Of the cache of a level (1..CORES_LEVELS), 0 where there is none or it is unknown: bytes that each of the first `count`
 * cores can have of it when all work, the least of all; bytes of all these caches together. */
int64_t cores_cache_share(const struct cores *cores, int level, size_t count);
int64_t cores_cache_total(const struct cores *cores, int level, size_t count);

/* Binds the calling thread. 0 or -errno. */
int cores_bind(const struct cores *cores, size_t core);

#endif
