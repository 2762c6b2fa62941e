/* SPDX-License-Identifier: Apache-2.0 */
/* Frequency of each CPU that was busy: by counters where they may be opened, else as the frequency driver says. */
#include "probes/cpu/cpu.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#define BUSY_SHARE \
	100 /* below one part in so many a CPU was idle: what is read then is old or wakes it */
#define MSR_APERF 1 /* cycles run while not idle */
#define MSR_MPERF 2 /* cycles at base frequency in the same time */
#define FD_SHARE  8 /* one part in so many of all descriptors may be taken */

static int read_khz(const struct cpu *cpu, const struct cpu_unit *unit, const char *name,
		    int64_t *hz)
{
	char path[96];
	int64_t khz;

	snprintf(path, sizeof(path), "devices/system/cpu/cpu%d/cpufreq/%s", unit->number, name);
	int code = sysroot_read_i64(cpu->context->root, SYSROOT_SYS, path, &khz);

	if (code < 0)
		return code;
	if (khz <= 0 || khz > INT64_MAX / 1000)
		return -ENODATA;
	*hz = khz * 1000;
	return 0;
}

static int open_msr(struct cpu_unit *unit, uint32_t type)
{
	struct perf_event_attr aperf = {.type = type, .config = MSR_APERF};
	struct perf_event_attr mperf = {.type = type, .config = MSR_MPERF};
	int leader = perfevent_open(&aperf, -1, unit->number, -1);

	if (leader < 0)
		return leader;
	int member = perfevent_open(&mperf, -1, unit->number, leader);

	if (member < 0) {
		close(leader);
		return member;
	}
	unit->msr_fd = leader;
	unit->msr_member_fd = member;
	unit->frequency = CPU_FREQUENCY_MSR;
	return perfevent_read(leader, &unit->msr);
}

static void open_msrs(struct cpu *cpu)
{
	int64_t type;
	struct rlimit limit;

	if (cpu->context->root->recorded || cpu->tsc_hz == 0 ||
	    sysroot_read_i64(cpu->context->root, SYSROOT_SYS, "bus/event_source/devices/msr/type",
			     &type) < 0 ||
	    getrlimit(RLIMIT_NOFILE, &limit) < 0 || 2 * cpu->unit_count > limit.rlim_cur / FD_SHARE)
		return;
	for (size_t i = 0; i < cpu->unit_count; i++) {
		int code = open_msr(&cpu->units[i], (uint32_t)type);

		/* An off-line CPU has no event; any other refusal will be the same for all. */
		if (code < 0 && code != -ENODEV)
			return;
	}
}

static enum cpu_frequency_source find_source(const struct cpu *cpu, const struct cpu_unit *unit)
{
	int64_t hz;

	if (unit->frequency == CPU_FREQUENCY_MSR)
		return CPU_FREQUENCY_MSR;
	/* An idle CPU may have no average now and one later: only a missing file means that there is none. */
	int code = read_khz(cpu, unit, "cpuinfo_avg_freq", &hz);

	if (code == 0 || code == -EAGAIN || code == -ENODATA)
		return CPU_FREQUENCY_AVERAGE;
	return read_khz(cpu, unit, "scaling_cur_freq", &hz) == 0 ? CPU_FREQUENCY_CURRENT
								 : CPU_FREQUENCY_NONE;
}

static void tell_limits(const struct cpu *cpu, const struct cpu_unit *unit, int64_t time_ns)
{
	int64_t hz;

	if (read_khz(cpu, unit, "cpuinfo_min_freq", &hz) == 0)
		feed_gauge(cpu->context->feed, unit->series, METRIC_FREQUENCY_MIN_HZ, time_ns, hz);
	if (read_khz(cpu, unit, "cpuinfo_max_freq", &hz) == 0)
		feed_gauge(cpu->context->feed, unit->series, METRIC_FREQUENCY_MAX_HZ, time_ns, hz);
}

size_t cpu_frequency_open(struct cpu *cpu)
{
	int64_t time_ns = clock_now_ns();
	size_t count = 0;

	open_msrs(cpu);
	for (size_t i = 0; i < cpu->unit_count; i++) {
		struct cpu_unit *unit = &cpu->units[i];

		unit->frequency = find_source(cpu, unit);
		count += unit->frequency != CPU_FREQUENCY_NONE;
		tell_limits(cpu, unit, time_ns);
	}
	return count;
}

static int read_msr(const struct cpu *cpu, struct cpu_unit *unit, int64_t *hz)
{
	struct perfevent_reading now;
	uint64_t run = 0, base = 0;
	int code = perfevent_read(unit->msr_fd, &now);

	if (code < 0)
		return code;
	code = perfevent_increase(&unit->msr, &now, 0, &run);
	if (code == 0)
		code = perfevent_increase(&unit->msr, &now, 1, &base);
	unit->msr = now;
	if (code < 0)
		return code;
	if (base == 0)
		return -ENODATA;
	*hz = (int64_t)((double)run / (double)base * (double)cpu->tsc_hz);
	return 0;
}

static int read_frequency(const struct cpu *cpu, struct cpu_unit *unit, int64_t *hz)
{
	switch (unit->frequency) {
	case CPU_FREQUENCY_NONE: break;
	case CPU_FREQUENCY_MSR: return read_msr(cpu, unit, hz);
	case CPU_FREQUENCY_AVERAGE: return read_khz(cpu, unit, "cpuinfo_avg_freq", hz);
	case CPU_FREQUENCY_CURRENT: return read_khz(cpu, unit, "scaling_cur_freq", hz);
	}
	return -ENODEV;
}

void cpu_frequency_sample(struct cpu *cpu, int64_t time_ns)
{
	uint64_t passed_ticks = (uint64_t)((time_ns - cpu->paced_ns) / cpu->tick_ns);

	for (size_t i = 0; i < cpu->unit_count; i++) {
		struct cpu_unit *unit = &cpu->units[i];
		uint64_t busy_ticks = unit->busy_ticks - unit->paced_ticks;
		int64_t hz;

		if (unit->frequency == CPU_FREQUENCY_NONE || !unit->counted ||
		    busy_ticks * BUSY_SHARE < passed_ticks)
			continue;
		int code = read_frequency(cpu, unit, &hz);

		if (code == 0)
			feed_gauge(cpu->context->feed, unit->series, METRIC_FREQUENCY_HZ, time_ns,
				   hz);
		else
			feed_gap(cpu->context->feed, unit->series, METRIC_FREQUENCY_HZ, time_ns,
				 -code, "");
	}
}

void cpu_frequency_close(struct cpu *cpu)
{
	for (size_t i = 0; i < cpu->unit_count; i++) {
		if (cpu->units[i].msr_fd >= 0) {
			close(cpu->units[i].msr_member_fd);
			close(cpu->units[i].msr_fd);
		}
	}
}
