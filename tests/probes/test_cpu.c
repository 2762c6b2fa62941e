/* SPDX-License-Identifier: Apache-2.0 */
/* The probe `cpu` on made-up machines. */
#include "measure/probe.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/heard.h"
#include "tests/support/machine.h"
#include "tests/support/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct probe probe_cpu;

struct stage {
	char directory[256];
	struct sysroot root;
	struct probe_context context;
	void *self;
};

static int open_probe(struct stage *stage)
{
	struct error err;

	stage->context = (struct probe_context){
		.root = &stage->root, .feed = feed_create(), .interval_ns = CLOCK_NS_PER_S / 10};
	stage->self = memory_zeroed(1, probe_cpu.private_size);
	return probe_cpu.open(stage->self, &stage->context, &err);
}

static void close_probe(struct stage *stage)
{
	probe_cpu.close(stage->self);
	free(stage->self);
	feed_destroy(stage->context.feed);
}

static void make_directory(struct stage *stage)
{
	machine_make_directory(stage->directory, sizeof(stage->directory));
}

static void open_root(struct stage *stage)
{
	assert_int_equal(sysroot_open(&stage->root, stage->directory), 0);
}

static void remove_all(struct stage *stage)
{
	sysroot_close(&stage->root);
	machine_remove_directory(stage->directory);
}

static void sample(struct stage *stage)
{
	assert_int_equal(probe_cpu.sample(stage->self, &stage->context, NULL), 0);
}

static void make_server(struct stage *stage)
{
	make_directory(stage);
	server_write(stage->directory);
	open_root(stage);
}

static int64_t value(struct stage *stage, const char *key, enum metric metric)
{
	int64_t value_now;

	assert_true(heard_value(stage->context.feed, heard_series(stage->context.feed, key, "cpu"),
				metric, &value_now));
	return value_now;
}

static void cpus_stand_below_their_package_and_socket(void **state)
{
	struct stage stage;

	(void)state;
	make_server(&stage);
	assert_int_equal(open_probe(&stage), 0);
	struct feed *feed = stage.context.feed;
	const struct batch *batch = feed_batch(feed);

	for (size_t i = 0; i < batch->count; i++) {
		const struct event *event = &batch->events[i];
		const char *key = event->type == EVENT_DOMAIN ? batch_text(batch, event, 0) : "";

		if (strcmp(key, "cpu3") == 0)
			assert_int_equal(event->ref.parent, heard_domain(feed, "package-1"));
		if (strcmp(key, "package-1") == 0)
			assert_int_equal(event->ref.parent, heard_domain(feed, "socket-1"));
		if (strcmp(key, "package-0/C6") == 0)
			assert_int_equal(event->ref.parent, heard_domain(feed, "package-0"));
	}
	assert_true(heard_domain(feed, "cpu3") != 0);
	assert_true(heard_domain(feed, "package-0/C6") != 0);
	assert_int_equal(heard_source(feed, "cpu", NULL, NULL), SOURCE_OK);
	close_probe(&stage);
	remove_all(&stage);
}

static void the_machine_is_described(void **state)
{
	struct stage stage;

	(void)state;
	make_server(&stage);
	assert_int_equal(open_probe(&stage), 0);
	assert_string_equal(heard_meta(stage.context.feed, "cpu_model"), "Xeon 9");
	assert_string_equal(heard_meta(stage.context.feed, "cpus"), "4");
	assert_string_equal(heard_meta(stage.context.feed, "memory_bytes"), "1048576");
	assert_string_equal(heard_meta(stage.context.feed, "hypervisor"), "1");
	assert_string_equal(heard_meta(stage.context.feed, "kernel"), "6.1.0");
	assert_null(heard_meta(stage.context.feed, "tsc_hz"));
	close_probe(&stage);
	remove_all(&stage);
}

static void busy_is_what_is_neither_idle_nor_waiting_nor_stolen(void **state)
{
	struct stage stage;
	int64_t tick_ns = CLOCK_NS_PER_S / sysconf(_SC_CLK_TCK);

	(void)state;
	make_server(&stage);
	assert_int_equal(open_probe(&stage), 0);
	sample(&stage);
	assert_int_equal(value(&stage, "cpu0", METRIC_BUSY_NS), 0);
	/* Guest time, the last two columns, is inside user time. */
	machine_write(
		stage.directory, "proc/stat",
		"cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 110 11 15 700 99 7 9 24 50 0\ncpu1 0 0 0 0 0 0 0 0 0 0\n"
		"cpu2 0 0 0 0 0 0 0 0 0 0\ncpu3 0 0 0 0 0 0 0 0 0 0\nintr 1");
	sample(&stage);
	assert_int_equal(value(&stage, "cpu0", METRIC_BUSY_NS), (100 + 10 + 10 + 5 + 6) * tick_ns);
	assert_int_equal(value(&stage, "cpu0", METRIC_INTERRUPT_NS), (5 + 6) * tick_ns);
	assert_int_equal(value(&stage, "cpu0", METRIC_STEAL_NS), 20 * tick_ns);
	assert_int_equal(value(&stage, "cpu1", METRIC_BUSY_NS), 0);
	close_probe(&stage);
	remove_all(&stage);
}

