/* SPDX-License-Identifier: Apache-2.0 */
/* perf events: scaling, groups, and what an error means. */
#include "measure/perfevent.h"
#include "tests/support/cmocka_all.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void a_counter_that_ran_all_the_time_is_exact(void **state)
{
	struct perfevent_reading before = {100, 100, 1, {7}},
				 after = {1100, 1100, 1, {UINT64_MAX / 2}};
	uint64_t increase;

	(void)state;
	assert_int_equal(perfevent_increase(&before, &after, 0, &increase), 0);
	assert_true(increase == UINT64_MAX / 2 - 7);
}

static void a_counter_that_ran_half_the_time_counts_double(void **state)
{
	struct perfevent_reading before = {1000, 900, 2, {10, 500}},
				 after = {3000, 1900, 2, {110, 500}};
	uint64_t increase;

	(void)state;
	assert_int_equal(perfevent_increase(&before, &after, 0, &increase), 0);
	assert_int_equal(increase, 200);
	assert_int_equal(perfevent_increase(&before, &after, 1, &increase), 0);
	assert_int_equal(increase, 0);
}

static void large_counts_are_scaled_without_overflow(void **state)
{
	struct perfevent_reading before = {0, 0, 1, {0}};
	struct perfevent_reading after = {
		UINT64_C(4000000000000), UINT64_C(3000000000000), 1, {UINT64_C(3000000000000000)}};
	uint64_t increase;

	(void)state;
	assert_int_equal(perfevent_increase(&before, &after, 0, &increase), 0);
	assert_true(increase == UINT64_C(4000000000000000));
}

static void a_counter_that_did_not_run_is_unknown_and_not_zero(void **state)
{
	struct perfevent_reading before = {1000, 900, 1, {10}}, after = {3000, 900, 1, {10}};
	uint64_t increase = 77;

	(void)state;
	assert_int_equal(perfevent_increase(&before, &after, 0, &increase), -ENODATA);
	assert_int_equal(increase, 77);
}

static void a_turn_stands_for_the_time_before_it_in_which_there_was_none(void **state)
{
	struct perfevent_reading before = {1000, 500, 1, {10}}, missed = {3000, 500, 1, {10}},
				 turn = {5000, 1500, 1, {110}};
	uint64_t increase;

	(void)state;
	assert_true(perfevent_waits(&before, &missed));
	assert_false(perfevent_waits(&before, &turn));
	assert_int_equal(perfevent_increase(&before, &turn, 0, &increase), 0);
	assert_int_equal(increase, 400);
	/* What was not enabled misses no turn. */
	assert_false(perfevent_waits(&before, &before));
	/* So long a time is lost. */
	missed.enabled_ns = before.enabled_ns + PERFEVENT_WAIT_MAX_NS;
	assert_true(perfevent_waits(&before, &missed));
	missed.enabled_ns++;
	assert_false(perfevent_waits(&before, &missed));
}

static void a_counter_that_fell_is_refused(void **state)
{
	struct perfevent_reading before = {1000, 900, 1, {10}}, after = {3000, 2900, 1, {9}};
	uint64_t increase;

	(void)state;
	assert_int_equal(perfevent_increase(&before, &after, 0, &increase), -ERANGE);
	assert_int_equal(perfevent_increase(&before, &after, 1, &increase), -EINVAL);
}

static void a_group_of_software_events_counts_this_thread(void **state)
{
	struct perf_event_attr clock = {.type = PERF_TYPE_SOFTWARE,
					.config = PERF_COUNT_SW_TASK_CLOCK};
	struct perf_event_attr faults = {.type = PERF_TYPE_SOFTWARE,
					 .config = PERF_COUNT_SW_PAGE_FAULTS};
	struct perfevent_reading before, after;
	uint64_t increase;

	(void)state;
	clock.exclude_kernel = faults.exclude_kernel = 1;
	int leader = perfevent_open(&clock, 0, -1, -1);

	if (leader < 0)
		skip();
	int member = perfevent_open(&faults, 0, -1, leader);

	assert_true(member >= 0);
	assert_int_equal(perfevent_read(leader, &before), 0);
	assert_int_equal(before.count, 2);
	do {
		assert_int_equal(perfevent_read(leader, &after), 0);
		assert_int_equal(perfevent_increase(&before, &after, 0, &increase), 0);
	} while (increase == 0);
	assert_true(after.running_ns >= before.running_ns);
	close(member);
	close(leader);
	assert_int_equal(perfevent_read(leader, &after), -EBADF);
}

static void an_impossible_event_is_refused_with_its_errno(void **state)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE, .config = 0xffff};
	int code = perfevent_open(&attr, 0, -1, -1);

	(void)state;
	assert_true(code < 0);
}

static void every_error_has_a_sentence_of_its_own(void **state)
{
	static const int codes[] = {EACCES, EPERM, ENOENT,     EMFILE, EINVAL,
				    ENODEV, EBUSY, EOPNOTSUPP, ENOSYS, ESRCH};
	enum { COUNT = sizeof(codes) / sizeof(codes[0]) };
	struct error errors[COUNT];
	struct sysroot root;

	(void)state;
	if (sysroot_open(&root, NULL) < 0)
		skip();
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(perfevent_explain(&root, codes[i], "cycles", &errors[i]),
				 -codes[i]);
		assert_int_equal(errors[i].code, codes[i]);
		assert_int_equal(strncmp(errors[i].text, "cycles: ", 8), 0);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(errors[i].text, errors[k].text);
	}
	assert_non_null(strstr(errors[0].text, "setcap cap_perfmon+ep "));
	assert_non_null(strstr(errors[3].text, "ulimit -n"));
	/* A code that nobody expected is named all the same. */
	assert_int_equal(perfevent_explain(&root, -EIO, "cycles", &errors[0]), -EIO);
	assert_non_null(strstr(errors[0].text, "EIO"));
	assert_int_equal(perfevent_explain(&root, EIO, "cycles", NULL), -EIO);
	sysroot_close(&root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_counter_that_ran_all_the_time_is_exact),
		cmocka_unit_test(a_counter_that_ran_half_the_time_counts_double),
		cmocka_unit_test(large_counts_are_scaled_without_overflow),
		cmocka_unit_test(a_counter_that_did_not_run_is_unknown_and_not_zero),
		cmocka_unit_test(a_turn_stands_for_the_time_before_it_in_which_there_was_none),
		cmocka_unit_test(a_counter_that_fell_is_refused),
		cmocka_unit_test(a_group_of_software_events_counts_this_thread),
		cmocka_unit_test(an_impossible_event_is_refused_with_its_errno),
		cmocka_unit_test(every_error_has_a_sentence_of_its_own),
	};

	return cmocka_run_group_tests_name("perfevent", tests, NULL, NULL);
}
