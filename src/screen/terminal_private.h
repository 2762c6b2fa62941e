/* SPDX-License-Identifier: Apache-2.0 */
/* Between the terminal's thread (terminal_thread.c) and ncurses (terminal.c). */
#ifndef JOULETOP_TERMINAL_PRIVATE_H
#define JOULETOP_TERMINAL_PRIVATE_H

#include "screen/exchange.h"
#include "screen/terminal.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <termios.h>

/* How a role looks on this terminal, in curses' words. */
struct terminal_look {
	uint32_t attributes;
	short pair;
};

struct terminal {
	struct terminal_options options;
	struct exchange *exchange;
	pthread_t thread;
	int tty_fd;
	struct termios modes; /* as they were before us */
	bool utf8;
	struct error start_error;

	/* The thread's own from here on. */
	FILE *file;
	struct screen *screen; /* curses' */
	struct terminal_look looks[ROLE_COUNT];
	struct canvas shown, fresh;
	int width, height;
	bool synchronized; /* frames are wrapped so that none is seen half drawn */
	bool anew;	   /* the next frame draws every cell */
	bool suspended, lost;
};

/* All on the terminal's thread. */
int terminal_open_screen(struct terminal *terminal, struct error *err); /* 0, or -errno with *err */
void terminal_close_screen(struct terminal *terminal); /* also after a failed open */
void terminal_draw(struct terminal *terminal, const struct canvas *canvas,
		   const struct canvas *before);
void terminal_read_keys(struct terminal *terminal); /* into the exchange */
void terminal_fit_size(struct terminal *terminal);
void terminal_leave_screen(void); /* to the shell... */
void terminal_enter_modes(void);  /* ...and back */

#endif
