/* SPDX-License-Identifier: Apache-2.0 */
/* The families of x86-64, the widest first. */
#include "ceilings/x86_families.h"

#include "base/memory.h"

static const struct kernel_family *const families[] = {
	&x86_avx512_family,
	&x86_avx2_family,
	&x86_scalar_family,
	&x86_amx_family,
};

const struct kernel_family *kernel_family(size_t index)
{
	return index < ARRAY_SIZE(families) ? families[index] : NULL;
}
