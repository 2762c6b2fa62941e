/* SPDX-License-Identifier: Apache-2.0 */
/* The points of the roofline: where they stand, what stands in the margin and why. */
#include "model/roofline.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/desk.h"
#include "tests/support/roofs.h"

#include <math.h>
#include <string.h>

static const struct roofline_point *find(const struct roofline_point *points, size_t count,
					 const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(points[i].name, name) == 0)
			return &points[i];
	return NULL;
}

static const struct roofline_point *look(const struct desk *desk, enum roofline_plot plot,
					 bool all_cores, const char *name,
					 struct roofline_points *points)
{
	struct roofline_roofs roofs;

	roofline_roofs(desk->session, plot, "", all_cores, &roofs);
	roofline_points(desk->session, plot, &roofs, points);
	return find(points->points, points->count, name);
}

static void a_process_has_its_intensity_its_share_and_its_cost(void **state)
{
	struct desk desk;
	struct roofline_points points;
	const struct roofline_point *train, *loader;

	(void)state;
	desk_start(&desk);
	roofs_training(&desk);
	train = look(&desk, ROOFLINE_DRAM, true, "train", &points);
	loader = find(points.points, points.count, "loader");
	assert_int_equal(points.count, 2);
	desk_near(train->intensity, 750 / 63.6);
	desk_near(train->limit_flop_per_s, 255e9 * 750 / 63.6);
	desk_near(train->limit_ratio, 63.6 / 255);
	desk_near(train->power_w, 121);
	desk_near(train->flop_per_j, 750e9 / 121);
	assert_int_equal(train->flop_quality, QUALITY_MEASURED);
	assert_int_equal(train->bytes_quality, QUALITY_ATTRIBUTED);
	assert_false(train->at_most);
	desk_near(loader->intensity, 0.1);
	assert_int_equal(train->domain->kind, DOMAIN_PROCESS);
	/* With the roofs of one core its thread stands there. */
	train = look(&desk, ROOFLINE_DRAM, false, "train", &points);
	assert_int_equal(train->domain->kind, DOMAIN_THREAD);
	desk_end(&desk);
}

static void what_nobody_counts_stands_in_the_margin_with_its_reason(void **state)
{
	static const struct roofs_task copy = {99,	    "copy", 0,	-1,
					       88000000000, -1,	    -1, QUALITY_MEASURED};
	struct desk desk;
	struct roofline_points points;
	const struct roofline_point *point;

	(void)state;
	desk_start(&desk);
	roofs_training(&desk);
	for (int i = 0; i < 3; i++) {
		roofs_second(&desk, &copy);
		desk_tick(&desk);
	}
	look(&desk, ROOFLINE_DRAM, true, "train", &points);
	assert_null(find(points.points, points.count, "copy"));
	point = find(points.margin, points.margin_count, "copy");
	assert_non_null(point);
	assert_string_equal(point->reason, "0 FLOP, 88.0 GB/s");
	desk_end(&desk);
	desk_start(&desk);
	roofs_training(&desk);
	look(&desk, ROOFLINE_DRAM, true, "train", &points);
	point = find(points.margin, points.margin_count, "optimizer");
	assert_non_null(point);
	assert_string_equal(point->reason, "no FLOP events");
	desk_end(&desk);
}

static void bytes_from_misses_alone_are_the_least_and_the_intensity_the_most(void **state)
{
	static const struct roofs_task proxy = {5,  "proxy", 640000000, -1,
						-1, 1000000, -1,	QUALITY_MEASURED};
	static const struct roofs_task guess = {6,	  "guess", 640000000, -1,
						64000000, -1,	   -1,	      QUALITY_ESTIMATED};
	struct desk desk;
	struct roofline_points points;
	const struct roofline_point *point;

	(void)state;
	desk_start(&desk);
	for (int i = 0; i < 3; i++) {
		roofs_second(&desk, &proxy);
		roofs_second(&desk, &guess);
		desk_tick(&desk);
	}
	point = look(&desk, ROOFLINE_DRAM, true, "proxy", &points);
	desk_near(point->intensity, 10);
	assert_true(point->at_most);
	assert_int_equal(point->bytes_quality, QUALITY_ESTIMATED);
	assert_true(find(points.points, points.count, "guess")->at_most);
	desk_end(&desk);
}

