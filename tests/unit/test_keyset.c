/* SPDX-License-Identifier: Apache-2.0 */
/* Ids found by text keys. */
#include "model/keyset.h"
#include "tests/support/cmocka_all.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define KEYS 2000

static const char *key_of(const void *owner, uint32_t id)
{
	const char(*keys)[16] = (const char(*)[16])owner;

	return keys[id];
}

static void members_are_found_through_random_additions_and_removals(void **state)
{
	static char keys[KEYS][16];
	static bool is_member[KEYS];
	struct keyset keyset = {.key_of = key_of, .owner = keys};

	(void)state;
	for (int i = 1; i < KEYS; i++)
		snprintf(keys[i], sizeof(keys[i]), "key%d", i);
	srandom(2);
	for (int step = 0; step < 50000; step++) {
		uint32_t id = 1 + (uint32_t)random() % (KEYS - 1);

		if (is_member[id])
			keyset_remove(&keyset, keys[id]);
		else
			keyset_add(&keyset, id);
		is_member[id] = !is_member[id];
		if (step % 5000 != 0)
			continue;
		for (uint32_t k = 1; k < KEYS; k++)
			assert_int_equal(keyset_find(&keyset, keys[k]), is_member[k] ? k : 0);
	}
	keyset_finish(&keyset);
}

static void an_empty_set_has_no_members(void **state)
{
	struct keyset keyset = {.key_of = key_of};

	(void)state;
	assert_int_equal(keyset_find(&keyset, "anything"), 0);
	keyset_remove(&keyset, "anything");
	keyset_finish(&keyset);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_found_through_random_additions_and_removals),
		cmocka_unit_test(an_empty_set_has_no_members),
	};

	return cmocka_run_group_tests_name("keyset", tests, NULL, NULL);
}
