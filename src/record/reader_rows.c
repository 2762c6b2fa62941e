/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a session CSV as verbs of a feed. */
#include "record/reader_private.h"

#include "base/memory.h"
#include "base/text.h"
#include "base/unit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Domains alive at a time, as many as a session keeps. */
#define DOMAINS_MAX 40000
#define SERIES_MAX  64 /* of a domain */

static int find_word(const char *const *words, int count, const char *text)
{
	for (int i = 0; i < count; i++) {
		if (strcmp(words[i], text) == 0)
			return i;
	}
	return -1;
}

static struct reader_domain *find_domain(const struct reader *reader, const char *key)
{
	uint32_t id = keyset_find(&reader->keys, key);

	return id == 0 ? NULL : &reader->domains[id - 1];
}

static uint32_t take_place(struct reader *reader)
{
	if (reader->free_count > 0)
		return reader->free_places[--reader->free_count];
	memory_reserve(&reader->domains, &reader->domain_capacity, reader->domain_count + 1,
		       sizeof(*reader->domains));
	return (uint32_t)reader->domain_count++;
}

static struct reader_domain *add_domain(struct reader *reader, enum domain_kind kind,
					const char *key)
{
	if (reader->keys.count >= DOMAINS_MAX || *key == '\0' || strlen(key) >= DOMAIN_KEY_SIZE)
		return NULL;

	uint32_t place = take_place(reader);
	assert(reader->domains); /* a place is one of theirs */
	struct reader_domain *domain = &reader->domains[place];

	*domain = (struct reader_domain){.kind = kind};
	text_print(domain->key, sizeof(domain->key), "%s", key);
	keyset_add(&reader->keys, place + 1);
	return domain;
}

void reader_forget_domains(struct reader *reader)
{
	for (size_t i = 0; i < reader->domain_count; i++)
		free(reader->domains[i].series);
	keyset_finish(&reader->keys);
	free(reader->domains);
	free(reader->free_places);
	reader->domains = NULL;
	reader->free_places = NULL;
	reader->domain_count = reader->domain_capacity = 0;
	reader->free_count = reader->free_capacity = 0;
}

/* The domain of a row that announces or reads one; NULL = impossible. */
static struct reader_domain *get_domain(struct reader *reader, struct feed *feed,
					const struct reader_row *row, enum domain_kind kind)
{
	const char *key = row->text[COLUMN_ID], *name = row->text[COLUMN_NAME];
	const struct reader_domain *above = find_domain(reader, row->text[COLUMN_PARENT]);
	uint32_t parent = above && above->kind != DOMAIN_MACHINE ? above->id : 0;
	struct reader_domain *domain = find_domain(reader, key);

	if (!domain)
		domain = add_domain(reader, kind, key);
	if (!domain || domain->kind != kind)
		return NULL;
	if (domain->id != 0 && domain->parent == parent &&
	    strncmp(domain->name, name, sizeof(domain->name) - 1) == 0)
		return domain;
	domain->parent = parent;
	text_print(domain->name, sizeof(domain->name), "%s", name);
	domain->id = feed_domain(feed, kind, key, parent, name);
	return domain;
}

static struct reader_series *find_series(const struct reader_domain *domain, const char *source)
{
	for (size_t i = 0; i < domain->series_count; i++) {
		if (strcmp(domain->series[i].source, source) == 0)
			return &domain->series[i];
	}
	return NULL;
}

static struct reader_series *get_series(struct reader_domain *domain, struct feed *feed,
					const char *source, enum quality quality)
{
	struct reader_series *series = find_series(domain, source);

	if (series && series->quality == quality)
		return series;
	if (!series) {
		if (domain->series_count == SERIES_MAX || strlen(source) >= sizeof(series->source))
			return NULL;
		memory_reserve(&domain->series, &domain->series_capacity, domain->series_count + 1,
			       sizeof(*domain->series));
		series = &domain->series[domain->series_count++];
		text_print(series->source, sizeof(series->source), "%s", source);
	}
	series->quality = quality;
	series->id = feed_series(feed, domain->id, source, quality);
	return series;
}

