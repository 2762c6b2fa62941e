/* SPDX-License-Identifier: Apache-2.0 */
/* The books of energy: their life, the exact split, and what they say about themselves. */
#include "model/books_private.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int64_t books_split(int64_t energy_uj, const uint64_t *weights, size_t count, int64_t *shares)
{
	__extension__ unsigned __int128 sum = 0;
	size_t largest = 0;
	int64_t rest = energy_uj;

	for (size_t i = 0; i < count; i++) {
		sum += weights[i];
		shares[i] = 0;
		if (weights[i] > weights[largest])
			largest = i;
	}
	if (sum == 0 || energy_uj <= 0)
		return energy_uj;
	for (size_t i = 0; i < count; i++) {
		/* Below 2^63 x 2^64: fits. */
		__extension__ unsigned __int128 part =
			(unsigned __int128)(uint64_t)energy_uj * weights[i] / sum;

		shares[i] = (int64_t)part;
		rest -= shares[i];
	}
	shares[largest] += rest;
	return 0;
}

struct books *books_create(struct session *session, const struct books_options *options)
{
	struct books *books = memory_zeroed(1, sizeof(*books));

	books->session = session;
	books->options = *options;
	books->traffic = books_traffic_create();
	if (options->baseline_named)
		text_print(books->baseline_named, sizeof(books->baseline_named), "%s",
			   options->baseline_named);
	return books;
}

void books_destroy(struct books *books)
{
	if (!books)
		return;
	for (size_t i = 0; i < books->package_count; i++) {
		free(books->packages[i].efforts);
		free(books->packages[i].model);
	}
	for (size_t i = 0; i < books->gpu_count; i++)
		free(books->gpus[i].users);
	free(books->gpus);
	books_traffic_destroy(books->traffic);
	free(books->siblings);
	free(books->packages);
	free(books->drams);
	free(books->seen);
	free(books->package_of_cpu);
	free(books->sharers);
	free(books->weights);
	free(books->shares);
	free(books->sensors);
	free(books->estimates);
	free(books);
}

static double find_baseline_w(const struct books *books, const struct domain *domain)
{
	for (size_t i = 0; i < books->options.idle_count; i++) {
		if (strcmp(books->options.idles[i].domain, domain->key) == 0)
			return books->options.idles[i].power_w;
	}
	return domain->kind == DOMAIN_PACKAGE ? books->options.baseline_w : NAN;
}

/* Devices appear and stay: the lists follow the session's. */
static void find_devices(struct books *books, enum domain_kind kind, struct books_device **devices,
			 size_t *count, size_t *capacity)
{
	size_t found;
	struct domain *const *domains = session_kind(books->session, kind, &found);

	for (size_t i = 0; i < found; i++) {
		size_t k = 0;

		while (k < *count && (*devices)[k].domain != domains[i])
			k++;
		if (k < *count)
			continue;
		memory_reserve(devices, capacity, *count + 1, sizeof(**devices));
		(*devices)[*count] = (struct books_device){.domain = domains[i], .lowest_w = NAN};
		(*devices)[*count].baseline_w = find_baseline_w(books, domains[i]);
		if (kind == DOMAIN_PACKAGE)
			(*devices)[*count].model = books_model_create();
		++*count;
	}
}

void books_tick(struct books *books)
{
	books_integrate(books);
	books_estimate(books);
	find_devices(books, DOMAIN_PACKAGE, &books->packages, &books->package_count,
		     &books->package_capacity);
	find_devices(books, DOMAIN_DRAM, &books->drams, &books->dram_count, &books->dram_capacity);
	find_devices(books, DOMAIN_GPU, &books->gpus, &books->gpu_count, &books->gpu_capacity);
	books_weigh(books);
	books_gpu_weigh(books);
	books_traffic_tick(books);
	books_close(books);
}

const char *books_weight(const struct session *session)
{
	const char *weight = session_meta_get(session, "books_weight");

	return weight ? weight : "";
}

double books_band_ratio(const struct session *session)
{
	const char *percent = session_meta_get(session, "books_band_percent");
	double band;

	return percent && text_to_double(percent, &band) == 0 ? band / 100 : NAN;
}

const char *books_fit(const struct session *session)
{
	const char *fit = session_meta_get(session, "books_fit");

	return fit ? fit : "";
}

const char *books_weight_text(const struct session *session, char *out, size_t size)
{
	const char *weight = books_weight(session);
	double band_ratio = books_band_ratio(session);

	if (weight[0] && !isnan(band_ratio))
		text_print(out, size, "%s, ±%.0f %%", weight, band_ratio * 100);
	else
		text_print(out, size, "%s", weight);
	return out;
}

double books_idle_w(const struct session *session, const char **named)
{
	const char *watts = session_meta_get(session, "books_idle_watts");
	const char *origin = session_meta_get(session, "books_idle_named");
	double idle_w;

	if (named)
		*named = origin ? origin : "";
	return watts && text_to_double(watts, &idle_w) == 0 ? idle_w : NAN;
}
