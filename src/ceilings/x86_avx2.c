/* SPDX-License-Identifier: Apache-2.0 */
/* AVX2 with FMA3, AVX-VNNI, and the fused instructions on one number at a time that come with them. */
#include "ceilings/x86_families.h"

#include "base/memory.h"
#include "ceilings/x86_memory.h"

/* The same units take one number or four: the scalar roof of a processor with FMA is fused too. */
X86_FUSED_KERNEL(scalar_fp64, "xmm", "16", "vmovddup", "vfmadd231sd", 2)
X86_FUSED_KERNEL(scalar_fp32, "xmm", "16", "vmovddup", "vfmadd231ss", 2)
X86_FUSED_KERNEL(avx2_fp64, "ymm", "32", "vbroadcastsd", "vfmadd231pd", 8)
X86_FUSED_KERNEL(avx2_fp32, "ymm", "32", "vbroadcastsd", "vfmadd231ps", 16)
X86_FUSED_KERNEL(avx2_int8, "ymm", "32", "vbroadcastsd", "%{vex%} vpdpbusd", 64)
X86_MEMORY(avx2, "ymm", "32")

static const struct kernel kernels[] = {
	{KERNEL_FP64, "scalar", "scalar FMA", KERNEL_FMA, 0, scalar_fp64},
	{KERNEL_FP32, "scalar", "scalar FMA", KERNEL_FMA, 0, scalar_fp32},
	{KERNEL_FP64, "avx2", "AVX2 FMA", KERNEL_FMA, 0, avx2_fp64},
	{KERNEL_FP32, "avx2", "AVX2 FMA", KERNEL_FMA, 0, avx2_fp32},
	{KERNEL_INT8, "avx2", "AVX-VNNI", KERNEL_AVX_VNNI, 0, avx2_int8},
};

static const struct kernel_memory memory[] = {X86_MEMORY_ROWS(avx2, "AVX2", KERNEL_FMA)};

const struct kernel_family x86_avx2_family = {kernels, ARRAY_SIZE(kernels), memory,
					      ARRAY_SIZE(memory)};
