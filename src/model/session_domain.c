/* SPDX-License-Identifier: Apache-2.0 */
/* The domains of a session: their tree, numbers, lists and labels. */
#include "model/session_private.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static struct member *member_of(struct domain *domain)
{
	return (struct member *)domain;
}

static void list_append(struct domain_list *list, struct domain *domain)
{
	memory_reserve(&list->items, &list->capacity, list->count + 1, sizeof(struct domain *));
	list->items[list->count++] = domain;
}

static void link_child(struct domain *parent, struct domain *domain)
{
	struct domain *last = member_of(parent)->last_child;

	domain->parent = parent;
	domain->next_sibling = NULL;
	member_of(domain)->previous_sibling = last;
	if (last)
		last->next_sibling = domain;
	else
		parent->first_child = domain;
	member_of(parent)->last_child = domain;
}

static void unlink_child(struct domain *domain)
{
	struct domain *parent = domain->parent, *previous = member_of(domain)->previous_sibling;

	if (previous)
		previous->next_sibling = domain->next_sibling;
	else
		parent->first_child = domain->next_sibling;
	if (domain->next_sibling)
		member_of(domain->next_sibling)->previous_sibling = previous;
	else
		member_of(parent)->last_child = previous;
}

static uint32_t take_number(struct session *session, struct domain *domain)
{
	uint32_t number;

	if (session->free_count > 0) {
		number = session->free_numbers[--session->free_count];
	} else {
		memory_reserve(&session->by_number, &session->number_capacity,
			       session->number_count + 1, sizeof(struct domain *));
		number = (uint32_t)session->number_count++;
	}
	session->by_number[number] = domain;
	return number;
}

struct domain *domains_create(struct session *session, enum domain_kind kind, const char *key,
			      struct domain *parent, const char *name)
{
	struct member *member = memory_zeroed(1, sizeof(*member));
	struct domain *domain = &member->domain;

	domain->kind = kind;
	domain->alive = true;
	domain->born_ns = session->now_ns;
	text_print(domain->key, sizeof(domain->key), "%s", key);
	text_clean(domain->name, sizeof(domain->name), name, strlen(name));
	if (parent) {
		link_child(parent, domain);
		domain->self = parent->self;
	}
	domain->number = take_number(session, domain);
	keyset_add(&session->keys, domain->number + 1);
	list_append(&session->all, domain);
	list_append(&session->kinds[kind], domain);
	member->listed = true;
	session->bytes += sizeof(*member);
	return domain;
}

static bool is_within(const struct domain *domain, const struct domain *ancestor)
{
	for (; domain; domain = domain->parent) {
		if (domain == ancestor)
			return true;
	}
	return false;
}

/* Several producers may announce a domain; one that knows more than "in the machine" places it. */
static void update_domain(const struct session *session, struct domain *domain,
			  struct domain *parent, const char *name)
{
	if (*name)
		text_clean(domain->name, sizeof(domain->name), name, strlen(name));
	if (domain->parent != session->machine || parent == session->machine ||
	    is_within(parent, domain))
		return;
	unlink_child(domain);
	link_child(parent, domain);
}

struct domain *session_domain(struct session *session, enum domain_kind kind, const char *key,
			      struct domain *parent, const char *name)
{
	char clean_key[DOMAIN_KEY_SIZE];

	text_clean(clean_key, sizeof(clean_key), key, strlen(key));

	struct domain *domain =
		kind == DOMAIN_MACHINE ? session->machine : session_find(session, clean_key);

	if (!parent)
		parent = session->machine;
	if (!name)
		name = "";
	if (!domain && (*clean_key == '\0' || session->all.count >= SESSION_DOMAINS_MAX))
		return NULL;
	if (!domain)
		return domains_create(session, kind, clean_key, parent, *name ? name : clean_key);
	update_domain(session, domain, parent, name);
	if (!domain->alive)
		domains_revive(session, domain);
	return domain;
}

