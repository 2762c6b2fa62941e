/* SPDX-License-Identifier: Apache-2.0 */
/* Names of metrics by server; their samples summed up over labels. */
#include "probes/serving/page.h"

#include <math.h>
#include <string.h>

#define LATENCY(which) (PAGE_VALUES + (which))
#define FIRST	       LATENCY(PAGE_FIRST_TOKEN)
#define EACH	       LATENCY(PAGE_EACH_TOKEN)

/* One name of one server; where several give the same, the first one counts. Counters are named without "_total". */
static const struct page_name {
	const char *server;
	int what; /* enum page_value, or LATENCY(enum page_latency) */
	const char *name;
	const char *label, *is; /* only samples with this label; NULL = all */
} names[] = {
	{"vllm", PAGE_PROMPT_TOKENS, "vllm:prompt_tokens", NULL, NULL},
	{"vllm", PAGE_TOKENS, "vllm:generation_tokens", NULL, NULL},
	{"vllm", PAGE_REQUESTS, "vllm:request_success", NULL, NULL},
	{"vllm", PAGE_RUNNING, "vllm:num_requests_running", NULL, NULL},
	{"vllm", PAGE_WAITING, "vllm:num_requests_waiting", NULL, NULL},
	{"vllm", PAGE_KV_CACHE, "vllm:kv_cache_usage_perc", NULL, NULL},
	{"vllm", PAGE_KV_CACHE, "vllm:gpu_cache_usage_perc", NULL, NULL},
	{"vllm", FIRST, "vllm:time_to_first_token_seconds", NULL, NULL},
	{"vllm", EACH, "vllm:inter_token_latency_seconds", NULL, NULL},
	{"vllm", EACH, "vllm:time_per_output_token_seconds", NULL, NULL},
	{"vllm", EACH, "vllm:request_time_per_output_token_seconds", NULL, NULL},

	{"sglang", PAGE_PROMPT_TOKENS, "sglang:prompt_tokens", NULL, NULL},
	{"sglang", PAGE_TOKENS, "sglang:generation_tokens", NULL, NULL},
	{"sglang", PAGE_TOKENS_LIVE, "sglang:realtime_tokens", "mode", "decode"},
	{"sglang", PAGE_REQUESTS, "sglang:num_requests", NULL, NULL},
	{"sglang", PAGE_RUNNING, "sglang:num_running_reqs", NULL, NULL},
	{"sglang", PAGE_WAITING, "sglang:num_queue_reqs", NULL, NULL},
	{"sglang", PAGE_KV_CACHE, "sglang:token_usage", NULL, NULL},
	{"sglang", FIRST, "sglang:time_to_first_token_seconds", NULL, NULL},
	{"sglang", EACH, "sglang:inter_token_latency_seconds", NULL, NULL},
	{"sglang", EACH, "sglang:time_per_output_token_seconds", NULL, NULL},

	{"tgi", PAGE_PROMPT_TOKENS, "tgi_request_input_length_sum", NULL, NULL},
	{"tgi", PAGE_TOKENS, "tgi_request_generated_tokens_sum", NULL, NULL},
	{"tgi", PAGE_REQUESTS, "tgi_request_success", NULL, NULL},
	{"tgi", PAGE_RUNNING, "tgi_batch_current_size", NULL, NULL},
	{"tgi", PAGE_WAITING, "tgi_queue_size", NULL, NULL},
	{"tgi", EACH, "tgi_request_mean_time_per_token_duration", NULL, NULL},

	{"llama.cpp", PAGE_PROMPT_TOKENS, "llamacpp:prompt_tokens", NULL, NULL},
	{"llama.cpp", PAGE_TOKENS, "llamacpp:tokens_predicted", NULL, NULL},
	{"llama.cpp", PAGE_DECODES, "llamacpp:n_decode", NULL, NULL},
	{"llama.cpp", PAGE_SLOTS, "llamacpp:n_busy_slots_per_decode", NULL, NULL},
	{"llama.cpp", PAGE_RUNNING, "llamacpp:requests_processing", NULL, NULL},
	{"llama.cpp", PAGE_WAITING, "llamacpp:requests_deferred", NULL, NULL},
	{"llama.cpp", PAGE_KV_CACHE, "llamacpp:kv_cache_usage_ratio", NULL, NULL},

	{"tensorrt-llm", PAGE_PROMPT_TOKENS, "trtllm_prompt_tokens", NULL, NULL},
	{"tensorrt-llm", PAGE_TOKENS, "trtllm_generation_tokens", NULL, NULL},
	{"tensorrt-llm", PAGE_REQUESTS, "trtllm_request_success", NULL, NULL},
	{"tensorrt-llm", PAGE_RUNNING, "trtllm_num_requests_running", NULL, NULL},
	{"tensorrt-llm", PAGE_WAITING, "trtllm_num_requests_waiting", NULL, NULL},
	{"tensorrt-llm", PAGE_KV_CACHE, "trtllm_kv_cache_utilization", NULL, NULL},
	{"tensorrt-llm", FIRST, "trtllm_time_to_first_token_seconds", NULL, NULL},
	{"tensorrt-llm", EACH, "trtllm_time_per_output_token_seconds", NULL, NULL},

	{"lmdeploy", PAGE_PROMPT_TOKENS, "lmdeploy:prompt_tokens", NULL, NULL},
	{"lmdeploy", PAGE_TOKENS, "lmdeploy:generation_tokens", NULL, NULL},
	{"lmdeploy", PAGE_REQUESTS, "lmdeploy:request_success", NULL, NULL},
	{"lmdeploy", PAGE_RUNNING, "lmdeploy:num_requests_running", NULL, NULL},
	{"lmdeploy", PAGE_WAITING, "lmdeploy:num_requests_waiting", NULL, NULL},
	{"lmdeploy", PAGE_KV_CACHE, "lmdeploy:gpu_cache_usage_perc", NULL, NULL},
	{"lmdeploy", FIRST, "lmdeploy:time_to_first_token_seconds", NULL, NULL},
	{"lmdeploy", EACH, "lmdeploy:time_per_output_token_seconds", NULL, NULL},
};

