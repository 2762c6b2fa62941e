/* SPDX-License-Identifier: Apache-2.0 */
/* Finds new processes and threads, and looks only when something was born: the newest pid tells of processes, the links of
 * its directory how many threads a process has. */
#include "measure/watch_private.h"

#include "base/clock.h"
#include "base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOOK_PERIOD_NS CLOCK_NS_PER_S /* all is looked at this often, bell or not */
#define FORGET_PERIOD_NS \
	(10 * CLOCK_NS_PER_S) /* what was refused may have changed its user by then */
#define FRESH_MAX  128	      /* so many new pids are looked at one by one, without a scan */
#define SCAN_SHARE 250	      /* the scan for processes may use one part in so many of a CPU */

/* The last number in "0.09 0.03 0.01 2/96 11318": the newest pid. -1 = unknown. */
static int64_t read_newest_pid(const struct watch *watch)
{
	char text[128];

	if (watch->bell_fd < 0)
		return -1;
	ssize_t length = watch->root->read_at(watch->bell_fd, text, sizeof(text) - 1, 0);

	if (length <= 0)
		return -1;
	text[length] = '\0';
	const char *last = strrchr(text, ' ');
	char *end;

	if (!last)
		return -1;
	long newest = strtol(last + 1, &end, 10);

	return end != last + 1 && newest > 0 ? newest : -1;
}

void watch_listen(struct watch *watch)
{
	if (watch->first && watch->same_pids)
		watch->bell_fd = sysroot_file_open(watch->root, SYSROOT_PROC, "loadavg");
	int64_t newest = read_newest_pid(watch);

	int64_t given_out = newest - watch->newest_pid;

	watch->wrapped = given_out < 0;
	watch->fresh_count = 0;
	if (watch->newest_pid > 0 && given_out > 0 && given_out <= FRESH_MAX)
		watch->fresh_count = given_out;
	else if (newest < 0 || given_out != 0)
		watch->scan_owed = true;
	if (watch->time_ns - watch->rung_ns >= LOOK_PERIOD_NS)
		watch->scan_owed = true;
	if (watch->scan_owed)
		watch->rung_ns = watch->time_ns;
	watch->newest_pid = newest;
}

static int task_directory(const struct watch *watch, size_t process)
{
	char path[WATCH_PATH_SIZE];

	snprintf(path, sizeof(path), "%d/task", watch->processes[process].pid);
	return sysroot_file_open(watch->root, SYSROOT_PROC, path);
}

static pid_t to_pid(const char *name)
{
	int64_t pid = 0;

	for (; *name >= '0' && *name <= '9' && pid <= INT32_MAX; name++)
		pid = pid * 10 + (*name - '0');
	return *name == '\0' && pid <= INT32_MAX ? (pid_t)pid : 0;
}

/* Calls visit with each number among a directory's names, without asking for more than the names. 0 or -errno. */
static int each_pid(struct watch *watch, int fd,
		    void (*visit)(struct watch *watch, pid_t pid, size_t user), size_t user)
{
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	for (;;) {
		long length = syscall(SYS_getdents64, fd, watch->names, WATCH_NAMES_SIZE);

		if (length < 0)
			return -errno;
		if (length == 0)
			return 0;
		for (long at = 0; at < length;) {
			const struct dirent64 *entry = (const void *)(watch->names + at);
			pid_t pid = to_pid(entry->d_name);

			at += entry->d_reclen;
			if (pid > 0)
				visit(watch, pid, user);
		}
	}
}

static void meet_task(struct watch *watch, pid_t tid, size_t process)
{
	struct watch_process *owner = &watch->processes[process];
	struct watch_entry *entry = &watch->entries[process];
	struct watch_stat stat;
	uint32_t slot;

	if (watch_map_get(&watch->by_tid, tid, &slot) ||
	    watch_read_stat(watch, owner->pid, tid, &stat) < 0)
		return;
	/* Another thread's exec brings an ended first thread back to life. */
	if (tid == owner->pid)
		entry->leader_ended = watch_stat_is_dead(&stat);
	if (watch_stat_is_dead(&stat))
		return;
	if (watch_thread_born(watch, process, &stat) == -ENOSPC)
		entry->left_out++;
}

