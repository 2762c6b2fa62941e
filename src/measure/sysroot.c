/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a machine, this one's or a recorded one's, below three directory descriptors. */
#include "measure/sysroot.h"

#include "base/memory.h"
#include "base/text.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const trees[] = {
	[SYSROOT_SYS] = "/sys",
	[SYSROOT_PROC] = "/proc",
	[SYSROOT_ETC] = "/etc",
};

int sysroot_open(struct sysroot *root, const char *path)
{
	*root = (struct sysroot){.tree_fd = {-1, -1, -1}, .read_at = pread};
	if (path && path[0]) {
		size_t length = strlen(path);
		while (length > 0 && path[length - 1] == '/')
			length--;
		if (length >= sizeof(root->path))
			return -ENAMETOOLONG;
		memcpy(root->path, path, length);
		root->recorded = true;
	}

	int code = 0;
	for (size_t tree = 0; tree < ARRAY_SIZE(trees); tree++) {
		char name[sizeof(root->path) + 8];
		snprintf(name, sizeof(name), "%s%s", root->path, trees[tree]);
		root->tree_fd[tree] = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (root->tree_fd[tree] < 0 && errno != ENOENT && code == 0)
			code = -errno;
	}
	if (root->tree_fd[SYSROOT_SYS] >= 0 || root->tree_fd[SYSROOT_PROC] >= 0)
		return 0;
	sysroot_close(root);
	return code ? code : -ENOENT;
}

void sysroot_close(struct sysroot *root)
{
	for (size_t tree = 0; tree < ARRAY_SIZE(trees); tree++) {
		if (root->tree_fd[tree] >= 0)
			close(root->tree_fd[tree]);
		root->tree_fd[tree] = -1;
	}
}

/* A recorded tree may hold absolute links and links that lead out of it; they must not end in this
 * machine's files. */
static int open_recorded(int tree_fd, const char *path, int flags)
{
	struct open_how how = {.flags = (unsigned int)flags, .resolve = RESOLVE_IN_ROOT};
	long fd = syscall(SYS_openat2, tree_fd, path, &how, sizeof(how));
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return openat(tree_fd, path, flags);
	return (int)fd;
}

static int open_path(const struct sysroot *root, enum sysroot_tree tree, const char *path,
		     int flags)
{
	if (root->tree_fd[tree] < 0)
		return -ENOENT;
	while (*path == '/')
		path++;
	if (!*path)
		path = ".";
	flags |= O_CLOEXEC;
	int fd = root->recorded ? open_recorded(root->tree_fd[tree], path, flags)
				: openat(root->tree_fd[tree], path, flags);
	return fd < 0 ? -errno : fd;
}

static ssize_t read_once(const struct sysroot *root, int fd, char *buffer, size_t size,
			 off_t offset)
{
	for (;;) {
		ssize_t got = root->read_at(fd, buffer, size, offset);
		if (got >= 0)
			return got;
		if (errno != EINTR)
			return -errno;
	}
}

