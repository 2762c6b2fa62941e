/* SPDX-License-Identifier: Apache-2.0 */
/* Finds CPUs, packages and dies in the kernel's own files, the same way for this machine and a recorded one. */
#include "probes/cpu/cpu.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SOCKET_MAX \
	255 /* larger numbers are no numbers of sockets but addresses in a firmware table */

static int64_t read_id(const struct cpu *cpu, int number, const char *name)
{
	char path[96];
	int64_t id;

	snprintf(path, sizeof(path), "devices/system/cpu/cpu%d/topology/%s", number, name);
	/* Missing or -1: the firmware does not say, which in practice means one of it. */
	return sysroot_read_i64(cpu->context->root, SYSROOT_SYS, path, &id) == 0 && id >= 0 &&
			       id <= INT32_MAX
		       ? id
		       : 0;
}

static void add_unit(struct cpu *cpu, int number)
{
	memory_reserve(&cpu->units, &cpu->unit_capacity, cpu->unit_count + 1, sizeof(*cpu->units));
	cpu->units[cpu->unit_count++] = (struct cpu_unit){.number = number, .msr_fd = -1};
}

/* Takes "0-3,8,10-11". 0 or -EINVAL. */
static int add_list(struct cpu *cpu, const char *list)
{
	while (*list) {
		char *end;
		long first = strtol(list, &end, 10), last = first;

		if (end == list)
			return -EINVAL;
		if (*end == '-') {
			list = end + 1;
			last = strtol(list, &end, 10);
			if (end == list)
				return -EINVAL;
		}
		if (first < 0 || last < first || last >= CPU_MAX || (*end != ',' && *end != '\0'))
			return -EINVAL;
		for (long number = first; number <= last; number++)
			add_unit(cpu, (int)number);
		list = *end ? end + 1 : end;
	}
	return 0;
}

static int add_folder(void *user, const char *name)
{
	int64_t number;

	if (text_starts_with(name, "cpu") && name[3] >= '0' && name[3] <= '9' &&
	    text_to_i64(name + 3, &number) == 0 && number < CPU_MAX)
		add_unit(user, (int)number);
	return 0;
}

/* Old kernels and small recordings have no folders: the lines of "stat" are the CPUs then. */
static void add_stat_lines(struct cpu *cpu)
{
	char *text = memory_zeroed(1, 65536);
	ssize_t length =
		cpu->stat_fd < 0 ? -1 : cpu->context->root->read_at(cpu->stat_fd, text, 65535, 0);
	const char *line = length > 0 ? strstr(text, "\ncpu") : NULL;

	for (; line; line = strstr(line + 1, "\ncpu")) {
		char *end;
		long number = strtol(line + 4, &end, 10);

		if (end > line + 4 && number >= 0 && number < CPU_MAX)
			add_unit(cpu, (int)number);
	}
	free(text);
}

static int by_number(const void *left, const void *right)
{
	return ((const struct cpu_unit *)left)->number - ((const struct cpu_unit *)right)->number;
}

static void find_units(struct cpu *cpu)
{
	char list[4096];
	size_t kept = 0;

	if (sysroot_read(cpu->context->root, SYSROOT_SYS, "devices/system/cpu/present", list,
			 sizeof(list)) < 0 ||
	    add_list(cpu, list) < 0 || cpu->unit_count == 0) {
		cpu->unit_count = 0;
		sysroot_list(cpu->context->root, SYSROOT_SYS, "devices/system/cpu", add_folder,
			     cpu);
	}
	if (cpu->unit_count == 0)
		add_stat_lines(cpu);
	if (cpu->unit_count == 0)
		return;
	qsort(cpu->units, cpu->unit_count, sizeof(*cpu->units), by_number);
	for (size_t i = 0; i < cpu->unit_count; i++) {
		if (i == 0 || cpu->units[i].number != cpu->units[kept - 1].number)
			cpu->units[kept++] = cpu->units[i];
	}
	cpu->unit_count = kept;
}

