/* SPDX-License-Identifier: Apache-2.0 */
/* Runs kernels with ones and counts what they did. */
#include "tests/support/counted_kernels.h"

#include <math.h>
#include <stdio.h>
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
	union {
		double fp64;
		float fp32;
		int32_t int32;
		uint16_t fp16;
	} number;

	*width = type == KERNEL_FP64 ? 8 : type == KERNEL_FP16 ? 2 : 4;
	memcpy(&number, at, *width);
	switch (type) {
	case KERNEL_FP64: return number.fp64;
	case KERNEL_FP16: return half_to_double(number.fp16);
	case KERNEL_INT8: return number.int32;
	case KERNEL_FP32:
	case KERNEL_BF16:
	case KERNEL_TYPES: break;
	}
	return (double)number.fp32;
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

static int run_kernel(const struct kernel *kernel, struct block *block, char *what, size_t size)
{
	struct kernel_input input;
	double told, done;
	size_t width;

	memset(block, 0, sizeof(*block));
	kernel_input_for_count(kernel->type, &input);
	told = (double)kernel->run(ROUNDS, &input, block->bytes);
	done = count_operations(kernel, block);
	if (told != done) {
		snprintf(what, size, "%s %s: %g told, %g done", kernel->title,
			 kernel_type_name(kernel->type), told, done);
		return -1;
	}
	/* Neither not-a-number nor infinite: these take other times on some units. */
	memset(block, 0, sizeof(*block));
	kernel_input_for_work(kernel->type, &input);
	kernel->run(1000, &input, block->bytes);
	for (size_t at = 0; at < sizeof(block->bytes); at += width) {
		if (fabs(number_at(block->bytes + at, kernel->type, &width)) < 1e6)
			continue;
		snprintf(what, size, "%s %s: a sum ran away", kernel->title,
			 kernel_type_name(kernel->type));
		return -1;
	}
	return 1;
}

int counted_kernels(char *what, size_t size)
{
	struct block *block = aligned_alloc(64, sizeof(*block));
	uint32_t features = kernel_features();
	const struct kernel_family *family;
	int tried = 0;

	for (size_t i = 0; block && tried >= 0 && (family = kernel_family(i)); i++) {
		for (size_t j = 0; j < family->kernel_count && tried >= 0; j++) {
			const struct kernel *kernel = &family->kernels[j];

			if ((features & kernel->features) != kernel->features)
				continue;
			tried = run_kernel(kernel, block, what, size) < 0 ? -1 : tried + 1;
		}
	}
	free(block);
	return tried;
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

static bool is_right(const struct kernel_memory *memory, double *const *arrays, size_t count)
{
	for (size_t i = 0; i < KERNEL_ARRAYS_MAX; i++)
		fill(arrays[i], count + 1, 100.0 * (double)i);
	memory->run(arrays, count * sizeof(double), 2);
	for (size_t i = 0; i < count; i++) {
		if (arrays[0][i] != expected(memory->flow, arrays, i))
			return false;
	}
	return arrays[0][count] == (double)count;
}

int counted_memory(char *what, size_t size)
{
	size_t length = 3 * KERNEL_BLOCK_BYTES, tried = 0;
	uint32_t features = kernel_features();
	const struct kernel_family *family;
	double *arrays[KERNEL_ARRAYS_MAX];
	bool right = true;

	for (size_t i = 0; i < KERNEL_ARRAYS_MAX; i++)
		arrays[i] = aligned_alloc(64, length + KERNEL_BLOCK_BYTES);
	for (size_t i = 0; right && (family = kernel_family(i)); i++) {
		for (size_t j = 0; j < family->memory_count && right; j++) {
			const struct kernel_memory *memory = &family->memory[j];

			if ((features & memory->features) != memory->features)
				continue;
			right = is_right(memory, arrays, length / sizeof(double));
			tried++;
			if (!right)
				snprintf(what, size, "%s %s%s", memory->title,
					 kernel_flow_name(memory->flow),
					 memory->streams ? ", streaming" : "");
		}
	}
	for (size_t i = 0; i < KERNEL_ARRAYS_MAX; i++)
		free(arrays[i]);
	return right ? (int)tried : -1;
}
