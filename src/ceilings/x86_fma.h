/* SPDX-License-Identifier: Apache-2.0 */
/* One loop of fused instructions for all x86 vector widths: twelve independent sums, twice a round, so that the units are
 * busy at latencies up to six at two a cycle. Written out: no compiler may reorder, spill or drop a part of it. */
#ifndef JOULETOP_X86_FMA_H
#define JOULETOP_X86_FMA_H

#define X86_TWELVE(step, a, b, c)                                                           \
	step("0", a, b, c) step("1", a, b, c) step("2", a, b, c) step("3", a, b, c)         \
		step("4", a, b, c) step("5", a, b, c) step("6", a, b, c) step("7", a, b, c) \
			step("8", a, b, c) step("9", a, b, c) step("10", a, b, c)           \
				step("11", a, b, c)

#define X86_CLEAR(number, a, b, c) "vpxor %%xmm" number ", %%xmm" number ", %%xmm" number "\n\t"
#define X86_FUSED(number, vector, mnemonic, addend) \
	mnemonic " %%" vector addend ", %%" vector "12, %%" vector number "\n\t"
#define X86_KEEP(number, vector, bytes, c) \
	"vmovups %%" vector number ", " bytes "*" number "(%[result])\n\t"

#define X86_CLOBBERS                                                                             \
	"xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", \
		"xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "cc", "memory"

/* vector: "zmm"; bytes: "64"; load: how 64 bits come into all of it; operations: of one instruction. */
#define X86_FUSED_KERNEL(function, vector, bytes, load, mnemonic, operations)                     \
	static uint64_t function(uint64_t rounds, const struct kernel_input *input, void *result) \
	{                                                                                         \
		uint64_t left = rounds;                                                           \
                                                                                                  \
		__asm__ volatile(                                                                 \
			load " %[x], %%" vector "12\n\t" load " %[up], %%" vector "13\n\t" load   \
			     " %[down], %%" vector "14\n\t" X86_TWELVE(                           \
				     X86_CLEAR, ,                                                 \
				     , ) ".p2align 6\n"                                           \
					 "1:\n\t" X86_TWELVE(X86_FUSED, vector, mnemonic, "13")   \
						 X86_TWELVE(X86_FUSED, vector, mnemonic,          \
							    "14") "dec %[left]\n\t"               \
								  "jnz 1b\n\t" X86_TWELVE(        \
									  X86_KEEP, vector,       \
									  bytes, ) "vzeroupper"   \
			: [left] "+r"(left)                                                       \
			: [x] "m"(input->x), [up] "m"(input->y[0]), [down] "m"(input->y[1]),      \
			  [result] "r"(result)                                                    \
			: X86_CLOBBERS);                                                          \
		return rounds * 24 * (operations);                                                \
	}

#endif
