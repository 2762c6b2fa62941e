/* SPDX-License-Identifier: Apache-2.0 */
/* A pseudo terminal for the program, libvterm for the picture, poll for the waiting. */
#include "tests/support/vterm_screen_private.h"

#include "tests/support/cmocka_all.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

/* Far beyond what anything needs, also under a sanitizer on a busy machine. */
#define DEADLINE_NS (20 * CLOCK_NS_PER_S)
#define STEP_MS	    20

static int set_property(VTermProp property, VTermValue *value, void *user)
{
	struct vterm_screen *screen = user;

	if (property == VTERM_PROP_ALTSCREEN)
		screen->alternate = value->boolean;
	else if (property == VTERM_PROP_CURSORVISIBLE)
		screen->cursor_visible = value->boolean;
	return 1;
}

static const VTermScreenCallbacks callbacks = {.settermprop = set_property};

static void apply_environment(const char *const *changes)
{
	static const char *const base[] = {"TERM=xterm-256color",
					   "LANG=C.UTF-8",
					   "TZ=UTC",
					   "LINES",
					   "COLUMNS",
					   "LC_ALL",
					   "LC_CTYPE",
					   "NO_COLOR",
					   "COLORTERM",
					   NULL};
	const char *const *lists[] = {base, changes};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		for (const char *const *change = lists[i]; change != NULL && *change != NULL;
		     change++) {
			if (strchr(*change, '=') != NULL)
				putenv(memory_text(*change));
			else
				unsetenv(*change);
		}
	}
}

/* forkpty, which would not tell the modes from before the program. */
static void fork_program(struct vterm_screen *screen, const char *const *argv,
			 const char *const *changes)
{
	struct winsize size = {.ws_col = (unsigned short)screen->width,
			       .ws_row = (unsigned short)screen->height};
	int terminal;

	if (openpty(&screen->fd, &terminal, NULL, NULL, &size) < 0 ||
	    tcgetattr(terminal, &screen->modes_before) < 0)
		fail_msg("openpty: %s", strerror(errno));
	screen->pid = fork();
	if (screen->pid < 0)
		fail_msg("fork: %s", strerror(errno));
	if (screen->pid == 0) {
		close(screen->fd);
		if (login_tty(terminal) < 0)
			_exit(127);
		apply_environment(changes);
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(terminal);
	fcntl(screen->fd, F_SETFD, FD_CLOEXEC);
	fcntl(screen->fd, F_SETFL, O_NONBLOCK);
}

struct vterm_screen *vterm_screen_start(const char *const *argv, const char *const *changes,
					int width, int height)
{
	struct vterm_screen *screen = memory_zeroed(1, sizeof(*screen));

	screen->vterm = vterm_new(height, width);
	vterm_set_utf8(screen->vterm, 1);
	screen->screen = vterm_obtain_screen(screen->vterm);
	vterm_screen_set_callbacks(screen->screen, &callbacks, screen);
	vterm_screen_enable_altscreen(screen->screen, 1);
	vterm_screen_reset(screen->screen, 1);
	screen->width = width;
	screen->height = height;
	screen->cursor_visible = true;
	fork_program(screen, argv, changes);
	return screen;
}

void vterm_screen_hang_up(struct vterm_screen *screen)
{
	if (screen->fd >= 0)
		close(screen->fd);
	screen->fd = -1;
	screen->ended = true;
}

void vterm_screen_finish(struct vterm_screen *screen)
{
	if (screen == NULL)
		return;
	if (!screen->reaped) {
		kill(screen->pid, SIGKILL);
		waitpid(screen->pid, NULL, 0);
	}
	vterm_screen_hang_up(screen);
	vterm_free(screen->vterm);
	free(screen->row);
	free(screen->text);
	free(screen);
}

/* libvterm 0.1.4 takes only the first of two modes set at once, "?1006;1000h". */
static void watch_mouse(struct vterm_screen *screen, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		memmove(screen->last, screen->last + 1, sizeof(screen->last) - 1);
		screen->last[sizeof(screen->last) - 1] = bytes[i];
		if (memcmp(screen->last, "1000h", 5) == 0)
			screen->mouse = true;
		else if (memcmp(screen->last, "1000l", 5) == 0)
			screen->mouse = false;
	}
}

/* Takes in what the program has written, waiting for it at most a step. */
static void pump(struct vterm_screen *screen)
{
	struct pollfd poll_fd = {.fd = screen->fd, .events = POLLIN};
	char bytes[16384];

	if (screen->ended) {
		poll(NULL, 0, STEP_MS);
		return;
	}
	poll(&poll_fd, 1, STEP_MS);

	ssize_t got = read(screen->fd, bytes, sizeof(bytes));

	if (got > 0) {
		watch_mouse(screen, bytes, (size_t)got);
		vterm_input_write(screen->vterm, bytes, (size_t)got);
	} else if (got < 0 && errno == EIO && screen->reaped) {
		screen->ended = true;
	}
	vterm_screen_flush(screen);
}

static void reap(struct vterm_screen *screen)
{
	if (!screen->reaped && waitpid(screen->pid, &screen->status, WNOHANG) == screen->pid)
		screen->reaped = true;
}

