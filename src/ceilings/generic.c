/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels in plain C, for processors that have none of their own: what the compiler makes of them. */
#include "ceilings/kernel.h"

#include "base/memory.h"

#include <string.h>

#define SUMS 8

#define SUMS_KERNEL(function, number)                                                             \
	static uint64_t function(uint64_t rounds, const struct kernel_input *input, void *result) \
	{                                                                                         \
		number sums[SUMS] = {0}, x, y[2];                                                 \
                                                                                                  \
		memcpy(&x, &input->x, sizeof(x));                                                 \
		memcpy(&y[0], &input->y[0], sizeof(x));                                           \
		memcpy(&y[1], &input->y[1], sizeof(x));                                           \
		for (uint64_t i = 0; i < rounds; i++) {                                           \
			for (int j = 0; j < SUMS; j++)                                            \
				sums[j] += x * y[0];                                              \
			/* The compiler may not take both steps together. */                      \
			__asm__ volatile("" : "+m"(y));                                           \
			for (int j = 0; j < SUMS; j++)                                            \
				sums[j] += x * y[1];                                              \
		}                                                                                 \
		memcpy(result, sums, sizeof(sums));                                               \
		return rounds * 2 * 2 * SUMS;                                                     \
	}

SUMS_KERNEL(generic_fp64, double)
SUMS_KERNEL(generic_fp32, float)

static const struct kernel kernels[] = {
	{KERNEL_FP64, "scalar", "compiled", 0, 0, generic_fp64},
	{KERNEL_FP32, "scalar", "compiled", 0, 0, generic_fp32},
};

static void generic_read(double *const *arrays, size_t bytes, uint64_t passes)
{
	const double *from = arrays[0];
	double sums[SUMS] = {0};

	for (; passes; passes--) {
		for (size_t i = 0; i < bytes / sizeof(*from); i += SUMS) {
			for (size_t j = 0; j < SUMS; j++)
				sums[j] += from[i + j];
		}
		__asm__ volatile("" ::"r"(sums) : "memory");
	}
}

static void generic_copy(double *const *arrays, size_t bytes, uint64_t passes)
{
	for (; passes; passes--) {
		memcpy(arrays[0], arrays[1], bytes);
		__asm__ volatile("" ::: "memory");
	}
}

static void generic_triad(double *const *arrays, size_t bytes, uint64_t passes)
{
	double *a = arrays[0];
	const double *b = arrays[1], *c = arrays[2], *d = arrays[3];

	for (; passes; passes--) {
		for (size_t i = 0; i < bytes / sizeof(*a); i++)
			a[i] = b[i] * c[i] + d[i];
		__asm__ volatile("" ::: "memory");
	}
}

static const struct kernel_memory memory[] = {
	{KERNEL_READ, "compiled", 0, false, generic_read},
	{KERNEL_READ, "compiled", 0, true, generic_read},
	{KERNEL_COPY, "compiled", 0, false, generic_copy},
	{KERNEL_COPY, "compiled", 0, true, generic_copy},
	{KERNEL_TRIAD, "compiled", 0, false, generic_triad},
	{KERNEL_TRIAD, "compiled", 0, true, generic_triad},
};

static const struct kernel_family generic_family = {kernels, ARRAY_SIZE(kernels), memory,
						    ARRAY_SIZE(memory)};

const struct kernel_family *kernel_family(size_t index)
{
	return index == 0 ? &generic_family : NULL;
}

uint32_t kernel_features(void)
{
	return 0;
}
