/* SPDX-License-Identifier: Apache-2.0 */
/* The families of 64-bit Arm, one file each, and what their loops share. */
#ifndef JOULETOP_ARM_FAMILIES_H
#define JOULETOP_ARM_FAMILIES_H

#include "ceilings/kernel.h"

extern const struct kernel_family arm_neon_family, arm_sve_family;

/* Sums that are independent: four units with a latency of four are kept busy, with some to spare. */
#define ARM_SUMS 24
#define ARM_EACH_SUM(step, a, b)                                                                   \
	step("0", a, b) step("1", a, b) step("2", a, b) step("3", a, b) step("4", a, b)            \
		step("5", a, b) step("6", a, b) step("7", a, b) step("8", a, b) step("9", a, b)    \
			step("10", a, b) step("11", a, b) step("12", a, b) step("13", a, b)        \
				step("14", a, b) step("15", a, b) step("16", a, b)                 \
					step("17", a, b) step("18", a, b) step("19", a, b)         \
						step("20", a, b) step("21", a, b) step("22", a, b) \
							step("23", a, b)

#define ARM_CLOBBERS                                                                            \
	"v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", \
		"v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24",    \
		"v25", "v26", "cc", "memory"

#endif
