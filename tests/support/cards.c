/* SPDX-License-Identifier: Apache-2.0 */
/* GPUs fed as their probe feeds them. */
#include "tests/support/cards.h"

#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <math.h>

void cards_peaks(struct desk *desk, const char *key, const char *name, const char *sheet)
{
	static const struct {
		const char *what;
		int64_t tera_per_s, mhz;
	} roofs[] = {
		{"fp64/vector", 30, 1980},   {"fp64/tensor", 60, 1980},
		{"fp32/vector", 60, 1980},   {"fp16/vector", 120, 1980},
		{"tf32/tensor", 500, 1830},  {"fp16/tensor", 1000, 1830},
		{"bf16/tensor", 1000, 1830}, {"fp8/tensor", 2000, 1830},
		{"read/dram", 4, 0},
	};
	uint32_t gpu = feed_domain(desk->feed, DOMAIN_GPU, key, 0, name);

	feed_label(desk->feed, gpu, "peaks", "a made-up data sheet");
	for (size_t i = 0; i < ARRAY_SIZE(roofs); i++) {
		char roof[DOMAIN_KEY_SIZE];

		text_print(roof, sizeof(roof), "roof/%s/%s", key, roofs[i].what);

		uint32_t domain = feed_domain(desk->feed, DOMAIN_ROOF, roof, gpu, sheet);
		uint32_t series = feed_series(desk->feed, domain, "data-sheet", QUALITY_GIVEN);

		feed_gauge(desk->feed, series,
			   roofs[i].mhz > 0 ? METRIC_ROOF_FLOP_PER_S : METRIC_ROOF_BYTES_PER_S,
			   desk->now_ns, roofs[i].tera_per_s * 1000000000000);
		if (roofs[i].mhz > 0)
			feed_gauge(desk->feed, series, METRIC_FREQUENCY_HZ, desk->now_ns,
				   roofs[i].mhz * 1000000);
	}
}

static void tell(struct desk *desk, uint32_t series, enum metric metric, double percent)
{
	if (percent >= 0)
		feed_gauge(desk->feed, series, metric, desk->now_ns, llround(percent * 1e4));
	else
		feed_gap(desk->feed, series, metric, desk->now_ns, ENOTSUP,
			 "this GPU does not give it");
}

void cards_second(struct desk *desk, const struct card *card)
{
	uint32_t gpu = feed_domain(desk->feed, DOMAIN_GPU, card->key, 0, card->name);
	uint32_t activity = feed_series(desk->feed, gpu, "nvml:gpm", QUALITY_SAMPLED);
	uint32_t state = feed_series(desk->feed, gpu, "nvml", QUALITY_MEASURED);
	uint32_t energy = feed_series(desk->feed, gpu, "nvml:energy", QUALITY_MEASURED);

	feed_label(desk->feed, gpu, "driver", "nvidia 580.0");
	if (card->sheet)
		cards_peaks(desk, card->key, card->name, card->sheet);
	tell(desk, activity, METRIC_TENSOR_ACTIVITY_PPM, card->tensor);
	tell(desk, activity, METRIC_HMMA_ACTIVITY_PPM, card->hmma);
	tell(desk, activity, METRIC_FP64_ACTIVITY_PPM, card->fp64);
	tell(desk, activity, METRIC_FP32_ACTIVITY_PPM, card->fp32);
	tell(desk, activity, METRIC_FP16_ACTIVITY_PPM, card->fp16);
	tell(desk, activity, METRIC_DRAM_ACTIVITY_PPM, card->dram);
	feed_gauge(desk->feed, state, METRIC_FREQUENCY_HZ, desk->now_ns,
		   (int64_t)card->mhz * 1000000);
	feed_counter(desk->feed, energy, METRIC_ENERGY_UJ, desk->now_ns,
		     (uint64_t)card->watts * 1000000 * desk->ticks);
}

void cards_training(struct desk *desk)
{
	static const struct card cards[] = {
		{CARD_0, "gpu0 H100 80GB HBM3", "H100 SXM", 80, 80, 0, 5, 0, 30, 1830, 500},
		{CARD_1, "gpu1 H100 80GB HBM3", "H100 SXM", 2, 2, 0, 1, 0, 85, 1830, 300},
	};

	for (int i = 0; i < 3; i++) {
		cards_second(desk, &cards[0]);
		cards_second(desk, &cards[1]);
		desk_tick(desk);
	}
}
