/* SPDX-License-Identifier: Apache-2.0 */
/* What the pipes and the memory of known GPUs do at most, as their maker says. */
#include "probes/nvml/peaks.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#define UNKNOWN	  0
#define SOURCE	  "data-sheet"

#define BLACKWELL "Blackwell data sheet of 2025, half of the figures with sparsity"
#define HOPPER	  "Hopper white paper of 2022, without sparsity; memory: data sheet"
#define NVL	  "H100 and H200 data sheets of 2024, half of the figures with sparsity"
#define CHINA	  "H800 and H20 data sheets, half of the figures with sparsity"
#define AMPERE	  "Ampere white paper of 2020 and data sheets, without sparsity"
#define ADA	  "L4, L40 and L40S data sheets of 2023, without sparsity"
#define VOLTA	  "V100 data sheet of 2020"
#define TURING	  "T4 data sheet of 2019"

/* First match of a whole word; TFLOP/s without sparsity and TB/s. Tensor pipes may have a lower clock than the others at
 * their peak, in MHz; before Hopper nobody needs it, because there is no activity to multiply it with. */
struct sheet {
	const char *word, *name, *origin;
	double fp64, fp64_tensor, fp32, fp16_vector, tf32, fp16, bf16, fp8, memory;
	double tensor_mhz, vector_mhz;
};

static const struct sheet sheets[] = {
	{"GB200", "GB200", BLACKWELL, 40, 40, 80, UNKNOWN, 1250, 2500, 2500, 5000, 8.0, UNKNOWN,
	 UNKNOWN},
	{"B200", "B200", BLACKWELL, 37, 37, 75, UNKNOWN, 1100, 2250, 2250, 4500, 7.7, UNKNOWN,
	 UNKNOWN},
	{"GH200 144G", "GH200 144G", HOPPER, 33.5, 66.9, 66.9, 133.8, 494.7, 989.4, 989.4, 1978.9,
	 4.9, 1830, 1980},
	{"GH200", "GH200", HOPPER, 33.5, 66.9, 66.9, 133.8, 494.7, 989.4, 989.4, 1978.9, 4.0, 1830,
	 1980},
	{"H200 NVL", "H200 NVL", NVL, 30, 60, 60, UNKNOWN, 417.5, 835.5, 835.5, 1670.5, 4.8,
	 UNKNOWN, UNKNOWN},
	{"H200", "H200 SXM", HOPPER, 33.5, 66.9, 66.9, 133.8, 494.7, 989.4, 989.4, 1978.9, 4.8,
	 1830, 1980},
	{"H100 NVL", "H100 NVL", NVL, 30, 60, 60, UNKNOWN, 417.5, 835.5, 835.5, 1670.5, 3.9,
	 UNKNOWN, UNKNOWN},
	{"H100 PCIe", "H100 PCIe", HOPPER, 25.6, 51.2, 51.2, 102.4, 378, 756, 756, 1513, 2.0, 1620,
	 1755},
	{"H100 80GB HBM3", "H100 SXM", HOPPER, 33.5, 66.9, 66.9, 133.8, 494.7, 989.4, 989.4, 1978.9,
	 3.35, 1830, 1980},
	{"H800 PCIe", "H800 PCIe", CHINA, 0.8, 0.8, 51, UNKNOWN, 378, 756, 756, 1513, 2.0, UNKNOWN,
	 UNKNOWN},
	{"H800", "H800 SXM", CHINA, 1, 1, 67, UNKNOWN, 494.7, 989.4, 989.4, 1978.9, 3.35, UNKNOWN,
	 UNKNOWN},
	{"H20", "H20", CHINA, 1, 1, 44, UNKNOWN, 74, 148, 148, 296, 4.0, UNKNOWN, UNKNOWN},
	{"A100-PCIE-40GB", "A100 40GB", AMPERE, 9.7, 19.5, 19.5, 78, 156, 312, 312, UNKNOWN, 1.555,
	 UNKNOWN, UNKNOWN},
	{"A100-SXM4-40GB", "A100 40GB", AMPERE, 9.7, 19.5, 19.5, 78, 156, 312, 312, UNKNOWN, 1.555,
	 UNKNOWN, UNKNOWN},
	{"A100 80GB PCIe", "A100 80GB PCIe", AMPERE, 9.7, 19.5, 19.5, 78, 156, 312, 312, UNKNOWN,
	 1.935, UNKNOWN, UNKNOWN},
	{"A100-SXM4-80GB", "A100 80GB SXM", AMPERE, 9.7, 19.5, 19.5, 78, 156, 312, 312, UNKNOWN,
	 2.039, UNKNOWN, UNKNOWN},
	{"A30", "A30", AMPERE, 5.2, 10.3, 10.3, UNKNOWN, 82, 165, 165, UNKNOWN, 0.933, UNKNOWN,
	 UNKNOWN},
	{"A40", "A40", AMPERE, UNKNOWN, UNKNOWN, 37.4, UNKNOWN, 74.8, 149.7, 149.7, UNKNOWN, 0.696,
	 UNKNOWN, UNKNOWN},
	{"L40S", "L40S", ADA, UNKNOWN, UNKNOWN, 91.6, UNKNOWN, 183, 362, 362, 733, 0.864, UNKNOWN,
	 UNKNOWN},
	{"L40", "L40", ADA, UNKNOWN, UNKNOWN, 90.5, UNKNOWN, 90.5, 181, 181, 362, 0.864, UNKNOWN,
	 UNKNOWN},
	{"L4", "L4", ADA, UNKNOWN, UNKNOWN, 30.3, UNKNOWN, 60, 121, 121, 242.5, 0.3, UNKNOWN,
	 UNKNOWN},
	{"V100S", "V100S", VOLTA, 8.2, UNKNOWN, 16.4, UNKNOWN, UNKNOWN, 130, UNKNOWN, UNKNOWN,
	 1.134, UNKNOWN, UNKNOWN},
	{"V100-PCIE", "V100 PCIe", VOLTA, 7, UNKNOWN, 14, UNKNOWN, UNKNOWN, 112, UNKNOWN, UNKNOWN,
	 0.9, UNKNOWN, UNKNOWN},
	{"V100-SXM2", "V100 SXM2", VOLTA, 7.8, UNKNOWN, 15.7, UNKNOWN, UNKNOWN, 125, UNKNOWN,
	 UNKNOWN, 0.9, UNKNOWN, UNKNOWN},
	{"T4", "T4", TURING, UNKNOWN, UNKNOWN, 8.1, UNKNOWN, UNKNOWN, 65, UNKNOWN, UNKNOWN, 0.32,
	 UNKNOWN, UNKNOWN},
};

