/* SPDX-License-Identifier: Apache-2.0 */
/* AVX-512 and its instructions for half precision, bfloat16 and int8. */
#include "ceilings/x86_families.h"

#include "base/memory.h"
#include "ceilings/x86_memory.h"

X86_FUSED_KERNEL(avx512_fp64, "zmm", "64", "vbroadcastsd", "vfmadd231pd", 16)
X86_FUSED_KERNEL(avx512_fp32, "zmm", "64", "vbroadcastsd", "vfmadd231ps", 32)
X86_FUSED_KERNEL(avx512_fp16, "zmm", "64", "vbroadcastsd", "vfmadd231ph", 64)
X86_FUSED_KERNEL(avx512_bf16, "zmm", "64", "vbroadcastsd", "vdpbf16ps", 64)
X86_FUSED_KERNEL(avx512_int8, "zmm", "64", "vbroadcastsd", "vpdpbusd", 128)
X86_MEMORY(avx512, "zmm", "64")

static const struct kernel kernels[] = {
	{KERNEL_FP64, "avx512", "AVX-512 FMA", KERNEL_AVX512, 0, avx512_fp64},
	{KERNEL_FP32, "avx512", "AVX-512 FMA", KERNEL_AVX512, 0, avx512_fp32},
	{KERNEL_FP16, "avx512", "AVX-512 FMA", KERNEL_AVX512_FP16, 0, avx512_fp16},
	{KERNEL_BF16, "avx512", "AVX-512 dot", KERNEL_AVX512_BF16, 0, avx512_bf16},
	{KERNEL_INT8, "avx512", "AVX-512 VNNI", KERNEL_AVX512_VNNI, 0, avx512_int8},
};

static const struct kernel_memory memory[] = {X86_MEMORY_ROWS(avx512, "AVX-512", KERNEL_AVX512)};

const struct kernel_family x86_avx512_family = {kernels, ARRAY_SIZE(kernels), memory,
						ARRAY_SIZE(memory)};
