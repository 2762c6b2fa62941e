/* SPDX-License-Identifier: Apache-2.0 */
/* What the pipes and the memory of known GPUs do at most, as their maker says. */
#include "probes/nvml/peaks.h"

#include <string.h>

#define UNKNOWN 0

/* First match of the name; TFLOP/s without sparsity and TB/s, from the data sheets. */
static const struct {
	const char *name;
	double fp64, fp64_tensor, fp32, tf32, fp16, fp8, memory;
} sheets[] = {
	{"GB200", 40, 40, 80, 1250, 2500, 5000, 8.0},
	{"B200", 37, 37, 75, 1125, 2250, 4500, 7.7},
	{"GH200 144G", 34, 67, 67, 494.7, 989.4, 1978.9, 4.9},
	{"GH200", 34, 67, 67, 494.7, 989.4, 1978.9, 4.0},
	{"H200 NVL", 30, 60, 60, 417.5, 835.5, 1670.5, 4.8},
	{"H200", 34, 67, 67, 494.7, 989.4, 1978.9, 4.8},
	{"H100 NVL", 30, 60, 60, 417.5, 835.5, 1670.5, 3.9},
	{"H100 PCIe", 26, 51, 51, 378, 756, 1513, 2.0},
	{"H100", 34, 67, 67, 494.7, 989.4, 1978.9, 3.35},
	{"H800 PCIe", 0.8, 0.8, 51, 378, 756, 1513, 2.0},
	{"H800", 1, 1, 67, 494.7, 989.4, 1978.9, 3.35},
	{"H20", 1, 1, 44, 74, 148, 296, 4.0},
	{"A100-PCIE-40GB", 9.7, 19.5, 19.5, 156, 312, UNKNOWN, 1.555},
	{"A100-SXM4-40GB", 9.7, 19.5, 19.5, 156, 312, UNKNOWN, 1.555},
	{"A100 80GB PCIe", 9.7, 19.5, 19.5, 156, 312, UNKNOWN, 1.935},
	{"A100", 9.7, 19.5, 19.5, 156, 312, UNKNOWN, 2.039},
	{"A30", 5.2, 10.3, 10.3, 82, 165, UNKNOWN, 0.933},
	{"A40", UNKNOWN, UNKNOWN, 37.4, 74.8, 149.7, UNKNOWN, 0.696},
	{"L40S", UNKNOWN, UNKNOWN, 91.6, 183, 362, 733, 0.864},
	{"L40", UNKNOWN, UNKNOWN, 90.5, 90.5, 181, 362, 0.864},
	{"NVIDIA L4", UNKNOWN, UNKNOWN, 30.3, 60, 121, 242.5, 0.3},
	{"V100", 7.8, UNKNOWN, 15.7, UNKNOWN, 125, UNKNOWN, 0.9},
	{"Tesla T4", UNKNOWN, UNKNOWN, 8.1, UNKNOWN, 65, UNKNOWN, 0.32},
};

static void tell(struct feed *feed, uint32_t domain, const char *label, double value_tera)
{
	char text[32];

	if (value_tera <= 0)
		return;
	text_print(text, sizeof(text), "%.0f", value_tera * 1e12);
	feed_label(feed, domain, label, text);
}

void peaks_tell(struct feed *feed, uint32_t domain, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(sheets); i++) {
		if (!strstr(name, sheets[i].name))
			continue;
		tell(feed, domain, "peak fp64", sheets[i].fp64);
		tell(feed, domain, "peak fp64 tensor", sheets[i].fp64_tensor);
		tell(feed, domain, "peak fp32", sheets[i].fp32);
		tell(feed, domain, "peak tf32", sheets[i].tf32);
		tell(feed, domain, "peak fp16", sheets[i].fp16);
		tell(feed, domain, "peak fp8", sheets[i].fp8);
		tell(feed, domain, "memory bandwidth", sheets[i].memory);
		return;
	}
}
