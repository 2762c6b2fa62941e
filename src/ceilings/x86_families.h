/* SPDX-License-Identifier: Apache-2.0 */
/* The families of x86-64, one file each. */
#ifndef JOULETOP_X86_FAMILIES_H
#define JOULETOP_X86_FAMILIES_H

#include "ceilings/kernel.h"

extern const struct kernel_family x86_scalar_family, x86_avx2_family, x86_avx512_family,
	x86_amx_family;

#endif
