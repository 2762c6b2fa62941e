/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up sessions, fed as a probe feeds them; the figures are those of a training on one socket and one GPU. */
#include "tests/support/sessions.h"

#include "base/clock.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_NS INT64_C(1000000000000)
#define RUN_S	 761
#define TAIL_S	 60

void sessions_start(struct sessions *sessions)
{
	*sessions = (struct sessions){
		.session = session_create(1),
		.feed = feed_create(),
		.spare = memory_zeroed(1, sizeof(struct batch)),
	};
}

void sessions_stop(struct sessions *sessions)
{
	feed_destroy(sessions->feed);
	session_destroy(sessions->session);
	batch_finish(sessions->spare);
	free(sessions->spare);
	*sessions = (struct sessions){0};
}

void sessions_tick(struct sessions *sessions, int64_t time_ns)
{
	struct batch *full;

	feed_tick(sessions->feed, time_ns, session_ticks(sessions->session) + 1, 0);
	full = feed_swap(sessions->feed, sessions->spare);
	session_apply(sessions->session, full);
	batch_clear(full);
	sessions->spare = full;
}

uint32_t sessions_series(struct sessions *sessions, enum domain_kind kind, const char *key,
			 const char *name, uint32_t parent, const char *source,
			 enum quality quality)
{
	uint32_t domain = feed_domain(sessions->feed, kind, key, parent, name);

	return feed_series(sessions->feed, domain, source, quality);
}

/* A counter that grew steadily: its last second, and its total at the end. */
struct growth {
	uint32_t series;
	enum metric metric;
	int64_t per_s, total;
};

struct growths {
	struct growth items[8192];
	size_t count;
};

static void grow(struct growths *growths, uint32_t series, enum metric metric, int64_t per_s,
		 int64_t total)
{
	growths->items[growths->count++] = (struct growth){series, metric, per_s, total};
}

/* Feeds zero at the start, and then each of the last TAIL_S seconds, so that rate and total come out as asked. */
static void run(struct sessions *sessions, const struct growths *growths)
{
	for (int second = 0; second <= RUN_S; second++) {
		int64_t time_ns = START_NS + second * CLOCK_NS_PER_S;

		if (second > 0 && second < RUN_S - TAIL_S)
			continue;
		for (size_t i = 0; i < growths->count; i++) {
			const struct growth *growth = &growths->items[i];
			int64_t amount = growth->per_s;

			if (second == 0)
				amount = 0;
			else if (second == RUN_S - TAIL_S)
				amount = growth->total - growth->per_s * TAIL_S;
			feed_increase(sessions->feed, growth->series, growth->metric, time_ns,
				      amount);
		}
		sessions_tick(sessions, time_ns);
	}
}

static void gauge(struct sessions *sessions, uint32_t series, enum metric metric, int64_t value)
{
	feed_gauge(sessions->feed, series, metric, START_NS, value);
}

/* Energy and CPU time of a thread as the books would have shared them. */
static void add_thread(struct sessions *sessions, struct growths *growths, int tid, int cpu,
		       const char *name, const int64_t shares[4])
{
	char key[DOMAIN_KEY_SIZE];
	uint32_t process, thread, counters, shared;

	domain_key_process(key, 4711, 88120);
	process = feed_domain(sessions->feed, DOMAIN_PROCESS, key, 0, "python3");
	domain_key_thread(key, 4711, tid, 88120 + (uint64_t)(tid - 4711));
	thread = feed_domain(sessions->feed, DOMAIN_THREAD, key, process, name);
	counters = feed_series(sessions->feed, thread, "counters", QUALITY_MEASURED);
	shared = feed_series(sessions->feed, thread, "weight:cycles", QUALITY_ATTRIBUTED);
	gauge(sessions, counters, METRIC_CPU_NUMBER, cpu);
	grow(growths, counters, METRIC_BUSY_NS, shares[0], shares[0] * 700);
	grow(growths, counters, METRIC_CYCLES, shares[0] * 34 / 10, shares[0] * 2380);
	grow(growths, counters, METRIC_INSTRUCTIONS, shares[0] * 34 * shares[1] / 1000,
	     shares[0] * 238 * shares[1] / 10);
	grow(growths, shared, METRIC_ENERGY_UJ, shares[2], shares[3]);
}

