/* SPDX-License-Identifier: Apache-2.0 */
/* A session CSV as a sequence of rows: bounded reads, the header, and where the last whole tick ends. */
#include "record/reader_private.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/unit.h"
#include "record/csv.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* How much of the end of the file is searched for a tick row: first a little, then more, at last this much. */
#define TAIL_FIRST (256 * 1024)
#define TAIL_MAX   (INT64_C(256) * 1024 * 1024)

/* Ten years: no run is longer, and sums of such times cannot overflow. */
#define TIME_MAX_NS (INT64_C(3653) * 86400 * CLOCK_NS_PER_S)

static const char *const column_names[COLUMN_COUNT] = {
	"time_seconds", "kind", "id", "parent", "name", "source", "quality",
};

void window_seek(struct reader_window *window, int64_t offset)
{
	window->start = window->length = 0;
	window->offset = offset;
}

/* Reads more behind what is left: 1, 0 at the end of the file, or -EIO. */
static int fill(struct reader_window *window)
{
	memory_reserve(&window->data, &window->capacity, 2 * READER_ROW_MAX, 1);
	if (window->start > 0) {
		memmove(window->data, window->data + window->start, window->length - window->start);
		window->length -= window->start;
		window->start = 0;
	}
	for (;;) {
		ssize_t got = pread(window->fd, window->data + window->length,
				    window->capacity - window->length, window->offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -EIO;
		window->length += (size_t)got;
		window->offset += got;
		return got > 0;
	}
}

/* Leaves the line at hand behind, as far as it has been read. */
static void skip_line(struct reader_window *window)
{
	char *line = window->data + window->start;
	char *end = memchr(line, '\n', window->length - window->start);

	window->start = end ? (size_t)(end + 1 - window->data) : window->length;
}

static int64_t position(const struct reader_window *window)
{
	return window->offset - (int64_t)(window->length - window->start);
}

int window_next(struct reader_window *window, int64_t end, struct reader_row *row)
{
	for (;;) {
		size_t left = window->length - window->start, used = 0;
		int count = -EAGAIN;

		if (position(window) >= end)
			return 0;
		if (left > 0)
			count = csv_split(window->data + window->start, left, row->fields,
					  READER_COLUMNS_MAX, &used);
		if (count != -EAGAIN) {
			window->start += used;
			row->count = count;
			return count < 0 || used > READER_ROW_MAX ? -EINVAL : 1;
		}
		if (left > READER_ROW_MAX) {
			skip_line(window);
			return -EINVAL;
		}

		int filled = fill(window);

		if (filled <= 0)
			return filled;
	}
}

static int find_column(const struct reader_row *row, const char *name)
{
	for (int i = 0; i < row->count; i++) {
		if (strcmp(row->fields[i], name) == 0)
			return i;
	}
	return -1;
}

int reader_take_header(struct reader *reader, struct error *err, const char *path)
{
	struct reader_row row;
	int result = window_next(&reader->window, INT64_MAX, &row);

	if (result == -EIO)
		return error_set(err, EIO, "%s: cannot be read", path);
	if (result <= 0)
		return error_set(err, EINVAL, "%s: is no session CSV: it has no header line", path);
	for (int i = 0; i < COLUMN_COUNT; i++) {
		reader->columns[i] = find_column(&row, column_names[i]);
		if (reader->columns[i] < 0)
			return error_set(err, EINVAL,
					 "%s: is no session CSV: column '%s' is missing", path,
					 column_names[i]);
	}
	for (int i = 0; i < row.count; i++) {
		enum metric metric = metric_find(row.fields[i]);

		reader->metrics[i] = metric < METRIC_RAW_COUNT ? (int)metric : -1;
	}
	reader->column_count = row.count;
	reader->begin_offset = position(&reader->window);
	return 0;
}

bool reader_take_row(const struct reader *reader, struct reader_row *row)
{
	for (int i = 0; i < COLUMN_COUNT; i++) {
		if (reader->columns[i] >= row->count)
			return false;

		char *text = row->fields[reader->columns[i]];

		csv_restore(text);
		row->text[i] = text;
	}

	const char *time = row->text[COLUMN_TIME];

	return row->count <= reader->column_count &&
	       unit_parse_decimal(time, strlen(time), 9, &row->time_ns) == 0 &&
	       row->time_ns > -TIME_MAX_NS && row->time_ns < TIME_MAX_NS;
}

int64_t reader_tick_number(const struct reader_row *row)
{
	int64_t number;

	if (strcmp(row->text[COLUMN_KIND], "tick") != 0 ||
	    text_to_i64(row->text[COLUMN_ID], &number) < 0 || number < 0 || number > UINT32_MAX)
		return -EINVAL;
	return number;
}

/* Looks for the last tick row from an offset on. 1 = found, 0 = none, or -EIO. */
static int find_end_from(struct reader *reader, int64_t offset)
{
	struct reader_row row;
	int result, found = 0;

	window_seek(&reader->window, offset);
	/* The first line may be a part of one: it does not parse, or it is a whole one. */
	while ((result = window_next(&reader->window, INT64_MAX, &row)) != 0) {
		if (result == -EIO)
			return result;
		if (result < 0 || !reader_take_row(reader, &row) || reader_tick_number(&row) < 0)
			continue;
		reader->end_offset = position(&reader->window);
		reader->end_ns = row.time_ns;
		found = 1;
	}
	return found;
}

int reader_find_end(struct reader *reader)
{
	int64_t tail = TAIL_FIRST;
	int found;

	reader->end_offset = reader->begin_offset;
	do {
		int64_t offset = reader->file_size - tail;

		found = find_end_from(reader, offset > reader->begin_offset ? offset
									    : reader->begin_offset);
		tail *= 8;
	} while (found == 0 && tail / 8 < reader->file_size && tail <= TAIL_MAX);
	reader->has_ticks = found > 0;
	window_seek(&reader->window, reader->begin_offset);
	return found < 0 ? found : 0;
}
