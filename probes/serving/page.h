/* SPDX-License-Identifier: Apache-2.0 */
/* What a server of language models says of itself on its metrics page, whichever server it is. Pure. */
#ifndef JOULETOP_PROBES_SERVING_PAGE_H
#define JOULETOP_PROBES_SERVING_PAGE_H

#include "probes/serving/exposition.h"

#define PAGE_BUCKETS_MAX 64

enum page_value {
	PAGE_PROMPT_TOKENS, /* totals since the server's start */
	PAGE_TOKENS,
	PAGE_TOKENS_LIVE, /* the same as they come, where the one above grows only when a request ends */
	PAGE_DECODES, /* runs through the model, and the mean number of requests in one */
	PAGE_SLOTS,
	PAGE_REQUESTS,
	PAGE_RUNNING, /* now */
	PAGE_WAITING,
	PAGE_KV_CACHE, /* share in use */
	PAGE_VALUES
};

enum page_latency { PAGE_FIRST_TOKEN, PAGE_EACH_TOKEN, PAGE_LATENCIES };

/* Counts up to each bound, over all label sets; the last bound is infinite. */
struct page_histogram {
	size_t count;
	double bounds[PAGE_BUCKETS_MAX], counts[PAGE_BUCKETS_MAX];
};

struct page {
	const char *server;				 /* "vllm"; NULL = no known one */
	double values[PAGE_VALUES];			 /* NAN = not there */
	struct page_histogram latencies[PAGE_LATENCIES]; /* count 0 = not there */
	struct exposition_counts counts;
	int rows[PAGE_VALUES + PAGE_LATENCIES]; /* of the table of names; -1 = none yet */
};

void page_read(struct page *page, const char *text, size_t size);

#endif
