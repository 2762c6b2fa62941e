/* SPDX-License-Identifier: Apache-2.0 */
/* Marks and joules on a desk. */
#include "tests/support/phased.h"

#include "base/clock.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

void phased_mark(struct desk *desk, double time_s, enum mark_verb verb, const char *name)
{
	feed_mark(desk->feed, (int64_t)(time_s * 1e9), verb, name);
}

void phased_read_energy(struct desk *desk, const char *key, int64_t time_ns, int64_t energy_uj)
{
	uint32_t series =
		desk_series(desk, DOMAIN_PACKAGE, key, "powercap:intel-rapl:0", QUALITY_MEASURED);

	feed_gauge(desk->feed, series, METRIC_ENERGY_UJ, time_ns, energy_uj);
}

void phased_tick(struct desk *desk)
{
	desk_tick(desk);
	phase_tick(desk->session, false);
}

void phased_run(struct desk *desk, int ticks, int watts, int64_t *energy_uj)
{
	for (int i = 0; i < ticks; i++) {
		int64_t time_ns = desk->now_ns;

		*energy_uj += watts * INT64_C(1000000);
		phased_read_energy(desk, "package-0", time_ns, *energy_uj);
		phased_tick(desk);
	}
}

struct phase_figures phased_figures(const struct desk *desk, const char *key)
{
	for (size_t i = 0; i < phase_count(desk->session); i++) {
		struct phase_figures found = phase_figures(desk->session, i);

		if (strcmp(found.key, key) == 0)
			return found;
	}
	fail_msg("no phase %s", key);
	return (struct phase_figures){0};
}

double phased_start_s(const struct desk *desk)
{
	return (double)(desk->now_ns - CLOCK_NS_PER_S) / 1e9;
}
