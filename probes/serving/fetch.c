/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP by libcurl, with everything that could surprise switched off. */
#include "probes/serving/fetch.h"

#include "probes/serving/library.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_TIMEOUT_MS 1000
#define FIRST_SIZE	   65536
#define TYPE_SIZE	   48

struct fetch {
	struct library library;
	CURL *curl;
	struct curl_slist *headers;
	char *bytes;
	size_t size, capacity;
	bool is_cut;
};

/* What does not fit ends the transfer: less taken than given. */
static size_t take_bytes(char *bytes, size_t unit, size_t count, void *user)
{
	struct fetch *fetch = user;
	size_t size = unit * count, room = FETCH_SIZE_MAX - fetch->size;
	size_t fits = size < room ? size : room;

	if (fetch->capacity < fetch->size + fits) {
		fetch->capacity = 2 * (fetch->size + fits);
		fetch->capacity =
			fetch->capacity < FETCH_SIZE_MAX ? fetch->capacity : FETCH_SIZE_MAX;
		fetch->bytes = memory_resize(fetch->bytes, fetch->capacity, 1);
	}
	memcpy(fetch->bytes + fetch->size, bytes, fits);
	fetch->size += fits;
	fetch->is_cut = fits < size;
	return fits;
}

static void set_options(struct fetch *fetch)
{
	__typeof__(curl_easy_setopt) *set = fetch->library.set_option;

	fetch->headers = fetch->library.slist_append(
		NULL, "Accept: text/plain;version=0.0.4, application/openmetrics-text;q=0.5");
	set(fetch->curl, CURLOPT_HTTPHEADER, fetch->headers);
	set(fetch->curl, CURLOPT_USERAGENT, "jouletop");
	set(fetch->curl, CURLOPT_WRITEFUNCTION, take_bytes);
	set(fetch->curl, CURLOPT_WRITEDATA, fetch);
	set(fetch->curl, CURLOPT_NOSIGNAL, 1L);
	set(fetch->curl, CURLOPT_FOLLOWLOCATION, 0L);
	/* The server stands on this machine or beside it: a proxy of the environment knows no way to it. */
	set(fetch->curl, CURLOPT_PROXY, "");
	set(fetch->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
	set(fetch->curl, CURLOPT_TIMEOUT_MS, (long)FETCH_TIMEOUT_MS);
}

struct fetch *fetch_create(struct error *err)
{
	struct fetch *fetch = memory_zeroed(1, sizeof(*fetch));

	if (library_load(&fetch->library, err) < 0) {
		free(fetch);
		return NULL;
	}
	if (fetch->library.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		fetch->curl = fetch->library.easy_init();
	if (!fetch->curl) {
		error_set(err, EIO, "libcurl cannot be initialised");
		free(fetch);
		return NULL;
	}
	set_options(fetch);
	return fetch;
}

void fetch_destroy(struct fetch *fetch)
{
	if (!fetch)
		return;
	fetch->library.easy_cleanup(fetch->curl);
	fetch->library.slist_free_all(fetch->headers);
	free(fetch->bytes);
	free(fetch);
}

static int transfer_failed(const struct fetch *fetch, CURLcode code, struct error *err)
{
	switch (code) {
	case CURLE_COULDNT_CONNECT: return error_set(err, ECONNREFUSED, "nobody answers there");
	case CURLE_COULDNT_RESOLVE_HOST:
		return error_set(err, EHOSTUNREACH, "no host of that name");
	case CURLE_OPERATION_TIMEDOUT:
		return error_set(err, ETIMEDOUT, "no whole answer within %d s",
				 FETCH_TIMEOUT_MS / 1000);
	default: return error_set(err, EIO, "%s", fetch->library.easy_strerror(code));
	}
}

/* Only pages of metrics are read: a loading server sends JSON, a wrong address HTML. */
static int check_answer(const struct fetch *fetch, struct error *err)
{
	const char *sent = NULL;
	char type[TYPE_SIZE];
	long status = 0;

	fetch->library.get_info(fetch->curl, CURLINFO_RESPONSE_CODE, &status);
	fetch->library.get_info(fetch->curl, CURLINFO_CONTENT_TYPE, &sent);
	if (status == 503)
		return error_set(err, EAGAIN, "not ready yet (503): it may still be loading");
	if (status >= 300 && status < 400)
		return error_set(err, ENODATA,
				 "it points to another address, which is not followed (%ld)",
				 status);
	if (status != 200)
		return error_set(err, ENODATA, "it answers with status %ld", status);
	if (!sent || text_starts_with(sent, "text/plain") ||
	    text_starts_with(sent, "application/openmetrics-text"))
		return 0;
	text_clean(type, sizeof(type), sent, strlen(sent));
	return error_set(err, ENODATA, "it sends %s, not metrics", type);
}

int fetch_get(struct fetch *fetch, const char *url, struct fetch_page *page, struct error *err)
{
	CURLcode code;
	int result;

	fetch->size = 0;
	fetch->is_cut = false;
	if (!fetch->bytes) {
		fetch->capacity = FIRST_SIZE;
		fetch->bytes = memory_resize(fetch->bytes, fetch->capacity, 1);
	}
	fetch->library.set_option(fetch->curl, CURLOPT_URL, url);
	code = fetch->library.easy_perform(fetch->curl);
	if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && fetch->is_cut))
		return transfer_failed(fetch, code, err);
	result = check_answer(fetch, err);
	if (result < 0)
		return result;
	while (fetch->is_cut && fetch->size > 0 && fetch->bytes[fetch->size - 1] != '\n')
		fetch->size--;
	*page = (struct fetch_page){fetch->bytes, fetch->size, fetch->is_cut};
	return 0;
}
