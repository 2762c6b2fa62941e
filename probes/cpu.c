/* SPDX-License-Identifier: Apache-2.0 */
/* CPUs: busy, interrupt and steal time each tick; frequency, idle states and throttling at most once a second. */
#include "probes/cpu/cpu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_SIZE     192 /* of a CPU in "stat", at most */
#define TEXT_SIZE_MIN 8192

/* The columns of a CPU's line in "stat", in their order. Guest time is inside user time. */
enum column { USER, NICE, SYSTEM, IDLE, IO_WAIT, IRQ, SOFTIRQ, STEAL, COLUMNS };

static void cpu_close(void *self)
{
	struct cpu *cpu = self;

	cpu_frequency_close(cpu);
	/* Zeroed memory is a self that never opened: it has a context only when the descriptor is one. */
	if (cpu->context && cpu->stat_fd >= 0)
		close(cpu->stat_fd);
	free(cpu->units);
	free(cpu->packages);
	free(cpu->idle_files);
	free(cpu->pools);
	free(cpu->text);
	memset(cpu, 0, sizeof(*cpu));
}

static void tell_state(const struct cpu *cpu, size_t frequencies)
{
	const char *gives = cpu->idle_count ? "CPU time, frequency, idle states, throttling"
					    : "CPU time, frequency, throttling";
	char reason[160];

	if (cpu->stat_fd < 0) {
		text_print(reason, sizeof(reason), "no CPU time: stat cannot be read (%s)",
			   error_name(-cpu->stat_code));
		feed_source(cpu->context->feed, CPU_SOURCE, SOURCE_PARTIAL, gives, reason, "");
	} else if (frequencies == 0) {
		feed_source(cpu->context->feed, CPU_SOURCE, SOURCE_PARTIAL,
			    cpu->idle_count ? "CPU time, idle states" : "CPU time",
			    cpu->hypervisor ? "no frequency: a VM without a cpufreq driver"
					    : "no frequency: no cpufreq driver",
			    "");
	} else {
		feed_source(cpu->context->feed, CPU_SOURCE, SOURCE_OK, gives, "", "");
	}
}

static int cpu_open(void *self, const struct probe_context *context, struct error *err)
{
	struct cpu *cpu = self;
	char count[24];

	cpu->context = context;
	cpu->tick_ns = CLOCK_NS_PER_S / sysconf(_SC_CLK_TCK);
	cpu->stat_fd = sysroot_file_open(context->root, SYSROOT_PROC, "stat");
	if (cpu->stat_fd < 0)
		cpu->stat_code = cpu->stat_fd;
	if (cpu_topology_open(cpu) < 0)
		return error_set(err, ENODEV, "no CPUs are listed");
	cpu_machine_open(cpu);
	text_print(count, sizeof(count), "%zu", cpu->unit_count);
	feed_meta(context->feed, "cpus", count);

	cpu->text_size = TEXT_SIZE_MIN + LINE_SIZE * cpu->unit_count;
	cpu->text = memory_zeroed(cpu->text_size, 1);
	cpu_idle_open(cpu);
	tell_state(cpu, cpu_frequency_open(cpu));
	return 0;
}

