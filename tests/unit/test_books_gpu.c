/* SPDX-License-Identifier: Apache-2.0 */
/* The energy of a GPU goes to the processes by the time that it worked for each; the books balance to the microjoule. */
#include "model/books.h"

#include "base/clock.h"
#include "model/derive.h"
#include "model/roofline.h"
#include "tests/support/bench.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/sham.h"
#include "tests/support/told.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GPU	 "gpu-0000:1b:00.0"
#define OTHER	 "gpu-0000:1c:00.0"
#define SECOND	 CLOCK_NS_PER_S
#define ONE_WATT INT64_C(1000000) /* uJ in a second */

struct stage {
	struct told *told;
	struct books *books;
	int64_t now_ns;
	uint32_t gpu, energy, state, processes[2], uses[2];
	uint64_t energy_uj;
};

static void begin(struct stage *stage, void **state, const struct books_options *options)
{
	struct feed *feed;

	*stage = (struct stage){.told = *state, .now_ns = 10 * SECOND};
	feed = stage->told->feed;
	stage->books = books_create(stage->told->session, options);
	stage->gpu = feed_domain(feed, DOMAIN_GPU, GPU, 0, "gpu0 H200");
	stage->energy = feed_series(feed, stage->gpu, "nvml:energy", QUALITY_MEASURED);
	stage->state = feed_series(feed, stage->gpu, "nvml", QUALITY_MEASURED);
	for (int i = 0; i < 2; i++) {
		char key[16];
		snprintf(key, sizeof(key), "%d@1", 5 + i);
		stage->processes[i] = feed_domain(feed, DOMAIN_PROCESS, key, 0, "train");
		stage->uses[i] =
			feed_series(feed, stage->processes[i], "nvml:" GPU, QUALITY_SAMPLED);
		feed_increase(feed, stage->uses[i], METRIC_GPU_BUSY_NS, stage->now_ns, 0);
	}
	feed_counter(feed, stage->energy, METRIC_ENERGY_UJ, stage->now_ns, 0);
	told_tick(stage->told, stage->now_ns);
	books_tick(stage->books);
}

static void use(struct stage *stage, int process, int64_t busy_ms)
{
	feed_increase(stage->told->feed, stage->uses[process], METRIC_GPU_BUSY_NS, stage->now_ns,
		      busy_ms * CLOCK_NS_PER_MS);
}

static void tick(struct stage *stage, int64_t energy_uj, int64_t utilization_ppm)
{
	struct feed *feed = stage->told->feed;

	stage->energy_uj += (uint64_t)energy_uj;
	feed_counter(feed, stage->energy, METRIC_ENERGY_UJ, stage->now_ns, stage->energy_uj);
	feed_gauge(feed, stage->state, METRIC_UTILIZATION_PPM, stage->now_ns, utilization_ppm);
	told_tick(stage->told, stage->now_ns);
	books_tick(stage->books);
}

static void forward(struct stage *stage, int64_t time_ns)
{
	stage->now_ns += time_ns;
}

static int64_t energy_of(const struct stage *stage, const char *key)
{
	return bench_energy(stage->told->session, key);
}

static const struct books_options with_idle = {
	.baseline_w = NAN,
	.idles = &(const struct books_idle){GPU, 70},
	.idle_count = 1,
};
static const struct books_options without_idle = {.baseline_w = NAN};

static void the_energy_above_idle_goes_by_time(void **state)
{
	struct stage stage;

	begin(&stage, state, &with_idle);
	forward(&stage, SECOND);
	use(&stage, 0, 600);
	use(&stage, 1, 200);
	tick(&stage, 270 * ONE_WATT, 800000);
	assert_int_equal(energy_of(&stage, GPU "/idle"), 70 * ONE_WATT);
	assert_int_equal(energy_of(&stage, "5@1"), 150 * ONE_WATT);
	assert_int_equal(energy_of(&stage, "6@1"), 50 * ONE_WATT);
	assert_int_equal(energy_of(&stage, GPU "/unattributed"), 0);
	books_destroy(stage.books);
}

static const char *used_of(const struct stage *stage)
{
	return domain_label(session_find(stage->told->session, GPU), ROOFLINE_USED);
}

