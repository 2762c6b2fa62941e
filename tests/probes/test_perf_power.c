/* SPDX-License-Identifier: Apache-2.0 */
/* What is required of the energy events of perf, on made-up machines and with counters that the
 * test holds. */
#include "probes/perf_power/meters.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/heard.h"
#include "tests/support/probed.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define COUNTS_PER_J UINT64_C(0x100000000)
#define DEVICE	     "sys/bus/event_source/devices/"
#define CPU	     "sys/devices/system/cpu/cpu"
#define PARTS_MAX    8

extern const struct probe probe_perf_power;

/* What the kernel says. */
static int64_t now_ns;
static struct {
	struct perf_event_attr attr;
	int cpu, fd;
	uint64_t count;
} parts[PARTS_MAX];
static int part_count, open_code, read_code;

int64_t clock_now_ns(void)
{
	return now_ns;
}

int perfevent_open(struct perf_event_attr *attr, pid_t pid, int cpu, int group_fd)
{
	assert_int_equal(pid, -1);
	assert_int_equal(group_fd, -1);
	if (open_code < 0)
		return open_code;
	parts[part_count].attr = *attr;
	parts[part_count].cpu = cpu;
	parts[part_count].fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return parts[part_count++].fd;
}

int perfevent_read(int leader_fd, struct perfevent_reading *reading)
{
	for (int i = 0; i < part_count; i++) {
		if (parts[i].fd == leader_fd)
			*reading = (struct perfevent_reading){1, 1, 1, {parts[i].count}};
	}
	return read_code;
}

void perfevent_remedy(const struct sysroot *root, bool cpu_wide, char *out, size_t size)
{
	(void)root;
	text_print(
		out, size,
		"sudo setcap cap_perfmon+ep jouletop, or: sudo sysctl kernel.perf_event_paranoid=%d",
		cpu_wide ? 0 : 1);
}

int perfevent_explain(const struct sysroot *root, int code, const char *what, struct error *err)
{
	(void)root;
	return error_set(err, code, "%s: no permission to count; run: something for threads", what);
}

static const char two_sockets[] =
	"file " DEVICE "power/type 23\n"
	"file " DEVICE "power/cpumask 0,2\n"
	"file " DEVICE "power/events/energy-pkg event=0x02\n"
	"file " DEVICE "power/events/energy-pkg.unit Joules\n"
	"file " DEVICE "power/events/energy-pkg.scale 2.3283064365386962890625e-10\n"
	"file " DEVICE "power/events/energy-ram event=0x03\n"
	"file " DEVICE "power/events/energy-ram.unit Joules\n"
	"file " DEVICE "power/events/energy-ram.scale 2.3283064365386962890625e-10\n"
	"file " CPU "0/topology/physical_package_id 0\n"
	"file " CPU "0/topology/die_id 0\n"
	"file " CPU "2/topology/physical_package_id 1\n"
	"file " CPU "2/topology/die_id 0\n"
	"file sys/class/powercap/intel-rapl:0/name package-0\n"
	"file sys/class/powercap/intel-rapl:0/max_energy_range_uj 262143328850\n";

static int set_up(void **state)
{
	static struct probed probed;
	now_ns = 1000 * CLOCK_NS_PER_S;
	memset(parts, 0, sizeof(parts));
	part_count = open_code = read_code = 0;
	probed_begin(&probed, &probe_perf_power);
	*state = &probed;
	return 0;
}

static int tear_down(void **state)
{
	probed_end(*state);
	return 0;
}

/* As a live machine: that is what the files are made to be. */
static int open_on(struct probed *probed, const char *text, struct error *err)
{
	probed_use_text(probed, text);
	probed->root.recorded = false;
	return probed_open(probed, err);
}

static void must_open_on(struct probed *probed, const char *text)
{
	struct error err;
	assert_int_equal(open_on(probed, text, &err), 0);
}

/* All counters go on by this much in this time. */
static void pass(double seconds, uint64_t counts)
{
	now_ns += (int64_t)(seconds * 1e9);
	for (int i = 0; i < part_count; i++)
		parts[i].count += counts;
}

static void counts_become_microjoules_exactly(void **state)
{
	(void)state;
	assert_int_equal(meter_microjoules(COUNTS_PER_J, 0x1p-32), 1000000);
	assert_int_equal(meter_microjoules(123456789 * COUNTS_PER_J, 0x1p-32),
			 INT64_C(123456789000000));
	assert_int_equal(meter_microjoules(COUNTS_PER_J - 1, 0x1p-32), 999999);
	assert_int_equal(meter_microjoules(UINT64_MAX, 0x1p-32), INT64_C(4294967295999999));
	assert_int_equal(meter_microjoules(3, 1), 3000000);
}

