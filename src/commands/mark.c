/* SPDX-License-Identifier: Apache-2.0 */
/* jouletop mark: sends one line to the jouletop that runs the command it stands in. */
#include "base/text.h"
#include "commands/usage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define LINE_SIZE 512

extern const struct command command_mark;

static int set_help(void *settings, const char *text, struct error *err)
{
	(void)text;
	(void)err;
	((struct settings *)settings)->help = true;
	return 0;
}

static const struct option_row mark_options[] = {
	{"help", 'h', NULL, "show this help", set_help},
	{0},
};

/* The words as one line; what cannot be understood at the other end is refused here, where it is
 * seen. */
static int make_line(char *line, size_t size, int argc, char **argv, struct error *err)
{
	static const char usage[] =
		"usage: jouletop mark begin NAME | end NAME | work UNIT COUNT | note TEXT";
	bool is_work = argc > 0 && strcmp(argv[0], "work") == 0;
	size_t used = 0;
	int64_t count;

	if (argc < 2 || (!is_work && strcmp(argv[0], "begin") != 0 && strcmp(argv[0], "end") != 0 &&
			 strcmp(argv[0], "note") != 0))
		return error_set(err, EINVAL, "%s", usage);
	if (is_work && (argc != 3 || !argv[1][0] || strpbrk(argv[1], " \n")))
		return error_set(err, EINVAL, "%s", usage);
	if (is_work && (text_to_i64(argv[2], &count) < 0 || count < 0))
		return error_set(err, EINVAL,
				 "'%.40s' is no count: COUNT is a whole number, 0 or more",
				 argv[2]);
	for (int i = 0; i < argc; i++) {
		size_t length = strlen(argv[i]);

		if (strchr(argv[i], '\n'))
			return error_set(err, EINVAL, "a mark is one line");
		if (length + 2 > size - used)
			return error_set(err, EMSGSIZE, "a mark has at most %d bytes",
					 LINE_SIZE - 2);
		used += text_print(line + used, size - used, i ? " %s" : "%s", argv[i]);
	}
	line[used++] = '\n';
	return (int)used;
}

static int nobody_listens(const char *path, int code, struct error *err)
{
	return error_set(err, code, "nobody listens at %s: %s%s", path, strerror(code),
			 code == ECONNREFUSED || code == ENOENT || code == ENXIO
				 ? " (has jouletop ended?)"
				 : "");
}

static int send_to_socket(const char *path, const char *line, size_t size, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec =
					   1}; /* a jouletop that hangs must not hang its command */
	int code = 0, fd;

	if (text_print(address.sun_path, sizeof(address.sun_path), "%s", path) < strlen(path))
		return error_set(err, ENAMETOOLONG, "JOULETOP_MARKS is too long for a socket");
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_set(err, errno, "no socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (sendto(fd, line, size, MSG_NOSIGNAL, (const struct sockaddr *)&address,
		   sizeof(address)) < 0)
		code = errno;
	close(fd);
	return code ? nobody_listens(path, code, err) : 0;
}

/* A line is shorter than PIPE_BUF: it is written whole or not at all. */
static int send_to_fifo(const char *path, const char *line, size_t size, struct error *err)
{
	int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	int code = 0;

	if (fd < 0)
		return nobody_listens(path, errno, err);
	if (write(fd, line, size) < 0)
		code = errno;
	close(fd);
	return code ? nobody_listens(path, code, err) : 0;
}

static int send_line(const char *line, size_t size, struct error *err)
{
	const char *path = getenv("JOULETOP_MARKS");
	struct stat status;

	if (!path || !path[0])
		return error_set(err, ENOENT,
				 "JOULETOP_MARKS is not set: run inside `jouletop -- COMMAND`");
	if (stat(path, &status) < 0)
		return nobody_listens(path, errno, err);
	if (S_ISFIFO(status.st_mode))
		return send_to_fifo(path, line, size, err);
	if (S_ISSOCK(status.st_mode))
		return send_to_socket(path, line, size, err);
	return error_set(err, ENOTSOCK, "JOULETOP_MARKS=%s is neither a socket nor a FIFO", path);
}

static int mark_run(int argc, char **argv)
{
	struct error err = {0};
	char line[LINE_SIZE];
	struct settings settings = {0};
	int first = option_parse(mark_options, argc, argv, 1, &settings, &err);
	int size;

	if (first >= 0 && usage_print(&command_mark, &settings))
		return 0;
	size = first < 0 ? first : make_line(line, sizeof(line), argc - first, argv + first, &err);
	if (size > 0 && send_line(line, (size_t)size, &err) == 0)
		return 0;
	usage_error(&err);
	return 1;
}

const struct command command_mark = {
	.name = "mark",
	.synopsis = "begin NAME | end NAME | work UNIT COUNT | note TEXT",
	.summary = "Tells the jouletop around this command about a phase, work done or a remark",
	.options = mark_options,
	.run = mark_run,
};