/* What is given per work is compared to these GPUs alone; the label is in the recording, too. */
static void a_gpu_that_works_for_what_is_watched_is_remembered(void **state)
{
	struct stage stage;

	begin(&stage, state, &with_idle);
	forward(&stage, SECOND);
	use(&stage, 0, 600);
	tick(&stage, 270 * ONE_WATT, 800000);
	/* Nobody watches it: it has no threads. */
	assert_null(used_of(&stage));
	feed_domain(stage.told->feed, DOMAIN_THREAD, "5:5@1", stage.processes[0], "train");
	forward(&stage, SECOND);
	use(&stage, 0, 600);
	tick(&stage, 270 * ONE_WATT, 800000);
	assert_non_null(strstr(used_of(&stage), "watched"));
	books_destroy(stage.books);
}

static void a_gpu_whose_driver_names_nobody_works_for_us_after_a_while(void **state)
{
	struct stage stage = {.told = *state, .now_ns = 10 * SECOND};
	struct feed *feed = stage.told->feed;

	stage.books = books_create(stage.told->session, &with_idle);
	stage.gpu = feed_domain(feed, DOMAIN_GPU, GPU, 0, "gpu0 H200");
	stage.energy = feed_series(feed, stage.gpu, "nvml:energy", QUALITY_MEASURED);
	stage.state = feed_series(feed, stage.gpu, "nvml", QUALITY_MEASURED);
	for (int i = 0; i < 6; i++) {
		assert_true(i == 0 || (used_of(&stage) != NULL) == (i > 3));
		forward(&stage, SECOND);
		tick(&stage, 270 * ONE_WATT, 800000);
	}
	books_destroy(stage.books);
}

static void what_nobody_worked_for_is_unattributed(void **state)
{
	struct stage stage;

	begin(&stage, state, &with_idle);
	forward(&stage, SECOND);
	tick(&stage, 100 * ONE_WATT, 500000);
	assert_int_equal(energy_of(&stage, GPU "/unattributed"), 30 * ONE_WATT);
	assert_int_equal(energy_of(&stage, "5@1"), 0);
	books_destroy(stage.books);
}

static void between_two_tellings_the_last_one_stands(void **state)
{
	struct stage stage;

	begin(&stage, state, &with_idle);
	forward(&stage, SECOND);
	use(&stage, 0, 500);
	tick(&stage, 170 * ONE_WATT, 500000);
	forward(&stage, SECOND / 2);
	tick(&stage, 85 * ONE_WATT, 500000);
	assert_int_equal(energy_of(&stage, "5@1"), 150 * ONE_WATT);
	/* It says that nothing runs: nobody gets any more. */
	forward(&stage, SECOND / 2);
	tick(&stage, 85 * ONE_WATT, 0);
	assert_int_equal(energy_of(&stage, "5@1"), 150 * ONE_WATT);
	forward(&stage, 2 * SECOND);
	tick(&stage, 340 * ONE_WATT, 500000);
	assert_int_equal(energy_of(&stage, "5@1"), 150 * ONE_WATT);
	assert_int_equal(energy_of(&stage, GPU "/unattributed"), 250 * ONE_WATT);
	books_destroy(stage.books);
}

static void the_lowest_quiet_second_is_its_idle_power(void **state)
{
	struct stage stage;

	begin(&stage, state, &without_idle);
	forward(&stage, SECOND);
	use(&stage, 0, 100);
	tick(&stage, 60 * ONE_WATT, 100000);
	assert_int_equal(energy_of(&stage, GPU "/idle"), -1);
	forward(&stage, SECOND);
	tick(&stage, 65 * ONE_WATT, 0);
	forward(&stage, SECOND);
	use(&stage, 0, 900);
	tick(&stage, 500 * ONE_WATT, 900000);
	assert_int_equal(energy_of(&stage, GPU "/idle"), 130 * ONE_WATT);
	assert_int_equal(energy_of(&stage, "5@1"), (60 + 435) * ONE_WATT);
	books_destroy(stage.books);
}

static void the_watts_of_who_stopped_fall_to_zero(void **state)
{
	struct stage stage;
	const struct domain *process;

	begin(&stage, state, &with_idle);
	forward(&stage, SECOND);
	use(&stage, 0, 500);
	tick(&stage, 170 * ONE_WATT, 500000);
	process = session_find(stage.told->session, "5@1");
	assert_true(fabs(derive_power(stage.told->session, process, SPAN_NOW).power_w - 100) <
		    1e-6);
	for (int i = 0; i < 3; i++) {
		forward(&stage, SECOND);
		tick(&stage, 70 * ONE_WATT, 0);
	}
	assert_true(fabs(derive_power(stage.told->session, process, SPAN_NOW).power_w) < 1e-6);
	assert_true(fabs(derive_power(stage.told->session, process, SPAN_RUN).energy_j - 100) <
		    1e-6);
	books_destroy(stage.books);
}