int sysroot_file_open(const struct sysroot *root, enum sysroot_tree tree, const char *path)
{
	/* Non-blocking: a FIFO in a recorded tree must not stop us. */
	return open_path(root, tree, path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
}

ssize_t sysroot_file_read(const struct sysroot *root, int fd, char *buffer, size_t size)
{
	size_t length = 0;
	for (;;) {
		/* A short read is no end: /proc files come in pieces. */
		char beyond;
		bool full = length + 1 >= size;
		ssize_t got = full ? read_once(root, fd, &beyond, 1, (off_t)length)
				   : read_once(root, fd, buffer + length, size - 1 - length,
					       (off_t)length);
		if (got < 0)
			return got;
		if (got == 0)
			break;
		if (full)
			return -EMSGSIZE;
		length += (size_t)got;
	}
	if (length == 0)
		return -ENODATA;
	if (buffer[length - 1] == '\n')
		length--;
	buffer[length] = '\0';
	return (ssize_t)length;
}

ssize_t sysroot_read(const struct sysroot *root, enum sysroot_tree tree, const char *path,
		     char *buffer, size_t size)
{
	int fd = sysroot_file_open(root, tree, path);
	if (fd < 0)
		return fd;
	ssize_t length = sysroot_file_read(root, fd, buffer, size);
	close(fd);
	return length;
}

static int hexadecimal(const char *digits, int64_t *value)
{
	char *end;
	errno = 0;
	unsigned long long number = strtoull(digits, &end, 16);
	if (!isxdigit((unsigned char)digits[0]) || *end || errno || number > INT64_MAX)
		return -EINVAL;
	*value = (int64_t)number;
	return 0;
}

int sysroot_file_read_i64(const struct sysroot *root, int fd, int64_t *value)
{
	/* A number is one line and comes in one piece: no second read to find the end. */
	char text[64];
	ssize_t length = read_once(root, fd, text, sizeof(text) - 1, 0);
	if (length < 0)
		return (int)length;
	while (length > 0 && strchr(" \t\n", text[length - 1]))
		length--;
	text[length] = '\0';
	const char *start = text + strspn(text, " \t");
	if (!*start)
		return -ENODATA;
	if (start[0] == '0' && (start[1] == 'x' || start[1] == 'X'))
		return hexadecimal(start + 2, value);
	return text_to_i64(start, value) ? -EINVAL : 0;
}

int sysroot_read_i64(const struct sysroot *root, enum sysroot_tree tree, const char *path,
		     int64_t *value)
{
	int fd = sysroot_file_open(root, tree, path);
	if (fd < 0)
		return fd;
	int code = sysroot_file_read_i64(root, fd, value);
	close(fd);
	return code;
}

/* Names of a directory. The fixed part holds what a usual directory has, so that listing each tick
 * allocates nothing. */
struct names {
	char *text;
	uint32_t *offsets;
	size_t size, text_capacity;
	size_t count, capacity;
	char fixed_text[24u << 10];
	uint32_t fixed_offsets[4u << 10];
};

static void *grow(void *old, const void *fixed, size_t used, size_t capacity)
{
	if (old != fixed)
		return memory_resize(old, capacity, 1);
	return memcpy(memory_resize(NULL, capacity, 1), fixed, used);
}

static void names_add(struct names *names, const char *name)
{
	size_t length = strlen(name) + 1;
	if (names->size + length > names->text_capacity) {
		names->text_capacity = 2 * names->text_capacity + length;
		names->text =
			grow(names->text, names->fixed_text, names->size, names->text_capacity);
	}
	if (names->count == names->capacity) {
		names->capacity *= 2;
		names->offsets =
			grow(names->offsets, names->fixed_offsets, names->count * sizeof(uint32_t),
			     names->capacity * sizeof(uint32_t));
	}
	names->offsets[names->count++] = (uint32_t)names->size;
	memcpy(names->text + names->size, name, length);
	names->size += length;
}

static int names_read(struct names *names, int fd)
{
	_Alignas(struct dirent64) char buffer[16u << 10];
	for (;;) {
		ssize_t got = getdents64(fd, buffer, sizeof(buffer));
		if (got <= 0)
			return got < 0 ? -errno : 0;
		for (ssize_t place = 0; place < got;) {
			const struct dirent64 *entry =
				(const struct dirent64 *)(const void *)(buffer + place);
			place += entry->d_reclen;
			if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
				names_add(names, entry->d_name);
		}
	}
}

/* Shell's sort: qsort of this C library allocates, and directories of the kernel come sorted
 * already. */
static void names_sort(struct names *names)
{
	for (size_t gap = names->count / 2; gap > 0; gap /= 2) {
		for (size_t i = gap; i < names->count; i++) {
			uint32_t moving = names->offsets[i];
			size_t place = i;
			while (place >= gap && strverscmp(names->text + names->offsets[place - gap],
							  names->text + moving) > 0) {
				names->offsets[place] = names->offsets[place - gap];
				place -= gap;
			}
			names->offsets[place] = moving;
		}
	}
}

int sysroot_list(const struct sysroot *root, enum sysroot_tree tree, const char *path,
		 int (*visit)(void *user, const char *name), void *user)
{
	int fd = open_path(root, tree, path, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return fd;
	struct names names;
	names.text = names.fixed_text;
	names.offsets = names.fixed_offsets;
	names.size = names.count = 0;
	names.text_capacity = sizeof(names.fixed_text);
	names.capacity = ARRAY_SIZE(names.fixed_offsets);
	int code = names_read(&names, fd);
	close(fd);
	if (code == 0)
		names_sort(&names);
	for (size_t i = 0; code == 0 && i < names.count; i++)
		code = visit(user, names.text + names.offsets[i]);
	if (names.text != names.fixed_text)
		free(names.text);
	if (names.offsets != names.fixed_offsets)
		free(names.offsets);
	return code;
}

ssize_t sysroot_link(const struct sysroot *root, enum sysroot_tree tree, const char *path,
		     char *buffer, size_t size)
{
	/* By a descriptor of the link itself, so that the way to it is resolved as for every other
	 * file. */
	int fd = open_path(root, tree, path, O_PATH | O_NOFOLLOW);
	if (fd < 0)
		return fd;
	ssize_t length = readlinkat(fd, "", buffer, size);
	int code = errno;
	close(fd);
	if (length < 0)
		return code == ENOENT ? -EINVAL : -code;
	if ((size_t)length >= size)
		return -EMSGSIZE;
	buffer[length] = '\0';
	return length;
}

const char *sysroot_name(const struct sysroot *root, enum sysroot_tree tree, const char *path,
			 char *buffer, size_t size)
{
	text_print(buffer, size, "%s%s/%s", root->path, trees[tree], path);
	return buffer;
}
