/* SPDX-License-Identifier: Apache-2.0 */
/* A raw counter made a 64-bit total, once. */
#include "model/counter.h"

#include "base/clock.h"

/* Takes the reading as the place to count on from. */
static enum counter_step move_anchor(struct counter *counter, uint64_t raw, int64_t time_ns,
				     enum counter_step step)
{
	counter->raw = raw;
	counter->time_ns = time_ns;
	counter->anchored = true;
	return step;
}

static enum counter_step add_step(struct counter *counter, uint64_t raw, int64_t time_ns,
				  uint64_t increase, enum counter_step step)
{
	/* No real meter counts that far; a total that cannot be true is worth less than a gap. */
	if (increase > (uint64_t)(INT64_MAX - counter->total))
		return move_anchor(counter, raw, time_ns, COUNTER_FELL);
	counter->total += (int64_t)increase;
	return move_anchor(counter, raw, time_ns, step);
}

static bool wrap_is_plausible(const struct counter *counter, const struct counter_rule *rule,
			      uint64_t increase, int64_t time_ns)
{
	double elapsed_s = (double)(time_ns - counter->time_ns) / (double)CLOCK_NS_PER_S;

	/* Without a known rate, the shorter way round decides between a wrap and a reset. */
	if (rule->max_per_second <= 0)
		return increase < rule->range / 2;
	return (double)increase <= rule->max_per_second * elapsed_s;
}

enum counter_step counter_advance(struct counter *counter, const struct counter_rule *rule,
				  uint64_t raw, int64_t time_ns)
{
	if (!counter->anchored) {
		if (rule->from_zero)
			return add_step(counter, raw, time_ns, raw, COUNTER_ANCHORED);
		return move_anchor(counter, raw, time_ns, COUNTER_ANCHORED);
	}
	if (raw == counter->raw)
		return COUNTER_STILL;
	if (raw > counter->raw)
		return add_step(counter, raw, time_ns, raw - counter->raw, COUNTER_MOVED);
	if (rule->range > counter->raw) {
		uint64_t increase = rule->range - counter->raw + raw;

		if (wrap_is_plausible(counter, rule, increase, time_ns))
			return add_step(counter, raw, time_ns, increase, COUNTER_WRAPPED);
	}
	return move_anchor(counter, raw, time_ns, COUNTER_FELL);
}

bool counter_wraps_unseen(const struct counter_rule *rule, int64_t interval_ns)
{
	if (rule->range == 0 || rule->max_per_second <= 0)
		return false;
	return rule->max_per_second * (double)interval_ns / (double)CLOCK_NS_PER_S >=
	       (double)rule->range;
}
