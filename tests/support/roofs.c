/* SPDX-License-Identifier: Apache-2.0 */
/* Roofs and what stands below them, fed as ceilings and counters feed them. */
#include "tests/support/roofs.h"

#include "base/memory.h"

void roofs_roof(struct desk *desk, const char *key, bool flops, int64_t per_s, int64_t power_w,
		enum quality quality)
{
	uint32_t series =
		desk_series(desk, DOMAIN_ROOF, key,
			    quality == QUALITY_ESTIMATED ? "theory" : "ceilings", quality);

	feed_gauge(desk->feed, series, flops ? METRIC_ROOF_FLOP_PER_S : METRIC_ROOF_BYTES_PER_S,
		   desk->now_ns, per_s);
	if (power_w > 0)
		feed_gauge(desk->feed, series, METRIC_SENSOR_POWER_UW, desk->now_ns,
			   power_w * 1000000);
}

void roofs_machine(struct desk *desk, enum quality quality)
{
	static const struct {
		const char *key;
		bool flops;
		int64_t per_s, power_w;
	} roofs[] = {
		{"roof/all/fp32/avx2", true, 1580000000000, 160},
		{"roof/all/fp32/avx512", true, 3100000000000, 180},
		{"roof/all/fp64/avx512", true, 1550000000000, 175},
		{"roof/1/fp32/avx512", true, 193750000000, 60},
		{"roof/all/read/dram", false, 255000000000, 140},
		{"roof/all/triad/dram", false, 210000000000, 140},
		{"roof/all/read/l3", false, 900000000000, 150},
		{"roof/1/read/dram", false, 20000000000, 50},
	};

	for (size_t i = 0; i < ARRAY_SIZE(roofs); i++)
		roofs_roof(desk, roofs[i].key, roofs[i].flops, roofs[i].per_s, roofs[i].power_w,
			   quality);
}

static void count(struct desk *desk, uint32_t series, enum metric metric, int64_t amount)
{
	if (amount >= 0)
		feed_increase(desk->feed, series, metric, desk->now_ns,
			      desk->ticks == 0 ? 0 : amount);
}

void roofs_second(struct desk *desk, const struct roofs_task *task)
{
	char key[DOMAIN_KEY_SIZE];
	uint32_t process, thread, counters, bytes, watts;

	domain_key_process(key, task->pid, 7);
	process = feed_domain(desk->feed, DOMAIN_PROCESS, key, 0, task->name);
	domain_key_thread(key, task->pid, task->pid, 7);
	thread = feed_domain(desk->feed, DOMAIN_THREAD, key, process, task->name);
	counters = feed_series(desk->feed, thread, "counters", QUALITY_MEASURED);
	bytes = feed_series(desk->feed, thread, "traffic", task->bytes_quality);
	watts = feed_series(desk->feed, thread, "weight:cycles", QUALITY_ATTRIBUTED);
	count(desk, counters, METRIC_BUSY_NS, 990000000);
	count(desk, counters, METRIC_FLOP_FP32, task->flop_fp32);
	count(desk, counters, METRIC_FLOP_FP64, task->flop_fp64);
	count(desk, counters, METRIC_LLC_MISSES, task->misses);
	count(desk, bytes, METRIC_READ_BYTES, task->bytes);
	count(desk, watts, METRIC_ENERGY_UJ, task->watts < 0 ? -1 : task->watts * 1000000);
}

void roofs_training(struct desk *desk)
{
	static const struct roofs_task tasks[] = {
		{4711, "train", 750000000000, -1, 63600000000, -1, 121, QUALITY_ATTRIBUTED},
		{4712, "loader", 5000000000, -1, 50000000000, -1, 12, QUALITY_ATTRIBUTED},
		{4713, "optimizer", -1, -1, -1, -1, 3, QUALITY_ATTRIBUTED},
	};

	feed_meta(desk->feed, "books_idle_watts", "80");
	roofs_machine(desk, QUALITY_MEASURED);
	for (int second = 0; second < 12; second++) {
		for (size_t i = 0; i < ARRAY_SIZE(tasks); i++)
			roofs_second(desk, &tasks[i]);
		desk_tick(desk);
	}
}

void roofs_mark(struct desk *desk, int64_t flops, int64_t bytes)
{
	if (flops > 0)
		feed_work(desk->feed, desk->now_ns, "marks", "flop", flops);
	if (bytes > 0)
		feed_work(desk->feed, desk->now_ns, "marks", "byte", bytes);
	desk_tick(desk);
}
