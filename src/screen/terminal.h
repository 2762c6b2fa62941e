/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal on a thread of its own: takes canvases, gives keys. The only file that includes ncurses. */
#ifndef JOULETOP_TERMINAL_H
#define JOULETOP_TERMINAL_H

#include "base/error.h"
#include "screen/canvas.h"
#include "screen/key.h"
#include "screen/theme.h"

struct terminal;

struct terminal_options {
	struct theme theme;
	bool color;	    /* false: attributes only (-C, NO_COLOR) */
	enum glyphs glyphs; /* the best wanted; lowered when the locale is not UTF-8 */
	bool mouse;
};

/* Puts the terminal into full-screen mode. NULL with *err: no terminal ("use -b"), TERM unknown (says what to set). */
struct terminal *terminal_start(const struct terminal_options *options, struct error *err);

/* Readable when a key waits or the size changed. */
int terminal_fd(const struct terminal *terminal);
bool terminal_key(struct terminal *terminal, struct key_press *key); /* false = none waits */
void terminal_size(const struct terminal *terminal, int *width, int *height);
enum glyphs terminal_glyphs(const struct terminal *terminal);
bool terminal_lost(const struct terminal *terminal); /* hung up */

/* The last canvas is not yet drawn: skip one. After a true answer terminal_fd becomes readable when it
 * has been drawn. */
bool terminal_busy(const struct terminal *terminal);

/* Hands a canvas over (copied); an older one not yet drawn is replaced. Never blocks. */
void terminal_show(struct terminal *terminal, const struct canvas *canvas);
void terminal_redraw(struct terminal *terminal); /* everything anew (Ctrl-L) */

/* Ctrl-Z: gives the terminal back, stops the process, takes it again. */
void terminal_suspend(struct terminal *terminal);

/* Restores the terminal; waits at most 200 ms for the thread. */
void terminal_stop(struct terminal *terminal);

/* Restores the terminal from a signal handler (async-signal-safe: fixed bytes and tcsetattr). */
void terminal_restore_now(void);

#endif
