/* SPDX-License-Identifier: Apache-2.0 */
/* When we crash, the user's terminal must not. */
#ifndef JOULETOP_CRASH_H
#define JOULETOP_CRASH_H

/* From now on a fatal signal restores the terminal before it kills us. */
void crash_restore_terminal(void);

#endif