/* The values of a row: all of them are numbers in range, or none is fed. */
static bool take_values(const struct reader *reader, const struct reader_row *row,
			int64_t values[METRIC_RAW_COUNT], bool present[METRIC_RAW_COUNT])
{
	for (int i = 0; i < row->count; i++) {
		int metric = reader->metrics[i];
		const char *text = row->fields[i];

		if (metric < 0 || *text == '\0')
			continue;
		if (unit_parse_decimal(text, strlen(text), metric_info((enum metric)metric)->digits,
				       &values[metric]) < 0)
			return false;
		if (metric_info((enum metric)metric)->kind == METRIC_COUNTER && values[metric] < 0)
			return false;
		present[metric] = true;
	}
	return true;
}

static bool feed_reading(struct reader *reader, struct feed *feed, const struct reader_row *row,
			 enum domain_kind kind)
{
	int64_t values[METRIC_RAW_COUNT];
	bool present[METRIC_RAW_COUNT] = {false};
	const char *source = row->text[COLUMN_SOURCE];
	enum quality quality = quality_find(row->text[COLUMN_QUALITY]);

	if (!take_values(reader, row, values, present) || (*source && quality == QUALITY_COUNT))
		return false;

	struct reader_domain *domain = get_domain(reader, feed, row, kind);

	if (!domain || !*source)
		return domain != NULL;

	struct reader_series *series = get_series(domain, feed, source, quality);

	if (!series)
		return false;
	/* Counters are totals already, anchored at zero: they are told as they stand, and a row that repeats a total says
	 * that nothing came until then. */
	for (int i = 0; i < METRIC_RAW_COUNT; i++) {
		if (present[i])
			feed_gauge(feed, series->id, (enum metric)i, row->time_ns, values[i]);
	}
	return true;
}

static int errno_find(const char *name)
{
	for (int code = 1; code < 200; code++) {
		if (strcmp(error_name(code), name) == 0)
			return code;
	}
	return -1;
}

/* "EIO energy_joules" in the column of the quality. */
static bool feed_gap_row(struct reader *reader, struct feed *feed, const struct reader_row *row)
{
	const struct reader_domain *domain = find_domain(reader, row->text[COLUMN_PARENT]);
	const struct reader_series *series =
		domain ? find_series(domain, row->text[COLUMN_SOURCE]) : NULL;
	const char *what = row->text[COLUMN_QUALITY];
	const char *blank = strchr(what, ' ');
	char name[32];

	if (!series || !blank)
		return false;
	text_print(name, sizeof(name), "%.*s", (int)(blank - what), what);

	int code = errno_find(name);
	enum metric metric = metric_find(blank + 1);

	if (code < 0 || metric >= METRIC_RAW_COUNT)
		return false;
	feed_gap(feed, series->id, metric, row->time_ns, code, row->text[COLUMN_NAME]);
	return true;
}

static bool feed_note_row(struct reader *reader, struct feed *feed, const struct reader_row *row)
{
	static const char *const levels[] = {"info", "warn", "bad"};
	int level = find_word(levels, 3, row->text[COLUMN_ID]);
	const struct reader_domain *domain = find_domain(reader, row->text[COLUMN_PARENT]);

	if (strcmp(row->text[COLUMN_ID], "gap") == 0)
		return feed_gap_row(reader, feed, row);
	if (level < 0)
		return false;
	feed_note(feed, row->time_ns, (enum note_level)level, domain ? domain->id : 0, "%s",
		  row->text[COLUMN_NAME]);
	return true;
}

