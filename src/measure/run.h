/* SPDX-License-Identifier: Apache-2.0 */
/* The life of one probe in a producer: pending, open, closed again; and what the sources panel is
 * told about it. */
#ifndef JOULETOP_RUN_H
#define JOULETOP_RUN_H

#include "measure/probe.h"

#include <stdbool.h>

struct run {
	const struct probe *probe;
	void *self;
	bool pending; /* waits to be opened */
	bool open;
	enum source_state state; /* as last told; SOURCE_STATE_COUNT = not told yet */
};

void run_init(struct run *run, const struct probe *probe);
void run_finish(struct run *run);

/* Says that it will be opened soon; closes it before when it is open. */
void run_begin(struct run *run, struct feed *feed);

/* Opens a pending probe and says what became of it, unless the probe has said so itself. */
void run_open(struct run *run, const struct probe_context *context);

/* One reading of an open probe; closes it when the whole source is gone. */
void run_sample(struct run *run, const struct probe_context *context, const struct watch *watch);

#endif
