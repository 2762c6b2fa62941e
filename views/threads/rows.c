/* SPDX-License-Identifier: Apache-2.0 */
/* Collects, filters and sorts the rows of the threads panel and keeps the cursor on the same thread. */
#include "views/threads/rows.h"

#include <math.h>
#include <string.h>

const char *threads_label(const struct group_row *row, const char *name)
{
	const struct domain *domain = row->domain;
	const char *value = domain ? domain_label(domain, name) : NULL;

	if (!value && domain && domain->kind == DOMAIN_THREAD && domain->parent)
		value = domain_label(domain->parent, name);
	return value ? value : "";
}

bool threads_matches(const struct group_row *row, const char *text)
{
	return strcasestr(row->name, text) || strcasestr(threads_label(row, "command"), text);
}

static bool is_let_through(const struct threads_panel *panel, const struct group_row *row)
{
	/* A sum has no labels of its own. */
	if (panel->user[0] && row->domain && strcmp(threads_label(row, "user"), panel->user) != 0)
		return false;
	return !panel->filter[0] || threads_matches(row, panel->filter);
}

double threads_flops_per_watt(const struct group_row *row)
{
	return row->power_w > 0 ? row->flow.flop_per_s / row->power_w : NAN;
}

/* Unknown figures go to the end whichever way the order runs. */
static double known(double value, bool ascending)
{
	if (isnan(value))
		return ascending ? INFINITY : -INFINITY;
	return value;
}

static void fill_key(const struct threads_panel *panel, const struct group_row *row,
		     struct threads_key *key)
{
	double value = NAN, second = row->power_w;

	key->text = NULL;
	switch (panel->sort) {
	case THREADS_PID:
		value = row->pid;
		second = row->tid;
		break;
	case THREADS_TID: value = row->tid; break;
	case THREADS_NAME: key->text = row->name; break;
	case THREADS_BUSY: value = row->busy_ratio; break;
	case THREADS_IPC: value = row->ipc; break;
	case THREADS_CLOCK: value = row->clock_hz; break;
	case THREADS_FLOPS: value = row->flow.flop_per_s; break;
	case THREADS_BYTES: value = row->flow.bytes_per_s; break;
	case THREADS_FLOPS_PER_WATT: value = threads_flops_per_watt(row); break;
	case THREADS_POWER:
		value = row->power_w;
		second = row->busy_ratio;
		break;
	case THREADS_ENERGY: value = row->energy_j; break;
	case THREADS_GPU: value = row->gpu_power_w; break;
	case THREADS_MEMORY:
		value = row->memory_bytes >= 0 ? (double)row->memory_bytes : NAN;
		break;
	case THREADS_CPU: value = row->cpu >= 0 ? (double)row->cpu : (double)NAN; break;
	case THREADS_USER: key->text = threads_label(row, "user"); break;
	case THREADS_CONTAINER: key->text = threads_label(row, "container"); break;
	case THREADS_COLUMNS: break;
	}
	key->first = known(value, panel->ascending);
	key->second = known(second, panel->ascending);
}

static bool comes_before(const struct threads_key *a, const struct threads_key *b, bool ascending)
{
	if (a->text && b->text) {
		int order = strcmp(a->text, b->text);

		if (order != 0)
			return ascending ? order < 0 : order > 0;
		return a->second > b->second;
	}
	if (a->first < b->first || a->first > b->first)
		return ascending ? a->first < b->first : a->first > b->first;
	return ascending ? a->second < b->second : a->second > b->second;
}

/* Merges order[from..middle) and order[middle..to) by way of the scratch array. */
static void merge(struct threads_panel *panel, size_t from, size_t middle, size_t to)
{
	struct threads_key *order = panel->order, *scratch = panel->scratch;
	size_t left = from, right = middle;

	for (size_t i = from; i < to; i++) {
		bool takes_right =
			right < to && (left == middle ||
				       comes_before(&order[right], &order[left], panel->ascending));

		scratch[i] = order[takes_right ? right++ : left++];
	}
	memcpy(order + from, scratch + from, (to - from) * sizeof(*order));
}

/* A stable merge sort of our own: qsort_r allocates, and rows of equal weight would dance. */
static void sort(struct threads_panel *panel)
{
	size_t count = panel->order_count;

	memory_reserve(&panel->scratch, &panel->scratch_capacity, count, sizeof(*panel->scratch));
	for (size_t width = 1; width < count; width *= 2) {
		for (size_t from = 0; from + width < count; from += 2 * width) {
			size_t middle = from + width,
			       to = middle + width < count ? middle + width : count;

			if (comes_before(&panel->order[middle], &panel->order[middle - 1],
					 panel->ascending))
				merge(panel, from, middle, to);
		}
	}
}

