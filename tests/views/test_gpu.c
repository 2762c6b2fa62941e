/* SPDX-License-Identifier: Apache-2.0 */
/* The panel of GPUs: a line for each, what holds one back and what that cost, who uses it, and why something is absent. */
#include "base/clock.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/shown.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

extern const struct view view_gpu;

#define START_NS (100 * CLOCK_NS_PER_S)
#define TICKS	 10
#define GIB	 (INT64_C(1) << 30)
#define H200	 "gpu-0000:1b:00.0"
#define ARC	 "gpu-0000:03:00.0"

static void gauge(struct sessions *sessions, uint32_t series, enum metric metric, int64_t value)
{
	feed_gauge(sessions->feed, series, metric, START_NS, value);
}

/* 500 W of 700 W, 90 % busy, half of its memory used, held back by its cap a quarter of the time. */
static void feed_h200(struct sessions *sessions, int tick, int64_t now_ns)
{
	struct feed *feed = sessions->feed;
	uint32_t gpu = feed_domain(feed, DOMAIN_GPU, H200, 0, "gpu1 H200");
	uint32_t energy = feed_series(feed, gpu, "nvml:energy", QUALITY_MEASURED);
	uint32_t state = feed_series(feed, gpu, "nvml", QUALITY_MEASURED);
	uint32_t cause = feed_domain(feed, DOMAIN_THROTTLE, H200 "/power-cap", gpu, "power cap");
	uint32_t lost = feed_series(feed, cause, "nvml", QUALITY_MEASURED);
	uint32_t other = feed_domain(feed, DOMAIN_THROTTLE, H200 "/thermal", gpu, "thermal");

	if (tick == 0) {
		feed_label(feed, gpu, "reasons", "power cap");
		feed_label(feed, gpu, "pci", "0000:1b:00.0");
		feed_label(feed, gpu, "driver", "nvidia 580.65");
		gauge(sessions, state, METRIC_POWER_LIMIT_UW, 700000000);
		gauge(sessions, state, METRIC_MEMORY_BYTES, 70 * GIB);
		gauge(sessions, state, METRIC_MEMORY_TOTAL_BYTES, 140 * GIB);
		gauge(sessions, state, METRIC_FREQUENCY_HZ, 1755000000);
		gauge(sessions, state, METRIC_TEMPERATURE_MC, 61000);
		gauge(sessions, state, METRIC_TENSOR_ACTIVITY_PPM, 430000);
		gauge(sessions, state, METRIC_DRAM_ACTIVITY_PPM, 210000);
	}
	feed_gauge(feed, state, METRIC_UTILIZATION_PPM, now_ns, 900000);
	feed_increase(feed, energy, METRIC_ENERGY_UJ, now_ns, tick == 0 ? 0 : 500000000);
	feed_increase(feed, lost, METRIC_THROTTLE_NS, now_ns, tick == 0 ? 0 : CLOCK_NS_PER_S / 4);
	feed_increase(feed, feed_series(feed, other, "nvml", QUALITY_MEASURED), METRIC_THROTTLE_NS,
		      now_ns, 0);
}

/* One that sleeps. */
static void feed_arc(struct sessions *sessions, int64_t now_ns)
{
	uint32_t gpu = feed_domain(sessions->feed, DOMAIN_GPU, ARC, 0, "gpu0 Arc A770");
	uint32_t power = feed_series(sessions->feed, gpu, "i915:power", QUALITY_SAMPLED);

	feed_label(sessions->feed, gpu, "state", "suspended");
	feed_gap(sessions->feed, power, METRIC_SENSOR_POWER_UW, now_ns, ESHUTDOWN,
		 "it sleeps, and is not woken to be read");
}

/* A process with 20 GiB that the GPU works for three quarters of the time, for which it gets 300 W. */
static void feed_process(struct sessions *sessions, int tick, int64_t now_ns)
{
	struct feed *feed = sessions->feed;
	uint32_t process = feed_domain(feed, DOMAIN_PROCESS, "4711@88120", 0, "train.py");
	uint32_t use = feed_series(feed, process, "nvml:" H200, QUALITY_SAMPLED);
	uint32_t share = feed_series(feed, process, "weight:" H200, QUALITY_ATTRIBUTED);

	feed_label(feed, process, "visible gpus", "CUDA_VISIBLE_DEVICES=0");
	feed_gauge(feed, use, METRIC_GPU_MEMORY_BYTES, now_ns, 20 * GIB);
	feed_increase(feed, use, METRIC_GPU_BUSY_NS, now_ns,
		      tick == 0 ? 0 : CLOCK_NS_PER_S * 3 / 4);
	feed_increase(feed, share, METRIC_ENERGY_UJ, now_ns, tick == 0 ? 0 : 300000000);
	/* What it used of another GPU is not shown beside this one. */
	feed_gauge(feed, feed_series(feed, process, "drm:" ARC, QUALITY_MEASURED),
		   METRIC_GPU_MEMORY_BYTES, now_ns, 3 * GIB);
}