/* Reads as much as holds the lines of all CPUs: they come first, what follows is not looked at. 0 or -errno. */
static int read_stat(struct cpu *cpu)
{
	size_t length = 0;

	if (cpu->stat_fd < 0)
		return cpu->stat_code;
	while (length + 1 < cpu->text_size) {
		ssize_t got =
			cpu->context->root->read_at(cpu->stat_fd, cpu->text + length,
						    cpu->text_size - 1 - length, (off_t)length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		length += (size_t)got;
		cpu->text[length] = '\0';
		if (got == 0 || strstr(cpu->text, "\nintr"))
			break;
	}
	return length > 0 ? 0 : -ENODATA;
}

/* Takes the numbers after "cpuN"; false when one of the first seven is missing. */
static bool parse_columns(const char *text, uint64_t columns[COLUMNS])
{
	for (int i = 0; i < COLUMNS; i++) {
		uint64_t value = 0;

		while (*text == ' ')
			text++;
		if (*text < '0' || *text > '9') {
			columns[i] = 0;
			/* Kernels before 2.6.11 have no steal time. */
			if (i < STEAL)
				return false;
			continue;
		}
		for (; *text >= '0' && *text <= '9'; text++)
			value = value * 10 + (uint64_t)(*text - '0');
		columns[i] = value;
	}
	return true;
}

static void tell_line(struct cpu *cpu, struct cpu_unit *unit, const char *text, int64_t time_ns)
{
	struct feed *feed = cpu->context->feed;
	uint64_t columns[COLUMNS], tick_ns = (uint64_t)cpu->tick_ns;

	if (!parse_columns(text, columns))
		return;
	unit->counted = true;
	unit->busy_ticks =
		columns[USER] + columns[NICE] + columns[SYSTEM] + columns[IRQ] + columns[SOFTIRQ];
	feed_counter(feed, unit->series, METRIC_BUSY_NS, time_ns, unit->busy_ticks * tick_ns);
	feed_counter(feed, unit->series, METRIC_INTERRUPT_NS, time_ns,
		     (columns[IRQ] + columns[SOFTIRQ]) * tick_ns);
	feed_counter(feed, unit->series, METRIC_STEAL_NS, time_ns, columns[STEAL] * tick_ns);
}

static struct cpu_unit *find_unit(struct cpu *cpu, long number, size_t *guess)
{
	/* Lines come in order: the next CPU is nearly always the next line's. */
	for (size_t tries = 0; tries < cpu->unit_count; tries++) {
		size_t index = (*guess + tries) % cpu->unit_count;

		if (cpu->units[index].number != number)
			continue;
		*guess = index + 1;
		return &cpu->units[index];
	}
	return NULL;
}

static void tell_lines(struct cpu *cpu, int64_t time_ns)
{
	size_t guess = 0;

	for (const char *line = cpu->text; line; line = strchr(line, '\n')) {
		char *end;

		line += *line == '\n';
		if (strncmp(line, "cpu", 3) != 0)
			break;
		if (line[3] == ' ')
			continue;
		long number = strtol(line + 3, &end, 10);
		struct cpu_unit *unit = *end == ' ' ? find_unit(cpu, number, &guess) : NULL;

		if (unit)
			tell_line(cpu, unit, end, time_ns);
	}
}

static void tell_gap(const struct cpu *cpu, const struct cpu_unit *unit, int64_t time_ns, int code,
		     const char *reason)
{
	feed_gap(cpu->context->feed, unit->series, METRIC_BUSY_NS, time_ns, code, reason);
	feed_gap(cpu->context->feed, unit->series, METRIC_INTERRUPT_NS, time_ns, code, reason);
	feed_gap(cpu->context->feed, unit->series, METRIC_STEAL_NS, time_ns, code, reason);
}

static int cpu_sample(void *self, const struct probe_context *context, const struct watch *watch)
{
	struct cpu *cpu = self;
	int64_t time_ns = clock_now_ns();

	(void)context;
	(void)watch;
	int code = read_stat(cpu);

	for (size_t i = 0; i < cpu->unit_count; i++)
		cpu->units[i].counted = false;
	if (code == 0)
		tell_lines(cpu, time_ns);
	for (size_t i = 0; i < cpu->unit_count; i++) {
		if (!cpu->units[i].counted)
			tell_gap(cpu, &cpu->units[i], time_ns, code < 0 ? -code : ENODEV,
				 code < 0 ? "" : "the CPU is off line");
	}
	if (cpu->paced_ns != 0 && time_ns - cpu->paced_ns < cpu->pace_ns)
		return 0;
	if (cpu->paced_ns != 0)
		cpu_frequency_sample(cpu, time_ns);
	cpu_idle_sample(cpu, time_ns);
	cpu_throttle_sample(cpu, time_ns);
	cpu->paced_ns = time_ns;
	for (size_t i = 0; i < cpu->unit_count; i++)
		cpu->units[i].paced_ticks = cpu->units[i].busy_ticks;
	return 0;
}

const struct probe probe_cpu = {
	.name = CPU_SOURCE,
	.gives = "CPU time, frequency, idle states, throttling",
	.private_size = sizeof(struct cpu),
	.open = cpu_open,
	.sample = cpu_sample,
	.close = cpu_close,
};
