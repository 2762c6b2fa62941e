/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a made-up server. */
#include "tests/support/server.h"

#include "tests/support/machine.h"

#include <stdio.h>

#define CPU "sys/devices/system/cpu/"

void server_write_cpu(const char *directory, int number, const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), CPU "cpu%d/%s", number, name);
	machine_write(directory, path, text);
}

void server_write(const char *directory)
{
	machine_write(directory, CPU "present", "0-3");
	for (int cpu = 0; cpu < 4; cpu++) {
		server_write_cpu(directory, cpu, "topology/physical_package_id",
				 cpu < 2 ? "0" : "1");
		server_write_cpu(directory, cpu, "topology/die_id", "0");
		server_write_cpu(directory, cpu, "cpufreq/scaling_cur_freq", "3400000");
		server_write_cpu(directory, cpu, "cpufreq/cpuinfo_min_freq", "800000");
		server_write_cpu(directory, cpu, "cpufreq/cpuinfo_max_freq", "4200000");
		server_write_cpu(directory, cpu, "cpuidle/state0/name", "POLL");
		server_write_cpu(directory, cpu, "cpuidle/state0/time", "100");
		server_write_cpu(directory, cpu, "cpuidle/state1/name", "C6");
		server_write_cpu(directory, cpu, "cpuidle/state1/time", "5000");
		server_write_cpu(directory, cpu, "thermal_throttle/core_throttle_total_time_ms",
				 "0");
		server_write_cpu(directory, cpu, "thermal_throttle/package_throttle_total_time_ms",
				 "0");
	}
	machine_write(
		directory, "proc/stat",
		"cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 10 1 5 100 9 2 3 4 0 0\ncpu1 0 0 0 0 0 0 0 0 0 0\n"
		"cpu2 0 0 0 0 0 0 0 0 0 0\ncpu3 0 0 0 0 0 0 0 0 0 0\nintr 1");
	machine_write(
		directory, "proc/cpuinfo",
		"processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon 9\nflags\t\t: fpu hypervisor vme\n");
	machine_write(directory, "proc/meminfo", "MemTotal:        1024 kB\nMemFree: 3 kB");
	machine_write(directory, "proc/sys/kernel/osrelease", "6.1.0");
}
