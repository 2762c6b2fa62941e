/* SPDX-License-Identifier: Apache-2.0 */
/* The families of 64-bit Arm, the widest first, and which this processor has. */
#include "ceilings/arm_families.h"

#include "base/memory.h"

#include <sys/auxv.h>
#include <sys/prctl.h>

/* Numbers of the kernel's interface (asm/hwcap.h), which older headers do not all have. */
#define CAP_ASIMDHP  (1ul << 10)
#define CAP_ASIMDDP  (1ul << 20)
#define CAP_SVE	     (1ul << 22)
#define CAP2_SVEI8MM (1ul << 9)
#define CAP2_SVEBF16 (1ul << 12)
#define CAP2_I8MM    (1ul << 13)
#define CAP2_BF16    (1ul << 14)

static const struct kernel_family *const families[] = {
	&arm_sve_family,
	&arm_neon_family,
};

static const struct {
	uint32_t feature;
	unsigned long kind, bits;
} rows[] = {
	{KERNEL_NEON_FP16, AT_HWCAP, CAP_ASIMDHP},
	{KERNEL_NEON_DOT, AT_HWCAP, CAP_ASIMDDP},
	{KERNEL_NEON_BF16, AT_HWCAP2, CAP2_BF16},
	{KERNEL_NEON_I8MM, AT_HWCAP2, CAP2_I8MM},
	{KERNEL_SVE, AT_HWCAP, CAP_SVE},
	{KERNEL_SVE_BF16, AT_HWCAP2, CAP2_SVEBF16},
	{KERNEL_SVE_I8MM, AT_HWCAP2, CAP2_SVEI8MM},
};

const struct kernel_family *kernel_family(size_t index)
{
	return index < ARRAY_SIZE(families) ? families[index] : NULL;
}

/* The loops go over blocks of 1024 bytes, four vectors at a time. */
static bool has_even_vectors(void)
{
	int length = prctl(PR_SVE_GET_VL);
	unsigned bytes = length < 0 ? 0 : (unsigned)length & PR_SVE_VL_LEN_MASK;

	return bytes > 0 && KERNEL_BLOCK_BYTES % (4 * bytes) == 0;
}

uint32_t kernel_features(void)
{
	uint32_t features = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if ((getauxval(rows[i].kind) & rows[i].bits) == rows[i].bits)
			features |= rows[i].feature;
	}
	if (!(features & KERNEL_SVE) || !has_even_vectors())
		features &= ~(uint32_t)(KERNEL_SVE | KERNEL_SVE_BF16 | KERNEL_SVE_I8MM);
	return features;
}
