/* SPDX-License-Identifier: Apache-2.0 */
/* What changed in the session, as rows of the session CSV, version 1. */
#ifndef JOULETOP_RECORDER_H
#define JOULETOP_RECORDER_H

#include "model/session.h"
#include "record/csv.h"

struct recorder_options {
	int64_t thread_period_ns; /* threads and processes at most this often (1 s) */
	bool redact;		  /* masks what looks like a secret in command lines */
};

struct recorder;

struct recorder *recorder_create(const struct recorder_options *options);
void recorder_destroy(struct recorder *recorder);

/* The header line and meta rows. */
void recorder_begin(struct recorder *recorder, const struct session *session,
		    struct csv_buffer *out);

/* Rows for what changed since the last call, then a tick row. everything = true at the end: threads too.
 * Times are relative to the session's start. */
void recorder_tick(struct recorder *recorder, struct session *session, bool everything,
		   struct csv_buffer *out);

#endif
