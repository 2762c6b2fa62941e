/* SPDX-License-Identifier: Apache-2.0 */
/* Batches of events taken into a session. */
#include "model/session_private.h"

#include "base/memory.h"
#include "base/text.h"

#include <string.h>

/* One batch on its way in. */
struct intake_batch {
	struct session *session;
	const struct batch *batch;
	struct binding *binding;
};

static void ignore(struct session *session)
{
	session->ignored++;
}

static struct domain *bound_domain(const struct binding *binding, uint32_t id)
{
	return id < binding->domain_capacity ? binding->domains[id] : NULL;
}

static struct series *bound_series(const struct binding *binding, uint32_t id)
{
	return id < binding->series_capacity ? binding->series[id] : NULL;
}

/* What a producer binds to an id may leave before that producer knows: another one has told its end. */
static bool domain_has_left(const struct binding *binding, uint32_t id)
{
	return id < binding->domain_capacity && id > 0 && !binding->domains[id];
}

static bool series_has_left(const struct binding *binding, uint32_t id)
{
	return id < binding->series_capacity && id > 0 && !binding->series[id];
}

static void apply_domain(struct intake_batch *in, const struct event *event)
{
	struct binding *binding = in->binding;
	const char *key = batch_text(in->batch, event, 0);
	const char *name = batch_text(in->batch, event, 1);
	struct domain *parent = bound_domain(binding, event->ref.parent);
	struct domain *known = session_find(in->session, key);

	if (event->id == 0 || event->id > SESSION_ID_MAX || event->detail >= DOMAIN_KIND_COUNT ||
	    (event->ref.parent != 0 && !parent)) {
		ignore(in->session);
		return;
	}

	struct domain *domain = session_domain(in->session, event->detail, key, parent, name);

	if (!domain) {
		ignore(in->session);
		return;
	}
	if (!known && event->time_ns > 0)
		domain->born_ns = event->time_ns;
	memory_reserve(&binding->domains, &binding->domain_capacity, event->id + 1,
		       sizeof(struct domain *));
	binding->domains[event->id] = domain;
}

static void apply_series(struct intake_batch *in, const struct event *event)
{
	struct binding *binding = in->binding;
	struct domain *domain = bound_domain(binding, event->ref.parent);
	const char *source = batch_text(in->batch, event, 0);
	struct series *bound = bound_series(binding, event->id);

	if (domain_has_left(binding, event->ref.parent))
		return;
	if (event->id == 0 || event->id > SESSION_ID_MAX || event->detail >= QUALITY_COUNT ||
	    !domain) {
		ignore(in->session);
		return;
	}
	if (bound && bound->domain == domain && strcmp(bound->source, source) == 0) {
		bound->quality = event->detail;
		return;
	}

	struct series *series = session_series(in->session, domain, source, event->detail);

	if (!series) {
		ignore(in->session);
		return;
	}
	series_bind(in->session, series, in->batch->producer, event->id);
}

static void apply_value(struct intake_batch *in, const struct event *event)
{
	struct series *series = bound_series(in->binding, event->id);

	if (series_has_left(in->binding, event->id))
		return;
	if (!series || event->detail >= METRIC_RAW_COUNT) {
		ignore(in->session);
		return;
	}

	const struct cell *cell = series_cell(series, event->detail);
	int64_t base = cell ? cell->base : 0, value;

	if (__builtin_add_overflow(event->value, base, &value))
		ignore(in->session);
	else
		session_value(in->session, series, event->detail, event->time_ns, value);
}

static void apply_span(struct intake_batch *in, const struct event *event)
{
	struct series *series = bound_series(in->binding, event->id);

	if (series)
		operators_span(in->session, series->domain, event->time_ns,
			       (int64_t)event->span.length_us * 1000,
			       (int64_t)event->span.busy_us * 1000);
	else
		ignore(in->session);
}

static void apply_gap(struct intake_batch *in, const struct event *event)
{
	struct series *series = bound_series(in->binding, event->id);

	if (series_has_left(in->binding, event->id))
		return;
	if (!series || event->detail >= METRIC_RAW_COUNT || event->code <= 0)
		ignore(in->session);
	else
		series_gap(in->session, series, event->detail, event->time_ns, event->code,
			   batch_text(in->batch, event, 0));
}

static void apply_label(struct intake_batch *in, const struct event *event)
{
	struct domain *domain =
		event->id == 0 ? in->session->machine : bound_domain(in->binding, event->id);

	if (domain)
		session_label(in->session, domain, batch_text(in->batch, event, 0),
			      batch_text(in->batch, event, 1));
	else
		ignore(in->session);
}

static void apply_source(struct intake_batch *in, const struct event *event)
{
	const struct batch *batch = in->batch;

	if (event->detail >= SOURCE_STATE_COUNT)
		ignore(in->session);
	else
		session_source(in->session, batch_text(batch, event, 0), event->detail,
			       batch_text(batch, event, 1), batch_text(batch, event, 2),
			       batch_text(batch, event, 3));
}

