/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: any bytes as a metrics page; what is read stays within its bounds, and so do percentiles. */
#include "base/memory.h"
#include "probes/serving/latency.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int truth)
{
	if (!truth)
		abort();
}

static void check_labels(void *user, const struct exposition_sample *sample)
{
	static const char *const names[] = {"le", "mode", "engine", ""};
	const char *const *page = user;
	char value[24];

	demand(sample->name >= page[0] && sample->name + sample->name_length <= page[1]);
	demand(sample->labels >= page[0] && sample->labels + sample->labels_length <= page[1]);
	demand(sample->name_length > 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (exposition_label(sample, names[i], value, sizeof(value)))
			demand(memchr(value, '\0', sizeof(value)) != NULL);
}

static void check_histogram(const struct page_histogram *histogram)
{
	struct latency *latency = memory_zeroed(1, sizeof(*latency));
	struct page_histogram none = *histogram;

	demand(histogram->count <= PAGE_BUCKETS_MAX);
	for (size_t i = 1; i < histogram->count; i++)
		demand(histogram->bounds[i - 1] < histogram->bounds[i]);
	memset(none.counts, 0, sizeof(none.counts));
	latency_add(latency, 1, &none);
	latency_add(latency, 2, histogram);
	for (int i = 0; i <= 100; i++) {
		double value = latency_quantile(latency, i / 100.0);

		demand(isnan(value) || isfinite(value));
	}
	free(latency);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *page_bounds[] = {(const char *)data, (const char *)data + size};
	struct page *page = memory_zeroed(1, sizeof(*page));
	struct exposition_counts counts =
		exposition_read((const char *)data, size, check_labels, page_bounds);

	page_read(page, (const char *)data, size);
	demand(page->counts.samples == counts.samples &&
	       page->counts.malformed == counts.malformed);
	for (int i = 0; i < PAGE_VALUES; i++)
		demand(isnan(page->values[i]) || page->values[i] >= 0);
	for (int i = 0; i < PAGE_LATENCIES; i++)
		check_histogram(&page->latencies[i]);
	free(page);
	return 0;
}
