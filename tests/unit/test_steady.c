/* SPDX-License-Identifier: Apache-2.0 */
/* A tick without births and deaths allocates nothing. Linked with --wrap=malloc, calloc, realloc. */
#include "base/clock.h"
#include "model/feed.h"
#include "model/session.h"
#include "tests/support/cmocka_all.h"

#include <errno.h>
#include <stdlib.h>

#define SECOND	CLOCK_NS_PER_S
#define THREADS 200

static size_t allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
	allocations++;
	return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	allocations++;
	return __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	allocations++;
	return __real_realloc(old, size);
}

struct machine {
	struct feed *feed;
	struct session *session;
	struct batch *spare;
	uint32_t package, threads[THREADS];
	uint32_t ticks;
};

static void announce(struct machine *machine)
{
	uint32_t package = feed_domain(machine->feed, DOMAIN_PACKAGE, "package-0", 0, "package-0");
	uint32_t process = feed_domain(machine->feed, DOMAIN_PROCESS, "1@1", 0, "train");

	machine->package = feed_series(machine->feed, package, "powercap", QUALITY_MEASURED);
	for (int i = 0; i < THREADS; i++) {
		char key[DOMAIN_KEY_SIZE];
		uint32_t thread;

		domain_key_thread(key, 1, i + 1, 1);
		thread = feed_domain(machine->feed, DOMAIN_THREAD, key, process, "worker");
		machine->threads[i] =
			feed_series(machine->feed, thread, "counters", QUALITY_MEASURED);
	}
}

static void live_a_tick(struct machine *machine)
{
	uint64_t count = ++machine->ticks;
	int64_t time_ns = (int64_t)count * SECOND;

	/* The meter is silent every third tick and unreadable every tenth; half of the threads sleep by turns. */
	if (count % 10 == 0)
		feed_gap(machine->feed, machine->package, METRIC_ENERGY_UJ, time_ns, EIO,
			 "EIO reading energy_uj");
	else
		feed_counter(machine->feed, machine->package, METRIC_ENERGY_UJ, time_ns,
			     count / 3 * 1000);
	for (uint64_t i = 0; i < THREADS; i++) {
		uint64_t raw = (count + i) / 2 * 1000;

		feed_domain(machine->feed, DOMAIN_PACKAGE, "package-0", 0, "package-0");
		feed_counter(machine->feed, machine->threads[i], METRIC_BUSY_NS, time_ns, raw);
		feed_counter(machine->feed, machine->threads[i], METRIC_CYCLES, time_ns, 3 * raw);
		feed_increase(machine->feed, machine->threads[i], METRIC_INSTRUCTIONS, time_ns,
			      (int64_t)(count % 2));
		feed_gauge(machine->feed, machine->threads[i], METRIC_CPU_NUMBER, time_ns,
			   (int64_t)(i % 8));
	}
	feed_tick(machine->feed, time_ns, (uint32_t)count, 0);
	machine->spare = feed_swap(machine->feed, machine->spare);
	session_apply(machine->session, machine->spare);
	batch_clear(machine->spare);
	session_recorded(machine->session);
	session_fold(machine->session, time_ns);
}

static void a_steady_tick_allocates_nothing(void **state)
{
	struct machine machine = {.feed = feed_create(), .session = session_create(1)};
	size_t before;

	(void)state;
	machine.spare = calloc(1, sizeof(*machine.spare));
	announce(&machine);
	for (int i = 0; i < 30; i++)
		live_a_tick(&machine);
	assert_true(allocations > THREADS);
	before = allocations;
	for (int i = 0; i < 1000; i++)
		live_a_tick(&machine);
	assert_int_equal(allocations - before, 0);
	batch_finish(machine.spare);
	free(machine.spare);
	session_destroy(machine.session);
	feed_destroy(machine.feed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_steady_tick_allocates_nothing),
	};

	return cmocka_run_group_tests_name("steady", tests, NULL, NULL);
}
