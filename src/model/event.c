/* SPDX-License-Identifier: Apache-2.0 */
/* Batches of events: their memory and their texts. */
#include "model/event.h"

#include <stdlib.h>
#include <string.h>

static const char *const state_names[SOURCE_STATE_COUNT] = {
	[SOURCE_PENDING] = "pending",	  [SOURCE_OK] = "ok",	  [SOURCE_PARTIAL] = "partial",
	[SOURCE_NO_ACCESS] = "no access", [SOURCE_NONE] = "none", [SOURCE_OFF] = "off",
	[SOURCE_FAILED] = "failed",
};

void batch_finish(struct batch *batch)
{
	if (!batch)
		return;
	free(batch->events);
	free(batch->text);
	*batch = (struct batch){0};
}

void batch_clear(struct batch *batch)
{
	batch->count = 0;
	batch->text_size = 0;
	batch->producer = 0;
	batch->epoch = 0;
	batch->merged = 0;
	batch->next = NULL;
}

size_t batch_bytes(const struct batch *batch)
{
	return batch->count * sizeof(batch->events[0]) + batch->text_size;
}

const char *batch_text(const struct batch *batch, const struct event *event, int index)
{
	size_t offset = event->ref.text;

	/* A batch may come from a file or a merge gone wrong: an offset beyond the end reads as no text. */
	for (; index > 0 && offset < batch->text_size; index--)
		offset += strnlen(batch->text + offset, batch->text_size - offset) + 1;
	return offset < batch->text_size ? batch->text + offset : "";
}

const char *source_state_name(enum source_state state)
{
	return state_names[state];
}

enum source_state source_state_find(const char *name)
{
	for (int i = 0; i < SOURCE_STATE_COUNT; i++) {
		if (strcmp(state_names[i], name) == 0)
			return (enum source_state)i;
	}
	return SOURCE_STATE_COUNT;
}
