/* SPDX-License-Identifier: Apache-2.0 */
/* The wiring: producers, mailbox, session, screen and recording of one run, live or replayed. */
#ifndef JOULETOP_ENGINE_H
#define JOULETOP_ENGINE_H

#include "base/error.h"
#include "commands/baseline.h"
#include "commands/roofs.h"
#include "commands/settings.h"
#include "measure/sysroot.h"
#include "measure/watch.h"
#include "record/reader.h"
#include "workload/launch.h"

struct engine_options {
	const struct settings *settings;
	const char *title;	    /* command line, "whole machine", file name */
	const struct sysroot *root; /* live */
	struct watch *watch;	    /* live; the engine owns it from here on */
	struct launch *launch;	    /* live: the command, held at its gate; NULL = none */
	const int *keeper_fds;	    /* live: of the command's two streams; -1 = none */
	int onednn_log_fd;	    /* live: --onednn-log; -1 = none */
	const char *output_log; /* live: where the command's output goes when the screen is gone */
	const char *marks_path; /* live; NULL = none */
	const struct baseline
		*baseline; /* live: measured idle power; NULL or of no device = unknown */
	const char
		*baseline_note; /* live: why a kept one is not used; "" or NULL = nothing to say */
	const struct roofs *roofs; /* live: measured ceilings; NULL or empty = none */
	const char *roofs_note; /* live: why kept ones are not used; "" or NULL = nothing to say */
	const struct estimate_calibration *calibration; /* live: for the estimate; NULL = none */
	const char *calibration_note;			/* as baseline_note */
	struct reader *reader;				/* replay; NULL = live */
};

/* Exit codes of the program (a command's own code comes before them). */
enum {
	ENGINE_OK = 0,
	ENGINE_USAGE = 1,
	ENGINE_NOTHING = 2, /* nothing could be measured */
	ENGINE_PARTIAL = 3, /* --strict */
	ENGINE_FAILED = 125 /* our own failure in run mode, as env(1) */
};

/* Runs to the end and prints the summary. Returns the exit code; *err says what went wrong with our own part. Signals that
 * the engine takes must be blocked by engine_block_signals before. Main thread. */
int engine_run(const struct engine_options *options, struct error *err);

/* Blocks them for this thread and all that it starts; after the command was forked, before any thread. */
void engine_block_signals(void);

#endif
