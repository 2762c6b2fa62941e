/* SPDX-License-Identifier: Apache-2.0 */
/* The slices of a GPU as the probe tells them. A slice has no meter: the energy stays with the GPU. */
#include "probes/nvml/gpu.h"

static uint32_t announce(const struct gpu *gpu, struct feed *feed,
			 const struct reading_slice *slice)
{
	char key[DOMAIN_KEY_SIZE];

	text_print(key, sizeof(key), "%s/slice-%u", gpu->key, slice->gpu_instance);
	return feed_domain(feed, DOMAIN_GPU_SLICE, key, gpu->domain, slice->name);
}

static struct gpu_slice *slice_of(struct gpu *gpu, struct feed *feed,
				  const struct reading_slice *slice)
{
	for (size_t i = 0; i < gpu->slice_count; i++) {
		if (gpu->slices[i].gpu_instance == slice->gpu_instance)
			return &gpu->slices[i];
	}
	if (gpu->slice_count == ARRAY_SIZE(gpu->slices))
		return NULL;
	struct gpu_slice *told = &gpu->slices[gpu->slice_count++];
	*told = (struct gpu_slice){.gpu_instance = slice->gpu_instance,
				   .domain = announce(gpu, feed, slice)};
	told->state = feed_series(feed, told->domain, "nvml", QUALITY_MEASURED);
	told->activity = feed_series(feed, told->domain, "nvml:gpm", QUALITY_SAMPLED);
	if (slice->uuid[0])
		feed_label(feed, told->domain, "uuid", slice->uuid);
	if (slice->size > 0) {
		char text[16];

		text_print(text, sizeof(text), "%u", slice->size);
		feed_label(feed, told->domain, "compute slices", text);
	}
	feed_label(feed, told->domain, "energy", "a share of the GPU's: a slice has no meter");
	return told;
}

static void tell(const struct gpu *gpu, struct feed *feed, const struct gpu_slice *told,
		 const struct reading_slice *slice)
{
	int64_t time_ns = gpu->reading.time_ns;

	if (slice->memory_bytes >= 0) {
		feed_gauge(feed, told->state, METRIC_MEMORY_BYTES, time_ns, slice->memory_bytes);
		feed_gauge(feed, told->state, METRIC_MEMORY_TOTAL_BYTES, time_ns,
			   slice->memory_total_bytes);
	}
	if (slice->activity_code == NVML_OK)
		feed_gauge(feed, told->activity, METRIC_SM_ACTIVITY_PPM, time_ns,
			   (int64_t)slice->sm_activity_ppm);
	else if (slice->activity_code != NVML_NOT_TRIED)
		feed_gap(feed, told->activity, METRIC_SM_ACTIVITY_PPM, time_ns,
			 api_errno(slice->activity_code), api_reason(slice->activity_code));
}

void gpu_tell_slices(struct gpu *gpu, const struct probe_context *context)
{
	const struct reading *reading = &gpu->reading;

	for (size_t i = 0; i < gpu->slice_count; i++)
		gpu->slices[i].is_here = false;
	for (size_t i = 0; i < reading->slice_count; i++) {
		struct gpu_slice *told = slice_of(gpu, context->feed, &reading->slices[i]);

		if (!told)
			continue;
		told->is_here = true;
		tell(gpu, context->feed, told, &reading->slices[i]);
	}
	for (size_t i = gpu->slice_count; i-- > 0;) {
		if (gpu->slices[i].is_here)
			continue;
		feed_retire(context->feed, reading->time_ns, gpu->slices[i].domain);
		gpu->slices[i] = gpu->slices[--gpu->slice_count];
	}
}