static void apply_note(struct intake_batch *in, const struct event *event)
{
	const struct domain *domain = bound_domain(in->binding, event->id);
	enum note_level level = event->detail <= NOTE_BAD ? event->detail : NOTE_BAD;

	session_note(in->session, event->time_ns, level, domain ? domain->key : "",
		     batch_text(in->batch, event, 0));
}

static void apply_retire(struct intake_batch *in, const struct event *event)
{
	struct domain *domain = bound_domain(in->binding, event->id);

	if (domain_has_left(in->binding, event->id))
		return;
	if (!domain) {
		ignore(in->session);
		return;
	}
	in->binding->domains[event->id] = NULL;
	for (struct series *series = domain->series; series; series = series->next) {
		if (((struct bound_series *)series)->producer == in->batch->producer)
			series_unbind(in->session, series);
	}
	domains_retire(in->session, domain, event->time_ns);
}

/* Nothing is fed for a CPU that stands idle: its line is drawn at zero, tick by tick, not left out. */
static void draw_idle_cpus(struct session *session, int64_t last_tick_ns)
{
	size_t count;
	struct domain *const *cpus = session_kind(session, DOMAIN_CPU, &count);

	for (size_t i = 0; i < count; i++) {
		for (const struct series *series = cpus[i]->series; series; series = series->next) {
			const struct cell *busy = series_cell(series, METRIC_BUSY_NS);

			if (busy && busy->history && busy->known && busy->time_ns <= last_tick_ns)
				history_add(busy->history, session->now_ns, 0);
		}
	}
}

/* What was announced before there was a time was there at the start. */
static void begin_session(struct session *session)
{
	session->start_ns =
		session->earliest_ns < session->now_ns ? session->earliest_ns : session->now_ns;
	session->window_ns = session->start_ns;
	for (size_t i = 0; i < session->all.count; i++) {
		if (session->all.items[i]->born_ns == 0)
			session->all.items[i]->born_ns = session->start_ns;
	}
}

static void apply_tick(struct session *session, const struct event *event)
{
	int64_t last_ns = session->now_ns;
	bool is_first = session->ticks == 0;

	if (event->time_ns < last_ns || event->time_ns > SESSION_TIME_MAX_NS) {
		ignore(session);
		return;
	}
	session->now_ns = event->time_ns;
	session->ticks = event->id > session->ticks ? event->id : session->ticks + 1;
	if (is_first) {
		begin_session(session);
		return;
	}
	session->interval_ns = event->time_ns - last_ns;

	/* What the interval was meant to be: without what this tick came late, with what the last one did. */
	int64_t meant_ns = session->interval_ns - event->value + session->lateness_ns;

	session->lateness_ns = event->value;
	if (event->value > meant_ns / 2)
		session->late_ticks++;
	draw_idle_cpus(session, last_ns);
}

/* The session begins with its first reading, which comes before the first tick is told. */
static void look_for_start(struct session *session, const struct event *event)
{
	bool has_time =
		event->type == EVENT_VALUE || event->type == EVENT_GAP || event->type == EVENT_MARK;

	if (session->ticks == 0 && has_time && event->time_ns >= 0 &&
	    event->time_ns < session->earliest_ns)
		session->earliest_ns = event->time_ns;
}

static void apply_event(struct intake_batch *in, const struct event *event)
{
	struct session *session = in->session;

	look_for_start(session, event);
	switch ((enum event_type)event->type) {
	case EVENT_DOMAIN: apply_domain(in, event); return;
	case EVENT_SERIES: apply_series(in, event); return;
	case EVENT_VALUE: apply_value(in, event); return;
	case EVENT_GAP: apply_gap(in, event); return;
	case EVENT_LABEL: apply_label(in, event); return;
	case EVENT_SOURCE: apply_source(in, event); return;
	case EVENT_NOTE: apply_note(in, event); return;
	case EVENT_MARK:
		session_mark(session, event->time_ns,
			     event->detail <= MARK_NOTE ? event->detail : MARK_NOTE,
			     batch_text(in->batch, event, 0));
		return;
	case EVENT_OUTPUT: log_line(session, batch_text(in->batch, event, 0)); return;
	case EVENT_RETIRE: apply_retire(in, event); return;
	case EVENT_TICK: apply_tick(session, event); return;
	case EVENT_META:
		session_meta(session, batch_text(in->batch, event, 0),
			     batch_text(in->batch, event, 1));
		return;
	case EVENT_SPAN: apply_span(in, event); return;
	case EVENT_END: return;
	}
	ignore(session);
}

void session_apply(struct session *session, const struct batch *batch)
{
	if (batch->producer < 0 || batch->producer >= session->producers) {
		session->ignored += batch->count;
		log_ignored(session);
		return;
	}

	struct intake_batch in = {session, batch, &session->bindings[batch->producer]};

	for (size_t i = 0; i < batch->count; i++)
		apply_event(&in, &batch->events[i]);
	if (batch->merged > 0) {
		char text[96];

		text_print(text, sizeof(text),
			   "%u ticks were merged: they came faster than they could be taken in",
			   batch->merged);
		session_note(session, session->now_ns, NOTE_INFO, "", text);
	}
	domains_sweep(session);
	log_ignored(session);
}
