/* SPDX-License-Identifier: Apache-2.0 */
/* How much each watched process uses the graphics processors of AMD and Intel: time and memory. */
#include "probes/drm/clients.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAME  "drm"
#define GIVES "time and memory of processes on AMD and Intel GPUs"
#define CLASS "class/drm"
/* Clients are read no more often than this. */
#define PERIOD_NS (CLOCK_NS_PER_S / 10)
/* The part of a processor that looking through open files may cost. */
#define SCAN_PART 250

static int visit_node(void *user, const char *name)
{
	struct drm *drm = user;
	char uevent[1024], path[64];

	if ((!text_starts_with(name, "renderD") && !text_starts_with(name, "card")) ||
	    strchr(name, '-') || strlen(name) >= sizeof(drm->nodes[0].name) ||
	    drm->node_count == NODES_MAX)
		return 0;
	text_print(path, sizeof(path), CLASS "/%s", name);
	if (card_read(drm->root, path, "device/uevent", uevent, sizeof(uevent)) < 0)
		return 0;
	for (size_t i = 0; i < drm->gpu_count; i++) {
		char line[48];

		text_print(line, sizeof(line), "PCI_SLOT_NAME=%s", drm->gpus[i].card.address);
		if (!strstr(uevent, line))
			continue;
		struct drm_node *node = &drm->nodes[drm->node_count++];

		text_print(node->name, sizeof(node->name), "%s", name);
		node->gpu = (uint8_t)i;
		break;
	}
	return 0;
}

static int drm_open(void *self, const struct probe_context *context, struct error *err)
{
	static const char *const drivers[] = {"amdgpu", "i915", "xe"};
	struct drm *drm = self;
	struct card cards[CARDS_MAX];

	drm->root = context->root;
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
		size_t room = CARDS_MAX - drm->gpu_count;
		size_t count = cards_find(context->root, drivers[i], cards, room);

		for (size_t j = 0; j < count && j < room; j++) {
			struct drm_gpu *gpu = &drm->gpus[drm->gpu_count++];

			gpu->card = cards[j];
			gpu_key(gpu->key, cards[j].address);
		}
	}
	if (drm->gpu_count == 0)
		return error_set(err, ENODEV, "no card of the drivers amdgpu, i915 and xe");
	sysroot_list(context->root, SYSROOT_SYS, CLASS, visit_node, drm);
	kfd_open(drm);
	return 0;
}

struct drm_use *drm_use(struct drm *drm, const struct watch_process *process, size_t index,
			size_t gpu, bool is_compute)
{
	struct drm_use *use = NULL;

	for (size_t i = 0; i < drm->use_count && !use; i++) {
		struct drm_use *at = &drm->uses[i];

		if (at->pid == process->pid && at->start_ticks == process->start_ticks &&
		    at->gpu == gpu && at->is_compute == is_compute)
			use = at;
	}
	if (!use && drm->use_count == USES_MAX) {
		drm->left_out = true;
		return NULL;
	}
	if (!use) {
		use = &drm->uses[drm->use_count++];
		*use = (struct drm_use){
			.pid = process->pid,
			.start_ticks = process->start_ticks,
			.process = index,
			.gpu = (uint8_t)gpu,
			.is_compute = is_compute,
			.memory_bytes = -1,
			.told_bytes = -1,
		};
	}
	use->is_here = true;
	return use;
}

static void tell(const struct drm *drm, struct feed *feed, const struct watch_process *process,
		 struct drm_use *use)
{
	if (use->series == 0) {
		char source[DOMAIN_KEY_SIZE];

		text_print(source, sizeof(source), "%s:%s", use->is_compute ? "kfd" : NAME,
			   drm->gpus[use->gpu].key);
		use->series = feed_series(feed, process->domain, source,
					  use->is_compute ? QUALITY_SAMPLED : QUALITY_MEASURED);
	}
	feed_increase(feed, use->series, METRIC_GPU_BUSY_NS, drm->now_ns, use->busy_ns);
	if (use->memory_bytes != use->told_bytes && use->memory_bytes >= 0)
		feed_gauge(feed, use->series, METRIC_GPU_MEMORY_BYTES, drm->now_ns,
			   use->memory_bytes);
	use->told_bytes = use->memory_bytes;
}

/* One that closed its files holds nothing and does nothing, as long as it lives. */
static void tell_all(struct drm *drm, struct feed *feed, const struct watch *watch)
{
	size_t count;
	const struct watch_process *processes = watch_processes(watch, &count);

	for (size_t i = drm->use_count; i-- > 0;) {
		struct drm_use *use = &drm->uses[i];
		const struct watch_process *process =
			use->process < count ? &processes[use->process] : NULL;

		if (!process || process->pid != use->pid ||
		    process->start_ticks != use->start_ticks) {
			*use = drm->uses[--drm->use_count];
			continue;
		}
		if (!use->is_here && use->told_bytes > 0)
			use->memory_bytes = 0;
		tell(drm, feed, process, use);
		if (!use->is_here)
			use->seen_ns = 0;
	}
}

static void begin(struct drm *drm)
{
	for (size_t i = 0; i < drm->gpu_count; i++) {
		int code;

		drm->gpus[i].is_awake =
			card_state(drm->root, &drm->gpus[i].card, &code) == CARD_ACTIVE;
	}
	for (size_t i = 0; i < drm->use_count; i++) {
		drm->uses[i].is_here = false;
		drm->uses[i].busy_ns = 0;
		drm->uses[i].memory_bytes = -1;
	}
}

static int drm_sample(void *self, const struct probe_context *context, const struct watch *watch)
{
	struct drm *drm = self;
	int64_t now_ns = clock_now_ns();
	bool left_out = drm->left_out;

	if (drm->now_ns > 0 && now_ns - drm->now_ns < PERIOD_NS - PERIOD_NS / 10)
		return 0;
	drm->now_ns = now_ns;
	begin(drm);
	clients_scan(drm, watch, context->interval_ns / SCAN_PART);
	clients_read(drm, watch);
	kfd_read(drm, watch);
	tell_all(drm, context->feed, watch);
	if (drm->left_out && !left_out)
		feed_source(context->feed, NAME, SOURCE_PARTIAL, GIVES,
			    "too many clients: the rest is not told", "");
	return 0;
}

static void drm_close(void *self)
{
	struct drm *drm = self;

	free(drm->programs);
	drm->programs = NULL;
	drm->program_capacity = 0;
}

const struct probe probe_drm = {
	.name = NAME,
	.gives = GIVES,
	.private_size = sizeof(struct drm),
	.open = drm_open,
	.sample = drm_sample,
	.close = drm_close,
};
