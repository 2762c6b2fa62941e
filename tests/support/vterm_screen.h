/* SPDX-License-Identifier: Apache-2.0 */
/* A program in a pseudo terminal whose screen is read by libvterm. Waiting is for a condition
 * with a deadline, never for a time. */
#ifndef JOULETOP_TEST_VTERM_SCREEN_H
#define JOULETOP_TEST_VTERM_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>

struct vterm_screen;

/* Starts argv (NULL-terminated; argv[0] is the path). The environment is ours with
 * TERM=xterm-256color LANG=C.UTF-8 TZ=UTC and without what would change the picture (LINES,
 * COLUMNS, LC_ALL, NO_COLOR, COLORTERM); `changes` (NULL-terminated, may be NULL) then sets
 * "NAME=VALUE" and unsets "NAME". Fails the test when it cannot start. */
struct vterm_screen *vterm_screen_start(const char *const *argv, const char *const *changes,
					int width, int height);

/* Kills what still runs, frees all. */
void vterm_screen_finish(struct vterm_screen *screen);

/* Fails the test, showing the screen, when the text does not appear (or vanish) within the
 * deadline. */
void vterm_screen_expect(struct vterm_screen *screen, const char *text);
void vterm_screen_expect_gone(struct vterm_screen *screen, const char *text);

/* Reads the screen until the condition holds; false when the deadline passes or the program has
 * ended without. */
bool vterm_screen_wait(struct vterm_screen *screen,
		       bool (*condition)(struct vterm_screen *screen, void *user), void *user);

/* What stands there; valid until the next call of either. Trailing blanks removed. */
const char *vterm_screen_row(struct vterm_screen *screen, int y);
const char *vterm_screen_text(struct vterm_screen *screen);

struct vterm_screen_cell {
	uint32_t code_point;
	int foreground, background; /* index of the 256 colours, -1 = default, -2 = a true colour */
	bool bold, reverse, underline;
};
struct vterm_screen_cell vterm_screen_cell(const struct vterm_screen *screen, int x, int y);

void vterm_screen_send(struct vterm_screen *screen, const char *bytes);
void vterm_screen_key(struct vterm_screen *screen, int code); /* screen/key.h */
void vterm_screen_click(struct vterm_screen *screen, int x, int y);
void vterm_screen_wheel(struct vterm_screen *screen, int x, int y, bool down);
void vterm_screen_resize(struct vterm_screen *screen, int width,
			 int height);			/* as a terminal window does */
void vterm_screen_hang_up(struct vterm_screen *screen); /* as a closed connection does */

bool vterm_screen_is_alternate(const struct vterm_screen *screen);
bool vterm_screen_cursor_visible(const struct vterm_screen *screen);
bool vterm_screen_mouse(const struct vterm_screen *screen); /* reported to the program */
struct termios vterm_screen_modes(const struct vterm_screen *screen);
struct termios vterm_screen_modes_before(const struct vterm_screen *screen); /* at the start */
pid_t vterm_screen_pid(const struct vterm_screen *screen);

/* Waits for the end of the program, reading its screen meanwhile: its wait status. Fails the
 * test at the deadline. */
int vterm_screen_wait_exit(struct vterm_screen *screen);

/* As above without reading what it writes: a terminal that takes nothing. */
int vterm_screen_wait_exit_unread(struct vterm_screen *screen);

#endif
