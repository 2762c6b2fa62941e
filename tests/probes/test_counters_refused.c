/* SPDX-License-Identifier: Apache-2.0 */
/* The probe `counters` on a kernel that refuses and a PMU that takes turns, never runs or counts nothing. */
#include "tests/support/cmocka_all.h"
#include "tests/support/counted.h"
#include "tests/support/heard.h"

#include <errno.h>
#include <string.h>

static int refusal;

static int refuse_all(const struct perf_event_attr *attr, pid_t pid, int group_fd)
{
	(void)attr;
	(void)pid;
	(void)group_fd;
	return -refusal;
}

static void each_refusal_ends_in_a_state_with_a_reason(void **state)
{
	static const int codes[] = {EACCES, EPERM, ENOENT,     EMFILE, EINVAL,
				    ENODEV, EBUSY, EOPNOTSUPP, ENOSYS, EIO};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		struct counted stage;
		const char *remedy = "";

		refusal = codes[i];
		counted_kernel.refuse = refuse_all;
		counted_open(&stage);
		assert_true(stage.code < 0);
		assert_true(stage.err.text[0] != '\0');
		if (codes[i] == EACCES) {
			assert_int_equal(
				heard_source(stage.context.feed, "counters", NULL, &remedy),
				SOURCE_NO_ACCESS);
			assert_non_null(strstr(remedy, "sudo setcap cap_perfmon+ep "));
		}
		if (codes[i] == ENOSYS)
			assert_int_equal(stage.code, -ENODEV);
		counted_close(&stage);
	}
}

static int refuse_others(const struct perf_event_attr *attr, pid_t pid, int group_fd)
{
	(void)attr;
	(void)group_fd;
	return pid != 0 ? -refusal : 0;
}

static void a_thread_that_may_not_be_counted_is_a_gap_and_one_that_has_ended_is_not(void **state)
{
	struct burner worker;
	const char *reason = "";

	(void)state;
	burner_start(&worker);
	for (int round = 0; round < 2; round++) {
		struct counted stage;

		refusal = round == 0 ? EACCES : ESRCH;
		counted_kernel.refuse = refuse_others;
		counted_kernel.pretend = true;
		counted_open(&stage);
		assert_int_equal(stage.code, 0);
		counted_tick(&stage);
		assert_int_equal(counted_gap(&stage, &worker, METRIC_CYCLES, &reason),
				 round == 0 ? EACCES : 0);
		counted_close(&stage);
	}
	burner_stop(&worker);
}

static int refuse_misses(const struct perf_event_attr *attr, pid_t pid, int group_fd)
{
	(void)pid;
	(void)group_fd;
	return attr->type == PERF_TYPE_HARDWARE || attr->type == PERF_TYPE_SOFTWARE ? 0 : -ENOENT;
}

static void an_event_that_is_refused_leaves_the_others(void **state)
{
	struct counted stage;
	struct burner worker;
	const char *reason = "";

	(void)state;
	burner_start(&worker);
	counted_kernel = (struct counted_kernel){
		.refuse = refuse_misses,
		.pretend = true,
		.values = {1000, 2000, 500},
		.enabled_ns = 10 * CLOCK_NS_PER_MS,
		.running_ns = 10 * CLOCK_NS_PER_MS,
	};
	counted_open(&stage);
	assert_int_equal(stage.code, 0);
	assert_int_equal(heard_source(stage.context.feed, "counters", &reason, NULL),
			 SOURCE_PARTIAL);
	assert_non_null(strstr(reason, "LLC misses"));
	counted_tick(&stage);
	burner_burn(&worker, 5 * CLOCK_NS_PER_MS);
	counted_tick(&stage);
	assert_int_equal(counted_value(&stage, &worker, METRIC_CYCLES), 1000);
	assert_int_equal(counted_value(&stage, &worker, METRIC_INSTRUCTIONS), 2000);
	assert_int_equal(counted_value(&stage, &worker, METRIC_REFERENCE_CYCLES), 500);
	assert_int_equal(counted_value(&stage, &worker, METRIC_BUSY_NS), 10 * CLOCK_NS_PER_MS);
	assert_int_equal(counted_value(&stage, &worker, METRIC_LLC_MISSES), -1);
	assert_int_equal(counted_value(&stage, &worker, METRIC_RUNNING_PPM), -1);
	burner_stop(&worker);
	counted_close(&stage);
}