static void every_package_is_opened_on_its_own_cpu_without_a_filter(void **state)
{
	struct probed *probed = *state;
	must_open_on(probed, two_sockets);
	assert_int_equal(part_count, 4);
	const struct perf_event_attr plain = {.type = 23, .config = parts[0].attr.config};
	assert_memory_equal(&parts[0].attr, &plain, sizeof(plain));
	assert_int_equal(parts[0].attr.config, 2);
	assert_int_equal(parts[0].cpu, 0);
	assert_int_equal(parts[1].cpu, 2);
	assert_true(heard_series(probed->feed, "package-1", "perf_power:energy-pkg") != 0);
	assert_true(heard_series(probed->feed, "dram-1", "perf_power:energy-ram") != 0);
	assert_int_equal(heard_source(probed->feed, "perf_power", NULL, NULL), SOURCE_OK);
}

static void fractions_of_a_microjoule_are_not_lost(void **state)
{
	struct probed *probed = *state;
	must_open_on(probed, two_sockets);
	probed_sample(probed);
	for (int i = 0; i < 3000; i++) {
		pass(0.1, COUNTS_PER_J / 3);
		probed_sample(probed);
	}
	probed_assert_energy(probed, "package-0", "perf_power:energy-pkg",
			     999999999); /* 1000 J but 1000 / 2^32 J */
}

static void what_was_counted_before_the_first_reading_is_not_ours(void **state)
{
	struct probed *probed = *state;
	must_open_on(probed, two_sockets);
	pass(1, 500 * COUNTS_PER_J);
	probed_sample(probed);
	probed_assert_energy(probed, "package-0", "perf_power:energy-pkg", 0);
}

static void dies_have_names_where_they_count_on_their_own(void **state)
{
	struct probed *probed = *state;
	must_open_on(probed,
		     "file " DEVICE "power/type 23\n"
		     "file " DEVICE "power/cpumask 0-1\n"
		     "file " DEVICE "power/events/energy-pkg event=0x02\n"
		     "file " DEVICE "power/events/energy-pkg.unit Joules\n"
		     "file " DEVICE "power/events/energy-pkg.scale 2.3283064365386962890625e-10\n"
		     "file " CPU "0/topology/physical_package_id 0\n"
		     "file " CPU "0/topology/die_id 0\n"
		     "file " CPU "1/topology/physical_package_id 0\n"
		     "file " CPU "1/topology/die_id 1\n");
	assert_true(heard_domain(probed->feed, "package-0-die-0") != 0);
	assert_true(heard_domain(probed->feed, "package-0-die-1") != 0);
}

static void the_cores_of_a_package_are_summed(void **state)
{
	struct probed *probed = *state;
	must_open_on(probed, "file " DEVICE "power_core/type 24\n"
			     "file " DEVICE "power_core/cpumask 0-2\n"
			     "file " DEVICE "power_core/events/energy-core event=0x01\n"
			     "file " DEVICE "power_core/events/energy-core.unit Joules\n"
			     "file " DEVICE
			     "power_core/events/energy-core.scale 2.3283064365386962890625e-10\n");
	probed_sample(probed);
	pass(1, 2 * COUNTS_PER_J);
	probed_sample(probed);
	probed_assert_energy(probed, "cores-0", "perf_power:energy-core", 6000000);
}

static void an_event_that_is_not_understood_is_left_alone(void **state)
{
	struct probed *probed = *state;
	struct error err;
	assert_int_equal(open_on(probed,
				 "file " DEVICE "power/type 23\n"
				 "file " DEVICE "power/cpumask 0\n"
				 "file " DEVICE "power/events/energy-pkg event=0x02,umask=0x1\n"
				 "file " DEVICE "power/events/energy-pkg.unit Joules\n"
				 "file " DEVICE "power/events/energy-pkg.scale 1e-9\n"
				 "file " DEVICE "power/events/energy-ram event=0x03\n"
				 "file " DEVICE "power/events/energy-ram.unit Calories\n"
				 "file " DEVICE "power/events/energy-ram.scale 1e-9\n",
				 &err),
			 -ENODEV);
	assert_int_equal(part_count, 0);
}

