/* SPDX-License-Identifier: Apache-2.0 */
/* The threads panel: who uses the watts. What keys do to it, and how its figures were had. */
#include "views/threads/rows.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static void threads_subtitle(void *self, const struct view_context *context, char *out, size_t size)
{
	struct threads_panel *panel = self;
	char weight[64];
	char watts[UNIT_TEXT_SIZE], joules[UNIT_TEXT_SIZE];
	size_t count, used;

	session_kind(context->session,
		     panel->processes && !panel->tree ? DOMAIN_PROCESS : DOMAIN_THREAD, &count);
	used = panel->sums ? text_print(out, size, "sums per %s",
					panel->sums == THREADS_BY_USER ? "user" : "container")
			   : text_print(out, size, "%zu", count);
	if (books_weight_text(context->session, weight, sizeof(weight))[0])
		used += text_print(out + used, size - used, " · package watts by %s", weight);
	if (panel->filter[0])
		used += text_print(out + used, size - used, " · filter '%s': %zu", panel->filter,
				   panel->order_count);
	if (panel->user[0])
		used += text_print(out + used, size - used, " · user %s", panel->user);
	if (panel->tagged.count > 0)
		text_print(out + used, size - used, " · %zu tagged %s %s", panel->tagged.count,
			   unit_si(watts, panel->tagged.power_w, "W"),
			   unit_si(joules, panel->tagged.energy_j, "J"));
}

/* Goes to another column that can be sorted by; columns that space dropped stay reachable. */
static void sort_by_next(struct threads_panel *panel, bool forward)
{
	size_t column = (size_t)panel->sort;

	do {
		column = (column + (forward ? 1 : THREADS_COLUMNS - 1)) % THREADS_COLUMNS;
	} while (!threads_columns[column].sortable);
	panel->sort = (enum threads_column)column;
	panel->sort_chosen = true;
	panel->ascending =
		!threads_columns[column].right || column == THREADS_PID || column == THREADS_TID;
}

/* Only the user of the selected row, and all of them again. */
static void toggle_user(struct threads_panel *panel)
{
	if (panel->user[0] || panel->cursor.selected >= panel->order_count)
		panel->user[0] = '\0';
	else
		text_print(panel->user, sizeof(panel->user), "%s",
			   threads_label(threads_at(panel, panel->cursor.selected), "user"));
}

/* A signal goes to the process; the start time lets the engine see that it is still the same one. */
static enum view_answer ask_signal(const struct threads_panel *panel, struct action *action)
{
	const struct domain *domain = NULL;
	int pid, tid;
	uint64_t start_ticks;

	if (panel->cursor.selected < panel->order_count)
		domain = threads_at(panel, panel->cursor.selected)->domain;
	if (domain && domain->kind == DOMAIN_THREAD)
		domain = domain->parent;
	if (!domain || domain->kind != DOMAIN_PROCESS ||
	    domain_key_parse(domain->key, &pid, &tid, &start_ticks) != 0)
		return VIEW_HANDLED;
	*action = (struct action){
		.type = ACTION_SIGNAL, .pid = pid, .start_ticks = start_ticks, .number = SIGTERM};
	return VIEW_ACTION;
}

/* Sums instead of single ones; a tree has none. */
static void show_sums(struct threads_panel *panel, enum threads_sums sums)
{
	panel->sums = sums;
	panel->tree = false;
	panel->follows = false;
	panel->cursor.selected = 0;
}

/* Single ones again: a key that asks for them from the sums shows them as they were. */
static void show_single(struct threads_panel *panel, bool tree, bool processes)
{
	panel->sums = THREADS_NO_SUMS;
	panel->tree = tree;
	panel->processes = processes;
}

/* Commands that change what is shown; false when it is none of them. */
static bool change(struct threads_panel *panel, enum command_id command)
{
	size_t selected = panel->cursor.selected;

	if (command == COMMAND_SORT || command == COMMAND_SORT_NEXT ||
	    command == COMMAND_SORT_PREVIOUS)
		sort_by_next(panel, command != COMMAND_SORT_PREVIOUS);
	else if (command == COMMAND_REVERSE)
		panel->ascending = !panel->ascending;
	else if (command == COMMAND_SUMS)
		show_sums(panel, (panel->sums + 1) % THREADS_SUMS);
	else if (command == COMMAND_TREE)
		show_single(panel, panel->sums || !panel->tree, panel->processes);
	else if (command == COMMAND_THREADS)
		show_single(panel, panel->tree, panel->sums ? panel->processes : !panel->processes);
	else if (command == COMMAND_USER)
		toggle_user(panel);
	else if (command == COMMAND_SEARCH)
		panel->prompt = THREADS_SEARCH;
	else if (command == COMMAND_FILTER)
		panel->prompt = THREADS_FILTER;
	else if (command == COMMAND_TAG && selected < panel->order_count)
		threads_tag(panel, threads_at(panel, selected));
	else
		return false;
	return true;
}

