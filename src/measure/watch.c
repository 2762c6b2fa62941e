/* SPDX-License-Identifier: Apache-2.0 */
/* The set of watched threads: what it is made of, and what happens to it in one refresh. */
#include "measure/watch.h"

#include "base/clock.h"
#include "base/memory.h"
#include "measure/watch_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define LISTED_AT_FIRST	 4096		/* processes of a machine that is not large */
#define LOOK_PERIOD_NS	 CLOCK_NS_PER_S /* how often a still process is asked whether it lives */
#define LOOKS_PER_PERIOD 256		/* with more processes than this the period grows */

static uint64_t ticks_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	uint64_t per_second = (uint64_t)sysconf(_SC_CLK_TCK);

	return (uint64_t)now.tv_sec * per_second +
	       (uint64_t)now.tv_nsec * per_second / (uint64_t)CLOCK_NS_PER_S;
}

struct watch *watch_create(const struct sysroot *root, enum watch_scope scope, uid_t user)
{
	struct watch *watch = memory_zeroed(1, sizeof(*watch));

	watch->root = root;
	watch->scope = scope;
	watch->user = user;
	watch->first = true;
	watch->bell_fd = -1;
	watch->newest_pid = -1;
	watch->names = memory_zeroed(WATCH_NAMES_SIZE, 1);
	/* Processes come and go all the time: the lists of them have room beforehand, and no tick has to make it. */
	memory_reserve(&watch->seen, &watch->seen_capacity, LISTED_AT_FIRST, sizeof(*watch->seen));
	memory_reserve(&watch->listing, &watch->listing_capacity, LISTED_AT_FIRST,
		       sizeof(*watch->listing));
	memory_reserve(&watch->strays, &watch->stray_capacity, LISTED_AT_FIRST,
		       sizeof(*watch->strays));
	if (!root->recorded) {
		watch->self = getpid();
		watch->created_ticks = ticks_now();
		watch_add(watch, watch->self, NULL);
	}
	return watch;
}

void watch_destroy(struct watch *watch)
{
	if (!watch)
		return;
	for (size_t i = 0; i < watch->slot_count; i++) {
		if (watch->slots[i].fd >= 0)
			close(watch->slots[i].fd);
	}
	for (size_t i = 0; i < watch->process_count; i++) {
		if (watch->entries[i].task_fd >= 0)
			close(watch->entries[i].task_fd);
	}
	if (watch->bell_fd >= 0)
		close(watch->bell_fd);
	watch_map_finish(&watch->by_tid);
	watch_map_finish(&watch->by_pid);
	free(watch->threads);
	free(watch->died);
	free(watch->slots);
	free(watch->free_slots);
	free(watch->processes);
	free(watch->entries);
	free(watch->died_processes);
	free(watch->free_processes);
	free(watch->seeds);
	free(watch->seen);
	free(watch->listing);
	free(watch->strays);
	free(watch->names);
	free(watch);
}

int watch_read_stat(const struct watch *watch, pid_t pid, pid_t tid, struct watch_stat *stat)
{
	char path[WATCH_PATH_SIZE], text[WATCH_STAT_TEXT_SIZE];

	if (tid)
		snprintf(path, sizeof(path), "%d/task/%d/stat", pid, tid);
	else
		snprintf(path, sizeof(path), "%d/stat", pid);
	ssize_t length = sysroot_read(watch->root, SYSROOT_PROC, path, text, sizeof(text));

	return length < 0 ? (int)length : watch_stat_parse(text, stat);
}

/* A thread's number is taken for its process. */
static int find_leader(const struct watch *watch, pid_t pid, pid_t *leader)
{
	char path[WATCH_PATH_SIZE], text[4096];
	uid_t uid;

	snprintf(path, sizeof(path), "%d/status", pid);
	ssize_t length = sysroot_read(watch->root, SYSROOT_PROC, path, text, sizeof(text));

	return length < 0 ? (int)length : watch_status_parse(text, leader, &uid);
}