static void without_bytes_there_is_no_intensity_but_a_share_of_the_peak(void **state)
{
	static const struct roofs_task task = {5,  "blind", 310000000000, -1,
					       -1, -1,	    -1,		  QUALITY_MEASURED};
	struct desk desk;
	struct roofline_points points;
	const struct roofline_point *point;

	(void)state;
	desk_start(&desk);
	roofs_machine(&desk, QUALITY_MEASURED);
	for (int i = 0; i < 3; i++) {
		roofs_second(&desk, &task);
		desk_tick(&desk);
	}
	point = look(&desk, ROOFLINE_DRAM, true, "blind", &points);
	assert_true(isnan(point->intensity));
	desk_near(point->limit_ratio, 0.1);
	desk_end(&desk);
}

static void marks_make_one_point_of_the_command(void **state)
{
	struct desk desk;
	struct roofline_points points;
	const struct roofline_point *point;

	(void)state;
	desk_start(&desk);
	feed_meta(desk.feed, "command", "/opt/bin/gemm 512 4");
	roofs_machine(&desk, QUALITY_MEASURED);
	for (int i = 0; i < 4; i++) {
		desk_watts(&desk, DOMAIN_PACKAGE, "package-0", QUALITY_MEASURED, 100);
		roofs_mark(&desk, 2480000000000, 29000000000);
	}
	point = look(&desk, ROOFLINE_DRAM, true, "gemm", &points);
	assert_non_null(point);
	desk_near(point->intensity, 2480.0 / 29);
	desk_near(point->limit_ratio, 0.8);
	desk_near(point->flop_per_j, 24.8e9);
	assert_int_equal(point->flop_quality, QUALITY_GIVEN);
	assert_int_equal(point->bytes_quality, QUALITY_GIVEN);
	/* What memory moved is not what the cores asked for: two intensities never stand on one plot. */
	point = look(&desk, ROOFLINE_CACHE, true, "gemm", &points);
	assert_true(isnan(point->intensity));
	assert_null(look(&desk, ROOFLINE_OPERATOR, true, "gemm", &points));
	/* It rests: nothing stands on the plot. */
	for (int i = 0; i < 3; i++)
		desk_tick(&desk);
	assert_null(look(&desk, ROOFLINE_DRAM, true, "gemm", &points));
	assert_string_equal(points.margin[0].reason, "0 FLOP marked now");
	desk_end(&desk);
}

static void operations_given_per_work_count_as_marked(void **state)
{
	struct desk desk;
	struct roofline_points points;
	struct derive_work work;

	(void)state;
	desk_start(&desk);
	feed_meta(desk.feed, "flops_per_work", "6e9");
	roofs_machine(&desk, QUALITY_MEASURED);
	for (int i = 0; i < 4; i++) {
		desk_watts(&desk, DOMAIN_PACKAGE, "package-0", QUALITY_MEASURED, 100);
		feed_work(desk.feed, desk.now_ns, "marks", "samples", 50);
		desk_tick(&desk);
	}
	desk_near(look(&desk, ROOFLINE_DRAM, true, "marks", &points)->flop_per_s, 300e9);
	work = derive_flops(desk.session, SPAN_NOW);
	desk_near(work.per_s, 300e9);
	desk_near(work.per_j, 3e9);
	assert_string_equal(work.named, "--flops-per-work");
	/* The user's own work stays what is divided by joules. */
	assert_string_equal(derive_work(desk.session, SPAN_NOW).unit, "samples");
	desk_end(&desk);
}

static void counted_operations_go_before_instructions(void **state)
{
	struct desk desk;
	struct derive_work work;

	(void)state;
	desk_start(&desk);
	roofs_training(&desk);
	work = derive_work(desk.session, SPAN_NOW);
	assert_string_equal(work.unit, "flop");
	assert_string_equal(work.named, "counters");
	desk_near(work.per_s, 755e9);
	desk_near(derive_flops(desk.session, SPAN_RUN).total, 755e9 * 11);
	desk_end(&desk);
}

