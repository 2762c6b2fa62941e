/* SPDX-License-Identifier: Apache-2.0 */
/* A watch on this machine or on a made-up tree of processes, with its feed. */
#ifndef JOULETOP_TESTS_WATCHED_H
#define JOULETOP_TESTS_WATCHED_H

#include "measure/watch.h"

struct watched {
	char directory[256]; /* of a made-up tree */
	struct sysroot root;
	struct feed *feed;
	struct watch *watch;
	int64_t time_ns;
};

/* directory NULL: this machine. */
void watched_open(struct watched *stage, const char *directory, enum watch_scope scope, uid_t user);
void watched_close(struct watched *stage);

/* A refresh a tenth of a second later by the watch's clock. */
void watched_refresh(struct watched *stage);

/* NULL when it is not watched. */
const struct watch_thread *watched_thread(const struct watched *stage, pid_t tid);
const struct watch_process *watched_process(const struct watched *stage, pid_t pid);

/* How many threads are watched. */
size_t watched_count(const struct watched *stage);

/* A thread of a made-up tree. */
struct watched_made {
	pid_t pid, tid, parent;
	const char *name;
	char state;
	unsigned ticks, start;
	unsigned uid;
};

/* A stage on a tree of its own, which has no process yet; closing removes the tree. */
void watched_tree_open(struct watched *stage, enum watch_scope scope, uid_t user);
void watched_tree_close(struct watched *stage);

/* Writes the files of a thread, of its process too where it is the first; removes a folder of proc. */
void watched_make(const char *directory, const struct watched_made *made);
void watched_unmake(const char *directory, const char *path);

#endif
