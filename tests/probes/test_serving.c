/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the probe serving: what a server's page says becomes work and levels; what it does not say is never made up. */
#include "measure/probe.h"
#include "probes/serving/fetch.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/heard.h"
#include "tests/support/page_server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct probe probe_serving;

struct stand {
	struct page_server *server;
	struct feed *feed;
	struct probe_context context;
	const char *urls[2];
	void *self;
};

static int set_up(void **state)
{
	struct stand *stand = memory_zeroed(1, sizeof(*stand));

	stand->server = page_server_start();
	stand->feed = feed_create();
	stand->urls[0] = page_server_url(stand->server);
	stand->context = (struct probe_context){
		.feed = stand->feed, .work_urls = stand->urls, .work_url_count = 1};
	stand->self = memory_zeroed(1, probe_serving.private_size);
	*state = stand;
	return 0;
}

static int tear_down(void **state)
{
	struct stand *stand = *state;

	probe_serving.close(stand->self);
	page_server_stop(stand->server);
	feed_destroy(stand->feed);
	free(stand->self);
	free(stand);
	return 0;
}

static void open_probe(struct stand *stand)
{
	struct error err = {0};

	if (probe_serving.open(stand->self, &stand->context, &err) != 0)
		fail_msg("%s", err.text);
}

static void sample(struct stand *stand, const char *page)
{
	page_server_give(stand->server, &(struct page_answer){.text = page});
	assert_int_equal(probe_serving.sample(stand->self, &stand->context, NULL), 0);
}

static void sample_answer(struct stand *stand, const struct page_answer *answer)
{
	page_server_give(stand->server, answer);
	assert_int_equal(probe_serving.sample(stand->self, &stand->context, NULL), 0);
}

/* -1 = never told. */
static int64_t done(struct stand *stand, const char *unit)
{
	char key[64];
	int64_t value = -1;

	text_print(key, sizeof(key), "work/%s", unit);
	heard_value(stand->feed, heard_series(stand->feed, key, "metrics"), METRIC_WORK, &value);
	return value;
}

static int64_t level(struct stand *stand, enum metric metric)
{
	char key[96];
	int64_t value = -1;

	text_print(key, sizeof(key), "server/%.*s",
		   (int)strcspn(stand->urls[0] + strlen("http://"), "/"),
		   stand->urls[0] + strlen("http://"));
	heard_value(stand->feed, heard_series(stand->feed, key, "metrics"), metric, &value);
	return value;
}

static void expect_state(struct stand *stand, enum source_state state, const char *part)
{
	const char *reason = "";

	assert_int_equal(heard_source(stand->feed, "serving", &reason, NULL), state);
	if (!strstr(reason, part))
		fail_msg("'%s' is not in '%s'", part, reason);
}

/* A page of vLLM after so many tokens. */
static const char *vllm(char *out, size_t size, int tokens, int fast, int slow)
{
	text_print(out, size,
		   "vllm:generation_tokens_total{engine=\"0\"} %d.0\n"
		   "vllm:prompt_tokens_total{engine=\"0\"} %d.0\n"
		   "vllm:request_success_total{finished_reason=\"stop\"} %d.0\n"
		   "vllm:request_success_total{finished_reason=\"abort\"} 1.0\n"
		   "vllm:num_requests_running 12.0\nvllm:num_requests_waiting 3.0\n"
		   "vllm:kv_cache_usage_perc 0.45\n"
		   "vllm:time_to_first_token_seconds_bucket{le=\"0.1\"} %d\n"
		   "vllm:time_to_first_token_seconds_bucket{le=\"0.3\"} %d\n"
		   "vllm:time_to_first_token_seconds_bucket{le=\"+Inf\"} %d\n",
		   tokens, tokens * 3, tokens / 10, fast, fast + slow, fast + slow);
	return out;
}

static void without_an_address_it_is_not_here(void **state)
{
	struct stand *stand = *state;
	struct error err = {0};

	stand->context.work_url_count = 0;
	assert_int_equal(probe_serving.open(stand->self, &stand->context, &err), -ENODEV);
	assert_non_null(strstr(err.text, "--work-url"));
}

