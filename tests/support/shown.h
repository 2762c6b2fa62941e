/* SPDX-License-Identifier: Apache-2.0 */
/* A session and one view of it, as the state of a cmocka test. */
#ifndef JOULETOP_TEST_SHOWN_H
#define JOULETOP_TEST_SHOWN_H

#include "tests/support/drawing.h"
#include "tests/support/sessions.h"

/* Made by the test's own setup: zeroed memory, then sessions_*, then drawing_start. */
struct shown {
	struct sessions sessions;
	struct drawing drawing;
};

/* The teardown. */
int shown_stop(void **state);

#endif
