/* SPDX-License-Identifier: Apache-2.0 */
/* The probe `processes`: labels, names, CPU time and memory of what the watch holds. */
#include "measure/probe.h"
#include "probes/processes/labels.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/heard.h"
#include "tests/support/machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct probe probe_processes;

struct stage {
	char directory[256];
	struct sysroot root;
	struct probe_context context;
	struct watch *watch;
	void *self;
};

static void write_text(const struct stage *stage, const char *name, const char *text)
{
	char path[96];

	snprintf(path, sizeof(path), "proc/%s", name);
	machine_write(stage->directory, path, text);
}

static void write_stat(const struct stage *stage, const char *name, unsigned ticks, unsigned start)
{
	char text[256];

	snprintf(
		text, sizeof(text),
		"10 (%s) S 3 1 1 0 -1 4194560 0 0 0 0 %u 0 0 0 20 0 1 0 %u 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 17 1 0 0",
		name, ticks, start);
	write_text(stage, "10/stat", text);
	write_text(stage, "10/task/10/stat", text);
	write_text(stage, "10/task/10/comm", name);
}

static void open_stage(struct stage *stage)
{
	struct error err;

	machine_make_directory(stage->directory, sizeof(stage->directory));
	write_stat(stage, "train", 500, 77);
	write_text(stage, "10/status", "Name:\ttrain\nTgid:\t10\nUid:\t4242\t0\t0\t0");
	write_text(stage, "10/cmdline", "python3 train.py");
	write_text(stage, "10/statm", "900 25 3 1 0 9 0");
	write_text(stage, "10/cgroup",
		   "0::/system.slice/docker-"
		   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope");
	assert_int_equal(sysroot_open(&stage->root, stage->directory), 0);
	stage->context = (struct probe_context){.root = &stage->root, .feed = feed_create()};
	stage->watch = watch_create(&stage->root, WATCH_ALL, 0);
	stage->self = memory_zeroed(1, probe_processes.private_size);
	assert_int_equal(probe_processes.open(stage->self, &stage->context, &err), 0);
}

static void close_stage(struct stage *stage)
{
	probe_processes.close(stage->self);
	free(stage->self);
	watch_destroy(stage->watch);
	feed_destroy(stage->context.feed);
	sysroot_close(&stage->root);
	machine_remove_directory(stage->directory);
}

static void tick(struct stage *stage)
{
	assert_int_equal(watch_refresh(stage->watch, stage->context.feed, clock_now_ns()), 0);
	assert_int_equal(probe_processes.sample(stage->self, &stage->context, stage->watch), 0);
}

static int64_t value(struct stage *stage, const char *key, enum metric metric)
{
	int64_t value_now;

	assert_true(heard_value(stage->context.feed,
				heard_series(stage->context.feed, key, "sched"), metric,
				&value_now));
	return value_now;
}

static void a_process_is_labelled_at_birth(void **state)
{
	struct stage stage;

	(void)state;
	open_stage(&stage);
	tick(&stage);
	struct feed *feed = stage.context.feed;

	assert_string_equal(heard_label(feed, "10@77", "command"), "python3 train.py");
	assert_string_equal(heard_label(feed, "10@77", "user"), "4242");
	assert_string_equal(heard_label(feed, "10@77", "container"), "0123456789ab");
	assert_string_equal(heard_label(feed, "10@77", "parent"), "3");
	assert_int_equal(value(&stage, "10@77", METRIC_MEMORY_BYTES), 25 * sysconf(_SC_PAGESIZE));
	close_stage(&stage);
}

static void cpu_time_counts_from_the_first_sight(void **state)
{
	struct stage stage;

	(void)state;
	open_stage(&stage);
	tick(&stage);
	assert_int_equal(value(&stage, "10/10@77", METRIC_BUSY_NS), 0);
	write_stat(&stage, "train", 530, 77);
	tick(&stage);
	assert_int_equal(value(&stage, "10/10@77", METRIC_BUSY_NS), 300 * CLOCK_NS_PER_MS);
	assert_int_equal(value(&stage, "10/10@77", METRIC_CPU_NUMBER), 1);
	close_stage(&stage);
}

static void a_thread_born_under_watch_counts_from_its_birth(void **state)
{
	struct stage stage;

	(void)state;
	open_stage(&stage);
	tick(&stage);
	write_stat(&stage, "train", 40, 99);
	tick(&stage);
	assert_int_equal(value(&stage, "10/10@99", METRIC_BUSY_NS), 400 * CLOCK_NS_PER_MS);
	close_stage(&stage);
}

/* Its first step begins where the one before ended: divided by the time since it was found, it would use many CPUs. */
static void what_a_newborn_thread_used_it_used_since_the_last_tick(void **state)
{
	struct stage stage;
	int64_t begin_ns = 0, end_ns = 0, before_ns, between_ns;

	(void)state;
	open_stage(&stage);
	before_ns = clock_now_ns();
	tick(&stage);
	between_ns = clock_now_ns();
	write_stat(&stage, "train", 40, 99);
	heard_clear(stage.context.feed);
	tick(&stage);

	const struct batch *batch = feed_batch(stage.context.feed);
	uint32_t series = heard_series(stage.context.feed, "10/10@99", "sched");

	for (size_t i = 0; i < batch->count; i++) {
		const struct event *event = &batch->events[i];

		if (event->type != EVENT_VALUE || event->id != series ||
		    event->detail != METRIC_BUSY_NS)
			continue;
		if (event->value == 0)
			begin_ns = event->time_ns;
		else
			end_ns = event->time_ns;
	}
	assert_in_range(begin_ns, before_ns, between_ns);
	assert_true(end_ns > between_ns);
	close_stage(&stage);
}

static void a_thread_that_sleeps_says_nothing(void **state)
{
	struct stage stage;

	(void)state;
	open_stage(&stage);
	tick(&stage);
	heard_clear(stage.context.feed);
	tick(&stage);
	tick(&stage);
	assert_int_equal(feed_batch(stage.context.feed)->count, 0);
	close_stage(&stage);
}

/* Or a minute of sleep would be spread over the work after it. */
static void what_a_woken_thread_used_it_used_since_the_last_tick(void **state)
{
	struct stage stage;
	int64_t slept_until_ns = 0, before_ns;

	(void)state;
	open_stage(&stage);
	tick(&stage);
	tick(&stage);
	before_ns = clock_now_ns();
	tick(&stage);
	uint32_t series = heard_series(stage.context.feed, "10/10@77", "sched");

	write_stat(&stage, "train", 530, 77);
	heard_clear(stage.context.feed);
	tick(&stage);
	const struct batch *batch = feed_batch(stage.context.feed);

	for (size_t i = 0; i < batch->count; i++) {
		const struct event *event = &batch->events[i];

		if (event->type == EVENT_VALUE && event->id == series &&
		    event->detail == METRIC_BUSY_NS && event->value == 0)
			slept_until_ns = event->time_ns;
	}
	assert_true(slept_until_ns >= before_ns);
	close_stage(&stage);
}

static void a_new_name_is_announced(void **state)
{
	struct stage stage;

	(void)state;
	open_stage(&stage);
	tick(&stage);
	assert_string_equal(heard_name(stage.context.feed, "10@77"), "train");
	write_stat(&stage, "pt_main", 531, 77);
	write_text(&stage, "10/cmdline", "pt_main --now");
	tick(&stage);
	assert_string_equal(heard_name(stage.context.feed, "10@77"), "pt_main");
	assert_string_equal(heard_name(stage.context.feed, "10/10@77"), "pt_main");
	assert_string_equal(heard_label(stage.context.feed, "10@77", "command"), "pt_main --now");
	close_stage(&stage);
}

static void missing_files_are_no_labels_and_no_zero(void **state)
{
	static const char *const gone[] = {"10/cmdline", "10/statm", "10/cgroup"};
	struct stage stage;
	int64_t memory;

	(void)state;
	open_stage(&stage);
	for (size_t i = 0; i < ARRAY_SIZE(gone); i++) {
		char path[320];

		snprintf(path, sizeof(path), "%s/proc/%s", stage.directory, gone[i]);
		unlink(path);
	}
	tick(&stage);
	assert_null(heard_label(stage.context.feed, "10@77", "command"));
	assert_null(heard_label(stage.context.feed, "10@77", "container"));
	assert_false(heard_value(stage.context.feed,
				 heard_series(stage.context.feed, "10@77", "sched"),
				 METRIC_MEMORY_BYTES, &memory));
	close_stage(&stage);
}

static void containers_are_known_by_their_group(void **state)
{
#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	static const struct {
		const char *cgroup, *container, *unit;
	} cases[] = {
		{"0::/", NULL, NULL},
		{"0::/docker/" ID, "0123456789ab", NULL},
		{"12:cpu:/docker/" ID "\n0::/system.slice/containerd.service", "0123456789ab",
		 "containerd.service"},
		{"0::/kubepods.slice/kubepods-pod8f.slice/cri-containerd-" ID ".scope",
		 "0123456789ab", "cri-containerd-0123456789abcdef0123456789abcdef0123456789abcde"},
		{"0::/kubepods/besteffort/pod1234/" ID, "0123456789ab", NULL},
		{"0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID
		 ".scope/container",
		 "0123456789ab", "libpod-0123456789abcdef0123456789abcdef0123456789abcdef01234567"},
		{"0::/machine.slice/crio-" ID ".scope", "0123456789ab",
		 "crio-0123456789abcdef0123456789abcdef0123456789abcdef0123456789"},
		{"0::/lxc.payload.web/init.scope", "web", "init.scope"},
		{"4:memory:/lxc/build/x", "build", NULL},
		{"0::/system.slice/ssh.service", NULL, "ssh.service"},
		{"0::/user.slice/user-0.slice/session-3.scope", NULL, "session-3.scope"},
		{"0::/x/0123456789abcdef", NULL, NULL},
	};
	char text[LABELS_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(labels_container(cases[i].cgroup, text),
				 cases[i].container != NULL);
		if (cases[i].container)
			assert_string_equal(text, cases[i].container);
		assert_int_equal(labels_unit(cases[i].cgroup, text), cases[i].unit != NULL);
		if (cases[i].unit)
			assert_int_equal(strncmp(text, cases[i].unit, strlen(cases[i].unit)), 0);
	}
}

