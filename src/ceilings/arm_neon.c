/* SPDX-License-Identifier: Apache-2.0 */
/* What every 64-bit Arm has: NEON, one number at a time or a vector of 128 bits; half precision, bfloat16 and int8 where it
 * has them. */
#include "ceilings/arm_families.h"

#include "base/memory.h"

#define CLEAR(number, a, b) "movi v" number ".2d, #0\n\t"
#define SCALAR(number, size, addend) \
	"fmadd " size number ", " size "24, " size addend ", " size number "\n\t"
#define KEEP(number, a, b) "str q" number ", [%[result], #16*" number "]\n\t"

/* extension: what the assembler must be told; ups, downs: the instructions on all sums with y[0] and y[1]. */
#define NEON_KERNEL(function, extension, ups, downs, operations)                                   \
	static uint64_t function(uint64_t rounds, const struct kernel_input *input, void *result)  \
	{                                                                                          \
		uint64_t left = rounds;                                                            \
                                                                                                   \
		__asm__ volatile(extension "ld1r {v24.2d}, [%[x]]\n\t"                             \
					   "ld1r {v25.2d}, [%[up]]\n\t"                            \
					   "ld1r {v26.2d}, [%[down]]\n\t" ARM_EACH_SUM(            \
						   CLEAR, , ) ".p2align 6\n"                       \
							      "1:\n\t" ups downs                   \
							      "subs %[left], %[left], #1\n\t"      \
							      "b.ne 1b\n\t" ARM_EACH_SUM(KEEP, , ) \
				 : [left] "+r"(left)                                               \
				 : [x] "r"(&input->x), [up] "r"(&input->y[0]),                     \
				   [down] "r"(&input->y[1]), [result] "r"(result)                  \
				 : ARM_CLOBBERS);                                                  \
		return rounds * 2 * ARM_SUMS * (operations);                                       \
	}

#define FMLA_2D(number, addend, b) "fmla v" number ".2d, v24.2d, v" addend ".2d\n\t"
#define FMLA_4S(number, addend, b) "fmla v" number ".4s, v24.4s, v" addend ".4s\n\t"
#define FMLA_8H(number, addend, b) "fmla v" number ".8h, v24.8h, v" addend ".8h\n\t"
#define BFMMLA(number, addend, b)  "bfmmla v" number ".4s, v24.8h, v" addend ".8h\n\t"
#define SDOT(number, addend, b)	   "sdot v" number ".4s, v24.16b, v" addend ".16b\n\t"
#define SMMLA(number, addend, b)   "smmla v" number ".4s, v24.16b, v" addend ".16b\n\t"

NEON_KERNEL(scalar_fp64, "", ARM_EACH_SUM(SCALAR, "d", "25"), ARM_EACH_SUM(SCALAR, "d", "26"), 2)
NEON_KERNEL(scalar_fp32, "", ARM_EACH_SUM(SCALAR, "s", "25"), ARM_EACH_SUM(SCALAR, "s", "26"), 2)
NEON_KERNEL(neon_fp64, "", ARM_EACH_SUM(FMLA_2D, "25", ), ARM_EACH_SUM(FMLA_2D, "26", ), 4)
NEON_KERNEL(neon_fp32, "", ARM_EACH_SUM(FMLA_4S, "25", ), ARM_EACH_SUM(FMLA_4S, "26", ), 8)
NEON_KERNEL(neon_fp16, ".arch armv8.2-a+fp16\n\t", ARM_EACH_SUM(FMLA_8H, "25", ),
	    ARM_EACH_SUM(FMLA_8H, "26", ), 16)
NEON_KERNEL(neon_bf16, ".arch armv8.2-a+bf16\n\t", ARM_EACH_SUM(BFMMLA, "25", ),
	    ARM_EACH_SUM(BFMMLA, "26", ), 32)
NEON_KERNEL(neon_dot, ".arch armv8.2-a+dotprod\n\t", ARM_EACH_SUM(SDOT, "25", ),
	    ARM_EACH_SUM(SDOT, "26", ), 32)
NEON_KERNEL(neon_i8mm, ".arch armv8.2-a+i8mm\n\t", ARM_EACH_SUM(SMMLA, "25", ),
	    ARM_EACH_SUM(SMMLA, "26", ), 64)

static const struct kernel kernels[] = {
	{KERNEL_FP64, "scalar", "scalar FMA", 0, 0, scalar_fp64},
	{KERNEL_FP32, "scalar", "scalar FMA", 0, 0, scalar_fp32},
	{KERNEL_FP64, "neon", "NEON FMA", 0, 0, neon_fp64},
	{KERNEL_FP32, "neon", "NEON FMA", 0, 0, neon_fp32},
	{KERNEL_FP16, "neon", "NEON FMA", KERNEL_NEON_FP16, 0, neon_fp16},
	{KERNEL_BF16, "neon", "NEON BFMMLA", KERNEL_NEON_BF16, 0, neon_bf16},
	{KERNEL_INT8, "neon", "NEON SMMLA", KERNEL_NEON_I8MM, 0, neon_i8mm},
	{KERNEL_INT8, "neon", "NEON SDOT", KERNEL_NEON_DOT, 0, neon_dot},
};

