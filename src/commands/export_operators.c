/* SPDX-License-Identifier: Apache-2.0 */
/* Operators as a table: the columns of oneDNN's own breakdown first, then what they have cost. */
#include "commands/export.h"

#include "base/memory.h"
#include "base/text.h"
#include "record/csv.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 8
#define KEY_SIZE 1024

/* The names of the keys, and which part of a descriptor they mean. */
static const struct {
	const char *name;
	size_t place;
} keys_known[] = {
	{"engine", offsetof(struct onednn_descriptor, engine)},
	{"prim_kind", offsetof(struct onednn_descriptor, kind)},
	{"impl", offsetof(struct onednn_descriptor, implementation)},
	{"prop_kind", offsetof(struct onednn_descriptor, direction)},
	{"mds", offsetof(struct onednn_descriptor, memory)},
	{"exts", offsetof(struct onednn_descriptor, attributes)},
	{"aux", offsetof(struct onednn_descriptor, auxiliary)},
	{"shapes", offsetof(struct onednn_descriptor, shape)},
};

struct keys {
	int count, known[KEYS_MAX];
};

struct line {
	char texts[KEY_SIZE]; /* of all keys, each with its NUL */
	size_t length;
	struct operator_row figures;
};

static int read_keys(const char *text, struct keys *keys, struct error *err)
{
	struct onednn_part rest = {text, strlen(text)};

	keys->count = 0;
	while (rest.length > 0) {
		size_t length = strcspn(rest.at, ","), i = 0;
		struct onednn_part word = {rest.at, length};

		while (i < ARRAY_SIZE(keys_known) && !onednn_is(word, keys_known[i].name))
			i++;
		if (i == ARRAY_SIZE(keys_known) || keys->count == KEYS_MAX)
			return error_set(err, EINVAL,
					 "--keys %s: '%.*s' is none of engine, prim_kind, impl, "
					 "prop_kind, mds, exts, aux, shapes",
					 text, (int)length, rest.at);
		keys->known[keys->count++] = (int)i;
		rest.at += length + (rest.at[length] == ',');
		rest.length = strlen(rest.at);
	}
	return keys->count > 0 ? 0 : error_set(err, EINVAL, "--keys: no key");
}

int export_keys_check(const char *keys, struct error *err)
{
	struct keys ignored;

	return read_keys(keys, &ignored, err);
}

static void put_key(struct line *line, const char *text, size_t length)
{
	size_t room = sizeof(line->texts) - line->length - 1;

	while (length > 0 && text[length - 1] == ' ')
		length--;
	length = length < room ? length : room;
	memcpy(line->texts + line->length, text, length);
	line->length += length;
	line->texts[line->length] = '\0';
	if (line->length + 1 < sizeof(line->texts))
		line->length++;
}

/* What was summed up by kind has nothing but its kind. */
static void describe(const struct keys *keys, const struct operator_row *row, struct line *line)
{
	const char *label = domain_label(row->domain, OPERATOR_DESCRIPTOR);
	struct onednn_descriptor descriptor;
	bool is_known = label && onednn_split(label, strlen(label), &descriptor) == 0;

	*line = (struct line){.figures = *row};
	for (int i = 0; i < keys->count; i++) {
		size_t place = keys_known[keys->known[i]].place;
		const struct onednn_part *part =
			(const struct onednn_part *)(const void *)((const char *)&descriptor +
								   place);

		if (is_known)
			put_key(line, part->at, part->length);
		else if (place == offsetof(struct onednn_descriptor, kind))
			put_key(line, row->kind, strlen(row->kind));
		else
			put_key(line, "others", strlen("others"));
	}
}

static int by_key(const void *left, const void *right)
{
	const struct line *a = left, *b = right;
	size_t length = a->length < b->length ? a->length : b->length;
	int order = memcmp(a->texts, b->texts, length);

	return order ? order : (a->length > b->length) - (a->length < b->length);
}

static int by_time(const void *left, const void *right)
{
	const struct line *a = left, *b = right;

	if (a->figures.time_s != b->figures.time_s)
		return a->figures.time_s < b->figures.time_s ? 1 : -1;
	return by_key(left, right);
}

static size_t sum_up(struct line *lines, size_t count)
{
	size_t used = 0;

	if (count == 0)
		return 0;
	qsort(lines, count, sizeof(*lines), by_key);
	for (size_t i = 1; i < count; i++) {
		if (by_key(&lines[used], &lines[i]) == 0)
			operator_add(&lines[used].figures, &lines[i].figures);
		else
			lines[++used] = lines[i];
	}
	qsort(lines, used + 1, sizeof(*lines), by_time);
	return used + 1;
}

static void put_number(struct csv_buffer *out, double value, int digits)
{
	char text[512];

	csv_comma(out);
	if (isfinite(value))
		csv_bytes(out, text, text_print(text, sizeof(text), "%.*f", digits, value));
}

