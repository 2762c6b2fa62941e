/* SPDX-License-Identifier: Apache-2.0 */
/* CPU times of watched threads: one read of a file kept open for each thread and tick, as long as descriptors last. */
#include "measure/watch_private.h"

#include "base/clock.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <unistd.h>

#define FD_SHARE \
	4 /* one part in so many of all descriptors is the watch's; counters need the rest */
#define FD_BUDGET_MIN	      16
#define ONE_PACKAGE_PERIOD_NS (2 * CLOCK_NS_PER_S)    /* the CPU of a thread only decorates */
#define PACKAGES_PERIOD_NS    (200 * CLOCK_NS_PER_MS) /* it says whose energy the thread used */
#define ACTIVE_NS	      CLOCK_NS_PER_S /* a thread that ran within this time is expected to run again */
#define HAND_STEPS	      64	     /* bounds the search for a descriptor to take away */

struct packages {
	const struct sysroot *root;
	int64_t first;
};

static int differing_package(void *user, const char *name)
{
	struct packages *packages = user;
	char path[96];
	int64_t package;

	if (strncmp(name, "cpu", 3) != 0 || name[3] < '0' || name[3] > '9')
		return 0;
	snprintf(path, sizeof(path), "devices/system/cpu/%.16s/topology/physical_package_id", name);
	if (sysroot_read_i64(packages->root, SYSROOT_SYS, path, &package) < 0)
		return 0;
	if (packages->first < 0)
		packages->first = package;
	return package != packages->first;
}

/* The files may be a container's imitation, or of another pid namespace. */
static bool is_own_kernel(const struct watch *watch)
{
	char link[16], self[16];
	struct statfs filesystem;
	int fd = sysroot_file_open(watch->root, SYSROOT_PROC, "loadavg");

	if (fd < 0)
		return false;
	bool own = fstatfs(fd, &filesystem) == 0 && filesystem.f_type == PROC_SUPER_MAGIC;

	close(fd);
	snprintf(self, sizeof(self), "%d", watch->self);
	return own && sysroot_link(watch->root, SYSROOT_PROC, "self", link, sizeof(link)) > 0 &&
	       strcmp(link, self) == 0;
}

void watch_busy_init(struct watch *watch)
{
	struct packages packages = {.root = watch->root, .first = -1};
	struct rlimit limit;
	char text[128];

	watch->fd_budget = 0;
	if (!watch->root->recorded && getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		rlim_t share = limit.rlim_cur / FD_SHARE;

		watch->fd_budget = share < FD_BUDGET_MIN ? FD_BUDGET_MIN : (size_t)share;
	}
	/* A kernel without the account has the file and writes zeros; this process has run for certain. */
	watch->keeps_account =
		watch->root->recorded || (sysroot_read(watch->root, SYSROOT_PROC, "self/schedstat",
						       text, sizeof(text)) > 0 &&
					  watch_schedstat_is_kept(text));
	watch->same_pids = !watch->root->recorded && is_own_kernel(watch);
	watch->cpu_period_ns = ONE_PACKAGE_PERIOD_NS;
	if (sysroot_list(watch->root, SYSROOT_SYS, "devices/system/cpu", differing_package,
			 &packages) > 0)
		watch->cpu_period_ns = PACKAGES_PERIOD_NS;
}

static int open_account(const struct watch *watch, const struct watch_thread *thread)
{
	char path[WATCH_PATH_SIZE];

	snprintf(path, sizeof(path), "%d/task/%d/%s", watch->processes[thread->process].pid,
		 thread->tid, watch->keeps_account ? "schedstat" : "stat");
	return sysroot_file_open(watch->root, SYSROOT_PROC, path);
}

/* Reads the account in one call: the text is shorter than the buffer, a second read for its end would double the cost. */
static int read_account(const struct watch *watch, int fd, struct watch_thread *thread,
			int64_t *raw_ns)
{
	char text[WATCH_STAT_TEXT_SIZE];
	struct watch_stat stat;
	ssize_t length = watch->root->read_at(fd, text, sizeof(text) - 1, 0);

	if (length < 0)
		return -errno;
	text[length] = '\0';
	if (watch->keeps_account)
		return watch_schedstat_parse(text, raw_ns);
	int code = watch_stat_parse(text, &stat);

	if (code < 0)
		return code;
	*raw_ns = stat.busy_ns;
	thread->cpu = stat.cpu;
	return 0;
}

/* Files of a recorded machine do not end with their thread: each reading tells threads apart by their start. */
static int read_recorded(const struct watch *watch, struct watch_thread *thread, int64_t *raw_ns)
{
	char path[WATCH_PATH_SIZE], text[128];
	struct watch_stat stat;
	pid_t pid = watch->processes[thread->process].pid;
	int code = watch_read_stat(watch, pid, thread->tid, &stat);

	if (code < 0)
		return code;
	if (stat.start_ticks != thread->start_ticks || watch_stat_is_dead(&stat))
		return -ESRCH;
	*raw_ns = stat.busy_ns;
	thread->cpu = stat.cpu;
	snprintf(path, sizeof(path), "%d/task/%d/schedstat", pid, thread->tid);
	if (sysroot_read(watch->root, SYSROOT_PROC, path, text, sizeof(text)) > 0 &&
	    watch_schedstat_is_kept(text))
		return watch_schedstat_parse(text, raw_ns);
	return 0;
}

static int read_unkept(const struct watch *watch, struct watch_thread *thread, int64_t *raw_ns)
{
	struct watch_stat stat;
	pid_t pid = watch->processes[thread->process].pid;

	if (watch->wrapped) {
		int code = watch_read_stat(watch, pid, thread->tid, &stat);

		if (code < 0)
			return code;
		if (stat.start_ticks != thread->start_ticks)
			return -ESRCH;
	}
	int fd = open_account(watch, thread);

	if (fd < 0)
		return fd;
	int code = read_account(watch, fd, thread, raw_ns);

	close(fd);
	return code;
}

