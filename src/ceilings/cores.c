/* SPDX-License-Identifier: Apache-2.0 */
/* Cores and caches by hwloc. */
#include "ceilings/cores.h"

#include "base/memory.h"

#include <assert.h>
#include <errno.h>
#include <hwloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct core {
	hwloc_obj_t cpu;
	int kind; /* efficiency rank of hwloc: the higher the faster */
};

struct cores {
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
static hwloc_obj_t allowed_cpu(const struct cores *cores, hwloc_obj_t core,
			       hwloc_const_cpuset_t allowed)
{
	hwloc_obj_t cpu = NULL;

	while ((cpu = hwloc_get_next_obj_inside_cpuset_by_type(cores->topology, core->cpuset,
							       HWLOC_OBJ_PU, cpu))) {
		if (hwloc_bitmap_isset(allowed, cpu->os_index))
			return cpu;
	}
	return NULL;
}

static void find_cores(struct cores *cores, hwloc_const_cpuset_t allowed)
{
	/* Some virtual machines tell of no cores: then each CPU is one. */
	hwloc_obj_type_t type = hwloc_get_nbobjs_by_type(cores->topology, HWLOC_OBJ_CORE) > 0
					? HWLOC_OBJ_CORE
					: HWLOC_OBJ_PU;
	hwloc_obj_t object = NULL;

	cores->cores =
		memory_zeroed((size_t)hwloc_get_nbobjs_by_type(cores->topology, HWLOC_OBJ_PU),
			      sizeof(*cores->cores));
	while ((object = hwloc_get_next_obj_by_type(cores->topology, type, object))) {
		hwloc_obj_t cpu =
			type == HWLOC_OBJ_PU
				? (hwloc_bitmap_isset(allowed, object->os_index) ? object : NULL)
				: allowed_cpu(cores, object, allowed);

		if (!cpu)
			continue;
		cores->cores[cores->count++] = (struct core){
			.cpu = cpu,
			.kind = hwloc_cpukinds_get_by_cpuset(cores->topology, cpu->cpuset, 0),
		};
	}
	qsort(cores->cores, cores->count, sizeof(*cores->cores), compare_cores);
}

int cores_open(struct cores **out, struct error *err)
{
	struct cores *cores = memory_zeroed(1, sizeof(*cores));
	hwloc_cpuset_t allowed = hwloc_bitmap_alloc();
	bool loaded = allowed && hwloc_topology_init(&cores->topology) == 0 &&
		      hwloc_topology_load(cores->topology) == 0;

	if (loaded && hwloc_get_cpubind(cores->topology, allowed, HWLOC_CPUBIND_THREAD) < 0)
		hwloc_bitmap_copy(allowed, hwloc_topology_get_allowed_cpuset(cores->topology));
	if (loaded)
		find_cores(cores, allowed);
	hwloc_bitmap_free(allowed);
	if (cores->count == 0) {
		cores_close(cores);
		return error_set(err, ENOSYS, "hwloc finds no core of this cores that we may use");
	}
	*out = cores;
	return 0;
}

void cores_close(struct cores *cores)
{
	if (!cores)
		return;
	if (cores->topology)
		hwloc_topology_destroy(cores->topology);
	free(cores->cores);
	free(cores);
}

size_t cores_count(const struct cores *cores)
{
	return cores->count;
}

unsigned cores_cpu(const struct cores *cores, size_t core)
{
	return cores->cores[core].cpu->os_index;
}

static hwloc_obj_t find_cache(const struct cores *cores, int level, size_t core)
{
	static const hwloc_obj_type_t types[CORES_LEVELS] = {HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE,
							     HWLOC_OBJ_L3CACHE};
	hwloc_obj_t cache = hwloc_get_ancestor_obj_by_type(cores->topology, types[level - 1],
							   cores->cores[core].cpu);

	return cache && cache->attr->cache.size > 0 ? cache : NULL;
}

int64_t cores_cache_share(const struct cores *cores, int level, size_t count)
{
	int64_t least_bytes = INT64_MAX;

	for (size_t i = 0; i < count; i++) {
		hwloc_obj_t cache = find_cache(cores, level, i);
		int64_t sharers = 0, share_bytes;

		if (!cache)
			return 0;
		for (size_t j = 0; j < count; j++)
			sharers += find_cache(cores, level, j) == cache;
		assert(sharers > 0); /* it itself at least */
		share_bytes = (int64_t)cache->attr->cache.size / sharers;
		if (share_bytes < least_bytes)
			least_bytes = share_bytes;
	}
	return count ? least_bytes : 0;
}

int64_t cores_cache_total(const struct cores *cores, int level, size_t count)
{
	int64_t total_bytes = 0;

	for (size_t i = 0; i < count; i++) {
		hwloc_obj_t cache = find_cache(cores, level, i);
		bool is_new = cache != NULL;

		for (size_t j = 0; j < i && is_new; j++)
			is_new = find_cache(cores, level, j) != cache;
		if (is_new)
			total_bytes += (int64_t)cache->attr->cache.size;
	}
	return total_bytes;
}

int cores_bind(const struct cores *cores, size_t core)
{
	if (hwloc_set_cpubind(cores->topology, cores->cores[core].cpu->cpuset,
			      HWLOC_CPUBIND_THREAD) < 0)
		return errno ? -errno : -EINVAL;
	return 0;
}
