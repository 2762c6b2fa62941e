/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: the table of figures of an AMD card; whatever its bytes are, what is read of it is possible. */
#include "probes/amdgpu/metrics.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int truth)
{
	if (!truth)
		abort();
}

static void demand_within(int64_t value, int64_t most)
{
	demand(value == METRICS_UNKNOWN || (value >= 0 && value <= most));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct metrics metrics;

	if (metrics_read(&metrics, data, size) != 0)
		return 0;
	demand_within(metrics.gfx_activity_percent, 100);
	demand_within(metrics.memory_activity_percent, 100);
	demand_within(metrics.power_w, UINT16_MAX);
	demand_within(metrics.temperature_c, 200);
	demand_within(metrics.memory_temperature_c, 200);
	demand_within(metrics.gfx_mhz, UINT16_MAX);
	demand_within(metrics.memory_mhz, UINT16_MAX);
	demand_within(metrics.memory_bytes_per_s, INT64_C(1000000000000000));
	demand(metrics.causes < 1u << GPU_CAUSE_COUNT);
	demand(!metrics.has_energy || metrics_energy_uj(metrics.energy) >= 0);
	return 0;
}
