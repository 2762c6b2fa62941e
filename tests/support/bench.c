/* SPDX-License-Identifier: Apache-2.0 */
/* A machine of one package, two CPUs and two threads with its books, moved by hand. */
#include "tests/support/bench.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdlib.h>

static void bench_feed(struct bench *bench)
{
	const struct counter_rule from_zero = {.from_zero = true};
	struct feed *feed = bench->feed;

	for (int i = 0; i < 2; i++) {
		feed_rule(feed, bench->cpus[i], METRIC_BUSY_NS, &from_zero);
		feed_counter(feed, bench->cpus[i], METRIC_BUSY_NS, bench->now_ns, bench->cpu_ns[i]);
		feed_rule(feed, bench->counters[i], METRIC_BUSY_NS, &from_zero);
		feed_rule(feed, bench->counters[i], METRIC_CYCLES, &from_zero);
		feed_counter(feed, bench->counters[i], METRIC_BUSY_NS, bench->now_ns,
			     bench->busy_ns[i]);
		if (!bench->without_cycles)
			feed_counter(feed, bench->counters[i], METRIC_CYCLES, bench->now_ns,
				     bench->cycles[i]);
		feed_gauge(feed, bench->counters[i], METRIC_CPU_NUMBER, bench->now_ns, i);
	}
	feed_rule(feed, bench->cpus[0], METRIC_INTERRUPT_NS, &from_zero);
	feed_counter(feed, bench->cpus[0], METRIC_INTERRUPT_NS, bench->now_ns, bench->interrupt_ns);
	if (bench->energy)
		feed_counter(feed, bench->energy, METRIC_ENERGY_UJ, bench->now_ns,
			     bench->energy_uj);
}

void bench_tick(struct bench *bench)
{
	bench->now_ns += CLOCK_NS_PER_S;
	bench_feed(bench);
	feed_tick(bench->feed, bench->now_ns, ++bench->ticks, 0);
	bench->spare = feed_swap(bench->feed, bench->spare);
	session_apply(bench->session, bench->spare);
	batch_clear(bench->spare);
	books_tick(bench->books);
}

void bench_start(struct bench *bench, const struct books_options *options, bool with_energy)
{
	*bench = (struct bench){.now_ns = 10 * CLOCK_NS_PER_S};
	bench->session = session_create(1);
	bench->feed = feed_create();
	bench->spare = memory_zeroed(1, sizeof(*bench->spare));
	bench->books = books_create(bench->session, options);
	bench->package = feed_domain(bench->feed, DOMAIN_PACKAGE, "package-0", 0, "package-0");
	if (with_energy)
		bench->energy =
			feed_series(bench->feed, bench->package, "powercap", QUALITY_MEASURED);
	for (int i = 0; i < 2; i++) {
		char key[DOMAIN_KEY_SIZE];
		uint32_t process = feed_domain(bench->feed, DOMAIN_PROCESS, "5@1", 0, "train");

		text_print(key, sizeof(key), "cpu%d", i);
		bench->cpus[i] = feed_series(
			bench->feed, feed_domain(bench->feed, DOMAIN_CPU, key, bench->package, key),
			"cpu", QUALITY_MEASURED);
		domain_key_thread(key, 5, 5 + i, 1);
		bench->threads[i] = feed_domain(bench->feed, DOMAIN_THREAD, key, process, "worker");
		bench->counters[i] =
			feed_series(bench->feed, bench->threads[i], "counters", QUALITY_MEASURED);
	}
	bench_tick(bench);
}

void bench_end(struct bench *bench)
{
	books_destroy(bench->books);
	session_destroy(bench->session);
	feed_destroy(bench->feed);
	batch_finish(bench->spare);
	free(bench->spare);
}

void bench_run(struct bench *bench, uint64_t first_ms, uint64_t second_ms, uint64_t other_ms,
	       uint64_t interrupt_ms)
{
	bench->busy_ns[0] += first_ms * 1000000;
	bench->busy_ns[1] += second_ms * 1000000;
	bench->cycles[0] += first_ms * 1000000 * 3;
	bench->cycles[1] += second_ms * 1000000;
	bench->cpu_ns[0] += (first_ms + other_ms) * 1000000;
	bench->cpu_ns[1] += (second_ms + interrupt_ms) * 1000000;
	bench->interrupt_ns += interrupt_ms * 1000000;
}

static int64_t energy_of(const struct domain *domain)
{
	int64_t sum = 0;

	for (const struct series *series = domain->series; series; series = series->next) {
		const struct cell *cell = series_cell(series, METRIC_ENERGY_UJ);

		sum += cell ? cell->value : 0;
	}
	return sum;
}

int64_t bench_energy_of_kind(const struct session *session, enum domain_kind kind)
{
	size_t count;
	struct domain *const *domains = session_domains(session, &count);
	int64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += domains[i]->kind == kind ? energy_of(domains[i]) : 0;
	return sum;
}

int64_t bench_energy_of_shares(const struct session *session)
{
	return bench_energy_of_kind(session, DOMAIN_THREAD) +
	       bench_energy_of_kind(session, DOMAIN_PROCESS) +
	       bench_energy_of_kind(session, DOMAIN_ENDED) +
	       bench_energy_of_kind(session, DOMAIN_IDLE) +
	       bench_energy_of_kind(session, DOMAIN_OTHERS) +
	       bench_energy_of_kind(session, DOMAIN_UNATTRIBUTED);
}

int64_t bench_energy(const struct session *session, const char *key)
{
	const struct domain *domain = session_find(session, key);

	return domain ? energy_of(domain) : -1;
}