static int start(void **state)
{
	struct shown *shown = memory_zeroed(1, sizeof(*shown));

	sessions_start(&shown->sessions);
	for (int tick = 0; tick <= TICKS; tick++) {
		int64_t now_ns = START_NS + tick * CLOCK_NS_PER_S;

		feed_h200(&shown->sessions, tick, now_ns);
		feed_arc(&shown->sessions, now_ns);
		feed_process(&shown->sessions, tick, now_ns);
		sessions_tick(&shown->sessions, now_ns);
	}
	drawing_start(&shown->drawing, &view_gpu, shown->sessions.session);
	shown->drawing.context.zoomed = true;
	shown->drawing.context.focused = true;
	*state = shown;
	return 0;
}

static void assert_line(struct drawing *drawing, const char *holds, const char *also)
{
	int y = drawing_find(drawing, holds);

	if (y < 0 || !strstr(drawing_row(drawing, y), also))
		fail_msg("no line with '%s' and '%s' in:\n%s", holds, also,
			 drawing_text(drawing, 120, 38));
}

static void each_gpu_has_a_line_in_the_order_of_the_bus(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	drawing_text(drawing, 118, 38);
	assert_int_equal(drawing_find(drawing, "gpu0 Arc A770"), 1);
	assert_int_equal(drawing_find(drawing, "gpu1 H200"), 2);
	assert_line(drawing, "gpu1 H200", "500.0");
	assert_line(drawing, "gpu1 H200", "/700");
	assert_line(drawing, "gpu1 H200", "90.0");
	assert_line(drawing, "gpu1 H200", "70.0/140.0 GiB");
	assert_line(drawing, "gpu1 H200", "1755 MHz");
	assert_line(drawing, "gpu1 H200", "power cap");
	assert_string_equal(drawing_subtitle(drawing), "500.0 W of 1 of 2");
}

static void one_that_sleeps_has_no_watts_and_says_so(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	drawing_text(drawing, 118, 38);
	assert_line(drawing, "gpu0 Arc A770", "it sleeps");
	assert_null(strstr(drawing_row(drawing, 1), "0.0"));
}

static void the_selected_one_tells_what_it_lost_and_to_what(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	drawing_command(drawing, COMMAND_DOWN, NULL);
	drawing_text(drawing, 118, 38);
	assert_line(drawing, "held back", "power cap");
	assert_line(drawing, "held back", "2.50 s");
	assert_line(drawing, "held back", "25.0 % of the window");
	assert_int_equal(drawing_find(drawing, "thermal"), -1);
	assert_line(drawing, "pipes", "tensor 43.0 %");
	assert_line(drawing, "pipes", "activity, not counted");
	assert_line(drawing, "energy", "5.00 kJ");
	assert_line(drawing, "0000:1b:00.0", "nvidia 580.65");
}

static void its_processes_stand_below_with_their_part_of_this_gpu(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	drawing_command(drawing, COMMAND_DOWN, NULL);
	drawing_text(drawing, 118, 38);
	assert_line(drawing, "train.py", "4711");
	assert_line(drawing, "train.py", "75.0");
	assert_line(drawing, "train.py", "20.0 GiB");
	assert_line(drawing, "train.py", "300.0");
	assert_line(drawing, "train.py", "3.00 kJ");
	assert_line(drawing, "train.py", "gpu1 (CUDA_VISIBLE_DEVICES=0)");
	drawing_command(drawing, COMMAND_UP, NULL);
	drawing_text(drawing, 118, 38);
	assert_line(drawing, "train.py", "3.0 GiB");
}

static void small_screens_keep_what_matters_most(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	drawing_command(drawing, COMMAND_DOWN, NULL);
	drawing_text(drawing, 60, 15);
	assert_line(drawing, "gpu1 H200", "500.0");
	assert_line(drawing, "gpu1 H200", "power cap");
	assert_line(drawing, "train.py", "300.0");
	drawing_text(drawing, 78, 21);
	assert_line(drawing, "gpu1 H200", "90.0");
	assert_line(drawing, "watts", "load");
	assert_line(drawing, "train.py", "300.0");
}

