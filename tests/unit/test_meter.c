/* SPDX-License-Identifier: Apache-2.0 */
/* What is required of what is said of meters: how often they move, how far two of one domain are apart. */
#include "model/meter.h"

#include "base/clock.h"
#include "model/feed.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/sessions.h"

#include <math.h>
#include <string.h>

#define TENTH (CLOCK_NS_PER_S / 10)

/* A package read ten times a second by two sources: powercap moves at every reading, the other once a second and says 2 %
 * less; and a sensor of the wall that changes every half a second. */
static void feed_machine(struct sessions *sessions, int ticks)
{
	uint32_t domain = feed_domain(sessions->feed, DOMAIN_PACKAGE, "package-0", 0, "");
	uint32_t fast =
		feed_series(sessions->feed, domain, "powercap:intel-rapl:0", QUALITY_MEASURED);
	uint32_t slow =
		feed_series(sessions->feed, domain, "perf_power:energy-pkg", QUALITY_MEASURED);
	uint32_t wall = feed_domain(sessions->feed, DOMAIN_WALL, "wall/a/b", 0, "");
	uint32_t sensor = feed_series(sessions->feed, wall, "hwmon:power_meter", QUALITY_SAMPLED);

	feed_label(sessions->feed, domain, FEED_RESOLUTION_LABEL "powercap:intel-rapl:0", "61 uJ");
	for (int i = 0; i <= ticks; i++) {
		int64_t time_ns = (i + 1) * TENTH;

		feed_increase(sessions->feed, fast, METRIC_ENERGY_UJ, time_ns, i ? 10000000 : 0);
		feed_increase(sessions->feed, slow, METRIC_ENERGY_UJ, time_ns,
			      i && i % 10 == 0 ? 98000000 : 0);
		feed_gauge(sessions->feed, sensor, METRIC_SENSOR_POWER_UW, time_ns,
			   100000000 + i / 5);
		feed_gauge(sessions->feed, sensor, METRIC_WINDOW_NS, time_ns, CLOCK_NS_PER_S);
		sessions_tick(sessions, time_ns);
	}
}

static const struct series *series_of(const struct sessions *sessions, const char *key,
				      const char *source)
{
	const struct series *series = session_find(sessions->session, key)->series;

	while (strcmp(series->source, source) != 0)
		series = series->next;
	return series;
}

static void the_period_of_a_meter_is_seen(void **state)
{
	struct sessions sessions;
	struct meter meter;

	(void)state;
	sessions_start(&sessions);
	feed_machine(&sessions, 100);
	meter_describe(sessions.session, series_of(&sessions, "package-0", "powercap:intel-rapl:0"),
		       &meter);
	assert_true(fabs(meter.period_s - 0.1) < 1e-9);
	assert_false(meter.is_slower);
	assert_string_equal(meter.resolution, "61 uJ");
	assert_non_null(strstr(meter.contains, "not its memory"));
	meter_describe(sessions.session, series_of(&sessions, "package-0", "perf_power:energy-pkg"),
		       &meter);
	assert_true(fabs(meter.period_s - 1.0) < 1e-9);
	assert_true(meter.is_slower);
	assert_null(meter.resolution);
	meter_describe(sessions.session, series_of(&sessions, "wall/a/b", "hwmon:power_meter"),
		       &meter);
	/* Floats hold 100 W to 8 uW: not every change of 1 uW is seen, and none is made up. */
	assert_true(isnan(meter.period_s) || meter.period_s >= 0.5 - 1e-9);
	assert_true(fabs(meter.window_s - 1.0) < 1e-9);
	sessions_stop(&sessions);
}

static void what_was_seen_too_rarely_has_no_period(void **state)
{
	struct sessions sessions;
	struct meter meter;

	(void)state;
	sessions_start(&sessions);
	feed_machine(&sessions, 30);
	meter_describe(sessions.session, series_of(&sessions, "package-0", "perf_power:energy-pkg"),
		       &meter);
	assert_true(isnan(meter.period_s));
	assert_false(meter.is_slower);
	sessions_stop(&sessions);
}

static void two_sources_of_a_domain_are_compared_over_the_run(void **state)
{
	struct sessions sessions;
	double difference;

	(void)state;
	sessions_start(&sessions);
	feed_machine(&sessions, 100);
	difference = meter_difference_ratio(
		sessions.session, series_of(&sessions, "package-0", "perf_power:energy-pkg"),
		series_of(&sessions, "package-0", "powercap:intel-rapl:0"));
	assert_true(fabs(difference + 0.02) < 1e-6);
	sessions_stop(&sessions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_period_of_a_meter_is_seen),
		cmocka_unit_test(what_was_seen_too_rarely_has_no_period),
		cmocka_unit_test(two_sources_of_a_domain_are_compared_over_the_run),
	};

	return cmocka_run_group_tests_name("meter", tests, NULL, NULL);
}