static void a_command_line_is_one_clean_line(void **state)
{
	char raw[] = "sh\0-c\0echo \033[31m\0\0", command[LABELS_COMMAND_SIZE];

	(void)state;
	labels_command(command, raw, sizeof(raw) - 1);
	assert_int_equal(strncmp(command, "sh -c echo ", 11), 0);
	assert_null(strchr(command, '\033'));
	assert_int_equal(labels_command(command, raw, 0), 0);
}

static void the_gpus_that_a_program_was_given_are_a_label(void **state)
{
	static const char many[] = "PATH=/bin\0CUDA_VISIBLE_DEVICES=0,1\0X=CUDA_VISIBLE_DEVICES=7\0"
				   "ROCR_VISIBLE_DEVICES=3";
	static const char none[] = "PATH=/bin\0CUDA_VISIBLE\0";
	char text[LABELS_NAME_SIZE], large[600];
	struct stage stage;

	(void)state;
	assert_true(labels_visible_gpus(many, sizeof(many) - 1, text));
	assert_string_equal(text, "CUDA_VISIBLE_DEVICES=0,1 ROCR_VISIBLE_DEVICES=3");
	assert_false(labels_visible_gpus(none, sizeof(none) - 1, text));
	assert_false(labels_visible_gpus("", 0, text));
	memset(large, 'x', sizeof(large));
	memcpy(large, "HIP_VISIBLE_DEVICES=", 20);
	assert_true(labels_visible_gpus(large, sizeof(large), text));
	assert_int_equal(strlen(text), LABELS_NAME_SIZE - 1);

	open_stage(&stage);
	write_text(&stage, "10/environ", "CUDA_VISIBLE_DEVICES=2");
	tick(&stage);
	assert_int_equal(strncmp(heard_label(stage.context.feed, "10@77", "visible gpus"),
				 "CUDA_VISIBLE_DEVICES=2", 22),
			 0);
	close_stage(&stage);
}