void domains_retire(struct session *session, struct domain *domain, int64_t time_ns)
{
	struct member *member = member_of(domain);

	if (!domain->alive || domain == session->machine)
		return;
	domain->alive = false;
	domain->died_ns = time_ns;
	session->kind_has_dead[domain->kind] = true;
	if (member->waiting || (domain->kind != DOMAIN_THREAD && domain->kind != DOMAIN_PROCESS))
		return;
	member->waiting = true;
	list_append(&session->dead, domain);
}

void domains_revive(struct session *session, struct domain *domain)
{
	struct member *member = member_of(domain);

	domain->alive = true;
	domain->died_ns = 0;
	if (member->listed)
		return;
	member->listed = true;
	list_append(&session->kinds[domain->kind], domain);
}

void domains_sweep(struct session *session)
{
	for (int kind = 0; kind < DOMAIN_KIND_COUNT; kind++) {
		struct domain_list *list = &session->kinds[kind];
		size_t kept = 0;

		if (!session->kind_has_dead[kind])
			continue;
		session->kind_has_dead[kind] = false;
		for (size_t i = 0; i < list->count; i++) {
			if (list->items[i]->alive)
				list->items[kept++] = list->items[i];
			else
				member_of(list->items[i])->listed = false;
		}
		list->count = kept;
	}
}

static void free_labels(struct domain *domain)
{
	while (domain->labels) {
		struct label *label = domain->labels;

		domain->labels = label->next;
		free(label->value);
		free(label);
	}
}

void domains_free(struct domain *domain)
{
	while (domain->series) {
		struct series *series = domain->series;

		domain->series = series->next;
		series_free(NULL, series);
	}
	free_labels(domain);
	free(member_of(domain));
}

void domains_leave(struct session *session)
{
	struct domain_list *all = &session->all;
	size_t kept = 0;

	for (size_t i = 0; i < all->count; i++) {
		if (!member_of(all->items[i])->leaving)
			all->items[kept++] = all->items[i];
	}
	all->count = kept;
}

void domains_destroy(struct session *session, struct domain *domain)
{
	keyset_remove(&session->keys, domain->key);
	memory_reserve(&session->free_numbers, &session->free_capacity, session->free_count + 1,
		       sizeof(uint32_t));
	session->free_numbers[session->free_count++] = domain->number;
	session->by_number[domain->number] = NULL;
	unlink_child(domain);
	while (domain->series) {
		struct series *series = domain->series;

		domain->series = series->next;
		series_free(session, series);
	}
	for (const struct label *label = domain->labels; label; label = label->next)
		session->bytes -= sizeof(*label) + strlen(label->value) + 1;
	session->bytes -= sizeof(struct member);
	domains_free(domain);
}

static struct label *find_label(const struct domain *domain, const char *name, unsigned *count)
{
	struct label *label = domain->labels;

	for (*count = 0; label && strcmp(label->name, name) != 0; label = label->next)
		++*count;
	return label;
}

static void set_self(struct domain *domain)
{
	domain->self = true;
	for (struct domain *child = domain->first_child; child; child = child->next_sibling)
		child->self = true;
}

void session_label(struct session *session, struct domain *domain, const char *name,
		   const char *value)
{
	unsigned count;
	struct label *label = find_label(domain, name, &count);

	if (strcmp(name, "self") == 0)
		set_self(domain);
	if (label && strcmp(label->value, value) == 0)
		return;
	if (!label) {
		const char *kept = count < SESSION_LABELS_MAX
					   ? strings_keep(session, name, SESSION_STRINGS_MAX / 2)
					   : NULL;

		if (!kept)
			return;
		label = memory_zeroed(1, sizeof(*label));
		label->name = kept;
		label->next = domain->labels;
		domain->labels = label;
		session->bytes += sizeof(*label);
	} else {
		session->bytes -= strlen(label->value) + 1;
		free(label->value);
	}
	label->value = memory_text(value);
	session->bytes += strlen(value) + 1;
	if (label->changed)
		return;
	label->changed = true;
	memory_reserve(&session->changed_labels, &session->changed_label_capacity,
		       session->changed_label_count + 1, sizeof(struct label *));
	session->changed_labels[session->changed_label_count++] = label;
}
