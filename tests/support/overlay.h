/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up directories laid over /sys by overlay mounts, in a namespace of the test's own: for libraries that read the real
 * /sys only. */
#ifndef JOULETOP_TESTS_OVERLAY_H
#define JOULETOP_TESTS_OVERLAY_H

#include <stdbool.h>

/* A mount namespace; for an ordinary user in a user namespace where he is root. False where that is not allowed. Before any
 * thread is started. */
bool overlay_enter(void);

/* Lays DIRECTORY/NAME over /sys/NAME; true also when there is no such directory. */
bool overlay_lay(const char *directory, const char *name);

/* Takes class and devices away again. */
void overlay_lift(void);

#endif
