/* SPDX-License-Identifier: Apache-2.0 */
/* The energy of a GPU shared out among the processes that worked on it, by the time that it worked for each. */
#include "model/books_private.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

/* A GPU that works for less than this part of a second is quiet: its power is what it draws for nothing. */
#define QUIET_RATIO 0.05

/* Drivers tell once a second who worked, and their energy counters move more often: between two tellings the last one
 * stands. */
#define STANDING_NS (CLOCK_NS_PER_S * 3 / 2)

#define SOURCE_ROWS "weight:gpu-time"

/* The GPU that a series of a process is about: what follows the name of the probe is the GPU's key, or that of a slice. */
static struct books_device *gpu_of(struct books *books, const struct series *series)
{
	const char *key = strchr(series->source, ':');

	for (size_t i = 0; key && i < books->gpu_count; i++) {
		size_t length = strlen(books->gpus[i].domain->key);

		if (strncmp(books->gpus[i].domain->key, key + 1, length) == 0 &&
		    (key[1 + length] == '\0' || key[1 + length] == '/'))
			return &books->gpus[i];
	}
	return NULL;
}

static struct books_user *user_of(struct books_device *gpu, const struct domain *process)
{
	memory_reserve(&gpu->users, &gpu->user_capacity, process->number + 1, sizeof(*gpu->users));

	struct books_user *user = &gpu->users[process->number];

	if (user->domain != process || user->born_ns != process->born_ns)
		*user = (struct books_user){.domain = process, .born_ns = process->born_ns};
	return user;
}

static void weigh(struct books *books, struct domain *process, const struct series *series)
{
	const struct cell *cell = series_cell(series, METRIC_GPU_BUSY_NS);
	struct books_device *gpu = gpu_of(books, series);

	if (gpu)
		books_gpu_use(books, gpu, process, series);
	if (!gpu || !cell || !cell->started)
		return;

	struct books_user *user = user_of(gpu, process);

	if (cell->value > user->seen_ns) {
		user->effort_ns += (uint64_t)(cell->value - user->seen_ns);
		process->weight = 1; /* it may not leave before its share has come */
	}
	user->seen_ns = cell->value;
	user->told_ns = cell->time_ns;
	user->last_ns = cell->value > cell->previous ? (uint64_t)(cell->value - cell->previous) : 0;
	if (cell->time_ns > gpu->told_ns)
		gpu->told_ns = cell->time_ns;
}

void books_gpu_weigh(struct books *books)
{
	size_t count;
	struct domain *const *domains = session_domains(books->session, &count);

	/* The dead as well: what they did last is shared out at the next close. */
	for (size_t i = 0; books->gpu_count > 0 && i < count; i++) {
		if (domains[i]->kind != DOMAIN_PROCESS)
			continue;
		for (struct series *series = domains[i]->series; series; series = series->next) {
			if (!series->is_share && !series->is_folded)
				weigh(books, domains[i], series);
		}
	}
}

static bool is_at_work(const struct books_device *gpu)
{
	/* Cut into slices its driver tells no use of the whole. */
	if (books_has_slices(gpu))
		return books_slices_work(gpu);

	const struct series *series = domain_series(gpu->domain, METRIC_UTILIZATION_PPM);
	const struct cell *cell = series ? series_cell(series, METRIC_UTILIZATION_PPM) : NULL;

	return cell && cell->known && metric_si(METRIC_UTILIZATION_PPM, cell->value) >= QUIET_RATIO;
}

/* Lists the processes of a GPU with their weights; returns the time that it worked for them since the last close. */
static uint64_t list_users(struct books *books, const struct books_device *gpu)
{
	size_t count;
	struct domain *const *domains = session_domains(books->session, &count);
	uint64_t sum_ns = 0;

	books->sharer_count = 0;
	for (size_t i = 0; i < count; i++) {
		size_t number = domains[i]->number, place = books->sharer_count;

		if (domains[i]->kind != DOMAIN_PROCESS || number >= gpu->user_capacity ||
		    gpu->users[number].domain != domains[i] ||
		    gpu->users[number].born_ns != domains[i]->born_ns)
			continue;
		memory_reserve(&books->sharers, &books->sharer_capacity, place + 1,
			       sizeof(struct domain *));
		memory_reserve(&books->weights, &books->weight_capacity, place + 1,
			       sizeof(*books->weights));
		books->sharers[place] = domains[i];
		books->weights[place] = gpu->users[number].effort_ns;
		sum_ns += gpu->users[number].effort_ns;
		books->sharer_count++;
	}
	return sum_ns;
}

