/* SPDX-License-Identifier: Apache-2.0 */
/* What is required of the users of AMD's and Intel's GPUs: each client's time and memory once, and no card woken for them. */
#include "probes/drm/fdinfo.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/heard.h"
#include "tests/support/machine.h"
#include "tests/support/watched.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST	 "gpu-0000:23:00.0"
#define SECOND	 "gpu-0000:a3:00.0"
#define TRAIN	 "10@77"
#define CARD1	 "sys/class/drm/card1/device"
#define MS	 INT64_C(1000000)
#define KFD	 "sys/class/kfd/kfd"
#define GIB_TEXT "1073741824"

extern const struct probe probe_drm;

static int64_t now_ns;
static int reads, fail_at;

int64_t clock_now_ns(void)
{
	return now_ns;
}

static ssize_t read_or_fail(int fd, void *buffer, size_t size, off_t offset)
{
	if (++reads == fail_at) {
		errno = EIO;
		return -1;
	}
	return pread(fd, buffer, size, offset);
}

struct stage {
	struct watched watched;
	struct machine *machine;
	struct probe_context context;
	void *self;
	unsigned ticks;
};

static void make_process(struct stage *stage, pid_t pid, unsigned start)
{
	struct watched_made made = {pid, pid, 1, "train", 'R', ++stage->ticks, start, 0};
	watched_make(stage->watched.directory, &made);
}

static void make_file(struct stage *stage, pid_t pid, int fd, const char *target)
{
	char path[320];
	snprintf(path, sizeof(path), "proc/%d/fd/x", pid);
	machine_write(stage->watched.directory, path, "");
	snprintf(path, sizeof(path), "%s/proc/%d/fd/%d", stage->watched.directory, pid, fd);
	unlink(path);
	assert_int_equal(symlink(target, path), 0);
}

static void make_info(struct stage *stage, pid_t pid, int fd, const char *text)
{
	char path[96];
	snprintf(path, sizeof(path), "proc/%d/fdinfo/%d", pid, fd);
	machine_write(stage->watched.directory, path, text);
}

/* A client of the card that renderD128 stands for. */
static void make_client(struct stage *stage, pid_t pid, int fd, int id, int64_t busy_ns, int kib)
{
	char text[512];
	snprintf(text, sizeof(text),
		 "pos:\t0\nflags:\t02100002\ndrm-driver:\tamdgpu\ndrm-client-id:\t%d\n"
		 "drm-pdev:\t0000:23:00.0\ndrm-memory-vram:\t%d KiB\ndrm-memory-gtt: \t64 KiB\n"
		 "drm-engine-gfx:\t1000 ns\ndrm-engine-compute:\t%lld ns",
		 id, kib, (long long)busy_ns);
	make_file(stage, pid, fd, "/dev/dri/renderD128");
	make_info(stage, pid, fd, text);
}

static void tick(struct stage *stage)
{
	now_ns += 500 * MS;
	make_process(stage, 10, 77);
	watched_refresh(&stage->watched);
	assert_int_equal(probe_drm.sample(stage->self, &stage->context, stage->watched.watch), 0);
}

static int set_up(void **state)
{
	struct stage *stage = memory_zeroed(1, sizeof(*stage));
	char path[512];
	struct error err;

	now_ns = 1000 * CLOCK_NS_PER_S;
	reads = fail_at = 0;
	machine_make_directory(stage->watched.directory, sizeof(stage->watched.directory));
	stage->machine = machine_unpack(stage->watched.directory,
					machine_path(path, sizeof(path), "amd-mi210"));
	assert_non_null(stage->machine);
	machine_write(stage->watched.directory, "sys/class/drm/renderD128/device/uevent",
		      "DRIVER=amdgpu\nPCI_SLOT_NAME=0000:23:00.0");
	machine_write(stage->watched.directory, "sys/class/drm/renderD129/device/uevent",
		      "DRIVER=amdgpu\nPCI_SLOT_NAME=0000:a3:00.0");
	machine_write(stage->watched.directory, KFD "/topology/nodes/0/gpu_id", "0");
	machine_write(stage->watched.directory, KFD "/topology/nodes/1/gpu_id", "4711");
	machine_write(stage->watched.directory, KFD "/topology/nodes/1/properties",
		      "simd_count 416\nsimd_per_cu 4\nlocation_id 8960\ndomain 0");
	make_process(stage, 10, 77);
	watched_open(&stage->watched, stage->watched.directory, WATCH_ALL, 0);
	stage->watched.root.read_at = read_or_fail;
	stage->context = (struct probe_context){
		.root = &stage->watched.root, .feed = stage->watched.feed, .interval_ns = 500 * MS};
	stage->self = memory_zeroed(1, probe_drm.private_size);
	assert_int_equal(probe_drm.open(stage->self, &stage->context, &err), 0);
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *stage = *state;
	probe_drm.close(stage->self);
	free(stage->self);
	watched_tree_close(&stage->watched);
	machine_destroy(stage->machine);
	free(stage);
	return 0;
}