bool vterm_screen_wait(struct vterm_screen *screen,
		       bool (*condition)(struct vterm_screen *screen, void *user), void *user)
{
	int64_t end_ns = clock_now_ns() + DEADLINE_NS;
	while (!condition(screen, user)) {
		if (screen->ended || clock_now_ns() > end_ns)
			return false;
		pump(screen);
		reap(screen);
	}
	return true;
}

static bool shows(struct vterm_screen *screen, void *user)
{
	return strstr(vterm_screen_text(screen), (const char *)user) != NULL;
}

static bool hides(struct vterm_screen *screen, void *user)
{
	return !shows(screen, user);
}

void vterm_screen_expect(struct vterm_screen *screen, const char *text)
{
	if (!vterm_screen_wait(screen, shows, (void *)(uintptr_t)text))
		fail_msg("\"%s\" does not appear on\n%s", text, vterm_screen_text(screen));
}

void vterm_screen_expect_gone(struct vterm_screen *screen, const char *text)
{
	if (!vterm_screen_wait(screen, hides, (void *)(uintptr_t)text))
		fail_msg("\"%s\" does not vanish from\n%s", text, vterm_screen_text(screen));
}

/* Writes a row without trailing blanks; returns its length. */
static size_t write_row(const struct vterm_screen *screen, int y, char *out)
{
	size_t length = 0, end = 0;

	for (int x = 0; x < screen->width; x++) {
		VTermScreenCell cell;

		if (!vterm_screen_get_cell(screen->screen, (VTermPos){.row = y, .col = x}, &cell))
			break;
		/* The right half of a wide character. */
		if (cell.chars[0] == (uint32_t)-1)
			continue;
		char bytes[5];
		size_t size = text_encode(cell.chars[0] == 0 ? ' ' : cell.chars[0], bytes);

		memcpy(out + length, bytes, size);
		length += size;
		if (cell.chars[0] != 0 && cell.chars[0] != ' ')
			end = length;
	}
	out[end] = '\0';
	return end;
}

const char *vterm_screen_row(struct vterm_screen *screen, int y)
{
	free(screen->row);
	screen->row = memory_zeroed((size_t)screen->width * 4 + 1, 1);
	write_row(screen, y, screen->row);
	return screen->row;
}

const char *vterm_screen_text(struct vterm_screen *screen)
{
	size_t length = 0;

	free(screen->text);
	screen->text =
		memory_zeroed((size_t)screen->height * ((size_t)screen->width * 4 + 1) + 1, 1);
	for (int y = 0; y < screen->height; y++) {
		length += write_row(screen, y, screen->text + length);
		screen->text[length++] = '\n';
	}
	return screen->text;
}

static int color_index(const VTermColor *color)
{
	if (VTERM_COLOR_IS_DEFAULT_FG(color) || VTERM_COLOR_IS_DEFAULT_BG(color))
		return -1;
	return VTERM_COLOR_IS_INDEXED(color) ? color->indexed.idx : -2;
}

struct vterm_screen_cell vterm_screen_cell(const struct vterm_screen *screen, int x, int y)
{
	VTermScreenCell cell = {0};

	vterm_screen_get_cell(screen->screen, (VTermPos){.row = y, .col = x}, &cell);
	return (struct vterm_screen_cell){
		.code_point = cell.chars[0],
		.foreground = color_index(&cell.fg),
		.background = color_index(&cell.bg),
		.bold = cell.attrs.bold,
		.reverse = cell.attrs.reverse,
		.underline = cell.attrs.underline != 0,
	};
}

void vterm_screen_resize(struct vterm_screen *screen, int width, int height)
{
	struct winsize size = {.ws_col = (unsigned short)width, .ws_row = (unsigned short)height};

	vterm_set_size(screen->vterm, height, width);
	screen->width = width;
	screen->height = height;
	ioctl(screen->fd, TIOCSWINSZ, &size);
}

bool vterm_screen_is_alternate(const struct vterm_screen *screen)
{
	return screen->alternate;
}

bool vterm_screen_cursor_visible(const struct vterm_screen *screen)
{
	return screen->cursor_visible;
}

bool vterm_screen_mouse(const struct vterm_screen *screen)
{
	return screen->mouse;
}

struct termios vterm_screen_modes_before(const struct vterm_screen *screen)
{
	return screen->modes_before;
}

struct termios vterm_screen_modes(const struct vterm_screen *screen)
{
	struct termios modes = {0};

	tcgetattr(screen->fd, &modes);
	return modes;
}

pid_t vterm_screen_pid(const struct vterm_screen *screen)
{
	return screen->pid;
}

static bool has_ended(struct vterm_screen *screen, void *user)
{
	return user == NULL && screen->reaped && screen->ended;
}

int vterm_screen_wait_exit(struct vterm_screen *screen)
{
	if (screen->fd < 0)
		return vterm_screen_wait_exit_unread(screen);
	if (!vterm_screen_wait(screen, has_ended, NULL))
		fail_msg("the program does not end; its screen:\n%s", vterm_screen_text(screen));
	return screen->status;
}

int vterm_screen_wait_exit_unread(struct vterm_screen *screen)
{
	int64_t end_ns = clock_now_ns() + DEADLINE_NS;

	for (reap(screen); !screen->reaped; reap(screen)) {
		if (clock_now_ns() > end_ns)
			fail_msg("the program does not end on a terminal that takes nothing");
		poll(NULL, 0, STEP_MS);
	}
	return screen->status;
}
