/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of base/text: hostile bytes made harmless, UTF-8, columns, numbers. */
#include "base/text.h"

#include "tests/support/cmocka_all.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#define BAD "\xef\xbf\xbd" /* U+FFFD */

static void assert_cleaned(const char *text, size_t length, const char *expected)
{
	char out[128];

	assert_int_equal(text_clean(out, sizeof(out), text, length), strlen(expected));
	assert_string_equal(out, expected);
}

static void plain_and_foreign_text_passes_unchanged(void **state)
{
	static const char text[] = "train.py \xc3\xa9 \xe2\x82\xac \xf0\x9f\x9a\x80";

	(void)state;
	assert_cleaned(text, strlen(text), text);
}

static void controls_become_the_replacement_character(void **state)
{
	(void)state;
	assert_cleaned("a\x1b[2J", 5, "a" BAD "[2J");
	assert_cleaned("\0\n\x7f", 3, BAD BAD BAD);
	assert_cleaned("\xc2\x9b", 2, BAD); /* C1: a CSI of one character */
	assert_cleaned("a\tb", 3, "a b");
	assert_cleaned("\xe2\x80\xae", 3, BAD); /* right-to-left override */
	assert_cleaned("\xe2\x81\xa9", 3, BAD); /* pop directional isolate */
	assert_cleaned("\xe2\x80\xa8", 3, BAD); /* line separator */
}

static void each_invalid_byte_is_one_replacement(void **state)
{
	(void)state;
	assert_cleaned("\xff\xfe", 2, BAD BAD);
	assert_cleaned("\xc0\xaf", 2, BAD BAD);			/* overlong slash */
	assert_cleaned("\xe0\x80\xaf", 3, BAD BAD BAD);		/* overlong slash */
	assert_cleaned("\xed\xa0\x80", 3, BAD BAD BAD);		/* surrogate */
	assert_cleaned("\xf4\x90\x80\x80", 4, BAD BAD BAD BAD); /* beyond U+10FFFF */
	assert_cleaned("\xe2\x82"
		       "x",
		       3, BAD BAD "x");
	assert_cleaned("\xe2\x82\xac", 2, BAD BAD); /* the length cuts it, not the NUL */
}

static void cleaning_cuts_at_a_character(void **state)
{
	char out[8];

	(void)state;
	assert_int_equal(text_clean(out, 4, "ab\xe2\x82\xac", 5), 2);
	assert_string_equal(out, "ab");
	assert_int_equal(text_clean(out, 1, "ab", 2), 0);
	assert_string_equal(out, "");
	assert_int_equal(text_clean(out, 0, "ab", 2), 0);
}

static void random_bytes_become_valid_bounded_text_without_controls(void **state)
{
	unsigned int seed = 7;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char bytes[64], out[64];
		size_t length = (size_t)rand_r(&seed) % sizeof(bytes);
		size_t size = 1 + (size_t)rand_r(&seed) % sizeof(out);
		char again[64];

		for (size_t i = 0; i < length;
		     i++) /* mostly of the bytes that sequences are made of */
			bytes[i] = (char)(rand_r(&seed) % 4 ? 0x80 + rand_r(&seed) % 128
							    : rand_r(&seed) % 256);
		memset(out, 'x', sizeof(out));
		assert_true(text_clean(out, size, bytes, length) < size);
		assert_int_equal(text_clean(again, sizeof(again), out, strlen(out)), strlen(out));
		assert_string_equal(again, out);
		for (const char *at = out; *at;) {
			uint32_t code_point;

			at += text_decode(at, &code_point);
			assert_true(code_point >= 0x20 && (code_point < 0x7f || code_point > 0x9f));
		}
	}
}

static void decode_undoes_encode_for_every_character(void **state)
{
	(void)state;
	for (uint32_t code_point = 1; code_point <= 0x10ffff; code_point++) {
		uint32_t decoded;
		char out[5];
		size_t length;

		if (code_point == 0xd800)
			code_point = 0xe000;
		length = text_encode(code_point, out);
		assert_int_equal(strlen(out), length);
		assert_int_equal(text_decode(out, &decoded), length);
		assert_int_equal(decoded, code_point);
	}
}

static void what_is_no_character_is_encoded_as_replacement(void **state)
{
	char out[5];

	(void)state;
	text_encode(0xdfff, out);
	assert_string_equal(out, BAD);
	text_encode(0x110000, out);
	assert_string_equal(out, BAD);
}

static void decode_does_not_read_past_the_end(void **state)
{
	char *text = strdup("\xf0\x9f\x9a"); /* the sanitizer watches the heap */
	uint32_t code_point;

	(void)state;
	assert_int_equal(text_decode(text, &code_point), 1);
	assert_int_equal(code_point, 0xfffd);
	free(text);
}

static void printing_cuts_at_a_character(void **state)
{
	char out[6];

	(void)state;
	assert_int_equal(text_print(out, sizeof(out), "%s", "abcd\xc3\xa9"), 4);
	assert_string_equal(out, "abcd");
	assert_int_equal(text_print(out, sizeof(out), "%s", "abc\xc3\xa9z"), 5);
	assert_string_equal(out, "abc\xc3\xa9");
	assert_int_equal(text_print(out, sizeof(out), "%s", "a\xf0\x9f\x9a\x80z"), 5);
	assert_int_equal(text_print(out, sizeof(out), "%s", "ab\xf0\x9f\x9a\x80"), 2);
	assert_int_equal(text_print(out, sizeof(out), "%d", 12), 2);
}