static void a_cpu_that_goes_off_line_is_a_gap_with_a_reason(void **state)
{
	struct stage stage;
	const char *reason = "";

	(void)state;
	make_server(&stage);
	assert_int_equal(open_probe(&stage), 0);
	sample(&stage);
	machine_write(
		stage.directory, "proc/stat",
		"cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 10 1 5 100 9 2 3 4 0 0\ncpu2 0 0 0 0 0 0 0 0 0 0\nintr 1");
	sample(&stage);
	assert_int_equal(heard_gap(stage.context.feed,
				   heard_series(stage.context.feed, "cpu1", "cpu"), METRIC_BUSY_NS,
				   &reason),
			 ENODEV);
	assert_non_null(strstr(reason, "off line"));
	assert_int_equal(value(&stage, "cpu2", METRIC_BUSY_NS), 0);
	close_probe(&stage);
	remove_all(&stage);
}

static void limits_of_the_frequency_are_told(void **state)
{
	struct stage stage;

	(void)state;
	make_server(&stage);
	assert_int_equal(open_probe(&stage), 0);
	assert_int_equal(value(&stage, "cpu2", METRIC_FREQUENCY_MIN_HZ), INT64_C(800000000));
	assert_int_equal(value(&stage, "cpu2", METRIC_FREQUENCY_MAX_HZ), INT64_C(4200000000));
	close_probe(&stage);
	remove_all(&stage);
}

static void a_machine_without_frequency_says_so(void **state)
{
	struct stage stage;
	const char *reason = "";

	(void)state;
	make_directory(&stage);
	machine_write(stage.directory, "proc/stat",
		      "cpu  1 0 0 0 0 0 0\ncpu0 1 0 0 0 0 0 0\nintr 1");
	open_root(&stage);
	assert_int_equal(open_probe(&stage), 0);
	assert_int_equal(heard_source(stage.context.feed, "cpu", &reason, NULL), SOURCE_PARTIAL);
	assert_non_null(strstr(reason, "no frequency"));
	sample(&stage);
	assert_int_equal(value(&stage, "cpu0", METRIC_BUSY_NS), 0);
	assert_int_equal(heard_gap(stage.context.feed,
				   heard_series(stage.context.feed, "cpu0", "cpu"),
				   METRIC_FREQUENCY_HZ, NULL),
			 0);
	close_probe(&stage);
	remove_all(&stage);
}

static void idle_time_is_summed_over_the_cpus_of_a_package(void **state)
{
	struct stage stage;
	int64_t start_ns = clock_now_ns();

	(void)state;
	make_server(&stage);
	assert_int_equal(open_probe(&stage), 0);
	sample(&stage);
	assert_int_equal(value(&stage, "package-0/C6", METRIC_RESIDENCY_NS), 0);
	server_write_cpu(stage.directory, 0, "cpuidle/state1/time", "7000");
	server_write_cpu(stage.directory, 1, "cpuidle/state1/time", "5500");
	server_write_cpu(stage.directory, 2, "cpuidle/state1/time", "9000");
	server_write_cpu(stage.directory, 1, "thermal_throttle/core_throttle_total_time_ms", "12");
	server_write_cpu(stage.directory, 0, "thermal_throttle/package_throttle_total_time_ms",
			 "30");
	machine_write(
		stage.directory, "proc/stat",
		"cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 99999 1 5 100 9 2 3 4 0 0\ncpu1 0 0 0 0 0 0 0 0 0 0\n"
		"cpu2 0 0 0 0 0 0 0 0 0 0\ncpu3 0 0 0 0 0 0 0 0 0 0\nintr 1");
	/* These files are many: they are read about once a second. */
	int64_t gained_ns = 0;

	while (gained_ns == 0 && clock_now_ns() - start_ns < 20 * CLOCK_NS_PER_S) {
		clock_sleep_until_ns(clock_now_ns() + 20 * CLOCK_NS_PER_MS);
		sample(&stage);
		gained_ns = value(&stage, "package-0/C6", METRIC_RESIDENCY_NS);
	}
	assert_int_equal(gained_ns, 2500 * 1000);
	assert_int_equal(value(&stage, "package-1/C6", METRIC_RESIDENCY_NS), 4000 * 1000);
	assert_int_equal(value(&stage, "package-0/POLL", METRIC_RESIDENCY_NS), 0);
	assert_int_equal(value(&stage, "cpu1", METRIC_THROTTLE_NS), 12 * CLOCK_NS_PER_MS);
	assert_int_equal(value(&stage, "package-0", METRIC_THROTTLE_NS), 30 * CLOCK_NS_PER_MS);
	assert_int_equal(value(&stage, "package-1", METRIC_THROTTLE_NS), 0);
	/* A CPU that idled has no frequency worth telling. */
	int64_t hz;

	assert_int_equal(value(&stage, "cpu0", METRIC_FREQUENCY_HZ), INT64_C(3400000000));
	assert_false(heard_value(stage.context.feed,
				 heard_series(stage.context.feed, "cpu1", "cpu"),
				 METRIC_FREQUENCY_HZ, &hz));
	close_probe(&stage);
	remove_all(&stage);
}

