/* SPDX-License-Identifier: Apache-2.0 */
/* The micro-kernels: loops that keep the arithmetic units or the path to memory as busy as can be. One table per family of
 * instruction sets; the build takes the families of the processor it builds for, the program those that this one has. */
#ifndef JOULETOP_KERNEL_H
#define JOULETOP_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a kernel needs of the processor and the kernel of the system. */
enum kernel_feature {
	KERNEL_FMA = 1 << 0, /* x86: AVX2 with FMA3 */
	KERNEL_AVX_VNNI = 1 << 1,
	KERNEL_AVX512 = 1 << 2,
	KERNEL_AVX512_FP16 = 1 << 3,
	KERNEL_AVX512_BF16 = 1 << 4,
	KERNEL_AVX512_VNNI = 1 << 5,
	KERNEL_AMX_BF16 = 1 << 6,
	KERNEL_AMX_INT8 = 1 << 7,
	KERNEL_NEON_FP16 = 1 << 8,
	KERNEL_NEON_BF16 = 1 << 9,
	KERNEL_NEON_DOT = 1 << 10,
	KERNEL_NEON_I8MM = 1 << 11,
	KERNEL_SVE = 1 << 12,
	KERNEL_SVE_BF16 = 1 << 13,
	KERNEL_SVE_I8MM = 1 << 14,
};

/* Those of this processor that the system lets us use; asks the system for them where it has to be asked. Main thread,
 * before others start. */
uint32_t kernel_features(void);

enum kernel_type { KERNEL_FP64, KERNEL_FP32, KERNEL_FP16, KERNEL_BF16, KERNEL_INT8, KERNEL_TYPES };

const char *kernel_type_name(enum kernel_type type); /* "fp64" */

/* Bits of 64, as often as the type goes into them. Each round adds x * y[0] and then x * y[1] to all sums; where there is no
 * fused instruction it adds y[0] and y[1], and multiplies products, which begin as `one`, by m[0] and m[1]. */
struct kernel_input {
	uint64_t x, y[2], m[2], one;
};

/* For work: sums and products go up and down and stay finite. */
void kernel_input_for_work(enum kernel_type type, struct kernel_input *input);
/* All ones, and twos for products: then the sums (of fp64, fp32, fp16; fp32 for bf16, int32 for int8) count what was done. */
void kernel_input_for_count(enum kernel_type type, struct kernel_input *input);

#define KERNEL_RESULT_BYTES 8192

struct kernel {
	enum kernel_type type;
	const char *set;   /* "avx512" */
	const char *title; /* "AVX-512 FMA" */
	uint32_t features;
	/* First in the result: so many products of 16 bytes, whose sums then are plain additions. 0 = fused. */
	unsigned products;
	/* rounds >= 1; result: KERNEL_RESULT_BYTES, aligned to 64. Returns the operations done (a fused one is two). */
	uint64_t (*run)(uint64_t rounds, const struct kernel_input *input, void *result);
};

#define KERNEL_ARRAYS_MAX 4

/* A multiple of what every memory kernel does at once in each array. */
#define KERNEL_BLOCK_BYTES 1024

enum kernel_flow { KERNEL_READ, KERNEL_COPY, KERNEL_TRIAD, KERNEL_FLOWS };

const char *kernel_flow_name(enum kernel_flow flow); /* "read" */
unsigned kernel_flow_arrays(enum kernel_flow flow);  /* 1, 2, 4 */

/* read: loads arrays[0]; copy: arrays[0] = arrays[1]; triad: arrays[0] = arrays[1] * arrays[2] + arrays[3]. */
struct kernel_memory {
	enum kernel_flow flow;
	const char *title; /* "AVX-512" */
	uint32_t features;
	bool streams; /* stores past the caches; of no meaning for read */
	/* Each array from its beginning, bytes (a multiple of KERNEL_BLOCK_BYTES, not 0) long, aligned to 64. */
	void (*run)(double *const *arrays, size_t bytes, uint64_t passes);
};

struct kernel_family {
	const struct kernel *kernels;
	size_t kernel_count;
	const struct kernel_memory *memory;
	size_t memory_count;
};

/* The families built in, by index; NULL beyond. Of kernels for the same set and type the first that the processor has is
 * meant; of memory kernels the first for a flow. */
const struct kernel_family *kernel_family(size_t index);

#endif
