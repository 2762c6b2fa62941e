/* SPDX-License-Identifier: Apache-2.0 */
/* A session that a feed tells of one package: for the tests of the session. */
#ifndef JOULETOP_TEST_TOLD_H
#define JOULETOP_TEST_TOLD_H

#include "model/feed.h"
#include "model/session.h"

/* The feed is producer 0; the first tick is at 10 s. */
struct told {
	struct feed *feed;
	struct session *session;
	uint32_t domain, series;
	uint32_t ticks;
};

/* For cmocka: *state is a struct told. */
int told_set_up(void **state);
int told_tear_down(void **state);

void told_deliver(struct told *told); /* applies what the feed holds */
void told_tick(struct told *told, int64_t time_ns);
void told_energy(struct told *told, int64_t time_ns,
		 uint64_t raw); /* a reading of the package's meter */
const struct cell *told_cell(const struct told *told,
			     enum metric metric); /* of the package's first series */

#endif