static void a_machine_with_nothing_is_not_here(void **state)
{
	struct stage stage;

	(void)state;
	make_directory(&stage);
	machine_write(stage.directory, "proc/version", "x");
	open_root(&stage);
	assert_int_equal(open_probe(&stage), -ENODEV);
	close_probe(&stage);
	remove_all(&stage);
}

static void dies_of_amd_are_one_package(void **state)
{
	struct stage stage;

	(void)state;
	make_server(&stage);
	for (int cpu = 0; cpu < 4; cpu++)
		server_write_cpu(stage.directory, cpu, "topology/die_id", cpu % 2 ? "1" : "0");
	assert_int_equal(open_probe(&stage), 0);
	assert_true(heard_domain(stage.context.feed, "package-1-die-1") != 0);
	assert_int_equal(heard_domain(stage.context.feed, "package-1"), 0);
	close_probe(&stage);
	machine_write(stage.directory, "proc/cpuinfo", "processor\t: 0\nvendor_id\t: AuthenticAMD");
	assert_int_equal(open_probe(&stage), 0);
	assert_int_equal(heard_domain(stage.context.feed, "package-1-die-1"), 0);
	assert_true(heard_domain(stage.context.feed, "package-1") != 0);
	close_probe(&stage);
	remove_all(&stage);
}

static int failing_read;
static bool has_failed;

static ssize_t read_that_fails(int fd, void *buffer, size_t size, off_t offset)
{
	if (failing_read-- == 0) {
		has_failed = true;
		errno = EIO;
		return -1;
	}
	return pread(fd, buffer, size, offset);
}

/* Whatever read fails, what is told is right or a gap. */
static void no_failed_read_makes_a_wrong_number(void **state)
{
	struct stage stage;

	(void)state;
	make_server(&stage);
	has_failed = true;
	for (int k = 0; has_failed; k++) {
		int64_t busy_ns, hz;

		stage.root.read_at = read_that_fails;
		failing_read = k;
		has_failed = false;
		if (open_probe(&stage) == 0) {
			sample(&stage);
			sample(&stage);
		}
		struct feed *feed = stage.context.feed;
		uint32_t series = heard_series(feed, "cpu0", "cpu");

		if (series && heard_value(feed, series, METRIC_BUSY_NS, &busy_ns))
			assert_int_equal(busy_ns, 0);
		if (series && heard_value(feed, series, METRIC_FREQUENCY_MAX_HZ, &hz))
			assert_int_equal(hz, INT64_C(4200000000));
		close_probe(&stage);
	}
	remove_all(&stage);
}

static void closing_what_never_opened_is_allowed(void **state)
{
	void *self = memory_zeroed(1, probe_cpu.private_size);

	(void)state;
	probe_cpu.close(self);
	free(self);
	/* Descriptor 0 is still there. */
	int fd = dup(0);

	assert_true(fd > 0);
	close(fd);
}

static void this_machine_has_a_busy_cpu(void **state)
{
	struct stage stage;
	int64_t busy_ns;

	(void)state;
	if (sysroot_open(&stage.root, NULL) < 0)
		skip();
	assert_int_equal(open_probe(&stage), 0);
	sample(&stage);
	const struct batch *batch = feed_batch(stage.context.feed);
	size_t known = 0;

	for (size_t i = 0; i < batch->count; i++) {
		if (batch->events[i].type == EVENT_SERIES)
			known += heard_value(stage.context.feed, batch->events[i].id,
					     METRIC_BUSY_NS, &busy_ns);
	}
	assert_int_equal(known >= 1, 1);
	close_probe(&stage);
	sysroot_close(&stage.root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpus_stand_below_their_package_and_socket),
		cmocka_unit_test(the_machine_is_described),
		cmocka_unit_test(busy_is_what_is_neither_idle_nor_waiting_nor_stolen),
		cmocka_unit_test(a_cpu_that_goes_off_line_is_a_gap_with_a_reason),
		cmocka_unit_test(limits_of_the_frequency_are_told),
		cmocka_unit_test(a_machine_without_frequency_says_so),
		cmocka_unit_test(idle_time_is_summed_over_the_cpus_of_a_package),
		cmocka_unit_test(a_machine_with_nothing_is_not_here),
		cmocka_unit_test(dies_of_amd_are_one_package),
		cmocka_unit_test(no_failed_read_makes_a_wrong_number),
		cmocka_unit_test(closing_what_never_opened_is_allowed),
		cmocka_unit_test(this_machine_has_a_busy_cpu),
	};

	return cmocka_run_group_tests_name("cpu", tests, NULL, NULL);
}
