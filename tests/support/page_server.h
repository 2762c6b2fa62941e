/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP server in a thread of the test: gives the page that it was last told, in whatever way it was told. */
#ifndef JOULETOP_TESTS_PAGE_SERVER_H
#define JOULETOP_TESTS_PAGE_SERVER_H

#include <stdbool.h>
#include <stddef.h>

struct page_server;

enum page_manner {
	PAGE_WHOLE,   /* the page, and its length before it */
	PAGE_ENDLESS, /* the page again and again until the reader goes away */
	PAGE_SILENT,  /* takes the request and says nothing until it is stopped */
	PAGE_BROKEN,  /* goes away in the middle of the page */
};

struct page_answer {
	const char *text; /* copied */
	int status;	  /* 0 = 200 */
	const char *type; /* NULL = text/plain; version=0.0.4 */
	const char *more; /* further header lines, each with its CR LF; NULL = none */
	enum page_manner manner;
};

/* Listens on a free port of the loopback; asserts that it can. */
struct page_server *page_server_start(void);
void page_server_stop(struct page_server *server);

/* What it answers from here on. */
void page_server_give(struct page_server *server, const struct page_answer *answer);

const char *page_server_url(const struct page_server *server); /* "http://127.0.0.1:PORT/metrics" */
size_t page_server_requests(struct page_server *server);       /* answered so far */
size_t page_server_sent(struct page_server *server);	       /* bytes so far */

#endif
