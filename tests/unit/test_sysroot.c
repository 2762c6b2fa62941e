/* SPDX-License-Identifier: Apache-2.0 */
/* What is required of the reads below a root. */
#include "measure/sysroot.h"

#include "base/memory.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/machine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char tree[] = "file sys/number 42\n"
			   "file sys/negative -7\n"
			   "file sys/hexadecimal 0x1aF\n"
			   "file sys/blanks   12 \n"
			   "file sys/word none\n"
			   "file sys/empty\n"
			   "file sys/huge 99999999999999999999\n"
			   "lines sys/blank_line\n"
			   "\t\n"
			   "lines proc/two\n"
			   "\tfirst\n"
			   "\tsecond\n"
			   "file sys/class/zone/cpu10 a\n"
			   "file sys/class/zone/cpu2 a\n"
			   "file sys/class/zone/cpu1 a\n"
			   "link sys/class/inside ../number\n"
			   "link sys/outside ../../../../../../../../etc/hostname\n"
			   "link sys/absolute /number\n";

struct fixture {
	char directory[128];
	struct sysroot root;
};

static int set_up(void **state)
{
	static struct fixture fixture;
	machine_make_directory(fixture.directory, sizeof(fixture.directory));
	machine_destroy(machine_unpack_text(fixture.directory, tree));
	*state = &fixture;
	return sysroot_open(&fixture.root, fixture.directory);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	sysroot_close(&fixture->root);
	machine_remove_directory(fixture->directory);
	return 0;
}

static const struct sysroot *root_of(void **state)
{
	return &((struct fixture *)*state)->root;
}

static void a_directory_without_sys_and_proc_is_no_root(void **state)
{
	struct fixture *fixture = *state;
	char name[256];
	struct sysroot root;
	snprintf(name, sizeof(name), "%s/sys/class", fixture->directory);
	assert_int_equal(sysroot_open(&root, name), -ENOENT);
	assert_int_equal(root.tree_fd[SYSROOT_SYS], -1);
}

static void no_path_is_this_machine(void **state)
{
	(void)state;
	struct sysroot root;
	char text[64];
	assert_int_equal(sysroot_open(&root, NULL), 0);
	assert_false(root.recorded);
	assert_true(sysroot_read(&root, SYSROOT_PROC, "self/comm", text, sizeof(text)) > 0);
	assert_string_equal(sysroot_name(&root, SYSROOT_SYS, "class/powercap", text, sizeof(text)),
			    "/sys/class/powercap");
	sysroot_close(&root);
}

static void a_path_is_a_recorded_machine_and_is_named(void **state)
{
	struct fixture *fixture = *state;
	char slashed[256], expected[256], name[256];
	struct sysroot root;
	snprintf(slashed, sizeof(slashed), "%s//", fixture->directory);
	assert_int_equal(sysroot_open(&root, slashed), 0);
	assert_true(root.recorded);
	assert_string_equal(root.path, fixture->directory);
	snprintf(expected, sizeof(expected), "%s/proc/two", fixture->directory);
	assert_string_equal(sysroot_name(&root, SYSROOT_PROC, "two", name, sizeof(name)), expected);
	sysroot_close(&root);
}

static void one_trailing_newline_is_removed(void **state)
{
	char text[64];
	assert_int_equal(sysroot_read(root_of(state), SYSROOT_PROC, "two", text, sizeof(text)), 12);
	assert_string_equal(text, "first\nsecond");
	assert_int_equal(
		sysroot_read(root_of(state), SYSROOT_SYS, "blank_line", text, sizeof(text)), 0);
	assert_string_equal(text, "");
}

static void a_file_that_does_not_fit_is_refused_not_cut(void **state)
{
	char text[13];
	assert_int_equal(sysroot_read(root_of(state), SYSROOT_PROC, "two", text, sizeof(text)),
			 -EMSGSIZE);
	char larger[14];
	assert_int_equal(sysroot_read(root_of(state), SYSROOT_PROC, "two", larger, sizeof(larger)),
			 12);
}

