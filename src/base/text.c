/* SPDX-License-Identifier: Apache-2.0 */
/* Hostile text made harmless, UTF-8 taken apart and put together, numbers without the locale. */
#include "base/text.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT 0xfffdu

/* How many bytes the first one announces; 0 = none can begin with it. */
static size_t announced_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* Decodes one character of text[0..length), length > 0. An overlong form, a surrogate, a value
 * beyond U+10FFFF or a cut sequence is one bad byte: the next call looks at the byte after it. */
static size_t decode(const char *text, size_t length, uint32_t *code_point)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char first = (unsigned char)text[0];
	size_t need = announced_length(first);
	uint32_t value = need < 2 ? first : first & (0x7fu >> need);

	*code_point = REPLACEMENT;
	if (need == 0 || need > length)
		return 1;
	for (size_t i = 1; i < need; i++) {
		unsigned char next = (unsigned char)text[i];

		if ((next & 0xc0) != 0x80)
			return 1;
		value = value << 6 | (next & 0x3f);
	}
	if (value < smallest[need] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 1;
	*code_point = value;
	return need;
}

size_t text_decode(const char *text, uint32_t *code_point)
{
	return decode(text, strnlen(text, 4), code_point);
}

size_t text_encode(uint32_t code_point, char out[5])
{
	size_t length;

	if (code_point > 0x10ffff || (code_point >= 0xd800 && code_point <= 0xdfff))
		code_point = REPLACEMENT;
	length = code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
	for (size_t i = length - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (code_point & 0x3f));
		code_point >>= 6;
	}
	out[0] = (char)(length == 1 ? code_point : (0xf00u >> length & 0xff) | code_point);
	out[length] = '\0';
	return length;
}

/* True for what would act on a terminal or reorder a line instead of standing in it. */
static bool is_harmful(uint32_t code_point)
{
	return code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0) ||
	       code_point == 0x061c || code_point == 0x200e || code_point == 0x200f ||
	       (code_point >= 0x2028 && code_point <= 0x202e) ||
	       (code_point >= 0x2066 && code_point <= 0x2069);
}

size_t text_clean(char *out, size_t size, const char *text, size_t length)
{
	size_t used = 0, at = 0;

	if (size == 0)
		return 0;
	while (at < length) {
		uint32_t code_point;
		char encoded[5];
		size_t bytes;

		at += decode(text + at, length - at, &code_point);
		if (code_point == '\t')
			code_point = ' ';
		else if (is_harmful(code_point))
			code_point = REPLACEMENT;
		bytes = text_encode(code_point, encoded);
		if (bytes > size - 1 - used)
			break;
		memcpy(out + used, encoded, bytes);
		used += bytes;
	}
	out[used] = '\0';
	return used;
}

size_t text_whole(const char *text, size_t length)
{
	for (size_t back = 1; back <= 3 && back <= length; back++) {
		unsigned char byte = (unsigned char)text[length - back];

		if ((byte & 0xc0) == 0x80)
			continue;
		if (byte >= 0xc0 && back < (byte < 0xe0 ? 2u : byte < 0xf0 ? 3u : 4u))
			return length - back;
		break;
	}
	return length;
}

size_t text_print_list(char *out, size_t size, const char *format, va_list arguments)
{
	size_t length;
	int needed;

	if (size == 0)
		return 0;
	needed = vsnprintf(out, size, format, arguments);
	if (needed < 0) {
		out[0] = '\0';
		return 0;
	}
	if ((size_t)needed < size)
		return (size_t)needed;
	length = text_whole(out, size - 1);
	out[length] = '\0';
	return length;
}

size_t text_print(char *out, size_t size, const char *format, ...)
{
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	length = text_print_list(out, size, format, arguments);
	va_end(arguments);
	return length;
}

bool text_starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static bool is_end(const char *text)
{
	return text[0] == '\0' || (text[0] == '\n' && text[1] == '\0');
}

int text_to_u64(const char *text, uint64_t *value)
{
	uint64_t sum = 0;
	bool too_large = false;
	const char *at = text;

	for (; *at >= '0' && *at <= '9'; at++)
		too_large = __builtin_mul_overflow(sum, UINT64_C(10), &sum) ||
			    __builtin_add_overflow(sum, (uint64_t)(*at - '0'), &sum) || too_large;
	if (at == text || !is_end(at))
		return -EINVAL;
	if (too_large)
		return -ERANGE;
	*value = sum;
	return 0;
}

int text_to_i64(const char *text, int64_t *value)
{
	bool negative = text[0] == '-';
	uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1 : 0);
	uint64_t magnitude;
	int result = text_to_u64(text + (negative ? 1 : 0), &magnitude);

	if (result < 0)
		return result;
	if (magnitude > limit)
		return -ERANGE;
	*value = (int64_t)(negative ? 0 - magnitude : magnitude);
	return 0;
}

int text_to_double(const char *text, double *value)
{
	static const char allowed[] = "0123456789.eE+-";
	size_t length = strspn(
		text, allowed); /* strtod would also take blanks, hexadecimal, "inf" and "nan" */
	locale_t plain;
	double result;
	char *end;

	if (length == 0 || text[0] == '+' || !is_end(text + length))
		return -EINVAL;
	plain = newlocale(LC_ALL_MASK, "C",
			  NULL); /* the C library's own constant object: nothing is allocated */
	result = strtod_l(text, &end, plain);
	freelocale(plain);
	if (end != text + length)
		return -EINVAL;
	if (isinf(result))
		return -ERANGE;
	*value = result;
	return 0;
}
