/* SPDX-License-Identifier: Apache-2.0 */
/* Intel graphics processors by the files of the drivers i915 and xe. */
#include "probes/intelgpu/tile.h"

#include "probes/parts/gpus.h"

#define GIVES "energy, clocks, load, temperature and limits of Intel GPUs"
/* The drivers read a register of each card for each file. */
#define PERIOD_NS (CLOCK_NS_PER_S / 20)

static const struct gpus_driver drivers[] = {
	{"i915", sizeof(struct tile), tile_look, tile_forget},
	{"xe", sizeof(struct tile), tile_look, tile_forget},
};
static const struct gpus_kind kind = {
	.name = "intelgpu",
	.maker = "Intel",
	.gives = GIVES,
	.drivers = drivers,
	.driver_count = ARRAY_SIZE(drivers),
};

static int intelgpu_open(void *self, const struct probe_context *context, struct error *err)
{
	return gpus_open(self, &kind, context, err);
}

static int intelgpu_sample(void *self, const struct probe_context *context,
			   const struct watch *watch)
{
	(void)watch;
	return gpus_sample(self, context);
}

static void intelgpu_close(void *self)
{
	gpus_close(self);
}

const struct probe probe_intelgpu = {
	.name = "intelgpu",
	.gives = GIVES,
	.private_size = sizeof(struct gpus),
	.slow = true,
	.period_ns = PERIOD_NS,
	.open = intelgpu_open,
	.sample = intelgpu_sample,
	.close = intelgpu_close,
};
