/* SPDX-License-Identifier: Apache-2.0 */
/* The session CSV of a run: the recorder's rows handed to the writer, and what happens when the disk cannot follow. */
#ifndef JOULETOP_RECORDING_H
#define JOULETOP_RECORDING_H

#include "base/error.h"
#include "record/recorder.h"

struct recording;

/* path "-" = standard output. NULL with *err. */
struct recording *recording_open(const char *path, const struct recorder_options *options,
				 struct error *err);

/* Writes what changed. A tick that the disk has no room for is skipped whole; a disk that fails ends the recording: both
 * are said in a note of the session. */
void recording_tick(struct recording *recording, struct session *session, bool everything);

/* Waits for the disk (at most 5 s) and frees. 0 or -errno with *err. Accepts NULL. */
int recording_close(struct recording *recording, struct error *err);

#endif