static void neon_read(double *const *arrays, size_t bytes, uint64_t passes)
{
	for (; passes; passes--) {
		const char *from = (const char *)arrays[0], *end = from + bytes;

		__asm__ volatile(".p2align 6\n"
				 "1:\n\t"
				 "ldp q0, q1, [%[from]]\n\tldp q2, q3, [%[from], #32]\n\t"
				 "ldp q4, q5, [%[from], #64]\n\tldp q6, q7, [%[from], #96]\n\t"
				 "add %[from], %[from], #128\n\t"
				 "cmp %[from], %[end]\n\tb.lo 1b"
				 : [from] "+r"(from)
				 : [end] "r"(end)
				 : ARM_CLOBBERS);
	}
}

#define COPY_FUNCTION(function, store)                                                            \
	static void function(double *const *arrays, size_t bytes, uint64_t passes)                \
	{                                                                                         \
		for (; passes; passes--) {                                                        \
			const char *from = (const char *)arrays[1], *end = from + bytes;          \
			char *to = (char *)arrays[0];                                             \
                                                                                                  \
			__asm__ volatile(".p2align 6\n"                                           \
					 "1:\n\t"                                                 \
					 "ldp q0, q1, [%[from]]\n\t"                              \
					 "ldp q2, q3, [%[from], #32]\n\t" store                   \
					 " q0, q1, [%[to]]\n\t" store " q2, q3, [%[to], #32]\n\t" \
					 "add %[from], %[from], #64\n\tadd %[to], %[to], #64\n\t" \
					 "cmp %[from], %[end]\n\tb.lo 1b"                         \
					 : [from] "+r"(from), [to] "+r"(to)                       \
					 : [end] "r"(end)                                         \
					 : ARM_CLOBBERS);                                         \
		}                                                                                 \
		__asm__ volatile("dmb ish" ::: "memory");                                         \
	}

#define TRIAD_FUNCTION(function, store)                                                            \
	static void function(double *const *arrays, size_t bytes, uint64_t passes)                 \
	{                                                                                          \
		for (; passes; passes--) {                                                         \
			const char *b = (const char *)arrays[1], *end = b + bytes;                 \
			const char *c = (const char *)arrays[2], *d = (const char *)arrays[3];     \
			char *a = (char *)arrays[0];                                               \
                                                                                                   \
			__asm__ volatile(                                                          \
				".p2align 6\n"                                                     \
				"1:\n\t"                                                           \
				"ldp q0, q1, [%[b]]\n\tldp q2, q3, [%[b], #32]\n\t"                \
				"ldp q4, q5, [%[c]]\n\tldp q6, q7, [%[c], #32]\n\t"                \
				"ldp q16, q17, [%[d]]\n\tldp q18, q19, [%[d], #32]\n\t"            \
				"fmla v16.2d, v0.2d, v4.2d\n\tfmla v17.2d, v1.2d, v5.2d\n\t"       \
				"fmla v18.2d, v2.2d, v6.2d\n\tfmla v19.2d, v3.2d, v7.2d\n\t" store \
				" q16, q17, [%[a]]\n\t" store " q18, q19, [%[a], #32]\n\t"         \
				"add %[a], %[a], #64\n\tadd %[b], %[b], #64\n\t"                   \
				"add %[c], %[c], #64\n\tadd %[d], %[d], #64\n\t"                   \
				"cmp %[b], %[end]\n\tb.lo 1b"                                      \
				: [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d)               \
				: [end] "r"(end)                                                   \
				: ARM_CLOBBERS);                                                   \
		}                                                                                  \
		__asm__ volatile("dmb ish" ::: "memory");                                          \
	}

COPY_FUNCTION(neon_copy, "stp")
COPY_FUNCTION(neon_stream_copy, "stnp")
TRIAD_FUNCTION(neon_triad, "stp")
TRIAD_FUNCTION(neon_stream_triad, "stnp")

static const struct kernel_memory memory[] = {
	{KERNEL_READ, "NEON", 0, false, neon_read},
	{KERNEL_READ, "NEON", 0, true, neon_read},
	{KERNEL_COPY, "NEON", 0, false, neon_copy},
	{KERNEL_COPY, "NEON", 0, true, neon_stream_copy},
	{KERNEL_TRIAD, "NEON", 0, false, neon_triad},
	{KERNEL_TRIAD, "NEON", 0, true, neon_stream_triad},
};

const struct kernel_family arm_neon_family = {kernels, ARRAY_SIZE(kernels), memory,
					      ARRAY_SIZE(memory)};
