/* SPDX-License-Identifier: Apache-2.0 */
/* CPU time, place and memory of watched threads and processes, and what they are called. A thread that sleeps costs one
 * look at an array. */
#include "probes/processes/labels.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SOURCE_NAME	"processes"
#define SERIES_NAME	"sched"
#define GIVES		"CPU time, CPU, memory, names of threads and processes"
#define CHECK_PERIOD_NS CLOCK_NS_PER_S /* how often names and memory are looked at */
#define YOUNG_CHECKS \
	4 /* that often at once: between fork and exec a process bears its parent's name */
#define STAGGER		 16 /* processes born together are not looked at together for ever */
#define USERS_MAX	 32 /* names kept */
#define PATH_SIZE	 64
#define ENVIRONMENT_SIZE 16384 /* of it, this much is looked at */

/* By watch_thread.slot. */
struct task {
	pid_t tid;
	uint32_t series;
	uint64_t start_ticks;
	int64_t told_ns;    /* when its CPU time was last told */
	int64_t checked_ns; /* when its name was last looked at */
	int16_t cpu;
	uint8_t checks;
};

/* By watch_thread.process. */
struct program {
	pid_t pid;
	uint32_t series;
	uint64_t start_ticks;
	int64_t memory_ns;     /* when its memory was last looked at */
	uint32_t command_hash; /* of the command line that was told */
};

struct user {
	uid_t uid;
	bool known;
	char name[LABELS_NAME_SIZE];
};

struct processes {
	struct task *tasks;
	size_t task_capacity;
	struct program *programs;
	size_t program_capacity;
	struct user users[USERS_MAX];
	size_t next_user;
	int64_t now_ns, previous_ns; /* of this sample and the one before */
	int64_t page_bytes;
	bool met; /* threads that were there before the probe */
	bool left_out;
};

static int processes_open(void *self, const struct probe_context *context, struct error *err)
{
	struct processes *processes = self;

	if (context->root->tree_fd[SYSROOT_PROC] < 0)
		return error_set(
			err, ENODEV,
			"there is no list of processes: proc is not mounted, or was not recorded");
	processes->page_bytes = sysconf(_SC_PAGESIZE);
	return 0;
}

static void processes_close(void *self)
{
	struct processes *processes = self;

	free(processes->tasks);
	free(processes->programs);
	memset(processes, 0, sizeof(*processes));
}

/* Reads what is there of a text that may be longer than the buffer: length, 0 when there is nothing. */
static size_t read_text(const struct probe_context *context, pid_t pid, const char *name,
			char *text, size_t size)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%d/%s", pid, name);
	int fd = sysroot_file_open(context->root, SYSROOT_PROC, path);
	ssize_t length = fd < 0 ? -1 : context->root->read_at(fd, text, size - 1, 0);

	if (fd >= 0)
		close(fd);
	text[length > 0 ? length : 0] = '\0';
	return length > 0 ? (size_t)length : 0;
}

static const char *user_name(struct processes *processes, const struct sysroot *root, uid_t uid)
{
	for (size_t i = 0; i < USERS_MAX; i++) {
		if (processes->users[i].known && processes->users[i].uid == uid)
			return processes->users[i].name;
	}
	struct user *user = &processes->users[processes->next_user++ % USERS_MAX];

	labels_user(root, uid, user->name);
	user->uid = uid;
	user->known = true;
	return user->name;
}

static uint32_t hash(const char *text)
{
	uint32_t sum = 2166136261u;

	for (; *text; text++)
		sum = (sum ^ (unsigned char)*text) * 16777619u;
	return sum;
}

/* As the program was started with; what it changes itself later is not seen. Another user's is not for us. */
static void tell_visible_gpus(const struct probe_context *context,
			      const struct watch_process *process)
{
	char environment[ENVIRONMENT_SIZE], visible[LABELS_NAME_SIZE];
	size_t length =
		read_text(context, process->pid, "environ", environment, sizeof(environment));

	if (labels_visible_gpus(environment, length, visible))
		feed_label(context->feed, process->domain, "visible gpus", visible);
}

static void tell_command(const struct probe_context *context, const struct watch_process *process,
			 struct program *program)
{
	char text[LABELS_COMMAND_SIZE], command[LABELS_COMMAND_SIZE];
	size_t length = read_text(context, process->pid, "cmdline", text, sizeof(text));

	if (labels_command(command, text, length) == 0 || hash(command) == program->command_hash)
		return;
	program->command_hash = hash(command);
	feed_label(context->feed, process->domain, "command", command);
	/* Another program: it may have been given other GPUs. */
	tell_visible_gpus(context, process);
}

