/* SPDX-License-Identifier: Apache-2.0 */
/* Counts the verbose lines of oneDNN by operator and tells the sums to a feed. One thread at a time; a line of a known operator
 * allocates nothing. */
#ifndef JOULETOP_ONEDNN_TALLY_H
#define JOULETOP_ONEDNN_TALLY_H

#include "model/feed.h"
#include "model/onednn.h"

/* Operators that are told apart; what comes beyond is summed up by kind, and said. */
#define ONEDNN_OPERATORS_MAX 1024

struct onednn_tally;

/* When lines came. */
struct onednn_arrival {
	int64_t time_ns;  /* CLOCK_MONOTONIC; in a recording, the session's time */
	int64_t since_ns; /* what lies before was not watched */
	int64_t epoch_ns; /* CLOCK_REALTIME less CLOCK_MONOTONIC: turns a stamp into a time */
};

struct onednn_tally *onednn_tally_create(void);
void onednn_tally_destroy(struct onednn_tally *tally);

/* Counts a line; returns what it was. */
enum onednn_verb onednn_tally_take(struct onednn_tally *tally, const char *text, size_t length,
				   const struct onednn_arrival *arrival);

/* What reading the lines has cost so far. */
void onednn_tally_cost(struct onednn_tally *tally, int64_t cpu_ns);

/* A line that was cut or longer than any of theirs. */
void onednn_tally_unknown(struct onednn_tally *tally);

/* Tells what came since the last time: domains "operator/KIND/SHAPE#..." with calls, time, operations, bytes and creations, the
 * spans of time in which they ran, and the source "onednn" with the lines so far, at most once a second but for the last time. `named`: where they
 * come from. */
void onednn_tally_publish(struct onednn_tally *tally, struct feed *feed, int64_t time_ns,
			  const char *named, bool last);

uint64_t onednn_tally_lines(const struct onednn_tally *tally, enum onednn_verb verb);

#endif
