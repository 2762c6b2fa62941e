/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4180 fields with LF: written into a growing buffer, split in place. */
#include "record/csv.h"

#include "base/memory.h"
#include "base/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What pandas.read_csv turns into NaN, quoted or not. */
static const char *const absent_words[] = {
	"#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
	"<NA>", "N/A",	    "NA",  "NULL",    "NaN",	  "None", "n/a",  "nan",    "null",
};

void csv_finish(struct csv_buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct csv_buffer){0};
}

void csv_bytes(struct csv_buffer *buffer, const char *text, size_t length)
{
	memory_reserve(&buffer->data, &buffer->capacity, buffer->size + length, 1);
	if (length > 0)
		memcpy(buffer->data + buffer->size, text, length);
	buffer->size += length;
}

bool csv_is_absent_word(const char *text, size_t *length)
{
	size_t size = strlen(text);

	while (size > 0 && text[size - 1] == ' ')
		size--;
	*length = size;
	for (size_t i = 0; i < ARRAY_SIZE(absent_words); i++) {
		if (strlen(absent_words[i]) == size && memcmp(absent_words[i], text, size) == 0)
			return true;
	}
	return false;
}

static bool needs_quotes(const char *text, size_t length)
{
	return length > 0 && (strpbrk(text, ",\"\r\n") || strchr(" \t", text[0]) ||
			      strchr(" \t", text[length - 1]));
}

void csv_text(struct csv_buffer *buffer, const char *text)
{
	size_t length = strlen(text), word;
	bool absent = csv_is_absent_word(text, &word);

	if (!absent && !needs_quotes(text, length)) {
		csv_bytes(buffer, text, length);
		return;
	}
	csv_bytes(buffer, "\"", 1);
	for (const char *rest = text; *rest;) {
		size_t plain = strcspn(rest, "\"");

		csv_bytes(buffer, rest, plain);
		rest += plain;
		if (*rest == '"') {
			csv_bytes(buffer, "\"\"", 2);
			rest++;
		}
	}
	if (absent)
		csv_bytes(buffer, " ", 1);
	csv_bytes(buffer, "\"", 1);
}

void csv_restore(char *text)
{
	size_t length = strlen(text), word;

	if (csv_is_absent_word(text, &word) && length > word)
		text[length - 1] = '\0';
}

void csv_comma(struct csv_buffer *buffer)
{
	csv_bytes(buffer, ",", 1);
}

void csv_decimal(struct csv_buffer *buffer, int64_t raw, int digits)
{
	char text[24];

	csv_bytes(buffer, text, unit_decimal(text, raw, digits));
}

void csv_end_row(struct csv_buffer *buffer)
{
	csv_bytes(buffer, "\n", 1);
}

/* Where we are in a row. */
enum csv_place {
	CSV_FIELD_START,
	CSV_PLAIN,
	CSV_QUOTED,
	CSV_CLOSED, /* behind a quote that ends the field, or is the first of two */
	CSV_BROKEN, /* a quote where none may be, or a NUL: the row ends at the next LF */
};

static enum csv_place next_place(enum csv_place place, char character)
{
	if (character == '\0')
		return CSV_BROKEN;
	switch (place) {
	case CSV_FIELD_START:
		if (character == '"')
			return CSV_QUOTED;
		return character == ',' ? CSV_FIELD_START : CSV_PLAIN;
	case CSV_PLAIN:
		if (character == '"')
			return CSV_BROKEN;
		return character == ',' ? CSV_FIELD_START : CSV_PLAIN;
	case CSV_QUOTED: return character == '"' ? CSV_CLOSED : CSV_QUOTED;
	case CSV_CLOSED:
		if (character == '"')
			return CSV_QUOTED;
		if (character == '\r')
			return CSV_CLOSED;
		return character == ',' ? CSV_FIELD_START : CSV_BROKEN;
	case CSV_BROKEN: break;
	}
	return CSV_BROKEN;
}

/* Finds the LF that ends the row: its index, or -EAGAIN. *broken = it cannot be split. */
static int find_end(const char *data, size_t length, size_t *end, bool *broken)
{
	enum csv_place place = CSV_FIELD_START;

	for (size_t i = 0; i < length; i++) {
		if (data[i] == '\n' && place != CSV_QUOTED) {
			*end = i;
			*broken = place == CSV_BROKEN;
			return 0;
		}
		place = next_place(place, data[i]);
	}
	return -EAGAIN;
}

/* Undoes the quotes of the field at *from, ended by a comma or by end; moves *from behind it. */
static char *take_field(char **from, char *end)
{
	char *start = *from, *read = start, *write = start;
	bool quoted = read < end && *read == '"';

	if (quoted)
		read++;
	for (; read < end; read++) {
		if (quoted && *read == '"') {
			if (read + 1 == end || read[1] != '"') {
				quoted = false;
				continue;
			}
			read++;
		} else if (!quoted && *read == ',') {
			break;
		}
		*write++ = *read;
	}
	*from = read + 1;
	*write = '\0';
	return start;
}

int csv_split(char *data, size_t length, char **fields, int max, size_t *used)
{
	size_t end_index;
	bool broken;
	int count = 0, result = find_end(data, length, &end_index, &broken);

	if (result < 0)
		return result;
	*used = end_index + 1;
	if (broken)
		return -EINVAL;

	char *end = data + end_index;

	if (end > data && end[-1] == '\r')
		end--;
	*end = '\0';
	for (char *from = data; from <= end; count++) {
		if (count == max)
			return -E2BIG;
		fields[count] = take_field(&from, end);
	}
	return count;
}
