/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a file whole, writes it whole. */
#include "tests/support/patched.h"

#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <string.h>

void patched_replace(const char *path, const char *old, const char *fresh)
{
	char text[8192];
	FILE *file = fopen(path, "r");
	size_t length;
	char *at;

	assert_non_null(file);
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	at = strstr(text, old);
	assert_non_null(at);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "%.*s%s%s", (int)(at - text), text, fresh, at + strlen(old));
	fclose(file);
}
