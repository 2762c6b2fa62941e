/* SPDX-License-Identifier: Apache-2.0 */
/* A machine of one package, two CPUs and two threads with its books, moved by hand, a second a tick. */
#ifndef JOULETOP_TESTS_BENCH_H
#define JOULETOP_TESTS_BENCH_H

#include "model/books.h"
#include "model/feed.h"

struct bench {
	struct session *session;
	struct feed *feed;
	struct batch *spare;
	struct books *books;
	uint32_t package, energy, cpus[2], threads[2], counters[2]; /* energy 0: no meter */
	uint64_t cpu_ns[2], interrupt_ns, busy_ns[2], cycles[2], energy_uj;
	int64_t now_ns;
	uint32_t ticks;
	bool without_cycles;
};

/* The threads are "5/5@1" and "5/6@1". The first tick is done: all totals are zero. */
void bench_start(struct bench *bench, const struct books_options *options, bool with_energy);
void bench_end(struct bench *bench);

/* What runs until the next tick: the two threads on their CPUs, others on the first, interrupts on the second. */
void bench_run(struct bench *bench, uint64_t first_ms, uint64_t second_ms, uint64_t other_ms,
	       uint64_t interrupt_ms);
void bench_tick(struct bench *bench);

/* Energy of a domain over all its sources (-1: it is not there), of all domains of a kind, and of all shares. */
int64_t bench_energy(const struct session *session, const char *key);
int64_t bench_energy_of_kind(const struct session *session, enum domain_kind kind);
int64_t bench_energy_of_shares(const struct session *session);

#endif
