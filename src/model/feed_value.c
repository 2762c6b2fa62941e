/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of a feed that carry readings: raw counters become totals here. */
#include "model/feed_private.h"

#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define REASON_SIZE 256

static struct feed_metric *find_metric(struct feed_series *series, enum metric metric)
{
	for (unsigned i = 0; i < series->count; i++) {
		if (series->metrics[i].metric == (uint8_t)metric)
			return &series->metrics[i];
	}
	return NULL;
}

/* The state of a raw metric, made when need be; NULL for an id that is not in use. */
static struct feed_metric *get_metric(struct feed *feed, uint32_t id, enum metric metric)
{
	struct feed_series *series = feed_find_series(feed, id);

	if (!series || (unsigned)metric >= METRIC_RAW_COUNT)
		return NULL;

	struct feed_metric *state = find_metric(series, metric);

	if (state)
		return state;
	if (series->count == series->capacity) {
		series->capacity = series->capacity ? (uint8_t)(series->capacity * 2) : 1;
		series->metrics =
			memory_resize(series->metrics, series->capacity, sizeof(*series->metrics));
	}
	state = &series->metrics[series->count++];
	*state = (struct feed_metric){.metric = (uint8_t)metric};
	return state;
}

void feed_rule(struct feed *feed, uint32_t series, enum metric metric,
	       const struct counter_rule *rule)
{
	struct feed_metric *state = get_metric(feed, series, metric);

	if (!state)
		return;
	for (size_t i = 0; i < feed->rule_count; i++) {
		const struct counter_rule *known = &feed->rules[i];

		if (known->range == rule->range && known->from_zero == rule->from_zero &&
		    !(known->max_per_second < rule->max_per_second) &&
		    !(known->max_per_second > rule->max_per_second)) {
			state->rule = (uint32_t)i;
			return;
		}
	}
	memory_reserve(&feed->rules, &feed->rule_capacity, feed->rule_count + 1,
		       sizeof(*feed->rules));
	feed->rules[feed->rule_count] = *rule;
	state->rule = (uint32_t)feed->rule_count++;
}

static void tell_value(struct feed *feed, uint32_t series, struct feed_metric *state,
		       int64_t time_ns, int64_t value)
{
	feed_add(feed, EVENT_VALUE, state->metric, series, time_ns)->value = value;
	state->known = true;
	state->still = false;
	state->gap = 0;
}

/* When a counter stood still and zero is what that means, the step that follows must be measured from the last reading,
 * not from the last one that moved: a thread that slept a minute and works now works now. */
static void tell_still(struct feed *feed, uint32_t series, struct feed_metric *state, int64_t total)
{
	if (state->still)
		tell_value(feed, series, state, state->seen_ns, total);
}

static void see_still(struct feed *feed, uint32_t series, struct feed_metric *state,
		      int64_t time_ns)
{
	if (state->gap != 0)
		tell_value(feed, series, state, time_ns, state->counter.total);
	state->seen_ns = time_ns;
	state->still = metric_info(state->metric)->still == METRIC_STILL_IS_ZERO;
}

static void tell_gap(struct feed *feed, uint32_t series, struct feed_metric *state, int64_t time_ns,
		     int code, const char *reason)
{
	if (state->gap == code)
		return;
	tell_still(feed, series, state, state->counter.total);
	state->gap = (int16_t)code;

	struct event *event = feed_add(feed, EVENT_GAP, state->metric, series, time_ns);

	event->code = (int16_t)code;
	event->ref.text = feed_put(feed, reason, REASON_SIZE);
}

static void tell_impossible(struct feed *feed, uint32_t id, struct feed_metric *state,
			    int64_t time_ns)
{
	const struct feed_series *series = feed_find_series(feed, id);

	if (state->gap == ERANGE)
		return;
	tell_gap(feed, id, state, time_ns, ERANGE,
		 "the counter fell: it was reset, or wrapped implausibly");
	feed_note(feed, time_ns, NOTE_WARN, series->domain,
		  "%s: %s fell; its total goes on from here", series->source,
		  metric_info(state->metric)->name);
}

void feed_counter(struct feed *feed, uint32_t series, enum metric metric, int64_t time_ns,
		  uint64_t raw)
{
	struct feed_metric *state = get_metric(feed, series, metric);

	if (!state)
		return;

	int64_t before = state->counter.total;

	switch (counter_advance(&state->counter, &feed->rules[state->rule], raw, time_ns)) {
	case COUNTER_STILL: see_still(feed, series, state, time_ns); break;
	case COUNTER_ANCHORED:
	case COUNTER_MOVED:
	case COUNTER_WRAPPED:
		tell_still(feed, series, state, before);
		tell_value(feed, series, state, time_ns, state->counter.total);
		break;
	case COUNTER_FELL: tell_impossible(feed, series, state, time_ns); break;
	}
}

void feed_increase(struct feed *feed, uint32_t series, enum metric metric, int64_t time_ns,
		   int64_t amount)
{
	struct feed_metric *state = get_metric(feed, series, metric);

	if (!state)
		return;
	if (amount < 0 || amount > INT64_MAX - state->counter.total) {
		tell_impossible(feed, series, state, time_ns);
		return;
	}
	if (amount == 0 && state->known) {
		see_still(feed, series, state, time_ns);
		return;
	}
	tell_still(feed, series, state, state->counter.total);
	state->counter.total += amount;
	tell_value(feed, series, state, time_ns, state->counter.total);
}

void feed_gauge(struct feed *feed, uint32_t series, enum metric metric, int64_t time_ns,
		int64_t value)
{
	struct feed_metric *state = get_metric(feed, series, metric);

	if (state)
		tell_value(feed, series, state, time_ns, value);
}

void feed_gap(struct feed *feed, uint32_t series, enum metric metric, int64_t time_ns, int code,
	      const char *reason)
{
	struct feed_metric *state = get_metric(feed, series, metric);

	if (state)
		tell_gap(feed, series, state, time_ns, code > 0 && code <= INT16_MAX ? code : EIO,
			 reason);
}
