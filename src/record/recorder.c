/* SPDX-License-Identifier: Apache-2.0 */
/* Goes over the session once a tick and has what changed written as rows. */
#include "record/recorder_private.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define OPERATORS_EVERY 10 /* of the ticks with rows of threads */

struct recorder *recorder_create(const struct recorder_options *options)
{
	struct recorder *recorder = memory_zeroed(1, sizeof(*recorder));

	recorder->options = *options;
	recorder->end = &recorder->first;
	return recorder;
}

static void forget_series(struct recorded_domain *domain)
{
	for (size_t i = 0; i < domain->series_count; i++) {
		free(domain->series[i]->known.cells);
		free(domain->series[i]);
	}
	free(domain->series);
	domain->series = NULL;
	domain->series_count = domain->series_capacity = 0;
}

static void forget_domain(struct recorded_domain *domain)
{
	forget_series(domain);
	free(domain);
}

static void forget_session(struct recorder *recorder)
{
	/* Retired records are in the table alone, freed ones in the list alone; the others in both. */
	while (recorder->first) {
		struct recorded_domain *domain = recorder->first;

		recorder->first = domain->next;
		if (domain->freed)
			forget_domain(domain);
	}
	for (size_t i = 0; i < recorder->number_capacity; i++) {
		if (recorder->by_number[i])
			forget_domain(recorder->by_number[i]);
	}
	free(recorder->by_number);
	for (size_t i = 0; i < ARRAY_SIZE(recorder->meta); i++)
		free(recorder->meta[i]);

	struct recorder_options options = recorder->options;

	*recorder = (struct recorder){.options = options};
	recorder->end = &recorder->first;
}

void recorder_destroy(struct recorder *recorder)
{
	if (!recorder)
		return;
	forget_session(recorder);
	free(recorder);
}

/* A replay that was taken back to an earlier time has a new session. */
static void look_at_session(struct recorder *recorder, const struct session *session)
{
	if (recorder->session &&
	    (recorder->session != session || session_ticks(session) < recorder->ticks))
		forget_session(recorder);
	recorder->session = session;
	recorder->start_ns =
		session_meta_get(session, RECORDER_VERSION_KEY) ? 0 : session_start_ns(session);
}

void recorder_begin(struct recorder *recorder, const struct session *session,
		    struct csv_buffer *out)
{
	look_at_session(recorder, session);
	row_header(out);
	recorder_write_version(recorder, out);
	recorder_write_meta(recorder, session, out);
}

static void append(struct recorder *recorder, struct recorded_domain *domain)
{
	domain->next = NULL;
	*recorder->end = domain;
	recorder->end = &domain->next;
}

static struct recorded_domain *find_domain(const struct recorder *recorder,
					   const struct domain *live)
{
	struct recorded_domain *domain =
		live->number < recorder->number_capacity ? recorder->by_number[live->number] : NULL;

	return domain && domain->live == live && domain->born_ns == live->born_ns ? domain : NULL;
}

/* The record of a live domain; made anew when the number belongs to another domain now, or it came back to life. */
static void get_domain(struct recorder *recorder, struct domain *live)
{
	struct recorded_domain *domain = find_domain(recorder, live);

	if (domain && (!domain->retired || !live->alive))
		return;
	memory_reserve(&recorder->by_number, &recorder->number_capacity, live->number + 1,
		       sizeof(struct recorded_domain *));
	domain = recorder->by_number[live->number];
	if (domain)
		forget_series(domain);
	else
		domain = recorder->by_number[live->number] = memory_zeroed(1, sizeof(*domain));
	*domain = (struct recorded_domain){.live = live,
					   .born_ns = live->born_ns,
					   .number = live->number,
					   .seen = recorder->round,
					   .is_thread = live->kind == DOMAIN_THREAD};
	memcpy(domain->key, live->key, sizeof(domain->key));
	append(recorder, domain);
}

/* Says that a domain is there, where, and how it is called; its parents first. */
static void announce(struct recorder *recorder, const struct session *session, struct domain *live,
		     struct csv_buffer *out)
{
	struct recorded_domain *domain = recorder->by_number[live->number];
	bool is_new = !domain->announced;

	if (domain->retired ||
	    (!is_new && domain->parent == live->parent && strcmp(domain->name, live->name) == 0))
		return;
	domain->announced = true;
	domain->parent = live->parent;
	memcpy(domain->name, live->name, sizeof(domain->name));
	row_begin(recorder,
		  &(struct recorder_row){session_now_ns(session), domain_kind_name(live->kind),
					 live->key, live->parent ? live->parent->key : NULL,
					 live->name, NULL, NULL},
		  out);
	row_end_empty(out);
	if (!is_new)
		return;
	domain->labelled = recorder->round;
	recorder_write_labels(recorder, session, live, true, out);
}

/* Takes a domain and the parents that it needs into the list, the parents first. The tree is as deep as its parents say;
 * the depth is bounded so that a hostile recording cannot exhaust the stack. */
static void take_domain(struct recorder *recorder, const struct session *session,
			struct domain *live, struct csv_buffer *out, int depth)
{
	if (live->parent && depth < 64)
		take_domain(recorder, session, live->parent, out, depth + 1);
	get_domain(recorder, live);
	announce(recorder, session, live, out);
}

static void take_domains(struct recorder *recorder, const struct session *session,
			 struct csv_buffer *out)
{
	size_t count;
	struct domain *const *domains = session_domains(session, &count);

	for (size_t i = 0; i < count; i++)
		take_domain(recorder, session, domains[i], out, 0);
}

