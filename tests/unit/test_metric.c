/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue of metrics. */
#include "model/metric.h"
#include "tests/support/cmocka_all.h"

#include <math.h>
#include <string.h>

static void every_metric_has_a_whole_row(void **state)
{
	(void)state;
	for (int i = 0; i < METRIC_COUNT; i++) {
		const struct metric_info *info = metric_info((enum metric)i);

		assert_non_null(info->name);
		assert_true(strlen(info->help) > 0);
		assert_in_range(info->digits, 0, 9);
		assert_true(info->kind == METRIC_COUNTER || i >= METRIC_SENSOR_POWER_UW);
		assert_true(info->kind == METRIC_GAUGE || i < METRIC_SENSOR_POWER_UW);
	}
}

static void names_find_their_metric_and_are_unique(void **state)
{
	(void)state;
	for (int i = 0; i < METRIC_COUNT; i++)
		assert_int_equal(metric_find(metric_info((enum metric)i)->name), i);
	assert_int_equal(metric_find("no_such_column"), METRIC_COUNT);
	assert_int_equal(metric_find(""), METRIC_COUNT);
}

static void names_are_columns_without_quotes(void **state)
{
	(void)state;
	for (int i = 0; i < METRIC_COUNT; i++) {
		const char *name = metric_info((enum metric)i)->name;

		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789"),
				 strlen(name));
	}
}

static void only_energy_stands_when_its_meter_is_silent(void **state)
{
	(void)state;
	for (int i = 0; i < METRIC_SENSOR_POWER_UW; i++)
		assert_int_equal(metric_info((enum metric)i)->still == METRIC_STILL_IS_NO_NEWS,
				 i == METRIC_ENERGY_UJ);
}

static void raw_values_are_shown_in_si(void **state)
{
	(void)state;
	assert_true(metric_si(METRIC_ENERGY_UJ, 60712345) == 60.712345);
	assert_true(metric_si(METRIC_BUSY_NS, 498120113) == 0.498120113);
	assert_true(metric_si(METRIC_TEMPERATURE_MC, -1500) == -1.5);
	assert_true(metric_si(METRIC_FREQUENCY_HZ, 3412000000) == 3412000000.0);
	assert_true(metric_si(METRIC_RUNNING_PPM, 250000) == 0.25);
	assert_true(metric_si(METRIC_MEMORY_BYTES, 4096) == 4096.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_metric_has_a_whole_row),
		cmocka_unit_test(names_find_their_metric_and_are_unique),
		cmocka_unit_test(names_are_columns_without_quotes),
		cmocka_unit_test(only_energy_stands_when_its_meter_is_silent),
		cmocka_unit_test(raw_values_are_shown_in_si),
	};

	return cmocka_run_group_tests_name("metric", tests, NULL, NULL);
}
