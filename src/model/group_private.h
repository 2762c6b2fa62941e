/* SPDX-License-Identifier: Apache-2.0 */
/* What group.c and group_tree.c share. */
#ifndef JOULETOP_GROUP_PRIVATE_H
#define JOULETOP_GROUP_PRIVATE_H

#include "model/derive.h"
#include "model/group.h"

/* The caller's rows being filled. */
struct group_list {
	struct group_row **rows;
	size_t *capacity;
	size_t count;
};

/* A new row at the end; the pointer lasts until the next one. */
struct group_row *group_append(struct group_list *list);

/* The row of one thread, and of one process with the sums over its threads. */
void group_thread(const struct session *session, struct group_row *row,
		  const struct domain *thread);
void group_process(const struct session *session, struct group_row *row,
		   const struct domain *process);

/* Processes below their parents, each with its threads. */
void group_tree(const struct session *session, struct group_list *list);

#endif
