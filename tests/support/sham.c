/* SPDX-License-Identifier: Apache-2.0 */
/* A machine that does not exist, told to a session tick by tick. */
#include "tests/support/sham.h"

#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

uint64_t sham_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static bool chance(struct sham *sham, int in)
{
	return sham_random(&sham->random) % (uint64_t)in == 0;
}

static uint64_t amount(struct sham *sham, uint64_t below)
{
	return sham_random(&sham->random) % below;
}

void sham_apply(struct sham *sham)
{
	struct batch *full = feed_swap(sham->feed, sham->spare);

	session_apply(sham->session, full);
	batch_clear(full);
	sham->spare = full;
}

static void bear(struct sham *sham, int i)
{
	static const char *const names[] = {"pt_main_thread",	"NA",	    "null",
					    "a,b \"c\"",	"  blank ", "NA  ",
					    "\xc3\xa9t\xc3\xa9"};
	char key[DOMAIN_KEY_SIZE];

	sham->threads[i].number = sham->born++;
	sham->threads[i].alive = true;
	sham->threads[i].busy_ns = sham->threads[i].cycles = 0;
	domain_key_thread(key, 4711, 4711 + sham->threads[i].number, 88120);
	sham->threads[i].domain =
		feed_domain(sham->feed, DOMAIN_THREAD, key, sham->process,
			    names[(size_t)sham->threads[i].number % ARRAY_SIZE(names)]);
}

static void announce(struct sham *sham)
{
	char key[DOMAIN_KEY_SIZE];
	uint32_t socket = feed_domain(sham->feed, DOMAIN_SOCKET, "socket-0", 0, "socket-0");

	sham->package = feed_domain(sham->feed, DOMAIN_PACKAGE, "package-0", socket, "package-0");
	for (int i = 0; i < SHAM_CPUS; i++) {
		text_print(key, sizeof(key), "cpu%d", i);
		feed_domain(sham->feed, DOMAIN_CPU, key, sham->package, key);
	}
	domain_key_process(key, 4711, 88120);
	sham->process = feed_domain(sham->feed, DOMAIN_PROCESS, key, 0, "python3");
	feed_label(sham->feed, sham->process, "command", "python3 train.py --lr 1");
	feed_label(sham->feed, sham->process, "user", "ann");
	feed_meta(sham->feed, "cpu_model", "Sham CPU, 4 cores");
	feed_source(sham->feed, "powercap", SOURCE_OK, "package energy", "", "");
	for (int i = 0; i < SHAM_THREADS; i++)
		bear(sham, i);
}

void sham_start(struct sham *sham, uint64_t seed, bool everything)
{
	const struct books_options options = {.baseline_w = NAN};

	*sham = (struct sham){.random = seed * 2654435761u + 1,
			      .now_ns = INT64_C(77000000000),
			      .everything = everything};
	sham->session = session_create(1);
	sham->books = books_create(sham->session, &options);
	sham->feed = feed_create();
	sham->spare = memory_zeroed(1, sizeof(*sham->spare));
	announce(sham);
}

void sham_end(struct sham *sham)
{
	books_destroy(sham->books);
	session_destroy(sham->session);
	feed_destroy(sham->feed);
	batch_finish(sham->spare);
	free(sham->spare);
}

static void feed_cpus(struct sham *sham)
{
	for (int i = 0; i < SHAM_CPUS; i++) {
		char key[DOMAIN_KEY_SIZE];

		text_print(key, sizeof(key), "cpu%d", i);

		uint32_t domain = feed_domain(sham->feed, DOMAIN_CPU, key, sham->package, key);
		uint32_t series = feed_series(sham->feed, domain, "cpu", QUALITY_MEASURED);

		feed_counter(sham->feed, series, METRIC_BUSY_NS, sham->now_ns + 1000,
			     5000 + sham->cpu_busy_ns[i]);
		feed_gauge(sham->feed, series, METRIC_FREQUENCY_HZ, sham->now_ns + 2000,
			   2000000000 + (int64_t)amount(sham, 3) * 100000000);
	}
}

