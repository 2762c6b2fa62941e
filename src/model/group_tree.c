/* SPDX-License-Identifier: Apache-2.0 */
/* Processes below their parents, in tree order, each with its threads. */
#include "model/group_private.h"

#include "base/memory.h"
#include "base/text.h"

#include <limits.h>
#include <stdlib.h>

/* Links are places in the array of all nodes, which is sorted by pid; NONE ends a list. */
#define NONE SIZE_MAX

struct node {
	const struct domain *process;
	int pid;
	size_t parent, first_child, next_sibling;
};

static int compare_pid(const void *left, const void *right)
{
	const struct node *a = left, *b = right;

	return (a->pid > b->pid) - (a->pid < b->pid);
}

static int parent_pid(const struct domain *process)
{
	const char *text = domain_label(process, "parent");
	int64_t pid;

	return text && text_to_i64(text, &pid) == 0 && pid > 0 && pid <= INT_MAX ? (int)pid : 0;
}

static struct node *make_nodes(struct domain *const *processes, size_t count)
{
	struct node *nodes = memory_zeroed(count, sizeof(*nodes));

	for (size_t i = 0; i < count; i++) {
		uint64_t start_ticks;
		int tid;

		nodes[i].process = processes[i];
		nodes[i].parent = nodes[i].first_child = nodes[i].next_sibling = NONE;
		domain_key_parse(processes[i]->key, &nodes[i].pid, &tid, &start_ticks);
	}
	qsort(nodes, count, sizeof(*nodes), compare_pid);
	return nodes;
}

/* A recording may say that two processes are each other's parents. */
static bool would_close_a_ring(const struct node *nodes, size_t child, size_t parent)
{
	for (; parent != NONE; parent = nodes[parent].parent) {
		if (parent == child)
			return true;
	}
	return false;
}

/* From the last to the first, each put before its siblings: children stand in order of pid. */
static void link_nodes(struct node *nodes, size_t count)
{
	for (size_t i = count; i-- > 0;) {
		struct node key = {.pid = parent_pid(nodes[i].process)};
		const struct node *found = bsearch(&key, nodes, count, sizeof(*nodes), compare_pid);
		size_t parent = found ? (size_t)(found - nodes) : NONE;

		if (parent == NONE || would_close_a_ring(nodes, i, parent))
			continue;
		nodes[i].parent = parent;
		nodes[i].next_sibling = nodes[parent].first_child;
		nodes[parent].first_child = i;
	}
}

static void list_process(const struct session *session, struct group_list *list,
			 const struct domain *process, int depth)
{
	struct group_row *row = group_append(list);

	group_process(session, row, process);
	row->depth = depth;
	for (const struct domain *child = process->first_child; child;
	     child = child->next_sibling) {
		if (!child->alive || child->kind != DOMAIN_THREAD)
			continue;
		row = group_append(list);
		group_thread(session, row, child);
		row->depth = depth + 1;
	}
}

/* The node after `at` in tree order below its root; NONE at the end. No recursion: a recording may be deep. */
static size_t next_node(const struct node *nodes, size_t at, int *depth)
{
	if (nodes[at].first_child != NONE) {
		++*depth;
		return nodes[at].first_child;
	}
	while (nodes[at].parent != NONE && nodes[at].next_sibling == NONE) {
		--*depth;
		at = nodes[at].parent;
	}
	return nodes[at].next_sibling;
}

void group_tree(const struct session *session, struct group_list *list)
{
	size_t count;
	struct domain *const *processes = session_kind(session, DOMAIN_PROCESS, &count);
	struct node *nodes = make_nodes(processes, count);

	link_nodes(nodes, count);
	for (size_t i = 0; i < count; i++) {
		int depth = 0;

		if (nodes[i].parent != NONE)
			continue;
		for (size_t at = i; at != NONE; at = next_node(nodes, at, &depth))
			list_process(session, list, nodes[at].process, depth);
	}
	free(nodes);
}