static enum view_answer threads_command(void *self, const struct view_context *context,
					enum command_id command, struct action *action)
{
	struct threads_panel *panel = self;

	/* Rows hold domains, and domains may have gone since the last draw. */
	threads_collect(panel, context->session);
	if (command == COMMAND_SIGNAL)
		return ask_signal(panel, action);
	if (table_cursor_move(&panel->cursor, (int)command, panel->order_count, panel->visible)) {
		threads_select(panel, command != COMMAND_FIRST);
		return VIEW_HANDLED;
	}
	if (!change(panel, command))
		return VIEW_IGNORED;
	if (command == COMMAND_TAG &&
	    table_cursor_move(&panel->cursor, COMMAND_DOWN, panel->order_count, panel->visible))
		threads_select(panel, true);
	return VIEW_HANDLED;
}

static void threads_typed(void *self, const struct view_context *context, const char *text,
			  bool done)
{
	struct threads_panel *panel = self;

	threads_collect(panel, context->session);
	if (panel->prompt == THREADS_FILTER) {
		text_print(panel->filter, sizeof(panel->filter), "%s", text);
	} else if (panel->prompt == THREADS_SEARCH) {
		bool again = done && !text[0];

		if (!again)
			text_print(panel->search, sizeof(panel->search), "%s", text);
		threads_find(panel, again);
	}
	if (done)
		panel->prompt = THREADS_NO_PROMPT;
}

static size_t why_series(const struct session *session, const struct domain *domain, char *out,
			 size_t size)
{
	const struct derive_power power = derive_power(session, domain, SPAN_NOW);
	const char *weight = books_weight(session);
	char age[UNIT_TEXT_SIZE];

	if (!power.series)
		return text_print(out, size, "no watts: %s\n",
				  weight && weight[0]
					  ? "it has not run since its package's meter last moved"
					  : "no package here has an energy source, see 8");
	if (power.gap)
		return text_print(out, size, "absent: %s\n", figure_gap(power.series, power.gap));
	return text_print(out, size, "%s, %s; interval closed %s ago\n", power.series->source,
			  quality_name(power.series->quality), figure_age(age, power.age_s));
}

static void threads_why(void *self, const struct view_context *context, char *out, size_t size)
{
	struct threads_panel *panel = self;
	const struct session *session = context->session;
	const char *named = NULL, *fit = books_fit(session);
	double idle_w = books_idle_w(session, &named);
	char weight[64];
	char watts[UNIT_TEXT_SIZE], joules[UNIT_TEXT_SIZE];
	const struct group_row *row;
	const char *sign;
	size_t used;

	threads_collect(panel, session);
	if (panel->cursor.selected >= panel->order_count) {
		text_print(out, size, "no thread is selected");
		return;
	}
	row = threads_at(panel, panel->cursor.selected);
	sign = row->quality == QUALITY_ESTIMATED ? "~" : "";
	used = text_print(out, size, "%s", row->name);
	if (row->domain)
		used += text_print(out + used, size - used, " (%d)",
				   row->tid ? row->tid : row->pid);
	used += text_print(out + used, size - used, ": %s%s now, %s%s since it is watched\n", sign,
			   unit_si(watts, row->power_w, "W"), sign,
			   unit_si(joules, row->energy_j, "J"));
	if (row->domain && row->domain->kind == DOMAIN_THREAD)
		used += why_series(session, row->domain, out + used, size - used);
	else
		used += text_print(out + used, size - used, "the sum of %zu %s\n", row->members,
				   row->domain ? "threads" : "processes");
	used += text_print(
		out + used, size - used,
		"a package's energy is closed when its meter moves: idle first, the rest by busy time between\n"
		"watched, others and unattributed; the watched part by %s\n",
		books_weight_text(session, weight, sizeof(weight))[0] ? weight : "nothing yet");
	if (fit[0])
		used += text_print(out + used, size - used, "model: %s\n", fit);
	if (isnan(idle_w))
		text_print(out + used, size - used,
			   "W+idle: the idle power is not known, it is in these watts");
	else
		text_print(out + used, size - used, "idle %s%s%s", unit_si(watts, idle_w, "W"),
			   named && named[0] ? ", " : "", named ? named : "");
}

static void threads_finish(void *self)
{
	struct threads_panel *panel = self;

	free(panel->rows);
	free(panel->order);
	free(panel->scratch);
	free(panel->tags);
}

const struct view view_threads = {
	.name = "threads",
	.title = "threads",
	.zoom = COMMAND_ZOOM_THREADS,
	.min_width = 30,
	.min_height = 2,
	.private_size = sizeof(struct threads_panel),
	.draw = threads_draw,
	.subtitle = threads_subtitle,
	.command = threads_command,
	.typed = threads_typed,
	.why = threads_why,
	.finish = threads_finish,
};