static void an_operator_is_hollow_and_timed_by_its_own_seconds(void **state)
{
	static const char conv_is[] =
		"cpu,convolution,brgconv:avx512_core,forward_training,src_f32::blocked:abcd:f0 "
		"wei_f32::blocked:Acdb16a:f0 dst_f32::blocked:abcd:f0,,alg:convolution_direct,"
		"mb1_ic16oc16_ih8oh8kh3sh1dh0ph1_iw8ow8kw3sw1dw0pw1";
	static const char reorder_is[] = "cpu,reorder,jit:uni,undef,src_f32::blocked:abcd:f0 "
					 "dst_f32::blocked:acdb:f0,,,2x16x8x8";
	struct desk desk;
	struct roofline_points points;
	const struct roofline_point *point;

	(void)state;
	desk_start(&desk);
	roofs_machine(&desk, QUALITY_MEASURED);
	for (int i = 0; i < 3; i++) {
		uint32_t conv = feed_domain(desk.feed, DOMAIN_OPERATOR, "operator/conv", 0, "conv"),
			 reorder = feed_domain(desk.feed, DOMAIN_OPERATOR, "operator/reorder", 0,
					       "reorder"),
			 created = feed_series(desk.feed, conv, "onednn:create:cache_miss",
					       QUALITY_GIVEN),
			 ran = feed_series(desk.feed, conv, "onednn", QUALITY_GIVEN),
			 moved = feed_series(desk.feed, reorder, "onednn", QUALITY_GIVEN);

		feed_label(desk.feed, conv, "descriptor", conv_is);
		feed_label(desk.feed, reorder, "descriptor", reorder_is);
		feed_increase(desk.feed, created, METRIC_BUSY_NS, desk.now_ns, 900000000);
		feed_increase(desk.feed, ran, METRIC_BUSY_NS, desk.now_ns, 250000000);
		feed_increase(desk.feed, ran, METRIC_FLOP_FP32, desk.now_ns, 203000000000);
		feed_increase(desk.feed, ran, METRIC_READ_BYTES, desk.now_ns, 15300000000);
		feed_increase(desk.feed, moved, METRIC_BUSY_NS, desk.now_ns, 100000000);
		feed_increase(desk.feed, moved, METRIC_READ_BYTES, desk.now_ns, 8800000000);
		desk_tick(&desk);
	}
	point = look(&desk, ROOFLINE_OPERATOR, true, "conv", &points);
	assert_non_null(point);
	assert_true(point->hollow);
	desk_near(point->flop_per_s, 812e9);
	desk_near(point->intensity, 203 / 15.3);
	assert_int_equal(points.margin_count, 1);
	assert_string_equal(points.margin[0].reason, "0 FLOP by definition, 88.0 GB/s");
	desk_end(&desk);
}

static void what_to_do_names_the_counters_reason_and_the_marks(void **state)
{
	struct desk desk;
	char text[512];

	(void)state;
	desk_start(&desk);
	feed_source(desk.feed, "counters", SOURCE_PARTIAL, "", "no PMU in this VM", "");
	desk_tick(&desk);
	roofline_absence(desk.session, text, sizeof(text));
	assert_non_null(strstr(text, "no PMU in this VM"));
	assert_non_null(strstr(text, "work flop N"));
	desk_end(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_has_its_intensity_its_share_and_its_cost),
		cmocka_unit_test(what_nobody_counts_stands_in_the_margin_with_its_reason),
		cmocka_unit_test(bytes_from_misses_alone_are_the_least_and_the_intensity_the_most),
		cmocka_unit_test(without_bytes_there_is_no_intensity_but_a_share_of_the_peak),
		cmocka_unit_test(marks_make_one_point_of_the_command),
		cmocka_unit_test(operations_given_per_work_count_as_marked),
		cmocka_unit_test(counted_operations_go_before_instructions),
		cmocka_unit_test(an_operator_is_hollow_and_timed_by_its_own_seconds),
		cmocka_unit_test(what_to_do_names_the_counters_reason_and_the_marks),
	};

	return cmocka_run_group_tests_name("roofline points", tests, NULL, NULL);
}
