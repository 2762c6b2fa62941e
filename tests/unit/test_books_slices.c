/* SPDX-License-Identifier: Apache-2.0 */
/* A GPU that was cut into slices: their shares and the rest are its energy, and each share says how it was found. */
#include "base/clock.h"
#include "base/memory.h"
#include "model/books.h"
#include "model/derive.h"
#include "tests/support/bench.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/sham.h"
#include "tests/support/told.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define GPU	 "gpu-0000:1b:00.0"
#define LARGE	 GPU "/slice-1"
#define SMALL	 GPU "/slice-9"
#define SECOND	 CLOCK_NS_PER_S
#define ONE_WATT INT64_C(1000000) /* uJ in a second */

/* A GPU in a slice of three and a slice of one, with a process in the large one and two in the small one. */
struct stage {
	struct told *told;
	struct books *books;
	int64_t now_ns;
	uint32_t energy, activity[2], processes[3];
	uint64_t energy_uj;
};

static const struct books_options with_idle = {
	.baseline_w = NAN,
	.idles = &(const struct books_idle){GPU, 70},
	.idle_count = 1,
};
static const struct books_options without_idle = {.baseline_w = NAN};

static void begin(struct stage *stage, void **state, const struct books_options *options)
{
	static const struct {
		const char *key, *size;
	} slices[] = {{LARGE, "3"}, {SMALL, "1"}};
	static const char *const sources[] = {"nvml:" LARGE, "nvml:" SMALL, "nvml:" SMALL};
	struct feed *feed;
	uint32_t gpu;

	*stage = (struct stage){.told = *state, .now_ns = 10 * SECOND};
	feed = stage->told->feed;
	stage->books = books_create(stage->told->session, options);
	gpu = feed_domain(feed, DOMAIN_GPU, GPU, 0, "gpu0 H200");
	stage->energy = feed_series(feed, gpu, "nvml:energy", QUALITY_MEASURED);
	for (size_t i = 0; i < 2; i++) {
		uint32_t slice =
			feed_domain(feed, DOMAIN_GPU_SLICE, slices[i].key, gpu, slices[i].key);

		feed_label(feed, slice, BOOKS_SLICE_SIZE, slices[i].size);
		stage->activity[i] = feed_series(feed, slice, "nvml:gpm", QUALITY_SAMPLED);
	}
	for (size_t i = 0; i < 3; i++) {
		char key[16];

		snprintf(key, sizeof(key), "%zu@1", 5 + i);
		uint32_t process = feed_domain(feed, DOMAIN_PROCESS, key, 0, "train");
		stage->processes[i] = feed_series(feed, process, sources[i], QUALITY_SAMPLED);
	}
	feed_counter(feed, stage->energy, METRIC_ENERGY_UJ, stage->now_ns, 0);
	told_tick(stage->told, stage->now_ns);
	books_tick(stage->books);
}

/* Percent; below 0 = not told. */
static void work(struct stage *stage, int slice, int percent)
{
	struct feed *feed = stage->told->feed;

	if (percent < 0)
		feed_gap(feed, stage->activity[slice], METRIC_SM_ACTIVITY_PPM, stage->now_ns,
			 ENOTSUP, "this GPU does not give it");
	else
		feed_gauge(feed, stage->activity[slice], METRIC_SM_ACTIVITY_PPM, stage->now_ns,
			   (int64_t)percent * 10000);
}

static void hold(struct stage *stage, int process, int64_t mib)
{
	feed_gauge(stage->told->feed, stage->processes[process], METRIC_GPU_MEMORY_BYTES,
		   stage->now_ns, mib << 20);
}

static void tick(struct stage *stage, int64_t energy_uj, int64_t length_ns)
{
	stage->now_ns += length_ns;
	stage->energy_uj += (uint64_t)energy_uj;
	feed_counter(stage->told->feed, stage->energy, METRIC_ENERGY_UJ, stage->now_ns,
		     stage->energy_uj);
	told_tick(stage->told, stage->now_ns);
	books_tick(stage->books);
}

