/* SPDX-License-Identifier: Apache-2.0 */
/* Marks as they come: which phase they begin or end, and inside which other one it lies. */
#include "model/phase_private.h"
#include "model/session_private.h"

#include "base/memory.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW_NAME "window "

struct phases *phases_get(struct session *session)
{
	if (!session->phases)
		session->phases = memory_zeroed(1, sizeof(*session->phases));
	return session->phases;
}

void phases_destroy(struct phases *phases)
{
	if (!phases)
		return;
	for (int i = 0; i < phases->node_count; i++)
		free(phases->nodes[i]);
	for (int i = 0; i < phases->meter_count; i++)
		free(phases->meters[i]);
	free(phases->edges);
	free(phases);
}

/* "window 12" is the twelfth window begun by key; 0 = a name of the workload. */
static int window_number(const char *name)
{
	int64_t number;

	if (!text_starts_with(name, WINDOW_NAME) ||
	    text_to_i64(name + strlen(WINDOW_NAME), &number) < 0 || number < 1 || number > 1000000)
		return 0;
	return (int)number;
}

/* The place in the list of open phases of the innermost one with this name; -1 = none. */
static int find_open(const struct phases *phases, const char *name)
{
	int i = phases->open_count - 1;

	while (i >= 0 && strcmp(phases->nodes[phases->open[i]]->name, name) != 0)
		i--;
	return i;
}

/* True when a phase and all that it lies in are open. */
static bool is_within_open(const struct phases *phases, int index)
{
	while (index >= 0 && phases->nodes[index]->is_open)
		index = phases->nodes[index]->parent;
	return index < 0;
}

/* The phase that a new one lies in; -1 = none. Phases that overlap in turn (a loader and a computation) must not lie ever
 * deeper in each other. */
static int find_parent(const struct phases *phases, bool is_window)
{
	int i = phases->open_count - 1;

	while (i >= 0 && (phases->nodes[phases->open[i]]->is_window ||
			  !is_within_open(phases, phases->open[i])))
		i--;
	return is_window || i < 0 ? -1 : phases->open[i];
}

static int find_node(const struct phases *phases, const char *name, int parent)
{
	int i = 0;

	while (i < phases->node_count &&
	       (phases->nodes[i]->parent != parent || strcmp(phases->nodes[i]->name, name) != 0))
		i++;
	return i < phases->node_count ? i : -1;
}

static bool key_is_taken(const struct phases *phases, const char *key)
{
	for (int i = 0; i < phases->node_count; i++) {
		if (strcmp(phases->nodes[i]->key, key) == 0)
			return true;
	}
	return false;
}

/* The names from the outermost on; too long a path, or one that reads like another, ends in its number. */
static void make_key(const struct phases *phases, struct phase_node *node)
{
	const char *above = node->parent < 0 ? "phase" : phases->nodes[node->parent]->key;
	char path[2 * DOMAIN_KEY_SIZE];
	size_t length = text_print(path, sizeof(path), "%s/%s", above, node->name);

	text_print(node->key, sizeof(node->key), "%s", path);
	if (length < sizeof(node->key) && !key_is_taken(phases, node->key))
		return;
	text_print(node->key, sizeof(node->key), "%.*s#%d", (int)sizeof(node->key) - 8, path,
		   phases->node_count);
}

/* -1 when there are too many. */
static int add_node(struct phases *phases, const char *name, int parent, bool is_window)
{
	int depth = parent < 0 ? 0 : phases->nodes[parent]->depth + 1;
	struct phase_node *node;

	if (phases->node_count == PHASE_NAMES_MAX || depth >= PHASE_NESTING_MAX)
		return -1;
	node = memory_zeroed(1, sizeof(*node));
	text_print(node->name, sizeof(node->name), "%s", name);
	node->parent = parent;
	node->depth = depth;
	node->is_window = is_window;
	node->before_mc = node->after_mc = PHASE_UNKNOWN_UJ;
	make_key(phases, node);
	phases->nodes[phases->node_count] = node;
	return phases->node_count++;
}

