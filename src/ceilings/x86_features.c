/* SPDX-License-Identifier: Apache-2.0 */
/* What an x86-64 processor can and the system lets us use. */
#include "ceilings/kernel.h"

#include "base/memory.h"

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

/* arch_prctl(2): since Linux 5.16 a process asks for the tiles before it uses them; its later threads may then too. */
#define ASK_FOR_STATE 0x1023
#define STATE_TILES   18

/* State that the system keeps per thread (XCR0). */
#define STATE_AVX    0x6u
#define STATE_AVX512 0xe6u
#define STATE_AMX    0x60000u

enum cpuid_register { EAX, EBX, ECX, EDX };

struct feature_row {
	uint32_t feature;
	uint32_t leaf, subleaf;
	enum cpuid_register where;
	unsigned bit;
	uint32_t state;
	uint32_t needs; /* features of rows above */
};

static const struct feature_row rows[] = {
	{KERNEL_FMA, 7, 0, EBX, 5, STATE_AVX, 0}, /* AVX2; FMA3 is looked at below */
	{KERNEL_AVX_VNNI, 7, 1, EAX, 4, STATE_AVX, KERNEL_FMA},
	{KERNEL_AVX512, 7, 0, EBX, 16, STATE_AVX512, KERNEL_FMA},
	{KERNEL_AVX512_FP16, 7, 0, EDX, 23, STATE_AVX512, KERNEL_AVX512},
	{KERNEL_AVX512_BF16, 7, 1, EAX, 5, STATE_AVX512, KERNEL_AVX512},
	{KERNEL_AVX512_VNNI, 7, 0, ECX, 11, STATE_AVX512, KERNEL_AVX512},
	{KERNEL_AMX_BF16, 7, 0, EDX, 22, STATE_AMX, 0},
	{KERNEL_AMX_INT8, 7, 0, EDX, 25, STATE_AMX, 0},
};

static bool has_bit(uint32_t leaf, uint32_t subleaf, enum cpuid_register where, unsigned bit)
{
	unsigned values[4] = {0};

	if (!__get_cpuid_count(leaf, subleaf, &values[EAX], &values[EBX], &values[ECX],
			       &values[EDX]))
		return false;
	return values[where] >> bit & 1;
}

static uint32_t find_state(void)
{
	uint32_t low, high;

	if (!has_bit(1, 0, ECX, 27)) /* OSXSAVE */
		return 0;
	__asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return low;
}

uint32_t kernel_features(void)
{
	uint32_t state = find_state(), features = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct feature_row *row = &rows[i];

		if ((state & row->state) == row->state && (features & row->needs) == row->needs &&
		    has_bit(row->leaf, row->subleaf, row->where, row->bit))
			features |= row->feature;
	}
	if (!has_bit(1, 0, ECX, 12))
		features &= KERNEL_AMX_BF16 | KERNEL_AMX_INT8;
	if (features & (KERNEL_AMX_BF16 | KERNEL_AMX_INT8) &&
	    syscall(SYS_arch_prctl, ASK_FOR_STATE, STATE_TILES) < 0)
		features &= ~(uint32_t)(KERNEL_AMX_BF16 | KERNEL_AMX_INT8);
	return features;
}