static void an_empty_file_is_no_data(void **state)
{
	char text[64];
	int64_t value;
	assert_int_equal(sysroot_read(root_of(state), SYSROOT_SYS, "empty", text, sizeof(text)),
			 -ENODATA);
	assert_int_equal(sysroot_read_i64(root_of(state), SYSROOT_SYS, "empty", &value), -ENODATA);
	assert_int_equal(sysroot_read_i64(root_of(state), SYSROOT_SYS, "blank_line", &value),
			 -ENODATA);
}

static void numbers_are_read_in_both_notations(void **state)
{
	static const struct {
		const char *name;
		int64_t value;
	} cases[] = {{"number", 42}, {"negative", -7}, {"hexadecimal", 0x1af}, {"blanks", 12}};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t value = 0;
		assert_int_equal(
			sysroot_read_i64(root_of(state), SYSROOT_SYS, cases[i].name, &value), 0);
		assert_int_equal(value, cases[i].value);
	}
}

static void what_is_no_number_is_refused(void **state)
{
	int64_t value = 5;
	assert_int_equal(sysroot_read_i64(root_of(state), SYSROOT_SYS, "word", &value), -EINVAL);
	assert_int_equal(sysroot_read_i64(root_of(state), SYSROOT_SYS, "huge", &value), -EINVAL);
	assert_int_equal(sysroot_read_i64(root_of(state), SYSROOT_SYS, "missing", &value), -ENOENT);
	assert_int_equal(value, 5);
}

static void an_open_file_is_read_anew_each_time(void **state)
{
	struct fixture *fixture = *state;
	int64_t value;
	int fd = sysroot_file_open(&fixture->root, SYSROOT_SYS, "number");
	assert_true(fd >= 0);
	assert_int_equal(sysroot_file_read_i64(&fixture->root, fd, &value), 0);
	assert_int_equal(value, 42);
	machine_write(fixture->directory, "sys/number", "43");
	assert_int_equal(sysroot_file_read_i64(&fixture->root, fd, &value), 0);
	assert_int_equal(value, 43);
	close(fd);
}

static void a_fifo_does_not_stop_us(void **state)
{
	struct fixture *fixture = *state;
	char name[256], text[16];
	snprintf(name, sizeof(name), "%s/sys/fifo", fixture->directory);
	assert_int_equal(mkfifo(name, 0600), 0);
	assert_true(sysroot_read(&fixture->root, SYSROOT_SYS, "fifo", text, sizeof(text)) < 0);
}

struct seen {
	char names[512];
	int limit;
};

static int see(void *user, const char *name)
{
	struct seen *seen = user;
	strcat(strcat(seen->names, name), " ");
	return --seen->limit == 0 ? 77 : 0;
}

static void a_directory_is_listed_in_the_order_of_its_numbers(void **state)
{
	struct seen seen = {.limit = 100};
	assert_int_equal(sysroot_list(root_of(state), SYSROOT_SYS, "class/zone", see, &seen), 0);
	assert_string_equal(seen.names, "cpu1 cpu2 cpu10 ");
}

static void the_visitor_stops_the_listing(void **state)
{
	struct seen seen = {.limit = 2};
	assert_int_equal(sysroot_list(root_of(state), SYSROOT_SYS, "class/zone", see, &seen), 77);
	assert_string_equal(seen.names, "cpu1 cpu2 ");
	assert_int_equal(sysroot_list(root_of(state), SYSROOT_SYS, "class/none", see, &seen),
			 -ENOENT);
	assert_int_equal(sysroot_list(root_of(state), SYSROOT_SYS, "number", see, &seen), -ENOTDIR);
}

struct ordered {
	size_t count;
	char last[32];
};

static int see_in_order(void *user, const char *name)
{
	struct ordered *ordered = user;
	assert_true(strverscmp(ordered->last, name) < 0);
	snprintf(ordered->last, sizeof(ordered->last), "%s", name);
	ordered->count++;
	return 0;
}

