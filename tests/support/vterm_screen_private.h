/* SPDX-License-Identifier: Apache-2.0 */
/* A program's screen, for the files that make it up: what is read of it (vterm_screen.c), what is typed (vterm_keys.c). */
#ifndef JOULETOP_TEST_VTERM_SCREEN_PRIVATE_H
#define JOULETOP_TEST_VTERM_SCREEN_PRIVATE_H

#include "tests/support/vterm_screen.h"

#include <vterm.h>

struct vterm_screen {
	pid_t pid;
	int fd; /* the terminal's end; -1 after a hang-up */
	VTerm *vterm;
	VTermScreen *screen;
	int width, height;
	struct termios modes_before; /* the program may change them as soon as it runs */
	bool alternate, cursor_visible, mouse;
	char last[5]; /* bytes that the program wrote */
	bool ended;   /* nothing more can be read */
	bool reaped;
	int status;
	char *row, *text;
};

/* Sends the keys, mouse and answers that libvterm made for the program. */
void vterm_screen_flush(struct vterm_screen *screen);

#endif