/* The cursor stays with its thread when the order changes around it. */
static void follow(struct threads_panel *panel)
{
	if (panel->follows) {
		for (size_t i = 0; i < panel->order_count; i++) {
			const struct domain *domain = threads_at(panel, i)->domain;

			if (domain && strcmp(domain->key, panel->selected) == 0) {
				panel->cursor.selected = i;
				return;
			}
		}
	} else {
		panel->cursor.selected = 0;
	}
	table_cursor_clamp(&panel->cursor, panel->order_count, panel->visible);
	threads_select(panel, panel->follows);
}

void threads_collect(struct threads_panel *panel, const struct session *session)
{
	enum group_by by = panel->sums == THREADS_BY_CONTAINER ? GROUP_CONTAINER
			   : panel->sums == THREADS_BY_USER    ? GROUP_USER
			   : panel->tree		       ? GROUP_TREE
			   : panel->processes		       ? GROUP_PROCESSES
							       : GROUP_THREADS;

	if (!panel->sort_chosen)
		panel->sort = THREADS_POWER;
	panel->row_count = group_rows(session, by, &panel->rows, &panel->row_capacity);
	memory_reserve(&panel->order, &panel->order_capacity, panel->row_count,
		       sizeof(*panel->order));
	panel->order_count = 0;
	for (size_t i = 0; i < panel->row_count; i++) {
		struct threads_key *key = &panel->order[panel->order_count];

		if (!is_let_through(panel, &panel->rows[i]))
			continue;
		key->row = (uint32_t)i;
		if (!panel->tree)
			fill_key(panel, &panel->rows[i], key);
		panel->order_count++;
	}
	if (!panel->tree)
		sort(panel);
	follow(panel);
}

const struct group_row *threads_at(const struct threads_panel *panel, size_t place)
{
	return &panel->rows[panel->order[place].row];
}

void threads_select(struct threads_panel *panel, bool follows)
{
	const struct domain *domain = NULL;

	if (panel->cursor.selected < panel->order_count)
		domain = threads_at(panel, panel->cursor.selected)->domain;
	panel->follows = follows && domain;
	if (domain)
		text_print(panel->selected, sizeof(panel->selected), "%s", domain->key);
}

void threads_find(struct threads_panel *panel, bool next)
{
	size_t count = panel->order_count;

	for (size_t i = next ? 1 : 0; panel->search[0] && i < count + next; i++) {
		size_t place = (panel->cursor.selected + i) % count;

		if (!threads_matches(threads_at(panel, place), panel->search))
			continue;
		panel->cursor.selected = place;
		threads_select(panel, true);
		return;
	}
}

bool threads_is_tagged(const struct threads_panel *panel, const struct group_row *row)
{
	const struct domain *domain = row->domain;

	return domain && domain->number < panel->tag_capacity &&
	       panel->tags[domain->number] == domain->born_ns + 1;
}

void threads_tag(struct threads_panel *panel, const struct group_row *row)
{
	const struct domain *domain = row->domain;
	bool tagged = threads_is_tagged(panel, row);

	if (!domain)
		return;
	memory_reserve(&panel->tags, &panel->tag_capacity, (size_t)domain->number + 1,
		       sizeof(*panel->tags));
	panel->tags[domain->number] = tagged ? 0 : domain->born_ns + 1;
}

void threads_drop_uncounted(const struct threads_panel *panel, bool dropped[THREADS_COLUMNS])
{
	dropped[THREADS_FLOPS] = dropped[THREADS_BYTES] = dropped[THREADS_FLOPS_PER_WATT] = true;
	dropped[THREADS_GPU] = true;
	for (size_t i = 0; i < panel->row_count; i++) {
		const struct group_row *row = &panel->rows[i];

		dropped[THREADS_FLOPS] &= !isfinite(row->flow.flop_per_s);
		dropped[THREADS_GPU] &= !isfinite(row->gpu_power_w);
		dropped[THREADS_BYTES] &= !isfinite(row->flow.bytes_per_s);
		dropped[THREADS_FLOPS_PER_WATT] &= !isfinite(threads_flops_per_watt(row));
	}
}

bool threads_any_label(const struct session *session, const char *name)
{
	size_t count;
	struct domain *const *processes = session_kind(session, DOMAIN_PROCESS, &count);

	for (size_t i = 0; i < count; i++) {
		const char *value = domain_label(processes[i], name);

		if (value && value[0])
			return true;
	}
	return false;
}
