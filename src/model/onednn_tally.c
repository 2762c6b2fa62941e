/* SPDX-License-Identifier: Apache-2.0 */
/* The table of operators that lines of oneDNN are counted in. */
#include "model/onednn_tally_private.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define SPAN_NS	    (50 * CLOCK_NS_PER_MS)
#define TOO_LATE_NS (60 * CLOCK_NS_PER_S)

struct onednn_tally *onednn_tally_create(void)
{
	struct onednn_tally *tally = memory_zeroed(1, sizeof(*tally));

	tally->entries = memory_zeroed(ONEDNN_ENTRIES_MAX, sizeof(*tally->entries));
	tally->changed = memory_zeroed(ONEDNN_ENTRIES_MAX, sizeof(*tally->changed));
	return tally;
}

void onednn_tally_destroy(struct onednn_tally *tally)
{
	if (!tally)
		return;
	for (uint32_t i = 0; i < tally->count; i++)
		free(tally->entries[i].descriptor);
	free(tally->entries);
	free(tally->changed);
	free(tally->spans);
	free(tally);
}

uint64_t onednn_tally_lines(const struct onednn_tally *tally, enum onednn_verb verb)
{
	return tally->lines[verb];
}

void onednn_tally_cost(struct onednn_tally *tally, int64_t cpu_ns)
{
	tally->cpu_ns = cpu_ns;
}

void onednn_tally_unknown(struct onednn_tally *tally)
{
	tally->lines[ONEDNN_UNKNOWN]++;
}

/* Eight bytes at a time: descriptors are long, and lines many. */
static uint32_t hash_of(const char *text, size_t length)
{
	uint64_t hash = length * UINT64_C(0x9e3779b97f4a7c15), word;

	for (; length >= sizeof(word); text += sizeof(word), length -= sizeof(word)) {
		memcpy(&word, text, sizeof(word));
		hash = (hash ^ word) * UINT64_C(0xff51afd7ed558ccd);
		hash ^= hash >> 32;
	}
	word = 0;
	memcpy(&word, text, length);
	hash = (hash ^ word) * UINT64_C(0xff51afd7ed558ccd);
	return (uint32_t)(hash ^ hash >> 32);
}

