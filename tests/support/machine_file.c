/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in the text, or among the bytes, of a file, written anew as time goes on. */
#include "tests/support/machine_file.h"

#include "base/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WIDTH_MIN      12
#define BYTES_SIZE_MAX 4096

static void write_number(char *text, const struct moving *moving, double seconds)
{
	uint64_t value = moving->start + (uint64_t)llround(moving->rate_per_s * seconds);
	if (moving->range)
		value %= moving->range;
	for (int i = 0; moving->binary && i < moving->width; i++, value >>= 8)
		text[moving->place + (size_t)i] = (char)(value & 0xff);
	if (moving->binary)
		return;
	for (int i = moving->width; i-- > 0; value /= 10)
		text[moving->place + (size_t)i] = (char)('0' + value % 10);
}

void machine_file_write(struct moving_file *file, double seconds)
{
	for (size_t i = 0; i < file->count; i++)
		write_number(file->text, &file->numbers[i], seconds);
	if (pwrite(file->fd, file->text, file->size, 0) != (ssize_t)file->size)
		perror("machine: write");
}

static int width_of(uint64_t number)
{
	char digits[32];
	int width = snprintf(digits, sizeof(digits), "%" PRIu64, number);
	return width < WIDTH_MIN ? WIDTH_MIN : width;
}

/* "{START+RATE}" or "{START+RATE%RANGE}" at the beginning of text: its length, 0 = it is something
 * else. */
static size_t parse_number(const char *text, struct moving *moving)
{
	char *end;
	*moving = (struct moving){0};
	if (text[0] != '{')
		return 0;
	moving->start = strtoull(text + 1, &end, 10);
	if (end == text + 1 || *end != '+')
		return 0;
	moving->rate_per_s = strtod(end + 1, &end);
	if (*end == '%')
		moving->range = strtoull(end + 1, &end, 10);
	if (*end != '}')
		return 0;
	moving->width = width_of(moving->range ? moving->range : moving->start * 10);
	return (size_t)(end + 1 - text);
}

/* Text with numbers becomes bytes with places; the file's text is allocated once, as large as it
 * can become. */
void machine_file_fill(struct moving_file *file, const char *text)
{
	size_t room = strlen(text) + 1;
	for (const char *brace = strchr(text, '{'); brace; brace = strchr(brace + 1, '{'))
		room += 24;
	file->text = memory_zeroed(room, 1);
	while (*text) {
		struct moving moving;
		size_t length = parse_number(text, &moving);
		if (length == 0) {
			file->text[file->size++] = *text++;
			continue;
		}
		moving.place = file->size;
		file->size += (size_t)moving.width;
		text += length;
		memory_reserve(&file->numbers, &file->capacity, file->count + 1,
			       sizeof(*file->numbers));
		file->numbers[file->count++] = moving;
	}
}

void machine_file_finish(struct moving_file *file)
{
	close(file->fd);
	free(file->text);
	free(file->numbers);
}

static void add_number(struct moving_file *file, const struct moving *moving)
{
	memory_reserve(&file->numbers, &file->capacity, file->count + 1, sizeof(*file->numbers));
	file->numbers[file->count++] = *moving;
}

/* "OFFSET:WIDTH=VALUE", VALUE a number or {START+RATE}: what follows it, NULL = it is something else. */
static const char *fill_field(struct moving_file *file, const char *field)
{
	struct moving moving;
	char *end;
	size_t place = strtoul(field, &end, 10);
	if (end == field || *end != ':')
		return NULL;
	unsigned long width = strtoul(end + 1, &end, 10);
	if (*end != '=' || width == 0 || width > 8 || place + width > file->size)
		return NULL;
	size_t length = parse_number(end + 1, &moving);
	const char *rest = end + 1 + length;
	if (length == 0) {
		moving = (struct moving){.start = strtoull(end + 1, &end, 0)};
		if (end == rest)
			return NULL;
		rest = end;
	}
	moving.place = place;
	moving.width = (int)width;
	moving.binary = true;
	if (length > 0)
		add_number(file, &moving);
	else
		write_number(file->text, &moving, 0);
	return rest;
}

int machine_file_fill_bytes(struct moving_file *file, const char *fields)
{
	char *end;
	const char *rest;
	unsigned long size = strtoul(fields, &end, 10);
	if (size == 0 || size > BYTES_SIZE_MAX)
		return -EINVAL;
	file->size = size;
	file->text = memory_zeroed(size, 1);
	memset(file->text, 0xff, size);
	for (rest = end; rest && *rest == ' ';)
		rest = fill_field(file, rest + 1);
	return rest && *rest == '\0' ? 0 : -EINVAL;
}
