/* SPDX-License-Identifier: Apache-2.0 */
/* A machine that does not exist, told to a session tick by tick: repeatable, with everything that a session can hold. */
#ifndef JOULETOP_TESTS_SHAM_H
#define JOULETOP_TESTS_SHAM_H

#include "model/books.h"
#include "model/feed.h"
#include "model/session.h"

#define SHAM_THREADS 6
#define SHAM_CPUS    4
/* The readings of a tick lie no further apart. */
#define SHAM_SPREAD_NS 3000
#define SHAM_TICK_NS   INT64_C(500000000)

struct sham {
	struct session *session;
	struct books *books;
	struct feed *feed;
	struct batch *spare;
	uint64_t random;
	int64_t now_ns;
	uint32_t ticks;
	uint64_t package_uj, cpu_busy_ns[SHAM_CPUS];
	struct {
		uint32_t domain;
		int number;
		uint64_t busy_ns, cycles;
		bool alive;
	} threads[SHAM_THREADS];
	uint32_t package, process;
	int born;
	bool everything; /* also gaps, notes, labels, marks, deaths */
};

/* seed: the same gives the same machine. */
void sham_start(struct sham *sham, uint64_t seed, bool everything);

/* One tick: feeds, applies, closes the books. The caller records and folds. */
void sham_tick(struct sham *sham);

/* Hands what has been fed to the session. */
void sham_apply(struct sham *sham);
void sham_end(struct sham *sham);

uint64_t sham_random(uint64_t *state);

#endif
