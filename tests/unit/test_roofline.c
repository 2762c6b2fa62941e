/* SPDX-License-Identifier: Apache-2.0 */
/* The roofline: which roofs apply, what energy they cost, and when they are too low. */
#include "model/roofline.h"

#include "base/memory.h"
#include "base/text.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/desk.h"
#include "tests/support/roofs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void roofs_are_of_one_type_and_the_highest_comes_first(void **state)
{
	struct desk desk;
	struct roofline_roofs roofs;

	(void)state;
	desk_start(&desk);
	roofs_training(&desk);
	assert_int_equal(roofline_roofs(desk.session, ROOFLINE_DRAM, "fp32", true, &roofs), 3);
	assert_string_equal(roofs.peaks[0].how, "avx512");
	desk_near(roofs.peaks[0].per_s, 3.1e12);
	desk_near(roofs.peaks[0].power_w, 180);
	assert_string_equal(roofs.peaks[1].how, "avx2");
	/* The faster of two kernels stands for memory. */
	assert_string_equal(roofs.levels[0].what, "read");
	desk_near(roofs.levels[0].per_s, 255e9);
	roofline_roofs(desk.session, ROOFLINE_DRAM, "fp64", true, &roofs);
	assert_int_equal(roofs.peak_count, 1);
	desk_near(roofs.peaks[0].per_s, 1.55e12);
	roofline_roofs(desk.session, ROOFLINE_CACHE, "fp32", true, &roofs);
	assert_int_equal(roofs.level_count, 2);
	assert_string_equal(roofs.levels[0].how, "dram");
	assert_string_equal(roofs.levels[1].how, "l3");
	desk_end(&desk);
}

static void what_was_measured_goes_before_theory_and_keeps_its_quality(void **state)
{
	struct desk desk;
	struct roofline_roofs roofs;

	(void)state;
	desk_start(&desk);
	roofs_roof(&desk, "roof/all/fp32/theory", true, 9000000000000, 0, QUALITY_ESTIMATED);
	roofs_roof(&desk, "roof/all/channels/dram", false, 900000000000, 0, QUALITY_ESTIMATED);
	desk_tick(&desk);
	roofline_roofs(desk.session, ROOFLINE_DRAM, "fp32", true, &roofs);
	desk_near(roofs.peaks[0].per_s, 9e12);
	assert_int_equal(roofs.peaks[0].quality, QUALITY_ESTIMATED);
	roofs_machine(&desk, QUALITY_MEASURED);
	desk_tick(&desk);
	roofline_roofs(desk.session, ROOFLINE_DRAM, "fp32", true, &roofs);
	assert_int_equal(roofs.peak_count, 2);
	desk_near(roofs.peaks[0].per_s, 3.1e12);
	assert_int_equal(roofs.level_count, 1);
	desk_near(roofs.levels[0].per_s, 255e9);
	assert_int_equal(roofs.levels[0].quality, QUALITY_MEASURED);
	desk_end(&desk);
}

static void broken_keys_and_values_make_no_roof(void **state)
{
	static const char *const keys[] = {
		"roof",
		"roof/",
		"roof/all",
		"roof/all/fp32",
		"roof/all/fp32/",
		"roof/all//avx2",
		"roof/2/fp32/avx2",
		"roof/all/fp32/avx2/more",
		"roof/all/fp32/a-name-that-is-far-too-long",
		"root/all/fp32/avx2",
	};
	struct desk desk;
	struct roofline_roofs roofs;

	(void)state;
	desk_start(&desk);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		roofs_roof(&desk, keys[i], true, 1000, 0, QUALITY_MEASURED);
	roofs_roof(&desk, "roof/all/fp32/zero", true, 0, 0, QUALITY_MEASURED);
	roofs_roof(&desk, "roof/all/fp32/less", true, -5, 0, QUALITY_MEASURED);
	desk_tick(&desk);
	for (int plot = 0; plot < ROOFLINE_PLOTS; plot++)
		assert_int_equal(roofline_roofs(desk.session, (enum roofline_plot)plot, "fp32",
						true, &roofs),
				 0);
	assert_true(isnan(roofline_limit(&roofs, 1)));
	desk_end(&desk);
}

static void more_roofs_than_have_room_leave_the_highest(void **state)
{
	struct desk desk;
	struct roofline_roofs roofs;

	(void)state;
	desk_start(&desk);
	for (int i = 0; i < 40; i++) {
		char key[DOMAIN_KEY_SIZE];

		text_print(key, sizeof(key), "roof/all/fp32/set%d", i * 7 % 40);
		roofs_roof(&desk, key, true, 1000 + i * 7 % 40, 0, QUALITY_MEASURED);
		text_print(key, sizeof(key), "roof/all/read/level%d", i * 7 % 40);
		roofs_roof(&desk, key, false, 1000 + i * 7 % 40, 0, QUALITY_MEASURED);
	}
	desk_tick(&desk);
	roofline_roofs(desk.session, ROOFLINE_CACHE, "fp32", true, &roofs);
	assert_int_equal(roofs.peak_count, ROOFLINE_PEAKS_MAX);
	for (size_t i = 0; i < roofs.peak_count; i++)
		desk_near(roofs.peaks[i].per_s, 1039 - (double)i);
	assert_int_equal(roofs.level_count, ROOFLINE_LEVELS_MAX);
	desk_near(roofs.levels[0].per_s, 1000);
	desk_end(&desk);
}

