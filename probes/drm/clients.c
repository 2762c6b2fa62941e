/* SPDX-License-Identifier: Apache-2.0 */
/* Clients of graphics processors among the open files of watched processes. */
#include "probes/drm/clients.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SCAN_PERIOD_NS	(2 * CLOCK_NS_PER_S)
#define FILES_MAX	4096 /* of one process */
#define FDINFO_TEXT_MAX 8192
#define FOLDER		"/dev/dri/"

static int read_info(const struct drm *drm, pid_t pid, int fd, struct fdinfo *info)
{
	char path[48], text[FDINFO_TEXT_MAX];

	text_print(path, sizeof(path), "%d/fdinfo/%d", pid, fd);

	ssize_t length = sysroot_read(drm->root, SYSROOT_PROC, path, text, sizeof(text));

	if (length < 0)
		return (int)length;
	return fdinfo_read(info, text) ? 0 : -ENODATA;
}

/* Files that were handed on, or opened twice, are one client. */
static bool is_known(const struct drm *drm, size_t gpu, uint64_t id)
{
	for (size_t i = 0; i < drm->client_count; i++) {
		if (drm->clients[i].gpu == gpu && drm->clients[i].id == id)
			return true;
	}
	return false;
}

struct scan {
	struct drm *drm;
	const struct watch_process *process;
	size_t index, files;
};

static const struct drm_node *node_of(const struct drm *drm, const char *target)
{
	if (!text_starts_with(target, FOLDER))
		return NULL;
	for (size_t i = 0; i < drm->node_count; i++) {
		if (strcmp(drm->nodes[i].name, target + strlen(FOLDER)) == 0)
			return &drm->nodes[i];
	}
	return NULL;
}

static int visit_file(void *user, const char *name)
{
	struct scan *scan = user;
	struct drm *drm = scan->drm;
	char path[64], target[64];
	struct fdinfo info;
	int64_t fd;

	if (++scan->files > FILES_MAX)
		return 1;
	text_print(path, sizeof(path), "%d/fd/%s", scan->process->pid, name);
	if (text_to_i64(name, &fd) < 0 || fd < 0 || fd > INT32_MAX ||
	    sysroot_link(drm->root, SYSROOT_PROC, path, target, sizeof(target)) < 0)
		return 0;

	const struct drm_node *node = node_of(drm, target);

	/* Of one that sleeps nothing can be new that costs energy. */
	if (!node || !drm->gpus[node->gpu].is_awake ||
	    read_info(drm, scan->process->pid, (int)fd, &info) < 0 ||
	    is_known(drm, node->gpu, info.client_id))
		return 0;
	if (drm->client_count == CLIENTS_MAX) {
		drm->left_out = true;
		return 0;
	}
	drm->clients[drm->client_count++] = (struct drm_client){
		.pid = scan->process->pid,
		.start_ticks = scan->process->start_ticks,
		.id = info.client_id,
		.process = scan->index,
		.fd = (int)fd,
		.gpu = node->gpu,
	};
	return 0;
}

static void note_who_ran(struct drm *drm, const struct watch *watch, size_t count,
			 const struct watch_process *processes)
{
	size_t thread_count;
	const struct watch_thread *threads = watch_threads(watch, &thread_count);

	memory_reserve(&drm->programs, &drm->program_capacity, count, sizeof(*drm->programs));
	for (size_t i = 0; i < thread_count; i++) {
		const struct watch_thread *thread = &threads[i];
		const struct watch_process *process = &processes[thread->process];
		struct drm_program *program = &drm->programs[thread->process];

		if (program->pid != process->pid || program->start_ticks != process->start_ticks)
			*program = (struct drm_program){
				.pid = process->pid,
				.start_ticks = process->start_ticks,
				.has_run = true,
				.is_closed = process->kernel || process->self,
			};
		program->has_run |= thread->changed;
	}
}

static void scan_program(struct drm *drm, const struct watch_process *process, size_t index)
{
	struct drm_program *program = &drm->programs[index];
	struct scan scan = {.drm = drm, .process = process, .index = index};
	char path[32];

	if (process->pid == 0 || program->pid != process->pid || program->is_closed ||
	    !program->has_run ||
	    (program->scanned_ns > 0 && drm->now_ns - program->scanned_ns < SCAN_PERIOD_NS))
		return;
	program->scanned_ns = drm->now_ns;
	program->has_run = false;
	text_print(path, sizeof(path), "%d/fd", process->pid);
	if (sysroot_list(drm->root, SYSROOT_PROC, path, visit_file, &scan) == -EACCES)
		program->is_closed = true;
}

