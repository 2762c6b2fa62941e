/* SPDX-License-Identifier: Apache-2.0 */
/* The check of the kernels as a program of its own, for processors that are emulated. Prints how many were tried. */
#include "tests/support/counted_kernels.h"

#include <stdio.h>

int main(void)
{
	char what[128] = "";
	int kernels = counted_kernels(what, sizeof(what)), memory;

	memory = kernels < 0 ? -1 : counted_memory(what, sizeof(what));
	printf("%d %d %s\n", kernels, memory, what);
	return kernels > 0 && memory > 0 ? 0 : 1;
}
