/* SPDX-License-Identifier: Apache-2.0 */
/* The micro-kernels do what they say they do: the sums they leave count their operations, the arrays are what was computed. */
#include "ceilings/kernel.h"

#include "base/memory.h"
#include "tests/support/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 3

struct block {
	_Alignas(64) unsigned char bytes[KERNEL_RESULT_BYTES];
};

static double half_to_double(uint16_t bits)
{
	int exponent = bits >> 10 & 31;

	return exponent ? ldexp(1 + (bits & 1023) / 1024.0, exponent - 15)
			: ldexp((bits & 1023) / 1024.0, -14);
}

/* The number at a place, of the type that sums of this kernel have. */
static double number_at(const unsigned char *at, enum kernel_type type, size_t *width)
{
	double fp64;
	float fp32;
	int32_t int32;
	uint16_t fp16;

	memcpy(&fp64, at, sizeof(fp64));
	memcpy(&fp32, at, sizeof(fp32));
	memcpy(&int32, at, sizeof(int32));
	memcpy(&fp16, at, sizeof(fp16));
	*width = type == KERNEL_FP64 ? 8 : type == KERNEL_FP16 ? 2 : 4;
	switch (type) {
	case KERNEL_FP64: return fp64;
	case KERNEL_FP16: return half_to_double(fp16);
	case KERNEL_INT8: return int32;
	case KERNEL_FP32:
	case KERNEL_BF16:
	case KERNEL_TYPES: break;
	}
	return (double)fp32;
}

/* With ones each fused operation adds one to a sum; with twos each multiplication doubles a product. */
static double count_operations(const struct kernel *kernel, const struct block *block)
{
	double operations = 0;
	size_t width;

	for (size_t at = 0; at < sizeof(block->bytes); at += width) {
		double number = number_at(block->bytes + at, kernel->type, &width);

		if (at < kernel->products * (size_t)16)
			operations += log2(number);
		else
			operations += kernel->products ? number : 2 * number;
	}
	return operations;
}

static void each_kernel_of_this_processor_does_the_operations_it_counts(void **state)
{
	struct block *block = aligned_alloc(64, sizeof(*block));
	uint32_t features = kernel_features();
	const struct kernel_family *family;
	size_t tried = 0;

	(void)state;
	assert_non_null(block);
	for (size_t i = 0; (family = kernel_family(i)); i++) {
		for (size_t j = 0; j < family->kernel_count; j++) {
			const struct kernel *kernel = &family->kernels[j];
			struct kernel_input input;
			uint64_t told;

			if ((features & kernel->features) != kernel->features)
				continue;
			memset(block, 0, sizeof(*block));
			kernel_input_for_count(kernel->type, &input);
			told = kernel->run(ROUNDS, &input, block->bytes);
			if ((double)told != count_operations(kernel, block))
				fail_msg("%s %s: %llu told, %g done", kernel->title,
					 kernel_type_name(kernel->type), (unsigned long long)told,
					 count_operations(kernel, block));
			tried++;
		}
	}
	assert_true(tried > 0);
	free(block);
}

/* Neither zero nor denormal nor infinite: these take other times on some units. */
static void at_work_the_sums_stay_finite(void **state)
{
	struct block *block = aligned_alloc(64, sizeof(*block));
	uint32_t features = kernel_features();
	const struct kernel_family *family;

	(void)state;
	assert_non_null(block);
	for (size_t i = 0; (family = kernel_family(i)); i++) {
		for (size_t j = 0; j < family->kernel_count; j++) {
			const struct kernel *kernel = &family->kernels[j];
			struct kernel_input input;
			size_t width;

			if ((features & kernel->features) != kernel->features)
				continue;
			memset(block, 0, sizeof(*block));
			kernel_input_for_work(kernel->type, &input);
			kernel->run(1000, &input, block->bytes);
			for (size_t at = 0; at < sizeof(block->bytes); at += width)
				assert_true(fabs(number_at(block->bytes + at, kernel->type,
							   &width)) < 1e6);
		}
	}
	free(block);
}

static void fill(double *array, size_t count, double first)
{
	for (size_t i = 0; i < count; i++)
		array[i] = first + (double)i;
}

static double expected(enum kernel_flow flow, double *const *arrays, size_t i)
{
	switch (flow) {
	case KERNEL_COPY: return arrays[1][i];
	case KERNEL_TRIAD: return arrays[1][i] * arrays[2][i] + arrays[3][i];
	case KERNEL_READ:
	case KERNEL_FLOWS: break;
	}
	return (double)i;
}

static void memory_kernels_copy_and_compute_all_of_the_arrays_and_no_more(void **state)
{
	uint32_t features = kernel_features();
	const struct kernel_family *family;
	size_t length = 3 * KERNEL_BLOCK_BYTES, count = length / sizeof(double);
	double *arrays[KERNEL_ARRAYS_MAX];

	(void)state;
	for (size_t i = 0; i < KERNEL_ARRAYS_MAX; i++) {
		arrays[i] = aligned_alloc(64, length + KERNEL_BLOCK_BYTES);
		assert_non_null(arrays[i]);
	}
	for (size_t i = 0; (family = kernel_family(i)); i++) {
		for (size_t j = 0; j < family->memory_count; j++) {
			const struct kernel_memory *memory = &family->memory[j];

			if ((features & memory->features) != memory->features)
				continue;
			for (size_t k = 0; k < KERNEL_ARRAYS_MAX; k++)
				fill(arrays[k], count + 1, 100.0 * (double)k);
			memory->run(arrays, length, 2);
			for (size_t k = 0; k < count; k++)
				assert_true(arrays[0][k] == expected(memory->flow, arrays, k));
			assert_true(arrays[0][count] == (double)count);
		}
	}
	for (size_t i = 0; i < KERNEL_ARRAYS_MAX; i++)
		free(arrays[i]);
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
		cmocka_unit_test(at_work_the_sums_stay_finite),
		cmocka_unit_test(memory_kernels_copy_and_compute_all_of_the_arrays_and_no_more),
		cmocka_unit_test(each_flow_has_a_kernel_that_every_processor_can_run),
	};

	return cmocka_run_group_tests_name("kernels", tests, NULL, NULL);
}
