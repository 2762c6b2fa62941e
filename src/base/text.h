/* SPDX-License-Identifier: Apache-2.0 */
/* Text that came from others made harmless: valid UTF-8, no control characters, bounded. */
#ifndef JOULETOP_TEXT_H
#define JOULETOP_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Copies at most size-1 bytes of text[0..length) into out, cut at a character boundary. Control characters (C0, DEL,
 * C1), invalid UTF-8, bidirectional controls and line separators become U+FFFD; TAB becomes a space. Returns strlen(out). */
size_t text_clean(char *out, size_t size, const char *text, size_t length);

/* As snprintf, cut at a character boundary; returns strlen(out). */
size_t text_print(char *out, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
size_t text_print_list(char *out, size_t size, const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

/* The length of text[0..length) without a character that was cut at its end. */
size_t text_whole(const char *text, size_t length);

/* Decodes one character of text (not empty); *code_point is U+FFFD for a bad byte. Returns the bytes taken (1..4). */
size_t text_decode(const char *text, uint32_t *code_point);

/* Encodes into out[5], NUL-terminated; returns the bytes written. */
size_t text_encode(uint32_t code_point, char out[5]);

/* Columns of a code point on a terminal: 0 (combining), 1 or 2. Independent of the locale. */
int text_columns(uint32_t code_point);

/* Columns of a whole string. */
int text_width(const char *text);

bool text_starts_with(const char *text, const char *start);

/* Whole-string parses, no locale, no leading blanks, no trailing bytes but one '\n': 0, -EINVAL or -ERANGE. */
int text_to_i64(const char *text, int64_t *value);
int text_to_u64(const char *text, uint64_t *value);
int text_to_double(const char *text, double *value);

#endif
