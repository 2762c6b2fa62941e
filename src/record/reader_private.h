/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the reader share. */
#ifndef JOULETOP_READER_PRIVATE_H
#define JOULETOP_READER_PRIVATE_H

#include "model/keyset.h"
#include "record/reader.h"

#define READER_COLUMNS_MAX 128
#define READER_ROW_MAX	   (64 * 1024)

/* The columns that every session has. */
enum reader_column {
	COLUMN_TIME,
	COLUMN_KIND,
	COLUMN_ID,
	COLUMN_PARENT,
	COLUMN_NAME,
	COLUMN_SOURCE,
	COLUMN_QUALITY,
	COLUMN_COUNT
};

struct reader_series {
	char source[64];
	enum quality quality;
	uint32_t id; /* in the feed */
};

/* A domain that the file has announced. */
struct reader_domain {
	char key[DOMAIN_KEY_SIZE];
	char name[DOMAIN_NAME_SIZE];
	enum domain_kind kind;
	uint32_t id, parent; /* in the feed */
	struct reader_series *series;
	size_t series_count, series_capacity;
};

/* One row: its fields, and what is common to all rows. */
struct reader_row {
	char *fields[READER_COLUMNS_MAX];
	int count;
	int64_t time_ns;
	const char *text[COLUMN_COUNT]; /* never NULL */
};

/* A window into the file. */
struct reader_window {
	int fd;
	char *data;
	size_t start, length, capacity; /* data[start..length) is still to be read */
	int64_t offset;			/* in the file, of data[length] */
};

struct reader {
	struct reader_window window;
	int64_t begin_offset, end_offset,
		file_size; /* behind the header, behind the last tick row */
	int64_t end_ns;
	bool has_ticks, ended;

	int columns[COLUMN_COUNT];	 /* where they stand */
	int metrics[READER_COLUMNS_MAX]; /* the raw metric of a column, -1 = none */
	int column_count;

	struct keyset keys; /* index in domains + 1 */
	struct reader_domain *domains;
	size_t domain_count, domain_capacity;
	uint32_t *free_places;
	size_t free_count, free_capacity;

	uint64_t bad_rows;
	uint32_t tick;
	int64_t tick_ns, lateness_ns; /* of the last tick */
	bool ticked;
};

/* reader_window.c: rows of the file up to `end` (offset). 1 = a row, 0 = none is left, -EINVAL = one that cannot be split
 * (go on), -EIO. */
int window_next(struct reader_window *window, int64_t end, struct reader_row *row);
void window_seek(struct reader_window *window, int64_t offset);

/* Finds the columns in the header; -EINVAL names the one that is missing. */
int reader_take_header(struct reader *reader, struct error *err, const char *path);

/* Fills the common part of a row; false when it is none. */
bool reader_take_row(const struct reader *reader, struct reader_row *row);

/* Finds the last tick row: end_offset and end_ns. */
int reader_find_end(struct reader *reader);

/* reader_rows.c: feeds one row. False = it makes no sense. */
bool reader_feed_row(struct reader *reader, struct feed *feed, const struct reader_row *row);
void reader_forget_domains(struct reader *reader);

/* The number of a tick row, or -EINVAL. */
int64_t reader_tick_number(const struct reader_row *row);

#endif