static void tokens_and_requests_are_work_and_levels_are_levels(void **state)
{
	struct stand *stand = *state;
	char page[2048];

	open_probe(stand);
	sample(stand, vllm(page, sizeof(page), 5000, 100, 0));
	/* What was done before we looked is not of this run. */
	assert_int_equal(done(stand, "tokens"), 0);
	sample(stand, vllm(page, sizeof(page), 5400, 100, 0));
	sample(stand, vllm(page, sizeof(page), 6000, 110, 10));
	assert_int_equal(done(stand, "tokens"), 1000);
	assert_int_equal(done(stand, "prompt tokens"), 3000);
	assert_int_equal(done(stand, "requests"), 100);
	assert_int_equal(level(stand, METRIC_REQUESTS_RUNNING), 12);
	assert_int_equal(level(stand, METRIC_REQUESTS_WAITING), 3);
	assert_int_equal(level(stand, METRIC_KV_CACHE_PPM), 450000);
	assert_int_equal(level(stand, METRIC_TTFT_P50_NS), 100000000);
	/* 0.98 of the second bucket's ten. */
	assert_int_equal(level(stand, METRIC_TTFT_P99_NS), 296000000);
	assert_int_equal(level(stand, METRIC_TPOT_P99_NS), -1);
	expect_state(stand, SOURCE_OK, "vllm at 127.0.0.1:");
	assert_int_equal(heard_notes(stand->feed, ""), 0);
}

static void a_server_that_began_anew_is_said_and_counts_from_there(void **state)
{
	struct stand *stand = *state;
	char page[2048];

	open_probe(stand);
	sample(stand, vllm(page, sizeof(page), 5000, 1, 0));
	sample(stand, vllm(page, sizeof(page), 5100, 1, 0));
	sample(stand, vllm(page, sizeof(page), 40, 1, 0));
	assert_int_equal(done(stand, "tokens"), 100);
	assert_int_equal(heard_notes(stand->feed, "began to count anew"), 1);
	sample(stand, vllm(page, sizeof(page), 90, 1, 0));
	assert_int_equal(done(stand, "tokens"), 150);
}

static const char *llama(char *out, size_t size, int predicted, int decodes, double slots,
			 int running)
{
	text_print(out, size,
		   "llamacpp:prompt_tokens_total 15\nllamacpp:tokens_predicted_total %d\n"
		   "llamacpp:n_decode_total %d\nllamacpp:n_busy_slots_per_decode %g\n"
		   "llamacpp:requests_processing %d\n",
		   predicted, decodes, slots, running);
	return out;
}

/* llama.cpp counts a request's tokens when it ends; its runs through the model move meanwhile. */
static void tokens_that_are_counted_late_are_told_as_they_come_and_only_once(void **state)
{
	struct stand *stand = *state;
	char page[1024];

	open_probe(stand);
	sample(stand, llama(page, sizeof(page), 0, 0, 0, 0));
	sample(stand, llama(page, sizeof(page), 0, 100, 1, 1));
	assert_int_equal(done(stand, "tokens"), 100);
	/* A second one joins: 100 runs of one and 100 of two. */
	sample(stand, llama(page, sizeof(page), 0, 200, 1.5, 2));
	assert_int_equal(done(stand, "tokens"), 300);
	/* The first one ends, with 2 tokens fewer than were thought (its prompt was two runs). */
	sample(stand, llama(page, sizeof(page), 198, 200, 1.5, 1));
	assert_int_equal(done(stand, "tokens"), 300);
	sample(stand, llama(page, sizeof(page), 298, 201, 1.5, 0));
	assert_true(done(stand, "tokens") <= 302);
	/* A request that came and went between two pages. */
	sample(stand, llama(page, sizeof(page), 398, 202, 1.5, 0));
	assert_true(done(stand, "tokens") >= 396 && done(stand, "tokens") <= 402);
}

static char *recorded(const char *name)
{
	const char *data = getenv("JOULETOP_DATA");
	char path[1024];
	FILE *file;
	char *text;

	text_print(path, sizeof(path), "%s/openmetrics/%s", data ? data : "", name);
	file = data ? fopen(path, "re") : NULL;
	if (!file) {
		skip();
		return NULL;
	}
	text = memory_zeroed(65536, 1);
	text[fread(text, 1, 65535, file)] = '\0';
	fclose(file);
	return text;
}

static void recorded_pages_of_a_server_give_its_tokens(void **state)
{
	static const struct {
		const char *name;
		int64_t tokens;
	} pages[] = {{"metrics.idle.txt", 0}, {"metrics.busy.txt", 61}, {"metrics.after.txt", 764}};
	struct stand *stand = *state;

	open_probe(stand);
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		char *text = recorded(pages[i].name);

		sample(stand, text);
		free(text);
		assert_int_equal(done(stand, "tokens"), pages[i].tokens);
	}
	assert_int_equal(level(stand, METRIC_KV_CACHE_PPM), 800781);
	expect_state(stand, SOURCE_OK, "llama.cpp at");
}