static void a_directory_of_thousands_is_listed_whole(void **state)
{
	struct fixture *fixture = *state;
	char name[256];
	snprintf(name, sizeof(name), "%s/sys/many", fixture->directory);
	assert_int_equal(mkdir(name, 0755), 0);
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "%s/sys/many/entry%d", fixture->directory,
			 i * 7919 % 5000);
		assert_int_equal(mknod(name, S_IFREG | 0600, 0), 0);
	}
	struct ordered ordered = {0};
	assert_int_equal(sysroot_list(&fixture->root, SYSROOT_SYS, "many", see_in_order, &ordered),
			 0);
	assert_int_equal(ordered.count, 5000);
}

static void a_link_is_read_and_told_from_a_file(void **state)
{
	char target[64];
	assert_int_equal(
		sysroot_link(root_of(state), SYSROOT_SYS, "class/inside", target, sizeof(target)),
		9);
	assert_string_equal(target, "../number");
	assert_int_equal(sysroot_link(root_of(state), SYSROOT_SYS, "class/inside", target, 9),
			 -EMSGSIZE);
	assert_int_equal(
		sysroot_link(root_of(state), SYSROOT_SYS, "number", target, sizeof(target)),
		-EINVAL);
	assert_int_equal(
		sysroot_link(root_of(state), SYSROOT_SYS, "missing", target, sizeof(target)),
		-ENOENT);
}

static void a_recorded_link_never_leads_to_this_machine(void **state)
{
	char text[256];
	int64_t value;
	assert_int_equal(sysroot_read_i64(root_of(state), SYSROOT_SYS, "class/inside", &value), 0);
	assert_int_equal(value, 42);
	assert_int_equal(sysroot_read(root_of(state), SYSROOT_SYS, "outside", text, sizeof(text)),
			 -ENOENT);
	/* Absolute in the tree, not on this disk. */
	assert_int_equal(sysroot_read_i64(root_of(state), SYSROOT_SYS, "absolute", &value), 0);
	assert_int_equal(value, 42);
}

static ssize_t read_fails(int fd, void *buffer, size_t size, off_t offset)
{
	(void)fd, (void)buffer, (void)size, (void)offset;
	errno = EIO;
	return -1;
}

static void a_failed_read_is_told_by_its_errno(void **state)
{
	struct sysroot root = *root_of(state);
	char text[16];
	int64_t value;
	root.read_at = read_fails;
	assert_int_equal(sysroot_read(&root, SYSROOT_SYS, "number", text, sizeof(text)), -EIO);
	assert_int_equal(sysroot_read_i64(&root, SYSROOT_SYS, "number", &value), -EIO);
}

static ssize_t read_in_pieces(int fd, void *buffer, size_t size, off_t offset)
{
	return pread(fd, buffer, size > 3 ? 3 : size, offset);
}

static void a_file_that_comes_in_pieces_is_read_whole(void **state)
{
	struct sysroot root = *root_of(state);
	char text[64];
	root.read_at = read_in_pieces;
	assert_int_equal(sysroot_read(&root, SYSROOT_PROC, "two", text, sizeof(text)), 12);
	assert_string_equal(text, "first\nsecond");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_directory_without_sys_and_proc_is_no_root),
		TEST(no_path_is_this_machine),
		TEST(a_path_is_a_recorded_machine_and_is_named),
		TEST(one_trailing_newline_is_removed),
		TEST(a_file_that_does_not_fit_is_refused_not_cut),
		TEST(an_empty_file_is_no_data),
		TEST(numbers_are_read_in_both_notations),
		TEST(what_is_no_number_is_refused),
		TEST(an_open_file_is_read_anew_each_time),
		TEST(a_fifo_does_not_stop_us),
		TEST(a_directory_is_listed_in_the_order_of_its_numbers),
		TEST(the_visitor_stops_the_listing),
		TEST(a_directory_of_thousands_is_listed_whole),
		TEST(a_link_is_read_and_told_from_a_file),
		TEST(a_recorded_link_never_leads_to_this_machine),
		TEST(a_failed_read_is_told_by_its_errno),
		TEST(a_file_that_comes_in_pieces_is_read_whole),
	};
	return cmocka_run_group_tests_name("sysroot", tests, NULL, NULL);
}
