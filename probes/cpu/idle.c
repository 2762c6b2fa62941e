/* SPDX-License-Identifier: Apache-2.0 */
/* How long CPUs stayed in each idle state, summed by package, and how long heat held them back. */
#include "probes/cpu/cpu.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define STATES_MAX	 16
#define FILES_PER_SECOND 512 /* with more files each is read less often */

static void state_path(char path[112], const struct cpu_unit *unit, int state, const char *name)
{
	snprintf(path, 112, "devices/system/cpu/cpu%d/cpuidle/state%d/%s", unit->number, state,
		 name);
}

static uint32_t get_pool(struct cpu *cpu, size_t package, const char *name)
{
	char key[DOMAIN_KEY_SIZE];

	for (size_t i = 0; i < cpu->pool_count; i++) {
		if (cpu->pools[i].package == package && strcmp(cpu->pools[i].name, name) == 0)
			return (uint32_t)i;
	}
	memory_reserve(&cpu->pools, &cpu->pool_capacity, cpu->pool_count + 1, sizeof(*cpu->pools));
	struct cpu_idle_pool *pool = &cpu->pools[cpu->pool_count];

	*pool = (struct cpu_idle_pool){.package = package};
	text_print(pool->name, sizeof(pool->name), "%s", name);
	text_print(key, sizeof(key), "%.64s/%s", cpu->packages[package].key, name);
	uint32_t domain = feed_domain(cpu->context->feed, DOMAIN_IDLE_STATE, key,
				      cpu->packages[package].domain, name);

	pool->series = feed_series(cpu->context->feed, domain, CPU_SOURCE, QUALITY_MEASURED);
	return (uint32_t)cpu->pool_count++;
}

static void open_states(struct cpu *cpu, size_t index)
{
	const struct cpu_unit *unit = &cpu->units[index];

	for (int state = 0; state < STATES_MAX; state++) {
		char path[112], text[64], name[16];
		ssize_t length;

		state_path(path, unit, state, "name");
		length = sysroot_read(cpu->context->root, SYSROOT_SYS, path, text, sizeof(text));
		if (length <= 0)
			return;
		text_clean(name, sizeof(name), text, (size_t)length);
		memory_reserve(&cpu->idle_files, &cpu->idle_capacity, cpu->idle_count + 1,
			       sizeof(*cpu->idle_files));
		cpu->idle_files[cpu->idle_count++] = (struct cpu_idle_file){
			.cpu = (uint16_t)index,
			.state = (uint8_t)state,
			.pool = get_pool(cpu, unit->package, name),
		};
	}
}

static int read_throttle(const struct cpu *cpu, int number, const char *name, int64_t *time_ms)
{
	char path[112];

	snprintf(path, sizeof(path), "devices/system/cpu/cpu%d/thermal_throttle/%s", number, name);
	int code = sysroot_read_i64(cpu->context->root, SYSROOT_SYS, path, time_ms);

	return code == 0 && (*time_ms < 0 || *time_ms > INT64_MAX / CLOCK_NS_PER_MS) ? -ERANGE
										     : code;
}

void cpu_idle_open(struct cpu *cpu)
{
	size_t files = 0;

	for (size_t i = 0; i < cpu->unit_count; i++) {
		struct cpu_unit *unit = &cpu->units[i];
		struct cpu_package *package = &cpu->packages[unit->package];
		int64_t time_ms;

		open_states(cpu, i);
		unit->throttles = read_throttle(cpu, unit->number, "core_throttle_total_time_ms",
						&time_ms) == 0;
		files += unit->throttles;
		/* The package's time is repeated under each of its CPUs. */
		if (package->throttle_cpu < 0 &&
		    read_throttle(cpu, unit->number, "package_throttle_total_time_ms", &time_ms) ==
			    0) {
			package->throttle_cpu = unit->number;
			package->series = feed_series(cpu->context->feed, package->domain,
						      CPU_SOURCE, QUALITY_MEASURED);
		}
	}
	files += cpu->idle_count;
	cpu->pace_ns = CLOCK_NS_PER_S * (int64_t)(1 + files / FILES_PER_SECOND);
}

static void read_idle_file(struct cpu *cpu, struct cpu_idle_file *file)
{
	struct cpu_idle_pool *pool = &cpu->pools[file->pool];
	char path[112];
	int64_t time_us;

	state_path(path, &cpu->units[file->cpu], file->state, "time");
	int code = sysroot_read_i64(cpu->context->root, SYSROOT_SYS, path, &time_us);

	if (code < 0) {
		if (pool->code != 0)
			pool->code = -code;
		return;
	}
	pool->code = 0;
	/* Differences, not sums: a CPU that goes off line must not let the package's total fall. */
	if (file->known && time_us > file->time_us)
		pool->gained_us += time_us - file->time_us;
	file->known = true;
	file->time_us = time_us;
}

void cpu_idle_sample(struct cpu *cpu, int64_t time_ns)
{
	for (size_t i = 0; i < cpu->pool_count; i++) {
		cpu->pools[i].gained_us = 0;
		cpu->pools[i].code = ENODATA;
	}
	for (size_t i = 0; i < cpu->idle_count; i++)
		read_idle_file(cpu, &cpu->idle_files[i]);
	for (size_t i = 0; i < cpu->pool_count; i++) {
		const struct cpu_idle_pool *pool = &cpu->pools[i];

		if (pool->code != 0)
			feed_gap(cpu->context->feed, pool->series, METRIC_RESIDENCY_NS, time_ns,
				 pool->code, "");
		else
			feed_increase(cpu->context->feed, pool->series, METRIC_RESIDENCY_NS,
				      time_ns, pool->gained_us * 1000);
	}
}

static void tell_throttle(const struct cpu *cpu, uint32_t series, int number, const char *name,
			  int64_t time_ns)
{
	int64_t time_ms;
	int code = read_throttle(cpu, number, name, &time_ms);

	if (code < 0)
		feed_gap(cpu->context->feed, series, METRIC_THROTTLE_NS, time_ns, -code, "");
	else
		feed_counter(cpu->context->feed, series, METRIC_THROTTLE_NS, time_ns,
			     (uint64_t)(time_ms * CLOCK_NS_PER_MS));
}

void cpu_throttle_sample(struct cpu *cpu, int64_t time_ns)
{
	for (size_t i = 0; i < cpu->unit_count; i++) {
		if (cpu->units[i].throttles)
			tell_throttle(cpu, cpu->units[i].series, cpu->units[i].number,
				      "core_throttle_total_time_ms", time_ns);
	}
	for (size_t i = 0; i < cpu->package_count; i++) {
		if (cpu->packages[i].throttle_cpu >= 0)
			tell_throttle(cpu, cpu->packages[i].series, cpu->packages[i].throttle_cpu,
				      "package_throttle_total_time_ms", time_ns);
	}
}