static void a_machine_without_processes_has_no_source(void **state)
{
	struct stage stage;
	struct error err;

	(void)state;
	machine_make_directory(stage.directory, sizeof(stage.directory));
	machine_write(stage.directory, "sys/x", "x");
	assert_int_equal(sysroot_open(&stage.root, stage.directory), 0);
	stage.context = (struct probe_context){.root = &stage.root, .feed = feed_create()};
	stage.self = memory_zeroed(1, probe_processes.private_size);
	assert_int_equal(probe_processes.open(stage.self, &stage.context, &err), -ENODEV);
	assert_true(err.text[0] != '\0');
	stage.watch = NULL;
	close_stage(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_is_labelled_at_birth),
		cmocka_unit_test(cpu_time_counts_from_the_first_sight),
		cmocka_unit_test(a_thread_born_under_watch_counts_from_its_birth),
		cmocka_unit_test(what_a_newborn_thread_used_it_used_since_the_last_tick),
		cmocka_unit_test(a_thread_that_sleeps_says_nothing),
		cmocka_unit_test(what_a_woken_thread_used_it_used_since_the_last_tick),
		cmocka_unit_test(a_new_name_is_announced),
		cmocka_unit_test(missing_files_are_no_labels_and_no_zero),
		cmocka_unit_test(containers_are_known_by_their_group),
		cmocka_unit_test(a_command_line_is_one_clean_line),
		cmocka_unit_test(the_gpus_that_a_program_was_given_are_a_label),
		cmocka_unit_test(a_machine_without_processes_has_no_source),
	};

	return cmocka_run_group_tests_name("processes", tests, NULL, NULL);
}
