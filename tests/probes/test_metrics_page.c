/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics pages: any bytes within bounds, labels summed up, percentiles of what came since. */
#include "probes/serving/latency.h"
#include "tests/support/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct page read_page(const char *text)
{
	struct page page;

	page_read(&page, text, strlen(text));
	return page;
}

static void near(double value, double expected)
{
	if (!(fabs(value - expected) <= 1e-9 * fmax(1, fabs(expected))))
		fail_msg("%.12g instead of %.12g", value, expected);
}

static void samples_are_summed_over_their_labels(void **state)
{
	struct page page = read_page(
		"# HELP vllm:generation_tokens_total Number.\n# TYPE vllm:generation_tokens_total counter\n"
		"vllm:generation_tokens_total{engine=\"0\",model_name=\"a}\\\"b\"} 1.5e+03\n"
		"vllm:generation_tokens_total { engine = \"1\" , } 500 1700000000000\n"
		"vllm:generation_tokens_created{engine=\"0\"} 1.7e+09\n"
		"vllm:prompt_tokens_total 7 # {trace_id=\"x\"} 0.5 1.0\r\n"
		"vllm:num_requests_running{engine=\"0\"} 3\nvllm:num_requests_running{engine=\"1\"} 4\n"
		"vllm:kv_cache_usage_perc{engine=\"0\"} 0.25\nvllm:kv_cache_usage_perc{engine=\"1\"} 0.5\n"
		"# EOF\n");

	(void)state;
	assert_string_equal(page.server, "vllm");
	near(page.values[PAGE_TOKENS], 2000);
	near(page.values[PAGE_PROMPT_TOKENS], 7);
	near(page.values[PAGE_RUNNING], 7);
	near(page.values[PAGE_KV_CACHE], 0.5);
	assert_true(isnan(page.values[PAGE_WAITING]));
	assert_int_equal(page.counts.samples, 8);
	assert_int_equal(page.counts.malformed, 0);
}

static void names_with_and_without_total_are_the_same_and_the_better_name_wins(void **state)
{
	struct page page = read_page("vllm:generation_tokens{x=\"y\"} 12\n"
				     "vllm:gpu_cache_usage_perc 0.9\nvllm:kv_cache_usage_perc 0.1\n"
				     "vllm:gpu_cache_usage_perc 0.9\n");

	(void)state;
	near(page.values[PAGE_TOKENS], 12);
	near(page.values[PAGE_KV_CACHE], 0.1);
	page = read_page("sglang:realtime_tokens_total{mode=\"decode\"} 5\n"
			 "sglang:realtime_tokens_total{mode=\"prefill_compute\"} 50\n");
	near(page.values[PAGE_TOKENS_LIVE], 5);
	assert_string_equal(page.server, "sglang");
}

static void what_is_malformed_is_counted_and_left_out(void **state)
{
	struct page page = read_page(
		"vllm:generation_tokens_total{engine=\"0\" 5\nvllm:generation_tokens_total\n"
		"vllm:generation_tokens_total five\n{a=\"b\"} 1\n5 5\n"
		"vllm:generation_tokens_total{e=\"0\"} NaN\nvllm:generation_tokens_total -4\n"
		"vllm:generation_tokens_total 1e300\nvllm:generation_tokens_total 0x10\n\n  \n");

	(void)state;
	assert_true(isnan(page.values[PAGE_TOKENS]));
	assert_int_equal(page.counts.malformed, 6);
	assert_int_equal(page.counts.samples, 3);
	page_read(&page, "\0\377\0", 3);
	assert_null(page.server);
}

static void a_label_is_found_with_its_escapes_undone(void **state)
{
	static const char labels[] = "a=\"1,b=2\",le=\"0.5\",  path = \"c:\\\\d\\\"e\\n\"";
	struct exposition_sample sample = {.labels = labels, .labels_length = sizeof(labels) - 1};
	char value[16];

	(void)state;
	assert_true(exposition_label(&sample, "le", value, sizeof(value)));
	assert_string_equal(value, "0.5");
	assert_true(exposition_label(&sample, "path", value, sizeof(value)));
	assert_string_equal(value, "c:\\d\"e\n");
	assert_false(exposition_label(&sample, "b", value, sizeof(value)));
	assert_false(exposition_label(&sample, "path", value, 4));
}

