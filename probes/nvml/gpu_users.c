/* SPDX-License-Identifier: Apache-2.0 */
/* Who uses a GPU: memory held, and time worked, of each process. */
#include "probes/nvml/gpu.h"

#include <errno.h>

/* Where a process went to another slice it is another user. */
static struct gpu_user *find_user(struct gpu *gpu, uint32_t pid, uint32_t domain,
				  uint32_t gpu_instance)
{
	for (size_t i = 0; i < gpu->user_count; i++) {
		if (gpu->users[i].pid == pid && gpu->users[i].domain == domain &&
		    gpu->users[i].gpu_instance == gpu_instance)
			return &gpu->users[i];
	}
	if (gpu->user_count == ARRAY_SIZE(gpu->users))
		return NULL;
	gpu->users[gpu->user_count] =
		(struct gpu_user){.pid = pid, .domain = domain, .gpu_instance = gpu_instance};
	return &gpu->users[gpu->user_count++];
}

/* Of the GPU or of the slice that it has. */
static uint32_t series_of(const struct gpu *gpu, struct feed *feed, const struct gpu_user *user)
{
	char source[DOMAIN_KEY_SIZE];
	size_t used = text_print(source, sizeof(source), "nvml:%s", gpu->key);

	if (user->gpu_instance != UINT32_MAX)
		text_print(source + used, sizeof(source) - used, "/slice-%u", user->gpu_instance);
	return feed_series(feed, user->domain, source, QUALITY_SAMPLED);
}

static void tell_user(struct gpu *gpu, const struct probe_context *context,
		      const struct reading_process *process, struct gpu_user *user)
{
	int64_t time_ns = gpu->reading.processes_ns;
	uint32_t series = series_of(gpu, context->feed, user);
	int code = gpu->reading.samples_code;

	user->is_here = true;
	if (process->memory_bytes >= 0) {
		feed_gauge(context->feed, series, METRIC_GPU_MEMORY_BYTES, time_ns,
			   process->memory_bytes);
		user->has_memory = true;
	} else if (process->is_listed) {
		feed_gap(context->feed, series, METRIC_GPU_MEMORY_BYTES, time_ns, ENODATA,
			 "the driver does not tell the memory of a process");
	}
	if (code == NVML_OK)
		feed_increase(context->feed, series, METRIC_GPU_BUSY_NS, time_ns, process->busy_ns);
	else if (code != NVML_NOT_TRIED)
		feed_gap(context->feed, series, METRIC_GPU_BUSY_NS, time_ns, api_errno(code),
			 api_reason(code));
}

/* One that is named no more holds nothing and did nothing, as far as it still lives. */
static void tell_absent(struct gpu *gpu, const struct probe_context *context, struct gpu_user *user)
{
	uint32_t series = series_of(gpu, context->feed, user);

	if (user->has_memory)
		feed_gauge(context->feed, series, METRIC_GPU_MEMORY_BYTES,
			   gpu->reading.processes_ns, 0);
	user->has_memory = false;
	if (gpu->reading.samples_code == NVML_OK)
		feed_increase(context->feed, series, METRIC_GPU_BUSY_NS, gpu->reading.processes_ns,
			      0);
}

/* Forgets those that were retired: their domain is no longer theirs. */
static void drop_retired(struct gpu *gpu, const struct users *users)
{
	for (size_t i = gpu->user_count; i-- > 0;) {
		bool is_known = false;
		for (size_t k = 0; k < users->count && !is_known; k++)
			is_known = users->list[k].pid == gpu->users[i].pid &&
				   users->list[k].domain == gpu->users[i].domain;
		if (!is_known)
			gpu->users[i] = gpu->users[--gpu->user_count];
	}
}

void gpu_tell_users(struct gpu *gpu, const struct probe_context *context, struct users *users)
{
	const struct reading *reading = &gpu->reading;

	drop_retired(gpu, users);
	for (size_t i = 0; i < gpu->user_count; i++)
		gpu->users[i].is_here = false;
	for (size_t i = 0; i < reading->process_count; i++) {
		const struct reading_process *process = &reading->processes[i];
		uint32_t domain = users_domain(users, context, process->pid, reading->processes_ns);
		struct gpu_user *user =
			domain ? find_user(gpu, process->pid, domain, process->gpu_instance) : NULL;

		if (user)
			tell_user(gpu, context, process, user);
	}
	for (size_t i = 0; i < gpu->user_count; i++) {
		if (!gpu->users[i].is_here)
			tell_absent(gpu, context, &gpu->users[i]);
	}
}
