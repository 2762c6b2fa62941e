/* SPDX-License-Identifier: Apache-2.0 */
/* The made-up library of NVIDIA's driver for one test program. */
#include "tests/support/driver.h"

#include "tests/support/cmocka_all.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOOKUPS_MAX 128

static char script_path[128], script_text[65536];
static bool is_absent, has_no_versions;
static const char *missing;
static const char *lookups[LOOKUPS_MAX];
static size_t lookup_count, open_count;

void *__real_dlopen(const char *name, int flags);
void *__real_dlsym(void *library, const char *name);
void *__wrap_dlopen(const char *name, int flags);
void *__wrap_dlsym(void *library, const char *name);

void *__wrap_dlopen(const char *name, int flags)
{
	const char *folder = getenv("top_builddir");
	char path[512];

	open_count++;
	if (is_absent)
		return NULL;
	snprintf(path, sizeof(path), "%s/tests/support/nvml/%s", folder ? folder : ".", name);
	return __real_dlopen(path, flags);
}

static bool has_version(const char *name)
{
	size_t length = strlen(name);
	return length > 3 && name[length - 3] == '_' && name[length - 2] == 'v';
}

void *__wrap_dlsym(void *library, const char *name)
{
	if (lookup_count < LOOKUPS_MAX)
		lookups[lookup_count++] = name;
	if ((missing && strcmp(missing, name) == 0) || (has_no_versions && has_version(name)))
		return NULL;
	return __real_dlsym(library, name);
}

static void write_script(void)
{
	char path[160];

	/* Put in place whole: the library may read it at any time. */
	snprintf(path, sizeof(path), "%s.new", script_path);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(script_text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(rename(path, script_path), 0);
}

void driver_begin(void)
{
	const char *folder = getenv("TMPDIR");

	snprintf(script_path, sizeof(script_path), "%s/fake-nvml-%d", folder ? folder : "/tmp",
		 (int)getpid());
	setenv("FAKE_NVML", script_path, 1);
	is_absent = has_no_versions = false;
	missing = NULL;
	lookup_count = open_count = 0;
	driver_script("");
}

void driver_end(void)
{
	unlink(script_path);
}

void driver_script(const char *text)
{
	snprintf(script_text, sizeof(script_text), "%s\n", text);
	write_script();
}

void driver_add(const char *format, ...)
{
	size_t used = strlen(script_text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(script_text + used, sizeof(script_text) - used, format, arguments);
	va_end(arguments);
	used = strlen(script_text);
	assert_true(used + 1 < sizeof(script_text));
	memcpy(script_text + used, "\n", 2);
	write_script();
}

void driver_uninstall(void)
{
	is_absent = true;
}

void driver_lacks(const char *name)
{
	missing = name;
}

void driver_lacks_versions(void)
{
	has_no_versions = true;
}

size_t driver_lookups(void)
{
	return lookup_count;
}

const char *driver_lookup(size_t index)
{
	return lookups[index];
}

size_t driver_opened(void)
{
	return open_count;
}