static int64_t told(struct stage *stage, const char *key, const char *source, enum metric metric)
{
	int64_t value;
	uint32_t series = heard_series(stage->watched.feed, key, source);
	return heard_value(stage->watched.feed, series, metric, &value) ? value : -1;
}

static void a_client_tells_the_time_of_its_longest_engine_and_its_memory(void **state)
{
	struct stage *stage = *state;
	make_client(stage, 10, 5, 42, 9000 * MS, 2048);
	tick(stage);
	/* What was before the first reading is not ours. */
	assert_int_equal(told(stage, TRAIN, "drm:" FIRST, METRIC_GPU_BUSY_NS), 0);
	assert_int_equal(told(stage, TRAIN, "drm:" FIRST, METRIC_GPU_MEMORY_BYTES), 2048 * 1024);
	make_client(stage, 10, 5, 42, 9400 * MS, 4096);
	tick(stage);
	assert_int_equal(told(stage, TRAIN, "drm:" FIRST, METRIC_GPU_BUSY_NS), 400 * MS);
	assert_int_equal(told(stage, TRAIN, "drm:" FIRST, METRIC_GPU_MEMORY_BYTES), 4096 * 1024);
	assert_int_equal(told(stage, TRAIN, "drm:" SECOND, METRIC_GPU_BUSY_NS), -1);
}

static void a_file_that_was_handed_on_is_counted_once(void **state)
{
	struct stage *stage = *state;
	make_client(stage, 10, 5, 42, 1000 * MS, 2048);
	make_client(stage, 10, 6, 42, 1000 * MS, 2048);
	tick(stage);
	make_client(stage, 10, 5, 42, 1200 * MS, 2048);
	make_client(stage, 10, 6, 42, 1200 * MS, 2048);
	tick(stage);
	assert_int_equal(told(stage, TRAIN, "drm:" FIRST, METRIC_GPU_BUSY_NS), 200 * MS);
	assert_int_equal(told(stage, TRAIN, "drm:" FIRST, METRIC_GPU_MEMORY_BYTES), 2048 * 1024);
}

static void two_clients_of_a_process_add_up(void **state)
{
	struct stage *stage = *state;
	make_client(stage, 10, 5, 42, 1000 * MS, 2048);
	make_client(stage, 10, 6, 43, 7000 * MS, 1024);
	tick(stage);
	make_client(stage, 10, 5, 42, 1100 * MS, 2048);
	make_client(stage, 10, 6, 43, 7050 * MS, 1024);
	tick(stage);
	assert_int_equal(told(stage, TRAIN, "drm:" FIRST, METRIC_GPU_BUSY_NS), 150 * MS);
	assert_int_equal(told(stage, TRAIN, "drm:" FIRST, METRIC_GPU_MEMORY_BYTES), 3072 * 1024);
}

static void a_value_that_goes_back_is_no_negative_time(void **state)
{
	struct stage *stage = *state;
	make_client(stage, 10, 5, 42, 1000 * MS, 2048);
	tick(stage);
	make_client(stage, 10, 5, 42, 900 * MS, 2048);
	tick(stage);
	assert_int_equal(told(stage, TRAIN, "drm:" FIRST, METRIC_GPU_BUSY_NS), 0);
	make_client(stage, 10, 5, 42, 1010 * MS, 2048);
	tick(stage);
	assert_int_equal(told(stage, TRAIN, "drm:" FIRST, METRIC_GPU_BUSY_NS), 10 * MS);
}

static void a_card_that_sleeps_is_not_woken_for_its_clients(void **state)
{
	struct stage *stage = *state;
	make_client(stage, 10, 5, 42, 1000 * MS, 2048);
	tick(stage);
	machine_write(stage->watched.directory, CARD1 "/power/runtime_status", "suspended");
	/* Reading this would be seen. */
	make_client(stage, 10, 5, 42, 1400 * MS, 9999);
	tick(stage);
	assert_int_equal(told(stage, TRAIN, "drm:" FIRST, METRIC_GPU_BUSY_NS), 0);
	assert_int_equal(told(stage, TRAIN, "drm:" FIRST, METRIC_GPU_MEMORY_BYTES), 2048 * 1024);
}