static void the_limit_is_the_least_of_peak_and_traffic(void **state)
{
	struct desk desk;
	struct roofline_roofs roofs;

	(void)state;
	desk_start(&desk);
	roofs_training(&desk);
	roofline_roofs(desk.session, ROOFLINE_DRAM, "fp32", true, &roofs);
	desk_near(roofline_limit(&roofs, 0.1), 25.5e9);
	desk_near(roofline_limit(&roofs, 1000), 3.1e12);
	desk_near(roofline_limit(&roofs, NAN), 3.1e12);
	/* One core has other roofs. */
	roofline_roofs(desk.session, ROOFLINE_DRAM, "fp32", false, &roofs);
	assert_false(roofs.all_cores);
	desk_near(roofline_limit(&roofs, 1000), 193.75e9);
	desk_near(roofline_limit(&roofs, 0.1), 2e9);
	desk_end(&desk);
}

static void the_precision_that_is_counted_chooses_the_roof_unless_it_was_asked_for(void **state)
{
	static const struct roofs_task task = {5,  "double", 1000, 5000000,
					       -1, -1,	     -1,   QUALITY_MEASURED};
	struct desk desk;
	char types[ROOFLINE_TYPES_MAX][ROOFLINE_TYPE_SIZE];

	(void)state;
	desk_start(&desk);
	assert_string_equal(roofline_data_type(desk.session), "fp32");
	roofs_machine(&desk, QUALITY_MEASURED);
	for (int i = 0; i < 3; i++) {
		roofs_second(&desk, &task);
		desk_tick(&desk);
	}
	assert_string_equal(roofline_data_type(desk.session), "fp64");
	feed_meta(desk.feed, "data_type", "bf16");
	desk_tick(&desk);
	assert_string_equal(roofline_data_type(desk.session), "bf16");
	assert_int_equal(roofline_types(desk.session, types), 2);
	assert_string_equal(types[0], "fp32");
	assert_string_equal(types[1], "fp64");
	desk_end(&desk);
}

static void the_energy_roof_meets_both_calibrations(void **state)
{
	struct desk desk;
	struct roofline_roofs roofs;
	struct roofline_energy energy;
	double before = 0;

	(void)state;
	desk_start(&desk);
	roofs_training(&desk);
	roofline_roofs(desk.session, ROOFLINE_DRAM, "fp32", true, &roofs);
	energy = roofline_energy(desk.session, &roofs);
	assert_null(energy.reason);
	desk_near(energy.flop_j, 100 / 3.1e12);
	desk_near(energy.byte_j, 60 / 255e9);
	/* Far to the right the peak run's own FLOP/J; far to the left the bytes of the memory run. */
	assert_true(fabs(roofline_flop_per_j(&energy, 1e12) / (3.1e12 / 180) - 1) < 1e-6);
	assert_true(fabs(roofline_flop_per_j(&energy, 1e-9) / (1e-9 * 255e9 / 140) - 1) < 1e-6);
	for (double intensity = 1e-4; intensity < 1e5; intensity *= 1.3) {
		double value = roofline_flop_per_j(&energy, intensity);

		assert_true(value > before);
		before = value;
	}
	assert_true(isnan(roofline_flop_per_j(&energy, 0)));
	assert_true(isnan(roofline_flop_per_j(&energy, NAN)));
	desk_end(&desk);
}

static void without_watts_there_is_no_energy_roof_and_a_reason(void **state)
{
	struct desk desk;
	struct roofline_roofs roofs;
	struct roofline_energy energy;

	(void)state;
	desk_start(&desk);
	desk_tick(&desk);
	roofline_roofs(desk.session, ROOFLINE_DRAM, "fp32", true, &roofs);
	energy = roofline_energy(desk.session, &roofs);
	assert_string_equal(energy.reason, "no roofs: run jouletop ceilings");
	assert_true(isnan(roofline_flop_per_j(&energy, 1)));
	roofs_roof(&desk, "roof/all/fp32/avx2", true, 1000000, 0, QUALITY_MEASURED);
	roofs_roof(&desk, "roof/all/read/dram", false, 1000000, 30, QUALITY_MEASURED);
	desk_tick(&desk);
	roofline_roofs(desk.session, ROOFLINE_DRAM, "fp32", true, &roofs);
	energy = roofline_energy(desk.session, &roofs);
	assert_string_equal(energy.reason, "the roofs were measured without a power sensor");
	roofs_roof(&desk, "roof/all/fp32/avx2", true, 1000000, 20, QUALITY_MEASURED);
	desk_tick(&desk);
	roofline_roofs(desk.session, ROOFLINE_DRAM, "fp32", true, &roofs);
	assert_non_null(strstr(roofline_energy(desk.session, &roofs).reason, "baseline"));
	feed_meta(desk.feed, "books_idle_watts", "25");
	desk_tick(&desk);
	assert_non_null(strstr(roofline_energy(desk.session, &roofs).reason, "no more than"));
	desk_end(&desk);
}

