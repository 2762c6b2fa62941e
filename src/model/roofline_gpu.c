/* SPDX-License-Identifier: Apache-2.0 */
/* GPUs below what their maker says: the activity of their pipes is a band of operations per second, never a count. */
#include "model/roofline.h"

#include "base/memory.h"
#include "base/text.h"
#include "base/unit.h"
#include "model/roofline_private.h"

#include <math.h>
#include <string.h>

/* A pipe that works less is no reason to know nothing. */
#define ACTIVITY_LEAST 0.005

/* The pipes for vectors. */
static const struct {
	enum metric metric;
	const char *type;
} pipes[] = {
	{METRIC_FP64_ACTIVITY_PPM, "fp64"},
	{METRIC_FP32_ACTIVITY_PPM, "fp32"},
	{METRIC_FP16_ACTIVITY_PPM, "fp16"},
};

/* What the tensor pipe runs beside double precision, with numbers of 19 bits at most. */
static const char *const short_types[] = {"tf32", "fp16", "bf16", "fp8"};

static double gauge_of(const struct domain *domain, enum metric metric)
{
	const struct series *series = domain_series(domain, metric);
	const struct cell *cell = series ? series_cell(series, metric) : NULL;

	return cell && cell->known ? derive_gauge(series, metric) : (double)NAN;
}

/* The clock of now over that of the peak: a pipe that works in each cycle does so much of it. 1 where one is unknown. */
static double clock_ratio(const struct domain *gpu, const struct domain *roof)
{
	double ratio = gauge_of(gpu, METRIC_FREQUENCY_HZ) / gauge_of(roof, METRIC_FREQUENCY_HZ);

	return isfinite(ratio) && ratio > 0 ? ratio : 1;
}

/* What a pipe could do now with one type; NAN where nobody says. */
static double pipe_flop_per_s(const struct domain *gpu, const char *type, const char *pipe)
{
	struct roofline_roof roof;

	return roofline_gpu_roof(gpu, type, pipe, &roof)
		       ? roof.per_s * clock_ratio(gpu, roof.domain)
		       : (double)NAN;
}

/* The activity of the tensor pipe: that on short types, and all. */
struct tensor {
	double all, shorts; /* shorts NAN = not told apart */
};

static void add_tensor(const struct domain *gpu, const struct tensor *tensor,
		       struct roofline_band *band)
{
	double slowest = NAN, fastest = NAN;
	double longest = pipe_flop_per_s(gpu, "fp64", "tensor");
	double shorts = isnan(tensor->shorts) ? 0 : fmin(tensor->shorts, tensor->all);

	for (size_t i = 0; i < ARRAY_SIZE(short_types); i++) {
		double flop_per_s = pipe_flop_per_s(gpu, short_types[i], "tensor");

		slowest = fmin(slowest, flop_per_s);
		fastest = fmax(fastest, flop_per_s);
	}
	if (isnan(longest))
		longest = slowest;
	if (isnan(fastest) && tensor->all >= ACTIVITY_LEAST) {
		text_print(band->reason, sizeof(band->reason),
			   "no peak of its tensor pipe is known");
		return;
	}
	if (isnan(fastest))
		return;
	band->low_flop_per_s += shorts * slowest + (tensor->all - shorts) * longest;
	/* Which counter new short types go into nobody says: the fastest may have been any of it. */
	band->high_flop_per_s += tensor->all * fmax(fastest, longest);
}

static void add_vectors(const struct domain *gpu, struct roofline_band *band)
{
	for (size_t i = 0; i < ARRAY_SIZE(pipes) && !band->reason[0]; i++) {
		double activity = gauge_of(gpu, pipes[i].metric);
		double flop_per_s = pipe_flop_per_s(gpu, pipes[i].type, "vector");

		if (isnan(activity)) {
			text_print(band->reason, sizeof(band->reason),
				   "the activity of its %s pipe is not told", pipes[i].type);
		} else if (isfinite(flop_per_s)) {
			band->low_flop_per_s += activity * flop_per_s / 2;
			band->high_flop_per_s += activity * flop_per_s;
		} else if (activity >= ACTIVITY_LEAST) {
			text_print(band->reason, sizeof(band->reason),
				   "no peak of its %s pipe is known", pipes[i].type);
		}
	}
}

/* As if all that could have been of the type had been. */
static double as_type(const struct domain *gpu, const struct tensor *tensor, const char *type)
{
	double shorts = isnan(tensor->shorts) ? tensor->all : fmin(tensor->shorts, tensor->all);
	double by_tensor = pipe_flop_per_s(gpu, type, "tensor");
	double by_vector = pipe_flop_per_s(gpu, type, "vector");
	bool is_long = strcmp(type, "fp64") == 0;

	if (strcmp(type, "fp32") == 0)
		return by_vector * gauge_of(gpu, METRIC_FP32_ACTIVITY_PPM);
	if (is_long && isnan(by_tensor))
		return by_vector * gauge_of(gpu, METRIC_FP64_ACTIVITY_PPM);
	if (is_long)
		return by_tensor * (isnan(tensor->shorts) ? tensor->all : tensor->all - shorts) +
		       by_vector * gauge_of(gpu, METRIC_FP64_ACTIVITY_PPM);
	return by_tensor * shorts;
}

/* Why it tells no activity: the driver's reason, and that older ones never do. */
static void say_silence(const struct domain *gpu, char *out, size_t size)
{
	const struct series *series = domain_series(gpu, METRIC_TENSOR_ACTIVITY_PPM);
	const char *driver = domain_label(gpu, "driver");

	if (series && series->gap_reason[0])
		text_print(out, size, "no activity of its pipes: %s%s", series->gap_reason,
			   series_cell(series, METRIC_TENSOR_ACTIVITY_PPM)->started
				   ? ""
				   : " (GPUs before Hopper have none)");
	else if (driver && text_starts_with(driver, "nvidia"))
		text_print(out, size, "no activity of its pipes was told yet");
	else
		text_print(out, size, "its driver tells no activity of its pipes");
}

static bool has_peaks(const struct domain *gpu)
{
	for (const struct domain *child = gpu->first_child; child; child = child->next_sibling) {
		if (child->kind == DOMAIN_ROOF && domain_series(child, METRIC_ROOF_FLOP_PER_S))
			return true;
	}
	return false;
}

struct roofline_band roofline_band(const struct domain *gpu, const char *data_type)
{
	struct roofline_band band = {.typed_flop_per_s = NAN, .bytes_per_s = NAN};
	struct tensor tensor = {gauge_of(gpu, METRIC_TENSOR_ACTIVITY_PPM),
				gauge_of(gpu, METRIC_HMMA_ACTIVITY_PPM)};
	struct roofline_roof memory;

	if (roofline_gpu_roof(gpu, "read", "dram", &memory))
		band.bytes_per_s = gauge_of(gpu, METRIC_DRAM_ACTIVITY_PPM) * memory.per_s;
	if (isnan(tensor.all))
		say_silence(gpu, band.reason, sizeof(band.reason));
	else if (!has_peaks(gpu))
		text_print(band.reason, sizeof(band.reason), "nobody says what this model can do");
	if (!band.reason[0])
		add_tensor(gpu, &tensor, &band);
	if (!band.reason[0])
		add_vectors(gpu, &band);
	if (band.reason[0])
		band.low_flop_per_s = band.high_flop_per_s = NAN;
	else if (data_type[0])
		band.typed_flop_per_s = as_type(gpu, &tensor, data_type);
	return band;
}