int watch_add(struct watch *watch, pid_t pid, struct error *err)
{
	struct watch_stat stat;
	pid_t leader = pid;
	int code = pid <= 0 || watch->root->tree_fd[SYSROOT_PROC] < 0
			   ? -ESRCH
			   : find_leader(watch, pid, &leader);

	if (code == 0)
		code = watch_read_stat(watch, leader, 0, &stat);
	if (code == 0 && watch_stat_is_dead(&stat))
		code = -ESRCH;
	if (code == -EACCES || code == -EPERM)
		return error_set(err, EACCES,
				 "process %d may not be looked at: it belongs to another user",
				 pid);
	if (code < 0)
		return error_set(err, ESRCH, "there is no process %d", pid);
	memory_reserve(&watch->seeds, &watch->seed_capacity, watch->seed_count + 1,
		       sizeof(*watch->seeds));
	watch->seeds[watch->seed_count++] =
		(struct watch_seed){.pid = leader, .start_ticks = stat.start_ticks};
	return 0;
}

/* A zombie has threads as long as nobody reaps it, and they stand still: only its state tells. */
static void bury_zombie(struct watch *watch, size_t index)
{
	struct watch_process *process = &watch->processes[index];
	struct watch_stat stat;
	uint32_t slot;

	watch->entries[index].looked_ns = watch->time_ns;
	if (process->kernel || watch_read_stat(watch, process->pid, process->pid, &stat) < 0 ||
	    !watch_stat_is_dead(&stat) || !watch_map_get(&watch->by_tid, process->pid, &slot) ||
	    watch->threads[watch->slots[slot].index].process != index)
		return;
	watch_thread_died(watch, watch->slots[slot].index);
	watch->entries[index].leader_ended = true;
}

static bool is_over(struct watch *watch, size_t index)
{
	/* Threads that nobody has met yet may go on when the first one has ended. */
	if (watch->processes[index].threads == 0 && watch->entries[index].leader_ended)
		watch_scan_process(watch, index);
	/* Beyond the bound a process may live without a thread of it being watched. */
	return watch->processes[index].threads == 0 && watch->entries[index].left_out == 0;
}

static void bury_processes(struct watch *watch)
{
	int64_t period_ns = LOOK_PERIOD_NS * (int64_t)(1 + watch->by_pid.count / LOOKS_PER_PERIOD);

	for (size_t i = 0; i < watch->process_count; i++) {
		if (watch->processes[i].pid == 0)
			continue;
		if (watch->processes[i].threads > 0 &&
		    (watch->root->recorded ||
		     watch->time_ns - watch->entries[i].looked_ns >= period_ns))
			bury_zombie(watch, i);
		if (is_over(watch, i))
			watch_process_died(watch, i);
	}
}

/* What died at the last refresh may now be used anew. */
static void begin(struct watch *watch, struct feed *feed, int64_t time_ns)
{
	watch->feed = feed;
	watch->time_ns = time_ns;
	for (size_t i = 0; i < watch->died_count; i++)
		watch->free_slots[watch->free_count++] = (uint32_t)watch->died[i].slot;
	watch->died_count = 0;
	for (size_t i = 0; i < watch->died_process_count; i++)
		watch->free_processes[watch->free_process_count++] = watch->died_processes[i];
	watch->died_process_count = 0;
}

int watch_refresh(struct watch *watch, struct feed *feed, int64_t time_ns)
{
	begin(watch, feed, time_ns);
	if (watch->root->tree_fd[SYSROOT_PROC] < 0)
		return 0;
	if (watch->first)
		watch_busy_init(watch);
	watch_listen(watch);
	watch_plan(watch);
	watch_busy_read(watch);
	if (watch_plan_rest(watch))
		watch_busy_read_rest(watch);
	watch_plan_done(watch);
	/* Before the scans: a pid that is found again is then another process. */
	bury_processes(watch);
	watch_scan_tasks(watch);
	watch_scan_processes(watch);
	watch->first = false;
	return 0;
}

const struct watch_thread *watch_threads(const struct watch *watch, size_t *count)
{
	*count = watch->thread_count;
	return watch->threads;
}

const struct watch_process *watch_processes(const struct watch *watch, size_t *count)
{
	*count = watch->process_count;
	return watch->processes;
}

const struct watch_thread *watch_died(const struct watch *watch, size_t *count)
{
	*count = watch->died_count;
	return watch->died;
}

size_t watch_slots(const struct watch *watch)
{
	return watch->slot_count;
}

size_t watch_left_out(const struct watch *watch)
{
	return watch->left_threads + watch->left_processes;
}

enum watch_scope watch_scope(const struct watch *watch)
{
	return watch->scope;
}