static void columns_are_those_of_a_terminal(void **state)
{
	static const struct {
		uint32_t code_point;
		int columns;
	} cases[] = {
		{'a', 1},     {0xe9, 1},   {0x2588, 1},	 {0x28ff, 1},  {0x2026, 1},   {0x4e00, 2},
		{0xac00, 2},  {0xff21, 2}, {0x1f680, 2}, {0x231a, 2},  {0x2705, 2},   {0x20000, 2},
		{0x0301, 0},  {0x20dd, 0}, {0x200d, 0},	 {0xfe0f, 0},  {0xe0100, 0},  {0x1160, 0},
		{0x200b, 0},  {0x3042, 2}, {0x0e31, 0},	 {0xfffd, 1},  {0xad, 1},     {0x115f, 2},
		{0x1f3fb, 2}, {0x25cf, 1}, {0x2b24, 1},	 {0x1f1e6, 1}, {0x10ffff, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (text_columns(cases[i].code_point) != cases[i].columns)
			fail_msg("U+%04X has %d columns", cases[i].code_point,
				 text_columns(cases[i].code_point));
}

static void width_adds_the_columns_up(void **state)
{
	(void)state;
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("e\xcc\x81"
				    "x"),
			 2);
	assert_int_equal(text_width("\xe4\xb8\x80 \xf0\x9f\x9a\x80"), 5);
}

static void integers_are_read_whole_or_not_at_all(void **state)
{
	static const char *const malformed[] = {"",	"-",	 " 1",	"1 ", "+1",
						"0x10", "1\n\n", "1.0", "\n", "--1"};
	int64_t value;
	uint64_t unsigned_value;

	(void)state;
	assert_int_equal(text_to_i64("-9223372036854775808", &value), 0);
	assert_true(value == INT64_MIN);
	assert_int_equal(text_to_i64("9223372036854775807\n", &value), 0);
	assert_true(value == INT64_MAX);
	assert_int_equal(text_to_i64("9223372036854775808", &value), -ERANGE);
	assert_int_equal(text_to_i64("-9223372036854775809", &value), -ERANGE);
	assert_int_equal(text_to_u64("18446744073709551615", &unsigned_value), 0);
	assert_true(unsigned_value == UINT64_MAX);
	assert_int_equal(text_to_u64("18446744073709551616", &unsigned_value), -ERANGE);
	assert_int_equal(text_to_u64("99999999999999999999999", &unsigned_value), -ERANGE);
	assert_int_equal(text_to_u64("-1", &unsigned_value), -EINVAL);
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
		assert_int_equal(text_to_i64(malformed[i], &value), -EINVAL);
		assert_int_equal(text_to_u64(malformed[i], &unsigned_value), -EINVAL);
	}
}

static void doubles_do_not_follow_the_locale(void **state)
{
	static const char *const malformed[] = {"",   "1,5", "inf", "nan", "0x1p3", " 1",
						"1 ", "+1",  "1e",  "e5",  ".",	    "-"};
	double value;

	(void)state;
	(void)(setlocale(LC_ALL, "de_DE.UTF-8") || setlocale(LC_ALL, "C.UTF-8"));
	assert_int_equal(text_to_double("2.3283064365386962890625e-10\n", &value), 0);
	assert_true(value == 0x1p-32);
	assert_int_equal(text_to_double("-0.5", &value), 0);
	assert_true(value == -0.5);
	assert_int_equal(text_to_double("1e999", &value), -ERANGE);
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
		assert_int_equal(text_to_double(malformed[i], &value), -EINVAL);
	setlocale(LC_ALL, "C");
}

static void a_start_is_told_from_a_middle(void **state)
{
	(void)state;
	assert_true(text_starts_with("powercap", "power"));
	assert_true(text_starts_with("powercap", ""));
	assert_false(text_starts_with("power", "powercap"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_and_foreign_text_passes_unchanged),
		cmocka_unit_test(controls_become_the_replacement_character),
		cmocka_unit_test(each_invalid_byte_is_one_replacement),
		cmocka_unit_test(cleaning_cuts_at_a_character),
		cmocka_unit_test(random_bytes_become_valid_bounded_text_without_controls),
		cmocka_unit_test(decode_undoes_encode_for_every_character),
		cmocka_unit_test(what_is_no_character_is_encoded_as_replacement),
		cmocka_unit_test(decode_does_not_read_past_the_end),
		cmocka_unit_test(printing_cuts_at_a_character),
		cmocka_unit_test(columns_are_those_of_a_terminal),
		cmocka_unit_test(width_adds_the_columns_up),
		cmocka_unit_test(integers_are_read_whole_or_not_at_all),
		cmocka_unit_test(doubles_do_not_follow_the_locale),
		cmocka_unit_test(a_start_is_told_from_a_middle),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