/* What was told last goes on until it is told anew. */
static void let_stand(struct books *books, const struct books_device *gpu)
{
	if (gpu->time_ns - gpu->told_ns >= STANDING_NS || !is_at_work(gpu))
		return;
	for (size_t i = 0; i < books->sharer_count; i++) {
		const struct books_user *user = &gpu->users[books->sharers[i]->number];

		if (user->told_ns == gpu->told_ns)
			books->weights[i] = user->last_ns;
	}
}

static void share_among_users(struct books *books, struct books_device *gpu, int64_t energy_uj,
			      int64_t from_ns)
{
	size_t count = books->sharer_count;
	char source[64];

	text_print(source, sizeof(source), "weight:%s", gpu->domain->key);
	memory_reserve(&books->shares, &books->share_capacity, count, sizeof(*books->shares));

	int64_t rest_uj = books_split(energy_uj, books->weights, count, books->shares);

	for (size_t i = 0; i < count; i++) {
		struct books_user *user = &gpu->users[books->sharers[i]->number];

		user->effort_ns = 0;
		books->sharers[i]->weight = 0;
		/* Who has had a share is told that nothing came, too: that is the end of its last step. */
		if (books->shares[i] > 0 || user->has_share)
			books_give(books,
				   session_series(books->session, books->sharers[i], source,
						  gpu->quality),
				   from_ns, books->shares[i]);
		user->has_share |= books->shares[i] > 0;
	}
	books_give(books, gpu->unattributed, from_ns, rest_uj);
}

/* Looks for the lowest second in which it did not work. */
static void look_for_idle(struct books_device *gpu, int64_t energy_uj, int64_t length_ns,
			  uint64_t busy_ns)
{
	gpu->second_j += (double)energy_uj / 1e6;
	gpu->second_s += (double)length_ns / (double)CLOCK_NS_PER_S;
	gpu->second_busy_s += (double)busy_ns / (double)CLOCK_NS_PER_S;
	gpu->second_at_work |= is_at_work(gpu);
	if (gpu->second_s < 1)
		return;

	double power_w = gpu->second_j / gpu->second_s;
	bool is_quiet = !gpu->second_at_work && gpu->second_busy_s / gpu->second_s < QUIET_RATIO;

	/* Only a clear step down counts: the shares should not change with every second. */
	if (is_quiet && !(power_w >= gpu->lowest_w * 0.995))
		gpu->lowest_w = power_w;
	gpu->second_j = gpu->second_s = gpu->second_busy_s = 0;
	gpu->second_at_work = false;
}

void books_gpu_close(struct books *books, struct books_device *gpu)
{
	int64_t energy_uj, length_ns;
	bool is_first = !gpu->series;

	if (!books_begin_close(gpu, &energy_uj, &length_ns)) {
		/* The first reading opens the books: what was done before it is not its. */
		for (size_t i = 0; is_first && i < gpu->user_capacity; i++)
			gpu->users[i].effort_ns = 0;
		return;
	}

	int64_t from_ns = books->share_ns - length_ns;
	uint64_t busy_ns = list_users(books, gpu);

	if (busy_ns == 0)
		let_stand(books, gpu);
	look_for_idle(gpu, energy_uj, length_ns, busy_ns);
	books_gpu_use_unnamed(books, gpu, is_at_work(gpu), length_ns);
	books_name_shares(books, gpu, SOURCE_ROWS);

	int64_t idle_uj = books_idle_energy(gpu, energy_uj, length_ns);

	books_give_row(books, gpu, &gpu->idle, DOMAIN_IDLE, from_ns, idle_uj);
	if (books_has_slices(gpu))
		books_share_slices(books, gpu, energy_uj - idle_uj, from_ns);
	else
		share_among_users(books, gpu, energy_uj - idle_uj, from_ns);
}
