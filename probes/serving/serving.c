/* SPDX-License-Identifier: Apache-2.0 */
/* Servers of language models, by their metrics pages: tokens and requests as work, queues, cache and latencies. */
#include "probes/serving/fetch.h"
#include "probes/serving/latency.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE DOMAIN_NAME_SIZE

/* Work is announced in this order. */
enum work { TOKENS, PROMPT_TOKENS, REQUESTS, WORKS };

static const struct {
	const char *unit;
	enum page_value value;
} works[WORKS] = {{"tokens", PAGE_TOKENS},
		  {"prompt tokens", PAGE_PROMPT_TOKENS},
		  {"requests", PAGE_REQUESTS}};

static const struct {
	enum metric metric;
	enum page_value value;
	double factor;
} gauges[] = {{METRIC_REQUESTS_RUNNING, PAGE_RUNNING, 1},
	      {METRIC_REQUESTS_WAITING, PAGE_WAITING, 1},
	      {METRIC_KV_CACHE_PPM, PAGE_KV_CACHE, 1e6}};

static const struct {
	enum metric metric;
	enum page_latency latency;
	double share;
} percentiles[] = {{METRIC_TTFT_P50_NS, PAGE_FIRST_TOKEN, 0.5},
		   {METRIC_TTFT_P99_NS, PAGE_FIRST_TOKEN, 0.99},
		   {METRIC_TPOT_P50_NS, PAGE_EACH_TOKEN, 0.5},
		   {METRIC_TPOT_P99_NS, PAGE_EACH_TOKEN, 0.99}};

/* One total of a server, as far as it has been told. */
struct total {
	bool is_known;
	double last;
};

struct server {
	const char *url;
	char name[NAME_SIZE]; /* "localhost:8000" */
	const char *kind;     /* "vllm"; NULL = not known yet */
	uint32_t domain, series;
	int code; /* of the last page; 0 = fine */
	char reason[128];
	struct total totals[WORKS], live;
	double ahead; /* tokens told because they were made, not yet in the server's own total */
	struct latency latencies[PAGE_LATENCIES];
};

struct serving {
	struct fetch *fetch;
	struct server *servers; /* they are large, and most runs have none */
	size_t count;
	bool has_work[WORKS];
	double untold[WORKS]; /* below one */
	char told[512];	      /* of all servers, as last said */
	enum source_state told_state;
	struct page page;
};

/* Host and port; the path where it is not the usual one. Never what stands before an @ or behind a ?. */
static void name_server(struct server *server)
{
	const char *host = strstr(server->url, "://");
	const char *path, *at;
	size_t length;

	host = host ? host + 3 : server->url;
	path = host + strcspn(host, "/?#");
	at = memchr(host, '@', (size_t)(path - host));
	while (at) {
		host = at + 1;
		at = memchr(host, '@', (size_t)(path - host));
	}
	length = strcspn(path, "?#");
	if (length == 8 && memcmp(path, "/metrics", length) == 0)
		length = 0;
	text_clean(server->name, sizeof(server->name), host, (size_t)(path - host) + length);
}

static int serving_open(void *self, const struct probe_context *context, struct error *err)
{
	struct serving *serving = self;

	if (context->work_url_count == 0)
		return error_set(err, ENODEV, "no server: name its metrics page by --work-url");
	serving->fetch = fetch_create(err);
	if (!serving->fetch)
		return -err->code;
	serving->told_state = SOURCE_STATE_COUNT;
	serving->servers = memory_zeroed(context->work_url_count, sizeof(*serving->servers));
	for (size_t i = 0; i < context->work_url_count; i++) {
		struct server *server = &serving->servers[serving->count++];
		char key[DOMAIN_KEY_SIZE];

		server->url = context->work_urls[i];
		name_server(server);
		text_print(key, sizeof(key), "server/%s", server->name);
		server->domain = feed_domain(context->feed, DOMAIN_SERVER, key, 0, server->name);
		server->series =
			feed_series(context->feed, server->domain, "metrics", QUALITY_GIVEN);
	}
	feed_source(context->feed, "serving", SOURCE_PENDING, "tokens, requests, latencies", "",
		    "");
	return 0;
}