static int64_t add(int64_t a, int64_t b)
{
	int64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static struct onednn_entry *add_entry(struct onednn_tally *tally, const char *descriptor,
				      size_t length)
{
	struct onednn_entry *entry = &tally->entries[tally->count++];

	entry->descriptor = memory_zeroed(length + 1, 1);
	memcpy(entry->descriptor, descriptor, length);
	entry->length = length;
	return entry;
}

/* The sum of a kind's operators that are not told apart. */
static struct onednn_entry *find_others(struct onednn_tally *tally, struct onednn_part kind)
{
	char name[sizeof(tally->entries[0].kind)] = "others";
	struct onednn_entry *entry;

	if (tally->others < ONEDNN_KINDS_MAX)
		text_print(name, sizeof(name), "%.*s", (int)kind.length, kind.at);
	tally->folded++;
	for (uint32_t i = ONEDNN_OPERATORS_MAX; i < tally->count; i++) {
		if (onednn_is(kind, tally->entries[i].kind) ||
		    strcmp(tally->entries[i].kind, name) == 0)
			return &tally->entries[i];
	}
	tally->others++;
	entry = add_entry(tally, "", 0);
	memcpy(entry->kind, name, sizeof(name));
	entry->work.operations = entry->work.bytes = -1;
	return entry;
}

static struct onednn_entry *find_entry(struct onednn_tally *tally, const struct onednn_line *line)
{
	const struct onednn_part *text = &line->descriptor;
	uint32_t hash = hash_of(text->at, text->length), place = hash % ONEDNN_SLOTS;
	struct onednn_descriptor descriptor;
	struct onednn_entry *entry;

	for (; tally->slots[place]; place = (place + 1) % ONEDNN_SLOTS) {
		entry = &tally->entries[tally->slots[place] - 1];
		if (entry->hash == hash && entry->length == text->length &&
		    memcmp(entry->descriptor, text->at, text->length) == 0)
			return entry;
	}
	if (onednn_split(text->at, text->length, &descriptor) < 0)
		return NULL;
	if (tally->count >= ONEDNN_OPERATORS_MAX)
		return find_others(tally, descriptor.kind);
	entry = add_entry(tally, text->at, text->length);
	text_print(entry->kind, sizeof(entry->kind), "%.*s", (int)descriptor.kind.length,
		   descriptor.kind.at);
	entry->work = onednn_work(&descriptor);
	tally->slots[place] = tally->count;
	entry->hash = hash;
	return entry;
}

static void mark_changed(struct onednn_tally *tally, struct onednn_entry *entry)
{
	if (entry->changed)
		return;
	entry->changed = true;
	tally->changed[tally->changed_count++] = (uint32_t)(entry - tally->entries);
}

void onednn_end_span(struct onednn_tally *tally, struct onednn_entry *entry)
{
	if (entry->busy_ns == 0)
		return;
	memory_reserve(&tally->spans, &tally->span_capacity, tally->span_count + 1,
		       sizeof(*tally->spans));
	tally->spans[tally->span_count++] = (struct onednn_span){
		(uint32_t)(entry - tally->entries), entry->begin_ns, entry->end_ns, entry->busy_ns};
	entry->busy_ns = 0;
}

/* When it ran: by its stamp, else until it was told; lines without a stamp that came together ran one after the other. */
static void add_span(struct onednn_tally *tally, struct onednn_entry *entry,
		     const struct onednn_line *line, const struct onednn_arrival *arrival)
{
	int64_t begin_ns = line->stamp_ns - arrival->epoch_ns, end_ns = begin_ns + line->time_ns;

	if (line->time_ns <= 0 || line->time_ns > INT64_MAX / 4)
		return;
	/* A stamp of another clock, of another day: the time of a recorded log is not ours. */
	if (line->stamp_ns > 0 && end_ns > arrival->time_ns + CLOCK_NS_PER_S)
		return;
	if (line->stamp_ns == 0) {
		if (tally->burst_time_ns != arrival->time_ns)
			tally->burst_ns = 0;
		tally->burst_time_ns = arrival->time_ns;
		tally->burst_ns = add(tally->burst_ns, line->time_ns);
		tally->unstamped++;
		end_ns = arrival->time_ns;
		begin_ns = tally->burst_ns < end_ns ? end_ns - tally->burst_ns : 0;
	}
	if (begin_ns < arrival->since_ns || arrival->time_ns - end_ns > TOO_LATE_NS)
		return;
	if (entry->busy_ns > 0 &&
	    (end_ns - entry->begin_ns > SPAN_NS || begin_ns < entry->begin_ns - SPAN_NS))
		onednn_end_span(tally, entry);
	if (entry->busy_ns == 0) {
		entry->begin_ns = begin_ns;
		entry->end_ns = end_ns;
	}
	entry->begin_ns = begin_ns < entry->begin_ns ? begin_ns : entry->begin_ns;
	entry->end_ns = end_ns > entry->end_ns ? end_ns : entry->end_ns;
	entry->busy_ns = add(entry->busy_ns, line->time_ns);
}

/* Others: the work of a call is not kept, it is read anew. */
static struct onednn_work work_of(const struct onednn_entry *entry, const struct onednn_line *line)
{
	struct onednn_descriptor descriptor;

	if (entry->length > 0 ||
	    onednn_split(line->descriptor.at, line->descriptor.length, &descriptor) < 0)
		return entry->work;
	return onednn_work(&descriptor);
}

static void count_execution(struct onednn_tally *tally, struct onednn_entry *entry,
			    const struct onednn_line *line, const struct onednn_arrival *arrival)
{
	struct onednn_work work = entry->work;

	if (entry->length == 0)
		work = work_of(entry, line);
	entry->executed.calls++;
	entry->executed.time_ns = add(entry->executed.time_ns, line->time_ns);
	if (work.operations > 0)
		entry->operations[work.precision] =
			add(entry->operations[work.precision], work.operations);
	if (work.bytes > 0)
		entry->bytes = add(entry->bytes, work.bytes);
	add_span(tally, entry, line, arrival);
}

static void count_creation(struct onednn_entry *entry, const struct onednn_line *line)
{
	enum onednn_creation creation = ONEDNN_MISS;

	if (onednn_begins(line->event, "create_nested"))
		creation = ONEDNN_NESTED;
	else if (memmem(line->event.at, line->event.length, "cache_hit", 9))
		creation = ONEDNN_HIT;
	entry->created[creation].calls++;
	entry->created[creation].time_ns = add(entry->created[creation].time_ns, line->time_ns);
}

/* "info,oneDNN v2.6.3 (commit N/A)", "info,cpu,runtime:OpenMP,nthr:2": what the operators ran with. */
static void read_info(struct onednn_tally *tally, const char *text, size_t length)
{
	const char *name = memmem(text, length, "info,oneDNN v", 13);
	const char *threads = memmem(text, length, "nthr:", 5);
	size_t used = strlen(tally->library), room = sizeof(tally->library) - used;
	size_t left = name	? length - (size_t)(name + 5 - text)
		      : threads ? length - (size_t)(threads + 5 - text)
				: 0;

	if (name && used == 0)
		text_print(tally->library, room, "%.*s", (int)(left < 24 ? left : 24), name + 5);
	else if (threads && used > 0 && !strstr(tally->library, "threads"))
		text_print(tally->library + used, room, ", %.*s threads",
			   (int)(left < 6 ? left : 6), threads + 5);
	if (strchr(tally->library, '(') && name)
		*strchr(tally->library, '(') = '\0';
}

enum onednn_verb onednn_tally_take(struct onednn_tally *tally, const char *text, size_t length,
				   const struct onednn_arrival *arrival)
{
	struct onednn_line line;
	struct onednn_entry *entry = NULL;

	onednn_read(text, length, &line);
	if (line.verb == ONEDNN_EXEC || line.verb == ONEDNN_CREATE) {
		entry = find_entry(tally, &line);
		if (!entry)
			line.verb = ONEDNN_UNKNOWN;
	}
	tally->lines[line.verb]++;
	if (line.verb == ONEDNN_INFO)
		read_info(tally, text, length);
	if (line.verb != ONEDNN_NONE)
		tally->bytes += length + 1;
	if (line.verb == ONEDNN_EXEC)
		count_execution(tally, entry, &line, arrival);
	else if (line.verb == ONEDNN_CREATE)
		count_creation(entry, &line);
	if (entry)
		mark_changed(tally, entry);
	return line.verb;
}
