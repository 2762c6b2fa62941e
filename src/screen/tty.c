/* SPDX-License-Identifier: Apache-2.0 */
/* The tty's descriptor, size and modes; the state that a signal handler needs to give it back. */
#include "screen/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SIDE_MAX 1024

/* A signal handler has nothing but static variables. */
static struct {
	volatile sig_atomic_t armed;
	int fd, wake_fd;
	struct termios modes;
	struct sigaction winch_before;
	volatile sig_atomic_t size_changed;
} guard;

int tty_open(struct error *err)
{
	if (!isatty(STDOUT_FILENO))
		return error_set(err, ENOTTY, "no terminal: use -b for batch mode");

	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	char name[64];

	if (fd < 0 && ttyname_r(STDOUT_FILENO, name, sizeof(name)) == 0)
		fd = open(name, O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return error_set(
			err, ENOTTY,
			"no terminal that can be opened for reading: use -b for batch mode");
	return fd;
}

static int bounded(int value, int otherwise)
{
	return value < 1 ? otherwise : value > SIDE_MAX ? SIDE_MAX : value;
}

void tty_size(int fd, int *width, int *height)
{
	struct winsize size = {0};

	if (ioctl(fd, TIOCGWINSZ, &size) < 0)
		size = (struct winsize){0};
	*width = bounded(size.ws_col, 80);
	*height = bounded(size.ws_row, 24);
}

static void size_changed(int signo)
{
	int code = errno;
	uint64_t one = 1;
	ssize_t written = write(guard.wake_fd, &one, sizeof(one));

	(void)signo;
	guard.size_changed = 1;
	(void)written; /* full: the reader will wake anyway */
	errno = code;
}

bool tty_take_size_changed(void)
{
	bool changed = guard.size_changed != 0;

	guard.size_changed = 0;
	return changed;
}

void tty_guard(int fd, const struct termios *modes, int wake_fd)
{
	struct sigaction action = {.sa_handler = size_changed, .sa_flags = SA_RESTART};

	guard.fd = fd;
	guard.wake_fd = wake_fd;
	guard.modes = *modes;
	sigaction(SIGWINCH, &action, &guard.winch_before);
	guard.armed = 1;
}

void tty_unguard(void)
{
	guard.armed = 0;
	sigaction(SIGWINCH, &guard.winch_before, NULL);
}

void tty_rescue(void)
{
	/* CAN ends a half-written sequence; then synchronized update, mouse and alternate screen
	 * off, cursor, colours and keypad as usual. */
	static const char bytes[] =
		"\030\033[?2026l\033[?1000l\033[?1002l\033[?1003l\033[?1006l\033[0m\033[?25h\033[?1l\033>"
		"\033[?1049l";

	if (!guard.armed)
		return;
	guard.armed = 0;

	/* In the background the terminal is somebody else's. */
	pid_t owner = tcgetpgrp(guard.fd);

	if (owner > 0 && owner != getpgrp())
		return;
	tcsetattr(guard.fd, TCSANOW, &guard.modes);

	int flags = fcntl(guard.fd, F_GETFL);

	fcntl(guard.fd, F_SETFL, flags | O_NONBLOCK);

	ssize_t written = write(guard.fd, bytes, sizeof(bytes) - 1);

	(void)written; /* a stopped terminal takes nothing: there is no more to be done */
	fcntl(guard.fd, F_SETFL, flags);
}
