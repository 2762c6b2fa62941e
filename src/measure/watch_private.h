/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the watch, shared by its own files only: watch_lists.c keeps the lists, watch_scan.c finds what is new,
 * watch_plan.c spares what sleeps, watch_busy.c reads CPU times. */
#ifndef JOULETOP_WATCH_PRIVATE_H
#define JOULETOP_WATCH_PRIVATE_H

#include "measure/watch.h"
#include "measure/watch_map.h"
#include "measure/watch_stat.h"

#define WATCH_PATH_SIZE	 48
#define WATCH_NAMES_SIZE 32768 /* of directory entries read at once */

/* What the watch knows about a thread beside watch_thread; by slot. */
struct watch_slot {
	uint32_t index;	     /* into threads; UINT32_MAX = free */
	int fd;		     /* its account, kept open; -1 = opened for each reading */
	int64_t raw_ns;	     /* as last read */
	int64_t moved_ns;    /* when it was last seen to have run */
	int64_t cpu_time_ns; /* when its CPU was last looked up */
};

/* Which threads of a process are read at a refresh. */
enum watch_reading {
	WATCH_READ_NONE,   /* the process has not run */
	WATCH_READ_ACTIVE, /* those that ran lately */
	WATCH_READ_REST,   /* the others too: those that ran lately do not explain its CPU time */
	WATCH_READ_ALL,
};

/* What the watch knows about a process beside watch_process; by its index. */
struct watch_entry {
	int task_fd;	  /* its directory of threads, kept open; -1 = opened for each scan */
	size_t tasks;	  /* threads the kernel counts, as of this refresh; SIZE_MAX = unknown */
	int64_t clock_ns; /* CPU time of the whole process; -1 = unknown */
	int64_t sum_ns;	  /* CPU time of its watched threads */
	int64_t rest_ns; /* what the process had used beside them when all were read: threads that ended */
	int64_t all_ns; /* when all its threads were last read; 0 = never */
	enum watch_reading reading;
	size_t left_out;   /* threads beyond the bound */
	int64_t looked_ns; /* when it last moved or its state was looked at */
	bool seeded;	   /* a seed or begun by one: its children are watched */
	bool leader_ended; /* the first thread has ended before the others and stays as a zombie */
};

/* A pid that has been looked at, watched or not. */
struct watch_seen {
	pid_t pid;
	bool left_out; /* in scope, but beyond the bound */
};

struct watch_seed {
	pid_t pid;
	uint64_t start_ticks;
};

/* A new process whose parent may yet turn out to be watched. */
struct watch_stray {
	pid_t pid, parent;
};

struct watch {
	const struct sysroot *root;
	enum watch_scope scope;
	uid_t user;
	pid_t self;		/* 0 under a recorded root */
	uint64_t created_ticks; /* after boot; what began then or later was born under watch */
	bool keeps_account;	/* "schedstat" can be trusted */
	bool same_pids; /* the files are the kernel's own and number processes as system calls do */
	int64_t cpu_period_ns; /* how often a thread's CPU is looked up */
	size_t fd_budget, fd_used;
	size_t fd_hand; /* slot at which the search for a descriptor to take away goes on */

	/* The refresh under way. */
	struct feed *feed;
	int64_t time_ns;
	bool first;

	/* The doorbell: the number of the newest pid, where the kernel says it (-1 = not). */
	int bell_fd;
	int64_t newest_pid;
	int64_t fresh_count;   /* of the pids up to newest_pid: given out since the last refresh */
	bool wrapped;	       /* pids have begun anew: old ones may be others now */
	int64_t rung_ns;       /* when all was last looked at, bell or not */
	int64_t scan_after_ns; /* no scan for processes before */
	bool scan_owed;
	int64_t forget_ns; /* when the refused are looked at again */

	struct watch_thread *threads;
	size_t thread_count, thread_capacity;
	struct watch_thread *died;
	size_t died_count, died_capacity;
	struct watch_slot *slots;
	size_t slot_count, slot_capacity;
	uint32_t *free_slots;
	size_t free_count, free_capacity;
	struct watch_map by_tid; /* slots */

	struct watch_process *processes;
	size_t process_count, process_capacity; /* one past the last used */
	struct watch_entry *entries;
	size_t entry_capacity;
	uint32_t *died_processes; /* indices that died at this refresh */
	size_t died_process_count, died_process_capacity;
	uint32_t *free_processes;
	size_t free_process_count, free_process_capacity;
	struct watch_map by_pid; /* process indices */
	size_t left_threads, left_processes;

	struct watch_seed *seeds;
	size_t seed_count, seed_capacity;
	struct watch_seen *seen,
		*listing; /* of the last scan, and of the one under way; sorted by pid */
	size_t seen_count, seen_capacity, listing_count, listing_capacity;
	struct watch_stray *strays;
	size_t stray_count, stray_capacity;
	char *names; /* WATCH_NAMES_SIZE */
};

/* watch.c */

/* Reads and parses "stat" of a process (tid 0: the whole process) or thread. 0 or -errno. */
int watch_read_stat(const struct watch *watch, pid_t pid, pid_t tid, struct watch_stat *stat);

/* watch_lists.c: the lists. */

/* Adds a process that is not in the list and is in scope, without its threads. Its index, or -ENOSPC beyond the bound. */
int watch_process_born(struct watch *watch, const struct watch_stat *stat, uid_t uid, bool seeded);

/* Adds a thread whose account has been opened and read. -ENOSPC beyond the bound. */
int watch_thread_born(struct watch *watch, size_t process, const struct watch_stat *stat);

/* Takes the thread out of the list; the last one takes its place. Its process may be left without threads. */
void watch_thread_died(struct watch *watch, size_t index);

/* Takes a process without threads out of the list; its index may be used anew from the next refresh on. */
void watch_process_died(struct watch *watch, size_t index);

/* True when all threads that the kernel counts are watched; false also when their number is not known. */
bool watch_process_is_complete(const struct watch *watch, size_t process);

/* watch_scan.c: what is new. */

/* Notes when something may have been born since the last refresh, or a second has passed. */
void watch_listen(struct watch *watch);

/* Adds new threads of those processes whose count of threads says so. */
void watch_scan_tasks(struct watch *watch);

/* Adds new threads of one process. */
void watch_scan_process(struct watch *watch, size_t process);

/* Adds new processes in scope, with their threads. */
void watch_scan_processes(struct watch *watch);

/* watch_plan.c: what need not be read. */

/* Decides for each process which of its threads are read, and asks how many it has. */
void watch_plan(struct watch *watch);

/* Finds the processes whose CPU time is not explained yet; false when there are none. */
bool watch_plan_rest(struct watch *watch);

/* Takes note where all threads have been read. */
void watch_plan_done(struct watch *watch);

/* watch_busy.c: CPU times. */

/* Decides how accounts are read and how many descriptors may be kept. */
void watch_busy_init(struct watch *watch);

/* Opens a new thread's account and reads it for the first time. 0 or -errno. */
int watch_busy_begin(struct watch *watch, struct watch_thread *thread,
		     const struct watch_stat *stat);
void watch_busy_end(struct watch *watch, struct watch_slot *slot);

/* Reads accounts as planned, and then the rest; takes out the threads that have died. */
void watch_busy_read(struct watch *watch);
void watch_busy_read_rest(struct watch *watch);

#endif