/* Buckets of two engines, the last one open. */
static struct page_histogram histogram(double a, double b, double c)
{
	char text[1024];

	text_print(text, sizeof(text),
		   "vllm:time_to_first_token_seconds_bucket{engine=\"0\",le=\"0.1\"} %.0f\n"
		   "vllm:time_to_first_token_seconds_bucket{engine=\"0\",le=\"0.2\"} %.0f\n"
		   "vllm:time_to_first_token_seconds_bucket{engine=\"0\",le=\"+Inf\"} %.0f\n"
		   "vllm:time_to_first_token_seconds_bucket{engine=\"1\",le=\"0.2\"} 10\n"
		   "vllm:time_to_first_token_seconds_bucket{engine=\"1\",le=\"0.1\"} 10\n"
		   "vllm:time_to_first_token_seconds_bucket{engine=\"1\",le=\"+Inf\"} 10\n"
		   "vllm:time_to_first_token_seconds_sum 1\n",
		   a, b, c);
	return read_page(text).latencies[PAGE_FIRST_TOKEN];
}

static void percentiles_are_of_what_came_since_by_straight_lines(void **state)
{
	struct latency *latency = memory_zeroed(1, sizeof(*latency));
	struct page_histogram first = histogram(100, 100, 100), later = histogram(150, 250, 300);

	(void)state;
	assert_int_equal(first.count, 3);
	assert_true(isinf(first.bounds[2]));
	assert_true(isnan(latency_quantile(latency, 0.5)));
	latency_add(latency, 0, &first);
	assert_true(isnan(latency_quantile(latency, 0.5)));
	/* 50 below 0.1 s, 100 up to 0.2 s, 50 above. */
	latency_add(latency, CLOCK_NS_PER_S, &later);
	near(latency_quantile(latency, 0.25), 0.1);
	near(latency_quantile(latency, 0.5), 0.15);
	near(latency_quantile(latency, 0.125), 0.05);
	near(latency_quantile(latency, 0.99), 0.2);
	/* A minute later all that is old news. */
	for (int64_t s = 2; s < 70; s++)
		latency_add(latency, s * CLOCK_NS_PER_S, &later);
	assert_true(isnan(latency_quantile(latency, 0.5)));
	assert_true(latency->kept <= LATENCY_KEPT);
	free(latency);
}

static void a_server_that_began_anew_has_a_new_window(void **state)
{
	struct latency *latency = memory_zeroed(1, sizeof(*latency));
	struct page_histogram full = histogram(100, 200, 300), fresh = histogram(1, 2, 3),
			      next = histogram(11, 12, 13);

	(void)state;
	latency_add(latency, 0, &full);
	latency_add(latency, CLOCK_NS_PER_S, &fresh);
	assert_true(isnan(latency_quantile(latency, 0.5)));
	latency_add(latency, 2 * CLOCK_NS_PER_S, &next);
	near(latency_quantile(latency, 0.5), 0.05);
	free(latency);
}

static void more_buckets_than_there_is_room_for_do_no_harm(void **state)
{
	char *text = memory_zeroed(200, 96);
	struct page page;
	size_t used = 0;

	(void)state;
	for (int i = 0; i < 200; i++)
		used += text_print(text + used, 96,
				   "vllm:time_to_first_token_seconds_bucket{le=\"%d\"} %d\n",
				   (i * 37) % 200, i);
	page_read(&page, text, used);
	assert_int_equal(page.latencies[PAGE_FIRST_TOKEN].count, PAGE_BUCKETS_MAX);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_are_summed_over_their_labels),
		cmocka_unit_test(
			names_with_and_without_total_are_the_same_and_the_better_name_wins),
		cmocka_unit_test(what_is_malformed_is_counted_and_left_out),
		cmocka_unit_test(a_label_is_found_with_its_escapes_undone),
		cmocka_unit_test(percentiles_are_of_what_came_since_by_straight_lines),
		cmocka_unit_test(a_server_that_began_anew_has_a_new_window),
		cmocka_unit_test(more_buckets_than_there_is_room_for_do_no_harm),
	};

	return cmocka_run_group_tests_name("metrics_page", tests, NULL, NULL);
}
