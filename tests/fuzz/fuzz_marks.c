/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: lines of marks; a stream in chunks says the same as one message, bounded. */
#include "base/memory.h"
#include "probes/marks/line.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int truth)
{
	if (!truth)
		abort();
}

static void check_text(const char *text, size_t size)
{
	char again[MARK_NAME_SIZE * 2];

	demand(memchr(text, '\0', size) != NULL);
	text_clean(again, sizeof(again), text, strlen(text));
	demand(strcmp(again, text) == 0);
}

static void check_pile(const struct mark_pile *pile)
{
	demand(pile->entry_count <= MARK_PILE_ENTRIES && pile->unit_count <= MARK_PILE_UNITS);
	for (size_t i = 0; i < pile->entry_count; i++)
		check_text(pile->entries[i].name, sizeof(pile->entries[i].name));
	for (size_t i = 0; i < pile->unit_count; i++) {
		check_text(pile->work[i].unit, sizeof(pile->work[i].unit));
		demand(pile->work[i].count >= 0);
	}
	check_text(pile->example, sizeof(pile->example));
}

static void demand_equal(const struct mark_pile *one, const struct mark_pile *other)
{
	demand(one->entry_count == other->entry_count && one->unit_count == other->unit_count);
	demand(one->malformed == other->malformed && one->left_out == other->left_out);
	for (size_t i = 0; i < one->entry_count; i++)
		demand(strcmp(one->entries[i].name, other->entries[i].name) == 0 &&
		       one->entries[i].verb == other->entries[i].verb);
	for (size_t i = 0; i < one->unit_count; i++)
		demand(one->work[i].count == other->work[i].count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mark_pile *message = memory_zeroed(1, sizeof(*message));
	struct mark_pile *chunked = memory_zeroed(1, sizeof(*chunked));
	struct mark_stream stream = {0};
	const char *bytes = (const char *)data;

	mark_pile_message(message, 1, bytes, size, false);
	check_pile(message);
	for (size_t at = 0; at < size;) {
		size_t chunk = 1 + data[at] % 7;

		chunk = chunk < size - at ? chunk : size - at;
		mark_stream_bytes(&stream, chunked, 1, bytes + at, chunk);
		at += chunk;
	}
	mark_stream_bytes(&stream, chunked, 1, "\n", 1);
	demand_equal(message, chunked);
	free(message);
	free(chunked);
	return 0;
}
