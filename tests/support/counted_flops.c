/* SPDX-License-Identifier: Apache-2.0 */
/* A thread of ours whose operations are counted on a made-up processor. */
#include "tests/support/counted_flops.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/heard.h"
#include "tests/support/machine.h"

#include <unistd.h>

uint64_t counted_one_of_each(const struct perf_event_attr *attr)
{
	if (attr->type == PERF_TYPE_HARDWARE || attr->type == PERF_TYPE_HW_CACHE)
		return 1000;
	return (attr->config & 0xff) == 0xb7 ? 0 : 1;
}

void counted_flops_start(struct counted_flops *stage, const char *cpuinfo, bool hybrid)
{
	machine_make_directory(stage->directory, sizeof(stage->directory));
	machine_write(stage->directory, "proc/cpuinfo", cpuinfo);
	if (hybrid) {
		machine_write(stage->directory, "sys/bus/event_source/devices/cpu_core/type", "4");
		machine_write(stage->directory, "sys/bus/event_source/devices/cpu_atom/type", "10");
	}
	counted_kernel.pretend = true;
	if (!counted_kernel.count)
		counted_kernel.count = counted_one_of_each;
	if (counted_kernel.enabled_ns == 0)
		counted_kernel.enabled_ns = COUNTED_TICK_NS;
	if (counted_kernel.running_ns == 0)
		counted_kernel.running_ns = counted_kernel.enabled_ns;
	burner_start(&stage->worker);
	counted_open_on(&stage->counted, stage->directory);
	assert_int_equal(stage->counted.code, 0);
	counted_tick(&stage->counted);
}

void counted_flops_stop(struct counted_flops *stage)
{
	burner_stop(&stage->worker);
	counted_close(&stage->counted);
	machine_remove_directory(stage->directory);
}

void counted_flops_step(struct counted_flops *stage)
{
	burner_burn(&stage->worker, 5 * CLOCK_NS_PER_MS);
	counted_tick(&stage->counted);
}

uint32_t counted_flops_series(struct counted_flops *stage)
{
	size_t count;
	const struct watch_thread *threads = watch_threads(stage->counted.watch, &count);
	char key[DOMAIN_KEY_SIZE];

	for (size_t i = 0; i < count; i++) {
		if (threads[i].tid != stage->worker.tid)
			continue;
		domain_key_thread(key, getpid(), threads[i].tid, threads[i].start_ticks);
		return heard_series(stage->counted.context.feed, key, "flops");
	}
	return 0;
}

int64_t counted_flops_value(struct counted_flops *stage, enum metric metric)
{
	int64_t now;

	return heard_value(stage->counted.context.feed, counted_flops_series(stage), metric, &now)
		       ? now
		       : -1;
}

int counted_flops_gap(struct counted_flops *stage, enum metric metric, const char **reason)
{
	return heard_gap(stage->counted.context.feed, counted_flops_series(stage), metric, reason);
}