static void add_threads(struct sessions *sessions, struct growths *growths)
{
	/* CPU time in ns/s, IPC in hundredths, watts in uW, energy in uJ. */
	static const int64_t trainer[] = {998000000, 211, 7210000, 5430000000};
	static const int64_t second[] = {997000000, 210, 7190000, 5410000000};
	static const int64_t loader[] = {380000000, 71, 2040000, 1530000000};
	const int64_t rest_w = 34660000, rest_j = 23220000000;
	const int count = 209;
	int64_t used_w = 0, used_j = 0;

	add_thread(sessions, growths, 4730, 3, "pt_main_thread", trainer);
	add_thread(sessions, growths, 4731, 4, "pt_main_thread", second);
	add_thread(sessions, growths, 4722, 9, "dataloader", loader);
	for (int i = 0; i < count; i++) {
		int64_t next_w = rest_w * (i + 1) / count, next_j = rest_j * (i + 1) / count;
		const int64_t shares[] = {24497608, 100, next_w - used_w, next_j - used_j};

		add_thread(sessions, growths, 4800 + i, i % 32, "worker", shares);
		used_w = next_w;
		used_j = next_j;
	}
}

static uint32_t add_share(struct sessions *sessions, struct growths *growths, enum domain_kind kind,
			  const char *name, uint32_t package, const int64_t shares[3])
{
	char key[DOMAIN_KEY_SIZE];
	uint32_t series;

	snprintf(key, sizeof(key), "package-0/%s", name);
	series = sessions_series(sessions, kind, key, name, package,
				 kind == DOMAIN_IDLE ? "baseline" : "weight:cycles",
				 QUALITY_ATTRIBUTED);
	grow(growths, series, METRIC_ENERGY_UJ, shares[1], shares[2]);
	if (shares[0] > 0)
		grow(growths, series, METRIC_BUSY_NS, shares[0], shares[0] * 700);
	return series;
}

static void add_cpus(struct sessions *sessions, struct growths *growths, uint32_t package,
		     int count, bool clocks)
{
	for (int i = 0; i < count; i++) {
		char key[DOMAIN_KEY_SIZE];
		uint32_t series;
		bool busy = i < 11;

		snprintf(key, sizeof(key), "cpu%d", i);
		series = sessions_series(sessions, DOMAIN_CPU, key, "", package, "cpu",
					 QUALITY_MEASURED);
		grow(growths, series, METRIC_BUSY_NS, busy ? 960000000 : 5000000,
		     busy ? 600000000000 : 4000000000);
		if (!clocks)
			continue;
		gauge(sessions, series, METRIC_FREQUENCY_HZ, busy ? 3410000000 : 800000000);
		gauge(sessions, series, METRIC_FREQUENCY_MIN_HZ, 800000000);
		gauge(sessions, series, METRIC_FREQUENCY_MAX_HZ, 4200000000);
	}
}

static void add_source_states(struct sessions *sessions)
{
	feed_source(sessions->feed, "powercap", SOURCE_NO_ACCESS, "package, core, dram energy",
		    "energy_uj is readable by root only",
		    "run jouletop with CAP_PERFMON: perf_power is used instead");
	feed_source(sessions->feed, "perf_power", SOURCE_OK, "package, ram energy",
		    "2 packages, 2^-32 J", "");
	feed_source(sessions->feed, "counters", SOURCE_OK, "cycles instructions",
		    "6 of 8 counters, 100 % running", "");
	feed_source(sessions->feed, "hwmon", SOURCE_NONE, "temperature, power",
		    "no power or energy sensor", "");
	feed_source(sessions->feed, "estimate", SOURCE_OFF, "package", "a measured source is there",
		    "");
	feed_source(sessions->feed, "nvml", SOURCE_PENDING, "gpu energy", "", "");
}

