/* SPDX-License-Identifier: Apache-2.0 */
/* The lists of the watch: processes and threads are entered when they are born and taken out when they die. */
#include "base/memory.h"
#include "measure/watch_private.h"

#include <errno.h>
#include <unistd.h>

static uint32_t take_process_index(struct watch *watch)
{
	if (watch->free_process_count > 0)
		return watch->free_processes[--watch->free_process_count];
	size_t index = watch->process_count++;

	memory_reserve(&watch->processes, &watch->process_capacity, index + 1,
		       sizeof(*watch->processes));
	memory_reserve(&watch->entries, &watch->entry_capacity, index + 1, sizeof(*watch->entries));
	/* Room for all that may die, now: a steady tick allocates nothing. */
	memory_reserve(&watch->died_processes, &watch->died_process_capacity, index + 1,
		       sizeof(*watch->died_processes));
	memory_reserve(&watch->free_processes, &watch->free_process_capacity, index + 1,
		       sizeof(*watch->free_processes));
	return (uint32_t)index;
}

int watch_process_born(struct watch *watch, const struct watch_stat *stat, uid_t uid, bool seeded)
{
	char key[DOMAIN_KEY_SIZE];

	if (watch->by_pid.count >= WATCH_PROCESSES_MAX)
		return -ENOSPC;
	uint32_t index = take_process_index(watch);

	domain_key_process(key, stat->pid, stat->start_ticks);
	watch->processes[index] = (struct watch_process){
		.pid = stat->pid,
		.parent = stat->parent,
		.start_ticks = stat->start_ticks,
		.domain = feed_domain(watch->feed, DOMAIN_PROCESS, key, 0, stat->name),
		.uid = uid,
		.self = stat->pid == watch->self,
		.kernel = stat->kernel,
	};
	watch->entries[index] = (struct watch_entry){
		.task_fd = -1,
		.clock_ns = -1,
		.looked_ns = watch->time_ns,
		.seeded = seeded,
	};
	if (watch->processes[index].self)
		feed_label(watch->feed, watch->processes[index].domain, "self", "1");
	watch_map_set(&watch->by_pid, stat->pid, index);
	return (int)index;
}

static size_t take_slot(struct watch *watch)
{
	if (watch->free_count > 0)
		return watch->free_slots[--watch->free_count];
	size_t slot = watch->slot_count++;

	memory_reserve(&watch->slots, &watch->slot_capacity, slot + 1, sizeof(*watch->slots));
	memory_reserve(&watch->free_slots, &watch->free_capacity, slot + 1,
		       sizeof(*watch->free_slots));
	memory_reserve(&watch->threads, &watch->thread_capacity, slot + 1, sizeof(*watch->threads));
	memory_reserve(&watch->died, &watch->died_capacity, slot + 1, sizeof(*watch->died));
	return slot;
}

static bool is_born_under_watch(struct watch *watch, uint64_t start_ticks)
{
	/* A recorded machine has no clock: all that stands there at first was there before. */
	if (watch->root->recorded && watch->first) {
		if (watch->created_ticks <= start_ticks)
			watch->created_ticks = start_ticks + 1;
		return false;
	}
	return start_ticks >= watch->created_ticks;
}

int watch_thread_born(struct watch *watch, size_t process, const struct watch_stat *stat)
{
	struct watch_process *owner = &watch->processes[process];
	char key[DOMAIN_KEY_SIZE];

	if (watch->thread_count >= WATCH_THREADS_MAX)
		return -ENOSPC;
	size_t slot = take_slot(watch);
	struct watch_thread *thread = &watch->threads[watch->thread_count];

	*thread = (struct watch_thread){
		.tid = stat->pid,
		.process = process,
		.start_ticks = stat->start_ticks,
		.slot = slot,
		.cpu = stat->cpu,
		.born = true,
		.born_under_watch = is_born_under_watch(watch, stat->start_ticks),
	};
	watch->slots[slot] = (struct watch_slot){.index = (uint32_t)watch->thread_count, .fd = -1};
	int code = watch_busy_begin(watch, thread, stat);

	if (code < 0) {
		watch->slots[slot].index = UINT32_MAX;
		watch->free_slots[watch->free_count++] = (uint32_t)slot;
		return code;
	}
	domain_key_thread(key, owner->pid, stat->pid, stat->start_ticks);
	thread->domain = feed_domain(watch->feed, DOMAIN_THREAD, key, owner->domain, stat->name);
	watch_map_set(&watch->by_tid, stat->pid, (uint32_t)slot);
	watch->thread_count++;
	owner->threads++;
	watch->entries[process].sum_ns += watch->slots[slot].raw_ns;
	return 0;
}

void watch_thread_died(struct watch *watch, size_t index)
{
	struct watch_thread *thread = &watch->threads[index];
	struct watch_slot *slot = &watch->slots[thread->slot];
	uint32_t known;

	feed_retire(watch->feed, watch->time_ns, thread->domain);
	watch_busy_end(watch, slot);
	slot->index = UINT32_MAX;
	/* Its number may already be another's. */
	if (watch_map_get(&watch->by_tid, thread->tid, &known) && known == thread->slot)
		watch_map_remove(&watch->by_tid, thread->tid);
	watch->processes[thread->process].threads--;
	watch->entries[thread->process].sum_ns -= slot->raw_ns;
	watch->entries[thread->process].rest_ns += slot->raw_ns;
	watch->died[watch->died_count++] = *thread;
	watch->thread_count--;
	if (index < watch->thread_count) {
		*thread = watch->threads[watch->thread_count];
		watch->slots[thread->slot].index = (uint32_t)index;
	}
}

bool watch_process_is_complete(const struct watch *watch, size_t process)
{
	const struct watch_entry *entry = &watch->entries[process];

	return entry->tasks == watch->processes[process].threads + (entry->leader_ended ? 1 : 0);
}

void watch_process_died(struct watch *watch, size_t index)
{
	struct watch_process *process = &watch->processes[index];
	struct watch_entry *entry = &watch->entries[index];
	uint32_t known;

	feed_retire(watch->feed, watch->time_ns, process->domain);
	if (entry->task_fd >= 0) {
		close(entry->task_fd);
		entry->task_fd = -1;
		watch->fd_used--;
	}
	watch->left_threads -= entry->left_out;
	entry->left_out = 0;
	if (watch_map_get(&watch->by_pid, process->pid, &known) && known == index)
		watch_map_remove(&watch->by_pid, process->pid);
	process->pid = 0;
	watch->died_processes[watch->died_process_count++] = (uint32_t)index;
}
