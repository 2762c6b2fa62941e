/* SPDX-License-Identifier: Apache-2.0 */
/* The perf-per-watt panel: the unit is always named, an estimate marked, the undefined absent with its reason. */
#include "model/projection.h"
#include "model/roofline.h"
#include "tests/support/cards.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/desk.h"
#include "tests/support/drawing.h"
#include "tests/support/roofs.h"
#include "tests/support/sessions.h"

#include <string.h>

extern const struct view view_efficiency;

#define SECOND INT64_C(1000000000)

static void work_per_joule_stands_beside_its_inverse(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_full(&sessions);
	drawing_start(&drawing, &view_efficiency, sessions.session);
	drawing_text(&drawing, 66, 8);
	/* 157,092 samples of 302.1 kJ. */
	assert_non_null(strstr(drawing_row(&drawing, 0), "samples/J   J/sample"));
	assert_non_null(strstr(drawing_row(&drawing, 3), "run            0.52       1.92"));
	assert_string_equal(drawing_row(&drawing, 7), " samples by work marks");
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void an_estimate_is_marked_everywhere(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_vm(&sessions);
	drawing_start(&drawing, &view_efficiency, sessions.session);
	drawing_text(&drawing, 66, 8);
	/* 722.5 CPU s of 28.9 kJ. */
	assert_non_null(strstr(drawing_row(&drawing, 0), "CPU s/J est.    J/CPU s"));
	assert_non_null(strstr(drawing_row(&drawing, 3), "run         ~0.0250     ~40.00"));
	assert_string_equal(drawing_row(&drawing, 7),
			    " no marks, no counters: CPU seconds instead; joules est.");
	assert_string_equal(drawing_subtitle(&drawing), "CPU s/J est.");
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void without_marks_instructions_count_and_it_says_so(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_threads(&sessions, 10);
	drawing_start(&drawing, &view_efficiency, sessions.session);
	drawing_text(&drawing, 66, 8);
	assert_non_null(strstr(drawing_row(&drawing, 0), "instr/J"));
	assert_string_equal(drawing_row(&drawing, 7),
			    " no work marks: instructions counted instead");
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void without_joules_every_figure_is_absent(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_start(&sessions);
	for (int second = 1; second < 4; second++) {
		feed_work(sessions.feed, second * SECOND, "marks", "tokens", 100);
		sessions_tick(&sessions, second * SECOND);
	}
	drawing_start(&drawing, &view_efficiency, sessions.session);
	drawing_text(&drawing, 66, 8);
	assert_non_null(strstr(drawing_row(&drawing, 0), "tokens/J    J/token"));
	assert_non_null(strstr(drawing_row(&drawing, 1), "now               -          -"));
	assert_null(strstr(drawing_row(&drawing, 3), "0."));
	assert_string_equal(drawing_row(&drawing, 7), " no joules: no power source, see 8");
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void with_the_screen_to_itself_it_shows_servers(void **state)
{
	struct sessions sessions;
	struct drawing drawing;
	uint32_t server, package;

	(void)state;
	sessions_start(&sessions);
	session_meta(sessions.session, SERVING_SLO_KEY, "ttft=200ms,tpot=50ms");
	package = sessions_series(&sessions, DOMAIN_PACKAGE, "package-0", "package-0", 0,
				  "powercap:intel-rapl:0", QUALITY_MEASURED);
	server = sessions_series(&sessions, DOMAIN_SERVER, "server/localhost:8000",
				 "localhost:8000", 0, "metrics", QUALITY_GIVEN);
	for (int second = 1; second < 12; second++) {
		int64_t time_ns = second * SECOND;

		feed_increase(sessions.feed, package, METRIC_ENERGY_UJ, time_ns,
			      second == 1 ? 0 : 100000000);
		feed_work(sessions.feed, time_ns, "metrics", "tokens", second == 1 ? 0 : 200);
		feed_work(sessions.feed, time_ns, "metrics", "requests", second == 1 ? 0 : 2);
		feed_gauge(sessions.feed, server, METRIC_REQUESTS_RUNNING, time_ns, 12);
		feed_gauge(sessions.feed, server, METRIC_REQUESTS_WAITING, time_ns, 3);
		feed_gauge(sessions.feed, server, METRIC_KV_CACHE_PPM, time_ns, 450000);
		feed_gauge(sessions.feed, server, METRIC_TTFT_P50_NS, time_ns, 120000000);
		feed_gauge(sessions.feed, server, METRIC_TTFT_P99_NS, time_ns, 180000000);
		feed_gauge(sessions.feed, server, METRIC_TPOT_P99_NS, time_ns, 60000000);
		sessions_tick(&sessions, time_ns);
	}
	drawing_start(&drawing, &view_efficiency, sessions.session);
	drawing_text(&drawing, 100, 30);
	assert_int_equal(drawing_find(&drawing, "SERVING"), -1);
	drawing.context.zoomed = true;
	drawing_text(&drawing, 100, 30);
	assert_true(drawing_find(&drawing, "SERVING") > 15);
	assert_non_null(
		strstr(drawing_row(&drawing, drawing_find(&drawing, " tokens      ")), "500.0 mJ"));
	assert_non_null(
		strstr(drawing_row(&drawing, drawing_find(&drawing, " requests      ")), "50.0 J"));
	assert_true(drawing_find(&drawing,
				 "localhost:8000: 12 running, 3 waiting, KV cache 45.0 %") > 0);
	assert_true(drawing_find(&drawing,
				 "first token  p50 120.0 ms   p99 180.0 ms   SLO 200.0 ms  "
				 " slack 10.0 %") > 0);
	assert_true(drawing_find(&drawing, "missed by 20.0 %") > 0);
	/* Where there is no room for it the figures stay. */
	drawing_text(&drawing, 60, 14);
	assert_int_equal(drawing_find(&drawing, "SERVING"), -1);
	assert_int_equal(drawing_find(&drawing, "tokens/J"), 0);
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

/* 1,000 of 10,000 samples: a second and 100 J for each ten of them. */
static void start_projected(struct sessions *sessions, int ticks)
{
	uint32_t series;

	sessions_start(sessions);
	session_meta(sessions->session, PROJECTION_TOTAL, "10000");
	session_meta(sessions->session, PROJECTION_PRICE, "0.36");
	session_meta(sessions->session, PROJECTION_CURRENCY, "EUR");
	session_meta(sessions->session, PROJECTION_CARBON, "360");
	series = sessions_series(sessions, DOMAIN_PACKAGE, "package-0", "package-0", 0, "rapl",
				 QUALITY_MEASURED);
	for (int second = 0; second <= ticks; second++) {
		if (second > 0)
			feed_work(sessions->feed, second * SECOND, "marks", "samples", 10);
		feed_counter(sessions->feed, series, METRIC_ENERGY_UJ, second * SECOND,
			     UINT64_C(100000000) * (uint64_t)second);
		sessions_tick(sessions, second * SECOND);
		projection_tick(sessions->session);
	}
}

static void zoomed_it_says_what_the_whole_run_takes(void **state)
{
	struct sessions sessions;
	struct drawing drawing;
	const char *text;

	(void)state;
	start_projected(&sessions, 100);
	drawing_start(&drawing, &view_efficiency, sessions.session);
	drawing.context.zoomed = true;
	text = drawing_text(&drawing, 110, 30);
	assert_non_null(strstr(text, "the run of 10.0 k samples"));
	/* 100 kJ: 27.8 Wh, 1,000 s, a cent, 10 g. */
	assert_non_null(strstr(text, "energy ~27.8 Wh"));
	assert_non_null(strstr(text, "time   ~00:16:40"));
	assert_non_null(strstr(text, "cost   ~0.010 EUR"));
	assert_non_null(strstr(text, "CO2    ~10.0 g"));
	assert_non_null(strstr(text, "10.0 % done, 00:15:00 left"));
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void why_tells_how_the_whole_run_is_projected(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	start_projected(&sessions, 100);
	drawing_start(&drawing, &view_efficiency, sessions.session);
	assert_non_null(strstr(drawing_why(&drawing), "times what is left, plus what is used"));
	assert_non_null(strstr(drawing_why(&drawing), "95 of 100 runs"));
	drawing_stop(&drawing);
	sessions_stop(&sessions);

	sessions_full(&sessions);
	drawing_start(&drawing, &view_efficiency, sessions.session);
	assert_non_null(strstr(drawing_why(&drawing), "--total-work N"));
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void on_the_dashboard_the_run_is_one_line(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	start_projected(&sessions, 100);
	drawing_start(&drawing, &view_efficiency, sessions.session);
	drawing_text(&drawing, 66, 8);
	assert_non_null(strstr(drawing_row(&drawing, 5), "run ~27.8 Wh ±"));
	assert_null(strstr(drawing_text(&drawing, 66, 8), "the run of"));
	drawing_stop(&drawing);
	sessions_stop(&sessions);
	/* It says so as long as there is nothing to say. */
	start_projected(&sessions, 3);
	drawing_start(&drawing, &view_efficiency, sessions.session);
	drawing_text(&drawing, 66, 8);
	assert_non_null(strstr(drawing_row(&drawing, 5), "needs a few more steps"));
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

static void a_narrow_panel_keeps_the_figures(void **state)
{
	struct sessions sessions;
	struct drawing drawing;

	(void)state;
	sessions_full(&sessions);
	drawing_start(&drawing, &view_efficiency, sessions.session);
	drawing_text(&drawing, 24, 7);
	assert_true(drawing_find(&drawing, "samples/J") == 0);
	assert_true(drawing_find(&drawing, "run            0.52") == 3);
	assert_true(drawing_find(&drawing, "J/sample       1.92") == 4);
	drawing_stop(&drawing);
	sessions_stop(&sessions);
}

/* Fifty samples a second for a hundred watts. */
static void tell_samples(struct desk *desk, const char *flops_per_work)
{
	if (flops_per_work)
		feed_meta(desk->feed, "flops_per_work", flops_per_work);
	for (int i = 0; i < 5; i++) {
		desk_watts(desk, DOMAIN_PACKAGE, "package-0", QUALITY_MEASURED, 100);
		feed_work(desk->feed, desk->now_ns, "marks", "samples", 50);
		desk_tick(desk);
	}
}

static void operations_given_per_work_stand_beside_the_work_with_their_share_of_the_peak(
	void **state)
{
	struct desk desk;
	struct drawing drawing;

	(void)state;
	desk_start(&desk);
	roofs_machine(&desk, QUALITY_MEASURED);
	tell_samples(&desk, "6.2e9");
	drawing_start(&drawing, &view_efficiency, desk.session);
	drawing_text(&drawing, 66, 9);
	assert_non_null(strstr(drawing_row(&drawing, 0), "samples/J   J/sample"));
	/* 50 x 6.2 GFLOP of 3.1 TFLOP/s. */
	assert_true(drawing_find(&drawing, "310.0 GFLOP/s  3.10 GFLOP/J") >= 0);
	assert_true(drawing_find(&drawing, "MFU 10.0 % of fp32 avx512") >= 0);
	/* In one row there is room for the share alone. */
	drawing_text(&drawing, 66, 7);
	assert_true(drawing_find(&drawing, "310.0 GFLOP/s  MFU 10.0 %") >= 0);
	feed_meta(desk.feed, "data_type", "fp64");
	tell_samples(&desk, NULL);
	drawing_text(&drawing, 66, 9);
	assert_true(drawing_find(&drawing, "MFU 20.0 % of fp64 avx512") >= 0);
	drawing_stop(&drawing);
	desk_end(&desk);
}

/* What GPUs worked for is a share of their peak; a peak that nobody knows is said, and is no number. */
static void work_of_gpus_is_a_share_of_their_peak(void **state)
{
	struct desk desk;
	struct drawing drawing;

	(void)state;
	desk_start(&desk);
	roofs_machine(&desk, QUALITY_MEASURED);
	cards_training(&desk);
	session_label(desk.session, session_find(desk.session, CARD_0), ROOFLINE_USED, "yes");
	feed_meta(desk.feed, "data_type", "bf16");
	tell_samples(&desk, "8e12");
	drawing_start(&drawing, &view_efficiency, desk.session);
	drawing_text(&drawing, 80, 12);
	/* 50 x 8 TFLOP of 1000 TFLOP/s. */
	assert_true(drawing_find(&drawing, "MFU 40.0 % of 1000 TFLOP/s") >= 0);
	assert_true(drawing_find(&drawing, "bf16, 1x H100 SXM, data sheet") >= 0);
	feed_meta(desk.feed, "data_type", "int8");
	tell_samples(&desk, NULL);
	drawing_text(&drawing, 80, 12);
	assert_true(drawing_find(&drawing, "MFU unknown: no peak of int8") >= 0);
	drawing_stop(&drawing);
	desk_end(&desk);
}

static void theory_and_missing_roofs_are_not_taken_for_measured_ones(void **state)
{
	struct desk desk;
	struct drawing drawing;

	(void)state;
	desk_start(&desk);
	tell_samples(&desk, "6.2e9");
	drawing_start(&drawing, &view_efficiency, desk.session);
	drawing_text(&drawing, 66, 9);
	assert_true(drawing_find(&drawing, "310.0 GFLOP/s") >= 0);
	assert_true(drawing_find(&drawing, "MFU") < 0);
	roofs_machine(&desk, QUALITY_ESTIMATED);
	tell_samples(&desk, NULL);
	drawing_text(&drawing, 66, 9);
	assert_true(drawing_find(&drawing, "MFU 10.0 % of theoretical") >= 0);
	drawing_stop(&drawing);
	desk_end(&desk);
}

static void counted_operations_are_the_hardware_s_use_and_head_the_panel(void **state)
{
	struct desk desk;
	struct drawing drawing;

	(void)state;
	desk_start(&desk);
	roofs_training(&desk);
	for (int i = 0; i < 3; i++) {
		static const struct roofs_task task = {1,  "a", 310000000000, -1,
						       -1, -1,	-1,	      QUALITY_MEASURED};

		desk_watts(&desk, DOMAIN_PACKAGE, "package-0", QUALITY_MEASURED, 100);
		roofs_second(&desk, &task);
		desk_tick(&desk);
	}
	drawing_start(&drawing, &view_efficiency, desk.session);
	drawing_text(&drawing, 66, 9);
	assert_non_null(strstr(drawing_row(&drawing, 0), "FLOP/J"));
	assert_true(drawing_find(&drawing, "HFU 10.0 % of fp32 avx512") >= 0);
	assert_string_equal(drawing_row(&drawing, 8), " no work marks: FLOPs of counters instead");
	drawing_stop(&drawing);
	desk_end(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(work_per_joule_stands_beside_its_inverse),
		cmocka_unit_test(an_estimate_is_marked_everywhere),
		cmocka_unit_test(without_marks_instructions_count_and_it_says_so),
		cmocka_unit_test(without_joules_every_figure_is_absent),
		cmocka_unit_test(with_the_screen_to_itself_it_shows_servers),
		cmocka_unit_test(zoomed_it_says_what_the_whole_run_takes),
		cmocka_unit_test(why_tells_how_the_whole_run_is_projected),
		cmocka_unit_test(on_the_dashboard_the_run_is_one_line),
		cmocka_unit_test(a_narrow_panel_keeps_the_figures),
		cmocka_unit_test(
			operations_given_per_work_stand_beside_the_work_with_their_share_of_the_peak),
		cmocka_unit_test(work_of_gpus_is_a_share_of_their_peak),
		cmocka_unit_test(theory_and_missing_roofs_are_not_taken_for_measured_ones),
		cmocka_unit_test(counted_operations_are_the_hardware_s_use_and_head_the_panel),
	};

	return cmocka_run_group_tests_name("efficiency", tests, NULL, NULL);
}