/* What a total grew by; a smaller one is that of a server that began anew: nothing is known of the time between. */
static double step(struct total *total, double value, bool *began_anew)
{
	double grown = total->is_known ? value - total->last : 0;

	if (isnan(value))
		return 0;
	total->is_known = true;
	total->last = value;
	if (grown < 0)
		*began_anew = true;
	return grown > 0 ? grown : 0;
}

/* Some servers count a request's tokens when it ends. What they say of tokens as they come is told ahead of that, and taken
 * off when the request has ended; when nothing runs any more, nothing is ahead. */
static double tokens_made(struct server *server, const struct page *page, bool *began_anew)
{
	double live = page->values[PAGE_TOKENS_LIVE];
	double exact = step(&server->totals[TOKENS], page->values[PAGE_TOKENS], began_anew);
	double ahead = server->ahead, made;

	if (isnan(live))
		live = page->values[PAGE_DECODES] * page->values[PAGE_SLOTS];
	if (isnan(live))
		return exact;
	made = step(&server->live, live, began_anew);
	if (*began_anew)
		server->ahead = ahead = made = 0;
	server->ahead = fmax(ahead + made - exact, 0);
	if (page->values[PAGE_RUNNING] == 0)
		server->ahead = 0;
	return fmax(exact + server->ahead - ahead, 0);
}

static void count_work(struct serving *serving, struct server *server, struct feed *feed,
		       int64_t time_ns)
{
	const struct page *page = &serving->page;
	bool began_anew = false;

	serving->untold[TOKENS] += tokens_made(server, page, &began_anew);
	for (int i = PROMPT_TOKENS; i < WORKS; i++)
		serving->untold[i] +=
			step(&server->totals[i], page->values[works[i].value], &began_anew);
	for (int i = 0; i < WORKS; i++)
		serving->has_work[i] |= !isnan(page->values[works[i].value]);
	if (began_anew)
		feed_note(feed, time_ns, NOTE_WARN, 0,
			  "serving: %s began to count anew; what it did since the page before is "
			  "not known",
			  server->name);
}

static void tell_levels(struct server *server, const struct page *page, struct feed *feed,
			int64_t time_ns)
{
	for (size_t i = 0; i < ARRAY_SIZE(gauges); i++) {
		double value = page->values[gauges[i].value];

		if (!isnan(value))
			feed_gauge(feed, server->series, gauges[i].metric, time_ns,
				   (int64_t)llround(value * gauges[i].factor));
	}
	for (int i = 0; i < PAGE_LATENCIES; i++)
		if (page->latencies[i].count > 0)
			latency_add(&server->latencies[i], time_ns, &page->latencies[i]);
	for (size_t i = 0; i < ARRAY_SIZE(percentiles); i++) {
		const struct latency *latency = &server->latencies[percentiles[i].latency];
		double value_s = latency_quantile(latency, percentiles[i].share);

		if (isfinite(value_s) && value_s < 1e6)
			feed_gauge(feed, server->series, percentiles[i].metric, time_ns,
				   (int64_t)llround(value_s * 1e9));
		else if (latency->kept > 0)
			feed_gap(feed, server->series, percentiles[i].metric, time_ns, ENODATA,
				 "no request in the last minute");
	}
}

static void tell_gaps(const struct server *server, struct feed *feed, int64_t time_ns)
{
	for (size_t i = 0; i < ARRAY_SIZE(gauges); i++)
		feed_gap(feed, server->series, gauges[i].metric, time_ns, server->code,
			 server->reason);
	for (size_t i = 0; i < ARRAY_SIZE(percentiles); i++)
		feed_gap(feed, server->series, percentiles[i].metric, time_ns, server->code,
			 server->reason);
}

