/* SPDX-License-Identifier: Apache-2.0 */
/* How long a meter of energy may stand still before it is taken for broken. */
#include "probes/parts/still.h"

#include "measure/probe.h"

#include <stdlib.h>
#include <string.h>

#define PATIENCE_PERIODS  10
#define PATIENCE_LEAST_NS (2 * CLOCK_NS_PER_S)

void still_begin(struct still *still, int64_t now_ns)
{
	still->moved_ns = now_ns;
}

void still_moved(struct still *still, int64_t now_ns)
{
	still->periods_ns[still->moves++ % STILL_PERIODS] = now_ns - still->moved_ns;
	still->moved_ns = now_ns;
}

static int compare_times(const void *a, const void *b)
{
	int64_t first = *(const int64_t *)a, second = *(const int64_t *)b;
	return (first > second) - (first < second);
}

bool still_too_long(const struct still *still, int64_t now_ns, int64_t interval_ns)
{
	unsigned count = still->moves < STILL_PERIODS ? still->moves : STILL_PERIODS;
	int64_t sorted[STILL_PERIODS], period_ns = interval_ns;

	if (count > 0) {
		memcpy(sorted, still->periods_ns, count * sizeof(sorted[0]));
		qsort(sorted, count, sizeof(sorted[0]), compare_times);
		if (sorted[count / 2] > period_ns)
			period_ns = sorted[count / 2];
	}
	int64_t patience_ns = PATIENCE_PERIODS * period_ns;
	if (patience_ns < PATIENCE_LEAST_NS)
		patience_ns = PATIENCE_LEAST_NS;
	return now_ns - still->moved_ns > patience_ns;
}
