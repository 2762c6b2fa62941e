/* SPDX-License-Identifier: Apache-2.0 */
/* Which of several meters of one domain is believed. */
#include "base/clock.h"
#include "model/feed.h"
#include "model/session.h"
#include "tests/support/cmocka_all.h"

#include <errno.h>

/* A package with two meters, powercap announced last; a reading of either is 10 uJ a second. */
struct twins {
	struct feed *feed;
	struct session *session;
	uint32_t powercap, perf_power;
};

static int set_up(void **state)
{
	static struct twins twins;
	uint32_t package;

	twins.feed = feed_create();
	twins.session = session_create(1);
	package = feed_domain(twins.feed, DOMAIN_PACKAGE, "package-0", 0, "package-0");
	twins.perf_power = feed_series(twins.feed, package, "perf_power", QUALITY_MEASURED);
	twins.powercap = feed_series(twins.feed, package, "powercap:0", QUALITY_MEASURED);
	*state = &twins;
	return 0;
}

static int tear_down(void **state)
{
	struct twins *twins = *state;

	session_destroy(twins->session);
	feed_destroy(twins->feed);
	return 0;
}

static void read_meter(struct twins *twins, uint32_t series, int second)
{
	feed_counter(twins->feed, series, METRIC_ENERGY_UJ, second * CLOCK_NS_PER_S,
		     (uint64_t)second * 10);
}

static void lose_meter(struct twins *twins, uint32_t series, int second)
{
	feed_gap(twins->feed, series, METRIC_ENERGY_UJ, second * CLOCK_NS_PER_S, ENODEV, "gone");
}

static const char *believed(struct twins *twins)
{
	session_apply(twins->session, feed_batch(twins->feed));
	batch_clear(feed_batch(twins->feed));
	return domain_series(session_find(twins->session, "package-0"), METRIC_ENERGY_UJ)->source;
}

static void powercap_is_believed_before_perf(void **state)
{
	struct twins *twins = *state;

	read_meter(twins, twins->perf_power, 1);
	read_meter(twins, twins->powercap, 1);
	assert_string_equal(believed(twins), "powercap:0");
}

static void a_passing_gap_changes_nothing(void **state)
{
	struct twins *twins = *state;

	read_meter(twins, twins->powercap, 1);
	for (int second = 1; second <= 3; second++) {
		read_meter(twins, twins->perf_power, second);
		lose_meter(twins, twins->powercap, second);
		assert_string_equal(believed(twins), "powercap:0");
	}
}

static void a_meter_that_stays_silent_hands_over_to_its_twin_until_it_is_back(void **state)
{
	struct twins *twins = *state;

	read_meter(twins, twins->powercap, 1);
	read_meter(twins, twins->perf_power, 1);
	lose_meter(twins, twins->powercap, 2);
	read_meter(twins, twins->perf_power, 4);
	assert_string_equal(believed(twins), "perf_power");
	read_meter(twins, twins->powercap, 5);
	assert_string_equal(believed(twins), "powercap:0");
}

static void a_meter_that_was_never_read_stands_behind_one_that_was(void **state)
{
	struct twins *twins = *state;

	lose_meter(twins, twins->powercap, 1);
	read_meter(twins, twins->perf_power, 1);
	assert_string_equal(believed(twins), "perf_power");
}

#define WITH_TWINS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TWINS(powercap_is_believed_before_perf),
		WITH_TWINS(a_passing_gap_changes_nothing),
		WITH_TWINS(a_meter_that_stays_silent_hands_over_to_its_twin_until_it_is_back),
		WITH_TWINS(a_meter_that_was_never_read_stands_behind_one_that_was),
	};

	return cmocka_run_group_tests_name("session_prefer", tests, NULL, NULL);
}
