/* SPDX-License-Identifier: Apache-2.0 */
/* The micro-kernels do what they say they do: the sums they leave count their operations, the arrays are what was computed. */
#include "tests/support/counted_kernels.h"

#include "tests/support/cmocka_all.h"

static void each_kernel_of_this_processor_does_the_operations_it_counts(void **state)
{
	char what[128] = "";

	(void)state;
	if (counted_kernels(what, sizeof(what)) <= 0)
		fail_msg("%s", what);
}

static void memory_kernels_copy_and_compute_all_of_the_arrays_and_no_more(void **state)
{
	char what[128] = "";

	(void)state;
	if (counted_memory(what, sizeof(what)) <= 0)
		fail_msg("%s", what);
}

static void each_flow_has_a_kernel_that_every_processor_can_run(void **state)
{
	bool has[KERNEL_FLOWS][2] = {{false}};
	const struct kernel_family *family;

	(void)state;
	for (size_t i = 0; (family = kernel_family(i)); i++) {
		for (size_t j = 0; j < family->memory_count; j++) {
			if (family->memory[j].features == 0)
				has[family->memory[j].flow][family->memory[j].streams] = true;
		}
	}
	for (size_t flow = 0; flow < KERNEL_FLOWS; flow++)
		assert_true(has[flow][0] && has[flow][1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kernel_of_this_processor_does_the_operations_it_counts),
		cmocka_unit_test(memory_kernels_copy_and_compute_all_of_the_arrays_and_no_more),
		cmocka_unit_test(each_flow_has_a_kernel_that_every_processor_can_run),
	};

	return cmocka_run_group_tests_name("kernels", tests, NULL, NULL);
}