static struct recorded_series *get_series(struct recorded_domain *domain, struct series *live,
					  size_t index)
{
	/* A domain's series keep their order: the newest is the last. */
	if (index < domain->series_count)
		return domain->series[index];
	memory_reserve(&domain->series, &domain->series_capacity, index + 1,
		       sizeof(struct recorded_series *));
	domain->series[index] = memory_zeroed(1, sizeof(struct recorded_series));
	domain->series[index]->live = live;
	domain->series_count = index + 1;
	return domain->series[index];
}

/* What the dead left is folded again by whoever reads their rows. */
static bool is_folded(const struct series *series)
{
	return series->is_folded || strcmp(series->source, SESSION_ENDED_PROCESSES) == 0;
}

static void write_domain(struct recorder *recorder, const struct session *session,
			 struct recorded_domain *domain, struct csv_buffer *out)
{
	size_t index = 0;

	for (struct series *live = domain->live->series; live; live = live->next, index++) {
		struct recorded_series *series = get_series(domain, live, index);

		if (!is_folded(live))
			recorder_write_series(recorder, session, series, out);
	}
}

/* What a dead thread did is still to be shared out while it has a weight: its last row comes then. */
static bool has_ended(const struct recorded_domain *domain, bool everything)
{
	if (domain->freed)
		return true;
	return !domain->live->alive && (domain->live->weight == 0 || everything);
}

static void write_end(const struct recorder *recorder, const struct session *session,
		      const struct recorded_domain *domain, struct csv_buffer *out)
{
	int64_t time_ns = domain->freed ? session_now_ns(session) : domain->live->died_ns;

	row_begin(recorder,
		  &(struct recorder_row){time_ns, "retire", domain->key, NULL, NULL, NULL, NULL},
		  out);
	row_end_empty(out);
}

/* Writes what has ended and takes it out of the list. */
static void write_ends(struct recorder *recorder, const struct session *session, bool of_threads,
		       bool everything, struct csv_buffer *out)
{
	struct recorded_domain **link = &recorder->first;

	while (*link) {
		struct recorded_domain *domain = *link;

		if (domain->is_thread != of_threads || !has_ended(domain, everything)) {
			link = &domain->next;
			continue;
		}
		write_end(recorder, session, domain, out);
		domain->retired = true;
		*link = domain->next;
		if (domain->freed)
			forget_domain(domain);
	}
	recorder->end = link;
}

/* Finds the records whose domains the session has freed: their numbers may be in use again. */
static void find_freed(struct recorder *recorder, const struct session *session)
{
	size_t count;
	struct domain *const *domains = session_domains(session, &count);

	recorder->round++;
	for (size_t i = 0; i < count; i++) {
		struct recorded_domain *domain = find_domain(recorder, domains[i]);

		if (domain)
			domain->seen = recorder->round;
	}
	for (struct recorded_domain *domain = recorder->first; domain; domain = domain->next) {
		if (domain->seen == recorder->round)
			continue;
		domain->freed = true;
		recorder->by_number[domain->number] = NULL;
	}
}

/* Threads and operators are many: their rows are written seldom, those of operators still less. */
static bool is_time_for(const struct recorder *recorder, const struct domain *domain,
			bool with_threads)
{
	if (!domain->alive)
		return true;
	if (domain->kind == DOMAIN_OPERATOR)
		return with_threads && recorder->threads_ticks % OPERATORS_EVERY == 0;
	return with_threads || (domain->kind != DOMAIN_THREAD && domain->kind != DOMAIN_PROCESS);
}

static void visit_all(struct recorder *recorder, const struct session *session, bool with_threads,
		      struct csv_buffer *out)
{
	for (struct recorded_domain *domain = recorder->first; domain; domain = domain->next) {
		if (domain->freed)
			continue;

		if (domain->labelled != recorder->round)
			recorder_write_labels(recorder, session, domain->live, false, out);
		if (is_time_for(recorder, domain->live, with_threads))
			write_domain(recorder, session, domain, out);
	}
}

/* Half a tick early is in time: ticks jitter. */
static bool is_time_for_threads(const struct recorder *recorder, const struct session *session)
{
	int64_t since_ns = session_now_ns(session) - recorder->threads_ns;

	return !recorder->has_threads ||
	       since_ns >= recorder->options.thread_period_ns - session_interval_ns(session) / 2;
}

/* The tick row: its number, and whether it came late. */
static void write_tick(struct recorder *recorder, const struct session *session,
		       struct csv_buffer *out)
{
	bool is_late = session_late_ticks(session) > recorder->late_ticks;
	char number[16];

	text_print(number, sizeof(number), "%u", session_ticks(session));
	row_begin(recorder,
		  &(struct recorder_row){session_now_ns(session), "tick", number, NULL,
					 is_late ? "late" : NULL, NULL, NULL},
		  out);
	row_end_empty(out);
	recorder->ticks = session_ticks(session);
	recorder->late_ticks = session_late_ticks(session);
}

void recorder_tick(struct recorder *recorder, struct session *session, bool everything,
		   struct csv_buffer *out)
{
	look_at_session(recorder, session);

	bool with_threads = everything || is_time_for_threads(recorder, session);

	if (everything || recorder->options.thread_period_ns == 0)
		recorder->threads_ticks = 0;

	recorder_write_meta(recorder, session, out);
	find_freed(recorder, session);
	take_domains(recorder, session, out);
	recorder_write_sources(recorder, session, out);
	recorder_write_notes(recorder, session, out);
	recorder_write_marks(recorder, session, out);
	visit_all(recorder, session, with_threads, out);
	/* Threads before the processes that they belong to. */
	write_ends(recorder, session, true, everything, out);
	write_ends(recorder, session, false, everything, out);
	if (with_threads) {
		recorder->threads_ticks++;
		recorder->threads_ns = session_now_ns(session);
		recorder->has_threads = true;
	}
	write_tick(recorder, session, out);
	session_recorded(session);
}
