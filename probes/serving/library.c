/* SPDX-License-Identifier: Apache-2.0 */
/* Looks up the functions of libcurl by name. */
#include "probes/serving/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

/* Debian builds it with several libraries for TLS; both have the same functions. */
static const char *const file_names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};

static const struct {
	size_t offset;
	const char *name;
} functions[] = {
	{offsetof(struct library, global_init), "curl_global_init"},
	{offsetof(struct library, easy_init), "curl_easy_init"},
	{offsetof(struct library, easy_cleanup), "curl_easy_cleanup"},
	{offsetof(struct library, set_option), "curl_easy_setopt"},
	{offsetof(struct library, easy_perform), "curl_easy_perform"},
	{offsetof(struct library, get_info), "curl_easy_getinfo"},
	{offsetof(struct library, easy_strerror), "curl_easy_strerror"},
	{offsetof(struct library, slist_append), "curl_slist_append"},
	{offsetof(struct library, slist_free_all), "curl_slist_free_all"},
};

int library_load(struct library *library, struct error *err)
{
	void *file = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(file_names) && !file; i++)
		file = dlopen(file_names[i], RTLD_NOW | RTLD_LOCAL);
	if (!file)
		return error_set(err, ENOPKG, "there is no %s: install libcurl (Debian: libcurl4)",
				 file_names[0]);
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		void *symbol = dlsym(file, functions[i].name);

		if (!symbol)
			return error_set(err, ENOSYS, "libcurl has no %s", functions[i].name);
		/* A pointer to data becomes one to a function by its bytes alone, as POSIX has it. */
		memcpy((char *)library + functions[i].offset, &symbol, sizeof(symbol));
	}
	return 0;
}
