/* SPDX-License-Identifier: Apache-2.0 */
/* The past of one series: a ring of ticks, and two tiers of min/mean/max buckets. */
#include "model/history.h"

#include "base/clock.h"
#include "base/memory.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Buckets by absolute time: number n covers [n, n + 1) widths and lies in slot n modulo the size. */
struct tier {
	int64_t newest; /* number of the newest bucket */
	double sum;	/* of the newest one, for its mean */
	uint32_t count;
};

struct history {
	int64_t tick_time_ns[HISTORY_TICKS];
	float tick_value[HISTORY_TICKS];
	uint32_t tick_next;
	uint32_t tick_count;
	int64_t first_ns;
	struct tier second_tier, ten_tier;
	struct history_bucket seconds[HISTORY_SECONDS];
	struct history_bucket tens[HISTORY_TENS];
};

/* A tier with its buckets, for the code that serves both. */
struct tier_view {
	int64_t newest, size, width_ns;
	const struct history_bucket *buckets;
};

_Static_assert(sizeof(struct history) == HISTORY_BYTES,
	       "history.h tells others how large a history is");

static const struct history_bucket empty_bucket = {NAN, NAN, NAN};

struct history *history_create(void)
{
	return memory_zeroed(1, sizeof(struct history));
}

void history_destroy(struct history *history)
{
	free(history);
}

static void bucket_add(struct tier *tier, struct history_bucket *buckets, int64_t size,
		       int64_t number, double value)
{
	if (number > tier->newest) {
		int64_t skipped = number - tier->newest;

		for (int64_t i = skipped < size ? tier->newest + 1 : number - size + 1; i <= number;
		     i++)
			buckets[i % size] = empty_bucket;
		tier->newest = number;
		tier->sum = 0;
		tier->count = 0;
	}
	if (isnan(value))
		return;

	struct history_bucket *bucket = &buckets[tier->newest % size];

	tier->sum += value;
	tier->count++;
	bucket->min = (float)fmin(bucket->min, value);
	bucket->max = (float)fmax(bucket->max, value);
	bucket->mean = (float)(tier->sum / tier->count);
}

static void begin(struct history *history, int64_t time_ns)
{
	history->first_ns = time_ns;
	history->second_tier.newest = time_ns / CLOCK_NS_PER_S;
	history->ten_tier.newest = time_ns / (10 * CLOCK_NS_PER_S);
	for (int i = 0; i < HISTORY_SECONDS; i++)
		history->seconds[i] = empty_bucket;
	for (int i = 0; i < HISTORY_TENS; i++)
		history->tens[i] = empty_bucket;
}

void history_add(struct history *history, int64_t time_ns, double value)
{
	if (time_ns < 0)
		return;
	if (history->tick_count == 0)
		begin(history, time_ns);
	history->tick_time_ns[history->tick_next] = time_ns;
	history->tick_value[history->tick_next] = (float)value;
	history->tick_next = (history->tick_next + 1) % HISTORY_TICKS;
	if (history->tick_count < HISTORY_TICKS)
		history->tick_count++;
	bucket_add(&history->second_tier, history->seconds, HISTORY_SECONDS,
		   time_ns / CLOCK_NS_PER_S, value);
	bucket_add(&history->ten_tier, history->tens, HISTORY_TENS, time_ns / (10 * CLOCK_NS_PER_S),
		   value);
}

#define PERIODS	      15
#define PERIODS_LEAST 4

/* Median of a few times; sorts them. */
static int64_t median_ns(int64_t *times_ns, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		int64_t time_ns = times_ns[i];
		uint32_t j = i;

		for (; j > 0 && times_ns[j - 1] > time_ns; j--)
			times_ns[j] = times_ns[j - 1];
		times_ns[j] = time_ns;
	}
	return times_ns[count / 2];
}

