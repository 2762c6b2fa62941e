/* SPDX-License-Identifier: Apache-2.0 */
/* Files are written whole, privately and without ever blocking the caller. */
#include "record/writer.h"

#include "base/text.h"
#include "tests/support/cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static char path[128];

static const char *in_folder(const char *name)
{
	text_print(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static int make_folder(void **state)
{
	(void)state;
	text_print(folder, sizeof(folder), "/tmp/jouletop-test-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	static const char *const names[] = {"a.csv",	  "b.csv",  "fifo",
					    "other-fifo", "target", "link"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(in_folder(names[i]));
	return rmdir(folder);
}

static void assert_content(const char *name, const char *expected)
{
	char data[256] = "";
	FILE *file = fopen(in_folder(name), "r");

	assert_non_null(file);
	data[fread(data, 1, sizeof(data) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(data, expected);
}

static void put_file(const char *name, const char *text, mode_t mode)
{
	int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_TRUNC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void what_is_put_is_in_the_file_and_private(void **state)
{
	(void)state;

	struct error err = {0};
	struct stat status;
	mode_t before = umask(0);
	struct writer *writer = writer_open(in_folder("a.csv"), &err);

	assert_non_null(writer);
	assert_true(writer_put(writer, "one\n", 4));
	assert_true(writer_put(writer, "", 0));
	assert_true(writer_put(writer, "two\n", 4));
	assert_int_equal(writer_close(writer, 10000), 0);
	umask(before);
	assert_content("a.csv", "one\ntwo\n");
	assert_int_equal(stat(in_folder("a.csv"), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
}

static void a_file_that_is_there_is_replaced_and_becomes_private(void **state)
{
	(void)state;

	struct error err = {0};
	struct stat status;

	put_file("b.csv", "old and longer than the new", 0644);

	struct writer *writer = writer_open(in_folder("b.csv"), &err);

	assert_non_null(writer);
	assert_true(writer_put(writer, "new\n", 4));
	assert_int_equal(writer_close(writer, 10000), 0);
	assert_content("b.csv", "new\n");
	assert_int_equal(stat(in_folder("b.csv"), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
}

static void a_full_disk_is_an_error_and_everything_is_dropped(void **state)
{
	(void)state;

	struct error err = {0};
	struct writer *writer =
		access("/dev/full", W_OK) == 0 ? writer_open("/dev/full", &err) : NULL;

	if (!writer)
		skip();
	assert_true(writer_put(writer, "x", 1));
	for (int i = 0; i < 10000 && writer_error(writer) == 0; i++)
		usleep(1000);
	assert_int_equal(writer_error(writer), ENOSPC);
	assert_true(writer_put(writer, "y", 1));
	assert_int_equal(writer_close(writer, 10000), -ENOSPC);
}

static void a_place_that_cannot_be_written_is_said_with_the_remedy(void **state)
{
	(void)state;

	struct error err = {0};

	assert_null(writer_open("/nonexistent/x.csv", &err));
	assert_int_equal(err.code, ENOENT);
	assert_non_null(strstr(err.text, "create it first"));
	assert_null(writer_open(folder, &err));
	assert_int_equal(err.code, EISDIR);
}

static void a_pipe_without_a_reader_never_blocks(void **state)
{
	(void)state;

	struct error err = {0};
	static char data[1 << 20];

	assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);

	struct writer *writer = writer_open(in_folder("fifo"), &err);
	size_t taken = 0;

	assert_non_null(writer);
	while (taken < 64 && writer_put(writer, data, sizeof(data)))
		taken++;
	assert_int_equal(taken, WRITER_BYTES_MAX / sizeof(data));
	assert_int_equal(writer_close(writer, 50), -ETIMEDOUT);

	/* Lets the thread that was left behind go: a reader comes and goes. */
	int fd = open(in_folder("fifo"), O_RDONLY | O_NONBLOCK);

	assert_true(fd >= 0);
	close(fd);
}

static void a_pipe_gets_all_when_a_reader_comes(void **state)
{
	(void)state;

	assert_int_equal(mkfifo(in_folder("other-fifo"), 0600), 0);

	struct error err = {0};
	struct writer *writer = writer_open(in_folder("other-fifo"), &err);
	char data[8] = "";

	assert_non_null(writer);
	assert_true(writer_put(writer, "rows", 4));

	int fd = open(in_folder("other-fifo"), O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(writer_close(writer, 10000), 0);
	assert_int_equal(read(fd, data, sizeof(data)), 4);
	assert_string_equal(data, "rows");
	close(fd);
}

static void a_link_is_followed_in_a_folder_of_ours(void **state)
{
	(void)state;

	struct error err = {0};
	char target[128];

	put_file("target", "old", 0600);
	text_print(target, sizeof(target), "%s", path);
	assert_int_equal(symlink(target, in_folder("link")), 0);

	struct writer *writer = writer_open(in_folder("link"), &err);

	assert_non_null(writer);
	assert_true(writer_put(writer, "new", 3));
	assert_int_equal(writer_close(writer, 10000), 0);
	assert_content("target", "new");
}

static void a_link_of_another_user_in_an_open_folder_is_refused(void **state)
{
	(void)state;

	struct error err = {0};

	if (geteuid() != 0)
		skip(); /* only root can make a link belong to somebody else */
	assert_int_equal(chmod(folder, 01777), 0);
	assert_int_equal(lchown(in_folder("link"), 65534, 65534), 0);
	assert_null(writer_open(in_folder("link"), &err));
	assert_int_equal(err.code, ELOOP);
	assert_int_equal(chmod(folder, 0700), 0);
	assert_content("target", "new");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_is_in_the_file_and_private),
		cmocka_unit_test(a_file_that_is_there_is_replaced_and_becomes_private),
		cmocka_unit_test(a_full_disk_is_an_error_and_everything_is_dropped),
		cmocka_unit_test(a_place_that_cannot_be_written_is_said_with_the_remedy),
		cmocka_unit_test(a_pipe_without_a_reader_never_blocks),
		cmocka_unit_test(a_pipe_gets_all_when_a_reader_comes),
		cmocka_unit_test(a_link_is_followed_in_a_folder_of_ours),
		cmocka_unit_test(a_link_of_another_user_in_an_open_folder_is_refused),
	};

	return cmocka_run_group_tests_name("writer", tests, make_folder, remove_folder);
}
