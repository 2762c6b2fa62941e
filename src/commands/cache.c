/* SPDX-License-Identifier: Apache-2.0 */
/* Where what was learnt about a machine is kept: $XDG_CACHE_HOME/jouletop/KEY/NAME. */
#include "commands/cache.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Value of the first line "NAME : VALUE"; "" when it is not there. */
static void find_line(const char *text, const char *name, char *out, size_t size)
{
	const char *line = strstr(text, name);
	const char *value = line ? strchr(line, ':') : NULL;

	out[0] = '\0';
	if (!value)
		return;
	value += 1 + strspn(value + 1, " \t");
	text_print(out, size, "%.*s", (int)strcspn(value, "\n"), value);
}

void cache_processor(const struct sysroot *root, char *model, size_t model_size, char *microcode,
		     size_t microcode_size)
{
	char text[4096] = "";
	int fd = sysroot_file_open(root, SYSROOT_PROC, "cpuinfo");

	if (fd >= 0) {
		ssize_t length = root->read_at(fd, text, sizeof(text) - 1, 0);

		text[length > 0 ? (size_t)length : 0] = '\0';
		close(fd);
	}
	find_line(text, "model name", model, model_size);
	find_line(text, "microcode", microcode, microcode_size);
}

void cache_key(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		bool plain = (*from >= '0' && *from <= '9') || (*from >= 'a' && *from <= 'z') ||
			     (*from >= 'A' && *from <= 'Z');

		if (plain)
			*to++ = *from;
		else if (to > text && to[-1] != '-')
			*to++ = '-';
	}
	*to = '\0';
}

int cache_path(const char *key, const char *name, char *path, size_t size)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (cache && cache[0] == '/')
		text_print(path, size, "%s/jouletop/%s/%s", cache, key, name);
	else if (home && home[0] == '/')
		text_print(path, size, "%s/.cache/jouletop/%s/%s", home, key, name);
	else
		return -ENOENT;
	return strlen(path) < size - 5 ? 0 : -ENAMETOOLONG;
}

static int make_folders(const char *path)
{
	char folder[1024];

	text_print(folder, sizeof(folder), "%s", path);
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0700) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

int cache_write(const char *path, const struct csv_buffer *rows)
{
	char fresh[1024];
	int fd, result = make_folders(path);

	if (result < 0)
		return result;
	/* A reader sees the old file or the new one, never half of one. */
	text_print(fresh, sizeof(fresh), "%s.new", path);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	errno = 0;
	if (write(fd, rows->data, rows->size) != (ssize_t)rows->size)
		result = errno ? -errno : -EIO;
	if (close(fd) < 0 && result == 0)
		result = -errno;
	if (result == 0 && rename(fresh, path) < 0)
		result = -errno;
	if (result < 0)
		unlink(fresh);
	return result;
}

int cache_read(const char *path, char *data, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t length;

	data[0] = '\0';
	if (fd < 0)
		return -errno;
	length = read(fd, data, size - 1);
	if (length < 0)
		length = -errno;
	close(fd);
	if (length > 0)
		data[length] = '\0';
	return (int)length;
}