/* The seven columns of the breakdown behind its keys, as its authors compute them; then ours. */
struct running {
	double time_s;	       /* of all */
	double calls, until_s; /* mean of the calls and sum of the time, up to this line */
	size_t lines;
};

static void put_line(struct csv_buffer *out, const struct keys *keys, const struct line *line,
		     struct running *running)
{
	const struct operator_row *row = &line->figures;
	const char *text = line->texts;

	running->lines++;
	running->calls += ((double)row->calls - running->calls) / (double)running->lines;
	running->until_s += row->time_s;
	for (int i = 0; i < keys->count; i++, text += strlen(text) + 1) {
		if (i > 0)
			csv_comma(out);
		csv_text(out, text);
	}
	put_number(out, (double)row->calls, 0);
	put_number(out, row->time_s * 1e3, 2);
	put_number(out, row->time_s / running->time_s * 100, 2);
	put_number(out, running->calls, 2);
	put_number(out, running->until_s * 1e3, 2);
	put_number(out, running->until_s / running->time_s * 100, 2);
	put_number(out, row->operations, 0);
	put_number(out, row->bytes, 0);
	put_number(out, operator_rate(row) / 1e9, 3);
	put_number(out, operator_bandwidth(row) / 1e9, 3);
	put_number(out, operator_intensity(row), 4);
	put_number(out, row->energy_j, 6);
	put_number(out, isnan(row->energy_j) ? NAN : row->energy_time_s, 9);
	put_number(out, operator_efficiency(row) / 1e9, 6);
	put_number(out, (double)row->created.misses, 0);
	put_number(out, (double)row->created.hits, 0);
	put_number(out, row->created.time_s * 1e3, 2);
	csv_end_row(out);
}

static void put_table(struct csv_buffer *out, const struct keys *keys, struct line *lines,
		      size_t count)
{
	static const char columns[] =
		"ncalls,time(ms),overall%,agg_ncalls(avg),agg_time(ms),agg_overall%,operations,bytes,"
		"gflop_per_second,gb_per_second,flop_per_byte,joules,joules_known_seconds,"
		"gflop_per_joule,created,created_from_cache,create_time(ms)";
	struct running running = {.time_s = 0};

	for (size_t i = 0; i < count; i++)
		running.time_s += lines[i].figures.time_s;
	for (int i = 0; i < keys->count; i++) {
		csv_text(out, keys_known[keys->known[i]].name);
		csv_comma(out);
	}
	csv_bytes(out, columns, sizeof(columns) - 1);
	csv_end_row(out);
	for (size_t i = 0; i < count; i++)
		put_line(out, keys, &lines[i], &running);
}

/* Executions alone: what was only created has no line. */
static size_t describe_all(const struct keys *keys, const struct operator_row *rows, size_t count,
			   struct line **lines)
{
	size_t used = 0;

	*lines = memory_zeroed(count, sizeof(**lines));
	for (size_t i = 0; i < count; i++) {
		if (rows[i].calls > 0)
			describe(keys, &rows[i], &(*lines)[used++]);
	}
	return sum_up(*lines, used);
}

static void write_breakdown(const struct keys *keys, const struct operator_row *rows, size_t count)
{
	struct csv_buffer out = {0};
	struct line *lines;
	size_t used = describe_all(keys, rows, count, &lines);

	put_table(&out, keys, lines, used);
	fwrite(out.data, 1, out.size, stdout);
	csv_finish(&out);
	free(lines);
}

static void write_benchdnn(const struct operator_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *label = domain_label(rows[i].domain, OPERATOR_DESCRIPTOR);
		struct onednn_descriptor descriptor;

		if (rows[i].calls == 0)
			continue;
		printf("# %llu calls, %.6f s\n", (unsigned long long)rows[i].calls, rows[i].time_s);
		if (!label)
			printf("# %s: summed up by kind, no line\n", rows[i].domain->key);
		else if (onednn_split(label, strlen(label), &descriptor) < 0 ||
			 !export_benchdnn(stdout, &descriptor))
			printf("# no line for %s\n", label);
	}
}

int export_operators(const char *path, const char *keys, struct error *err)
{
	struct session *session = session_create(1);
	struct operator_row *rows = NULL;
	size_t capacity = 0, count;
	int result = export_read(path, session, err);
	struct keys chosen = {.count = 0};

	if (result >= 0 && keys)
		result = read_keys(keys, &chosen, err);
	count = result >= 0 ? operator_rows(session, OPERATOR_EVERYTHING, &rows, &capacity) : 0;
	if (result >= 0 && count == 0)
		fprintf(stderr, "jouletop: no operator in %s\n", path);
	if (result >= 0 && keys)
		write_breakdown(&chosen, rows, count);
	else if (result >= 0)
		write_benchdnn(rows, count);
	if (result >= 0 && (fflush(stdout) != 0 || ferror(stdout)))
		result = error_set(err, EIO, "standard output cannot be written");
	free(rows);
	session_destroy(session);
	return result;
}
