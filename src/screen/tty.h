/* SPDX-License-Identifier: Apache-2.0 */
/* The tty itself, without curses: opening it, its size, and its rescue from a signal handler. */
#ifndef JOULETOP_TTY_H
#define JOULETOP_TTY_H

#include "base/error.h"

#include <stdbool.h>
#include <termios.h>

/* Opens the controlling terminal; standard output must be a terminal too. fd, or -ENOTTY with
 * *err. */
int tty_open(struct error *err);

/* True once after the terminal has told of a change of its size (guarded only): even when the size is what it was, its
 * picture is not. Terminal thread. */
bool tty_take_size_changed(void);

/* Its size, at least 1x1 and bounded; 80x24 when it does not know. */
void tty_size(int fd, int *width, int *height);

/* From here on tty_rescue brings these modes back and a change of size writes to wake_fd (an
 * eventfd). One tty a process. */
void tty_guard(int fd, const struct termios *modes, int wake_fd);
void tty_unguard(void);

/* Gives a guarded tty back with fixed bytes, once. Async-signal-safe, never blocks; nothing
 * happens in the background. */
void tty_rescue(void);

#endif
