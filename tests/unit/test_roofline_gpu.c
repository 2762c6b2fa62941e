/* SPDX-License-Identifier: Apache-2.0 */
/* GPUs on the roofline: a band holds whatever the activity permits, and nothing that is not known becomes a number. */
#include "base/memory.h"
#include "model/roofline.h"
#include "tests/support/cards.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/roofs.h"

#include <math.h>
#include <string.h>

#define TERA 1e12

static const struct card full_clock = {CARD_0, "gpu0 H100", "H100 SXM", 0,    0,  0,
				       0,      0,	    0,		1980, 100};

static struct roofline_band band_of(const struct card *card, const char *data_type)
{
	struct roofline_band band;
	struct desk desk;

	desk_start(&desk);
	cards_second(&desk, card);
	desk_tick(&desk);
	band = roofline_band(session_find(desk.session, card->key), data_type);
	desk_end(&desk);
	return band;
}

static void vectors_did_one_operation_or_two_where_they_were_at_work(void **state)
{
	struct card card = full_clock;
	struct roofline_band band;

	(void)state;
	card.fp32 = 50;
	band = band_of(&card, "");
	desk_near(band.low_flop_per_s, 15 * TERA);
	desk_near(band.high_flop_per_s, 30 * TERA);
	card.fp64 = 10;
	card.fp16 = 10;
	band = band_of(&card, "");
	desk_near(band.low_flop_per_s, (15 + 1.5 + 6) * TERA);
	desk_near(band.high_flop_per_s, (30 + 3 + 12) * TERA);
	assert_true(isnan(band.typed_flop_per_s));
}

static void the_tensor_pipe_ran_the_slowest_type_or_the_fastest(void **state)
{
	struct card card = full_clock;
	struct roofline_band band;

	(void)state;
	card.mhz = 1830;
	card.tensor = card.hmma = 60;
	band = band_of(&card, "");
	desk_near(band.low_flop_per_s, 300 * TERA);
	desk_near(band.high_flop_per_s, 1200 * TERA);
	/* A part of it was no short type: that may have been double precision. */
	card.hmma = 40;
	card.mhz = 1980;
	band = band_of(&card, "");
	desk_near(band.low_flop_per_s, (200 * 1980 / 1830.0 + 12) * TERA);
	desk_near(band.high_flop_per_s, 1200 * 1980 / 1830.0 * TERA);
	/* Not told apart: all of it may have been. */
	card.hmma = -1;
	band = band_of(&card, "");
	desk_near(band.low_flop_per_s, 36 * TERA);
	desk_near(band.high_flop_per_s, 1200 * 1980 / 1830.0 * TERA);
}

static void the_clock_of_now_counts_not_that_of_the_peak(void **state)
{
	struct card card = full_clock;

	(void)state;
	card.tensor = card.hmma = 100;
	card.mhz = 915;
	desk_near(band_of(&card, "").high_flop_per_s, 1000 * TERA);
}

static void a_data_type_says_what_its_pipe_is_taken_to_have_run(void **state)
{
	static const struct {
		const char *type;
		double tera;
	} cases[] = {{"fp8", 1200}, {"bf16", 600}, {"fp16", 600}, {"tf32", 300},
		     {"fp32", 12},  {"fp64", 15},  {"int8", NAN}};
	struct card card = full_clock;

	(void)state;
	card.tensor = 70;
	card.hmma = 60;
	card.fp32 = 20 * 1980 / 1830.0;
	card.fp64 = 30 * 1980 / 1830.0;
	card.mhz = 1830;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct roofline_band band = band_of(&card, cases[i].type);

		if (isnan(cases[i].tera)) {
			assert_true(isnan(band.typed_flop_per_s));
			continue;
		}
		/* Ten percent of the tensor pipe was nothing short. */
		double tera = cases[i].tera +
			      (strcmp(cases[i].type, "fp64") == 0 ? 6 * 1830 / 1980.0 - 6 : 0);

		assert_true(fabs(band.typed_flop_per_s - tera * TERA) < 1e9);
		if (strcmp(cases[i].type, "fp64") != 0 && strcmp(cases[i].type, "fp32") != 0) {
			assert_true(band.typed_flop_per_s >= band.low_flop_per_s * 0.9);
			assert_true(band.typed_flop_per_s <= band.high_flop_per_s);
		}
	}
}

