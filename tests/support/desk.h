/* SPDX-License-Identifier: Apache-2.0 */
/* A session with one producer and ticks of one second, fed by hand. */
#ifndef JOULETOP_TESTS_DESK_H
#define JOULETOP_TESTS_DESK_H

#include "model/feed.h"
#include "model/session.h"

struct desk {
	struct session *session;
	struct feed *feed;
	struct batch *spare;
	int64_t now_ns;
	uint32_t ticks;
};

void desk_start(struct desk *desk);
void desk_end(struct desk *desk);

/* Ends a tick of one second; what was fed belongs to it. */
void desk_tick(struct desk *desk);

uint32_t desk_series(struct desk *desk, enum domain_kind kind, const char *key, const char *source,
		     enum quality quality);

/* Feeds energy to one domain: so many watts. */
void desk_watts(struct desk *desk, enum domain_kind kind, const char *key, enum quality quality,
		uint64_t watts);

/* Equal but for rounding. */
void desk_near(double value, double expected);

#endif
