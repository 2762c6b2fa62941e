/* SPDX-License-Identifier: Apache-2.0 */
/* The tightest limit of a process's control groups and those above counts, in version 1 and 2. */
#include "commands/limits.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/machine.h"

#include <math.h>

#define MIB (1024 * 1024)

static struct limits limits_of(const char *text)
{
	char path[64];
	struct sysroot root;
	struct limits limits;
	struct machine *machine;

	machine_make_directory(path, sizeof(path));
	machine = machine_unpack_text(path, text);
	assert_non_null(machine);
	assert_int_equal(sysroot_open(&root, path), 0);
	limits_read(&root, &limits);
	sysroot_close(&root);
	machine_destroy(machine);
	machine_remove_directory(path);
	return limits;
}

static void near(double value, double expected)
{
	assert_true(fabs(value - expected) < 1e-9);
}

static void without_groups_there_is_no_limit_but_free_memory(void **state)
{
	struct limits limits = limits_of("lines proc/meminfo\n\tMemTotal: 2048 kB\n"
					 "\tMemFree: 100 kB\n\tMemAvailable: 1024 kB\n"
					 "dir sys/fs/cgroup\n");

	(void)state;
	near(limits.cpus, 0);
	assert_int_equal(limits.memory_bytes, MIB);
}

static void of_nested_groups_the_tightest_counts(void **state)
{
	struct limits limits = limits_of("file proc/self/cgroup 0::/slice/pod/box\n"
					 "file sys/fs/cgroup/slice/cpu.max 250000 100000\n"
					 "file sys/fs/cgroup/slice/pod/cpu.max 400000 100000\n"
					 "file sys/fs/cgroup/slice/pod/box/cpu.max max 100000\n"
					 "file sys/fs/cgroup/slice/pod/memory.max 10485760\n"
					 "file sys/fs/cgroup/slice/pod/memory.current 2097152\n"
					 "file sys/fs/cgroup/slice/pod/box/memory.max max\n");

	(void)state;
	near(limits.cpus, 2.5);
	assert_int_equal(limits.memory_bytes, 8 * MIB);
}

static void a_limit_of_the_namespaces_own_root_counts(void **state)
{
	struct limits limits = limits_of("file proc/self/cgroup 0::/\n"
					 "file sys/fs/cgroup/cpu.max 50000 100000\n");

	(void)state;
	near(limits.cpus, 0.5);
}

static void version_1_is_read_by_controller(void **state)
{
	struct limits limits = limits_of(
		"lines proc/self/cgroup\n\t4:memory:/box\n\t3:cpuset:/\n\t2:cpu,cpuacct:/box\n"
		"file sys/fs/cgroup/cpu/box/cpu.cfs_quota_us 150000\n"
		"file sys/fs/cgroup/cpu/box/cpu.cfs_period_us 100000\n"
		"file sys/fs/cgroup/cpu/cpu.cfs_quota_us -1\n"
		"file sys/fs/cgroup/cpu/cpu.cfs_period_us 100000\n"
		"file sys/fs/cgroup/memory/memory.limit_in_bytes 9223372036854771712\n"
		"file sys/fs/cgroup/memory/box/memory.limit_in_bytes 4194304\n"
		"file sys/fs/cgroup/memory/box/memory.usage_in_bytes 1048576\n");

	(void)state;
	near(limits.cpus, 1.5);
	assert_int_equal(limits.memory_bytes, 3 * MIB);
}

static void nonsense_is_no_limit(void **state)
{
	struct limits limits = limits_of("lines proc/self/cgroup\n\tnonsense\n\t::\n\t0::\n"
					 "file sys/fs/cgroup/cpu.max many 100000\n"
					 "file sys/fs/cgroup/memory.max lots\n");

	(void)state;
	near(limits.cpus, 0);
	limits = limits_of("file proc/self/cgroup 0::/\nfile sys/fs/cgroup/cpu.max 100000 0\n");
	near(limits.cpus, 0);
}

static void a_group_that_is_full_leaves_next_to_nothing(void **state)
{
	struct limits limits = limits_of("file proc/self/cgroup 0::/\n"
					 "file sys/fs/cgroup/memory.max 1000\n"
					 "file sys/fs/cgroup/memory.current 2000\n");

	(void)state;
	assert_int_equal(limits.memory_bytes, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_groups_there_is_no_limit_but_free_memory),
		cmocka_unit_test(of_nested_groups_the_tightest_counts),
		cmocka_unit_test(a_limit_of_the_namespaces_own_root_counts),
		cmocka_unit_test(version_1_is_read_by_controller),
		cmocka_unit_test(nonsense_is_no_limit),
		cmocka_unit_test(a_group_that_is_full_leaves_next_to_nothing),
	};

	return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