static void feed_thread(struct sham *sham, int i)
{
	const struct counter_rule from_zero = {.from_zero = true};
	uint64_t busy_ns = chance(sham, 3) ? 0 : amount(sham, SHAM_TICK_NS / 2);
	uint32_t series =
		feed_series(sham->feed, sham->threads[i].domain, "counters", QUALITY_MEASURED);

	if (!sham->threads[i].alive)
		return;
	sham->threads[i].busy_ns += busy_ns;
	sham->threads[i].cycles += busy_ns * 3 + (busy_ns > 0 ? amount(sham, 1000) : 0);
	sham->cpu_busy_ns[i % SHAM_CPUS] += busy_ns;
	feed_rule(sham->feed, series, METRIC_BUSY_NS, &from_zero);
	feed_rule(sham->feed, series, METRIC_CYCLES, &from_zero);
	feed_counter(sham->feed, series, METRIC_BUSY_NS, sham->now_ns + 3000,
		     sham->threads[i].busy_ns);
	feed_counter(sham->feed, series, METRIC_CYCLES, sham->now_ns + 3000,
		     sham->threads[i].cycles);
	feed_gauge(sham->feed, series, METRIC_CPU_NUMBER, sham->now_ns + 3000, i % SHAM_CPUS);
}

static void feed_package(struct sham *sham)
{
	uint32_t series =
		feed_series(sham->feed, sham->package, "powercap:intel-rapl:0", QUALITY_MEASURED);

	if (!chance(sham, 4))
		sham->package_uj += 20000000 + amount(sham, 60000000);
	if (sham->everything && chance(sham, 9))
		feed_gap(sham->feed, series, METRIC_ENERGY_UJ, sham->now_ns + 500,
			 chance(sham, 2) ? EIO : EACCES, "EIO reading energy_uj, twice");
	else
		feed_counter(sham->feed, series, METRIC_ENERGY_UJ, sham->now_ns + 500,
			     1000 + sham->package_uj);
	feed_gauge(sham->feed, series, METRIC_POWER_LIMIT_UW, sham->now_ns + 700, 95000000);
}

static void feed_rest(struct sham *sham)
{
	char text[64];

	if (chance(sham, 3))
		feed_note(sham->feed, sham->now_ns + 10, NOTE_WARN, sham->package,
			  "something is odd");
	if (chance(sham, 6))
		feed_note(sham->feed, sham->now_ns + 20, NOTE_INFO, 0, "tick %u", sham->ticks);
	if (chance(sham, 4))
		feed_mark(sham->feed, sham->now_ns + 30, chance(sham, 2) ? MARK_BEGIN : MARK_END,
			  "forward");
	if (chance(sham, 3))
		feed_work(sham->feed, sham->now_ns + 40, "marks", "samples",
			  (int64_t)amount(sham, 100));
	if (chance(sham, 5)) {
		text_print(text, sizeof(text), "train-%u", sham->ticks);
		feed_label(sham->feed, sham->process, "container", text);
	}
	if (chance(sham, 6))
		feed_source(sham->feed, "nvml", chance(sham, 2) ? SOURCE_FAILED : SOURCE_OK, "gpu",
			    "it went away", "none");
	for (int i = 0; i < SHAM_THREADS; i++) {
		if (!sham->threads[i].alive || !chance(sham, 12))
			continue;
		feed_retire(sham->feed, sham->now_ns, sham->threads[i].domain);
		bear(sham, i);
	}
}

void sham_tick(struct sham *sham)
{
	sham->now_ns += SHAM_TICK_NS + (int64_t)amount(sham, 1000000);
	sham->ticks++;
	if (sham->everything)
		feed_rest(sham);
	feed_package(sham);
	for (int i = 0; i < SHAM_THREADS; i++)
		feed_thread(sham, i);
	feed_cpus(sham);
	feed_tick(sham->feed, sham->now_ns, sham->ticks, chance(sham, 10) ? SHAM_TICK_NS : 0);
	sham_apply(sham);
	books_tick(sham->books);
}
