/* SPDX-License-Identifier: Apache-2.0 */
/* Which ceilings are measured on which machine, and that measuring can be ended. */
#include "ceilings/ceilings.h"

#include "base/clock.h"
#include "ceilings/cores.h"
#include "tests/support/cmocka_all.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define KIB INT64_C(1024)
#define MIB (1024 * KIB)

static const struct ceilings_machine server = {
	.cores = 8,
	.one_bytes = {48 * KIB, 2 * MIB, 64 * MIB},
	.each_bytes = {48 * KIB, 2 * MIB, 8 * MIB},
	.last_bytes = 64 * MIB,
	.memory_bytes = 16 * 1024 * MIB,
};

static const struct ceiling *find(const struct ceilings *ceilings, const char *key)
{
	for (size_t i = 0; i < ceilings->count; i++) {
		if (strcmp(ceilings->rows[i].key, key) == 0)
			return &ceilings->rows[i];
	}
	fail_msg("%s is not planned", key);
	return NULL;
}

static void no_key_is_planned_twice(void **state)
{
	struct ceilings_machine machine = server;
	struct ceilings ceilings;

	(void)state;
	for (uint32_t features = 0; features < 2; features++) {
		machine.features = features ? UINT32_MAX : 0;
		ceilings_plan(&machine, &ceilings);
		for (size_t i = 0; i < ceilings.count; i++) {
			for (size_t j = 0; j < i; j++)
				assert_string_not_equal(ceilings.rows[i].key, ceilings.rows[j].key);
		}
		ceilings_finish(&ceilings);
	}
}

static void what_the_processor_lacks_is_listed_with_its_reason_and_not_run(void **state)
{
	struct ceilings_machine machine = server;
	struct ceilings ceilings;
	size_t left_out = 0;

	(void)state;
	ceilings_plan(&machine, &ceilings);
	for (size_t i = 0; i < ceilings.count; i++) {
		const struct ceiling *row = &ceilings.rows[i];

		if (row->kernel && row->kernel->features)
			assert_true(row->reason[0] != '\0');
		left_out += row->reason[0] != '\0';
	}
	assert_int_equal(ceilings_planned(&ceilings), ceilings.count - left_out);
	ceilings_finish(&ceilings);
	machine.features = UINT32_MAX;
	ceilings_plan(&machine, &ceilings);
	assert_int_equal(ceilings_planned(&ceilings), ceilings.count);
	ceilings_finish(&ceilings);
}

static void scalar_is_fused_where_the_processor_can(void **state)
{
	struct ceilings_machine machine = server;
	struct ceilings ceilings;
	const struct ceiling *plain, *fused;

	(void)state;
	if (!kernel_family(1))
		skip();
	ceilings_plan(&machine, &ceilings);
	plain = find(&ceilings, "roof/1/fp64/scalar");
	assert_true(plain->kernel->products > 0);
	assert_string_equal(plain->reason, "");
	ceilings_finish(&ceilings);
	machine.features = UINT32_MAX;
	ceilings_plan(&machine, &ceilings);
	fused = find(&ceilings, "roof/1/fp64/scalar");
	assert_int_equal(fused->kernel->products, 0);
	ceilings_finish(&ceilings);
}

static void working_sets_lie_in_their_level(void **state)
{
	struct ceilings ceilings;

	(void)state;
	ceilings_plan(&server, &ceilings);
	assert_int_equal(find(&ceilings, "roof/1/read/l1")->bytes, 24 * KIB);
	assert_int_equal(find(&ceilings, "roof/1/read/l2")->bytes, 1 * MIB);
	assert_int_equal(find(&ceilings, "roof/1/copy/l3")->bytes, 32 * MIB);
	assert_int_equal(find(&ceilings, "roof/all/copy/l3")->bytes, 6 * MIB);
	assert_int_equal(find(&ceilings, "roof/1/triad/dram")->bytes, 512 * MIB);
	assert_int_equal(find(&ceilings, "roof/all/triad/dram")->bytes, 64 * MIB);
	assert_false(find(&ceilings, "roof/1/copy/l2")->memory->streams);
	assert_true(find(&ceilings, "roof/1/copy/dram")->memory->streams);
	ceilings_finish(&ceilings);
}

