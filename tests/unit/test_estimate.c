/* SPDX-License-Identifier: Apache-2.0 */
/* An estimate has a band, grows with load, and most recorded load runs lie in its band. */
#include "model/estimate.h"

#include "base/memory.h"
#include "base/text.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/load_runs.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct estimate_machine machine_of(const char *model, int cpus)
{
	return (struct estimate_machine){.cpu_model = model,
					 .row = estimate_tdp_find(model),
					 .cpus = cpus,
					 .memory_bytes = 16000000000,
					 .hypervisor = true};
}

static void more_load_is_more_power_within_a_band(void **state)
{
	(void)state;

	struct estimate_machine machine =
		machine_of("Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz", 8);
	int64_t last_uw = 0;

	for (int percent = 0; percent <= 100; percent++) {
		struct estimate_power power = estimate_power(&machine, percent / 100.0);

		assert_true(power.package_uw > last_uw);
		assert_true(power.package_low_uw < power.package_uw &&
			    power.package_uw < power.package_high_uw);
		last_uw = power.package_uw;
	}
	/* 8 of the 48 threads of a processor of 210 W, fully used. */
	assert_int_equal(last_uw, 26600000);
}

static void impossible_loads_are_cut(void **state)
{
	(void)state;

	struct estimate_machine machine = machine_of("", 4);
	struct estimate_power idle = estimate_power(&machine, 0),
			      full = estimate_power(&machine, 1);

	assert_int_equal(estimate_power(&machine, -1).package_uw, idle.package_uw);
	assert_int_equal(estimate_power(&machine, NAN).package_uw, idle.package_uw);
	assert_int_equal(estimate_power(&machine, 7).package_uw, full.package_uw);
	machine = machine_of("", -3);
	assert_int_equal(estimate_power(&machine, 1).package_uw, 0);
}

static void memory_counts_by_its_size(void **state)
{
	(void)state;

	struct estimate_machine machine = machine_of("", 4);

	assert_int_equal(estimate_power(&machine, 0.5).dram_uw, 6272000);
	machine.memory_bytes = -1;
	assert_int_equal(estimate_power(&machine, 0.5).dram_uw, 0);
}