static void why_names_the_meter(void **state)
{
	struct drawing *drawing = &((struct shown *)*state)->drawing;

	drawing_command(drawing, COMMAND_DOWN, NULL);
	assert_non_null(strstr(drawing_why(drawing), "measured, nvml:energy"));
	drawing_command(drawing, COMMAND_UP, NULL);
	assert_non_null(strstr(drawing_why(drawing), "it sleeps"));
}

static void without_a_gpu_it_says_what_was_looked_for(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_start(&sessions);
	feed_source(sessions.feed, "amdgpu", SOURCE_NONE, "", "no card of the driver amdgpu", "");
	feed_source(sessions.feed, "nvml", SOURCE_NONE, "", "libnvidia-ml.so.1 is not there", "");
	feed_source(sessions.feed, "powercap", SOURCE_OK, "", "", "");
	sessions_tick(&sessions, START_NS);
	drawing_start(&drawing, &view_gpu, sessions.session);
	drawing_text(&drawing, 80, 20);
	assert_line(&drawing, "no GPU was found", "Looked for");
	assert_line(&drawing, "amdgpu", "no card of the driver amdgpu");
	assert_line(&drawing, "nvml", "libnvidia-ml.so.1 is not there");
	assert_int_equal(drawing_find(&drawing, "powercap"), -1);
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

/* A slice has no meter: what it gets is a share, and says by what; so does what its process gets. */
static void a_slice_shows_its_share_and_how_it_was_found(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_start(&sessions);
	for (int i = 0; i < 3; i++) {
		int64_t now_ns = START_NS + i * CLOCK_NS_PER_S;
		struct feed *feed = sessions.feed;
		uint32_t gpu = feed_domain(feed, DOMAIN_GPU, H200, 0, "gpu1 H200");
		uint32_t slice = feed_domain(feed, DOMAIN_GPU_SLICE, H200 "/slice-9", gpu,
					     "NVIDIA H200 MIG 1g.18gb");
		uint32_t other = feed_domain(feed, DOMAIN_GPU_SLICE, H200 "/slice-1", gpu,
					     "NVIDIA H200 MIG 3g.71gb");
		uint32_t process = feed_domain(feed, DOMAIN_PROCESS, "7@1", 0, "serve");

		feed_gauge(feed, feed_series(feed, slice, "nvml:gpm", QUALITY_SAMPLED),
			   METRIC_SM_ACTIVITY_PPM, now_ns, 400000);
		feed_gauge(feed, feed_series(feed, other, "nvml", QUALITY_MEASURED),
			   METRIC_MEMORY_BYTES, now_ns, 2 * GIB);
		feed_counter(feed, feed_series(feed, gpu, "nvml:energy", QUALITY_MEASURED),
			     METRIC_ENERGY_UJ, now_ns, (uint64_t)i * 300000000);
		feed_increase(feed,
			      feed_series(feed, slice, "weight:slice-activity", QUALITY_ATTRIBUTED),
			      METRIC_ENERGY_UJ, now_ns, i > 0 ? 80000000 : 0);
		feed_increase(
			feed,
			feed_series(feed, process, "weight:" H200 "/slice-9", QUALITY_ATTRIBUTED),
			METRIC_ENERGY_UJ, now_ns, i > 0 ? 80000000 : 0);
		sessions_tick(&sessions, now_ns);
	}
	drawing_start(&drawing, &view_gpu, sessions.session);
	drawing_text(&drawing, 100, 24);
	assert_line(&drawing, "1g.18gb  SM 40.0 %",
		    "80.0 W   160.0 J   attributed by activity x size");
	assert_line(&drawing, "3g.71gb", "it has no meter   2.0 GiB");
	assert_line(&drawing, "serve", "160.0 J");
	assert_non_null(strstr(drawing_why(&drawing), "A slice (MIG) has no meter"));
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, shown_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_gpu_has_a_line_in_the_order_of_the_bus),
		TEST(one_that_sleeps_has_no_watts_and_says_so),
		TEST(the_selected_one_tells_what_it_lost_and_to_what),
		TEST(its_processes_stand_below_with_their_part_of_this_gpu),
		TEST(small_screens_keep_what_matters_most),
		TEST(why_names_the_meter),
		cmocka_unit_test(a_slice_shows_its_share_and_how_it_was_found),
		cmocka_unit_test(without_a_gpu_it_says_what_was_looked_for),
	};

	return cmocka_run_group_tests_name("gpu", tests, NULL, NULL);
}