static void tell_group(const struct probe_context *context, const struct watch_process *process)
{
	char cgroup[4096], name[LABELS_NAME_SIZE];

	if (read_text(context, process->pid, "cgroup", cgroup, sizeof(cgroup)) == 0)
		return;
	if (labels_container(cgroup, name))
		feed_label(context->feed, process->domain, "container", name);
	else if (labels_unit(cgroup, name))
		feed_label(context->feed, process->domain, "unit", name);
}

static void tell_memory(const struct processes *processes, const struct probe_context *context,
			const struct watch_process *process, uint32_t series)
{
	char text[128], *end;

	if (read_text(context, process->pid, "statm", text, sizeof(text)) == 0)
		return;
	const char *resident = strchr(text, ' ');
	long long pages = resident ? strtoll(resident + 1, &end, 10) : -1;

	if (pages < 0 || end == resident + 1 || pages > INT64_MAX / processes->page_bytes)
		feed_gap(context->feed, series, METRIC_MEMORY_BYTES, processes->now_ns, EINVAL, "");
	else
		feed_gauge(context->feed, series, METRIC_MEMORY_BYTES, processes->now_ns,
			   pages * processes->page_bytes);
}

static void meet_program(struct processes *processes, const struct probe_context *context,
			 const struct watch_process *process, size_t index)
{
	struct program *program = &processes->programs[index];
	char parent[16];

	*program = (struct program){
		.pid = process->pid,
		.start_ticks = process->start_ticks,
		.series =
			feed_series(context->feed, process->domain, SERIES_NAME, QUALITY_MEASURED),
		.memory_ns =
			processes->now_ns - CHECK_PERIOD_NS * (int64_t)(index % STAGGER) / STAGGER,
	};
	text_print(parent, sizeof(parent), "%d", process->parent);
	feed_label(context->feed, process->domain, "parent", parent);
	feed_label(context->feed, process->domain, "user",
		   user_name(processes, context->root, process->uid));
	tell_command(context, process, program);
	if (process->kernel)
		return;
	tell_group(context, process);
	tell_memory(processes, context, process, program->series);
}

static struct program *get_program(struct processes *processes, const struct probe_context *context,
				   const struct watch_process *process, size_t index)
{
	struct program *program = &processes->programs[index];

	if (program->pid != process->pid || program->start_ticks != process->start_ticks)
		meet_program(processes, context, process, index);
	return program;
}

/* Announces a thread and its process anew when they bear another name by now. */
static void check_name(struct processes *processes, const struct probe_context *context,
		       const struct watch_process *process, const struct watch_thread *thread)
{
	struct task *task = &processes->tasks[thread->slot];
	char path[PATH_SIZE], name[DOMAIN_NAME_SIZE], key[DOMAIN_KEY_SIZE];

	if (task->checks < YOUNG_CHECKS)
		task->checks++;
	else if (processes->now_ns - task->checked_ns < CHECK_PERIOD_NS)
		return;
	task->checked_ns = processes->now_ns;
	snprintf(path, sizeof(path), "%d/task/%d/comm", process->pid, thread->tid);
	if (sysroot_read(context->root, SYSROOT_PROC, path, name, sizeof(name)) <= 0)
		return;
	domain_key_thread(key, process->pid, thread->tid, thread->start_ticks);
	feed_domain(context->feed, DOMAIN_THREAD, key, process->domain, name);
	if (thread->tid != process->pid)
		return;
	domain_key_process(key, process->pid, process->start_ticks);
	feed_domain(context->feed, DOMAIN_PROCESS, key, 0, name);
	tell_command(context, process, &processes->programs[thread->process]);
}

static void tell_cpu(const struct processes *processes, struct feed *feed,
		     const struct watch_thread *thread)
{
	struct task *task = &processes->tasks[thread->slot];

	if (thread->cpu < 0 || thread->cpu == task->cpu)
		return;
	task->cpu = (int16_t)thread->cpu;
	feed_gauge(feed, task->series, METRIC_CPU_NUMBER, processes->now_ns, thread->cpu);
}

/* When a thread that was born under watch had used nothing yet: at the sample before this one or, when it was found late,
 * at its birth. What it used since then divided by less would be more than a CPU can do. */
static int64_t unused_ns(const struct processes *processes, const struct sysroot *root,
			 const struct watch_thread *thread)
{
	int64_t before_ns = processes->previous_ns > 0 ? processes->previous_ns : processes->now_ns;
	int64_t tick_ns = CLOCK_NS_PER_S / sysconf(_SC_CLK_TCK);
	int64_t born_ns = (int64_t)thread->start_ticks * tick_ns - clock_suspended_ns();

	return !root->recorded && born_ns > 0 && born_ns < before_ns ? born_ns : before_ns;
}

