/* SPDX-License-Identifier: Apache-2.0 */
/* The cores that this process may use and the caches they have, and how a thread is bound to one. Knows hwloc. */
#ifndef JOULETOP_MACHINE_H
#define JOULETOP_MACHINE_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

#define MACHINE_LEVELS 3

struct machine;

/* -ENOSYS with *err when the topology cannot be had. */
int machine_open(struct machine **machine, struct error *err);
void machine_close(struct machine *machine);

/* Cores that the affinity mask and the cpuset leave us, one CPU of each; the fastest kind of core comes first. */
size_t machine_cores(const struct machine *machine);
unsigned machine_cpu(const struct machine *machine,
		     size_t core); /* the system's number of that CPU */

/* Of the cache of a level (1..MACHINE_LEVELS), 0 where there is none or it is unknown: bytes that each of the first `count`
 * cores can have of it when all work, the least of all; bytes of all these caches together. */
int64_t machine_cache_share(const struct machine *machine, int level, size_t count);
int64_t machine_cache_total(const struct machine *machine, int level, size_t count);

/* Binds the calling thread. 0 or -errno. */
int machine_bind(const struct machine *machine, size_t core);

#endif
