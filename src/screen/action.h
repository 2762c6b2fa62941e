/* SPDX-License-Identifier: Apache-2.0 */
/* What the screen asks of the engine: plain data. Only commands/engine.c performs them; in replay those that touch the world
 * are refused. */
#ifndef JOULETOP_ACTION_H
#define JOULETOP_ACTION_H

#include <stdint.h>

enum action_type {
	ACTION_NONE,
	ACTION_QUIT,	 /* number: enum quit_answer */
	ACTION_SIGNAL,	 /* pid, start_ticks, number: signal */
	ACTION_INTERVAL, /* time_ns: new interval */
	ACTION_PROBE_AGAIN,
	ACTION_WINDOW, /* a new window begins */
	ACTION_PAUSE,  /* number: 1 pause drawing, 0 go on */
	ACTION_REDRAW,
	ACTION_PLAY,  /* replay: number: 1 play, 0 hold */
	ACTION_SPEED, /* replay: number: speed in thousandths */
	ACTION_SEEK,  /* replay: time_ns since the start */
	ACTION_STEP,  /* replay: number: +1 or -1 tick */
};

enum quit_answer { QUIT_PLAIN, QUIT_KEEP_RUNNING, QUIT_STOP_COMMAND };

struct action {
	enum action_type type;
	int pid;
	uint64_t start_ticks;
	int64_t number, time_ns;
};

#endif
