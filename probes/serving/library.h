/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of libcurl that are used. Looked up when a page is asked for: linked, it and the twenty libraries that it
 * needs would cost every start 10 ms and 5 MB. */
#ifndef JOULETOP_PROBES_SERVING_LIBRARY_H
#define JOULETOP_PROBES_SERVING_LIBRARY_H

#include "measure/probe.h"

#include <curl/curl.h>

/* The library's own declarations are the prototypes. */
struct library {
	__typeof__(curl_global_init) *global_init;
	__typeof__(curl_easy_init) *easy_init;
	__typeof__(curl_easy_cleanup) *easy_cleanup;
	__typeof__(curl_easy_setopt) *set_option;
	__typeof__(curl_easy_perform) *easy_perform;
	__typeof__(curl_easy_getinfo) *get_info;
	__typeof__(curl_easy_strerror) *easy_strerror;
	__typeof__(curl_slist_append) *slist_append;
	__typeof__(curl_slist_free_all) *slist_free_all;
};

/* 0, or -ENOPKG or -ENOSYS with the reason in *err. It stays loaded until the process ends: what it loads has threads' memory
 * and does not like to be unloaded. */
int library_load(struct library *library, struct error *err);

#endif
