/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of commands/mark: one line to the jouletop around, or a reason why not. */
#include "base/option.h"
#include "base/text.h"
#include "tests/support/cmocka_all.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

extern const struct command command_mark;

static char directory[96], path[108];
static char errors[1024]; /* what the last mark wrote on stderr */

/* Runs `jouletop mark` with the words; the exit code. */
static int mark(const char *const *words)
{
	char *argv[16] = {(char *)(uintptr_t) "mark"};
	int argc = 1, saved = dup(STDERR_FILENO), streams[2], code;
	ssize_t size;

	for (; words[argc - 1]; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc - 1];
	assert_int_equal(pipe(streams), 0);
	dup2(streams[1], STDERR_FILENO);
	close(streams[1]);
	code = command_mark.run(argc, argv);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	size = read(streams[0], errors, sizeof(errors) - 1);
	errors[size > 0 ? size : 0] = '\0';
	close(streams[0]);
	return code;
}

#define MARK(...) mark((const char *const[]){__VA_ARGS__, NULL})

static int listen_here(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	memcpy(address.sun_path, path, sizeof(path));
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	setenv("JOULETOP_MARKS", path, 1);
	return fd;
}

static void assert_heard(int fd, const char *expected)
{
	char line[600] = "";
	ssize_t size = read(fd, line, sizeof(line) - 1);

	assert_int_equal(size, strlen(expected));
	assert_string_equal(line, expected);
}

static void each_verb_is_sent_as_one_line(void **state)
{
	int fd = listen_here();

	(void)state;
	assert_int_equal(MARK("begin", "forward"), 0);
	assert_heard(fd, "begin forward\n");
	assert_int_equal(MARK("end", "forward"), 0);
	assert_heard(fd, "end forward\n");
	assert_int_equal(MARK("work", "samples", "32"), 0);
	assert_heard(fd, "work samples 32\n");
	assert_int_equal(MARK("note", "loss", "is", "--not", "0.5"), 0);
	assert_heard(fd, "note loss is --not 0.5\n");
	assert_string_equal(errors, "");
	close(fd);
	unlink(path);
}

static void a_fifo_is_written_too(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	setenv("JOULETOP_MARKS", path, 1);
	assert_int_equal(MARK("begin", "x"), 1);
	assert_non_null(strstr(errors, "nobody listens at "));
	fd = open(path, O_RDWR | O_NONBLOCK);
	assert_int_equal(MARK("work", "tokens", "7"), 0);
	assert_heard(fd, "work tokens 7\n");
	close(fd);
	unlink(path);
}

static void without_the_variable_it_says_where_to_run(void **state)
{
	(void)state;
	unsetenv("JOULETOP_MARKS");
	assert_int_equal(MARK("begin", "x"), 1);
	assert_non_null(
		strstr(errors, "JOULETOP_MARKS is not set: run inside `jouletop -- COMMAND`"));
}

static void nobody_at_the_other_end_is_an_error(void **state)
{
	(void)state;
	setenv("JOULETOP_MARKS", path, 1);
	assert_int_equal(MARK("begin", "x"), 1);
	assert_non_null(strstr(errors, "nobody listens at "));
	close(listen_here()); /* as after a crash */
	assert_int_equal(MARK("begin", "x"), 1);
	assert_non_null(strstr(errors, "nobody listens at "));
	unlink(path);
}

static void what_would_not_be_understood_is_not_sent(void **state)
{
	int fd = listen_here();
	char longest[600], byte;

	(void)state;
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(mark((const char *const[]){NULL}), 1);
	assert_int_equal(MARK("begin"), 1);
	assert_int_equal(MARK("stop", "x"), 1);
	assert_non_null(strstr(errors, "usage: jouletop mark begin NAME"));
	assert_int_equal(MARK("work", "samples"), 1);
	assert_int_equal(MARK("work", "samples", "12.5"), 1);
	assert_non_null(strstr(errors, "'12.5' is no count"));
	assert_int_equal(MARK("work", "samples", "-1"), 1);
	assert_int_equal(MARK("work", "two words", "1"), 1);
	assert_int_equal(MARK("begin", "two\nlines"), 1);
	assert_int_equal(MARK("note", longest), 1);
	assert_int_equal(MARK("--foo"), 1);
	assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
	close(fd);
	unlink(path);
}

static int set_up(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	text_print(directory, sizeof(directory), "%s/mark-XXXXXX", base ? base : "/tmp");
	if (!mkdtemp(directory))
		return -1;
	text_print(path, sizeof(path), "%.95s/marks", directory);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_verb_is_sent_as_one_line),
		cmocka_unit_test(a_fifo_is_written_too),
		cmocka_unit_test(without_the_variable_it_says_where_to_run),
		cmocka_unit_test(nobody_at_the_other_end_is_an_error),
		cmocka_unit_test(what_would_not_be_understood_is_not_sent),
	};

	return cmocka_run_group_tests_name("mark", tests, set_up, tear_down);
}
