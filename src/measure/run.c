/* SPDX-License-Identifier: Apache-2.0 */
/* The life of one probe in a producer. */
#include "measure/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void run_init(struct run *run, const struct probe *probe)
{
	*run = (struct run){
		.probe = probe,
		.self = memory_zeroed(1, probe->private_size),
		.state = SOURCE_STATE_COUNT,
	};
}

static void close_probe(struct run *run)
{
	run->probe->close(run->self);
	memset(run->self, 0, run->probe->private_size);
	run->open = false;
}

void run_finish(struct run *run)
{
	if (!run->probe)
		return;
	if (run->open)
		close_probe(run);
	free(run->self);
	*run = (struct run){.probe = NULL};
}

static void tell(struct run *run, struct feed *feed, enum source_state state, const char *reason)
{
	feed_source(feed, run->probe->name, state, run->probe->gives, reason, "");
	run->state = state;
}

/* Looks for what the probe has told of itself since the batch held `from` events. */
static void learn_state(struct run *run, struct feed *feed, size_t from)
{
	const struct batch *batch = feed_batch(feed);
	for (size_t i = from; i < batch->count; i++) {
		const struct event *event = &batch->events[i];
		if (event->type == EVENT_SOURCE &&
		    strcmp(batch_text(batch, event, 0), run->probe->name) == 0)
			run->state = (enum source_state)event->detail;
	}
}

void run_begin(struct run *run, struct feed *feed)
{
	if (run->open)
		close_probe(run);
	run->pending = true;
	tell(run, feed, SOURCE_PENDING, "");
}

void run_open(struct run *run, const struct probe_context *context)
{
	struct error err = {0};
	size_t from = feed_batch(context->feed)->count;

	run->pending = false;
	run->state = SOURCE_STATE_COUNT;
	int code = run->probe->open(run->self, context, &err);
	learn_state(run, context->feed, from);
	run->open = code == 0;
	if (code != 0)
		close_probe(run);
	if (run->state != SOURCE_STATE_COUNT)
		return;
	if (code == 0)
		tell(run, context->feed, SOURCE_OK, "");
	else
		tell(run, context->feed, code == -ENODEV ? SOURCE_NONE : SOURCE_FAILED,
		     err.text[0] ? err.text : error_name(-code));
}

void run_sample(struct run *run, const struct probe_context *context, const struct watch *watch)
{
	size_t from = feed_batch(context->feed)->count;
	enum source_state before = run->state;

	int code = run->probe->sample(run->self, context, watch);
	learn_state(run, context->feed, from);
	if (code >= 0)
		return;
	close_probe(run);
	if (run->state != before)
		return;
	char reason[64];
	text_print(reason, sizeof(reason), "went away while it was read: %s", error_name(-code));
	tell(run, context->feed, SOURCE_FAILED, reason);
}
