/* SPDX-License-Identifier: Apache-2.0 */
/* Gets one page over HTTP, within bounds of time and size; redirects are not followed. May block: for a slow probe. */
#ifndef JOULETOP_PROBES_SERVING_FETCH_H
#define JOULETOP_PROBES_SERVING_FETCH_H

#include "measure/probe.h"

#define FETCH_SIZE_MAX	 ((size_t)4 << 20)
#define FETCH_TIMEOUT_MS 2000

struct fetch; /* one connection and its buffer; not shared between threads */

struct fetch *fetch_create(struct error *err); /* NULL = the library cannot be used, and why */
void fetch_destroy(struct fetch *fetch);

struct fetch_page {
	const char *text; /* lent until the next call */
	size_t size;
	bool is_cut; /* longer than FETCH_SIZE_MAX: cut behind its last whole line */
};

/* 0 with *page, or -errno with the reason in *err: -EAGAIN = the server says that it is not ready yet, -ENODATA = it answers
 * with something else than metrics, others = it does not answer. */
int fetch_get(struct fetch *fetch, const char *url, struct fetch_page *page, struct error *err);

#endif
