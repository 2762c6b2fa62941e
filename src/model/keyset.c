/* SPDX-License-Identifier: Apache-2.0 */
/* Finds small ids by text keys that are kept elsewhere. */
#include "model/keyset.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define KEYSET_CAPACITY_MIN 64u

/* FNV-1a. */
static uint32_t hash_text(const char *text)
{
	uint32_t hash = 2166136261u;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619u;
	return hash;
}

void keyset_finish(struct keyset *keyset)
{
	free(keyset->slots);
	keyset->slots = NULL;
	keyset->capacity = 0;
	keyset->count = 0;
}

/* The slot that holds the key, or the empty one where the search ended. */
static size_t find_slot(const struct keyset *keyset, const char *key, uint32_t hash)
{
	size_t mask = keyset->capacity - 1;
	size_t i = hash & mask;

	for (; keyset->slots[i].id != 0; i = (i + 1) & mask) {
		if (keyset->slots[i].hash == hash &&
		    strcmp(keyset->key_of(keyset->owner, keyset->slots[i].id), key) == 0)
			break;
	}
	return i;
}

uint32_t keyset_find(const struct keyset *keyset, const char *key)
{
	if (keyset->count == 0)
		return 0;
	return keyset->slots[find_slot(keyset, key, hash_text(key))].id;
}

static void put_slot(struct keyset *keyset, struct keyset_slot slot)
{
	size_t mask = keyset->capacity - 1;
	size_t i = slot.hash & mask;

	while (keyset->slots[i].id != 0)
		i = (i + 1) & mask;
	keyset->slots[i] = slot;
}

static void grow(struct keyset *keyset)
{
	struct keyset_slot *old = keyset->slots;
	size_t old_capacity = keyset->capacity;

	keyset->capacity = old_capacity ? old_capacity * 2 : KEYSET_CAPACITY_MIN;
	keyset->slots = memory_zeroed(keyset->capacity, sizeof(*keyset->slots));
	for (size_t i = 0; i < old_capacity; i++) {
		if (old[i].id != 0)
			put_slot(keyset, old[i]);
	}
	free(old);
}

void keyset_add(struct keyset *keyset, uint32_t id)
{
	struct keyset_slot slot = {hash_text(keyset->key_of(keyset->owner, id)), id};

	if (keyset->count * 2 >= keyset->capacity)
		grow(keyset);
	put_slot(keyset, slot);
	keyset->count++;
}

void keyset_remove(struct keyset *keyset, const char *key)
{
	if (keyset->count == 0)
		return;

	size_t mask = keyset->capacity - 1;
	size_t hole = find_slot(keyset, key, hash_text(key));

	if (keyset->slots[hole].id == 0)
		return;
	keyset->count--;
	/* Followers move up into the hole unless they would leave their own run: no tombstones are needed. */
	for (size_t i = (hole + 1) & mask; keyset->slots[i].id != 0; i = (i + 1) & mask) {
		size_t home = keyset->slots[i].hash & mask;

		if (((i - home) & mask) >= ((i - hole) & mask)) {
			keyset->slots[hole] = keyset->slots[i];
			hole = i;
		}
	}
	keyset->slots[hole] = (struct keyset_slot){0};
}
