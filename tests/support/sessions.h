/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up sessions that are the same every time, for tests of what is drawn; their figures add up. */
#ifndef JOULETOP_TEST_SESSIONS_H
#define JOULETOP_TEST_SESSIONS_H

#include "model/feed.h"
#include "model/session.h"

/* A session being fed. */
struct sessions {
	struct session *session;
	struct feed *feed;
	struct batch *spare;
};

void sessions_start(struct sessions *sessions);
void sessions_stop(struct sessions *sessions); /* frees all of it */

/* Ends a tick at time_ns and lets the session have what was fed. */
void sessions_tick(struct sessions *sessions, int64_t time_ns);

/* A series of a new domain in one step; returns the series. */
uint32_t sessions_series(struct sessions *sessions, enum domain_kind kind, const char *key,
			 const char *name, uint32_t parent, const char *source,
			 enum quality quality);

/* Ready sessions, to be stopped with sessions_stop. */
void sessions_full(
	struct sessions *sessions); /* 12:41 of training: 412.3 W, 212 threads, 32 CPUs, a GPU */
void sessions_vm(struct sessions *sessions); /* a cloud VM: ~38 W (17-80), no clocks */
void sessions_hostile(
	struct sessions
		*sessions); /* names with escapes, wide and broken characters, gaps everywhere */
void sessions_threads(struct sessions *sessions,
		      size_t count); /* one package and so many threads */

#endif