static void counters_that_take_turns_are_scaled_and_it_is_said(void **state)
{
	struct counted stage;
	struct burner worker;

	(void)state;
	burner_start(&worker);
	counted_kernel = (struct counted_kernel){
		.pretend = true,
		.values = {1000, 1000, 1000, 1000},
		.enabled_ns = 10 * CLOCK_NS_PER_MS,
		.running_ns = 4 * CLOCK_NS_PER_MS,
	};
	counted_open(&stage);
	counted_tick(&stage);
	burner_burn(&worker, 5 * CLOCK_NS_PER_MS);
	counted_tick(&stage);
	assert_int_equal(counted_value(&stage, &worker, METRIC_CYCLES), 2500);
	assert_int_equal(counted_value(&stage, &worker, METRIC_RUNNING_PPM), 400000);
	counted_kernel.running_ns = counted_kernel.enabled_ns;
	for (int i = 0; i < 2; i++) {
		burner_burn(&worker, 5 * CLOCK_NS_PER_MS);
		counted_tick(&stage);
	}
	assert_int_equal(counted_value(&stage, &worker, METRIC_RUNNING_PPM), 1000000);
	burner_stop(&worker);
	counted_close(&stage);
}

static void step(struct counted *stage, struct burner *worker, int64_t running_ns)
{
	/* What is counted from this reading to the next. */
	counted_kernel.running_ns = (uint64_t)running_ns;
	for (int i = 0; i < 4; i++)
		counted_kernel.values[i] = running_ns ? 1000 : 0;
	burner_burn(worker, 5 * CLOCK_NS_PER_MS);
	counted_tick(stage);
}

static void a_turn_that_was_missed_is_made_up_for_by_the_next_one(void **state)
{
	struct counted stage;
	struct burner worker;
	const char *reason = "";

	(void)state;
	burner_start(&worker);
	counted_kernel = (struct counted_kernel){
		.pretend = true,
		.values = {1000, 1000, 1000, 1000},
		.enabled_ns = 10 * CLOCK_NS_PER_MS,
		.running_ns = 10 * CLOCK_NS_PER_MS,
	};
	counted_open(&stage);
	counted_tick(&stage);
	step(&stage, &worker, 0);
	assert_int_equal(counted_value(&stage, &worker, METRIC_CYCLES), 1000);
	step(&stage, &worker, 10 * CLOCK_NS_PER_MS);
	assert_int_equal(counted_gap(&stage, &worker, METRIC_CYCLES, &reason), ENODATA);
	assert_non_null(strstr(reason, "did not run"));
	step(&stage, &worker, 10 * CLOCK_NS_PER_MS);
	assert_int_equal(counted_value(&stage, &worker, METRIC_CYCLES), 1000 + 2 * 1000);
	assert_int_equal(counted_value(&stage, &worker, METRIC_RUNNING_PPM), 500000);
	step(&stage, &worker, 10 * CLOCK_NS_PER_MS);
	assert_int_equal(counted_value(&stage, &worker, METRIC_CYCLES), 4000);
	/* The CPU time is known all along. */
	assert_int_equal(counted_value(&stage, &worker, METRIC_BUSY_NS), 40 * CLOCK_NS_PER_MS);
	burner_stop(&worker);
	counted_close(&stage);
}

static void a_group_that_never_runs_is_a_gap_and_then_taken_apart(void **state)
{
	struct counted stage;
	struct burner worker;
	const char *reason = "";

	(void)state;
	burner_start(&worker);
	counted_kernel =
		(struct counted_kernel){.pretend = true, .enabled_ns = 10 * CLOCK_NS_PER_MS};
	counted_open(&stage);
	counted_tick(&stage);
	burner_burn(&worker, 5 * CLOCK_NS_PER_MS);
	counted_tick(&stage);
	assert_int_equal(counted_gap(&stage, &worker, METRIC_CYCLES, &reason), ENODATA);
	assert_non_null(strstr(reason, "did not run"));
	burner_burn(&worker, 5 * CLOCK_NS_PER_MS);
	counted_tick(&stage);
	assert_int_equal(heard_notes(stage.context.feed, "take turns"), 1);
	counted_kernel.running_ns = counted_kernel.enabled_ns;
	counted_kernel.values[0] = counted_kernel.values[1] = 700;
	for (int i = 0; i < 3; i++) {
		burner_burn(&worker, 5 * CLOCK_NS_PER_MS);
		counted_tick(&stage);
	}
	assert_true(counted_value(&stage, &worker, METRIC_CYCLES) >= 700);
	assert_true(counted_value(&stage, &worker, METRIC_LLC_MISSES) >= 700);
	assert_int_equal(heard_notes(stage.context.feed, "take turns"), 1);
	burner_stop(&worker);
	counted_close(&stage);
}

