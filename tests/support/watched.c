/* SPDX-License-Identifier: Apache-2.0 */
/* Stages for tests of the watch. */
#include "tests/support/watched.h"

#include "base/clock.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/machine.h"

#include <stdio.h>

void watched_open(struct watched *stage, const char *directory, enum watch_scope scope, uid_t user)
{
	assert_int_equal(sysroot_open(&stage->root, directory), 0);
	stage->feed = feed_create();
	stage->watch = watch_create(&stage->root, scope, user);
	stage->time_ns = CLOCK_NS_PER_S;
}

void watched_close(struct watched *stage)
{
	watch_destroy(stage->watch);
	feed_destroy(stage->feed);
	sysroot_close(&stage->root);
}

void watched_refresh(struct watched *stage)
{
	stage->time_ns += CLOCK_NS_PER_S / 10;
	assert_int_equal(watch_refresh(stage->watch, stage->feed, stage->time_ns), 0);
}

const struct watch_thread *watched_thread(const struct watched *stage, pid_t tid)
{
	size_t count;
	const struct watch_thread *threads = watch_threads(stage->watch, &count);

	for (size_t i = 0; i < count; i++) {
		if (threads[i].tid == tid)
			return &threads[i];
	}
	return NULL;
}

const struct watch_process *watched_process(const struct watched *stage, pid_t pid)
{
	size_t count;
	const struct watch_process *processes = watch_processes(stage->watch, &count);

	for (size_t i = 0; i < count; i++) {
		if (processes[i].pid == pid)
			return &processes[i];
	}
	return NULL;
}

size_t watched_count(const struct watched *stage)
{
	size_t count;

	watch_threads(stage->watch, &count);
	return count;
}

static void write_task(const char *directory, const struct watched_made *made, const char *folder)
{
	char path[128], text[512];

	snprintf(
		text, sizeof(text),
		"%d (%s) %c %d 1 1 0 -1 4194560 0 0 0 0 %u 0 0 0 20 0 1 0 %u 0 0 18446744073709551615 0 0 0 0 0 0 0 0 0 "
		"0 0 0 17 1 0 0",
		made->tid, made->name, made->state, made->parent, made->ticks, made->start);
	snprintf(path, sizeof(path), "proc/%sstat", folder);
	machine_write(directory, path, text);
}

void watched_make(const char *directory, const struct watched_made *made)
{
	char folder[64], path[96], text[256];

	snprintf(folder, sizeof(folder), "%d/task/%d/", made->pid, made->tid);
	write_task(directory, made, folder);
	if (made->pid != made->tid)
		return;
	snprintf(folder, sizeof(folder), "%d/", made->pid);
	write_task(directory, made, folder);
	snprintf(path, sizeof(path), "proc/%d/status", made->pid);
	snprintf(text, sizeof(text), "Name:\tx\nTgid:\t%d\nUid:\t%u\t0\t0\t0\n", made->pid,
		 made->uid);
	machine_write(directory, path, text);
}

void watched_unmake(const char *directory, const char *path)
{
	char name[512];

	snprintf(name, sizeof(name), "%s/proc/%s", directory, path);
	machine_remove_directory(name);
}

void watched_tree_open(struct watched *stage, enum watch_scope scope, uid_t user)
{
	machine_make_directory(stage->directory, sizeof(stage->directory));
	machine_write(stage->directory, "proc/version", "x");
	watched_open(stage, stage->directory, scope, user);
}

void watched_tree_close(struct watched *stage)
{
	watched_close(stage);
	machine_remove_directory(stage->directory);
}
