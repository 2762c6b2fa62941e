/* SPDX-License-Identifier: Apache-2.0 */
/* A small hash table from pids and tids to array indices: linear probing, no tombstones. */
#include "measure/watch_map.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define CAPACITY_MIN 64

static size_t home(const struct watch_map *map, pid_t pid)
{
	/* Fibonacci hashing: neighbouring pids, the usual case, land apart. */
	return (size_t)(((uint64_t)pid * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (map->capacity - 1);
}

static size_t find(const struct watch_map *map, pid_t pid)
{
	size_t at = home(map, pid);

	while (map->cells[at].pid != 0 && map->cells[at].pid != pid)
		at = (at + 1) & (map->capacity - 1);
	return at;
}

static void grow(struct watch_map *map)
{
	struct watch_map_cell *old = map->cells;
	size_t old_capacity = map->capacity;

	map->capacity = old_capacity ? 2 * old_capacity : CAPACITY_MIN;
	map->cells = memory_zeroed(map->capacity, sizeof(*map->cells));
	for (size_t i = 0; i < old_capacity; i++) {
		if (old[i].pid != 0)
			map->cells[find(map, old[i].pid)] = old[i];
	}
	free(old);
}

void watch_map_finish(struct watch_map *map)
{
	free(map->cells);
	memset(map, 0, sizeof(*map));
}

bool watch_map_get(const struct watch_map *map, pid_t pid, uint32_t *value)
{
	if (map->count == 0)
		return false;
	size_t at = find(map, pid);

	if (map->cells[at].pid == 0)
		return false;
	*value = map->cells[at].value;
	return true;
}

void watch_map_set(struct watch_map *map, pid_t pid, uint32_t value)
{
	if (2 * (map->count + 1) > map->capacity)
		grow(map);
	size_t at = find(map, pid);

	if (map->cells[at].pid == 0)
		map->count++;
	map->cells[at] = (struct watch_map_cell){.pid = pid, .value = value};
}

void watch_map_remove(struct watch_map *map, pid_t pid)
{
	if (map->count == 0)
		return;
	size_t hole = find(map, pid);

	if (map->cells[hole].pid == 0)
		return;
	map->count--;
	map->cells[hole].pid = 0;
	/* Moves back what the hole would hide: a cell stays only when its home lies between the hole and itself. */
	for (size_t at = (hole + 1) & (map->capacity - 1); map->cells[at].pid != 0;
	     at = (at + 1) & (map->capacity - 1)) {
		size_t from_home = (at - home(map, map->cells[at].pid)) & (map->capacity - 1);
		size_t from_hole = (at - hole) & (map->capacity - 1);

		if (from_home < from_hole)
			continue;
		map->cells[hole] = map->cells[at];
		map->cells[at].pid = 0;
		hole = at;
	}
}
