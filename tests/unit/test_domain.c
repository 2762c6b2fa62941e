/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of domains, qualities, and the keys of processes and threads. */
#include "model/domain.h"
#include "tests/support/cmocka_all.h"

#include <errno.h>
#include <limits.h>

static void names_find_their_kind_and_quality(void **state)
{
	(void)state;
	for (int i = 0; i < DOMAIN_KIND_COUNT; i++)
		assert_int_equal(domain_kind_find(domain_kind_name((enum domain_kind)i)), i);
	for (int i = 0; i < QUALITY_COUNT; i++)
		assert_int_equal(quality_find(quality_name((enum quality)i)), i);
	assert_int_equal(domain_kind_find("planet"), DOMAIN_KIND_COUNT);
	assert_int_equal(quality_find("guessed"), QUALITY_COUNT);
}

static void keys_say_pid_tid_and_start(void **state)
{
	char key[DOMAIN_KEY_SIZE];

	(void)state;
	domain_key_process(key, 4711, 88120);
	assert_string_equal(key, "4711@88120");
	domain_key_thread(key, 4711, 4730, 88123);
	assert_string_equal(key, "4711/4730@88123");
}

static void keys_are_read_back(void **state)
{
	char key[DOMAIN_KEY_SIZE];
	uint64_t start;
	int pid, tid;

	(void)state;
	domain_key_thread(key, INT_MAX, INT_MAX, UINT64_MAX);
	assert_int_equal(domain_key_parse(key, &pid, &tid, &start), 0);
	assert_int_equal(pid, INT_MAX);
	assert_int_equal(tid, INT_MAX);
	assert_true(start == UINT64_MAX);
	assert_int_equal(domain_key_parse("12@0", &pid, &tid, &start), 0);
	assert_int_equal(pid, 12);
	assert_int_equal(tid, 0);
	assert_true(start == 0);
}

static void what_is_no_key_is_refused(void **state)
{
	static const char *const bad[] = {"",
					  "12",
					  "@",
					  "12@",
					  "@3",
					  "1/2",
					  "1/@3",
					  "/2@3",
					  "-1@3",
					  "1@-3",
					  "1@3 ",
					  " 1@3",
					  "1@3x",
					  "cpu3",
					  "1/2/3@4",
					  "+1@2",
					  "0x1@2",
					  "2147483648@1",
					  "1@18446744073709551616"};
	uint64_t start;
	int pid, tid;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(domain_key_parse(bad[i], &pid, &tid, &start), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_find_their_kind_and_quality),
		cmocka_unit_test(keys_say_pid_tid_and_start),
		cmocka_unit_test(keys_are_read_back),
		cmocka_unit_test(what_is_no_key_is_refused),
	};

	return cmocka_run_group_tests_name("domain", tests, NULL, NULL);
}
