/* SPDX-License-Identifier: Apache-2.0 */
/* Rows kept per machine: whose they are, and that they are taken as a whole or not at all. */
#include "commands/kept.h"

#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KEY_SIZE 256
#define FILE_MAX 65536

static void find_key(const struct sysroot *root, char *key, size_t size)
{
	char model[128], microcode[32];
	uint32_t allowed = 2166136261u;
	cpu_set_t cpus;

	cache_processor(root, model, sizeof(model), microcode, sizeof(microcode));
	CPU_ZERO(&cpus);
	sched_getaffinity(0, sizeof(cpus), &cpus);
	for (size_t i = 0; i < CPU_SETSIZE; i++)
		allowed = (allowed ^ (uint32_t)(CPU_ISSET(i, &cpus) != 0)) * 16777619u;
	text_print(key, size, "%s %s %d-%08x", model[0] ? model : "unknown", microcode,
		   CPU_COUNT(&cpus), allowed);
	cache_key(key);
}

int kept_path(const struct sysroot *root, const char *name, char path[KEPT_PATH_SIZE])
{
	char key[KEY_SIZE];

	find_key(root, key, sizeof(key));
	return cache_path(key, name, path, KEPT_PATH_SIZE);
}

void kept_row(struct csv_buffer *rows, int64_t time_ns, const char *const words[KEPT_WORDS])
{
	csv_decimal(rows, time_ns, 9);
	for (int i = 0; i < KEPT_WORDS; i++) {
		csv_comma(rows);
		csv_text(rows, words[i]);
	}
}

void kept_meta(struct csv_buffer *rows, int columns, const char *name, const char *value)
{
	kept_row(rows, 0, (const char *const[KEPT_WORDS]){"meta", name, "", value, "", ""});
	for (int i = 1 + KEPT_WORDS; i < columns; i++)
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

void kept_begin(struct csv_buffer *rows, const struct sysroot *root, const char *header)
{
	char key[KEY_SIZE];

	find_key(root, key, sizeof(key));
	csv_bytes(rows, header, strlen(header));
	kept_meta(rows, columns_of(header), "key", key);
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
		char *fields[KEPT_COLUMNS_MAX];
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

int kept_read(const struct sysroot *root, const char *path, const char *header,
	      int (*take)(void *user, char *const *fields), void *user)
{
	char key[KEY_SIZE], *data = memory_zeroed(FILE_MAX, 1);
	int length = cache_read(path, data, FILE_MAX);
	int result = length == -ENOENT ? -ENOENT : -EINVAL;

	find_key(root, key, sizeof(key));
	/* One that fills the room may go on. */
	if (length > 0 && length < FILE_MAX - 1)
		result = take_rows(data, (size_t)length, key, header, take, user);
	free(data);
	return result;
}

void kept_age(char *out, size_t size, int64_t measured_s)
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
