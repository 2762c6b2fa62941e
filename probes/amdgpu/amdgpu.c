/* SPDX-License-Identifier: Apache-2.0 */
/* AMD graphics processors by the files of the driver amdgpu (kernel: Documentation/gpu/amdgpu). */
#include "probes/amdgpu/look.h"

#include "probes/parts/gpus.h"

#define GIVES "energy, power, clocks, load, memory, temperature and limits of AMD GPUs"
/* Each look is a message to the firmware of each card. */
#define PERIOD_NS (CLOCK_NS_PER_S / 20)

static const struct gpus_driver drivers[] = {
	{"amdgpu", sizeof(struct look), look_at, look_forget},
};
static const struct gpus_kind kind = {
	.name = "amdgpu",
	.maker = "AMD",
	.gives = GIVES,
	.drivers = drivers,
	.driver_count = ARRAY_SIZE(drivers),
};

static int amdgpu_open(void *self, const struct probe_context *context, struct error *err)
{
	return gpus_open(self, &kind, context, err);
}

static int amdgpu_sample(void *self, const struct probe_context *context, const struct watch *watch)
{
	(void)watch;
	return gpus_sample(self, context);
}

static void amdgpu_close(void *self)
{
	gpus_close(self);
}

const struct probe probe_amdgpu = {
	.name = "amdgpu",
	.gives = GIVES,
	.private_size = sizeof(struct gpus),
	.slow = true,
	.period_ns = PERIOD_NS,
	.open = amdgpu_open,
	.sample = amdgpu_sample,
	.close = amdgpu_close,
};
