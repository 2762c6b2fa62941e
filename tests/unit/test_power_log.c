/* SPDX-License-Identifier: Apache-2.0 */
/* The power during a stretch is that of the readings inside it, of all meters, and of counters alone. */
#include "commands/power_log.h"

#include "base/clock.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/desk.h"

#include <math.h>

#define S CLOCK_NS_PER_S

/* Ten seconds of a package and its memory; the first reading at 100 s. */
static struct power_log *log_of(enum quality quality, bool memory_stands_still)
{
	struct power_log *log = power_log_create();
	struct desk desk;

	desk_start(&desk);
	for (int i = 0; i < 10; i++) {
		desk_watts(&desk, DOMAIN_PACKAGE, "package-0", quality, i < 5 ? 60 : 90);
		desk_watts(&desk, DOMAIN_DRAM, "dram-0", quality, memory_stands_still ? 0 : 5);
		desk_tick(&desk);
		power_log_take(log, desk.session);
		power_log_take(log, desk.session);
	}
	desk_end(&desk);
	return log;
}

static void all_meters_are_added_within_the_time(void **state)
{
	struct power_log *log = log_of(QUALITY_MEASURED, false);

	(void)state;
	desk_near(power_log_watts(log, 101 * S, 104 * S), 65);
	desk_near(power_log_watts(log, 106 * S, 109 * S), 95);
	/* What lies between the readings at the edges and the edges is another's. */
	desk_near(power_log_watts(log, 101 * S - 1, 104 * S + S / 2), 65);
	power_log_destroy(log);
}

static void fewer_than_two_readings_tell_nothing(void **state)
{
	struct power_log *log = log_of(QUALITY_MEASURED, false);

	(void)state;
	assert_true(isnan(power_log_watts(log, 101 * S + 1, 102 * S + 1)));
	assert_true(isnan(power_log_watts(log, 200 * S, 300 * S)));
	power_log_destroy(log);
}

static void a_meter_that_stands_still_makes_the_sum_unknown(void **state)
{
	struct power_log *log = log_of(QUALITY_MEASURED, true);

	(void)state;
	assert_true(isnan(power_log_watts(log, 101 * S, 104 * S)));
	power_log_destroy(log);
}

static void estimates_and_sampled_power_are_left_out(void **state)
{
	static const enum quality others[] = {QUALITY_ESTIMATED, QUALITY_SAMPLED,
					      QUALITY_ATTRIBUTED};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct power_log *log = log_of(others[i], false);

		assert_true(isnan(power_log_watts(log, 101 * S, 104 * S)));
		power_log_destroy(log);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_meters_are_added_within_the_time),
		cmocka_unit_test(fewer_than_two_readings_tell_nothing),
		cmocka_unit_test(a_meter_that_stands_still_makes_the_sum_unknown),
		cmocka_unit_test(estimates_and_sampled_power_are_left_out),
	};

	return cmocka_run_group_tests_name("power_log", tests, NULL, NULL);
}