static void add_output(struct sessions *sessions)
{
	static const char *const lines[] = {
		"epoch 1",
		"\033[32mloss 2.31\033[0m step 100",
		"\033[1;31mwarning\033[0m: \033[2mslow loader\033[0m",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		feed_output(sessions->feed, START_NS, 1, lines[i], strlen(lines[i]));
}

void sessions_full(struct sessions *sessions)
{
	static const int64_t others[] = {213000000, 7300000, 5560000000},
			     unexplained[] = {31000000, 900000, 690000000};
	static const int64_t idle[] = {0, 62100000, 47260000000};
	struct growths *growths = memory_zeroed(1, sizeof(*growths));
	uint32_t socket, package, series;

	sessions_start(sessions);
	socket = feed_domain(sessions->feed, DOMAIN_SOCKET, "socket-0", 0, "");
	package = feed_domain(sessions->feed, DOMAIN_PACKAGE, "package-0", socket, "");
	series = feed_series(sessions->feed, package, "perf_power:energy-pkg", QUALITY_MEASURED);
	grow(growths, series, METRIC_ENERGY_UJ, 121400000, 89100000000);
	series = sessions_series(sessions, DOMAIN_CORES, "cores-0", "", package,
				 "perf_power:energy-cores", QUALITY_MEASURED);
	grow(growths, series, METRIC_ENERGY_UJ, 98000000, 71900000000);
	series = sessions_series(sessions, DOMAIN_DRAM, "dram-0", "", socket,
				 "perf_power:energy-ram", QUALITY_MEASURED);
	grow(growths, series, METRIC_ENERGY_UJ, 18200000, 13400000000);
	series = sessions_series(sessions, DOMAIN_GPU, "gpu-0", "gpu0 H200", 0, "nvml:energy",
				 QUALITY_MEASURED);
	grow(growths, series, METRIC_ENERGY_UJ, 272700000, 199600000000);
	gauge(sessions, series, METRIC_POWER_LIMIT_UW, 700000000);
	series = sessions_series(sessions, DOMAIN_PSYS, "psys-0", "", 0, "powercap:intel-rapl:1",
				 QUALITY_MEASURED);
	grow(growths, series, METRIC_ENERGY_UJ, 198000000, 150000000000);
	add_threads(sessions, growths);
	add_share(sessions, growths, DOMAIN_OTHERS, "others", package, others);
	add_share(sessions, growths, DOMAIN_UNATTRIBUTED, "unattributed", package, unexplained);
	add_share(sessions, growths, DOMAIN_IDLE, "idle", package, idle);
	add_cpus(sessions, growths, package, 32, true);
	series = sessions_series(sessions, DOMAIN_IDLE_STATE, "package-0/C6", "C6", package,
				 "cpuidle", QUALITY_MEASURED);
	grow(growths, series, METRIC_RESIDENCY_NS, 19200000000, 13000000000000);
	series = sessions_series(sessions, DOMAIN_SENSOR, "sensor/coretemp/temp1", "Package id 0",
				 0, "hwmon:coretemp", QUALITY_SAMPLED);
	gauge(sessions, series, METRIC_TEMPERATURE_MC, 62000);
	series = sessions_series(sessions, DOMAIN_WORK, "work/samples", "samples", 0, "marks",
				 QUALITY_GIVEN);
	grow(growths, series, METRIC_WORK, 214, 157092);
	feed_meta(sessions->feed, "books_weight", "cycles");
	feed_meta(sessions->feed, "books_idle_watts", "62.1");
	feed_meta(sessions->feed, "books_idle_named", "10 s, 2 d");
	add_source_states(sessions);
	add_output(sessions);
	feed_note(sessions->feed, START_NS, NOTE_WARN, 0, "EIO reading %s", "energy_uj");
	run(sessions, growths);
	free(growths);
}

/* One thread without counters, that has all of the estimate. */
static void add_vm_thread(struct sessions *sessions, struct growths *growths)
{
	char key[DOMAIN_KEY_SIZE];
	uint32_t process, thread, series;

	domain_key_process(key, 900, 500);
	process = feed_domain(sessions->feed, DOMAIN_PROCESS, key, 0, "train.py");
	feed_label(sessions->feed, process, "user", "ann");
	feed_label(sessions->feed, process, "command", "python3 train.py --epochs 3");
	domain_key_thread(key, 900, 900, 500);
	thread = feed_domain(sessions->feed, DOMAIN_THREAD, key, process, "train.py");
	series = feed_series(sessions->feed, thread, "processes", QUALITY_MEASURED);
	grow(growths, series, METRIC_BUSY_NS, 950000000, 722500000000);
	series = feed_series(sessions->feed, thread, "weight:cpu-time", QUALITY_ESTIMATED);
	grow(growths, series, METRIC_ENERGY_UJ, 33000000, 25100000000);
}

void sessions_vm(struct sessions *sessions)
{
	struct growths *growths = memory_zeroed(1, sizeof(*growths));
	uint32_t package, series;

	sessions_start(sessions);
	package = feed_domain(sessions->feed, DOMAIN_PACKAGE, "package-0", 0, "");
	series = feed_series(sessions->feed, package, "estimate", QUALITY_ESTIMATED);
	grow(growths, series, METRIC_ENERGY_UJ, 33000000, 25100000000);
	gauge(sessions, series, METRIC_SENSOR_POWER_UW, 33000000);
	gauge(sessions, series, METRIC_POWER_LOW_UW, 14000000);
	gauge(sessions, series, METRIC_POWER_HIGH_UW, 71000000);
	series = sessions_series(sessions, DOMAIN_DRAM, "dram-0", "", package, "estimate",
				 QUALITY_ESTIMATED);
	grow(growths, series, METRIC_ENERGY_UJ, 5000000, 3800000000);
	gauge(sessions, series, METRIC_SENSOR_POWER_UW, 5000000);
	gauge(sessions, series, METRIC_POWER_LOW_UW, 3000000);
	gauge(sessions, series, METRIC_POWER_HIGH_UW, 9000000);
	add_cpus(sessions, growths, package, 4, false);
	add_vm_thread(sessions, growths);
	feed_meta(sessions->feed, "hypervisor", "1");
	feed_meta(sessions->feed, "books_weight", "CPU time");
	feed_source(sessions->feed, "powercap", SOURCE_NONE, "package, core, dram energy",
		    "no powercap zones", "");
	feed_source(sessions->feed, "hwmon", SOURCE_NONE, "power", "no power or energy sensor", "");
	feed_source(sessions->feed, "cpu", SOURCE_PARTIAL, "CPU time",
		    "no frequency: a VM without a cpufreq driver", "");
	feed_source(sessions->feed, "estimate", SOURCE_OK, "package, dram power",
		    "CPU table, memory size", "");
	run(sessions, growths);
	free(growths);
}

void sessions_hostile(struct sessions *sessions)
{
	static const char *const names[] = {
		"\033[2J\033[31mred",
		"\xe5\xb9\xbf\xe5\xad\x97\xe5\xb9\xbf\xe5\xad\x97\xe5\xb9\xbf\xe5\xad\x97",
		"\xff\xfe\x80",
		"\xe2\x80\xae-desrever",
		"%s%n%d",
		"",
		"a\nb\tc\rd",
		"\xf0\x9f\x94\xa5\xf0\x9f\x94\xa5",
	};
	const int64_t time_ns = START_NS;

	sessions_start(sessions);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char key[DOMAIN_KEY_SIZE];
		uint32_t process, thread, series;

		domain_key_process(key, (int)(100 + i), 7);
		process = feed_domain(sessions->feed, DOMAIN_PROCESS, key, 0, names[i]);
		domain_key_thread(key, (int)(100 + i), (int)(100 + i), 7);
		thread = feed_domain(sessions->feed, DOMAIN_THREAD, key, process, names[i]);
		feed_label(sessions->feed, process, "user", names[i]);
		feed_label(sessions->feed, process, "container", names[i]);
		feed_label(sessions->feed, process, "command", names[i]);
		series = feed_series(sessions->feed, thread, names[i][0] ? names[i] : "x",
				     QUALITY_MEASURED);
		feed_increase(sessions->feed, series, METRIC_BUSY_NS, time_ns, INT64_MAX / 4);
		snprintf(key, sizeof(key), "package-%zu", i);
		series = sessions_series(sessions, DOMAIN_PACKAGE, key, names[i], 0, "powercap:x",
					 QUALITY_MEASURED);
		feed_gap(sessions->feed, series, METRIC_ENERGY_UJ, time_ns, i % 2 ? 13 : 5,
			 i % 3 ? "" : names[i]);
		snprintf(key, sizeof(key), "sensor/%zu/temp", i);
		series = sessions_series(sessions, DOMAIN_SENSOR, key, names[i], 0, "hwmon:x",
					 QUALITY_SAMPLED);
		feed_gauge(sessions->feed, series, METRIC_TEMPERATURE_MC, time_ns, INT64_MIN);
		feed_gauge(sessions->feed, series, METRIC_SENSOR_POWER_UW, time_ns, INT64_MAX);
		snprintf(key, sizeof(key), "cpu%zu", i * 1000);
		series = sessions_series(sessions, DOMAIN_CPU, key, names[i], 0, "cpu",
					 QUALITY_MEASURED);
		feed_gauge(sessions->feed, series, METRIC_FREQUENCY_HZ, time_ns, INT64_MAX);
		feed_gauge(sessions->feed, series, METRIC_FREQUENCY_MAX_HZ, time_ns, 0);
		feed_source(sessions->feed, names[i], (enum source_state)(i % SOURCE_STATE_COUNT),
			    names[i], names[i], names[i]);
		feed_note(sessions->feed, time_ns, NOTE_BAD, 0, "%s", names[i]);
		feed_work(sessions->feed, time_ns, "marks", names[i], INT64_MAX / 16);
		feed_output(sessions->feed, time_ns, 1, names[i], strlen(names[i]));
	}
	sessions_tick(sessions, time_ns);
	sessions_tick(sessions, time_ns + 1);
}

void sessions_threads(struct sessions *sessions, size_t count)
{
	struct growths *growths = memory_zeroed(1, sizeof(*growths));
	uint32_t series;

	sessions_start(sessions);
	series = sessions_series(sessions, DOMAIN_PACKAGE, "package-0", "", 0,
				 "powercap:intel-rapl:0", QUALITY_MEASURED);
	grow(growths, series, METRIC_ENERGY_UJ, 100000000, 76100000000);
	for (size_t i = 0; i < count && growths->count + 4 <= ARRAY_SIZE(growths->items); i++) {
		const int64_t shares[] = {(int64_t)(i * 7919 % count) * 1000, 100,
					  (int64_t)(i * 7919 % count) * 100,
					  (int64_t)(i * 104729 % count) * 100000};

		add_thread(sessions, growths, (int)(5000 + i), (int)(i % 64), "worker", shares);
	}
	run(sessions, growths);
	free(growths);
}