static void a_process_on_two_gpus_has_a_share_of_each(void **state)
{
	struct stage stage;
	struct feed *feed;
	uint32_t other, energy, used;

	begin(&stage, state, &with_idle);
	feed = stage.told->feed;
	other = feed_domain(feed, DOMAIN_GPU, OTHER, 0, "gpu1 H200");
	energy = feed_series(feed, other, "nvml:energy", QUALITY_MEASURED);
	used = feed_series(feed, stage.processes[0], "nvml:" OTHER, QUALITY_SAMPLED);
	feed_counter(feed, energy, METRIC_ENERGY_UJ, stage.now_ns, 0);
	feed_increase(feed, used, METRIC_GPU_BUSY_NS, stage.now_ns, 0);
	told_deliver(stage.told);
	books_tick(stage.books);
	forward(&stage, SECOND);
	use(&stage, 0, 500);
	feed_increase(feed, used, METRIC_GPU_BUSY_NS, stage.now_ns, 250 * CLOCK_NS_PER_MS);
	feed_counter(feed, energy, METRIC_ENERGY_UJ, stage.now_ns, 40 * ONE_WATT);
	tick(&stage, 170 * ONE_WATT, 500000);
	assert_int_equal(energy_of(&stage, "5@1"), 140 * ONE_WATT);
	assert_int_equal(energy_of(&stage, OTHER "/unattributed"), 0);
	books_destroy(stage.books);
}

static int64_t all_shares(const struct stage *stage)
{
	static const char *const keys[] = {"5@1", "6@1", GPU "/idle", GPU "/unattributed"};
	int64_t sum_uj = 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		int64_t share_uj = energy_of(stage, keys[i]);
		sum_uj += share_uj > 0 ? share_uj : 0;
	}
	return sum_uj;
}

static void the_shares_are_the_gpu_at_every_tick(void **state)
{
	struct stage stage;
	uint64_t random = 7;

	begin(&stage, state, &without_idle);
	for (int i = 0; i < 500; i++) {
		forward(&stage, CLOCK_NS_PER_MS * (int64_t)(1 + sham_random(&random) % 700));
		for (int process = 0; process < 2; process++) {
			if (sham_random(&random) % 3 == 0)
				use(&stage, process, (int64_t)(sham_random(&random) % 300));
		}
		tick(&stage, (int64_t)(sham_random(&random) % 90000007),
		     (int64_t)(sham_random(&random) % 1000000));
		assert_int_equal(energy_of(&stage, GPU), all_shares(&stage));
	}
	assert_true(energy_of(&stage, "5@1") > 0);
	books_destroy(stage.books);
}

static void the_last_work_of_a_dead_process_is_shared_out(void **state)
{
	struct stage stage;
	struct session *session;

	begin(&stage, state, &with_idle);
	session = stage.told->session;
	forward(&stage, SECOND / 2);
	use(&stage, 0, 400);
	told_tick(stage.told, stage.now_ns);
	books_tick(stage.books);
	feed_retire(stage.told->feed, stage.now_ns, stage.processes[0]);
	told_deliver(stage.told);
	session_recorded(session);
	session_fold(session, stage.now_ns + 1);
	assert_non_null(session_find(session, "5@1"));
	forward(&stage, SECOND / 2);
	tick(&stage, 170 * ONE_WATT, 500000);
	assert_int_equal(energy_of(&stage, "5@1"), 100 * ONE_WATT);
	session_recorded(session);
	session_fold(session, stage.now_ns + 1);
	assert_null(session_find(session, "5@1"));
	assert_int_equal(bench_energy(session, "ended"), 100 * ONE_WATT);
	books_destroy(stage.books);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, told_set_up, told_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_energy_above_idle_goes_by_time),
		TEST(a_gpu_that_works_for_what_is_watched_is_remembered),
		TEST(a_gpu_whose_driver_names_nobody_works_for_us_after_a_while),
		TEST(what_nobody_worked_for_is_unattributed),
		TEST(between_two_tellings_the_last_one_stands),
		TEST(the_lowest_quiet_second_is_its_idle_power),
		TEST(the_watts_of_who_stopped_fall_to_zero),
		TEST(a_process_on_two_gpus_has_a_share_of_each),
		TEST(the_shares_are_the_gpu_at_every_tick),
		TEST(the_last_work_of_a_dead_process_is_shared_out),
	};
	return cmocka_run_group_tests_name("books_gpu", tests, NULL, NULL);
}
