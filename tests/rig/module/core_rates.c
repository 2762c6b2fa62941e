// SPDX-License-Identifier: GPL-2.0
/* What programs do on the emulated cores: events in a millisecond of CPU time. */
#include "core.h"

#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/perf_event.h>

#include <asm/tsc.h>

static unsigned int mhz[2] = {3000, 2000};
module_param_array(mhz, uint, NULL, 0644);
MODULE_PARM_DESC(mhz, "clock of the cores, and of the small cores of a hybrid processor");
static unsigned int ipc_milli[2] = {1500, 800};
module_param_array(ipc_milli, uint, NULL, 0644);
MODULE_PARM_DESC(ipc_milli, "instructions in 1000 cycles");
static unsigned int reference_mhz;
module_param(reference_mhz, uint, 0644);
MODULE_PARM_DESC(reference_mhz,
		 "constant clock that reference cycles count; 0 = that of the time stamp counter");
static unsigned int misses_per_ms = 4000;
module_param(misses_per_ms, uint, 0644);
MODULE_PARM_DESC(misses_per_ms, "LLC misses in a millisecond of CPU time");
static unsigned int fp_per_ms[8] = {1000, 2000, 4000, 8000, 16000, 32000, 64000, 128000};
module_param_array(fp_per_ms, uint, NULL, 0644);
MODULE_PARM_DESC(fp_per_ms,
		 "floating point instructions in a millisecond, one for each umask of event 0xC7");

enum event_kind {
	EVENT_CYCLES,
	EVENT_INSTRUCTIONS,
	EVENT_REFERENCE,
	EVENT_MISSES,
	EVENT_FP,
	EVENT_KINDS
};

static unsigned int core_events = BIT(EVENT_KINDS) - 1;
module_param(core_events, uint, 0644);
MODULE_PARM_DESC(core_events,
		 "which exist, a bit each: cycles, instructions, reference, misses, fp");
static unsigned int mute_events;
module_param(mute_events, uint, 0644);
MODULE_PARM_DESC(mute_events, "which can be opened, but never count");

#define LL_READ_MISS                                                 \
	(PERF_COUNT_HW_CACHE_LL | PERF_COUNT_HW_CACHE_OP_READ << 8 | \
	 PERF_COUNT_HW_CACHE_RESULT_MISS << 16)

static const struct {
	u32 type;
	u64 config;
	enum event_kind kind;
} known[] = {
	{PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, EVENT_CYCLES},
	{PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, EVENT_INSTRUCTIONS},
	{PERF_TYPE_HARDWARE, PERF_COUNT_HW_REF_CPU_CYCLES, EVENT_REFERENCE},
	{PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES, EVENT_MISSES},
	{PERF_TYPE_HW_CACHE, LL_READ_MISS, EVENT_MISSES},
	{PERF_TYPE_RAW, 0x003c, EVENT_CYCLES},
	{PERF_TYPE_RAW, 0x00c0, EVENT_INSTRUCTIONS},
	{PERF_TYPE_RAW, 0x0300, EVENT_REFERENCE},
	{PERF_TYPE_RAW, 0x412e, EVENT_MISSES},
};

static int find_kind(u32 type, u64 config)
{
	unsigned int i;

	if (type != PERF_TYPE_HARDWARE && type != PERF_TYPE_HW_CACHE)
		type = PERF_TYPE_RAW;
	if (type == PERF_TYPE_RAW && (config & 0xff) == 0xc7 && config <= 0xffff)
		return core_events & BIT(EVENT_FP) ? EVENT_FP : -ENOENT;
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (known[i].type == type && known[i].config == config &&
		    (core_events & BIT(known[i].kind)))
			return known[i].kind;
	}
	return -ENOENT;
}

void core_rates_init(void)
{
	if (reference_mhz == 0)
		reference_mhz = tsc_khz / 1000;
}

/* Umasks add up. */
static u64 fp_rate(u64 config)
{
	unsigned int bit;
	u64 rate = 0;

	for (bit = 0; bit < ARRAY_SIZE(fp_per_ms); bit++) {
		if (config & BIT(8 + bit))
			rate += READ_ONCE(fp_per_ms[bit]);
	}
	return rate;
}

s64 core_rate(bool atom, u32 type, u64 config)
{
	int kind = find_kind(type, config);

	if (kind >= 0 && (READ_ONCE(mute_events) & BIT(kind)))
		return 0;
	switch (kind) {
	case EVENT_CYCLES: return READ_ONCE(mhz[atom]) * 1000LL;
	case EVENT_INSTRUCTIONS: return (s64)READ_ONCE(mhz[atom]) * READ_ONCE(ipc_milli[atom]);
	case EVENT_REFERENCE: return READ_ONCE(reference_mhz) * 1000LL;
	case EVENT_MISSES: return READ_ONCE(misses_per_ms);
	case EVENT_FP:
		/* The small cores have no such event. */
		return atom ? -ENOENT : (s64)fp_rate(config);
	}
	return -ENOENT;
}

int core_fixed(u32 type, u64 config)
{
	int kind = find_kind(type, config);

	return kind <= EVENT_REFERENCE ? kind : -ENOENT;
}