/* 0 when its page was read. */
static int read_server(struct serving *serving, struct server *server, struct feed *feed)
{
	struct fetch_page fetched;
	struct error err = {0};
	int64_t begin_ns = clock_now_ns(), time_ns;
	int code = fetch_get(serving->fetch, server->url, &fetched, &err);

	time_ns = begin_ns + (clock_now_ns() - begin_ns) / 2;
	server->reason[0] = '\0';
	if (code == 0) {
		page_read(&serving->page, fetched.text, fetched.size);
		if (!serving->page.server)
			code = error_set(&err, ENODATA,
					 "none of its %llu samples are of a server that is known",
					 (unsigned long long)serving->page.counts.samples);
	}
	server->code = -code;
	if (code < 0) {
		text_print(server->reason, sizeof(server->reason), "%s", err.text);
		tell_gaps(server, feed, time_ns);
		return code;
	}
	if (fetched.is_cut)
		text_print(server->reason, sizeof(server->reason),
			   "its page is longer than %zu MiB and was cut", FETCH_SIZE_MAX >> 20);
	if (server->kind != serving->page.server)
		feed_label(feed, server->domain, "server", serving->page.server);
	server->kind = serving->page.server;
	count_work(serving, server, feed, time_ns);
	tell_levels(server, &serving->page, feed, time_ns);
	return 0;
}

/* Says "vllm at localhost:8000; localhost:8001: nobody answers there" when that has changed. */
static void tell_state(struct serving *serving, struct feed *feed, size_t answered)
{
	enum source_state state = answered == serving->count ? SOURCE_OK : SOURCE_PARTIAL;
	char text[sizeof(serving->told)] = "";
	bool is_loading = false;
	size_t used = 0;

	for (size_t i = 0; i < serving->count; i++) {
		const struct server *server = &serving->servers[i];

		is_loading |= server->code == EAGAIN;
		if (server->reason[0] && server->code == 0)
			state = SOURCE_PARTIAL;
		used += text_print(text + used, sizeof(text) - used, "%s%s%s%s%s%s",
				   used ? "; " : "", server->kind ? server->kind : "",
				   server->kind ? " at " : "", server->name,
				   server->reason[0] ? ": " : "", server->reason);
	}
	if (answered == 0)
		state = is_loading ? SOURCE_PENDING : SOURCE_FAILED;
	if (state == serving->told_state && strcmp(text, serving->told) == 0)
		return;
	memcpy(serving->told, text, sizeof(text));
	serving->told_state = state;
	feed_source(feed, "serving", state, "tokens, requests, latencies", text, "");
}

static int serving_sample(void *self, const struct probe_context *context,
			  const struct watch *watch)
{
	struct serving *serving = self;
	size_t answered = 0;
	int64_t now_ns;

	(void)watch;
	for (size_t i = 0; i < serving->count; i++)
		answered += read_server(serving, &serving->servers[i], context->feed) == 0;
	now_ns = clock_now_ns();
	for (int i = 0; i < WORKS; i++) {
		int64_t whole = (int64_t)serving->untold[i];

		/* Nothing is told when nobody answered: what was done meanwhile is not known to be nothing. */
		if (!serving->has_work[i] || answered == 0)
			continue;
		serving->untold[i] -= (double)whole;
		feed_work(context->feed, now_ns, "metrics", works[i].unit, whole);
	}
	tell_state(serving, context->feed, answered);
	return 0;
}

static void serving_close(void *self)
{
	struct serving *serving = self;

	fetch_destroy(serving->fetch);
	free(serving->servers);
	serving->fetch = NULL;
	serving->servers = NULL;
}

const struct probe probe_serving = {
	.name = "serving",
	.gives = "tokens, requests, latencies of a model's server",
	.private_size = sizeof(struct serving),
	.slow = true,
	.period_ns = CLOCK_NS_PER_S,
	.open = serving_open,
	.sample = serving_sample,
	.close = serving_close,
};
