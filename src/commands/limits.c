/* SPDX-License-Identifier: Apache-2.0 */
/* CPU and memory limits of control groups, version 2 ("0::/path") or 1 ("4:cpu,cpuacct:/path"). */
#include "commands/limits.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GROUPS	  "fs/cgroup"
#define PATH_SIZE 1024
#define KIB	  1024

static int64_t read_number(const struct sysroot *root, const char *folder, const char *name)
{
	char path[PATH_SIZE];
	int64_t value;

	text_print(path, sizeof(path), "%s/%s", folder, name);
	return sysroot_read_i64(root, SYSROOT_SYS, path, &value) < 0 ? -1 : value;
}

static void tighten_cpus(struct limits *limits, double quota, double period)
{
	double cpus = quota / period;

	if (quota > 0 && period > 0 && (limits->cpus == 0 || cpus < limits->cpus))
		limits->cpus = cpus;
}

static void tighten_memory(struct limits *limits, int64_t limit_bytes, int64_t used_bytes)
{
	int64_t left_bytes = limit_bytes - (used_bytes > 0 ? used_bytes : 0);

	/* Version 1 says "no limit" with a number near that of all addresses. */
	if (limit_bytes <= 0 || limit_bytes > INT64_MAX / 4)
		return;
	if (left_bytes < 1)
		left_bytes = 1;
	if (limits->memory_bytes == 0 || left_bytes < limits->memory_bytes)
		limits->memory_bytes = left_bytes;
}

/* One group: all files of both versions are looked for; those of the other are not there. */
static void look_at_group(const struct sysroot *root, const char *folder, struct limits *limits)
{
	char path[PATH_SIZE], text[64];

	text_print(path, sizeof(path), "%s/cpu.max", folder);
	if (sysroot_read(root, SYSROOT_SYS, path, text, sizeof(text)) > 0) {
		long long quota, period;

		if (sscanf(text, "%lld %lld", &quota, &period) == 2)
			tighten_cpus(limits, (double)quota, (double)period);
	}
	tighten_cpus(limits, (double)read_number(root, folder, "cpu.cfs_quota_us"),
		     (double)read_number(root, folder, "cpu.cfs_period_us"));
	tighten_memory(limits, read_number(root, folder, "memory.max"),
		       read_number(root, folder, "memory.current"));
	tighten_memory(limits, read_number(root, folder, "memory.limit_in_bytes"),
		       read_number(root, folder, "memory.usage_in_bytes"));
}

/* A group and those above it, below one mount. */
static void climb(const struct sysroot *root, const char *mount, const char *group,
		  struct limits *limits)
{
	char folder[PATH_SIZE];
	size_t floor = text_print(folder, sizeof(folder), "%s", mount);

	text_print(folder + floor, sizeof(folder) - floor, "%s", group);
	for (;;) {
		size_t length = strlen(folder);

		while (length > floor && folder[length - 1] == '/')
			folder[--length] = '\0';
		look_at_group(root, folder, limits);
		if (length <= floor)
			return;
		while (length > floor && folder[length - 1] != '/')
			folder[--length] = '\0';
	}
}

/* "4:cpu,cpuacct:/path": mounted as fs/cgroup/CONTROLLER; "0::/path" as fs/cgroup or fs/cgroup/unified. */
static void look_at_line(const struct sysroot *root, char *line, struct limits *limits)
{
	static const char *const controllers[] = {"cpu", "memory"};
	char *names = strchr(line, ':'), *group = names ? strchr(names + 1, ':') : NULL;
	char mount[PATH_SIZE];

	if (!group)
		return;
	*group++ = '\0';
	names++;
	if (!*names) {
		climb(root, GROUPS, group, limits);
		climb(root, GROUPS "/unified", group, limits);
		return;
	}
	for (char *rest = names, *name; (name = strsep(&rest, ","));) {
		for (size_t i = 0; i < 2; i++) {
			if (strcmp(name, controllers[i]) != 0)
				continue;
			text_print(mount, sizeof(mount), GROUPS "/%s", name);
			climb(root, mount, group, limits);
		}
	}
}

static void look_at_machine(const struct sysroot *root, struct limits *limits)
{
	char text[4096];
	const char *line;

	if (sysroot_read(root, SYSROOT_PROC, "meminfo", text, sizeof(text)) <= 0)
		return;
	line = strstr(text, "MemAvailable:");
	if (line)
		tighten_memory(limits, KIB * strtoll(line + strlen("MemAvailable:"), NULL, 10), 0);
}

void limits_read(const struct sysroot *root, struct limits *limits)
{
	char text[4096];

	*limits = (struct limits){0};
	look_at_machine(root, limits);
	if (sysroot_read(root, SYSROOT_PROC, "self/cgroup", text, sizeof(text)) <= 0)
		return;
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
		look_at_line(root, line, limits);
}