static void meet_task(struct processes *processes, const struct probe_context *context,
		      const struct watch_thread *thread)
{
	struct feed *feed = context->feed;
	struct task *task = &processes->tasks[thread->slot];
	struct counter_rule rule = {.from_zero = thread->born_under_watch};

	*task = (struct task){
		.tid = thread->tid,
		.start_ticks = thread->start_ticks,
		.series = feed_series(feed, thread->domain, SERIES_NAME, QUALITY_MEASURED),
		.told_ns = processes->now_ns,
		.checked_ns = processes->now_ns,
		.cpu = -1,
	};
	feed_rule(feed, task->series, METRIC_BUSY_NS, &rule);
	if (thread->born_under_watch)
		feed_counter(feed, task->series, METRIC_BUSY_NS,
			     unused_ns(processes, context->root, thread), 0);
	feed_counter(feed, task->series, METRIC_BUSY_NS, processes->now_ns,
		     (uint64_t)thread->busy_ns);
	tell_cpu(processes, feed, thread);
}

static void tell_busy(struct processes *processes, struct feed *feed,
		      const struct watch_thread *thread)
{
	struct task *task = &processes->tasks[thread->slot];

	/* It slept until the sample before this one: what it used now, it used since then. */
	if (task->told_ns != processes->previous_ns)
		feed_counter(feed, task->series, METRIC_BUSY_NS, processes->previous_ns,
			     (uint64_t)(thread->busy_ns - thread->busy_delta_ns));
	feed_counter(feed, task->series, METRIC_BUSY_NS, processes->now_ns,
		     (uint64_t)thread->busy_ns);
	task->told_ns = processes->now_ns;
	tell_cpu(processes, feed, thread);
}

static void tell_thread(struct processes *processes, const struct probe_context *context,
			const struct watch_process *process, const struct watch_thread *thread)
{
	struct task *task = &processes->tasks[thread->slot];
	bool is_new = task->tid != thread->tid || task->start_ticks != thread->start_ticks;

	if (!is_new && !thread->changed)
		return;
	struct program *program = get_program(processes, context, process, thread->process);

	if (is_new) {
		meet_task(processes, context, thread);
		return;
	}
	tell_busy(processes, context->feed, thread);
	check_name(processes, context, process, thread);
	if (process->kernel || processes->now_ns - program->memory_ns < CHECK_PERIOD_NS)
		return;
	program->memory_ns = processes->now_ns;
	tell_memory(processes, context, process, program->series);
}

static void tell_left_out(struct processes *processes, const struct probe_context *context,
			  size_t left_out)
{
	if ((left_out > 0) == processes->left_out)
		return;
	processes->left_out = left_out > 0;
	if (left_out > 0)
		feed_note(context->feed, processes->now_ns, NOTE_WARN, 0,
			  "more than %d threads or %d processes: the rest is counted in others",
			  WATCH_THREADS_MAX, WATCH_PROCESSES_MAX);
	feed_source(context->feed, SOURCE_NAME, left_out > 0 ? SOURCE_PARTIAL : SOURCE_OK, GIVES,
		    left_out > 0 ? "too many threads: the rest is counted in others" : "", "");
}

static int processes_sample(void *self, const struct probe_context *context,
			    const struct watch *watch)
{
	struct processes *processes = self;
	size_t thread_count, process_count;
	const struct watch_thread *threads = watch_threads(watch, &thread_count);
	const struct watch_process *all = watch_processes(watch, &process_count);

	processes->previous_ns = processes->now_ns;
	processes->now_ns = clock_now_ns();
	memory_reserve(&processes->tasks, &processes->task_capacity, watch_slots(watch),
		       sizeof(*processes->tasks));
	memory_reserve(&processes->programs, &processes->program_capacity, process_count,
		       sizeof(*processes->programs));
	for (size_t i = 0; i < thread_count; i++) {
		if (threads[i].changed || threads[i].born || !processes->met)
			tell_thread(processes, context, &all[threads[i].process], &threads[i]);
	}
	processes->met = true;
	tell_left_out(processes, context, watch_left_out(watch));
	return 0;
}

const struct probe probe_processes = {
	.name = SOURCE_NAME,
	.gives = GIVES,
	.private_size = sizeof(struct processes),
	.open = processes_open,
	.sample = processes_sample,
	.close = processes_close,
};