void watch_scan_process(struct watch *watch, size_t process)
{
	struct watch_entry *entry = &watch->entries[process];
	int fd = entry->task_fd >= 0 ? entry->task_fd : task_directory(watch, process);

	watch->left_threads -= entry->left_out;
	entry->left_out = 0;
	if (fd < 0)
		return;
	each_pid(watch, fd, meet_task, process);
	watch->left_threads += entry->left_out;
	if (entry->task_fd >= 0)
		return;
	if (watch->fd_used < watch->fd_budget) {
		entry->task_fd = fd;
		watch->fd_used++;
	} else {
		close(fd);
	}
}

void watch_scan_tasks(struct watch *watch)
{
	for (size_t i = 0; i < watch->process_count; i++) {
		/* Kernel threads have no threads beside them. */
		if (watch->processes[i].pid != 0 && !watch->processes[i].kernel &&
		    watch->entries[i].reading != WATCH_READ_NONE &&
		    !watch_process_is_complete(watch, i))
			watch_scan_process(watch, i);
	}
}

static void list_pid(struct watch *watch, pid_t pid, size_t unused)
{
	(void)unused;
	memory_reserve(&watch->listing, &watch->listing_capacity, watch->listing_count + 1,
		       sizeof(*watch->listing));
	watch->listing[watch->listing_count++] = (struct watch_seen){.pid = pid};
}

static int by_pid(const void *left, const void *right)
{
	pid_t a = ((const struct watch_seen *)left)->pid,
	      b = ((const struct watch_seen *)right)->pid;

	return (a > b) - (a < b);
}

/* The kernel lists pids in order; only a recorded tree needs sorting. */
static void sort_listing(struct watch *watch)
{
	for (size_t i = 1; i < watch->listing_count; i++) {
		if (watch->listing[i].pid < watch->listing[i - 1].pid) {
			qsort(watch->listing, watch->listing_count, sizeof(*watch->listing),
			      by_pid);
			return;
		}
	}
}

static uid_t read_uid(const struct watch *watch, pid_t pid)
{
	char path[WATCH_PATH_SIZE], text[4096];
	pid_t leader;
	uid_t uid;

	snprintf(path, sizeof(path), "%d/status", pid);
	if (sysroot_read(watch->root, SYSROOT_PROC, path, text, sizeof(text)) < 0 ||
	    watch_status_parse(text, &leader, &uid) < 0)
		return (uid_t)-1;
	return uid;
}

static bool is_seed(const struct watch *watch, const struct watch_stat *stat)
{
	for (size_t i = 0; i < watch->seed_count; i++) {
		if (watch->seeds[i].pid == stat->pid &&
		    watch->seeds[i].start_ticks == stat->start_ticks)
			return true;
	}
	return false;
}

enum verdict { REFUSED, ADOPTED, LEFT_OUT, STRAY };

/* Looks at a process for the first time and takes it in if it is in scope. */
static enum verdict judge(struct watch *watch, pid_t pid)
{
	struct watch_stat stat;
	uint32_t parent;

	/* Where the first thread has ended, others may go on. */
	if (watch_read_stat(watch, pid, 0, &stat) < 0 ||
	    (watch_stat_is_dead(&stat) && stat.threads <= 1))
		return REFUSED;
	bool seeded = (watch_map_get(&watch->by_pid, stat.parent, &parent) &&
		       watch->entries[parent].seeded) ||
		      is_seed(watch, &stat);
	bool inside = seeded || watch->scope == WATCH_ALL;
	uid_t uid = inside || watch->scope == WATCH_USER ? read_uid(watch, pid) : 0;

	if (!inside && !(watch->scope == WATCH_USER && uid == watch->user)) {
		memory_reserve(&watch->strays, &watch->stray_capacity, watch->stray_count + 1,
			       sizeof(*watch->strays));
		watch->strays[watch->stray_count++] =
			(struct watch_stray){.pid = pid, .parent = stat.parent};
		return STRAY;
	}
	int index = watch_process_born(watch, &stat, uid, seeded);