static int read_raw(const struct watch *watch, struct watch_thread *thread, int fd, int64_t *raw_ns)
{
	if (fd >= 0)
		return read_account(watch, fd, thread, raw_ns);
	return watch->root->recorded ? read_recorded(watch, thread, raw_ns)
				     : read_unkept(watch, thread, raw_ns);
}

static bool keep_account(struct watch *watch, const struct watch_thread *thread)
{
	if (watch->fd_used >= watch->fd_budget)
		return false;
	int fd = open_account(watch, thread);

	if (fd < 0) {
		/* Others have used up what there is: no more of it for us either. */
		if (fd == -EMFILE || fd == -ENFILE)
			watch->fd_budget = watch->fd_used;
		return false;
	}
	watch->slots[thread->slot].fd = fd;
	watch->fd_used++;
	return true;
}

/* Takes the descriptor of a thread that slept at this refresh; the hand goes round so that all get their turn. */
static void take_from_sleeper(struct watch *watch)
{
	for (int step = 0; step < HAND_STEPS; step++) {
		watch->fd_hand = (watch->fd_hand + 1) % watch->slot_count;
		struct watch_slot *slot = &watch->slots[watch->fd_hand];

		if (slot->index == UINT32_MAX || slot->fd < 0 ||
		    watch->threads[slot->index].changed)
			continue;
		watch_busy_end(watch, slot);
		return;
	}
}

int watch_busy_begin(struct watch *watch, struct watch_thread *thread,
		     const struct watch_stat *stat)
{
	struct watch_slot *slot = &watch->slots[thread->slot];
	int64_t raw_ns = stat->busy_ns;

	keep_account(watch, thread);
	int code = read_raw(watch, thread, slot->fd, &raw_ns);

	if (code == -ESRCH || code == -ENOENT) {
		watch_busy_end(watch, slot);
		return code;
	}
	slot->raw_ns = code < 0 ? stat->busy_ns : raw_ns;
	slot->moved_ns = slot->cpu_time_ns = watch->time_ns;
	thread->busy_ns = slot->raw_ns;
	thread->busy_delta_ns = thread->born_under_watch ? thread->busy_ns : 0;
	thread->changed = thread->busy_delta_ns > 0;
	return 0;
}

void watch_busy_end(struct watch *watch, struct watch_slot *slot)
{
	if (slot->fd < 0)
		return;
	close(slot->fd);
	slot->fd = -1;
	watch->fd_used--;
}

static void look_up_cpu(struct watch *watch, struct watch_thread *thread, struct watch_slot *slot)
{
	struct watch_stat stat;

	if (!watch->keeps_account || watch->root->recorded ||
	    watch->time_ns - slot->cpu_time_ns < watch->cpu_period_ns)
		return;
	slot->cpu_time_ns = watch->time_ns;
	if (watch_read_stat(watch, watch->processes[thread->process].pid, thread->tid, &stat) == 0)
		thread->cpu = stat.cpu;
}

static void moved(struct watch *watch, struct watch_thread *thread, int64_t raw_ns)
{
	struct watch_slot *slot = &watch->slots[thread->slot];
	struct watch_entry *entry = &watch->entries[thread->process];

	thread->changed = true;
	/* After exec by another thread of its process the number goes on with that thread's account: what it used before
	 * was counted under its own number. */
	thread->busy_delta_ns = raw_ns > slot->raw_ns ? raw_ns - slot->raw_ns : 0;
	thread->busy_ns += thread->busy_delta_ns;
	entry->sum_ns += raw_ns - slot->raw_ns;
	entry->looked_ns = watch->time_ns;
	slot->raw_ns = raw_ns;
	slot->moved_ns = watch->time_ns;
	look_up_cpu(watch, thread, slot);
	if (slot->fd < 0 && watch->fd_budget > 0 && !keep_account(watch, thread)) {
		take_from_sleeper(watch);
		keep_account(watch, thread);
	}
}

static bool is_active(const struct watch *watch, const struct watch_thread *thread)
{
	return watch->time_ns - watch->slots[thread->slot].moved_ns < ACTIVE_NS;
}

/* False when the thread has died: another one stands in its place. */
static bool read_thread(struct watch *watch, size_t index)
{
	struct watch_thread *thread = &watch->threads[index];
	const struct watch_slot *slot = &watch->slots[thread->slot];
	int64_t raw_ns = slot->raw_ns;
	int code = read_raw(watch, thread, slot->fd, &raw_ns);

	if (code == -ESRCH || code == -ENOENT) {
		watch_thread_died(watch, index);
		return false;
	}
	if (code == 0 && raw_ns != slot->raw_ns)
		moved(watch, thread, raw_ns);
	return true;
}

void watch_busy_read(struct watch *watch)
{
	size_t at = 0;

	while (at < watch->thread_count) {
		struct watch_thread *thread = &watch->threads[at];
		enum watch_reading reading = watch->entries[thread->process].reading;

		thread->born = false;
		thread->changed = false;
		thread->busy_delta_ns = 0;
		bool wanted = reading == WATCH_READ_ALL ||
			      (reading == WATCH_READ_ACTIVE && is_active(watch, thread));

		if (!wanted || read_thread(watch, at))
			at++;
	}
}

void watch_busy_read_rest(struct watch *watch)
{
	size_t at = 0;

	while (at < watch->thread_count) {
		const struct watch_thread *thread = &watch->threads[at];
		bool wanted = watch->entries[thread->process].reading == WATCH_READ_REST &&
			      !is_active(watch, thread);

		if (!wanted || read_thread(watch, at))
			at++;
	}
}
