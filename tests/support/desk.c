/* SPDX-License-Identifier: Apache-2.0 */
/* A session with one producer and ticks of one second, fed by hand. */
#include "tests/support/desk.h"

#include "base/clock.h"
#include "base/memory.h"
#include "tests/support/cmocka_all.h"

#include <math.h>
#include <stdlib.h>

void desk_start(struct desk *desk)
{
	*desk = (struct desk){.session = session_create(1),
			      .feed = feed_create(),
			      .spare = memory_zeroed(1, sizeof(struct batch)),
			      .now_ns = 100 * CLOCK_NS_PER_S};
}

void desk_end(struct desk *desk)
{
	session_destroy(desk->session);
	feed_destroy(desk->feed);
	batch_finish(desk->spare);
	free(desk->spare);
}

void desk_tick(struct desk *desk)
{
	feed_tick(desk->feed, desk->now_ns, ++desk->ticks, 0);
	desk->spare = feed_swap(desk->feed, desk->spare);
	session_apply(desk->session, desk->spare);
	batch_clear(desk->spare);
	desk->now_ns += CLOCK_NS_PER_S;
}

uint32_t desk_series(struct desk *desk, enum domain_kind kind, const char *key, const char *source,
		     enum quality quality)
{
	return feed_series(desk->feed, feed_domain(desk->feed, kind, key, 0, key), source, quality);
}

void desk_watts(struct desk *desk, enum domain_kind kind, const char *key, enum quality quality,
		uint64_t watts)
{
	feed_counter(desk->feed, desk_series(desk, kind, key, "meter", quality), METRIC_ENERGY_UJ,
		     desk->now_ns, watts * 1000000 * desk->ticks);
}

void desk_near(double value, double expected)
{
	if (!(fabs(value - expected) <= 1e-9 * fmax(1, fabs(expected))))
		print_error("%.12g, expected %.12g\n", value, expected);
	assert_true(fabs(value - expected) <= 1e-9 * fmax(1, fabs(expected)));
}
