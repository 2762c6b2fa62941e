/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a program's screen: `look TEXT KEYS COMMAND [ARG...]` runs it in a terminal of 120 x 40, types the keys when it has drawn
 * something, and prints each row that holds TEXT, from there on, whenever something has been drawn. */
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vterm.h>

#define COLUMNS	   120
#define ROWS	   40
#define SETTLED_MS 50 /* nothing more is drawn for so long: the picture is complete */
#define ROW_SIZE   (COLUMNS * 4 + 1)

static void answer(const char *bytes, size_t size, void *fd)
{
	if (write(*(int *)fd, bytes, size) < 0)
		perror("write");
}

static size_t put(char *out, uint32_t code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	out[0] = (char)(0xe0 | code >> 12);
	out[1] = (char)(0x80 | (code >> 6 & 0x3f));
	out[2] = (char)(0x80 | (code & 0x3f));
	return 3;
}

static void read_row(VTermScreen *screen, int row, char *out)
{
	for (int column = 0; column < COLUMNS; column++) {
		VTermScreenCell cell;

		vterm_screen_get_cell(screen, (VTermPos){row, column}, &cell);
		out += put(out, cell.chars[0] && cell.chars[0] < 0x10000 ? cell.chars[0] : ' ');
	}
	*out = '\0';
}

static void tell_rows(VTermScreen *screen, const char *text)
{
	for (int row = 0; row < ROWS; row++) {
		char now[ROW_SIZE];

		read_row(screen, row, now);

		const char *found = strstr(now, text);

		if (found)
			puts(found);
	}
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct winsize size = {.ws_row = ROWS, .ws_col = COLUMNS};
	const char *keys = argc > 3 ? argv[2] : NULL;
	int fd, status = 0;
	ssize_t length;
	char bytes[4096];

	if (!keys) {
		fprintf(stderr, "usage: look TEXT KEYS COMMAND [ARG...]\n");
		return 2;
	}
	setenv("TERM", "xterm-256color", 1);

	pid_t pid = forkpty(&fd, NULL, NULL, &size);

	if (pid == 0) {
		execvp(argv[3], argv + 3);
		_exit(127);
	}

	VTerm *terminal = vterm_new(ROWS, COLUMNS);
	VTermScreen *screen = vterm_obtain_screen(terminal);
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	vterm_set_utf8(terminal, 1);
	vterm_output_set_callback(terminal, answer, &fd);
	vterm_screen_enable_altscreen(screen, 1);
	vterm_screen_reset(screen, 1);
	while ((length = read(fd, bytes, sizeof(bytes))) > 0) {
		vterm_input_write(terminal, bytes, (size_t)length);
		if (poll(&wait, 1, SETTLED_MS) > 0)
			continue;
		tell_rows(screen, argv[1]);
		if (*keys && write(fd, keys++, 1) < 0)
			perror("write");
	}
	waitpid(pid, &status, 0);
	vterm_free(terminal);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
