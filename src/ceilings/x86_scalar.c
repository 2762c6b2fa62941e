/* SPDX-License-Identifier: Apache-2.0 */
/* What every x86-64 has: SSE2, one number at a time or a vector of 128 bits, a multiplication beside an addition. */
#include "ceilings/x86_families.h"

#include "base/memory.h"
#include "ceilings/x86_fma.h"

/* Where the units for additions are others than those for multiplications, both are busy. */
#define PAIR(product, sum, mnemonic, factor, addend)                                        \
	"mul" mnemonic " %%xmm" factor ", %%xmm" product "\n\tadd" mnemonic " %%xmm" addend \
	", %%xmm" sum "\n\t"
#define SIX(mnemonic, factor, addend)             \
	PAIR("0", "6", mnemonic, factor, addend)  \
	PAIR("1", "7", mnemonic, factor, addend)  \
	PAIR("2", "8", mnemonic, factor, addend)  \
	PAIR("3", "9", mnemonic, factor, addend)  \
	PAIR("4", "10", mnemonic, factor, addend) \
	PAIR("5", "11", mnemonic, factor, addend)
#define LOAD(name, number) \
	"movsd %[" name "], %%xmm" number "\n\tunpcklpd %%xmm" number ", %%xmm" number "\n\t"
#define KEEP(number, a, b, c) "movups %%xmm" number ", 16*" number "(%[result])\n\t"

#define PAIRS_KERNEL(function, mnemonic, operations)                                                                  \
	static uint64_t function(uint64_t rounds, const struct kernel_input *input, void *result)                     \
	{                                                                                                             \
		uint64_t left = rounds;                                                                               \
                                                                                                                      \
		__asm__ volatile(                                                                                     \
			LOAD("one", "0") LOAD("one", "1") LOAD("one", "2") LOAD("one", "3") LOAD(                     \
				"one", "4") LOAD("one",                                                               \
						 "5") LOAD("m0", "12") LOAD("m1", "13") LOAD("y0",                    \
											     "14")                    \
				LOAD("y1",                                                                            \
				     "15") "xorps %%xmm6, %%xmm6\n\txorps %%xmm7, %%xmm7\n\txorps %%xmm8, %%xmm8\n\t" \
					   "xorps %%xmm9, %%xmm9\n\txorps %%xmm10, %%xmm10\n\t"                       \
					   "xorps %%xmm11, %%xmm11\n\t.p2align 6\n"                                   \
					   "1:\n\t" SIX(mnemonic, "12", "14")                                         \
						   SIX(mnemonic, "13",                                                \
						       "15") "dec %[left]\n\t"                                        \
							     "jnz 1b\n\t" X86_TWELVE(KEEP, , , )                      \
			: [left] "+r"(left)                                                                           \
			: [m0] "m"(input->m[0]), [m1] "m"(input->m[1]), [y0] "m"(input->y[0]),                        \
			  [y1] "m"(input->y[1]), [one] "m"(input->one), [result] "r"(result)                          \
			: X86_CLOBBERS);                                                                              \
		return rounds * 24 * (operations);                                                                    \
	}

PAIRS_KERNEL(scalar_fp64, "sd", 1)
PAIRS_KERNEL(scalar_fp32, "ss", 1)
PAIRS_KERNEL(sse2_fp64, "pd", 2)
PAIRS_KERNEL(sse2_fp32, "ps", 4)

static const struct kernel kernels[] = {
	{KERNEL_FP64, "scalar", "scalar", 0, 6, scalar_fp64},
	{KERNEL_FP32, "scalar", "scalar", 0, 6, scalar_fp32},
	{KERNEL_FP64, "sse2", "SSE2", 0, 6, sse2_fp64},
	{KERNEL_FP32, "sse2", "SSE2", 0, 6, sse2_fp32},
};

#define READ(number) "movaps 16*" number "(%[from]), %%xmm" number "\n\t"
#define COPY(number, store)                                                                       \
	"movaps 16*" number "(%[from]), %%xmm" number "\n\t" store " %%xmm" number ", 16*" number \
	"(%[to])\n\t"