static void a_register_that_wraps_is_put_right(void **state)
{
	struct probed *probed = *state;
	must_open_on(probed, two_sockets);
	probed_sample(probed);
	pass(1, 100 * COUNTS_PER_J);
	probed_sample(probed);
	/* 2^32 units of 2^-14 J are 262144 J: the count falls below zero. */
	pass(1, 50 * COUNTS_PER_J - 262144 * COUNTS_PER_J);
	probed_sample(probed);
	probed_assert_energy(probed, "package-0", "perf_power:energy-pkg", 150000000);
	/* There is no zone for DRAM that could tell its range. */
	const char *reason;
	assert_int_equal(probed_gap(probed, "dram-0", "perf_power:energy-ram", &reason), ERANGE);
	pass(1, 7 * COUNTS_PER_J);
	probed_sample(probed);
	probed_assert_energy(probed, "dram-0", "perf_power:energy-ram", 107000000);
}

static void a_suspended_machine_is_no_burst_of_power(void **state)
{
	struct probed *probed = *state;
	must_open_on(probed, two_sockets);
	probed_sample(probed);
	pass(1, 100 * COUNTS_PER_J);
	probed_sample(probed);
	pass(0.5, 7200 * COUNTS_PER_J);
	probed->context.slept_ns = 3600 * CLOCK_NS_PER_S;
	probed_sample(probed);
	probed->context.slept_ns = 0;
	pass(1, 100 * COUNTS_PER_J);
	probed_sample(probed);
	probed_assert_energy(probed, "package-0", "perf_power:energy-pkg", 200000000);
}

static void no_permission_is_a_gap_with_the_remedy(void **state)
{
	struct probed *probed = *state;
	const char *reason, *remedy;
	open_code = -EACCES;
	must_open_on(probed, two_sockets);
	probed_sample(probed);
	assert_int_equal(probed_gap(probed, "package-0", "perf_power:energy-pkg", NULL), EACCES);
	assert_int_equal(heard_source(probed->feed, "perf_power", &reason, &remedy),
			 SOURCE_NO_ACCESS);
	assert_null(strstr(reason, "threads"));
	assert_non_null(strstr(remedy, "sudo setcap cap_perfmon+ep "));
	assert_non_null(strstr(remedy, "perf_event_paranoid=0"));
}

static void a_failed_reading_is_a_gap_and_its_energy_comes_with_the_next(void **state)
{
	struct probed *probed = *state;
	must_open_on(probed, two_sockets);
	probed_sample(probed);
	pass(1, 10 * COUNTS_PER_J);
	read_code = -EIO;
	probed_sample(probed);
	assert_int_equal(probed_gap(probed, "package-0", "perf_power:energy-pkg", NULL), EIO);
	read_code = 0;
	pass(1, 10 * COUNTS_PER_J);
	probed_sample(probed);
	probed_assert_energy(probed, "package-0", "perf_power:energy-pkg", 20000000);
}

static void a_package_that_stands_still_is_a_gap_not_zero_watts(void **state)
{
	struct probed *probed = *state;
	const char *reason;
	must_open_on(probed, two_sockets);
	for (int i = 0; i < 20; i++) {
		probed_sample(probed);
		pass(0.5, 0);
	}
	assert_int_equal(probed_gap(probed, "package-0", "perf_power:energy-pkg", &reason),
			 ENODATA);
	assert_string_equal(reason, "the counter does not move");
	assert_int_equal(probed_gap(probed, "dram-0", "perf_power:energy-ram", NULL), 0);
}

static void without_the_pmu_and_for_a_recorded_machine_it_says_so(void **state)
{
	struct probed *probed = *state;
	struct error err;
	assert_int_equal(open_on(probed, "dir sys\n", &err), -ENODEV);
	assert_non_null(strstr(err.text, "virtual machine"));
	probed->root.recorded = true;
	assert_int_equal(probed_open(probed, &err), -ENODEV);
	assert_non_null(strstr(err.text, "--root"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(counts_become_microjoules_exactly),
		TEST(every_package_is_opened_on_its_own_cpu_without_a_filter),
		TEST(fractions_of_a_microjoule_are_not_lost),
		TEST(what_was_counted_before_the_first_reading_is_not_ours),
		TEST(dies_have_names_where_they_count_on_their_own),
		TEST(the_cores_of_a_package_are_summed),
		TEST(an_event_that_is_not_understood_is_left_alone),
		TEST(a_register_that_wraps_is_put_right),
		TEST(a_suspended_machine_is_no_burst_of_power),
		TEST(no_permission_is_a_gap_with_the_remedy),
		TEST(a_failed_reading_is_a_gap_and_its_energy_comes_with_the_next),
		TEST(a_package_that_stands_still_is_a_gap_not_zero_watts),
		TEST(without_the_pmu_and_for_a_recorded_machine_it_says_so),
	};
	return cmocka_run_group_tests_name("perf_power", tests, NULL, NULL);
}
