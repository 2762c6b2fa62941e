/* SPDX-License-Identifier: Apache-2.0 */
/* The producers that measure: one worker for the watch and the fast probes, one for each slow
 * probe. */
#include "measure/sampler.h"

#include "measure/worker.h"

#include <stdlib.h>

/* What stopping may take in all. */
#define STOP_BUDGET_NS (200 * CLOCK_NS_PER_MS)

struct sampler {
	struct worker **workers;
	size_t count;
};

int sampler_producers(const struct probe *const *probes)
{
	int count = 1;
	for (; *probes; probes++)
		count += (*probes)->slow;
	return count;
}

static int add_worker(struct sampler *sampler, const struct sampler_options *options,
		      const struct probe *slow)
{
	struct worker *worker =
		worker_create(options, options->first_producer + (int)sampler->count, slow);
	int code = worker_start(worker, slow ? slow->name : "sampler");
	if (code < 0) {
		worker_destroy(worker);
		return code;
	}
	sampler->workers[sampler->count++] = worker;
	return 0;
}

struct sampler *sampler_start(const struct sampler_options *options, struct error *err)
{
	struct sampler *sampler = memory_zeroed(1, sizeof(*sampler));
	sampler->workers = memory_zeroed((size_t)sampler_producers(options->probes),
					 sizeof(*sampler->workers));

	int code = add_worker(sampler, options, NULL);
	for (const struct probe *const *probe = options->probes; code == 0 && *probe; probe++) {
		if ((*probe)->slow)
			code = add_worker(sampler, options, *probe);
	}
	if (code == 0)
		return sampler;
	sampler_stop(sampler);
	error_set(err, -code, "cannot start a thread for measuring: %s; see ulimit -u",
		  error_name(-code));
	return NULL;
}

void sampler_set_interval(struct sampler *sampler, int64_t interval_ns)
{
	for (size_t i = 0; i < sampler->count; i++)
		worker_set_interval(sampler->workers[i], interval_ns);
}

void sampler_probe_again(struct sampler *sampler)
{
	for (size_t i = 0; i < sampler->count; i++)
		worker_probe_again(sampler->workers[i]);
}

void sampler_stop(struct sampler *sampler)
{
	if (!sampler)
		return;
	int64_t until_ns = clock_now_ns() + STOP_BUDGET_NS;
	for (size_t i = 0; i < sampler->count; i++)
		worker_ask_to_stop(sampler->workers[i]);
	for (size_t i = 0; i < sampler->count; i++)
		worker_end(sampler->workers[i], until_ns);
	free(sampler->workers);
	free(sampler);
}
