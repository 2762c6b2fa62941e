/* SPDX-License-Identifier: Apache-2.0 */
/* Finds small ids by text keys that are kept elsewhere: a hash table with open addressing. Pure. */
#ifndef JOULETOP_KEYSET_H
#define JOULETOP_KEYSET_H

#include <stddef.h>
#include <stdint.h>

struct keyset_slot {
	uint32_t hash;
	uint32_t id; /* 0 = empty */
};

/* Zeroed, with `key_of` and `owner` set, it is an empty set. */
struct keyset {
	const char *(*key_of)(const void *owner, uint32_t id); /* the key of a member */
	const void *owner;
	struct keyset_slot *slots;
	size_t capacity, count;
};

void keyset_finish(struct keyset *keyset);

/* The id of a key; 0 = not a member. */
uint32_t keyset_find(const struct keyset *keyset, const char *key);

/* Adds an id (>= 1) whose key is not a member yet; key_of must know it already. */
void keyset_add(struct keyset *keyset, uint32_t id);

/* Removes a member; its key must still be there. */
void keyset_remove(struct keyset *keyset, const char *key);

#endif