static bool feed_mark_row(struct reader *reader, struct feed *feed, const struct reader_row *row)
{
	static const char *const verbs[] = {"begin", "end", "note"};
	int verb = find_word(verbs, 3, row->text[COLUMN_ID]);

	(void)reader;
	if (verb >= 0)
		feed_mark(feed, row->time_ns, (enum mark_verb)verb, row->text[COLUMN_NAME]);
	return verb >= 0;
}

static bool feed_label_row(struct reader *reader, struct feed *feed, const struct reader_row *row)
{
	const struct reader_domain *domain = find_domain(reader, row->text[COLUMN_PARENT]);

	if (domain)
		feed_label(feed, domain->id, row->text[COLUMN_ID], row->text[COLUMN_NAME]);
	return domain != NULL;
}

static bool feed_source_row(struct reader *reader, struct feed *feed, const struct reader_row *row)
{
	enum source_state state = source_state_find(row->text[COLUMN_PARENT]);

	(void)reader;
	if (state >= SOURCE_STATE_COUNT || !*row->text[COLUMN_ID])
		return false;
	feed_source(feed, row->text[COLUMN_ID], state, row->text[COLUMN_NAME],
		    row->text[COLUMN_SOURCE], row->text[COLUMN_QUALITY]);
	return true;
}

static bool feed_meta_row(struct reader *reader, struct feed *feed, const struct reader_row *row)
{
	(void)reader;
	if (*row->text[COLUMN_ID])
		feed_meta(feed, row->text[COLUMN_ID], row->text[COLUMN_NAME]);
	return *row->text[COLUMN_ID] != '\0';
}

static bool feed_retire_row(struct reader *reader, struct feed *feed, const struct reader_row *row)
{
	struct reader_domain *domain = find_domain(reader, row->text[COLUMN_ID]);

	if (!domain)
		return false;
	feed_retire(feed, row->time_ns, domain->id);
	keyset_remove(&reader->keys, domain->key);
	free(domain->series);
	domain->series = NULL;
	memory_reserve(&reader->free_places, &reader->free_capacity, reader->free_count + 1,
		       sizeof(uint32_t));
	reader->free_places[reader->free_count++] = (uint32_t)(domain - reader->domains);
	return true;
}

static bool feed_tick_row(struct reader *reader, struct feed *feed, const struct reader_row *row)
{
	int64_t number = reader_tick_number(row);
	bool is_late = strcmp(row->text[COLUMN_NAME], "late") == 0 && reader->ticked;

	if (number < 0)
		return false;
	/* The end of a recording closes what came after its last tick with that tick's number: no new tick. */
	if (reader->ticked && (uint32_t)number == reader->tick)
		return true;
	/* The file says that it was late, not by how much: by all of its interval and what the tick before was late, so that
	 * the session finds it late whatever the tick before was. */
	reader->lateness_ns = is_late ? reader->lateness_ns + row->time_ns - reader->tick_ns : 0;
	feed_tick(feed, row->time_ns, (uint32_t)number, reader->lateness_ns);
	reader->ticked = true;
	reader->tick = (uint32_t)number;
	reader->tick_ns = row->time_ns;
	return true;
}

bool reader_feed_row(struct reader *reader, struct feed *feed, const struct reader_row *row)
{
	static const struct {
		const char *kind;
		bool (*feed)(struct reader *reader, struct feed *feed,
			     const struct reader_row *row);
	} handlers[] = {
		{"tick", feed_tick_row},     {"note", feed_note_row},	  {"label", feed_label_row},
		{"mark", feed_mark_row},     {"source", feed_source_row}, {"meta", feed_meta_row},
		{"retire", feed_retire_row},
	};
	enum domain_kind kind = domain_kind_find(row->text[COLUMN_KIND]);

	if (kind != DOMAIN_KIND_COUNT)
		return feed_reading(reader, feed, row, kind);
	for (size_t i = 0; i < ARRAY_SIZE(handlers); i++) {
		if (strcmp(handlers[i].kind, row->text[COLUMN_KIND]) == 0)
			return handlers[i].feed(reader, feed, row);
	}
	return false;
}
