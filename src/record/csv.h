/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4180 with LF: fields out and in. Pure, no printf, no locale. */
#ifndef JOULETOP_CSV_H
#define JOULETOP_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing byte buffer for rows. Zeroed = empty. */
struct csv_buffer {
	char *data;
	size_t size, capacity;
};

void csv_finish(struct csv_buffer *buffer);
void csv_bytes(struct csv_buffer *buffer, const char *text, size_t length);
/* Quoted where needed. A text that pandas would read as "no value" ("NA", "null"...; quotes do not help) is written with one
 * blank more behind it; csv_restore takes it away again. */
void csv_text(struct csv_buffer *buffer, const char *text);
void csv_comma(struct csv_buffer *buffer);
void csv_decimal(struct csv_buffer *buffer, int64_t raw, int digits);
void csv_end_row(struct csv_buffer *buffer);

/* True when the text without the blanks behind it, *length bytes, is such a word. */
bool csv_is_absent_word(const char *text, size_t *length);

/* Makes a field that csv_text wrote what it was, in place. */
void csv_restore(char *text);

/* Splits one row in place (quotes undone, NULs put): the number of fields, -EAGAIN when the row is not whole yet (cut, or a
 * quoted line break reaches beyond length), -EINVAL when malformed, -E2BIG with more than `max` fields. *used = bytes of the
 * row with its LF, also of one that is refused; with -EAGAIN nothing is touched. */
int csv_split(char *data, size_t length, char **fields, int max, size_t *used);

#endif
