/* SPDX-License-Identifier: Apache-2.0 */
/* All kernels that this processor has, run with ones: what their sums and arrays say they did. */
#ifndef JOULETOP_TESTS_COUNTED_KERNELS_H
#define JOULETOP_TESTS_COUNTED_KERNELS_H

#include "ceilings/kernel.h"

/* How many were tried; -1 when one did not do the operations that it told, or its sums ran away: `what` names it. */
int counted_kernels(char *what, size_t size);

/* How many memory kernels were tried; -1 when one left anything but what it had to. */
int counted_memory(char *what, size_t size);

#endif