static size_t get_package(struct cpu *cpu, int socket, int die)
{
	for (size_t i = 0; i < cpu->package_count; i++) {
		if (cpu->packages[i].socket == socket && cpu->packages[i].die == die)
			return i;
	}
	memory_reserve(&cpu->packages, &cpu->package_capacity, cpu->package_count + 1,
		       sizeof(*cpu->packages));
	cpu->packages[cpu->package_count] =
		(struct cpu_package){.socket = socket, .die = die, .throttle_cpu = -1};
	return cpu->package_count++;
}

/* Dies have meters of their own on Intel's processors only: there the powercap zones are named after them. */
static bool counts_dies(const struct cpu *cpu)
{
	char text[256];
	ssize_t length = -1;
	int fd = sysroot_file_open(cpu->context->root, SYSROOT_PROC, "cpuinfo");

	if (fd >= 0) {
		length = cpu->context->root->read_at(fd, text, sizeof(text) - 1, 0);
		close(fd);
	}
	if (length <= 0)
		return true;
	text[length] = '\0';
	return strstr(text, "GenuineIntel") != NULL;
}

static void find_packages(struct cpu *cpu)
{
	bool dies = counts_dies(cpu), ranked = false;

	for (size_t i = 0; i < cpu->unit_count; i++) {
		int number = cpu->units[i].number;
		int64_t socket = read_id(cpu, number, "physical_package_id");

		ranked |= socket > SOCKET_MAX;
		cpu->units[i].package = get_package(cpu, (int)socket,
						    dies ? (int)read_id(cpu, number, "die_id") : 0);
	}
	if (!ranked)
		return;
	for (size_t i = 0; i < cpu->package_count; i++)
		cpu->packages[i] = (struct cpu_package){.socket = (int)i, .throttle_cpu = -1};
}

static void announce_packages(struct cpu *cpu)
{
	struct feed *feed = cpu->context->feed;

	for (size_t i = 0; i < cpu->package_count; i++) {
		struct cpu_package *package = &cpu->packages[i];
		char socket[32];
		size_t siblings = 0;

		for (size_t k = 0; k < cpu->package_count; k++)
			siblings += cpu->packages[k].socket == package->socket;
		text_print(socket, sizeof(socket), "socket-%d", package->socket);
		if (siblings > 1)
			text_print(package->key, sizeof(package->key), "package-%d-die-%d",
				   package->socket, package->die);
		else
			text_print(package->key, sizeof(package->key), "package-%d",
				   package->socket);
		uint32_t parent = feed_domain(feed, DOMAIN_SOCKET, socket, 0, socket);

		package->domain =
			feed_domain(feed, DOMAIN_PACKAGE, package->key, parent, package->key);
	}
}

/* Only of CPUs that share a core: the others would say nothing by it. */
static void label_core(struct cpu *cpu, const struct cpu_unit *unit)
{
	char path[96], list[64];

	snprintf(path, sizeof(path), "devices/system/cpu/cpu%d/topology/thread_siblings_list",
		 unit->number);
	if (sysroot_read(cpu->context->root, SYSROOT_SYS, path, list, sizeof(list)) > 0 &&
	    strpbrk(list, ",-"))
		feed_label(cpu->context->feed, unit->domain, "core", list);
}

int cpu_topology_open(struct cpu *cpu)
{
	struct feed *feed = cpu->context->feed;

	find_units(cpu);
	if (cpu->unit_count == 0)
		return -ENODEV;
	find_packages(cpu);
	announce_packages(cpu);
	for (size_t i = 0; i < cpu->unit_count; i++) {
		struct cpu_unit *unit = &cpu->units[i];
		char key[32];

		text_print(key, sizeof(key), "cpu%d", unit->number);
		unit->domain = feed_domain(feed, DOMAIN_CPU, key,
					   cpu->packages[unit->package].domain, key);
		unit->series = feed_series(feed, unit->domain, CPU_SOURCE, QUALITY_MEASURED);
		label_core(cpu, unit);
	}
	return 0;
}
