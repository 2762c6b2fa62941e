/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel that a test of `counters` plays, in place of measure/perfevent. */
#include "tests/support/counted.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/heard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int __real_perfevent_open(struct perf_event_attr *attr, pid_t pid, int cpu, int group_fd);
int __wrap_perfevent_open(struct perf_event_attr *attr, pid_t pid, int cpu, int group_fd);
int __real_perfevent_read(int leader_fd, struct perfevent_reading *reading);
int __wrap_perfevent_read(int leader_fd, struct perfevent_reading *reading);

struct counted_kernel counted_kernel;

#define FDS_MAX	    4096
#define MEMBERS_MAX 16

/* By descriptor of the leader. */
static size_t group_size[FDS_MAX];
static struct perf_event_attr members[FDS_MAX][MEMBERS_MAX];
static struct perfevent_reading made[FDS_MAX];

static unsigned int needed_by(int group_fd)
{
	unsigned int needed = 0;

	for (size_t i = 0; group_fd >= 0 && i < group_size[group_fd]; i++)
		needed += members[group_fd][i].type != PERF_TYPE_HARDWARE;
	return needed;
}

static bool has_room(const struct perf_event_attr *attr, int group_fd)
{
	unsigned int needed = needed_by(group_fd) + (attr->type != PERF_TYPE_HARDWARE);

	return counted_kernel.general_counters == 0 || needed <= counted_kernel.general_counters;
}

static uint64_t running_ns(int leader_fd)
{
	if (counted_kernel.run_ns)
		return counted_kernel.run_ns(&members[leader_fd][0]);
	if (counted_kernel.held_counters > 0 &&
	    needed_by(leader_fd) + counted_kernel.held_counters > counted_kernel.general_counters)
		return 0;
	return counted_kernel.running_ns;
}

int __wrap_perfevent_open(struct perf_event_attr *attr, pid_t pid, int cpu, int group_fd)
{
	int code = counted_kernel.refuse ? counted_kernel.refuse(attr, pid, group_fd) : 0;

	if (code < 0)
		return code;
	if (!counted_kernel.pretend)
		return __real_perfevent_open(attr, pid, cpu, group_fd);
	if (!has_room(attr, group_fd))
		return -EINVAL;
	int fd = open("/", O_PATH | O_CLOEXEC);

	if (fd < 0 || fd >= FDS_MAX || (group_fd >= 0 && group_size[group_fd] == MEMBERS_MAX))
		return -EMFILE;
	if (group_fd < 0) {
		memset(&made[fd], 0, sizeof(made[fd]));
		group_size[fd] = 0;
	}
	int leader_fd = group_fd < 0 ? fd : group_fd;

	members[leader_fd][group_size[leader_fd]++] = *attr;
	return fd;
}

int __wrap_perfevent_read(int leader_fd, struct perfevent_reading *reading)
{
	if (!counted_kernel.pretend)
		return __real_perfevent_read(leader_fd, reading);
	*reading = made[leader_fd];
	reading->count = (uint32_t)group_size[leader_fd];
	for (size_t i = 0; i < PERFEVENT_GROUP_MAX; i++) {
		if (counted_kernel.count && i < group_size[leader_fd])
			made[leader_fd].values[i] += counted_kernel.count(&members[leader_fd][i]);
		else if (!counted_kernel.count && i < ARRAY_SIZE(counted_kernel.values))
			made[leader_fd].values[i] += counted_kernel.values[i];
	}
	made[leader_fd].enabled_ns += counted_kernel.enabled_ns;
	made[leader_fd].running_ns += running_ns(leader_fd);
	if (counted_kernel.held_counters > 0 && members[leader_fd][0].pinned &&
	    running_ns(leader_fd) == 0)
		return -ENODATA;
	return 0;
}

void counted_open_on(struct counted *stage, const char *directory)
{
	memset(&stage->err, 0, sizeof(stage->err));
	assert_int_equal(sysroot_open(&stage->root, directory), 0);
	assert_int_equal(sysroot_open(&stage->here, NULL), 0);
	stage->root.recorded = false;
	stage->context = (struct probe_context){.root = &stage->root, .feed = feed_create()};
	stage->watch = watch_create(&stage->here, WATCH_PIDS, 0);
	stage->self = memory_zeroed(1, probe_counters.private_size);
	stage->code = probe_counters.open(stage->self, &stage->context, &stage->err);
}

void counted_open(struct counted *stage)
{
	counted_open_on(stage, NULL);
}

void counted_close(struct counted *stage)
{
	probe_counters.close(stage->self);
	free(stage->self);
	watch_destroy(stage->watch);
	feed_destroy(stage->context.feed);
	sysroot_close(&stage->root);
	sysroot_close(&stage->here);
	memset(&counted_kernel, 0, sizeof(counted_kernel));
}

void counted_tick(struct counted *stage)
{
	assert_int_equal(watch_refresh(stage->watch, stage->context.feed, clock_now_ns()), 0);
	assert_int_equal(probe_counters.sample(stage->self, &stage->context, stage->watch), 0);
}

uint32_t counted_series(struct counted *stage, const struct burner *worker)
{
	char key[DOMAIN_KEY_SIZE];
	size_t count;
	const struct watch_thread *threads = watch_threads(stage->watch, &count);

	for (size_t i = 0; i < count; i++) {
		if (threads[i].tid != worker->tid)
			continue;
		domain_key_thread(key, getpid(), worker->tid, threads[i].start_ticks);
		return heard_series(stage->context.feed, key, "counters");
	}
	return 0;
}

int64_t counted_value(struct counted *stage, const struct burner *worker, enum metric metric)
{
	int64_t value_now;

	return heard_value(stage->context.feed, counted_series(stage, worker), metric, &value_now)
		       ? value_now
		       : -1;
}

int counted_gap(struct counted *stage, const struct burner *worker, enum metric metric,
		const char **reason)
{
	return heard_gap(stage->context.feed, counted_series(stage, worker), metric, reason);
}

int counted_no_pmu(const struct perf_event_attr *attr, pid_t pid, int group_fd)
{
	(void)pid;
	(void)group_fd;
	return attr->type == PERF_TYPE_SOFTWARE ? 0 : -ENOENT;
}

bool counted_may_count(void)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
				       .config = PERF_COUNT_SW_CONTEXT_SWITCHES};
	int fd = __real_perfevent_open(&attr, 0, -1, -1);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}