/* Marks come in order but for those of a key: they are put where they belong in time. */
static void add_edge(struct phases *phases, int64_t time_ns, int index, bool is_begin)
{
	struct phase_node *node = phases->nodes[index];
	size_t place = phases->edge_count;

	if (time_ns < node->edge_ns)
		time_ns = node->edge_ns;
	node->edge_ns = time_ns;
	memory_reserve(&phases->edges, &phases->edge_capacity, phases->edge_count + 1,
		       sizeof(*phases->edges));
	while (place > 0 && phases->edges[place - 1].time_ns > time_ns)
		place--;
	memmove(&phases->edges[place + 1], &phases->edges[place],
		(phases->edge_count - place) * sizeof(*phases->edges));
	phases->edges[place] = (struct phase_edge){time_ns, (int16_t)index, is_begin};
	phases->edge_count++;
}

static int unit_index(struct phases *phases, const char *unit)
{
	for (int i = 0; i < phases->unit_count; i++) {
		if (strcmp(phases->units[i], unit) == 0)
			return i;
	}
	if (phases->unit_count == PHASE_UNITS_MAX)
		return -1;
	text_print(phases->units[phases->unit_count], sizeof(phases->units[0]), "%s", unit);
	return phases->unit_count++;
}

/* The work said so far: a mark comes after the work that was told before it. Added to or taken from the sums. */
static void count_work(struct phases *phases, const struct session *session,
		       struct phase_node *node, bool is_begin)
{
	size_t count;
	struct domain *const *works = session_kind(session, DOMAIN_WORK, &count);

	if (is_begin)
		memset(node->work_begin, 0, sizeof(node->work_begin));
	for (size_t i = 0; i < count && i < 4 * PHASE_UNITS_MAX; i++) {
		const struct series *series = domain_series(works[i], METRIC_WORK);
		const struct cell *cell = series ? series_cell(series, METRIC_WORK) : NULL;
		int unit = cell ? unit_index(phases, works[i]->name) : -1;

		if (unit >= 0 && is_begin)
			node->work_begin[unit] = cell->value;
		else if (unit >= 0 && cell->value > node->work_begin[unit])
			node->work[unit] =
				phases_add(node->work[unit], cell->value - node->work_begin[unit]);
	}
}

/* A begin that found no room: its end must not end another phase of that name. */
static void leave_out(struct phases *phases, const char *name)
{
	int free_row = -1;

	if (phases->left_out++ == 0)
		text_print(phases->left_out_example, sizeof(phases->left_out_example), "%s", name);
	for (int i = 0; i < PHASE_SKIPPED_MAX; i++) {
		if (phases->skipped[i].count == 0) {
			free_row = i;
		} else if (strcmp(phases->skipped[i].name, name) == 0) {
			phases->skipped[i].count++;
			return;
		}
	}
	if (free_row < 0)
		return;
	phases->skipped[free_row].count = 1;
	text_print(phases->skipped[free_row].name, sizeof(phases->skipped[0].name), "%s", name);
}

/* True when this is the end of a phase that was left out. */
static bool end_left_out(struct phases *phases, const char *name)
{
	for (int i = 0; i < PHASE_SKIPPED_MAX; i++) {
		if (phases->skipped[i].count > 0 && strcmp(phases->skipped[i].name, name) == 0) {
			phases->skipped[i].count--;
			return true;
		}
	}
	return false;
}

static void begin(struct phases *phases, const struct session *session, int64_t time_ns,
		  const char *name)
{
	int number = window_number(name);
	int parent = find_parent(phases, number > 0);
	int index = find_node(phases, name, parent);

	if (index < 0)
		index = add_node(phases, name, parent, number > 0);
	/* Each open phase has a place kept for its end. */
	if (index < 0 || phases->nodes[index]->is_open ||
	    phases->edge_count + (size_t)phases->open_count + 2 > PHASE_EDGES_MAX) {
		leave_out(phases, name);
		return;
	}
	if (number > phases->windows)
		phases->windows = number;
	phases->nodes[index]->is_open = true;
	phases->open[phases->open_count++] = index;
	count_work(phases, session, phases->nodes[index], true);
	add_edge(phases, time_ns, index, true);
}

