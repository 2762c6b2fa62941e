/* SPDX-License-Identifier: Apache-2.0 */
/* How long the machine has been suspended. */
#include "base/clock.h"

#include <time.h>

int64_t clock_suspended_ns(void)
{
	struct timespec boot, monotonic;

	/* Of two readings the later one is the larger: a difference grows by what lies between, some 100 ns. */
	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	return (int64_t)(boot.tv_sec - monotonic.tv_sec) * CLOCK_NS_PER_S +
	       (boot.tv_nsec - monotonic.tv_nsec);
}