int64_t history_period_ns(const struct history *history, bool only_moves)
{
	int64_t periods_ns[PERIODS], moved_ns = 0;
	uint32_t count = 0;

	/* From the newest reading back; a move is where the one before it was another. */
	for (uint32_t i = 0; i + 1 < history->tick_count && count < PERIODS; i++) {
		uint32_t at = (history->tick_next + 2 * HISTORY_TICKS - 1 - i) % HISTORY_TICKS;
		uint32_t before = (at + HISTORY_TICKS - 1) % HISTORY_TICKS;
		bool gap = isnan(history->tick_value[at]) || isnan(history->tick_value[before]);

		if (gap) {
			moved_ns = 0;
			continue;
		}
		if (!only_moves && !(history->tick_value[at] < history->tick_value[before] ||
				     history->tick_value[at] > history->tick_value[before]))
			continue;
		if (moved_ns != 0)
			periods_ns[count++] = moved_ns - history->tick_time_ns[at];
		moved_ns = history->tick_time_ns[at];
	}
	return count < PERIODS_LEAST ? 0 : median_ns(periods_ns, count);
}

/* The answer being filled, oldest first. */
struct answer {
	int64_t start_ns, bucket_ns;
	struct history_bucket *out;
	int64_t count;
	int64_t filled;	 /* index of the bucket being filled */
	uint32_t values; /* in it so far */
};

/* Bucket i covers (start + i widths, start + (i + 1) widths]: a value seen at the very end belongs to the last one. */
static int64_t answer_index(const struct answer *answer, int64_t time_ns)
{
	int64_t offset = time_ns - answer->start_ns - 1;

	return offset < 0 ? -1 : offset / answer->bucket_ns;
}

static void answer_add(struct answer *answer, int64_t index, const struct history_bucket *bucket)
{
	if (index < 0 || index >= answer->count || isnan(bucket->mean))
		return;

	struct history_bucket *out = &answer->out[index];

	if (index != answer->filled) {
		answer->filled = index;
		answer->values = 0;
	}
	if (answer->values++ == 0) {
		*out = *bucket;
		return;
	}
	out->min = fminf(out->min, bucket->min);
	out->max = fmaxf(out->max, bucket->max);
	out->mean += (bucket->mean - out->mean) / (float)answer->values;
}

static void read_ticks(const struct history *history, struct answer *answer)
{
	uint32_t oldest =
		(history->tick_next + HISTORY_TICKS - history->tick_count) % HISTORY_TICKS;

	for (uint32_t i = 0; i < history->tick_count; i++) {
		uint32_t slot = (oldest + i) % HISTORY_TICKS;
		float value = history->tick_value[slot];

		answer_add(answer, answer_index(answer, history->tick_time_ns[slot]),
			   &(struct history_bucket){value, value, value});
	}
}

static void read_tier(const struct tier_view *view, struct answer *answer)
{
	for (int64_t number = view->newest - view->size + 1; number <= view->newest; number++) {
		if (number < 0)
			continue;

		const struct history_bucket *bucket = &view->buckets[number % view->size];
		int64_t from_ns = number * view->width_ns;

		if (answer->bucket_ns >= view->width_ns) {
			answer_add(answer, answer_index(answer, from_ns + view->width_ns / 2),
				   bucket);
			continue;
		}
		/* Narrower buckets are asked for than are kept: each gets what is known of its time. */
		int64_t last = answer_index(answer, from_ns + view->width_ns);

		for (int64_t i = answer_index(answer, from_ns) + 1; i <= last && i < answer->count;
		     i++)
			answer_add(answer, i, bucket);
	}
}

static bool ticks_reach(const struct history *history, int64_t start_ns)
{
	return history->tick_count < HISTORY_TICKS ||
	       history->tick_time_ns[history->tick_next] <= start_ns;
}

void history_read(const struct history *history, int64_t end_ns, int64_t bucket_ns,
		  struct history_bucket *out, size_t count)
{
	struct answer answer = {
		end_ns - bucket_ns * (int64_t)count, bucket_ns, out, (int64_t)count, -1, 0};
	struct tier_view seconds = {history->second_tier.newest, HISTORY_SECONDS, CLOCK_NS_PER_S,
				    history->seconds};
	struct tier_view tens = {history->ten_tier.newest, HISTORY_TENS, 10 * CLOCK_NS_PER_S,
				 history->tens};
	int64_t seconds_from = (seconds.newest - seconds.size + 1) * seconds.width_ns;

	for (size_t i = 0; i < count; i++)
		out[i] = empty_bucket;
	if (history->tick_count == 0 || bucket_ns <= 0)
		return;
	if (ticks_reach(history, answer.start_ns))
		read_ticks(history, &answer);
	else if (seconds_from <= answer.start_ns || seconds_from <= history->first_ns)
		read_tier(&seconds, &answer);
	else
		read_tier(&tens, &answer);
}