static void bytes_are_a_share_of_the_bandwidth(void **state)
{
	struct card card = full_clock;

	(void)state;
	card.dram = 25;
	desk_near(band_of(&card, "").bytes_per_s, 1 * TERA);
	card.dram = -1;
	assert_true(isnan(band_of(&card, "").bytes_per_s));
}

static void what_is_not_known_is_a_reason_and_no_number(void **state)
{
	static const struct {
		struct card card;
		const char *reason;
	} cases[] = {
		{{CARD_0, "gpu0 A100", "A100", -1, -1, -1, -1, -1, -1, 1410, 400}, "before Hopper"},
		{{CARD_0, "gpu0 X", NULL, 50, 50, 0, 0, 0, 50, 1410, 400}, "nobody says"},
		{{CARD_0, "gpu0 H100", "H100 SXM", 50, 50, -1, 0, 0, 50, 1410, 400},
		 "the activity of its fp64 pipe is not told"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct roofline_band band = band_of(&cases[i].card, "bf16");

		assert_non_null(strstr(band.reason, cases[i].reason));
		assert_true(isnan(band.low_flop_per_s) && isnan(band.high_flop_per_s) &&
			    isnan(band.typed_flop_per_s));
	}
}

static void a_gpu_is_a_point_below_its_own_roofs(void **state)
{
	struct roofline_points points;
	struct roofline_roofs roofs;
	struct desk desk;

	(void)state;
	desk_start(&desk);
	cards_training(&desk);
	roofline_gpus(desk.session, "bf16", CARD_1, &roofs, &points);
	assert_int_equal(points.count, 2);
	assert_string_equal(points.points[0].domain->key, CARD_0);
	/* 80 % of the tensor pipe as bf16, 1.2 TB/s of memory. */
	desk_near(points.points[0].typed_flop_per_s, 800 * TERA);
	desk_near(points.points[0].limit_ratio, 0.8);
	/* The other one is held back by its memory, whatever it ran. */
	desk_near(points.points[1].limit_ratio, 0.85);
	desk_near(points.points[1].flop_per_j, points.points[1].flop_per_s / 300);
	assert_int_equal(roofs.peak_count, 4);
	assert_string_equal(roofs.peaks[1].how, "bf16 fp16");
	assert_string_equal(roofs.peaks[3].how, "fp32 fp64");
	desk_near(roofs.levels[0].per_s, 4 * TERA);
	/* They are no roofs of the CPUs. */
	assert_int_equal(roofline_roofs(desk.session, ROOFLINE_CACHE, "bf16", true, &roofs), 0);
	desk_end(&desk);
}

static void a_gpu_that_rests_stands_in_the_margin(void **state)
{
	struct card card = full_clock;
	struct roofline_points points;
	struct roofline_roofs roofs;
	struct desk desk;

	(void)state;
	card.dram = 10;
	desk_start(&desk);
	cards_second(&desk, &card);
	desk_tick(&desk);
	roofline_gpus(desk.session, "", "", &roofs, &points);
	assert_int_equal(points.count, 0);
	assert_string_equal(points.margin[0].reason, "its pipes rest, memory 400.0 GB/s");
	desk_end(&desk);
}

/* What --flops-per-work gave. */
static struct roofline_whole whole_of(struct desk *desk, const char *data_type)
{
	struct derive_work flops = {.quality = QUALITY_GIVEN, .named = "--flops-per-work"};

	feed_meta(desk->feed, "data_type", data_type);
	desk_tick(desk);
	return roofline_whole(desk->session, &flops);
}

static void use_gpu(struct desk *desk, const char *key)
{
	session_label(desk->session, session_find(desk->session, key), ROOFLINE_USED, "yes");
}

static void given_operations_are_a_share_of_the_gpus_that_worked(void **state)
{
	struct derive_work counted = {.quality = QUALITY_MEASURED, .named = "counters"};
	struct roofline_whole whole;
	struct desk desk;

	(void)state;
	desk_start(&desk);
	cards_training(&desk);
	assert_false(whole_of(&desk, "bf16").is_gpu);
	use_gpu(&desk, CARD_0);
	whole = whole_of(&desk, "bf16");
	desk_near(whole.flop_per_s, 1000 * TERA);
	assert_string_equal(whole.named, "1000 TFLOP/s bf16");
	assert_string_equal(whole.more, "1x H100 SXM, data sheet");
	use_gpu(&desk, CARD_1);
	whole = whole_of(&desk, "fp64");
	desk_near(whole.flop_per_s, 120 * TERA);
	assert_string_equal(whole.more, "2x H100 SXM, data sheet");
	/* What CPUs counted is no share of a GPU. */
	assert_false(roofline_whole(desk.session, &counted).is_gpu);
	desk_end(&desk);
}

/* What the workload says it did, it did on GPUs: no point of the CPUs, and no reason to measure their roofs again. */
static void given_work_of_gpus_is_no_point_of_the_cpus(void **state)
{
	struct roofline_guard guard = {0};
	struct roofline_points points;
	struct roofline_roofs roofs;
	struct desk desk;
	char text[256];
	size_t notes;

	(void)state;
	desk_start(&desk);
	roofs_machine(&desk, QUALITY_MEASURED);
	cards_training(&desk);
	use_gpu(&desk, CARD_0);
	for (int i = 0; i < 8; i++) {
		feed_work(desk.feed, desk.now_ns, "marks", "flop", 700000000000000);
		desk_tick(&desk);
		roofline_guard(&guard, desk.session);
	}
	roofline_roofs(desk.session, ROOFLINE_DRAM, "fp32", true, &roofs);
	roofline_points(desk.session, ROOFLINE_DRAM, &roofs, &points);
	assert_int_equal(points.count, 0);
	assert_non_null(strstr(points.margin[0].reason, "GPUs work on it"));
	session_notes(desk.session, &notes);
	assert_int_equal(notes, 0);
	/* It stands beside the band of the one that did it; of two nobody knows each one's part. */
	roofline_gpus(desk.session, "", "", &roofs, &points);
	desk_near(points.points[0].given_flop_per_s, 700 * TERA);
	assert_true(isnan(points.points[1].given_flop_per_s));
	use_gpu(&desk, CARD_1);
	roofline_gpus(desk.session, "", "", &roofs, &points);
	assert_true(isnan(points.points[0].given_flop_per_s));
	assert_true(isnan(points.points[1].given_flop_per_s));
	roofline_absence(desk.session, text, sizeof(text));
	assert_non_null(strstr(text, "key x"));
	desk_end(&desk);
}

static void a_peak_that_is_not_known_is_said(void **state)
{
	static const struct card other = {CARD_0, "gpu0 RX 9999", NULL, -1, -1, -1, -1, -1,
					  -1,	  1000,		  100};
	struct roofline_whole whole;
	struct desk desk;

	(void)state;
	desk_start(&desk);
	cards_second(&desk, &other);
	desk_tick(&desk);
	use_gpu(&desk, CARD_0);
	whole = whole_of(&desk, "bf16");
	assert_true(whole.is_gpu && isnan(whole.flop_per_s));
	assert_string_equal(whole.more, "no peak of bf16 is known for gpu0 RX 9999");
	whole = whole_of(&desk, "");
	assert_true(isnan(whole.flop_per_s));
	assert_non_null(strstr(whole.more, "--data-type"));
	/* A slice has not the peak of the whole. */
	cards_peaks(&desk, CARD_0, "gpu0 H100", "H100 SXM");
	feed_domain(desk.feed, DOMAIN_GPU_SLICE, CARD_0 "/slice-1",
		    feed_domain(desk.feed, DOMAIN_GPU, CARD_0, 0, "gpu0 H100"), "MIG 1g.10gb");
	whole = whole_of(&desk, "bf16");
	assert_string_equal(whole.more, "gpu0 is cut into slices, whose peaks nobody says");
	desk_end(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_did_one_operation_or_two_where_they_were_at_work),
		cmocka_unit_test(the_tensor_pipe_ran_the_slowest_type_or_the_fastest),
		cmocka_unit_test(the_clock_of_now_counts_not_that_of_the_peak),
		cmocka_unit_test(a_data_type_says_what_its_pipe_is_taken_to_have_run),
		cmocka_unit_test(bytes_are_a_share_of_the_bandwidth),
		cmocka_unit_test(what_is_not_known_is_a_reason_and_no_number),
		cmocka_unit_test(a_gpu_is_a_point_below_its_own_roofs),
		cmocka_unit_test(a_gpu_that_rests_stands_in_the_margin),
		cmocka_unit_test(given_operations_are_a_share_of_the_gpus_that_worked),
		cmocka_unit_test(given_work_of_gpus_is_no_point_of_the_cpus),
		cmocka_unit_test(a_peak_that_is_not_known_is_said),
	};

	return cmocka_run_group_tests_name("roofline_gpu", tests, NULL, NULL);
}
