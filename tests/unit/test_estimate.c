/* SPDX-License-Identifier: Apache-2.0 */
/* An estimate has a band, grows with load, and most recorded load runs lie in its band. */
#include "model/estimate.h"

#include "base/memory.h"
#include "base/text.h"
#include "tests/support/cmocka_all.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct estimate_machine machine_of(const char *model, int cpus)
{
	return (struct estimate_machine){
		.cpu_model = model, .cpus = cpus, .memory_bytes = 16000000000, .hypervisor = true};
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
	/* 8 vCPUs of Cascade Lake, fully used: 8 x 3.97 W */
	assert_int_equal(last_uw, 31760000);
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
		{"Intel(R) Xeon(R) CPU E5-2686 v4 @ 2.30GHz", "Broadwell"},
		{"Intel(R) Xeon(R) CPU E5-2670 0 @ 2.60GHz", "Sandy Bridge"},
		{"Intel(R) Xeon(R) Platinum 8175M CPU @ 2.50GHz", "Sky Lake"},
		{"Intel Xeon Processor (Cascadelake)", "Cascade Lake"},
		{"AMD EPYC 7571", "EPYC 1st Gen"},
		{"AMD EPYC 7R32", "EPYC 2nd Gen"},
		{"AMD EPYC 7742 64-Core Processor", "EPYC 2nd Gen"},
		{"AMD EPYC 9654 96-Core Processor", "average"},
		{"Neoverse-N1", "Graviton"},
		{"", "average"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(models); i++) {
		struct estimate_machine machine = machine_of(models[i].model, 2);
		char text[160], quoted[64];

		text_print(quoted, sizeof(quoted), "'%s'", models[i].family);
		estimate_describe(&machine, text, sizeof(text));
		if (!strstr(text, quoted))
			print_error("%s: %s\n", models[i].model, text);
		assert_non_null(strstr(text, quoted));
	}
}

/* Counts the points of one recorded run that lie in the band; the first row of each is a start-up artefact. */
static void count_points(const char *path, bool with_tdp, int *points, int *inside)
{
	FILE *file = fopen(path, "r");
	char line[1024];

	assert_non_null(file);
	for (int row = 0; fgets(line, sizeof(line), file); row++) {
		char *field = line, *fields[16];
		int count = 0;

		for (; count < 16 && field; count++)
			fields[count] = strsep(&field, ",");
		if (row < 2 || count < 10)
			continue;

		struct estimate_machine machine =
			machine_of(fields[2], strstr(fields[2], "EPYC") ? 16 : 8);
		bool is_epyc = strstr(fields[2], "EPYC") != NULL;

		machine.tdp_w = with_tdp ? (is_epyc ? 90 : 69) : 0;
		machine.speed_ratio = atof(fields[7]) / (is_epyc ? 3000 : 3700);

		struct estimate_power power = estimate_power(&machine, atof(fields[5]) / 100);
		double watts = atof(fields[8]);

		++*points;
		*inside += watts * 1e6 >= (double)power.package_low_uw &&
			   watts * 1e6 <= (double)power.package_high_uw;
	}
	fclose(file);
}

static void count_runs(bool with_tdp, int *points, int *inside)
{
	const char *data = getenv("JOULETOP_DATA");
	char path[1024];

	text_print(path, sizeof(path), "%s/facts/codecarbon/cpu_load_vs_rapl", data ? data : "");

	DIR *directory = data ? opendir(path) : NULL;

	if (!directory)
		skip();
	for (struct dirent *entry; (entry = readdir(directory));) {
		char file[2048];

		text_print(file, sizeof(file), "%s/%s", path, entry->d_name);
		if (strstr(entry->d_name, ".csv"))
			count_points(file, with_tdp, points, inside);
	}
	closedir(directory);
	assert_true(*points > 30);
}

static void most_recorded_load_runs_lie_in_the_band(void **state)
{
	int points = 0, inside = 0;

	(void)state;
	count_runs(false, &points, &inside);
	assert_true(inside * 100 >= points * 80);
}

static void with_the_tdp_nearly_all_do(void **state)
{
	int points = 0, inside = 0;

	(void)state;
	count_runs(true, &points, &inside);
	assert_true(inside * 100 >= points * 95);
}

static void with_the_tdp_slower_is_less(void **state)
{
	struct estimate_machine machine = {.cpu_model = "", .cpus = 8, .tdp_w = 100};

	(void)state;
	assert_int_equal(estimate_power(&machine, 1).package_uw, 60000000);
	assert_int_equal(estimate_power(&machine, 0).package_uw, 5000000);
	machine.speed_ratio = 0.5;
	assert_int_equal(estimate_power(&machine, 1).package_uw, 32500000);
	machine.speed_ratio = 7;
	assert_int_equal(estimate_power(&machine, 1).package_uw, 60000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_load_is_more_power_within_a_band),
		cmocka_unit_test(impossible_loads_are_cut),
		cmocka_unit_test(memory_counts_by_its_size),
		cmocka_unit_test(the_table_is_found_by_the_models_text),
		cmocka_unit_test(most_recorded_load_runs_lie_in_the_band),
		cmocka_unit_test(with_the_tdp_nearly_all_do),
		cmocka_unit_test(with_the_tdp_slower_is_less),
	};

	return cmocka_run_group_tests_name("estimate", tests, NULL, NULL);
}
