/* SPDX-License-Identifier: Apache-2.0 */
/* A tiny full-screen program of two views: the terminal and the dashboard without the engine. */
#ifndef JOULETOP_TEST_TERMINAL_DEMO_H
#define JOULETOP_TEST_TERMINAL_DEMO_H

/* Where it says how it ended: "stopped", "lost", "shown" and "busy" after a flood, a line each. */
#define TERMINAL_DEMO_REPORT_FD 9

#define TERMINAL_DEMO_LOST	3
#define TERMINAL_DEMO_CRASHED	4

/* Runs until it is quit or loses its terminal; the program's exit code. Besides the usual keys:
 * F draws more frames than any buffer holds and ends, X leaves as a crash does. */
int terminal_demo(void);

#endif
