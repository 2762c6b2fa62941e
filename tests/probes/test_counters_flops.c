/* SPDX-License-Identifier: Apache-2.0 */
/* Floating point operations on processors that this machine is not, with a PMU that refuses or has few counters. */
#include "tests/support/cmocka_all.h"
#include "tests/support/counted_flops.h"
#include "tests/support/heard.h"

#include <errno.h>
#include <string.h>

#define SAPPHIRE_RAPIDS "vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 143\n"
#define ALDER_LAKE	"vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 151\n"
#define METEOR_LAKE	"vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 170\n"
#define HASWELL		"vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 63\n"
#define STRANGER	"vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 1\nmodel name\t: Odd\n"

#define CORE_TYPE	4
#define ATOM_TYPE	10

static uint64_t atom_ns; /* of each reading, that the thread spends on small cores */

static int source(struct counted_flops *stage, const char **reason)
{
	return (int)heard_source(stage->counted.context.feed, "flops", reason, NULL);
}

static void each_width_counts_its_lanes(void **state)
{
	struct counted_flops stage;
	const char *reason = "";

	(void)state;
	counted_flops_start(&stage, SKYLAKE_SERVER, false);
	assert_int_equal(source(&stage, &reason), SOURCE_OK);
	assert_string_equal(reason, "");
	counted_flops_step(&stage);
	assert_int_equal(counted_flops_value(&stage, METRIC_FLOP_FP32), 1 + 4 + 8 + 16);
	assert_int_equal(counted_flops_value(&stage, METRIC_FLOP_FP64), 1 + 2 + 4 + 8);
	assert_int_equal(counted_flops_value(&stage, METRIC_FLOP_VECTOR), 28 + 14);
	assert_int_equal(counted_flops_value(&stage, METRIC_RUNNING_PPM), -1);
	assert_int_equal(counted_value(&stage.counted, &stage.worker, METRIC_CYCLES), 1000);
	counted_flops_stop(&stage);
}

static int refuse_wide(const struct perf_event_attr *attr, pid_t pid, int group_fd)
{
	(void)pid;
	(void)group_fd;
	return attr->type == PERF_TYPE_RAW && attr->config == 0x80c7 ? -ENOENT : 0;
}

static void a_precision_of_which_an_event_is_refused_is_absent_and_not_smaller(void **state)
{
	struct counted_flops stage;
	const char *reason = "";

	(void)state;
	counted_kernel.refuse = refuse_wide;
	counted_flops_start(&stage, SKYLAKE_SERVER, false);
	assert_int_equal(source(&stage, &reason), SOURCE_PARTIAL);
	assert_non_null(strstr(reason, "FP32 operations"));
	counted_flops_step(&stage);
	assert_int_equal(counted_flops_value(&stage, METRIC_FLOP_FP64), 15);
	assert_int_equal(counted_flops_value(&stage, METRIC_FLOP_FP32), -1);
	assert_int_equal(counted_flops_value(&stage, METRIC_FLOP_VECTOR), -1);
	counted_flops_stop(&stage);
}

static int refuse_raw_code;

static int refuse_raw(const struct perf_event_attr *attr, pid_t pid, int group_fd)
{
	(void)pid;
	(void)group_fd;
	return attr->type == PERF_TYPE_RAW ? -refuse_raw_code : 0;
}

static void trap_7_what_can_be_encoded_and_is_refused_is_told_and_not_zero(void **state)
{
	static const int codes[] = {ENOENT, EBUSY, ENOSPC, EINVAL, EOPNOTSUPP};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		struct counted_flops stage;
		const char *reason = "";

		refuse_raw_code = codes[i];
		counted_kernel.refuse = refuse_raw;
		counted_flops_start(&stage, SKYLAKE_SERVER, false);
		assert_int_equal(source(&stage, &reason), SOURCE_NONE);
		assert_non_null(strstr(reason, "operations"));
		counted_flops_step(&stage);
		assert_int_equal(counted_flops_series(&stage), 0);
		assert_int_equal(counted_value(&stage.counted, &stage.worker, METRIC_CYCLES), 1000);
		counted_flops_stop(&stage);
	}
}

static int refuse_others_raw(const struct perf_event_attr *attr, pid_t pid, int group_fd)
{
	(void)group_fd;
	return attr->type == PERF_TYPE_RAW && pid != 0 ? -EBUSY : 0;
}

