/* SPDX-License-Identifier: Apache-2.0 */
/* Allocation that aborts when memory is gone: a meter that cannot allocate has nothing true to say. */
#ifndef JOULETOP_MEMORY_H
#define JOULETOP_MEMORY_H

#include <stddef.h>

/* count x size zeroed bytes; never NULL (count 0 gives one byte). Owner: the caller, free(). */
void *memory_zeroed(size_t count, size_t size);

/* As realloc with an overflow check; new bytes are not zeroed. */
void *memory_resize(void *old, size_t count, size_t size);

/* A copy of text ("" for NULL). Owner: the caller, free(). */
char *memory_text(const char *text);

/* Grows *array (element size `size`) so that at least `need` elements fit; doubles. New elements are zeroed. */
void memory_reserve(void *array, size_t *capacity, size_t need, size_t size);

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