#define TRIAD(number, store)                                                                      \
	"movaps 16*" number "(%[b]), %%xmm" number "\n\tmulpd 16*" number "(%[c]), %%xmm" number  \
	"\n\taddpd 16*" number "(%[d]), %%xmm" number "\n\t" store " %%xmm" number ", 16*" number \
	"(%[a])\n\t"

static void read_sse2(double *const *arrays, size_t bytes, uint64_t passes)
{
	for (; passes; passes--) {
		const char *from = (const char *)arrays[0], *end = from + bytes;

		__asm__ volatile(".p2align 6\n1:\n\t" READ("0") READ("1") READ("2") READ("3")
					 READ("4") READ("5") READ("6")
						 READ("7") "add $128, %[from]\n\t"
							   "cmp %[end], %[from]\n\t"
							   "jb 1b"
				 : [from] "+r"(from)
				 : [end] "r"(end)
				 : X86_CLOBBERS);
	}
}

#define COPY_FUNCTION(function, store)                                                             \
	static void function(double *const *arrays, size_t bytes, uint64_t passes)                 \
	{                                                                                          \
		for (; passes; passes--) {                                                         \
			const char *from = (const char *)arrays[1], *end = from + bytes;           \
			char *to = (char *)arrays[0];                                              \
                                                                                                   \
			__asm__ volatile(                                                          \
				".p2align 6\n1:\n\t" COPY("0", store) COPY("1", store) COPY("2",   \
											    store) \
					COPY("3", store) "add $64, %[from]\n\tadd $64, %[to]\n\t"  \
							 "cmp %[end], %[from]\n\tjb 1b"            \
				: [from] "+r"(from), [to] "+r"(to)                                 \
				: [end] "r"(end)                                                   \
				: X86_CLOBBERS);                                                   \
		}                                                                                  \
		__asm__ volatile("sfence" ::: "memory");                                           \
	}

#define TRIAD_FUNCTION(function, store)                                                                    \
	static void function(double *const *arrays, size_t bytes, uint64_t passes)                         \
	{                                                                                                  \
		for (; passes; passes--) {                                                                 \
			const char *b = (const char *)arrays[1], *end = b + bytes;                         \
			const char *c = (const char *)arrays[2], *d = (const char *)arrays[3];             \
			char *a = (char *)arrays[0];                                                       \
                                                                                                           \
			__asm__ volatile(                                                                  \
				".p2align 6\n1:\n\t" TRIAD("0", store) TRIAD("1", store) TRIAD(            \
					"2", store)                                                        \
					TRIAD("3",                                                         \
					      store) "add $64, %[a]\n\tadd $64, %[b]\n\tadd $64, %[c]\n\t" \
						     "add $64, %[d]\n\tcmp %[end], %[b]\n\tjb 1b"          \
				: [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d)                       \
				: [end] "r"(end)                                                           \
				: X86_CLOBBERS);                                                           \
		}                                                                                          \
		__asm__ volatile("sfence" ::: "memory");                                                   \
	}

COPY_FUNCTION(copy_sse2, "movaps")
COPY_FUNCTION(stream_copy_sse2, "movntps")
TRIAD_FUNCTION(triad_sse2, "movaps")
TRIAD_FUNCTION(stream_triad_sse2, "movntps")

static const struct kernel_memory memory[] = {
	{KERNEL_READ, "SSE2", 0, true, read_sse2},
	{KERNEL_READ, "SSE2", 0, false, read_sse2},
	{KERNEL_COPY, "SSE2", 0, false, copy_sse2},
	{KERNEL_COPY, "SSE2", 0, true, stream_copy_sse2},
	{KERNEL_TRIAD, "SSE2", 0, false, triad_sse2},
	{KERNEL_TRIAD, "SSE2", 0, true, stream_triad_sse2},
};

const struct kernel_family x86_scalar_family = {kernels, ARRAY_SIZE(kernels), memory,
						ARRAY_SIZE(memory)};
