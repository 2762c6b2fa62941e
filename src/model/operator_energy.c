/* SPDX-License-Identifier: Apache-2.0 */
/* Spans of time in which operators ran, laid over the readings of the energy meters. */
#include "model/operator_energy.h"

#include "base/clock.h"
#include "base/memory.h"
#include "model/operator.h"
#include "model/session_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SPANS_MAX     65536
#define INTERVALS_MAX 4096
/* Lines may come late: those of a time are expected to be there by then. */
#define DELAY_NS (2 * CLOCK_NS_PER_S)

/* An operator ran for busy_ns of the time from begin to end. */
struct span {
	struct domain *domain;
	int64_t begin_ns, end_ns, busy_ns;
	bool is_counted; /* in its intervals */
};

/* Between two readings of the total. */
struct interval {
	int64_t begin_ns, end_ns, energy_uj;
	double busy_ns; /* of all operators */
};

struct operators {
	struct span *spans; /* SPANS_MAX */
	size_t span_count;
	uint64_t dropped;
	struct interval intervals[INTERVALS_MAX]; /* ring */
	uint64_t interval_count;		  /* ever */
	int64_t known_ns;			  /* the energy is known until then; 0 = not yet */
	bool said_dropped;
};

static struct operators *get_operators(struct session *session)
{
	if (!session->operators) {
		session->operators = memory_zeroed(1, sizeof(*session->operators));
		session->operators->spans = memory_zeroed(SPANS_MAX, sizeof(struct span));
		phases_get(session);
	}
	return session->operators;
}

void operator_expect(struct session *session)
{
	get_operators(session);
}

void operators_destroy(struct operators *operators)
{
	if (!operators)
		return;
	free(operators->spans);
	free(operators);
}

void operators_span(struct session *session, struct domain *domain, int64_t begin_ns,
		    int64_t length_ns, int64_t busy_ns)
{
	struct operators *operators = get_operators(session);

	if (begin_ns < 0 || begin_ns > SESSION_TIME_MAX_NS || domain->kind != DOMAIN_OPERATOR) {
		session->ignored++;
		return;
	}
	if (operators->span_count == SPANS_MAX) {
		operators->dropped++;
		return;
	}
	operators->spans[operators->span_count++] = (struct span){
		domain, begin_ns, begin_ns + (length_ns > 0 ? length_ns : 1), busy_ns, false};
}

static struct interval *interval_at(struct operators *operators, uint64_t place)
{
	return &operators->intervals[place % INTERVALS_MAX];
}

/* A new interval, when the meters have spoken. */
static void add_interval(struct operators *operators, const struct phases *phases)
{
	int64_t time_ns = phases_known_ns(phases), energy_uj;

	if (phases->total_unknown || time_ns <= operators->known_ns)
		return;
	/* It may have taken a while to see which meters tell: what they say of the time before counts. */
	if (operators->known_ns == 0)
		operators->known_ns = phases_known_since_ns(phases);
	/* Both by the devices of now: one that came meanwhile is no burst of energy. */
	energy_uj =
		phases_energy_at(phases, time_ns) - phases_energy_at(phases, operators->known_ns);
	if (time_ns > operators->known_ns && energy_uj > 0)
		*interval_at(operators, operators->interval_count++) =
			(struct interval){operators->known_ns, time_ns, energy_uj, 0};
	operators->known_ns = time_ns;
}

/* The oldest interval that is kept and ends behind a time. */
static uint64_t find_interval(struct operators *operators, int64_t time_ns)
{
	uint64_t last = operators->interval_count;
	uint64_t first = last > INTERVALS_MAX ? last - INTERVALS_MAX : 0;

	while (first < last) {
		uint64_t middle = first + (last - first) / 2;

		if (interval_at(operators, middle)->end_ns > time_ns)
			last = middle;
		else
			first = middle + 1;
	}
	return first;
}

/* How much of its time an operator ran in an interval. */
static double time_in(const struct span *span, const struct interval *interval)
{
	int64_t from_ns = span->begin_ns > interval->begin_ns ? span->begin_ns : interval->begin_ns;
	int64_t to_ns = span->end_ns < interval->end_ns ? span->end_ns : interval->end_ns;

	if (to_ns <= from_ns)
		return 0;
	return (double)span->busy_ns * (double)(to_ns - from_ns) /
	       (double)(span->end_ns - span->begin_ns);
}

static void count_span(struct operators *operators, struct span *span)
{
	for (uint64_t i = find_interval(operators, span->begin_ns);
	     i < operators->interval_count && interval_at(operators, i)->begin_ns < span->end_ns;
	     i++)
		interval_at(operators, i)->busy_ns += time_in(span, interval_at(operators, i));
	span->is_counted = true;
}

static enum quality quality_of(const struct phases *phases)
{
	for (int i = 0; i < phases->meter_count; i++) {
		if (phases->meters[i]->in_total && phases->meters[i]->quality == QUALITY_ESTIMATED)
			return QUALITY_ESTIMATED;
	}
	return QUALITY_ATTRIBUTED;
}

static void give(struct session *session, const struct span *span, double energy_uj, double time_ns)
{
	struct series *series =
		session_series(session, span->domain, OPERATOR_ENERGY, quality_of(session->phases));

	session_increase(session, series, METRIC_ENERGY_UJ, session->now_ns, llround(energy_uj));
	session_increase(session, series, METRIC_RESIDENCY_NS, session->now_ns, llround(time_ns));
}

static void settle_span(struct session *session, struct operators *operators,
			const struct span *span)
{
	double energy_uj = 0, time_ns = 0;

	for (uint64_t i = find_interval(operators, span->begin_ns);
	     i < operators->interval_count && interval_at(operators, i)->begin_ns < span->end_ns;
	     i++) {
		const struct interval *interval = interval_at(operators, i);
		double length_ns = (double)(interval->end_ns - interval->begin_ns);
		double part_ns = time_in(span, interval);

		energy_uj += (double)interval->energy_uj * part_ns /
			     (interval->busy_ns > length_ns ? interval->busy_ns : length_ns);
		time_ns += part_ns;
	}
	if (time_ns > 0)
		give(session, span, energy_uj, time_ns);
}

static void settle(struct session *session, struct operators *operators, bool last)
{
	int64_t due_ns = session->now_ns - DELAY_NS;
	size_t kept = 0;

	for (size_t i = 0; i < operators->span_count; i++) {
		struct span *span = &operators->spans[i];

		if (!span->is_counted && (last || span->end_ns <= operators->known_ns))
			count_span(operators, span);
	}
	for (size_t i = 0; i < operators->span_count; i++) {
		const struct span *span = &operators->spans[i];
		bool is_due = last || (span->is_counted && span->end_ns <= due_ns);

		if (is_due)
			settle_span(session, operators, span);
		else
			operators->spans[kept++] = *span;
	}
	operators->span_count = kept;
}

void operator_tick(struct session *session, bool last)
{
	struct operators *operators = session->operators;

	if (!operators || session_meta_get(session, PHASE_REPLAY_KEY))
		return;
	add_interval(operators, session->phases);
	settle(session, operators, last);
	if (operators->dropped && !operators->said_dropped)
		session_note(session, session->now_ns, NOTE_WARN, "",
			     "operators came faster than meters tell their energy: it is known for "
			     "a part of their time");
	operators->said_dropped = operators->dropped > 0;
}