	if (index < 0)
		return LEFT_OUT;
	watch_scan_process(watch, (size_t)index);
	return ADOPTED;
}

/* A child may come before its parent in the list; goes round until no stray finds a home. */
static void adopt_strays(struct watch *watch)
{
	size_t at = 0;

	while (at < watch->stray_count) {
		struct watch_stray stray = watch->strays[at];
		uint32_t parent;

		if (!watch_map_get(&watch->by_pid, stray.parent, &parent) ||
		    !watch->entries[parent].seeded) {
			at++;
			continue;
		}
		watch->strays[at] = watch->strays[--watch->stray_count];
		/* Judged anew: by now it may have another parent, and is a stray again. */
		if (judge(watch, stray.pid) == ADOPTED)
			at = 0;
	}
	watch->stray_count = 0;
}

/* Goes through the new list beside the old one: what stands in both has been judged before. */
static void judge_listing(struct watch *watch)
{
	size_t old = 0;

	watch->left_processes = 0;
	for (size_t i = 0; i < watch->listing_count; i++) {
		struct watch_seen *seen = &watch->listing[i];
		uint32_t index;

		while (old < watch->seen_count && watch->seen[old].pid < seen->pid)
			old++;
		bool known = old < watch->seen_count && watch->seen[old].pid == seen->pid;

		seen->left_out = known && watch->seen[old].left_out;
		if (!watch_map_get(&watch->by_pid, seen->pid, &index) && (!known || seen->left_out))
			seen->left_out = judge(watch, seen->pid) == LEFT_OUT;
		watch->left_processes += seen->left_out;
	}
}

/* The number may be a thread's: those of watched processes are known by now, others are not our business. */
static bool is_process(const struct watch *watch, pid_t pid)
{
	char path[WATCH_PATH_SIZE], text[4096];
	pid_t leader;
	uid_t uid;

	snprintf(path, sizeof(path), "%d/status", pid);
	return sysroot_read(watch->root, SYSROOT_PROC, path, text, sizeof(text)) >= 0 &&
	       watch_status_parse(text, &leader, &uid) == 0 && leader == pid;
}

/* Pids are given out in order: those since the last look are the new ones. A child is so met at once, however long a scan of
 * all processes would take. */
static void meet_fresh(struct watch *watch)
{
	for (int64_t pid = watch->newest_pid - watch->fresh_count + 1; pid <= watch->newest_pid;
	     pid++) {
		uint32_t index;

		if (!watch_map_get(&watch->by_pid, (pid_t)pid, &index) &&
		    !watch_map_get(&watch->by_tid, (pid_t)pid, &index) &&
		    is_process(watch, (pid_t)pid))
			judge(watch, (pid_t)pid);
	}
	watch->fresh_count = 0;
	watch->stray_count = 0;
}

void watch_scan_processes(struct watch *watch)
{
	meet_fresh(watch);
	if (!watch->scan_owed || (!watch->root->recorded && watch->time_ns < watch->scan_after_ns))
		return;
	int64_t begin_ns = clock_now_ns();
	int fd = sysroot_file_open(watch->root, SYSROOT_PROC, ".");

	if (fd < 0)
		return;
	watch->scan_owed = false;
	if (watch->wrapped || watch->root->recorded ||
	    watch->time_ns - watch->forget_ns >= FORGET_PERIOD_NS) {
		watch->seen_count = 0;
		watch->forget_ns = watch->time_ns;
	}
	watch->listing_count = 0;
	each_pid(watch, fd, list_pid, 0);
	close(fd);
	sort_listing(watch);
	judge_listing(watch);
	adopt_strays(watch);

	struct watch_seen *listing = watch->listing;
	size_t capacity = watch->listing_capacity;

	watch->listing = watch->seen;
	watch->listing_capacity = watch->seen_capacity;
	watch->seen = listing;
	watch->seen_count = watch->listing_count;
	watch->seen_capacity = capacity;
	watch->scan_after_ns = watch->time_ns + SCAN_SHARE * (clock_now_ns() - begin_ns);
}
