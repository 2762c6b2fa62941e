/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: verbose lines of oneDNN, whatever they are, keep the tally within its bounds. */
#include "model/onednn_tally.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int truth)
{
	if (!truth)
		abort();
}

/* What is told is text, and no total is negative. */
static void check_batch(const struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		const struct event *event = &batch->events[i];

		demand(event->type != EVENT_VALUE || event->value >= 0);
		if (event->type != EVENT_LABEL)
			continue;
		for (const char *at = batch_text(batch, event, 1); *at; at++)
			demand((unsigned char)*at >= 0x20 && *at != 0x7f);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct onednn_arrival arrival = {1000, 0, 0};
	struct onednn_tally *tally = onednn_tally_create();
	struct feed *feed = feed_create();
	const char *bytes = (const char *)data;
	uint64_t lines = 0, counted = 0;

	for (size_t at = 0; at < size; lines++) {
		const char *end = memchr(bytes + at, '\n', size - at);
		size_t length = end ? (size_t)(end - bytes) - at : size - at;

		arrival.time_ns += 1000;
		onednn_tally_take(tally, bytes + at, length, &arrival);
		at += length + 1;
	}
	onednn_tally_publish(tally, feed, arrival.time_ns, "a fuzzer", true);
	for (int verb = 0; verb < ONEDNN_VERBS; verb++)
		counted += onednn_tally_lines(tally, (enum onednn_verb)verb);
	demand(counted == lines);
	check_batch(feed_batch(feed));
	feed_destroy(feed);
	onednn_tally_destroy(tally);
	return 0;
}