static size_t count_notes(const struct desk *desk)
{
	size_t count, found = 0;
	const struct note *notes = session_notes(desk->session, &count);

	for (size_t i = 0; i < count; i++) {
		/* The same said again is one note with its number, "(x2)". */
		const char *again = strstr(notes[i].text, "(x");

		if (strstr(notes[i].text, "roof too low, measure again"))
			found += again ? strtoul(again + 2, NULL, 10) : 1;
	}
	return found;
}

static void run_guarded(struct desk *desk, const struct roofs_task *task, int seconds)
{
	struct roofline_guard guard = {0};

	for (int i = 0; i < seconds; i++) {
		roofs_second(desk, task);
		desk_tick(desk);
		roofline_guard(&guard, desk->session);
	}
}

static void what_stays_above_its_roof_is_said_once(void **state)
{
	static const struct roofs_task above = {5,  "fast", 3400000000000,   -1, 1000000000,
						-1, -1,	    QUALITY_MEASURED};
	static const struct roofs_task below = {5,  "fair", 3150000000000,   -1, 1000000000,
						-1, -1,	    QUALITY_MEASURED};
	static const struct roofs_task other = {5,	    "half", -1, 2000000000000,
						1000000000, -1,	    -1, QUALITY_MEASURED};
	static const struct {
		const struct roofs_task *task;
		enum quality quality;
		int seconds;
		size_t notes;
	} cases[] = {
		{&above, QUALITY_MEASURED, 10, 1},
		{&above, QUALITY_MEASURED, 3,
		 0}, /* one reading has no rate, and two looks are too few */
		{&below, QUALITY_MEASURED, 10, 0},  /* 2 % are within what was allowed */
		{&above, QUALITY_ESTIMATED, 10, 0}, /* theory promises nothing */
		{&other, QUALITY_MEASURED, 10, 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct desk desk;

		desk_start(&desk);
		roofs_roof(&desk, "roof/all/fp32/avx512", true, 3100000000000, 0, cases[i].quality);
		roofs_roof(&desk, "roof/all/fp64/avx512", true, 1550000000000, 0, cases[i].quality);
		roofs_roof(&desk, "roof/all/read/dram", false, 255000000000, 0, cases[i].quality);
		run_guarded(&desk, cases[i].task, cases[i].seconds);
		assert_int_equal(count_notes(&desk), cases[i].notes);
		desk_end(&desk);
	}
}

static void given_bytes_say_nothing_against_the_roof_of_memory(void **state)
{
	struct roofline_guard guard = {0};
	struct desk desk;

	(void)state;
	desk_start(&desk);
	roofs_machine(&desk, QUALITY_MEASURED);
	for (int i = 0; i < 8; i++) {
		roofs_mark(&desk, 200000000000, 800000000000);
		roofline_guard(&guard, desk.session);
	}
	assert_int_equal(count_notes(&desk), 0);
	for (int i = 0; i < 8; i++) {
		roofs_mark(&desk, 4000000000000, 800000000000);
		roofline_guard(&guard, desk.session);
	}
	assert_int_equal(count_notes(&desk), 1);
	desk_end(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roofs_are_of_one_type_and_the_highest_comes_first),
		cmocka_unit_test(what_was_measured_goes_before_theory_and_keeps_its_quality),
		cmocka_unit_test(broken_keys_and_values_make_no_roof),
		cmocka_unit_test(more_roofs_than_have_room_leave_the_highest),
		cmocka_unit_test(the_limit_is_the_least_of_peak_and_traffic),
		cmocka_unit_test(
			the_precision_that_is_counted_chooses_the_roof_unless_it_was_asked_for),
		cmocka_unit_test(the_energy_roof_meets_both_calibrations),
		cmocka_unit_test(without_watts_there_is_no_energy_roof_and_a_reason),
		cmocka_unit_test(what_stays_above_its_roof_is_said_once),
		cmocka_unit_test(given_bytes_say_nothing_against_the_roof_of_memory),
	};

	return cmocka_run_group_tests_name("roofline", tests, NULL, NULL);
}
