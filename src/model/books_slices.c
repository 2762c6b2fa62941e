/* SPDX-License-Identifier: Apache-2.0 */
/* The energy of a GPU that was cut into slices (MIG), which have no meter: shared out by the multiprocessors that worked in
 * each, and in a slice by the memory that its processes hold. */
#include "model/books_private.h"

#include "base/memory.h"
#include "base/text.h"

#include <string.h>

/* As of a whole GPU. */
#define QUIET_RATIO	   0.05

#define SOURCE_BY_ACTIVITY "weight:slice-activity"
#define SOURCE_BY_SIZE	   "weight:slice-size"

static struct domain *next_slice(struct domain *from)
{
	while (from && !(from->kind == DOMAIN_GPU_SLICE && from->alive))
		from = from->next_sibling;
	return from;
}

/* The share of its multiprocessors that worked; false = not told. */
static bool activity_of(const struct domain *slice, int64_t *ppm)
{
	const struct series *series = domain_series(slice, METRIC_SM_ACTIVITY_PPM);
	const struct cell *cell = series ? series_cell(series, METRIC_SM_ACTIVITY_PPM) : NULL;

	*ppm = cell && cell->known ? cell->value : 0;
	return cell && cell->known;
}

/* Of the GPU's compute slices, how many it has. */
static uint64_t size_of(const struct domain *slice)
{
	const char *text = domain_label(slice, BOOKS_SLICE_SIZE);
	uint64_t size;

	return text && text_to_u64(text, &size) == 0 && size > 0 && size < 64 ? size : 1;
}

bool books_has_slices(const struct books_device *gpu)
{
	return next_slice(gpu->domain->first_child) != NULL;
}

bool books_slices_work(const struct books_device *gpu)
{
	const struct domain *slice = next_slice(gpu->domain->first_child);

	for (; slice; slice = next_slice(slice->next_sibling)) {
		int64_t ppm;

		/* What is not known may be work: its power is nobody's rest. */
		if (!activity_of(slice, &ppm) ||
		    metric_si(METRIC_SM_ACTIVITY_PPM, ppm) >= QUIET_RATIO)
			return true;
	}
	return false;
}

static void add_sharer(struct books *books, struct domain *domain, uint64_t weight)
{
	size_t place = books->sharer_count++;

	memory_reserve(&books->sharers, &books->sharer_capacity, place + 1,
		       sizeof(struct domain *));
	memory_reserve(&books->weights, &books->weight_capacity, place + 1,
		       sizeof(*books->weights));
	memory_reserve(&books->shares, &books->share_capacity, place + 1, sizeof(*books->shares));
	books->sharers[place] = domain;
	books->weights[place] = weight;
}

/* Who has had a share is told that nothing came, too: that is the end of its last step. */
static void give(struct books *books, struct domain *domain, const char *source,
		 enum quality quality, int64_t from_ns, int64_t share_uj)
{
	bool has_share = false;

	for (const struct series *series = domain->series; series && !has_share;
	     series = series->next)
		has_share = strcmp(series->source, source) == 0;
	if (has_share || share_uj > 0)
		books_give(books, session_series(books->session, domain, source, quality), from_ns,
			   share_uj);
}

/* What a process holds of a slice: its series is named by the slice's key. -1 = it has nothing to do with it. */
static int64_t held_bytes(const struct domain *process, const char *key)
{
	for (const struct series *series = process->series; series; series = series->next) {
		const char *about = strchr(series->source, ':');
		const struct cell *cell;

		if (series->is_share || series->is_folded || !about || strcmp(about + 1, key) != 0)
			continue;
		cell = series_cell(series, METRIC_GPU_MEMORY_BYTES);
		return cell && cell->known ? cell->value : 0;
	}
	return -1;
}

/* What nobody in it holds any of stays the slice's. */
static void share_in_slice(struct books *books, const struct books_device *gpu, const char *key,
			   int64_t from_ns, int64_t energy_uj)
{
	size_t count;
	struct domain *const *processes = session_kind(books->session, DOMAIN_PROCESS, &count);
	char source[DOMAIN_KEY_SIZE];

	text_print(source, sizeof(source), "weight:%s", key);
	books->sharer_count = 0;
	for (size_t i = 0; i < count; i++) {
		int64_t bytes = held_bytes(processes[i], key);

		if (bytes >= 0)
			add_sharer(books, processes[i], (uint64_t)bytes);
	}
	if (books->sharer_count == 0)
		return;
	books_split(energy_uj, books->weights, books->sharer_count, books->shares);
	for (size_t i = 0; i < books->sharer_count; i++)
		give(books, books->sharers[i], source, gpu->quality, from_ns, books->shares[i]);
}

/* By activity where each tells one (true), else all by size. */
static bool weigh(struct books *books, const struct books_device *gpu)
{
	struct domain *first = next_slice(gpu->domain->first_child);
	bool by_activity = true;
	int64_t ppm;

	for (struct domain *slice = first; slice; slice = next_slice(slice->next_sibling))
		by_activity &= activity_of(slice, &ppm);
	books->sharer_count = 0;
	for (struct domain *slice = first; slice; slice = next_slice(slice->next_sibling)) {
		activity_of(slice, &ppm);
		add_sharer(books, slice, size_of(slice) * (by_activity ? (uint64_t)ppm : 1));
	}
	return by_activity;
}

void books_share_slices(struct books *books, struct books_device *gpu, int64_t energy_uj,
			int64_t from_ns)
{
	bool by_activity = weigh(books, gpu);
	size_t count = books->sharer_count;
	int64_t rest_uj = books_split(energy_uj, books->weights, count, books->shares);
	struct {
		const char *key;
		int64_t energy_uj;
	} parts[BOOKS_SLICES_MAX];

	for (size_t i = 0; i < count; i++) {
		give(books, books->sharers[i], SOURCE_BY_ACTIVITY, gpu->quality, from_ns,
		     by_activity ? books->shares[i] : 0);
		give(books, books->sharers[i], SOURCE_BY_SIZE, gpu->quality, from_ns,
		     by_activity ? 0 : books->shares[i]);
		if (i < BOOKS_SLICES_MAX) {
			parts[i].key = books->sharers[i]->key;
			parts[i].energy_uj = books->shares[i];
		}
	}
	books_give(books, gpu->unattributed, from_ns, rest_uj);
	for (size_t i = 0; i < count && i < BOOKS_SLICES_MAX; i++)
		share_in_slice(books, gpu, parts[i].key, from_ns, parts[i].energy_uj);
}