static void a_level_that_cannot_be_told_apart_is_left_out(void **state)
{
	struct ceilings_machine machine = server;
	struct ceilings ceilings;

	(void)state;
	machine.each_bytes[2] = 1 * MIB; /* a last level as large as half of that before it */
	machine.one_bytes[1] = 0;	 /* and one that is unknown */
	machine.memory_bytes = 100 * MIB;
	ceilings_plan(&machine, &ceilings);
	assert_non_null(strstr(find(&ceilings, "roof/all/read/l3")->reason, "hardly larger"));
	assert_non_null(strstr(find(&ceilings, "roof/1/read/l2")->reason, "no such cache"));
	assert_non_null(strstr(find(&ceilings, "roof/1/read/dram")->reason, "memory is short"));
	ceilings_finish(&ceilings);
}

static void a_control_group_makes_all_cores_fewer(void **state)
{
	static const struct {
		double limit;
		size_t cores;
	} cases[] = {{0, 8}, {2.5, 2}, {0.3, 1}, {8, 8}, {100, 8}};
	struct ceilings_machine machine = server;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ceilings ceilings;

		machine.cpu_limit = cases[i].limit;
		ceilings_plan(&machine, &ceilings);
		assert_int_equal(ceilings.cores, cases[i].cores);
		assert_int_equal(ceilings.cores_allowed, 8);
		assert_int_equal(find(&ceilings, "roof/all/read/l1")->cores, cases[i].cores);
		assert_int_equal(find(&ceilings, "roof/1/read/l1")->cores, 1);
		ceilings_finish(&ceilings);
	}
}

static bool after_two(void *user, size_t done, size_t count, const struct ceiling *next)
{
	(void)count;
	(void)next;
	*(size_t *)user = done;
	return done < 2;
}

static void measuring_ends_when_it_is_told_to(void **state)
{
	struct ceilings_machine seen;
	struct ceilings ceilings;
	struct cores *cores;
	struct error err = {0};
	size_t done = 0;
	struct ceilings_options options = {
		.time_ns = CLOCK_NS_PER_S, .go_on = after_two, .user = &done};

	(void)state;
	assert_int_equal(cores_open(&cores, &err), 0);
	ceilings_look(cores, 0, 0, &seen);
	assert_true(seen.cores >= 1);
	ceilings_plan(&seen, &ceilings);
	assert_int_equal(ceilings_measure(&ceilings, cores, &options, &err), -EINTR);
	assert_int_equal(done, 2);
	/* A machine that is too busy gives no number rather than a wrong one. */
	for (size_t i = 0; i < 2; i++) {
		assert_true(isnan(ceilings.rows[i].per_s) || ceilings.rows[i].per_s > 1e6);
		assert_true(ceilings.rows[i].end_ns > ceilings.rows[i].begin_ns);
	}
	assert_true(isnan(ceilings.rows[2].per_s));
	ceilings_finish(&ceilings);
	cores_close(cores);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_key_is_planned_twice),
		cmocka_unit_test(what_the_processor_lacks_is_listed_with_its_reason_and_not_run),
		cmocka_unit_test(scalar_is_fused_where_the_processor_can),
		cmocka_unit_test(working_sets_lie_in_their_level),
		cmocka_unit_test(a_level_that_cannot_be_told_apart_is_left_out),
		cmocka_unit_test(a_control_group_makes_all_cores_fewer),
		cmocka_unit_test(measuring_ends_when_it_is_told_to),
	};

	return cmocka_run_group_tests_name("ceilings", tests, NULL, NULL);
}