static void the_table_is_found_by_the_models_text(void **state)
{
	(void)state;

	static const struct {
		const char *model, *family;
	} models[] = {
		{"Intel(R) Xeon(R) CPU E3-1240 V2 @ 3.40GHz", "Ivy Bridge"},
		{"Intel(R) Xeon(R) CPU E5-2686 v4 @ 2.30GHz", "E5-2686 v4"},
		{"Intel(R) Xeon(R) CPU E5-2670 0 @ 2.60GHz", "Sandy Bridge"},
		{"Intel(R) Xeon(R) Platinum 8175M CPU @ 2.50GHz", "Platinum 8175M"},
		{"Intel Xeon Processor (Cascadelake)", "Cascade Lake"},
		{"AMD EPYC 7571", "EPYC 7571"},
		{"AMD EPYC 7R32", "EPYC 7R32"},
		{"AMD EPYC 7742 64-Core Processor", "EPYC 7742"},
		{"AMD EPYC 9124 16-Core Processor", "average"},
		{"Neoverse-N1", "Graviton"},
		{"", "average"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(models); i++) {
		struct estimate_machine machine = machine_of(models[i].model, 2);
		char text[200], quoted[64];

		text_print(quoted, sizeof(quoted), "'%s'", models[i].family);
		estimate_describe(&machine, text, sizeof(text));
		if (!strstr(text, quoted))
			print_error("%s: %s\n", models[i].model, text);
		assert_non_null(strstr(text, quoted));
	}
}

static int read_runs(struct load_run *runs)
{
	int count = load_runs_read(runs);

	if (count == 0)
		skip();
	return count;
}

static void recorded_runs_lie_in_the_band_when_fitted_to_other_machines(void **state)
{
	struct load_run runs[LOAD_RUNS_MAX];
	int count = read_runs(runs), points = 0, inside = 0;

	(void)state;
	for (int i = 0; i < count; i++) {
		double idle, full;

		if (!runs[i].in_data)
			continue;
		load_runs_fit(runs, count, runs[i].cpu_model, &idle, &full);
		points += runs[i].count;
		inside += load_runs_inside(&runs[i], idle, full, true);
	}
	assert_int_equal(points, 38);
	assert_true(inside * 100 >= points * 85);
	assert_true(ESTIMATE_BAND * ESTIMATE_BAND < 5.0001);
}

static void calibrated_recorded_runs_lie_in_a_narrow_band(void **state)
{
	struct load_run runs[LOAD_RUNS_MAX];
	int count = read_runs(runs), points = 0, inside = 0;

	(void)state;
	for (int i = 0; i < count; i++) {
		if (!runs[i].in_data)
			continue;
		points += runs[i].count;
		inside += load_runs_inside_calibrated(runs, count, i, LOAD_RUNS_POINT_OUT);
	}
	assert_true(inside * 100 >= points * 90);
	assert_true(ESTIMATE_BAND_CALIBRATED * ESTIMATE_BAND_CALIBRATED < 2.0001);
}

static void recorded_first_rows_are_start_up_artefacts_and_left_out(void **state)
{
	struct load_run runs[LOAD_RUNS_MAX];
	int count = read_runs(runs), left_out = 0;

	(void)state;
	for (int i = 0; i < count; i++) {
		left_out += runs[i].left_out_w < 1;
		for (int p = 0; p < runs[i].count; p++)
			assert_true(runs[i].points[p].power_w >= 1);
	}
	assert_int_equal(left_out, 4);
}

static void the_constants_are_what_all_recorded_machines_fit(void **state)
{
	struct load_run runs[LOAD_RUNS_MAX];
	double idle, full;

	(void)state;
	load_runs_fit(runs, read_runs(runs), NULL, &idle, &full);
	assert_true(fabs(idle - ESTIMATE_IDLE_PART) < 1e-9);
	assert_true(fabs(full - ESTIMATE_FULL_PART) < 1e-9);
}

static void with_the_tdp_slower_is_less(void **state)
{
	struct estimate_machine machine = {.cpu_model = "", .cpus = 8, .tdp_w = 100};

	(void)state;
	assert_int_equal(estimate_power(&machine, 1).package_uw, 76000000);
	assert_int_equal(estimate_power(&machine, 0).package_uw, 8000000);
	machine.speed_ratio = 0.5;
	assert_int_equal(estimate_power(&machine, 1).package_uw, 42000000);
	machine.speed_ratio = 7;
	assert_int_equal(estimate_power(&machine, 1).package_uw, 76000000);
}

static void a_vm_has_its_part_of_the_processor(void **state)
{
	struct estimate_machine machine = machine_of("AMD EPYC 7R32", 96);
	int64_t whole_uw = estimate_power(&machine, 0.5).package_uw;

	(void)state;
	machine.cpus = 2;
	assert_true(llabs(estimate_power(&machine, 0.5).package_uw * 48 - whole_uw) < 48);
	/* On the metal it is the whole processor, however many CPUs are on line. */
	machine.hypervisor = false;
	assert_int_equal(estimate_power(&machine, 0.5).package_uw, whole_uw);
	/* A TDP that the user gave is that of the part. */
	machine = machine_of("AMD EPYC 7R32", 2);
	machine.tdp_w = 10;
	assert_int_equal(estimate_power(&machine, 1).package_uw, 7600000);
}

static void names_match_whole_words_only(void **state)
{
	(void)state;
	assert_true(estimate_matches("Intel(R) Xeon(R) CPU E3-1240 V2 @ 3.40GHz", "E3-12## v2"));
	assert_false(estimate_matches("12th Gen Intel(R) Core(TM) i7-12700", "i#-####"));
	assert_false(estimate_matches("AMD EPYC 77421", "EPYC 7742"));
	assert_false(estimate_matches("XE3-1240", "E3-####"));
	assert_true(estimate_matches("i7-8700K", "i#-####"));
	assert_false(estimate_matches("", "#"));
	assert_null(estimate_tdp_find(""));
	assert_null(estimate_tdp_find(NULL));
	assert_null(estimate_tdp_find("Neoverse-N1"));
}

static void a_calibration_needs_loads_that_differ(void **state)
{
	struct estimate_calibration calibration = {.count = 5, .cpus = 8};

	(void)state;
	for (int i = 0; i < 5; i++)
		calibration.points[i] = (struct estimate_point){0.01 * i, 1, 10};
	assert_int_equal(estimate_calibrate(&calibration), -ERANGE);
	calibration.points[4].load_ratio = 1;
	assert_int_equal(estimate_calibrate(&calibration), 0);
	calibration.points[4].power_w = 0;
	assert_int_equal(estimate_calibrate(&calibration), -ERANGE);
	calibration.points[4].power_w = (double)NAN;
	assert_int_equal(estimate_calibrate(&calibration), -ERANGE);
	calibration.count = 3;
	assert_int_equal(estimate_calibrate(&calibration), -ERANGE);
	calibration.count = ESTIMATE_POINTS_MAX + 1;
	assert_int_equal(estimate_calibrate(&calibration), -ERANGE);
}

static void calibrated_the_estimate_is_what_was_measured(void **state)
{
	struct estimate_calibration calibration = {.cpus = 16};
	struct estimate_machine machine = machine_of("anything", 4);
	char text[200];

	(void)state;
	for (int i = 0; i <= 10; i++)
		calibration.points[calibration.count++] =
			(struct estimate_point){i / 10.0, 1, 20 + 60 * estimate_shape(i / 10.0, 1)};
	assert_int_equal(estimate_calibrate(&calibration), 0);
	assert_true(fabs(calibration.idle_w - 20) < 1e-9);
	assert_true(fabs(calibration.full_w - 80) < 1e-9);
	machine.calibration = &calibration;
	/* A quarter of the processor, at 30 % load: (20 + 60 x 0.51) / 4. */
	assert_true(llabs(estimate_power(&machine, 0.3).package_uw - 12650000) < 1000);
	assert_true(llabs(estimate_power(&machine, 0.3).package_high_uw -
			  2 * estimate_power(&machine, 0.3).package_low_uw) < 10);
	estimate_describe(&machine, text, sizeof(text));
	assert_non_null(strstr(text, "calibrated on this model: 20-80 W"));
	assert_non_null(strstr(text, "4 of 16 threads"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_load_is_more_power_within_a_band),
		cmocka_unit_test(impossible_loads_are_cut),
		cmocka_unit_test(memory_counts_by_its_size),
		cmocka_unit_test(the_table_is_found_by_the_models_text),
		cmocka_unit_test(recorded_runs_lie_in_the_band_when_fitted_to_other_machines),
		cmocka_unit_test(calibrated_recorded_runs_lie_in_a_narrow_band),
		cmocka_unit_test(recorded_first_rows_are_start_up_artefacts_and_left_out),
		cmocka_unit_test(the_constants_are_what_all_recorded_machines_fit),
		cmocka_unit_test(with_the_tdp_slower_is_less),
		cmocka_unit_test(a_vm_has_its_part_of_the_processor),
		cmocka_unit_test(names_match_whole_words_only),
		cmocka_unit_test(a_calibration_needs_loads_that_differ),
		cmocka_unit_test(calibrated_the_estimate_is_what_was_measured),
	};

	return cmocka_run_group_tests_name("estimate", tests, NULL, NULL);
}