static int64_t energy_of(const struct stage *stage, const char *key)
{
	return bench_energy(stage->told->session, key);
}

static const struct series *share_of(const struct stage *stage, const char *key)
{
	return domain_series(session_find(stage->told->session, key), METRIC_ENERGY_UJ);
}

static void energy_above_idle_goes_by_activity_times_size(void **state)
{
	struct stage stage;

	begin(&stage, state, &with_idle);
	work(&stage, 0, 20);
	work(&stage, 1, 40);
	tick(&stage, 270 * ONE_WATT, SECOND);
	assert_int_equal(energy_of(&stage, GPU "/idle"), 70 * ONE_WATT);
	/* 3 x 20 against 1 x 40. */
	assert_int_equal(energy_of(&stage, LARGE), 120 * ONE_WATT);
	assert_int_equal(energy_of(&stage, SMALL), 80 * ONE_WATT);
	assert_int_equal(energy_of(&stage, GPU "/unattributed"), 0);
	assert_string_equal(share_of(&stage, LARGE)->source, "weight:slice-activity");
	assert_int_equal(share_of(&stage, LARGE)->quality, QUALITY_ATTRIBUTED);
	books_destroy(stage.books);
}

static void where_one_tells_no_activity_it_goes_by_size_alone(void **state)
{
	struct stage stage;

	begin(&stage, state, &with_idle);
	work(&stage, 0, 20);
	work(&stage, 1, -1);
	tick(&stage, 270 * ONE_WATT, SECOND);
	assert_int_equal(energy_of(&stage, LARGE), 150 * ONE_WATT);
	assert_int_equal(energy_of(&stage, SMALL), 50 * ONE_WATT);
	assert_string_equal(share_of(&stage, SMALL)->source, "weight:slice-size");
	books_destroy(stage.books);
}

static void what_no_slice_worked_for_is_unattributed(void **state)
{
	struct stage stage;

	begin(&stage, state, &with_idle);
	work(&stage, 0, 0);
	work(&stage, 1, 0);
	tick(&stage, 100 * ONE_WATT, SECOND);
	assert_int_equal(energy_of(&stage, GPU "/unattributed"), 30 * ONE_WATT);
	assert_int_equal(energy_of(&stage, LARGE), 0);
	books_destroy(stage.books);
}

static void processes_share_their_slice_by_the_memory_they_hold(void **state)
{
	struct stage stage;

	begin(&stage, state, &with_idle);
	work(&stage, 0, 20);
	work(&stage, 1, 40);
	hold(&stage, 0, 100);
	hold(&stage, 1, 300);
	hold(&stage, 2, 100);
	tick(&stage, 270 * ONE_WATT, SECOND);
	assert_int_equal(energy_of(&stage, "5@1"), 120 * ONE_WATT);
	assert_int_equal(energy_of(&stage, "6@1"), 60 * ONE_WATT);
	assert_int_equal(energy_of(&stage, "7@1"), 20 * ONE_WATT);
	assert_string_equal(share_of(&stage, "6@1")->source, "weight:" SMALL);
	/* Who holds nothing any more gets nothing, and is told so. */
	hold(&stage, 1, 0);
	tick(&stage, 270 * ONE_WATT, SECOND);
	assert_int_equal(energy_of(&stage, "6@1"), 60 * ONE_WATT);
	assert_true(fabs(derive_power(stage.told->session, session_find(stage.told->session, "6@1"),
				      SPAN_NOW)
				 .power_w) < 1e-6);
	books_destroy(stage.books);
}

static void a_slice_that_works_is_no_rest(void **state)
{
	struct stage stage;

	begin(&stage, state, &without_idle);
	work(&stage, 0, 0);
	work(&stage, 1, -1);
	tick(&stage, 60 * ONE_WATT, SECOND);
	work(&stage, 1, 50);
	tick(&stage, 60 * ONE_WATT, SECOND);
	assert_int_equal(energy_of(&stage, GPU "/idle"), -1);
	work(&stage, 1, 0);
	tick(&stage, 65 * ONE_WATT, SECOND);
	tick(&stage, 65 * ONE_WATT, SECOND);
	assert_true(energy_of(&stage, GPU "/idle") > 0);
	books_destroy(stage.books);
}

