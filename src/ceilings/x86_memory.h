/* SPDX-License-Identifier: Apache-2.0 */
/* The loops of memory kernels for AVX2 and AVX-512. */
#ifndef JOULETOP_X86_MEMORY_H
#define JOULETOP_X86_MEMORY_H

#include "ceilings/x86_fma.h"

#define X86_LOAD(number, vector, bytes) \
	"vmovaps " bytes "*" number "(%[from]), %%" vector number "\n\t"
#define X86_MOVE(number, vector, bytes, store) \
	X86_LOAD(number, vector, bytes)        \
	store " %%" vector number ", " bytes "*" number "(%[to])\n\t"
#define X86_MULTIPLY_ADD(number, sum, vector, bytes, store)                                    \
	"vmovapd " bytes "*" number "(%[b]), %%" vector number "\n\tvmovapd " bytes "*" number \
	"(%[c]), %%" vector sum "\n\tvfmadd213pd " bytes "*" number "(%[d]), %%" vector number \
	", %%" vector sum "\n\t" store " %%" vector sum ", " bytes "*" number "(%[a])\n\t"
#define X86_EIGHT(step, vector, bytes)                                                     \
	step("0", vector, bytes) step("1", vector, bytes) step("2", vector, bytes)         \
		step("3", vector, bytes) step("4", vector, bytes) step("5", vector, bytes) \
			step("6", vector, bytes) step("7", vector, bytes)

#define X86_READ_FUNCTION(function, vector, bytes)                                                 \
	static void function(double *const *arrays, size_t length, uint64_t passes)                \
	{                                                                                          \
		for (; passes; passes--) {                                                         \
			const char *from = (const char *)arrays[0], *end = from + length;          \
                                                                                                   \
			__asm__ volatile(".p2align 6\n"                                            \
					 "1:\n\t" X86_EIGHT(X86_LOAD, vector,                      \
							    bytes) "add $8*" bytes ", %[from]\n\t" \
								   "cmp %[end], %[from]\n\tjb 1b"  \
					 : [from] "+r"(from)                                       \
					 : [end] "r"(end)                                          \
					 : X86_CLOBBERS);                                          \
		}                                                                                  \
		__asm__ volatile("vzeroupper" ::: X86_CLOBBERS);                                   \
	}

#define X86_COPY_FUNCTION(function, vector, bytes, store)                                          \
	static void function(double *const *arrays, size_t length, uint64_t passes)                \
	{                                                                                          \
		for (; passes; passes--) {                                                         \
			const char *from = (const char *)arrays[1], *end = from + length;          \
			char *to = (char *)arrays[0];                                              \
                                                                                                   \
			__asm__ volatile(".p2align 6\n"                                            \
					 "1:\n\t" X86_MOVE("0", vector, bytes, store) X86_MOVE(    \
						 "1", vector, bytes, store) X86_MOVE("2", vector,  \
										     bytes, store) \
						 X86_MOVE("3", vector, bytes,                      \
							  store) "add $4*" bytes                   \
								 ", %[from]\n\tadd $4*" bytes      \
								 ", %[to]\n\t"                     \
								 "cmp %[end], %[from]\n\tjb 1b"    \
					 : [from] "+r"(from), [to] "+r"(to)                        \
					 : [end] "r"(end)                                          \
					 : X86_CLOBBERS);                                          \
		}                                                                                  \
		__asm__ volatile("sfence\n\tvzeroupper" ::: X86_CLOBBERS);                         \
	}

#define X86_TRIAD_FUNCTION(function, vector, bytes, store)                                         \
	static void function(double *const *arrays, size_t length, uint64_t passes)                \
	{                                                                                          \
		for (; passes; passes--) {                                                         \
			const char *b = (const char *)arrays[1], *end = b + length;                \
			const char *c = (const char *)arrays[2], *d = (const char *)arrays[3];     \
			char *a = (char *)arrays[0];                                               \
                                                                                                   \
			__asm__ volatile(                                                          \
				".p2align 6\n"                                                     \
				"1:\n\t" X86_MULTIPLY_ADD("0", "4", vector, bytes, store)          \
					X86_MULTIPLY_ADD("1", "5", vector, bytes, store)           \
						X86_MULTIPLY_ADD("2", "6", vector, bytes, store)   \
							X86_MULTIPLY_ADD(                          \
								"3", "7", vector, bytes,           \
								store) "add $4*" bytes             \
								       ", %[a]\n\tadd $4*" bytes   \
								       ", %[b]\n\t"                \
								       "add $4*" bytes             \
								       ", %[c]\n\tadd $4*" bytes   \
								       ", %[d]\n\t"                \
								       "cmp %[end], %[b]\n\tjb 1b" \
				: [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d)               \
				: [end] "r"(end)                                                   \
				: X86_CLOBBERS);                                                   \
		}                                                                                  \
		__asm__ volatile("sfence\n\tvzeroupper" ::: X86_CLOBBERS);                         \
	}

/* The memory kernels of a family: names of functions begin with `prefix`. */
#define X86_MEMORY(prefix, vector, bytes)                                  \
	X86_READ_FUNCTION(prefix##_read, vector, bytes)                    \
	X86_COPY_FUNCTION(prefix##_copy, vector, bytes, "vmovaps")         \
	X86_COPY_FUNCTION(prefix##_stream_copy, vector, bytes, "vmovntps") \
	X86_TRIAD_FUNCTION(prefix##_triad, vector, bytes, "vmovaps")       \
	X86_TRIAD_FUNCTION(prefix##_stream_triad, vector, bytes, "vmovntps")
#define X86_MEMORY_ROWS(prefix, title, features)                            \
	{KERNEL_READ, title, features, false, prefix##_read},               \
		{KERNEL_READ, title, features, true, prefix##_read},        \
		{KERNEL_COPY, title, features, false, prefix##_copy},       \
		{KERNEL_COPY, title, features, true, prefix##_stream_copy}, \
		{KERNEL_TRIAD, title, features, false, prefix##_triad},     \
		{KERNEL_TRIAD, title, features, true, prefix##_stream_triad},

#endif
