/* SPDX-License-Identifier: Apache-2.0 */
/* A small hash table from pids and tids to array indices. */
#ifndef JOULETOP_WATCH_MAP_H
#define JOULETOP_WATCH_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Zeroed = empty. Keys are positive. */
struct watch_map {
	struct watch_map_cell {
		pid_t pid;
		uint32_t value;
	} * cells;	 /* pid 0 = free */
	size_t capacity; /* a power of two */
	size_t count;
};

void watch_map_finish(struct watch_map *map);

/* False when the pid is not in the map. */
bool watch_map_get(const struct watch_map *map, pid_t pid, uint32_t *value);

/* Adds or replaces. */
void watch_map_set(struct watch_map *map, pid_t pid, uint32_t value);

void watch_map_remove(struct watch_map *map, pid_t pid);

#endif
