/* SPDX-License-Identifier: Apache-2.0 */
/* What dead threads and processes used lives on in their process and in "ended"; they themselves are freed. */
#include "model/session_private.h"

#include "base/clock.h"

#include <string.h>

#define BOOKS_PATIENCE_NS (60 * CLOCK_NS_PER_S)

static struct member *member_of(struct domain *domain)
{
	return (struct member *)domain;
}

static bool is_recorded(const struct domain *domain)
{
	for (const struct series *series = domain->series; series; series = series->next) {
		if (series->changed)
			return false;
	}
	for (const struct label *label = domain->labels; label; label = label->next) {
		if (label->changed)
			return false;
	}
	return true;
}

/* Adds all of a total, and of it what came before the window, so that every span of the sum stays right. */
static void fold_cell(struct session *session, struct series *into, const struct cell *from)
{
	struct cell *cell = series_cell_make(session, into, from->metric);

	if (from->value > INT64_MAX - cell->value) {
		session->ignored++;
		return;
	}
	if (!cell->started || from->first_time_ns < cell->first_time_ns)
		cell->first_time_ns = from->first_time_ns;
	if (!cell->started || from->mark_time_ns < cell->mark_time_ns)
		cell->mark_time_ns = from->mark_time_ns;
	if (from->seen_ns > cell->seen_ns)
		cell->seen_ns = from->seen_ns;
	cell->value += from->value;
	cell->first_value += from->first_value;
	cell->mark_value += from->mark_value;
	/* The dead use nothing now: there is no step from which a rate could be made. */
	cell->previous = cell->value;
	cell->time_ns = cell->previous_time_ns = cell->seen_ns;
	cell->started = cell->known = true;
	series_changed(session, into);
}

static void fold_series(struct session *session, struct domain *into, const struct series *from,
			const char *source)
{
	struct series *target = NULL;

	for (size_t i = 0; i < from->cell_count; i++) {
		const struct cell *cell = &from->cells[i];
		const struct metric_info *info = metric_info(cell->metric);

		if (!cell->started || info->kind != METRIC_COUNTER || info->sum != METRIC_SUM_ADD)
			continue;
		if (!target)
			target = session_series(session, into, source, from->quality);
		if (target)
			fold_cell(session, target, cell);
	}
}

static void fold_domain(struct session *session, struct domain *domain)
{
	bool is_thread = domain->kind == DOMAIN_THREAD;
	struct domain *into = domain->parent;

	if (!is_thread || into->kind != DOMAIN_PROCESS)
		into = session_domain(session, DOMAIN_ENDED, "ended", NULL, "ended");
	for (const struct series *series = domain->series; series; series = series->next) {
		bool was_thread = is_thread || series->is_folded;

		fold_series(session, into, series,
			    was_thread ? SESSION_ENDED_THREADS : SESSION_ENDED_PROCESSES);
	}
}

static bool may_leave(const struct domain *domain, int64_t time_ns)
{
	bool is_shared = domain->weight == 0 || time_ns - domain->died_ns > BOOKS_PATIENCE_NS;

	return domain->died_ns < time_ns && is_shared && !domain->first_child &&
	       is_recorded(domain);
}

/* One kind of the dead: folds those that may leave and moves them to the end of the list; returns how many stay. */
static size_t fold_kind(struct session *session, enum domain_kind kind, int64_t time_ns,
			size_t count)
{
	struct domain **dead = session->dead.items;
	size_t stay = 0;

	for (size_t i = 0; i < count; i++) {
		struct domain *domain = dead[i];

		if (domain->kind == kind && may_leave(domain, time_ns)) {
			fold_domain(session, domain);
			member_of(domain)->leaving = true;
			continue;
		}
		dead[i] = dead[stay];
		dead[stay++] = domain;
	}
	return stay;
}

/* Drops those that came back to life. */
static void forget_revived(struct session *session)
{
	struct domain_list *dead = &session->dead;
	size_t kept = 0;

	for (size_t i = 0; i < dead->count; i++) {
		if (dead->items[i]->alive)
			member_of(dead->items[i])->waiting = false;
		else
			dead->items[kept++] = dead->items[i];
	}
	dead->count = kept;
}

static void cut_bindings(struct session *session)
{
	for (int i = 0; i < session->producers; i++) {
		struct binding *binding = &session->bindings[i];

		for (size_t k = 0; k < binding->domain_capacity; k++) {
			if (binding->domains[k] && member_of(binding->domains[k])->leaving)
				binding->domains[k] = NULL;
		}
	}
}

static void fold_and_free(struct session *session, enum domain_kind kind, int64_t time_ns)
{
	size_t count = session->dead.count;
	size_t stay = fold_kind(session, kind, time_ns, count);

	if (stay == count)
		return;
	cut_bindings(session);
	domains_leave(session);
	for (size_t i = stay; i < count; i++)
		domains_destroy(session, session->dead.items[i]);
	session->dead.count = stay;
}

void session_fold(struct session *session, int64_t time_ns)
{
	if (session->dead.count == 0)
		return;
	forget_revived(session);
	fold_and_free(session, DOMAIN_THREAD, time_ns);
	fold_and_free(session, DOMAIN_PROCESS, time_ns);
}