static void whatever_goes_wrong_is_said_and_is_a_gap(void **state)
{
	static const struct {
		struct page_answer answer;
		enum source_state state;
		const char *reason;
	} cases[] = {
		{{.text = "{\"error\":{\"message\":\"Loading model\"}}",
		  .status = 503,
		  .type = "application/json"},
		 SOURCE_PENDING,
		 "not ready yet (503)"},
		{{.text = "oops", .status = 500}, SOURCE_FAILED, "status 500"},
		{{.text = "", .status = 302, .more = "Location: http://127.0.0.1:1/else\r\n"},
		 SOURCE_FAILED,
		 "not followed (302)"},
		{{.text = "<html>", .type = "text/html"}, SOURCE_FAILED, "sends text/html"},
		{{.text = "go_goroutines 7\n"}, SOURCE_FAILED, "none of its 1 samples"},
		{{.text = "vllm:generation_tokens_total 9\n", .manner = PAGE_BROKEN},
		 SOURCE_FAILED,
		 "127.0.0.1:"},
		{{.text = "", .manner = PAGE_SILENT}, SOURCE_FAILED, "no whole answer within"},
	};
	struct stand *stand = *state;
	char page[2048];

	open_probe(stand);
	expect_state(stand, SOURCE_PENDING, "");
	sample(stand, vllm(page, sizeof(page), 100, 1, 0));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		sample_answer(stand, &cases[i].answer);
		expect_state(stand, cases[i].state, cases[i].reason);
		assert_int_equal(level(stand, METRIC_REQUESTS_RUNNING), -1);
		assert_int_equal(done(stand, "tokens"), 0);
		if (cases[i].answer.manner == PAGE_SILENT)
			break; /* it stays silent */
		sample(stand, vllm(page, sizeof(page), 100, 1, 0));
		expect_state(stand, SOURCE_OK, "vllm at");
		assert_int_equal(level(stand, METRIC_REQUESTS_RUNNING), 12);
	}
}

static void a_server_that_is_gone_is_said(void **state)
{
	struct stand *stand = *state;
	struct page_server *other = page_server_start();
	char url[64], page[2048];

	text_print(url, sizeof(url), "%s", page_server_url(other));
	page_server_stop(other);
	stand->urls[1] = url;
	stand->context.work_url_count = 2;
	open_probe(stand);
	sample(stand, vllm(page, sizeof(page), 100, 1, 0));
	expect_state(stand, SOURCE_PARTIAL, ": nobody answers there");
	sample(stand, vllm(page, sizeof(page), 150, 1, 0));
	assert_int_equal(done(stand, "tokens"), 50);
}

static void an_endless_page_is_cut_and_said(void **state)
{
	struct stand *stand = *state;
	char *page = memory_zeroed(1, 65536), head[2048];
	size_t used = text_print(page, 4096, "%s", vllm(head, sizeof(head), 100, 1, 0));

	while (used < 60000)
		used += text_print(page + used, 65536 - used, "other_total{x=\"%zu\"} 1\n", used);
	open_probe(stand);
	sample_answer(stand, &(struct page_answer){.text = page, .manner = PAGE_ENDLESS});
	expect_state(stand, SOURCE_PARTIAL, "longer than 4 MiB and was cut");
	assert_true(page_server_sent(stand->server) < 64 * FETCH_SIZE_MAX);
	/* What came before the cut is used. */
	assert_true(level(stand, METRIC_REQUESTS_WAITING) > 0);
	free(page);
}

#define STAND_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAND_TEST(without_an_address_it_is_not_here),
		STAND_TEST(tokens_and_requests_are_work_and_levels_are_levels),
		STAND_TEST(a_server_that_began_anew_is_said_and_counts_from_there),
		STAND_TEST(tokens_that_are_counted_late_are_told_as_they_come_and_only_once),
		STAND_TEST(recorded_pages_of_a_server_give_its_tokens),
		STAND_TEST(whatever_goes_wrong_is_said_and_is_a_gap),
		STAND_TEST(a_server_that_is_gone_is_said),
		STAND_TEST(an_endless_page_is_cut_and_said),
	};

	return cmocka_run_group_tests_name("serving", tests, NULL, NULL);
}