static double watts_of(const struct stage *stage, const char *key)
{
	return derive_power(stage->told->session, session_find(stage->told->session, key), SPAN_NOW)
		.power_w;
}

/* Packages have intervals of their own: that one of theirs is over says nothing of the GPU. */
static void their_watts_stand_until_the_gpu_moves_again(void **state)
{
	struct stage stage;
	struct feed *feed;
	uint32_t package;

	begin(&stage, state, &with_idle);
	feed = stage.told->feed;
	package = feed_series(feed, feed_domain(feed, DOMAIN_PACKAGE, "package-0", 0, "package-0"),
			      "powercap:intel-rapl:0", QUALITY_MEASURED);
	for (int i = 0; i < 7; i++) {
		work(&stage, 0, 20);
		work(&stage, 1, 40);
		hold(&stage, 0, 100);
		if (i < 4)
			tick(&stage, 270 * ONE_WATT, SECOND);
		else
			stage.now_ns += SECOND * 9 / 10;
		feed_counter(feed, package, METRIC_ENERGY_UJ, stage.now_ns, (uint64_t)i * 50000000);
		told_tick(stage.told, stage.now_ns);
		books_tick(stage.books);
	}
	assert_true(watts_of(&stage, LARGE) > 1);
	assert_true(fabs(watts_of(&stage, LARGE) - watts_of(&stage, "5@1")) < 1e-6);
	books_destroy(stage.books);
}

static int64_t sum_of(const struct stage *stage, const char *const *keys, size_t count)
{
	int64_t sum_uj = 0;

	for (size_t i = 0; i < count; i++) {
		const struct domain *domain = session_find(stage->told->session, keys[i]);

		for (const struct series *series = domain ? domain->series : NULL; series;
		     series = series->next) {
			const struct cell *cell = series_cell(series, METRIC_ENERGY_UJ);

			sum_uj += cell && series->is_share ? cell->value : 0;
		}
	}
	return sum_uj;
}

static void shares_of_slices_and_the_rest_are_the_gpu_at_every_tick(void **state)
{
	static const char *const parts[] = {LARGE, SMALL, GPU "/idle", GPU "/unattributed"};
	static const char *const small[] = {SMALL}, *const users[] = {"6@1", "7@1"};
	struct stage stage;
	uint64_t random = 11;

	begin(&stage, state, &without_idle);
	hold(&stage, 1, 300);
	for (int i = 0; i < 500; i++) {
		for (int k = 0; k < 2; k++) {
			if (sham_random(&random) % 3 == 0)
				work(&stage, k, (int)(sham_random(&random) % 110) - 9);
			hold(&stage, 1 + k, (int64_t)(1 + sham_random(&random) % 1000));
		}
		tick(&stage, (int64_t)(sham_random(&random) % 90000007),
		     CLOCK_NS_PER_MS * (int64_t)(1 + sham_random(&random) % 700));
		assert_int_equal(energy_of(&stage, GPU), sum_of(&stage, parts, ARRAY_SIZE(parts)));
		assert_int_equal(sum_of(&stage, small, 1), sum_of(&stage, users, 2));
	}
	assert_true(sum_of(&stage, small, 1) > 0);
	books_destroy(stage.books);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, told_set_up, told_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(energy_above_idle_goes_by_activity_times_size),
		TEST(where_one_tells_no_activity_it_goes_by_size_alone),
		TEST(what_no_slice_worked_for_is_unattributed),
		TEST(processes_share_their_slice_by_the_memory_they_hold),
		TEST(a_slice_that_works_is_no_rest),
		TEST(their_watts_stand_until_the_gpu_moves_again),
		TEST(shares_of_slices_and_the_rest_are_the_gpu_at_every_tick),
	};

	return cmocka_run_group_tests_name("books_slices", tests, NULL, NULL);
}
