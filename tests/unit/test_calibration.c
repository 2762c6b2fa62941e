/* SPDX-License-Identifier: Apache-2.0 */
/* One session with a sensor teaches the watts of a processor model; what was learnt is kept, and a bad file is refused. */
#include "commands/calibration.h"

#include "base/memory.h"
#include "base/text.h"
#include "tests/support/cmocka_all.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODEL "Made Up CPU 4000"

static char folder[64], session[96];

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test_calibration.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	text_print(session, sizeof(session), "%s/session.csv", folder);
	return setenv("XDG_CACHE_HOME", folder, 1);
}

static int remove_folder(void **state)
{
	char command[128];

	(void)state;
	text_print(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

/* Two packages of two CPUs each; every load from 0 to most is held for six seconds. */
struct recording {
	double most;
	const char *quality;
	bool hypervisor, named;
};

static void record(const struct recording *recording)
{
	FILE *file = fopen(session, "w");
	double energy_j = 0, busy_s = 0;

	assert_non_null(file);
	fprintf(file, "time_seconds,kind,id,parent,name,source,quality,energy_joules,busy_seconds,"
		      "frequency_hertz,frequency_max_hertz\n");
	fprintf(file, "0.0,meta,session_csv,,1,,,,,,\n");
	if (recording->named)
		fprintf(file, "0.0,meta,cpu_model,," MODEL ",,,,,,\n");
	if (recording->hypervisor)
		fprintf(file, "0.0,meta,hypervisor,,1,,,,,,\n");
	for (int i = 0; i <= 66; i++) {
		double load = recording->most * (i / 6) / 10;

		for (int p = 0; p < 2; p++)
			fprintf(file, "%d.0,package,package-%d,,package-%d,powercap:x,%s,%.6f,,,\n",
				i, p, p, recording->quality, energy_j);
		for (int c = 0; c < 4; c++)
			fprintf(file,
				"%d.0,cpu,cpu%d,package-%d,cpu%d,cpu,measured,,%.9f,"
				"2000000000,2000000000\n",
				i, c, c / 2, c, busy_s);
		fprintf(file, "%d.0,tick,%d,,,,,,,,\n", i, i + 1);
		energy_j += 20 + 60 * estimate_shape(load, 1);
		busy_s += load;
	}
	assert_int_equal(fclose(file), 0);
}

static const struct recording good = {1, "measured", false, true};

/* The root of a machine with such a processor. */
static void open_machine(struct sysroot *root, const char *model)
{
	char path[128];
	FILE *file;

	text_print(path, sizeof(path), "%s/proc", folder);
	mkdir(path, 0700);
	text_print(path, sizeof(path), "%s/proc/cpuinfo", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "processor\t: 0\nmodel name\t: %s\nmicrocode\t: 0x1\n", model);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(sysroot_open(root, folder), 0);
}

static void a_session_with_a_sensor_teaches_rest_and_full_load(void **state)
{
	struct calibration calibration;
	struct error err = {0};

	(void)state;
	record(&good);
	assert_int_equal(calibration_learn(session, &calibration, &err), 0);
	assert_string_equal(calibration.cpu_model, MODEL);
	/* Of one package. */
	assert_int_equal(calibration.estimate.cpus, 2);
	assert_true(fabs(calibration.estimate.idle_w - 20) < 1);
	assert_true(fabs(calibration.estimate.full_w - 80) < 1);
	for (int percent = 0; percent <= 100; percent += 10) {
		double truth_w = 20 + 60 * estimate_shape(percent / 100.0, 1);
		double watts = estimate_calibrated_w(&calibration.estimate, percent / 100.0, 1);

		assert_true(fabs(watts / truth_w - 1) < 0.05);
	}
}

static void what_was_learnt_is_found_by_the_processors_name(void **state)
{
	struct calibration calibration, kept;
	struct error err = {0};
	struct sysroot root;
	char path[256];

	(void)state;
	record(&good);
	open_machine(&root, MODEL);
	assert_int_equal(calibration_load(&root, &kept, &err), -ENOENT);
	assert_int_equal(calibration_learn(session, &calibration, &err), 0);
	assert_int_equal(calibration_save(&calibration, path, sizeof(path), &err), 0);
	assert_int_equal(calibration_load(&root, &kept, &err), 0);
	assert_int_equal(kept.estimate.cpus, 2);
	assert_int_equal(kept.estimate.count, calibration.estimate.count);
	assert_true(fabs(kept.estimate.full_w - calibration.estimate.full_w) < 1e-3);
	sysroot_close(&root);
	open_machine(&root, "Another CPU");
	assert_int_equal(calibration_load(&root, &kept, &err), -ENOENT);
	sysroot_close(&root);
}

static void a_session_that_teaches_nothing_is_refused_with_the_reason(void **state)
{
	static const struct {
		struct recording recording;
		int code;
		const char *words;
	} cases[] = {
		{{0.1, "measured", false, true}, -ERANGE, "differ too little"},
		{{1, "estimated", false, true}, -ENODATA, "no package had a sensor"},
		{{1, "measured", true, true}, -ENOTSUP, "virtual machine"},
		{{1, "measured", false, false}, -ENODATA, "does not name its processor"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct calibration calibration;
		struct error err = {0};

		record(&cases[i].recording);
		assert_int_equal(calibration_learn(session, &calibration, &err), cases[i].code);
		assert_non_null(strstr(err.text, cases[i].words));
	}

	struct calibration calibration;
	struct error err = {0};

	assert_true(calibration_learn("/nowhere/at/all.csv", &calibration, &err) < 0);
	assert_true(err.text[0]);
}

static void a_bad_row_makes_the_kept_one_useless(void **state)
{
	static const char *const rows[] = {
		"point,,1.5,,50\n", "point,,0.5,,0\n",	  "point,,0.5,,nan\n",
		"point,,,,50\n",    "point,,0.5,-1,50\n", "cpus,0,,,\n",
		"model,Other,,,\n", "point,,0.5\n",	  "\"point",
	};
	struct calibration calibration;
	struct error err = {0};
	struct sysroot root;
	char path[256];

	(void)state;
	record(&good);
	open_machine(&root, MODEL);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(calibration_learn(session, &calibration, &err), 0);
		assert_int_equal(calibration_save(&calibration, path, sizeof(path), &err), 0);

		FILE *file = fopen(path, "a");

		assert_non_null(file);
		fputs(rows[i], file);
		fclose(file);
		err.text[0] = '\0';
		assert_true(calibration_load(&root, &calibration, &err) < 0);
		assert_non_null(strstr(err.text, "jouletop calibrate"));
	}
	sysroot_close(&root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_session_with_a_sensor_teaches_rest_and_full_load,
						make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(what_was_learnt_is_found_by_the_processors_name,
						make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(
			a_session_that_teaches_nothing_is_refused_with_the_reason, make_folder,
			remove_folder),
		cmocka_unit_test_setup_teardown(a_bad_row_makes_the_kept_one_useless, make_folder,
						remove_folder),
	};

	return cmocka_run_group_tests_name("calibration", tests, NULL, NULL);
}
