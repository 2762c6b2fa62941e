/* SPDX-License-Identifier: Apache-2.0 */
/* Fields written and split: every text comes back as it was, and nothing reads as "no value" that is one. */
#include "record/csv.h"

#include "base/memory.h"
#include "tests/support/cmocka_all.h"

#include <errno.h>
#include <string.h>

static const char *written(struct csv_buffer *buffer, const char *text)
{
	buffer->size = 0;
	csv_text(buffer, text);
	csv_bytes(buffer, "", 1);
	return buffer->data;
}

static void text_is_quoted_only_where_needed(void **state)
{
	(void)state;

	struct csv_buffer buffer = {0};

	assert_string_equal(written(&buffer, "plain text"), "plain text");
	assert_string_equal(written(&buffer, ""), "");
	assert_string_equal(written(&buffer, "a,b"), "\"a,b\"");
	assert_string_equal(written(&buffer, "say \"x\""), "\"say \"\"x\"\"\"");
	assert_string_equal(written(&buffer, " x"), "\" x\"");
	assert_string_equal(written(&buffer, "x "), "\"x \"");
	assert_string_equal(written(&buffer, "a\nb"), "\"a\nb\"");
	assert_string_equal(written(&buffer, "NA"), "\"NA \"");
	assert_string_equal(written(&buffer, "NAME"), "NAME");
	csv_finish(&buffer);
}

static void every_text_comes_back(void **state)
{
	(void)state;

	static const char *const texts[] = {
		"",	  "a",	  "a,b", "\"",	     "\"\"", ",",	 " ",	 "  x  ",  "NA",
		"NA ",	  "NA  ", "nan", "null",     "N/A",  "<NA>",	 "None", "NA,x",   "a\nb",
		"a\r\nb", "\r",	  "\t",	 "-1.#QNAN", "n/a ", "\xc3\xa9", "1.5",	 "\"NA\"",
	};
	struct csv_buffer buffer = {0};
	char *fields[ARRAY_SIZE(texts)];
	size_t used;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (i > 0)
			csv_comma(&buffer);
		csv_text(&buffer, texts[i]);
	}
	csv_end_row(&buffer);
	assert_int_equal(csv_split(buffer.data, buffer.size, fields, ARRAY_SIZE(texts), &used),
			 ARRAY_SIZE(texts));
	assert_int_equal(used, buffer.size);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		csv_restore(fields[i]);
		assert_string_equal(fields[i], texts[i]);
	}
	csv_finish(&buffer);
}

static int split(const char *text, size_t *used)
{
	static char data[256];
	static char *fields[4];

	memcpy(data, text, strlen(text) + 1);
	return csv_split(data, strlen(text), fields, 4, used);
}

static void a_row_that_is_not_whole_is_left_alone(void **state)
{
	(void)state;

	char data[] = "a,\"b\"\"c\nd";
	char *fields[4];
	size_t used;

	assert_int_equal(csv_split(data, strlen(data), fields, 4, &used), -EAGAIN);
	assert_string_equal(data, "a,\"b\"\"c\nd");
	assert_int_equal(split("a,b", &used), -EAGAIN);
	assert_int_equal(split("", &used), -EAGAIN);
}

static void malformed_rows_are_refused_and_left_behind(void **state)
{
	(void)state;

	size_t used;

	assert_int_equal(split("a\"b,c\nnext\n", &used), -EINVAL);
	assert_int_equal(used, 6);
	assert_int_equal(split("\"a\"b,c\nnext\n", &used), -EINVAL);
	assert_int_equal(used, 7);
	assert_int_equal(split("a,b,c,d,e\nnext\n", &used), -E2BIG);
	assert_int_equal(used, 10);

	char zero[] = "a\0b\n";
	char *fields[4];

	assert_int_equal(csv_split(zero, 4, fields, 4, &used), -EINVAL);
}

static void windows_line_ends_are_taken(void **state)
{
	(void)state;

	char data[] = "a,\"b\"\r\nc\n";
	char *fields[4];
	size_t used;

	assert_int_equal(csv_split(data, strlen(data), fields, 4, &used), 2);
	assert_string_equal(fields[0], "a");
	assert_string_equal(fields[1], "b");
	assert_int_equal(used, 7);
}

static void empty_fields_count(void **state)
{
	(void)state;

	size_t used;

	assert_int_equal(split(",,\n", &used), 3);
	assert_int_equal(split("\n", &used), 1);
}

static void decimals_are_exact(void **state)
{
	(void)state;

	struct csv_buffer buffer = {0};

	csv_decimal(&buffer, 60712345, 6);
	csv_comma(&buffer);
	csv_decimal(&buffer, INT64_MIN, 9);
	csv_end_row(&buffer);
	csv_bytes(&buffer, "", 1);
	assert_string_equal(buffer.data, "60.712345,-9223372036.854775808\n");
	csv_finish(&buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_quoted_only_where_needed),
		cmocka_unit_test(every_text_comes_back),
		cmocka_unit_test(a_row_that_is_not_whole_is_left_alone),
		cmocka_unit_test(malformed_rows_are_refused_and_left_behind),
		cmocka_unit_test(windows_line_ends_are_taken),
		cmocka_unit_test(empty_fields_count),
		cmocka_unit_test(decimals_are_exact),
	};

	return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
