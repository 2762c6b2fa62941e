/* SPDX-License-Identifier: Apache-2.0 */
/* The set of watched threads, refreshed once a tick before the probes run. Owned by the sampler; probes see it const. */
#ifndef JOULETOP_WATCH_H
#define JOULETOP_WATCH_H

#include "base/error.h"
#include "measure/sysroot.h"
#include "model/feed.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define WATCH_THREADS_MAX   16384
#define WATCH_PROCESSES_MAX 4096

enum watch_scope {
	WATCH_PIDS, /* the seeds and what they fork */
	WATCH_USER, /* all processes of a user */
	WATCH_ALL,  /* every process of the machine */
};

struct watch_process {
	pid_t pid, parent;
	uint64_t start_ticks; /* after boot */
	uint32_t domain;      /* in the sampler's feed */
	uid_t uid;
	bool self;	/* jouletop */
	bool kernel;	/* kernel thread */
	size_t threads; /* watched now */
};

struct watch_thread {
	pid_t tid;
	size_t process; /* index into processes (stable while it lives) */
	uint64_t start_ticks;
	uint32_t domain; /* in the sampler's feed */
	size_t slot; /* small stable number, reused after death: probes index their own arrays by it */
	int64_t busy_ns;       /* CPU time so far, as the kernel says */
	int64_t busy_delta_ns; /* since the last refresh */
	int cpu;	       /* where last seen, -1 unknown */
	bool changed;	       /* busy_ns moved at this refresh */
	bool born;	       /* first refresh that saw it */
	bool born_under_watch; /* it began after the watch did: counters count from 0 */
};

struct watch;

/* Creates a watch; `always` lists pids that are watched in any scope (jouletop itself first). */
struct watch *watch_create(const struct sysroot *root, enum watch_scope scope, uid_t user);
void watch_destroy(struct watch *watch);

/* Adds a seed. 0, or -ESRCH, -EACCES with *err. Before the first refresh, by the thread that owns the watch. */
int watch_add(struct watch *watch, pid_t pid, struct error *err);

/* Looks again: announces born and retires dead processes and threads in the feed, reads CPU times. 0 or -errno. */
int watch_refresh(struct watch *watch, struct feed *feed, int64_t time_ns);

/* The living threads (dense array), the processes (indexed by watch_thread.process; dead ones have pid 0). */
const struct watch_thread *watch_threads(const struct watch *watch, size_t *count);
const struct watch_process *watch_processes(const struct watch *watch, size_t *count);

/* Threads that died at this refresh; their slots may be reused from the next refresh on. */
const struct watch_thread *watch_died(const struct watch *watch, size_t *count);

/* One past the largest slot in use so far. */
size_t watch_slots(const struct watch *watch);

/* Threads and processes that exist in scope but are beyond the bounds. */
size_t watch_left_out(const struct watch *watch);

enum watch_scope watch_scope(const struct watch *watch);

#endif