/* True when the sample's name is `name`, with or without a suffix. */
static bool is_named(const struct exposition_sample *sample, const char *name, const char *suffix,
		     bool is_optional)
{
	size_t length = strlen(name), more = strlen(suffix);

	if (sample->name_length < length || memcmp(sample->name, name, length) != 0)
		return false;
	if (sample->name_length == length)
		return is_optional;
	return sample->name_length == length + more &&
	       memcmp(sample->name + length, suffix, more) == 0;
}

static bool has_label(const struct exposition_sample *sample, const struct page_name *name)
{
	char value[32];

	return !name->label || (exposition_label(sample, name->label, value, sizeof(value)) &&
				strcmp(value, name->is) == 0);
}

/* Adds to the bucket of a bound; a new one is put where it belongs. */
static void add_bucket(struct page_histogram *histogram, double bound, double count)
{
	size_t at = histogram->count;

	while (at > 0 && histogram->bounds[at - 1] > bound)
		at--;
	if (at > 0 && histogram->bounds[at - 1] == bound) {
		histogram->counts[at - 1] += count;
		return;
	}
	if (histogram->count == PAGE_BUCKETS_MAX)
		return;
	memmove(&histogram->bounds[at + 1], &histogram->bounds[at],
		(histogram->count - at) * sizeof(double));
	memmove(&histogram->counts[at + 1], &histogram->counts[at],
		(histogram->count - at) * sizeof(double));
	histogram->bounds[at] = bound;
	histogram->counts[at] = count;
	histogram->count++;
}

static void take_bucket(struct page_histogram *histogram, const struct exposition_sample *sample)
{
	char text[32];
	double bound;

	if (exposition_label(sample, "le", text, sizeof(text)) &&
	    exposition_number(text, strlen(text), &bound) && bound >= 0)
		add_bucket(histogram, bound, sample->value);
}

static void take_value(struct page *page, int what, double value)
{
	double *sum = &page->values[what];

	/* Several models or engines: the fullest cache is what holds requests up. */
	if (isnan(*sum))
		*sum = value;
	else if (what == PAGE_KV_CACHE || what == PAGE_SLOTS)
		*sum = fmax(*sum, value);
	else
		*sum += value;
}

static void take(void *user, const struct exposition_sample *sample)
{
	struct page *page = user;

	/* No total and no level here is negative or beyond what is counted exactly. */
	if (!(sample->value >= 0 && sample->value < 9e15))
		return;
	for (int i = 0; i < (int)ARRAY_SIZE(names); i++) {
		const struct page_name *name = &names[i];
		bool is_latency = name->what >= PAGE_VALUES;
		int *row = &page->rows[name->what];

		if (!is_named(sample, name->name, is_latency ? "_bucket" : "_total", !is_latency) ||
		    !has_label(sample, name))
			continue;
		if ((page->server && strcmp(page->server, name->server) != 0) ||
		    (*row >= 0 && *row < i))
			return;
		if (*row > i && is_latency)
			page->latencies[name->what - PAGE_VALUES].count = 0;
		else if (*row > i)
			page->values[name->what] = NAN;
		page->server = name->server;
		*row = i;
		if (is_latency)
			take_bucket(&page->latencies[name->what - PAGE_VALUES], sample);
		else
			take_value(page, name->what, sample->value);
		return;
	}
}

void page_read(struct page *page, const char *text, size_t size)
{
	*page = (struct page){.server = NULL};
	for (int i = 0; i < PAGE_VALUES; i++)
		page->values[i] = NAN;
	for (int i = 0; i < PAGE_VALUES + PAGE_LATENCIES; i++)
		page->rows[i] = -1;
	page->counts = exposition_read(text, size, take, page);
}