static void who_closes_its_file_holds_nothing(void **state)
{
	struct stage *stage = *state;
	make_client(stage, 10, 5, 42, 1000 * MS, 2048);
	tick(stage);
	watched_unmake(stage->watched.directory, "10/fdinfo");
	tick(stage);
	assert_int_equal(told(stage, TRAIN, "drm:" FIRST, METRIC_GPU_MEMORY_BYTES), 0);
	assert_int_equal(told(stage, TRAIN, "drm:" FIRST, METRIC_GPU_BUSY_NS), 0);
}

static void compute_processes_tell_by_their_own_driver(void **state)
{
	struct stage *stage = *state;
	machine_write(stage->watched.directory, KFD "/proc/10/vram_4711", GIB_TEXT);
	machine_write(stage->watched.directory, KFD "/proc/10/stats_4711/cu_occupancy", "26");
	machine_write(stage->watched.directory, KFD "/proc/99/vram_4711", GIB_TEXT);
	tick(stage);
	assert_int_equal(told(stage, TRAIN, "kfd:" FIRST, METRIC_GPU_MEMORY_BYTES), 1073741824);
	tick(stage);
	/* 26 of 104 units for half a second. */
	assert_int_equal(told(stage, TRAIN, "kfd:" FIRST, METRIC_GPU_BUSY_NS), 125 * MS);
}

static void whichever_read_fails_no_time_is_made_up(void **state)
{
	for (int k = 1, done = 0; !done; k++) {
		struct stage *stage = *state;
		make_client(stage, 10, 5, 42, 1000 * MS, 2048);
		reads = 0;
		fail_at = k;
		for (int i = 0; i < 3; i++) {
			make_client(stage, 10, 5, 42, (1000 + 100 * i) * MS, 2048);
			now_ns += 500 * MS;
			watched_refresh(&stage->watched);
			assert_int_equal(probe_drm.sample(stage->self, &stage->context,
							  stage->watched.watch),
					 0);
		}
		assert_true(told(stage, TRAIN, "drm:" FIRST, METRIC_GPU_BUSY_NS) <= 200 * MS);
		done = reads < k;
		tear_down(state);
		set_up(state);
	}
}

static void texts_of_each_driver_are_read(void **state)
{
	struct fdinfo info;
	(void)state;
	assert_true(fdinfo_read(&info, "drm-driver: i915\ndrm-client-id: 7\n"
				       "drm-pdev: 0000:00:02.0\n"
				       "drm-engine-render: 25662044495 ns\n"
				       "drm-engine-capacity-video: 2\ndrm-engine-video: 100 ns\n"
				       "drm-resident-system0: 3 MiB\n"));
	assert_string_equal(info.address, "0000:00:02.0");
	assert_int_equal(info.client_id, 7);
	assert_int_equal(info.engine_count, 2);
	assert_int_equal(info.engines[0].busy_ns, 25662044495);
	assert_int_equal(info.engines[1].capacity, 2);
	assert_int_equal(info.other_bytes, 3 << 20);
	assert_int_equal(info.device_bytes, -1);
	assert_true(fdinfo_read(&info, "drm-client-id: 8\ndrm-total-vram0: 9 GiB\n"
				       "drm-resident-vram0: 2 GiB\ndrm-cycles-ccs: 500\n"
				       "drm-total-cycles-ccs: 1000\n"));
	assert_int_equal(info.device_bytes, INT64_C(2) << 30);
	assert_int_equal(info.engines[0].cycles, 500);
	assert_int_equal(info.engines[0].total_cycles, 1000);
	/* Both names of one memory. */
	assert_true(fdinfo_read(&info, "drm-client-id: 9\ndrm-memory-vram: 10 KiB\n"
				       "drm-resident-vram: 10 KiB\ndrm-memory-vram: 10 KiB\n"));
	assert_int_equal(info.device_bytes, 10 << 10);
	assert_false(fdinfo_read(&info, "pos:\t0\nflags:\t0100002\nmnt_id:\t15\n"));
	assert_false(fdinfo_read(&info, ""));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_client_tells_the_time_of_its_longest_engine_and_its_memory),
		TEST(a_file_that_was_handed_on_is_counted_once),
		TEST(two_clients_of_a_process_add_up),
		TEST(a_value_that_goes_back_is_no_negative_time),
		TEST(a_card_that_sleeps_is_not_woken_for_its_clients),
		TEST(who_closes_its_file_holds_nothing),
		TEST(compute_processes_tell_by_their_own_driver),
		TEST(whichever_read_fails_no_time_is_made_up),
		cmocka_unit_test(texts_of_each_driver_are_read),
	};
	return cmocka_run_group_tests_name("drm", tests, NULL, NULL);
}
