/* SPDX-License-Identifier: Apache-2.0 */
/* Phases of a desk's session: marks, a package that meters, and what became of them. */
#ifndef JOULETOP_TESTS_PHASED_H
#define JOULETOP_TESTS_PHASED_H

#include "model/phase.h"
#include "tests/support/desk.h"

void phased_mark(struct desk *desk, double time_s, enum mark_verb verb, const char *name);

/* A total of energy read at the end of the tick that follows. */
void phased_read_energy(struct desk *desk, const char *key, int64_t time_ns, int64_t energy_uj);
void phased_tick(struct desk *desk);

/* So many ticks of a package with so many watts. */
void phased_run(struct desk *desk, int ticks, int watts, int64_t *energy_uj);

/* Of the phase with this key; fails the test when there is none. */
struct phase_figures phased_figures(const struct desk *desk, const char *key);

/* The time of the last tick. */
double phased_start_s(const struct desk *desk);

#endif