/* "A40" is no part of "RTX A4000". */
static bool has_word(const char *name, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = strstr(name, word); at; at = strstr(at + 1, word)) {
		if ((at == name || !isalnum((unsigned char)at[-1])) &&
		    !isalnum((unsigned char)at[length]))
			return true;
	}
	return false;
}

/* What is being told. */
struct teller {
	struct feed *feed;
	uint32_t gpu;
	const char *key;
	const struct sheet *sheet;
};

static void tell(const struct teller *teller, const char *what, enum metric metric,
		 double value_tera, double clock_mhz)
{
	char key[DOMAIN_KEY_SIZE];
	int64_t now_ns = clock_now_ns();

	if (value_tera <= 0)
		return;
	text_print(key, sizeof(key), "roof/%s/%s", teller->key, what);

	uint32_t domain =
		feed_domain(teller->feed, DOMAIN_ROOF, key, teller->gpu, teller->sheet->name);
	uint32_t series = feed_series(teller->feed, domain, SOURCE, QUALITY_GIVEN);

	feed_gauge(teller->feed, series, metric, now_ns, llround(value_tera * 1e12));
	if (clock_mhz > 0)
		feed_gauge(teller->feed, series, METRIC_FREQUENCY_HZ, now_ns,
			   llround(clock_mhz * 1e6));
}

static void tell_sheet(const struct teller *teller)
{
	const struct sheet *sheet = teller->sheet;
	const struct {
		const char *what;
		double tflop_per_s, clock_mhz;
	} peaks[] = {
		{"fp64/vector", sheet->fp64, sheet->vector_mhz},
		{"fp64/tensor", sheet->fp64_tensor, sheet->vector_mhz},
		{"fp32/vector", sheet->fp32, sheet->vector_mhz},
		{"fp16/vector", sheet->fp16_vector, sheet->vector_mhz},
		{"tf32/tensor", sheet->tf32, sheet->tensor_mhz},
		{"fp16/tensor", sheet->fp16, sheet->tensor_mhz},
		{"bf16/tensor", sheet->bf16, sheet->tensor_mhz},
		{"fp8/tensor", sheet->fp8, sheet->tensor_mhz},
	};

	for (size_t i = 0; i < ARRAY_SIZE(peaks); i++)
		tell(teller, peaks[i].what, METRIC_ROOF_FLOP_PER_S, peaks[i].tflop_per_s,
		     peaks[i].clock_mhz);
	tell(teller, "read/dram", METRIC_ROOF_BYTES_PER_S, sheet->memory, UNKNOWN);
	feed_label(teller->feed, teller->gpu, "peaks", sheet->origin);
}

void peaks_tell(struct feed *feed, uint32_t gpu, const char *key, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(sheets); i++) {
		if (!has_word(name, sheets[i].word))
			continue;
		tell_sheet(&(struct teller){feed, gpu, key, &sheets[i]});
		return;
	}
}
