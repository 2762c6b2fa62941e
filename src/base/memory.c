/* SPDX-License-Identifier: Apache-2.0 */
/* Allocation that aborts when memory is gone. */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void memory_is_gone(void)
{
	static const char sentence[] = "jouletop: out of memory\n";
	ssize_t written = write(STDERR_FILENO, sentence, sizeof(sentence) - 1);

	(void)written;
	abort();
}

void *memory_zeroed(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size ? size : 1);

	if (!memory)
		memory_is_gone();
	return memory;
}

void *memory_resize(void *old, size_t count, size_t size)
{
	void *memory;
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		memory_is_gone();
	memory = realloc(old, bytes ? bytes : 1);
	if (!memory)
		memory_is_gone();
	return memory;
}

char *memory_text(const char *text)
{
	const char *source = text ? text : "";
	size_t size = strlen(source) + 1;
	char *copy = memory_resize(NULL, size, 1);

	memcpy(copy, source, size);
	return copy;
}

void memory_reserve(void *array, size_t *capacity, size_t need, size_t size)
{
	size_t grown = *capacity ? *capacity : 8;
	char *memory;

	if (need <= *capacity)
		return;
	while (grown < need)
		grown = grown > SIZE_MAX / 2 ? need : grown * 2;
	memcpy(&memory, array, sizeof(memory)); /* the caller's pointer may be of any type */
	memory = memory_resize(memory, grown, size);
	memset(memory + *capacity * size, 0, (grown - *capacity) * size);
	memcpy(array, &memory, sizeof(memory));
	*capacity = grown;
}