static void a_thread_whose_operations_are_refused_keeps_its_cycles(void **state)
{
	struct counted_flops stage;

	(void)state;
	counted_kernel.refuse = refuse_others_raw;
	counted_flops_start(&stage, SKYLAKE_SERVER, false);
	counted_flops_step(&stage);
	assert_int_equal(counted_value(&stage.counted, &stage.worker, METRIC_CYCLES), 1000);
	assert_int_equal(counted_flops_gap(&stage, METRIC_FLOP_FP32, NULL), EBUSY);
	counted_flops_stop(&stage);
}

static void processors_without_such_events_say_so(void **state)
{
	static const char *const machines[][2] = {{HASWELL, "Haswell has no"}, {STRANGER, "(Odd)"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		struct counted_flops stage;
		const char *reason = "";

		counted_flops_start(&stage, machines[i][0], false);
		assert_int_equal(source(&stage, &reason), SOURCE_NONE);
		assert_non_null(strstr(reason, machines[i][1]));
		counted_flops_step(&stage);
		assert_int_equal(counted_flops_series(&stage), 0);
		counted_flops_stop(&stage);
	}
}

static uint64_t no_operations(const struct perf_event_attr *attr)
{
	return attr->type == PERF_TYPE_RAW ? 0 : 1000;
}

static void operations_that_were_never_counted_are_unknown_and_not_zero(void **state)
{
	struct counted_flops stage;
	const char *reason = "";

	(void)state;
	counted_kernel.count = no_operations;
	counted_flops_start(&stage, SKYLAKE_SERVER, false);
	for (int i = 0; i < 5; i++)
		counted_flops_step(&stage);
	assert_int_equal(counted_flops_value(&stage, METRIC_FLOP_FP32), -1);
	assert_int_equal(counted_flops_gap(&stage, METRIC_FLOP_FP32, &reason), ENODATA);
	assert_non_null(strstr(reason, "no operation has been counted yet"));
	/* When the first one is counted, zeros are zeros. */
	counted_kernel.count = counted_one_of_each;
	counted_flops_step(&stage);
	counted_flops_step(&stage);
	assert_int_equal(counted_flops_value(&stage, METRIC_FLOP_FP32), 29);
	counted_kernel.count = no_operations;
	for (int i = 0; i < 3; i++)
		counted_flops_step(&stage);
	assert_int_equal(counted_flops_value(&stage, METRIC_FLOP_FP32), 2 * 29);
	counted_flops_stop(&stage);
}

static uint64_t with_amx(const struct perf_event_attr *attr)
{
	return (attr->config & 0xff) == 0xb7 ? 500 : counted_one_of_each(attr);
}

static void trap_8_while_amx_works_half_precision_is_not_countable(void **state)
{
	struct counted_flops stage;
	const char *reason = "";

	(void)state;
	counted_flops_start(&stage, SAPPHIRE_RAPIDS, false);
	assert_int_equal(source(&stage, &reason), SOURCE_PARTIAL);
	assert_non_null(strstr(reason, "AMX not countable"));
	counted_flops_step(&stage);
	assert_int_equal(counted_flops_value(&stage, METRIC_FLOP_FP16), 1 + 8 + 16 + 32);
	counted_kernel.count = with_amx;
	counted_flops_step(&stage);
	counted_flops_step(&stage);
	assert_int_equal(counted_flops_gap(&stage, METRIC_FLOP_FP16, &reason), EOPNOTSUPP);
	assert_string_equal(reason, "AMX not countable");
	assert_int_equal(counted_flops_value(&stage, METRIC_FLOP_FP32), 3 * 29);
	counted_flops_stop(&stage);
}

/* Both PMUs are enabled all the time; each runs while the thread is on its cores. */
static uint64_t by_core(const struct perf_event_attr *leader)
{
	bool is_atom = leader->type == ATOM_TYPE || leader->config >> 32 == ATOM_TYPE;

	return is_atom ? atom_ns : COUNTED_TICK_NS - atom_ns;
}

static uint64_t count_by_core(const struct perf_event_attr *attr)
{
	bool is_atom = attr->type == ATOM_TYPE || attr->config >> 32 == ATOM_TYPE;
	uint64_t ran_ns = is_atom ? atom_ns : COUNTED_TICK_NS - atom_ns;

	return ran_ns ? (is_atom ? 100 : 1) : 0;
}

static int refuse_gracemont(const struct perf_event_attr *attr, pid_t pid, int group_fd)
{
	(void)pid;
	(void)group_fd;
	/* It takes what it does not know as something else. */
	return attr->type == ATOM_TYPE && (attr->config & 0xff) == 0xc7 ? -EINVAL : 0;
}

static void trap_9_what_ran_on_gracemont_makes_the_operations_unknown(void **state)
{
	struct counted_flops stage;
	const char *reason = "";

	(void)state;
	counted_kernel.refuse = refuse_gracemont;
	atom_ns = 0;
	counted_kernel.run_ns = by_core;
	counted_kernel.count = count_by_core;
	counted_flops_start(&stage, ALDER_LAKE, true);
	assert_int_equal(source(&stage, &reason), SOURCE_PARTIAL);
	assert_non_null(strstr(reason, "Gracemont"));
	counted_flops_step(&stage);
	assert_int_equal(counted_flops_value(&stage, METRIC_FLOP_FP32), 1 + 4 + 8);
	atom_ns = COUNTED_TICK_NS / 2;
	counted_flops_step(&stage);
	counted_flops_step(&stage);
	assert_int_equal(counted_flops_gap(&stage, METRIC_FLOP_FP32, &reason), EOPNOTSUPP);
	assert_non_null(strstr(reason, "cores that cannot count"));
	counted_flops_stop(&stage);
}

static void operations_of_both_kinds_of_cores_are_added_and_not_extrapolated(void **state)
{
	struct counted_flops stage;

	(void)state;
	atom_ns = 0;
	counted_kernel.run_ns = by_core;
	counted_kernel.count = count_by_core;
	counted_flops_start(&stage, METEOR_LAKE, true);
	counted_flops_step(&stage);
	assert_int_equal(counted_flops_value(&stage, METRIC_FLOP_FP32), 13);
	atom_ns = COUNTED_TICK_NS * 9 / 10;
	counted_flops_step(&stage);
	counted_flops_step(&stage);
	assert_int_equal(counted_flops_value(&stage, METRIC_FLOP_FP32), 3 * 13 + 100);
	/* What vectors did on small cores nobody knows. */
	assert_int_equal(counted_flops_value(&stage, METRIC_FLOP_VECTOR), -1);
	counted_flops_stop(&stage);
}

static void operations_whose_counters_others_hold_are_given_up_and_cycles_are_counted(void **state)
{
	struct counted_flops stage;
	const char *reason = "";

	(void)state;
	counted_kernel.general_counters = 4;
	counted_kernel.held_counters = 4;
	counted_kernel.enabled_ns = counted_kernel.running_ns = 3 * COUNTED_TICK_NS;
	counted_flops_start(&stage, SKYLAKE_SERVER, false);
	for (int i = 0; i < 40; i++)
		counted_flops_step(&stage);
	assert_true(counted_value(&stage.counted, &stage.worker, METRIC_CYCLES) >= 1000);
	assert_int_equal(counted_flops_gap(&stage, METRIC_FLOP_FP32, &reason), EOPNOTSUPP);
	assert_non_null(strstr(reason, "hold the counters"));
	source(&stage, &reason);
	assert_non_null(strstr(reason, "hold the counters"));
	counted_flops_stop(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_width_counts_its_lanes),
		cmocka_unit_test(
			a_precision_of_which_an_event_is_refused_is_absent_and_not_smaller),
		cmocka_unit_test(trap_7_what_can_be_encoded_and_is_refused_is_told_and_not_zero),
		cmocka_unit_test(a_thread_whose_operations_are_refused_keeps_its_cycles),
		cmocka_unit_test(processors_without_such_events_say_so),
		cmocka_unit_test(operations_that_were_never_counted_are_unknown_and_not_zero),
		cmocka_unit_test(trap_8_while_amx_works_half_precision_is_not_countable),
		cmocka_unit_test(trap_9_what_ran_on_gracemont_makes_the_operations_unknown),
		cmocka_unit_test(operations_of_both_kinds_of_cores_are_added_and_not_extrapolated),
		cmocka_unit_test(
			operations_whose_counters_others_hold_are_given_up_and_cycles_are_counted),
	};

	return cmocka_run_group_tests_name("counters_flops", tests, NULL, NULL);
}
