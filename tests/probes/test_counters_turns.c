/* SPDX-License-Identifier: Apache-2.0 */
/* Floating point operations whose groups take turns, and miss them. */
#include "tests/support/cmocka_all.h"
#include "tests/support/counted_flops.h"

static uint64_t a_third(const struct perf_event_attr *leader)
{
	return leader->type == PERF_TYPE_HARDWARE ? COUNTED_TICK_NS : COUNTED_TICK_NS / 3;
}

static void groups_that_take_turns_are_scaled_each_for_itself(void **state)
{
	struct counted_flops stage;

	(void)state;
	counted_kernel.general_counters = 4;
	counted_kernel.run_ns = a_third;
	counted_flops_start(&stage, SKYLAKE_SERVER, false);
	counted_flops_step(&stage);
	assert_in_range(counted_flops_value(&stage, METRIC_FLOP_FP32), 29 * 3, 29 * 3 + 1);
	assert_in_range(counted_flops_value(&stage, METRIC_FLOP_FP64), 15 * 3, 15 * 3 + 1);
	assert_in_range(counted_flops_value(&stage, METRIC_RUNNING_PPM), 333000, 334000);
	assert_int_equal(counted_value(&stage.counted, &stage.worker, METRIC_CYCLES), 1000);
	assert_int_equal(counted_value(&stage.counted, &stage.worker, METRIC_RUNNING_PPM), -1);
	counted_flops_stop(&stage);
}

static bool is_late; /* the second of three groups has no turn */

static bool in_late_group(uint64_t config)
{
	return config == 0x80c7 || config == 0x01c7 || config == 0x04c7;
}

static uint64_t run_late(const struct perf_event_attr *leader)
{
	return is_late && in_late_group(leader->config) ? 0 : COUNTED_TICK_NS;
}

static uint64_t count_late(const struct perf_event_attr *attr)
{
	return is_late && in_late_group(attr->config) ? 0 : counted_one_of_each(attr);
}

static void a_group_that_missed_its_turn_loses_neither_its_operations_nor_those_of_the_others(
	void **state)
{
	struct counted_flops stage;

	(void)state;
	counted_kernel.general_counters = 4;
	counted_kernel.run_ns = run_late;
	counted_kernel.count = count_late;
	counted_flops_start(&stage, SKYLAKE_SERVER, false);
	is_late = true;
	counted_flops_step(&stage);
	assert_int_equal(counted_flops_value(&stage, METRIC_FLOP_FP32), 29);
	is_late = false;
	counted_flops_step(&stage);
	assert_int_equal(counted_flops_value(&stage, METRIC_FLOP_FP32), 29);
	counted_flops_step(&stage);
	assert_int_equal(counted_flops_value(&stage, METRIC_FLOP_FP32), 3 * 29);
	assert_int_equal(counted_flops_value(&stage, METRIC_FLOP_FP64), 3 * 15);
	assert_int_equal(counted_flops_value(&stage, METRIC_RUNNING_PPM), 500000);
	counted_flops_stop(&stage);
}

/* Each reading finds one instruction of each width more: how often the thread was read. */
static int64_t readings(struct counted_flops *stage)
{
	return counted_flops_value(stage, METRIC_FLOP_FP32) / 29;
}

static void three_groups_of_a_thread_that_goes_on_are_read_every_third_time(void **state)
{
	struct counted_flops stage;
	int64_t before;

	(void)state;
	counted_kernel.general_counters = 4;
	counted_flops_start(&stage, SKYLAKE_SERVER, false);
	/* Who ends sooner would lose too large a part of it. */
	for (int i = 0; i < 200; i++)
		counted_flops_step(&stage);
	assert_int_equal(readings(&stage), 200);
	for (int i = 0; i < 5; i++)
		counted_flops_step(&stage);
	before = readings(&stage);
	for (int i = 0; i < 30; i++)
		counted_flops_step(&stage);
	assert_int_equal(readings(&stage), before + 10);
	assert_int_equal(counted_value(&stage.counted, &stage.worker, METRIC_CYCLES), 235 * 1000);
	counted_flops_stop(&stage);
}

static void operations_before_a_sleep_are_read_in_it_and_only_once(void **state)
{
	struct counted_flops stage;
	int64_t before;

	(void)state;
	counted_kernel.general_counters = 8;
	counted_flops_start(&stage, SKYLAKE_SERVER, false);
	for (int i = 0; i < 105; i++)
		counted_flops_step(&stage);
	do {
		before = readings(&stage);
		counted_flops_step(&stage);
	} while (readings(&stage) != before);
	for (int i = 0; i < 5; i++)
		counted_tick(&stage.counted);
	assert_int_equal(readings(&stage), before + 1);
	counted_flops_stop(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_that_take_turns_are_scaled_each_for_itself),
		cmocka_unit_test(
			a_group_that_missed_its_turn_loses_neither_its_operations_nor_those_of_the_others),
		cmocka_unit_test(three_groups_of_a_thread_that_goes_on_are_read_every_third_time),
		cmocka_unit_test(operations_before_a_sleep_are_read_in_it_and_only_once),
	};

	return cmocka_run_group_tests_name("counters_turns", tests, NULL, NULL);
}
