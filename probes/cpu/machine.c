/* SPDX-License-Identifier: Apache-2.0 */
/* What machine this is: processor, memory, kernel, hypervisor, the rate of its time stamp counter. */
#include "probes/cpu/cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CPUINFO_SIZE 8192 /* the first processor's lines are enough */

/* Copies the value of "name : value"; false when no line begins with the name. */
static bool find_value(const char *text, const char *name, char *value, size_t size)
{
	size_t length = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, length) != 0)
			continue;
		const char *colon = line + length + strspn(line + length, " \t");

		if (*colon != ':')
			continue;
		colon += 1 + strspn(colon + 1, " \t");
		text_clean(value, size, colon, strcspn(colon, "\n"));
		return true;
	}
	return false;
}

static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word)) {
		if ((at == text || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
			return true;
	}
	return false;
}

/* Arm's processors have no name in "cpuinfo", only numbers. */
static void tell_model(const struct cpu *cpu, const char *text)
{
	char value[256], part[64], model[384];

	if (find_value(text, "model name", value, sizeof(value)) ||
	    find_value(text, "cpu model", value, sizeof(value)) ||
	    find_value(text, "uarch", value, sizeof(value)) ||
	    find_value(text, "Processor", value, sizeof(value))) {
		feed_meta(cpu->context->feed, "cpu_model", value);
		return;
	}
	if (!find_value(text, "CPU part", part, sizeof(part)) ||
	    !find_value(text, "CPU implementer", value, sizeof(value)))
		return;
	text_print(model, sizeof(model), "implementer %s part %s", value, part);
	feed_meta(cpu->context->feed, "cpu_model", model);
}

static void tell_cpuinfo(struct cpu *cpu)
{
	char *text = memory_zeroed(2, CPUINFO_SIZE), *flags = text + CPUINFO_SIZE;
	int fd = sysroot_file_open(cpu->context->root, SYSROOT_PROC, "cpuinfo");

	if (fd >= 0) {
		ssize_t length = cpu->context->root->read_at(fd, text, CPUINFO_SIZE - 1, 0);

		close(fd);
		text[length > 0 ? length : 0] = '\0';
	}
	tell_model(cpu, text);
	cpu->hypervisor =
		find_value(text, "flags", flags, CPUINFO_SIZE) && has_word(flags, "hypervisor");
	free(text);
}

static void tell_hypervisor(struct cpu *cpu)
{
	char type[64];

	if (sysroot_read(cpu->context->root, SYSROOT_SYS, "hypervisor/type", type, sizeof(type)) >
	    0)
		cpu->hypervisor = true;
	if (cpu->hypervisor)
		feed_meta(cpu->context->feed, "hypervisor", "1");
}

static void tell_memory(const struct cpu *cpu)
{
	char text[4096], value[64];
	ssize_t length = -1;
	int fd = sysroot_file_open(cpu->context->root, SYSROOT_PROC, "meminfo");

	if (fd >= 0) {
		length = cpu->context->root->read_at(fd, text, sizeof(text) - 1, 0);
		close(fd);
	}
	if (length <= 0)
		return;
	text[length] = '\0';
	if (!find_value(text, "MemTotal", value, sizeof(value)))
		return;
	unsigned long long kilobytes = strtoull(value, NULL, 10);

	if (kilobytes == 0 || kilobytes > INT64_MAX / 1024)
		return;
	text_print(value, sizeof(value), "%llu", kilobytes * 1024);
	feed_meta(cpu->context->feed, "memory_bytes", value);
}

/* The kernel tells in the page of any event by what a reader turns its time stamps into ns. */
static int64_t find_tsc_hz(const struct cpu *cpu)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_DUMMY};
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	int64_t hz = 0;

	attr.exclude_kernel = 1;
	int fd = cpu->context->root->recorded ? -1 : perfevent_open(&attr, 0, -1, -1);

	if (fd < 0)
		return 0;
	struct perf_event_mmap_page *page = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);

	if (page != MAP_FAILED) {
		if (page->cap_user_time && page->time_mult > 0 && page->time_shift < 33)
			hz = (int64_t)((uint64_t)CLOCK_NS_PER_S *
				       (UINT64_C(1) << page->time_shift) / page->time_mult);
		munmap(page, size);
	}
	close(fd);
	return hz;
}

void cpu_machine_open(struct cpu *cpu)
{
	char value[256];

	tell_cpuinfo(cpu);
	tell_hypervisor(cpu);
	tell_memory(cpu);
	if (sysroot_read(cpu->context->root, SYSROOT_PROC, "sys/kernel/osrelease", value,
			 sizeof(value)) > 0)
		feed_meta(cpu->context->feed, "kernel", value);
	cpu->tsc_hz = find_tsc_hz(cpu);
	if (cpu->tsc_hz > 0) {
		text_print(value, sizeof(value), "%lld", (long long)cpu->tsc_hz);
		feed_meta(cpu->context->feed, "tsc_hz", value);
	}
}
