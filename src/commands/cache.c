/* SPDX-License-Identifier: Apache-2.0 */
/* Files kept per machine: where they lie, whose they are, how they are written and read as a whole. */
#include "commands/cache.h"

#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define KEY_SIZE 256
#define FILE_MAX 65536

/* Value of the first line "NAME : VALUE"; "" when it is not there. */
static void find_line(const char *text, const char *name, char *out, size_t size)
{
	const char *line = strstr(text, name);
	const char *value = line ? strchr(line, ':') : NULL;

	out[0] = '\0';
	if (value)
		text_print(out, size, "%.*s", (int)strcspn(value + 1, "\n"), value + 1);
}

static void find_key(const struct sysroot *root, char *key, size_t size)
{
	char text[4096] = "", model[128], microcode[32], *to = key;
	int fd = sysroot_file_open(root, SYSROOT_PROC, "cpuinfo");
	uint32_t allowed = 2166136261u;
	cpu_set_t cpus;

	if (fd >= 0) {
		ssize_t length = root->read_at(fd, text, sizeof(text) - 1, 0);

		text[length > 0 ? (size_t)length : 0] = '\0';
		close(fd);
	}
	find_line(text, "model name", model, sizeof(model));
	find_line(text, "microcode", microcode, sizeof(microcode));
	CPU_ZERO(&cpus);
	sched_getaffinity(0, sizeof(cpus), &cpus);
	for (size_t i = 0; i < CPU_SETSIZE; i++)
		allowed = (allowed ^ (uint32_t)(CPU_ISSET(i, &cpus) != 0)) * 16777619u;
	text_print(key, size, "%s %s %d-%08x", model[0] ? model : "unknown", microcode,
		   CPU_COUNT(&cpus), allowed);
	for (const char *from = key; *from; from++) {
		bool plain = (*from >= '0' && *from <= '9') || (*from >= 'a' && *from <= 'z') ||
			     (*from >= 'A' && *from <= 'Z');

		if (plain)
			*to++ = *from;
		else if (to > key && to[-1] != '-')
			*to++ = '-';
	}
	*to = '\0';
}

int cache_path(const struct sysroot *root, const char *name, char path[CACHE_PATH_SIZE])
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	char key[KEY_SIZE];

	find_key(root, key, sizeof(key));
	if (cache && cache[0] == '/')
		text_print(path, CACHE_PATH_SIZE, "%s/jouletop/%s/%s", cache, key, name);
	else if (home && home[0] == '/')
		text_print(path, CACHE_PATH_SIZE, "%s/.cache/jouletop/%s/%s", home, key, name);
	else
		return -ENOENT;
	/* Room for the name of the file that is written first. */
	return strlen(path) < CACHE_PATH_SIZE - 5 ? 0 : -ENAMETOOLONG;
}

void cache_row(struct csv_buffer *rows, int64_t time_ns, const char *const words[CACHE_WORDS])
{
	csv_decimal(rows, time_ns, 9);
	for (int i = 0; i < CACHE_WORDS; i++) {
		csv_comma(rows);
		csv_text(rows, words[i]);
	}
}

void cache_meta(struct csv_buffer *rows, int columns, const char *name, const char *value)
{
	cache_row(rows, 0, (const char *const[CACHE_WORDS]){"meta", name, "", value, "", ""});
	for (int i = 1 + CACHE_WORDS; i < columns; i++)
		csv_comma(rows);
	csv_end_row(rows);
}

static int columns_of(const char *header)
{
	int columns = 1;

	for (; *header; header++)
		columns += *header == ',';
	return columns;
}

void cache_begin(struct csv_buffer *rows, const struct sysroot *root, const char *header)
{
	char key[KEY_SIZE];

	find_key(root, key, sizeof(key));
	csv_bytes(rows, header, strlen(header));
	cache_meta(rows, columns_of(header), "key", key);
}

static int make_folders(const char *path)
{
	char folder[CACHE_PATH_SIZE];

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
	char fresh[CACHE_PATH_SIZE];
	int result = make_folders(path), fd;

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

static int take_rows(char *data, size_t length, const char *key, const char *header,
		     int (*take)(void *user, char *const *fields), void *user)
{
	size_t at = strlen(header);
	int columns = columns_of(header);
	bool is_ours = false;

	if (length < at || memcmp(data, header, at) != 0)
		return -EINVAL;
	while (at < length) {
		char *fields[CACHE_COLUMNS_MAX];
		size_t used;
		int count = csv_split(data + at, length - at, fields, columns, &used), result = 0;

		if (count != columns)
			return -EINVAL;
		for (int i = 0; i < columns; i++)
			csv_restore(fields[i]);
		if (strcmp(fields[1], "meta") == 0 && strcmp(fields[2], "key") == 0) {
			is_ours = strcmp(fields[4], key) == 0;
			result = is_ours ? 0 : -EXDEV;
		} else {
			result = take(user, fields);
		}
		if (result < 0)
			return result;
		at += used;
	}
	return is_ours ? 0 : -EINVAL;
}

int cache_read(const struct sysroot *root, const char *path, const char *header,
	       int (*take)(void *user, char *const *fields), void *user)
{
	char key[KEY_SIZE], *data;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), result = -EINVAL;
	ssize_t length;

	if (fd < 0)
		return -ENOENT;
	data = memory_zeroed(FILE_MAX, 1);
	length = read(fd, data, FILE_MAX);
	close(fd);
	find_key(root, key, sizeof(key));
	if (length > 0 && length < FILE_MAX)
		result = take_rows(data, (size_t)length, key, header, take, user);
	free(data);
	return result;
}

void cache_age(char *out, size_t size, int64_t measured_s)
{
	int64_t age_s = (int64_t)time(NULL) - measured_s;

	if (age_s < 0)
		age_s = 0;
	if (age_s >= 86400)
		text_print(out, size, "%lld d", (long long)(age_s / 86400));
	else if (age_s >= 3600)
		text_print(out, size, "%lld h", (long long)(age_s / 3600));
	else
		text_print(out, size, "%lld min", (long long)(age_s / 60));
}
