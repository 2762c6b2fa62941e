/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of domains, qualities, the keys of processes and threads, and the order of them all. */
#include "base/clock.h"
#include "base/memory.h"
#include "model/domain.h"
#include "model/feed.h"
#include "model/session.h"
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

static void apply(struct session *session, struct feed *feed, uint32_t tick)
{
	feed_tick(feed, tick * CLOCK_NS_PER_S, tick, 0);
	session_apply(session, feed_batch(feed));
	batch_clear(feed_batch(feed));
	session_recorded(session);
	session_fold(session, session_now_ns(session));
}

/* Whoever lists them, as a recording does, finds the order in which they came, however many went meanwhile. */
static void those_that_stay_keep_their_order(void **state)
{
	static const char *const keys[] = {"machine", "1@1", "1/1@1", "1/4@1", "1/5@1", "1/6@1"};
	struct session *session = session_create(1);
	struct feed *feed = feed_create();
	struct domain *const *domains;
	uint32_t ids[6], process = feed_domain(feed, DOMAIN_PROCESS, "1@1", 0, "p");
	size_t count;

	(void)state;
	for (int i = 0; i < 6; i++) {
		char key[DOMAIN_KEY_SIZE];

		domain_key_thread(key, 1, i + 1, 1);
		ids[i] = feed_domain(feed, DOMAIN_THREAD, key, process, "t");
	}
	apply(session, feed, 1);
	feed_retire(feed, CLOCK_NS_PER_S, ids[1]);
	feed_retire(feed, CLOCK_NS_PER_S, ids[2]);
	apply(session, feed, 2);
	domains = session_domains(session, &count);
	assert_int_equal(count, ARRAY_SIZE(keys));
	for (size_t i = 0; i < count; i++)
		assert_string_equal(domains[i]->key, keys[i]);
	session_destroy(session);
	feed_destroy(feed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_find_their_kind_and_quality),
		cmocka_unit_test(keys_say_pid_tid_and_start),
		cmocka_unit_test(keys_are_read_back),
		cmocka_unit_test(what_is_no_key_is_refused),
		cmocka_unit_test(those_that_stay_keep_their_order),
	};

	return cmocka_run_group_tests_name("domain", tests, NULL, NULL);
}
