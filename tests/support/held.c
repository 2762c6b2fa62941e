/* SPDX-License-Identifier: Apache-2.0 */
/* A number of nanoseconds, and what moves with it. */
#include "tests/support/held.h"

#include "base/clock.h"

#include <math.h>

static int64_t now_ns;

int64_t clock_now_ns(void)
{
	return now_ns;
}

int held_set_up(void **state, const struct probe *probe)
{
	now_ns = 1000 * CLOCK_NS_PER_S;
	return probed_set_up(state, probe);
}

void held_wait_ns(int64_t time_ns)
{
	now_ns += time_ns;
}

void held_pass(struct probed *probed, double seconds)
{
	held_wait_ns(llround(seconds * 1e9));
	machine_advance(probed->machine, seconds);
}

void held_sample(struct probed *probed, int count, double seconds)
{
	for (int i = 0; i < count; i++) {
		held_pass(probed, seconds);
		probed_sample(probed);
	}
}
