/* SPDX-License-Identifier: Apache-2.0 */
/* A session that a feed tells of one package. */
#include "tests/support/told.h"

#include "base/clock.h"

#include <stdlib.h>

void told_deliver(struct told *told)
{
	session_apply(told->session, feed_batch(told->feed));
	batch_clear(feed_batch(told->feed));
}

void told_tick(struct told *told, int64_t time_ns)
{
	feed_tick(told->feed, time_ns, ++told->ticks, 0);
	told_deliver(told);
}

int told_set_up(void **state)
{
	struct told *told = calloc(1, sizeof(*told));

	told->feed = feed_create();
	told->session = session_create(2);
	told->domain = feed_domain(told->feed, DOMAIN_PACKAGE, "package-0", 0, "package-0");
	told->series = feed_series(told->feed, told->domain, "powercap", QUALITY_MEASURED);
	told_tick(told, 10 * CLOCK_NS_PER_S);
	*state = told;
	return 0;
}

int told_tear_down(void **state)
{
	struct told *told = *state;

	session_destroy(told->session);
	feed_destroy(told->feed);
	free(told);
	return 0;
}

const struct cell *told_cell(const struct told *told, enum metric metric)
{
	const struct domain *domain = session_find(told->session, "package-0");

	return series_cell(domain->series, metric);
}

void told_energy(struct told *told, int64_t time_ns, uint64_t raw)
{
	feed_counter(told->feed, told->series, METRIC_ENERGY_UJ, time_ns, raw);
	told_deliver(told);
}
