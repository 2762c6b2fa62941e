/* SPDX-License-Identifier: Apache-2.0 */
/* Understands the lines of marks and piles them up. */
#include "probes/marks/line.h"

#include <string.h>

static void add_malformed(struct mark_pile *pile, const char *text, size_t length)
{
	if (pile->malformed++ == 0)
		text_clean(pile->example, sizeof(pile->example), text, length);
}

/* The row of a name; of a new one a free row; NULL when there is none. */
static struct mark_skipped *find_skipped(struct mark_pile *pile, const char *name)
{
	struct mark_skipped *free_row = NULL;

	for (size_t i = 0; i < MARK_SKIPPED_MAX; i++) {
		if (pile->skipped[i].count == 0)
			free_row = free_row ? free_row : &pile->skipped[i];
		else if (strcmp(pile->skipped[i].name, name) == 0)
			return &pile->skipped[i];
	}
	return free_row;
}

/* False when the entry finds no room, or ends what found none. Each begin leaves room for its end. */
static bool has_room(struct mark_pile *pile, enum mark_verb verb, const char *name)
{
	struct mark_skipped *skipped = find_skipped(pile, name);
	bool is_skipped = skipped && skipped->count > 0;
	size_t kept = verb == MARK_END ? 0 : pile->begun + MARK_PILE_ENDS;

	if (verb == MARK_END && is_skipped) {
		skipped->count--;
		return false;
	}
	if (pile->entry_count + kept < MARK_PILE_ENTRIES)
		return true;
	if (verb == MARK_BEGIN && skipped) {
		memcpy(skipped->name, name, sizeof(skipped->name));
		skipped->count++;
	}
	return false;
}

static void add_entry(struct mark_pile *pile, int64_t time_ns, enum mark_verb verb,
		      const char *name, size_t length)
{
	struct mark_entry entry = {.time_ns = time_ns, .sender = pile->sender, .verb = verb};

	text_clean(entry.name, sizeof(entry.name), name, length);
	if (!has_room(pile, verb, entry.name)) {
		pile->left_out++;
		return;
	}
	if (verb == MARK_BEGIN)
		pile->begun++;
	else if (verb == MARK_END && pile->begun > 0)
		pile->begun--;
	pile->entries[pile->entry_count++] = entry;
}

/* The unit's sum since the last entry, else the place for a new one, else its newest sum; NULL = no room. */
static struct mark_work *find_sum(struct mark_pile *pile, const char *unit)
{
	size_t i = pile->unit_count;
	bool is_full = pile->unit_count == MARK_PILE_UNITS;

	while (i > 0 && (is_full || pile->work[i - 1].before == pile->entry_count)) {
		if (strcmp(pile->work[--i].unit, unit) == 0)
			return &pile->work[i];
	}
	return is_full ? NULL : &pile->work[pile->unit_count];
}

/* False when the sum would leave the range: a total must not wrap. */
static bool add_work(struct mark_pile *pile, int64_t time_ns, const char *unit, size_t length,
		     int64_t count)
{
	struct mark_work *work;
	char name[MARK_NAME_SIZE];
	int64_t sum;

	text_clean(name, sizeof(name), unit, length);
	work = find_sum(pile, name);
	if (!work) {
		pile->left_out++;
		return true;
	}
	if (work == pile->work + pile->unit_count) {
		pile->unit_count++;
		*work = (struct mark_work){.time_ns = time_ns, .before = pile->entry_count};
		memcpy(work->unit, name, sizeof(name));
	}
	if (__builtin_add_overflow(work->count, count, &sum))
		return false;
	work->time_ns = time_ns;
	work->count = sum;
	return true;
}

/* COUNT: digits alone. */
static bool parse_count(const char *text, size_t length, int64_t *count)
{
	char digits[24];

	if (length >= sizeof(digits))
		return false;
	memcpy(digits, text, length);
	digits[length] = '\0';
	return strspn(digits, "0123456789") == length && text_to_i64(digits, count) == 0;
}

static bool take_work(struct mark_pile *pile, int64_t time_ns, const char *text, size_t length)
{
	const char *blank = memchr(text, ' ', length);
	size_t unit_length = blank ? (size_t)(blank - text) : length;
	int64_t count;

	if (!blank || unit_length == 0 || unit_length >= MARK_NAME_SIZE ||
	    !parse_count(blank + 1, length - unit_length - 1, &count))
		return false;
	return add_work(pile, time_ns, text, unit_length, count);
}

void mark_pile_line(struct mark_pile *pile, int64_t time_ns, const char *text, size_t length)
{
	static const struct {
		const char *word;
		enum mark_verb verb;
	} verbs[] = {{"begin ", MARK_BEGIN}, {"end ", MARK_END}, {"note ", MARK_NOTE}};
	static const char work[] = "work ";

	while (length > 0 && (text[length - 1] == '\r' || text[length - 1] == ' '))
		length--;
	if (length == 0)
		return;
	if (length > sizeof(work) - 1 && memcmp(text, work, sizeof(work) - 1) == 0) {
		if (!take_work(pile, time_ns, text + sizeof(work) - 1, length - (sizeof(work) - 1)))
			add_malformed(pile, text, length);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		size_t word_length = strlen(verbs[i].word);

		if (length <= word_length || memcmp(text, verbs[i].word, word_length) != 0)
			continue;
		add_entry(pile, time_ns, verbs[i].verb, text + word_length, length - word_length);
		return;
	}
	add_malformed(pile, text, length);
}

void mark_pile_message(struct mark_pile *pile, int64_t time_ns, const char *bytes, size_t size,
		       bool cut)
{
	while (size > 0) {
		const char *end = memchr(bytes, '\n', size);
		size_t length = end ? (size_t)(end - bytes) : size;

		if (length > MARK_LINE_MAX || (!end && cut))
			add_malformed(pile, bytes, length);
		else
			mark_pile_line(pile, time_ns, bytes, length);
		size -= end ? length + 1 : length;
		bytes += end ? length + 1 : length;
	}
}

static void end_stream_line(struct mark_stream *stream, struct mark_pile *pile, int64_t time_ns)
{
	if (stream->too_long)
		add_malformed(pile, stream->line, stream->length);
	else
		mark_pile_line(pile, time_ns, stream->line, stream->length);
	stream->length = 0;
	stream->too_long = false;
}

void mark_stream_bytes(struct mark_stream *stream, struct mark_pile *pile, int64_t time_ns,
		       const char *bytes, size_t size)
{
	while (size > 0) {
		const char *end = memchr(bytes, '\n', size);
		size_t length = end ? (size_t)(end - bytes) : size;
		size_t room = sizeof(stream->line) - stream->length;
		size_t fits = length < room ? length : room;

		memcpy(stream->line + stream->length, bytes, fits);
		stream->length += fits;
		stream->too_long = stream->too_long || length > room;
		if (end)
			end_stream_line(stream, pile, time_ns);
		size -= end ? length + 1 : length;
		bytes += end ? length + 1 : length;
	}
}

void mark_pile_clear(struct mark_pile *pile)
{
	pile->entry_count = pile->unit_count = pile->begun = 0;
	pile->malformed = pile->left_out = 0;
	pile->example[0] = '\0';
}
