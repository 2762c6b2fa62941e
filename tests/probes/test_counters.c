/* SPDX-License-Identifier: Apache-2.0 */
/* The probe `counters` on real threads with software events. Linked with --wrap=malloc, --wrap=calloc, --wrap=realloc
 * beside what counted.h asks for. */
#include "tests/support/cmocka_all.h"
#include "tests/support/counted.h"
#include "tests/support/heard.h"
#include "tests/support/machine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

extern const struct probe probe_processes;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);

static size_t allocations;

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

static void without_a_pmu_software_events_are_counted_and_it_is_said(void **state)
{
	struct counted stage;
	struct burner worker;
	const char *reason = "";

	(void)state;
	if (!counted_may_count())
		skip();
	counted_kernel.refuse = counted_no_pmu;
	counted_open(&stage);
	assert_int_equal(stage.code, 0);
	assert_int_equal(heard_source(stage.context.feed, "counters", &reason, NULL),
			 SOURCE_PARTIAL);
	assert_non_null(strstr(reason, "software events only"));
	burner_start(&worker);
	counted_tick(&stage);
	worker.touch_pages = 100;
	worker.naps = 50;
	burner_burn(&worker, 30 * CLOCK_NS_PER_MS);
	counted_tick(&stage);
	assert_true(counted_value(&stage, &worker, METRIC_BUSY_NS) >= 30 * CLOCK_NS_PER_MS);
	assert_true(counted_value(&stage, &worker, METRIC_PAGE_FAULTS) >= 100);
	assert_true(counted_value(&stage, &worker, METRIC_CONTEXT_SWITCHES) >= 50);
	assert_true(counted_value(&stage, &worker, METRIC_MIGRATIONS) >= 0);
	assert_int_equal(counted_value(&stage, &worker, METRIC_CYCLES), -1);
	burner_stop(&worker);
	counted_close(&stage);
}

static void a_new_thread_is_counted_from_the_next_tick(void **state)
{
	struct counted stage;
	struct burner worker;

	(void)state;
	if (!counted_may_count())
		skip();
	counted_kernel.refuse = counted_no_pmu;
	counted_open(&stage);
	counted_tick(&stage);
	burner_start(&worker);
	counted_tick(&stage);
	assert_true(counted_series(&stage, &worker) != 0);
	/* The two clocks, the thread's and the counter's, need not agree to the last microsecond. */
	burner_burn(&worker, 20 * CLOCK_NS_PER_MS);
	counted_tick(&stage);
	assert_true(counted_value(&stage, &worker, METRIC_BUSY_NS) >= 10 * CLOCK_NS_PER_MS);
	burner_stop(&worker);
	counted_close(&stage);
}

static void with_few_descriptors_the_busiest_are_counted(void **state)
{
	enum { COUNT = 30 };
	static struct burner workers[COUNT];
	struct rlimit before, few;
	struct counted stage;
	size_t counted = 0, gaps = 0;

	(void)state;
	if (!counted_may_count())
		skip();
	for (int i = 0; i < COUNT; i++)
		burner_start(&workers[i]);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = 64;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	counted_kernel.refuse = counted_no_pmu;
	counted_open(&stage);
	counted_tick(&stage);
	for (int i = 0; i < COUNT; i++) {
		counted += counted_gap(&stage, &workers[i], METRIC_BUSY_NS, NULL) == 0;
		gaps += counted_gap(&stage, &workers[i], METRIC_BUSY_NS, NULL) == EMFILE;
	}
	assert_true(counted > 0);
	assert_int_equal(counted + gaps, COUNT);
	assert_true(gaps > 0);
	assert_int_equal(heard_notes(stage.context.feed, "descriptors last for"), 1);
	/* A descriptor is left for others. */
	int fd = dup(0);

	assert_true(fd >= 0);
	close(fd);

	/* One of those without counters works, the others do not: it gets its own. */
	const struct burner *starved = NULL;

	for (int i = 0; i < COUNT && !starved; i++) {
		if (counted_gap(&stage, &workers[i], METRIC_BUSY_NS, NULL) == EMFILE)
			starved = &workers[i];
	}
	for (int i = 0; i < 3; i++) {
		burner_burn((struct burner *)(uintptr_t)starved, 20 * CLOCK_NS_PER_MS);
		counted_tick(&stage);
	}
	assert_true(counted_value(&stage, starved, METRIC_BUSY_NS) >= 20 * CLOCK_NS_PER_MS);
	assert_int_equal(heard_notes(stage.context.feed, "descriptors last for"), 1);
	counted_close(&stage);
	setrlimit(RLIMIT_NOFILE, &before);
	for (int i = 0; i < COUNT; i++)
		burner_stop(&workers[i]);
}

static void a_steady_tick_allocates_nothing(void **state)
{
	enum { COUNT = 8 };
	static struct burner workers[COUNT];
	struct counted stage;
	struct error err;

	(void)state;
	if (!counted_may_count())
		skip();
	counted_kernel.refuse = counted_no_pmu;
	counted_open(&stage);
	void *processes = memory_zeroed(1, probe_processes.private_size);

	assert_int_equal(probe_processes.open(processes, &stage.context, &err), 0);
	for (int i = 0; i < COUNT; i++)
		burner_start(&workers[i]);
	/* What is done once a second has been done when the ticks are steady. */
	int64_t steady_ns = clock_now_ns() + CLOCK_NS_PER_S * 3 / 2;
	size_t before = 0;

	for (int round = 0, steady = 0; steady < 200; round++) {
		if (round % 5 == 0)
			burner_burn(&workers[round / 5 % COUNT], CLOCK_NS_PER_MS);
		if (clock_now_ns() < steady_ns)
			before = allocations;
		else
			steady++;
		heard_clear(stage.context.feed);
		counted_tick(&stage);
		assert_int_equal(probe_processes.sample(processes, &stage.context, stage.watch), 0);
	}
	assert_int_equal(allocations, before);
	probe_processes.close(processes);
	free(processes);
	for (int i = 0; i < COUNT; i++)
		burner_stop(&workers[i]);
	counted_close(&stage);
}

static void a_recorded_machine_has_no_counters(void **state)
{
	struct probe_context context;
	struct sysroot root;
	struct error err;
	char directory[256];
	void *self = memory_zeroed(1, probe_counters.private_size);

	(void)state;
	machine_make_directory(directory, sizeof(directory));
	machine_write(directory, "proc/version", "x");
	assert_int_equal(sysroot_open(&root, directory), 0);
	context = (struct probe_context){.root = &root, .feed = feed_create()};
	assert_int_equal(probe_counters.open(self, &context, &err), -ENODEV);
	assert_non_null(strstr(err.text, "--root"));
	probe_counters.close(self);
	feed_destroy(context.feed);
	sysroot_close(&root);
	machine_remove_directory(directory);
	free(self);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_pmu_software_events_are_counted_and_it_is_said),
		cmocka_unit_test(a_new_thread_is_counted_from_the_next_tick),
		cmocka_unit_test(with_few_descriptors_the_busiest_are_counted),
		cmocka_unit_test(a_steady_tick_allocates_nothing),
		cmocka_unit_test(a_recorded_machine_has_no_counters),
	};

	return cmocka_run_group_tests_name("counters", tests, NULL, NULL);
}
