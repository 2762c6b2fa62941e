/* SPDX-License-Identifier: Apache-2.0 */
/* The one clock of the program. */
#include "base/clock.h"

#include <time.h>

static int64_t read_ns(clockid_t id)
{
	struct timespec now = {0};

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * CLOCK_NS_PER_S + now.tv_nsec;
}

int64_t clock_now_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

int64_t clock_utc_offset_ns(void)
{
	int64_t before_ns = clock_now_ns();
	int64_t utc_ns = read_ns(CLOCK_REALTIME);
	int64_t after_ns = clock_now_ns();

	return utc_ns - (before_ns + (after_ns - before_ns) / 2);
}

void clock_sleep_until_ns(int64_t time_ns)
{
	struct timespec until = {
		.tv_sec = (time_t)(time_ns / CLOCK_NS_PER_S),
		.tv_nsec = (long)(time_ns % CLOCK_NS_PER_S),
	};

	if (time_ns > 0)
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}
