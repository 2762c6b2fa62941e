/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a machine, this one's or a recorded one's (--root DIR). The only place that knows "/sys" and "/proc". */
#ifndef JOULETOP_SYSROOT_H
#define JOULETOP_SYSROOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum sysroot_tree { SYSROOT_SYS, SYSROOT_PROC, SYSROOT_ETC };

/* Plain data. `read_at` is pread(2), or a test's that fails the k-th time. */
struct sysroot {
	int tree_fd[3]; /* directories, -1 = not there */
	bool recorded; /* another machine's files: live interfaces (perf, signals, libsensors) do not apply */
	char path[256]; /* for messages and HWLOC_FSROOT; "" for this machine */
	ssize_t (*read_at)(int fd, void *buffer, size_t size, off_t offset);
};

/* path NULL or "" = this machine. 0 or -errno of the directory (ENOENT: neither sys nor proc below it). */
int sysroot_open(struct sysroot *root, const char *path);
void sysroot_close(struct sysroot *root);

/* Reads a whole small file, NUL-terminated, one trailing newline removed: length or -errno (ENODATA when empty,
 * EMSGSIZE when it does not fit). */
ssize_t sysroot_read(const struct sysroot *root, enum sysroot_tree tree, const char *path,
		     char *buffer, size_t size);

/* Reads one integer; also hexadecimal with 0x. 0 or -errno (EINVAL: not a number). */
int sysroot_read_i64(const struct sysroot *root, enum sysroot_tree tree, const char *path,
		     int64_t *value);

/* A file kept open and read again and again from its beginning. */
int sysroot_file_open(const struct sysroot *root, enum sysroot_tree tree,
		      const char *path); /* fd or -errno */
ssize_t sysroot_file_read(const struct sysroot *root, int fd, char *buffer,
			  size_t size); /* as sysroot_read */
int sysroot_file_read_i64(const struct sysroot *root, int fd, int64_t *value);

/* Calls visit for each name in a directory, sorted, "." and ".." left out; stops when visit returns non-zero and
 * returns that; else 0 or -errno of the directory. */
int sysroot_list(const struct sysroot *root, enum sysroot_tree tree, const char *path,
		 int (*visit)(void *user, const char *name), void *user);

/* As readlink, NUL-terminated: length or -errno. */
ssize_t sysroot_link(const struct sysroot *root, enum sysroot_tree tree, const char *path,
		     char *buffer, size_t size);

/* The path as a person would type it ("/sys/class/powercap/..."; with the root's path before it). */
const char *sysroot_name(const struct sysroot *root, enum sysroot_tree tree, const char *path,
			 char *buffer, size_t size);

#endif
