/* SPDX-License-Identifier: Apache-2.0 */
/* What this machine has, for the plan. */
#include "ceilings/ceilings.h"

#include "ceilings/machine.h"

void ceilings_look(const struct machine *machine, double cpu_limit, int64_t memory_bytes,
		   struct ceilings_machine *out)
{
	size_t cores = machine_cores(machine), used = cores;

	*out = (struct ceilings_machine){.features = kernel_features(),
					 .cores = cores,
					 .cpu_limit = cpu_limit,
					 .memory_bytes = memory_bytes};
	if (cpu_limit > 0 && cpu_limit < (double)cores)
		used = cpu_limit >= 1 ? (size_t)cpu_limit : 1;
	for (int level = 1; level <= MACHINE_LEVELS; level++) {
		int64_t total = machine_cache_total(machine, level, cores);

		out->one_bytes[level - 1] = machine_cache_share(machine, level, 1);
		out->each_bytes[level - 1] = machine_cache_share(machine, level, used);
		if (total > 0)
			out->last_bytes = total;
	}
}
