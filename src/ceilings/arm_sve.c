/* SPDX-License-Identifier: Apache-2.0 */
/* SVE, whose vectors are as long as the processor makes them. */
#include "ceilings/arm_families.h"

#include "base/memory.h"

#define CLEAR(number, a, b) "mov z" number ".d, #0\n\t"
#define KEEP(number, a, b)  "str z" number ", [%[result], #" number ", mul vl]\n\t"
#define START		    ".arch armv8.2-a+sve\n\tptrue p0.d\n\t"

/* operations: of one instruction on 16 bytes of vector. */
#define SVE_KERNEL(function, extension, step, operations)                                         \
	static uint64_t function(uint64_t rounds, const struct kernel_input *input, void *result) \
	{                                                                                         \
		uint64_t left = rounds, vector_bytes;                                             \
                                                                                                  \
		__asm__ volatile(                                                                 \
			START extension                                                           \
			"cntb %[vector]\n\t"                                                      \
			"ld1rd {z24.d}, p0/z, [%[x]]\n\t"                                         \
			"ld1rd {z25.d}, p0/z, [%[up]]\n\t"                                        \
			"ld1rd {z26.d}, p0/z, [%[down]]\n\t" ARM_EACH_SUM(                        \
				CLEAR, , ) ".p2align 6\n"                                         \
					   "1:\n\t" ARM_EACH_SUM(step, "25", ) ARM_EACH_SUM(      \
						   step, "26", ) "subs %[left], %[left], #1\n\t"  \
								 "b.ne 1b\n\t" ARM_EACH_SUM(KEEP, \
											    , )   \
			: [left] "+&r"(left), [vector] "=&r"(vector_bytes)                        \
			: [x] "r"(&input->x), [up] "r"(&input->y[0]), [down] "r"(&input->y[1]),   \
			  [result] "r"(result)                                                    \
			: "p0", ARM_CLOBBERS);                                                    \
		return rounds * 2 * ARM_SUMS * (operations)*vector_bytes / 16;                    \
	}

#define FMLA_D(number, addend, b) "fmla z" number ".d, p0/m, z24.d, z" addend ".d\n\t"
#define FMLA_S(number, addend, b) "fmla z" number ".s, p0/m, z24.s, z" addend ".s\n\t"
#define FMLA_H(number, addend, b) "fmla z" number ".h, p0/m, z24.h, z" addend ".h\n\t"
#define BFMMLA(number, addend, b) "bfmmla z" number ".s, z24.h, z" addend ".h\n\t"
#define SDOT(number, addend, b)	  "sdot z" number ".s, z24.b, z" addend ".b\n\t"
#define SMMLA(number, addend, b)  "smmla z" number ".s, z24.b, z" addend ".b\n\t"

SVE_KERNEL(sve_fp64, "", FMLA_D, 4)
SVE_KERNEL(sve_fp32, "ptrue p0.s\n\t", FMLA_S, 8)
SVE_KERNEL(sve_fp16, "ptrue p0.h\n\t", FMLA_H, 16)
SVE_KERNEL(sve_bf16, ".arch armv8.2-a+sve+bf16\n\t", BFMMLA, 32)
SVE_KERNEL(sve_dot, "", SDOT, 32)
SVE_KERNEL(sve_i8mm, ".arch armv8.2-a+sve+i8mm\n\t", SMMLA, 64)

static const struct kernel kernels[] = {
	{KERNEL_FP64, "sve", "SVE FMA", KERNEL_SVE, 0, sve_fp64},
	{KERNEL_FP32, "sve", "SVE FMA", KERNEL_SVE, 0, sve_fp32},
	{KERNEL_FP16, "sve", "SVE FMA", KERNEL_SVE, 0, sve_fp16},
	{KERNEL_BF16, "sve", "SVE BFMMLA", KERNEL_SVE_BF16, 0, sve_bf16},
	{KERNEL_INT8, "sve", "SVE SMMLA", KERNEL_SVE_I8MM, 0, sve_i8mm},
	{KERNEL_INT8, "sve", "SVE SDOT", KERNEL_SVE, 0, sve_dot},
};

static void sve_read(double *const *arrays, size_t bytes, uint64_t passes)
{
	for (; passes; passes--) {
		const char *from = (const char *)arrays[0], *end = from + bytes;

		__asm__ volatile(START ".p2align 6\n"
				       "1:\n\t"
				       "ldr z0, [%[from]]\n\tldr z1, [%[from], #1, mul vl]\n\t"
				       "ldr z2, [%[from], #2, mul vl]\n\t"
				       "ldr z3, [%[from], #3, mul vl]\n\t"
				       "addvl %[from], %[from], #4\n\t"
				       "cmp %[from], %[end]\n\tb.lo 1b"
				 : [from] "+r"(from)
				 : [end] "r"(end)
				 : "p0", ARM_CLOBBERS);
	}
}

