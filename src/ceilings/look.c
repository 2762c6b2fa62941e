/* SPDX-License-Identifier: Apache-2.0 */
/* What this machine has, for the plan. */
#include "ceilings/ceilings.h"

#include "ceilings/cores.h"

void ceilings_look(const struct cores *cores, double cpu_limit, int64_t memory_bytes,
		   struct ceilings_machine *out)
{
	size_t count = cores_count(cores), used = count;

	*out = (struct ceilings_machine){.features = kernel_features(),
					 .cores = count,
					 .cpu_limit = cpu_limit,
					 .memory_bytes = memory_bytes};
	if (cpu_limit > 0 && cpu_limit < (double)count)
		used = cpu_limit >= 1 ? (size_t)cpu_limit : 1;
	for (int level = 1; level <= CORES_LEVELS; level++) {
		int64_t total = cores_cache_total(cores, level, count);

		out->one_bytes[level - 1] = cores_cache_share(cores, level, 1);
		out->each_bytes[level - 1] = cores_cache_share(cores, level, used);
		if (total > 0)
			out->last_bytes = total;
	}
}