static void end(struct phases *phases, const struct session *session, int64_t time_ns,
		const char *name)
{
	int place;

	if (end_left_out(phases, name))
		return;
	place = find_open(phases, name);
	if (place < 0) {
		if (phases->unbalanced++ == 0)
			text_print(phases->unbalanced_example, sizeof(phases->unbalanced_example),
				   "%s", name);
		return;
	}

	int index = phases->open[place];

	phases->open_count--;
	memmove(&phases->open[place], &phases->open[place + 1],
		(size_t)(phases->open_count - place) * sizeof(int));
	phases->nodes[index]->is_open = false;
	count_work(phases, session, phases->nodes[index], false);
	add_edge(phases, time_ns, index, false);
}

void phases_mark(struct session *session, int64_t time_ns, enum mark_verb verb, const char *name)
{
	if (time_ns < 0 || time_ns > SESSION_TIME_MAX_NS) {
		session->ignored++;
		return;
	}
	switch (verb) {
	case MARK_BEGIN: begin(phases_get(session), session, time_ns, name); break;
	case MARK_END: end(phases_get(session), session, time_ns, name); break;
	case MARK_NOTE: break;
	}
}

int phase_toggle_window(struct session *session, int64_t time_ns)
{
	struct phases *phases = phases_get(session);
	char name[32];

	for (int i = 0; i < phases->open_count; i++) {
		const struct phase_node *node = phases->nodes[phases->open[i]];
		int number = window_number(node->name);

		if (number == 0)
			continue;
		text_print(name, sizeof(name), "%s", node->name);
		session_mark(session, time_ns, MARK_END, name);
		return -number;
	}
	text_print(name, sizeof(name), WINDOW_NAME "%d", phases->windows + 1);
	session_mark(session, time_ns, MARK_BEGIN, name);
	return phases->windows;
}

/* What was wrong, once a tick. */
static void say_what_was_wrong(struct phases *phases, struct session *session)
{
	char text[256];

	if (phases->unbalanced > 0) {
		text_print(text, sizeof(text),
			   "phases: %" PRIu64 " ends without a begin, as of '%s'",
			   phases->unbalanced, phases->unbalanced_example);
		session_note(session, session->now_ns, NOTE_WARN, "", text);
	}
	if (phases->left_out > 0) {
		text_print(text, sizeof(text),
			   "phases: %" PRIu64
			   " left out, as '%s': more than %d names, %d deep or %d "
			   "marks between two readings",
			   phases->left_out, phases->left_out_example, PHASE_NAMES_MAX,
			   PHASE_NESTING_MAX, PHASE_EDGES_MAX);
		session_note(session, session->now_ns, NOTE_WARN, "", text);
	}
	if (phases->meters_left_out > 0)
		session_note(
			session, session->now_ns, NOTE_WARN, "",
			"phases: more devices than they can tell apart; their energy is not known");
	phases->unbalanced = phases->left_out = phases->meters_left_out = 0;
}

/* A unit that nobody had told of when the open phases began: they had none of it then. */
static void learn_units(struct phases *phases, const struct session *session)
{
	size_t count;
	struct domain *const *works = session_kind(session, DOMAIN_WORK, &count);

	for (size_t i = 0; i < count && phases->unit_count < PHASE_UNITS_MAX; i++)
		unit_index(phases, works[i]->name);
}

void phase_tick(struct session *session, bool last)
{
	struct phases *phases = session->phases;

	/* Without a mark there is nothing to measure. */
	if (!phases)
		return;
	learn_units(phases, session);
	phases_read_meters(phases, session);
	phases_settle(phases, session, last);
	/* A recording has both already. */
	if (session_meta_get(session, PHASE_REPLAY_KEY))
		return;
	phases_publish(phases, session);
	say_what_was_wrong(phases, session);
}

void phase_listen(struct session *session,
		  void (*ended)(void *user, const struct phase_repetition *repetition), void *user)
{
	struct phases *phases = phases_get(session);

	phases->ended = ended;
	phases->user = user;
}
