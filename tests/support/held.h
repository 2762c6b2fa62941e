/* SPDX-License-Identifier: Apache-2.0 */
/* The clock of a test that holds it: no time passes but what the test lets pass. Linked into such tests alone, because it
 * answers clock_now_ns for all of the program. */
#ifndef JOULETOP_TESTS_HELD_H
#define JOULETOP_TESTS_HELD_H

#include "tests/support/probed.h"

#include <stdint.h>

/* The clock stands at 1000 s; the probe as by probed_set_up. */
int held_set_up(void **state, const struct probe *probe);

/* Time passes: the clock's alone, or the machine's too. */
void held_wait_ns(int64_t time_ns);
void held_pass(struct probed *probed, double seconds);

/* Samples so often, each time after so many seconds. */
void held_sample(struct probed *probed, int count, double seconds);

#endif
