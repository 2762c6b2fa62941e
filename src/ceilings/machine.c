/* SPDX-License-Identifier: Apache-2.0 */
/* Cores and caches by hwloc. */
#include "ceilings/machine.h"

#include "base/memory.h"

#include <errno.h>
#include <hwloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct core {
	hwloc_obj_t cpu;
	int kind; /* efficiency rank of hwloc: the higher the faster */
};

struct machine {
	hwloc_topology_t topology;
	struct core *cores;
	size_t count;
};

/* The fastest first, then as they are numbered. */
static int compare_cores(const void *a, const void *b)
{
	const struct core *left = a, *right = b;

	if (left->kind != right->kind)
		return left->kind > right->kind ? -1 : 1;
	return left->cpu->os_index < right->cpu->os_index ? -1 : 1;
}

/* The first CPU of a core that is ours; NULL = none. */
static hwloc_obj_t allowed_cpu(const struct machine *machine, hwloc_obj_t core,
			       hwloc_const_cpuset_t allowed)
{
	hwloc_obj_t cpu = NULL;

	while ((cpu = hwloc_get_next_obj_inside_cpuset_by_type(machine->topology, core->cpuset,
							       HWLOC_OBJ_PU, cpu))) {
		if (hwloc_bitmap_isset(allowed, cpu->os_index))
			return cpu;
	}
	return NULL;
}

static void find_cores(struct machine *machine, hwloc_const_cpuset_t allowed)
{
	/* Some virtual machines tell of no cores: then each CPU is one. */
	hwloc_obj_type_t type = hwloc_get_nbobjs_by_type(machine->topology, HWLOC_OBJ_CORE) > 0
					? HWLOC_OBJ_CORE
					: HWLOC_OBJ_PU;
	hwloc_obj_t object = NULL;

	machine->cores =
		memory_zeroed((size_t)hwloc_get_nbobjs_by_type(machine->topology, HWLOC_OBJ_PU),
			      sizeof(*machine->cores));
	while ((object = hwloc_get_next_obj_by_type(machine->topology, type, object))) {
		hwloc_obj_t cpu =
			type == HWLOC_OBJ_PU
				? (hwloc_bitmap_isset(allowed, object->os_index) ? object : NULL)
				: allowed_cpu(machine, object, allowed);

		if (!cpu)
			continue;
		machine->cores[machine->count++] = (struct core){
			.cpu = cpu,
			.kind = hwloc_cpukinds_get_by_cpuset(machine->topology, cpu->cpuset, 0),
		};
	}
	qsort(machine->cores, machine->count, sizeof(*machine->cores), compare_cores);
}

int machine_open(struct machine **out, struct error *err)
{
	struct machine *machine = memory_zeroed(1, sizeof(*machine));
	hwloc_cpuset_t allowed = hwloc_bitmap_alloc();
	bool loaded = allowed && hwloc_topology_init(&machine->topology) == 0 &&
		      hwloc_topology_load(machine->topology) == 0;

	if (loaded && hwloc_get_cpubind(machine->topology, allowed, HWLOC_CPUBIND_THREAD) < 0)
		hwloc_bitmap_copy(allowed, hwloc_topology_get_allowed_cpuset(machine->topology));
	if (loaded)
		find_cores(machine, allowed);
	hwloc_bitmap_free(allowed);
	if (machine->count == 0) {
		machine_close(machine);
		return error_set(err, ENOSYS,
				 "hwloc finds no core of this machine that we may use");
	}
	*out = machine;
	return 0;
}

void machine_close(struct machine *machine)
{
	if (!machine)
		return;
	if (machine->topology)
		hwloc_topology_destroy(machine->topology);
	free(machine->cores);
	free(machine);
}

size_t machine_cores(const struct machine *machine)
{
	return machine->count;
}

unsigned machine_cpu(const struct machine *machine, size_t core)
{
	return machine->cores[core].cpu->os_index;
}

static hwloc_obj_t find_cache(const struct machine *machine, int level, size_t core)
{
	static const hwloc_obj_type_t types[MACHINE_LEVELS] = {HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE,
							       HWLOC_OBJ_L3CACHE};
	hwloc_obj_t cache = hwloc_get_ancestor_obj_by_type(machine->topology, types[level - 1],
							   machine->cores[core].cpu);

	return cache && cache->attr->cache.size > 0 ? cache : NULL;
}

int64_t machine_cache_share(const struct machine *machine, int level, size_t count)
{
	int64_t least_bytes = INT64_MAX;

	for (size_t i = 0; i < count; i++) {
		hwloc_obj_t cache = find_cache(machine, level, i);
		int64_t sharers = 0, share_bytes;

		if (!cache)
			return 0;
		for (size_t j = 0; j < count; j++)
			sharers += find_cache(machine, level, j) == cache;
		share_bytes = (int64_t)cache->attr->cache.size / sharers;
		if (share_bytes < least_bytes)
			least_bytes = share_bytes;
	}
	return count ? least_bytes : 0;
}

int64_t machine_cache_total(const struct machine *machine, int level, size_t count)
{
	int64_t total_bytes = 0;

	for (size_t i = 0; i < count; i++) {
		hwloc_obj_t cache = find_cache(machine, level, i);
		bool is_new = cache != NULL;

		for (size_t j = 0; j < i && is_new; j++)
			is_new = find_cache(machine, level, j) != cache;
		if (is_new)
			total_bytes += (int64_t)cache->attr->cache.size;
	}
	return total_bytes;
}

int machine_bind(const struct machine *machine, size_t core)
{
	if (hwloc_set_cpubind(machine->topology, machine->cores[core].cpu->cpuset,
			      HWLOC_CPUBIND_THREAD) < 0)
		return errno ? -errno : -EINVAL;
	return 0;
}
