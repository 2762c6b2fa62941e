/* SPDX-License-Identifier: Apache-2.0 */
/* Spares the reading of threads that sleep. One call gives the CPU time of a whole process, one read is needed for each
 * thread: as long as the threads that ran lately explain what their process used, the others have slept. */
#include "measure/watch_private.h"

#include "base/clock.h"

#include <sys/stat.h>
#include <time.h>

#define ALL_PERIOD_NS  (2 * CLOCK_NS_PER_S) /* all threads of one that runs are read so often */
#define UNEXPLAINED_NS CLOCK_NS_PER_MS	    /* CPU time that may wait for that */

/* CPU time of all threads of a process, ended ones too; -1 = unknown. */
static int64_t process_clock_ns(const struct watch *watch, size_t process)
{
	struct timespec used;
	clockid_t clock;

	/* The clock is made of what the accounts of the threads are made of; other accounts cannot be held against it. */
	if (!watch->same_pids || !watch->keeps_account ||
	    clock_getcpuclockid(watch->processes[process].pid, &clock) != 0 ||
	    clock_gettime(clock, &used) != 0)
		return -1;
	return used.tv_sec * CLOCK_NS_PER_S + used.tv_nsec;
}

static size_t count_tasks(const struct watch_entry *entry)
{
	struct stat status;

	/* The kernel counts threads in the links of their directory, "." and ".." with them. */
	if (entry->task_fd < 0 || fstat(entry->task_fd, &status) < 0 || status.st_nlink <= 2)
		return SIZE_MAX;
	return (size_t)status.st_nlink - 2;
}

static enum watch_reading plan(struct watch *watch, size_t process)
{
	struct watch_entry *entry = &watch->entries[process];
	int64_t before_ns = entry->clock_ns;

	entry->clock_ns = process_clock_ns(watch, process);
	if (entry->clock_ns >= 0 && entry->clock_ns == before_ns && entry->all_ns != 0)
		return WATCH_READ_NONE;
	/* Counted before the threads are read: one that dies in between cannot hide one that is born. */
	entry->tasks = count_tasks(entry);
	if (entry->clock_ns < 0 || entry->all_ns == 0 ||
	    watch->time_ns - entry->all_ns >= ALL_PERIOD_NS ||
	    entry->tasks < watch->processes[process].threads)
		return WATCH_READ_ALL;
	return WATCH_READ_ACTIVE;
}

void watch_plan(struct watch *watch)
{
	for (size_t i = 0; i < watch->process_count; i++) {
		if (watch->processes[i].pid != 0)
			watch->entries[i].reading = plan(watch, i);
	}
}

bool watch_plan_rest(struct watch *watch)
{
	bool any = false;

	for (size_t i = 0; i < watch->process_count; i++) {
		struct watch_entry *entry = &watch->entries[i];

		/* Beyond the bound there is always something unexplained. */
		if (watch->processes[i].pid == 0 || entry->reading != WATCH_READ_ACTIVE ||
		    entry->left_out > 0 ||
		    entry->clock_ns - entry->rest_ns - entry->sum_ns <= UNEXPLAINED_NS)
			continue;
		entry->reading = WATCH_READ_REST;
		any = true;
	}
	return any;
}

void watch_plan_done(struct watch *watch)
{
	for (size_t i = 0; i < watch->process_count; i++) {
		struct watch_entry *entry = &watch->entries[i];

		if (watch->processes[i].pid == 0 || entry->clock_ns < 0 ||
		    (entry->reading != WATCH_READ_ALL && entry->reading != WATCH_READ_REST))
			continue;
		/* Read after the threads, as the clock in plan() is read before: what ran in between explains too much
		 * rather than too little, and does not wake the sleepers. */
		int64_t now_ns = process_clock_ns(watch, i);

		if (now_ns < 0)
			continue;
		entry->rest_ns = now_ns - entry->sum_ns;
		entry->all_ns = watch->time_ns;
	}
}