static void an_event_that_counts_nothing_is_a_gap_and_not_zero(void **state)
{
	struct counted stage;
	struct burner worker;
	const char *reason = "";

	(void)state;
	burner_start(&worker);
	counted_kernel = (struct counted_kernel){
		.pretend = true,
		.values = {1000, 0, 10, 10},
		.enabled_ns = 20 * CLOCK_NS_PER_MS,
		.running_ns = 20 * CLOCK_NS_PER_MS,
	};
	counted_open(&stage);
	counted_tick(&stage);
	for (int i = 0; i < 4; i++) {
		burner_burn(&worker, 5 * CLOCK_NS_PER_MS);
		counted_tick(&stage);
		assert_int_equal(counted_value(&stage, &worker, METRIC_INSTRUCTIONS), -1);
	}
	assert_int_equal(counted_gap(&stage, &worker, METRIC_INSTRUCTIONS, &reason), ENODATA);
	assert_non_null(strstr(reason, "counts nothing"));
	assert_int_equal(counted_value(&stage, &worker, METRIC_CYCLES), 4000);
	/* Once it has counted, it is believed. */
	counted_kernel.values[1] = 5;
	for (int i = 0; i < 2; i++) {
		burner_burn(&worker, 5 * CLOCK_NS_PER_MS);
		counted_tick(&stage);
	}
	assert_int_equal(counted_value(&stage, &worker, METRIC_INSTRUCTIONS), 5);
	burner_stop(&worker);
	counted_close(&stage);
}

static int refuse_kernel(const struct perf_event_attr *attr, pid_t pid, int group_fd)
{
	(void)pid;
	(void)group_fd;
	if (!attr->exclude_kernel)
		return -EACCES;
	return attr->type == PERF_TYPE_SOFTWARE ? 0 : -ENOENT;
}

static void without_the_right_to_the_kernel_its_events_are_absent_and_not_zero(void **state)
{
	struct counted stage;
	struct burner worker;
	const char *reason = "", *remedy = "";

	(void)state;
	burner_start(&worker);
	counted_kernel = (struct counted_kernel){
		.refuse = refuse_kernel,
		.pretend = true,
		.values = {1000000, 3},
		.enabled_ns = CLOCK_NS_PER_MS,
		.running_ns = CLOCK_NS_PER_MS,
	};
	counted_open(&stage);
	assert_int_equal(stage.code, 0);
	assert_int_equal(heard_source(stage.context.feed, "counters", &reason, &remedy),
			 SOURCE_PARTIAL);
	assert_non_null(strstr(reason, "user mode only"));
	assert_non_null(strstr(remedy, "sudo "));
	counted_tick(&stage);
	burner_burn(&worker, 5 * CLOCK_NS_PER_MS);
	counted_tick(&stage);
	assert_int_equal(counted_value(&stage, &worker, METRIC_BUSY_NS), 1000000);
	assert_int_equal(counted_value(&stage, &worker, METRIC_PAGE_FAULTS), 3);
	assert_int_equal(counted_value(&stage, &worker, METRIC_CONTEXT_SWITCHES), -1);
	burner_stop(&worker);
	counted_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_refusal_ends_in_a_state_with_a_reason),
		cmocka_unit_test(
			a_thread_that_may_not_be_counted_is_a_gap_and_one_that_has_ended_is_not),
		cmocka_unit_test(an_event_that_is_refused_leaves_the_others),
		cmocka_unit_test(counters_that_take_turns_are_scaled_and_it_is_said),
		cmocka_unit_test(a_turn_that_was_missed_is_made_up_for_by_the_next_one),
		cmocka_unit_test(a_group_that_never_runs_is_a_gap_and_then_taken_apart),
		cmocka_unit_test(an_event_that_counts_nothing_is_a_gap_and_not_zero),
		cmocka_unit_test(
			without_the_right_to_the_kernel_its_events_are_absent_and_not_zero),
	};

	return cmocka_run_group_tests_name("counters_refused", tests, NULL, NULL);
}
