/* SPDX-License-Identifier: Apache-2.0 */
/* Which GPUs worked for what is watched: what its operations are compared to. */
#include "model/books_private.h"

#include "base/clock.h"
#include "model/roofline.h"

#include <string.h>

/* Work of nobody for so long: then the driver names no processes here. */
#define UNNAMED_S 3

/* Watched ones have threads. One of another pid namespace is known by its number alone: it is who uses this container's
 * GPU. */
static bool is_watched(const struct domain *process)
{
	int pid, tid;
	uint64_t start_ticks = 1;

	for (const struct domain *child = process->first_child; child;
	     child = child->next_sibling) {
		if (child->kind == DOMAIN_THREAD)
			return true;
	}
	return domain_key_parse(process->key, &pid, &tid, &start_ticks) == 0 && start_ticks == 0;
}

void books_gpu_use(struct books *books, struct books_device *gpu, const struct domain *process,
		   const struct series *series)
{
	const struct cell *busy = series_cell(series, METRIC_GPU_BUSY_NS);
	const struct cell *memory = series_cell(series, METRIC_GPU_MEMORY_BYTES);
	bool works = busy && busy->started ? busy->value > 0
					   : memory && memory->known && memory->value > 0;

	books->names_users = true;
	if (gpu->is_used || !works || !is_watched(process))
		return;
	gpu->is_used = true;
	session_label(books->session, gpu->domain, ROOFLINE_USED,
		      "the driver names a watched process");
}

void books_gpu_use_unnamed(struct books *books, struct books_device *gpu, bool is_at_work,
			   int64_t length_ns)
{
	if (!is_at_work || books->names_users || gpu->is_used)
		return;
	gpu->unnamed_s += (double)length_ns / (double)CLOCK_NS_PER_S;
	gpu->is_used = gpu->unnamed_s >= UNNAMED_S;
	if (gpu->is_used)
		session_label(books->session, gpu->domain, ROOFLINE_USED,
			      "it works, and the driver names no process");
}