void clients_scan(struct drm *drm, const struct watch *watch, int64_t budget_ns)
{
	size_t count;
	const struct watch_process *processes = watch_processes(watch, &count);
	int64_t end_ns = drm->now_ns + budget_ns;

	note_who_ran(drm, watch, count, processes);
	for (size_t i = 0; i < count; i++) {
		size_t index = drm->next_program++ % count;

		scan_program(drm, &processes[index], index);
		if (clock_now_ns() > end_ns)
			break;
	}
}

/* The longest that one of its engines worked since the last reading; engines work side by side. */
static int64_t advance(struct drm_client *client, const struct fdinfo *info, int64_t now_ns)
{
	int64_t most_ns = 0, length_ns = now_ns - client->read_ns;

	for (size_t i = 0; i < info->engine_count; i++) {
		const struct fdinfo_engine *engine = &info->engines[i];
		int64_t worked_ns = 0;

		/* Drivers may go back a little: the larger value stays. */
		if (engine->has_time && engine->busy_ns > client->busy_ns[i])
			worked_ns = (int64_t)((engine->busy_ns - client->busy_ns[i]) /
					      engine->capacity);
		else if (engine->has_cycles && engine->cycles > client->cycles[i] &&
			 engine->total_cycles > client->total_cycles[i])
			worked_ns =
				(int64_t)((double)(engine->cycles - client->cycles[i]) /
					  (double)(engine->total_cycles - client->total_cycles[i]) /
					  (double)engine->capacity * (double)length_ns);
		if (engine->busy_ns > client->busy_ns[i])
			client->busy_ns[i] = engine->busy_ns;
		if (engine->cycles > client->cycles[i])
			client->cycles[i] = engine->cycles;
		client->total_cycles[i] = engine->total_cycles;
		if (worked_ns > most_ns)
			most_ns = worked_ns;
	}

	/* The first reading only begins; no engine works longer than there is time, but for what readings are apart. */
	bool is_first = client->read_ns == 0;

	client->read_ns = now_ns;
	return is_first ? 0 : most_ns > 2 * length_ns ? 2 * length_ns : most_ns;
}

static void add_bytes(int64_t *sum, int64_t bytes)
{
	if (bytes >= 0)
		*sum = *sum < 0 ? bytes : *sum + bytes;
}

/* False = it is no client any more. */
static bool read_client(struct drm *drm, const struct watch_process *process,
			struct drm_client *client)
{
	struct fdinfo info;
	int code = read_info(drm, client->pid, client->fd, &info);

	if (code == -ENOENT || code == -ESRCH || code == -EACCES)
		return false;
	if (code < 0)
		return code != -ENODATA;
	if (info.client_id != client->id)
		return false;

	int64_t busy_ns = advance(client, &info, drm->now_ns);
	struct drm_use *use = drm_use(drm, process, client->process, client->gpu, false);

	if (!use)
		return true;
	use->busy_ns += busy_ns;
	/* Graphics inside a processor have no memory of their own: there it is the machine's. */
	add_bytes(&use->memory_bytes,
		  info.device_bytes >= 0 ? info.device_bytes : info.other_bytes);
	return true;
}

void clients_read(struct drm *drm, const struct watch *watch)
{
	size_t count;
	const struct watch_process *processes = watch_processes(watch, &count);

	for (size_t i = drm->client_count; i-- > 0;) {
		struct drm_client *client = &drm->clients[i];
		const struct watch_process *process =
			client->process < count ? &processes[client->process] : NULL;
		bool lives = process && process->pid == client->pid &&
			     process->start_ticks == client->start_ticks;

		if (lives && !drm->gpus[client->gpu].is_awake) {
			struct drm_use *use =
				drm_use(drm, process, client->process, client->gpu, false);

			/* What it holds, it holds on. */
			if (use)
				use->memory_bytes = use->told_bytes;
			client->read_ns = 0;
			continue;
		}
		if (!lives || !read_client(drm, process, client))
			*client = drm->clients[--drm->client_count];
	}
}
