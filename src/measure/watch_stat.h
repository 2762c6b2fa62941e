/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel's texts about a process or thread say. Pure. */
#ifndef JOULETOP_WATCH_STAT_H
#define JOULETOP_WATCH_STAT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define WATCH_STAT_TEXT_SIZE 1024

/* The fields of "stat" that the watch needs. */
struct watch_stat {
	pid_t pid, parent;
	char name[64];
	char state;	      /* 'R', 'S', 'Z'... */
	bool kernel;	      /* kernel thread */
	int64_t busy_ns;      /* user + system, in steps of a clock tick */
	uint64_t threads;     /* of its process */
	uint64_t start_ticks; /* after boot */
	int cpu;	      /* -1 = not said */
};

/* Takes the text of "stat". 0 or -EINVAL. */
int watch_stat_parse(const char *text, struct watch_stat *stat);

/* True for a task that has ended and only waits to be reaped. */
bool watch_stat_is_dead(const struct watch_stat *stat);

/* Takes the text of "schedstat": CPU time in ns. 0 or -EINVAL. */
int watch_schedstat_parse(const char *text, int64_t *busy_ns);

/* False when all is zero: what a kernel writes that has the file but keeps no account, and a task that never ran. */
bool watch_schedstat_is_kept(const char *text);

/* Finds "Tgid:" and the real "Uid:" in the text of "status". 0 or -EINVAL. */
int watch_status_parse(const char *text, pid_t *leader, uid_t *uid);

#endif