#define COPY(number, store)                                                                 \
	"ld1d {z" number ".d}, p0/z, [%[from], #" number ", mul vl]\n\t" store " {z" number \
	".d}, p0, [%[to], #" number ", mul vl]\n\t"

#define COPY_FUNCTION(function, store)                                                            \
	static void function(double *const *arrays, size_t bytes, uint64_t passes)                \
	{                                                                                         \
		for (; passes; passes--) {                                                        \
			const char *from = (const char *)arrays[1], *end = from + bytes;          \
			char *to = (char *)arrays[0];                                             \
                                                                                                  \
			__asm__ volatile(                                                         \
				START ".p2align 6\n"                                              \
				      "1:\n\t" COPY("0", store) COPY("1", store) COPY("2", store) \
					      COPY("3", store) "addvl %[from], %[from], #4\n\t"   \
							       "addvl %[to], %[to], #4\n\t"       \
							       "cmp %[from], %[end]\n\tb.lo 1b"   \
				: [from] "+r"(from), [to] "+r"(to)                                \
				: [end] "r"(end)                                                  \
				: "p0", ARM_CLOBBERS);                                            \
		}                                                                                 \
		__asm__ volatile("dmb ish" ::: "memory");                                         \
	}

#define TRIAD(number, factor, sum, store)                                         \
	"ld1d {z" number ".d}, p0/z, [%[b], #" number ", mul vl]\n\t"             \
	"ld1d {z" factor ".d}, p0/z, [%[c], #" number ", mul vl]\n\t"             \
	"ld1d {z" sum ".d}, p0/z, [%[d], #" number ", mul vl]\n\t"                \
	"fmla z" sum ".d, p0/m, z" number ".d, z" factor ".d\n\t" store " {z" sum \
	".d}, p0, [%[a], #" number ", mul vl]\n\t"

#define TRIAD_FUNCTION(function, store)                                                            \
	static void function(double *const *arrays, size_t bytes, uint64_t passes)                 \
	{                                                                                          \
		for (; passes; passes--) {                                                         \
			const char *b = (const char *)arrays[1], *end = b + bytes;                 \
			const char *c = (const char *)arrays[2], *d = (const char *)arrays[3];     \
			char *a = (char *)arrays[0];                                               \
                                                                                                   \
			__asm__ volatile(                                                          \
				START                                                              \
				".p2align 6\n"                                                     \
				"1:\n\t" TRIAD("0", "4", "16", store) TRIAD(                       \
					"1", "5", "17", store) TRIAD("2", "6", "18", store)        \
					TRIAD("3", "7", "19", store) "addvl %[a], %[a], #4\n\t"    \
								     "addvl %[b], %[b], #4\n\t"    \
								     "addvl %[c], %[c], #4\n\t"    \
								     "addvl %[d], %[d], #4\n\t"    \
								     "cmp %[b], %[end]\n\tb.lo 1b" \
				: [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d)               \
				: [end] "r"(end)                                                   \
				: "p0", ARM_CLOBBERS);                                             \
		}                                                                                  \
		__asm__ volatile("dmb ish" ::: "memory");                                          \
	}

COPY_FUNCTION(sve_copy, "st1d")
COPY_FUNCTION(sve_stream_copy, "stnt1d")
TRIAD_FUNCTION(sve_triad, "st1d")
TRIAD_FUNCTION(sve_stream_triad, "stnt1d")

static const struct kernel_memory memory[] = {
	{KERNEL_READ, "SVE", KERNEL_SVE, false, sve_read},
	{KERNEL_READ, "SVE", KERNEL_SVE, true, sve_read},
	{KERNEL_COPY, "SVE", KERNEL_SVE, false, sve_copy},
	{KERNEL_COPY, "SVE", KERNEL_SVE, true, sve_stream_copy},
	{KERNEL_TRIAD, "SVE", KERNEL_SVE, false, sve_triad},
	{KERNEL_TRIAD, "SVE", KERNEL_SVE, true, sve_stream_triad},
};

const struct kernel_family arm_sve_family = {kernels, ARRAY_SIZE(kernels), memory,
					     ARRAY_SIZE(memory)};
