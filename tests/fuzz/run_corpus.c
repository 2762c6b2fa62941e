/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds every file of a corpus to a fuzz target, as a test (TAP) that needs no fuzzer.
 * The corpus: the directories that are named, else, for a program called fuzz_NAME,
 * tests/fuzz/corpus/NAME of the sources. */
#include "base/memory.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CUTS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int tests;

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Cuts of the file are inputs too: what is read at run time ends anywhere. The copy has the very
 * size, so that a sanitizer sees a read beyond it. */
static void feed_cuts(const uint8_t *data, size_t size)
{
	for (size_t cut = 0; cut <= CUTS; cut++) {
		size_t length = size * cut / CUTS;
		uint8_t *copy = memory_zeroed(length, 1);

		if (length)
			memcpy(copy, data, length);
		LLVMFuzzerTestOneInput(copy, length);
		free(copy);
	}
}

static void feed_file(const char *directory, const char *name)
{
	size_t size = 0, capacity = 0;
	uint8_t *data = NULL;
	char path[1024];
	FILE *in;

	text_print(path, sizeof(path), "%s/%s", directory, name);
	in = fopen(path, "re");
	if (!in) {
		printf("not ok %d - %s cannot be read\n", ++tests, path);
		return;
	}
	do {
		memory_reserve(&data, &capacity, size + 65536, 1);
		size += fread(data + size, 1, capacity - size, in);
	} while (!feof(in) && !ferror(in));
	fclose(in);
	feed_cuts(data, size);
	free(data);
	printf("ok %d - %s\n", ++tests, name);
	fflush(stdout);
}

static int feed_directory(const char *directory)
{
	struct dirent **entries;
	int count = scandir(directory, &entries, is_visible, alphasort);

	for (int i = 0; i < count; i++) {
		feed_file(directory, entries[i]->d_name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	if (count <= 0)
		printf("not ok %d - %s has no files\n", ++tests, directory);
	return count <= 0;
}

int main(int argc, char **argv)
{
	const char *sources = getenv("srcdir");
	const char *name = strstr(program_invocation_short_name, "fuzz_");
	char directory[1024];
	int failed = 0;

	if (argc < 2) {
		text_print(directory, sizeof(directory), "%s/tests/fuzz/corpus/%s",
			   sources ? sources : ".", name ? name + strlen("fuzz_") : "");
		failed = feed_directory(directory);
	}
	for (int i = 1; i < argc; i++)
		failed += feed_directory(argv[i]);
	printf("1..%d\n", tests);
	return failed > 0;
}
