/* SPDX-License-Identifier: Apache-2.0 */
/* Kept ceilings come back as they were and become domains of the session; what is broken or another machine's is refused. */
#include "commands/roofs.h"

#include "commands/limits.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/desk.h"
#include "tests/support/patched.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct shelf {
	char cache[64], path[1024];
	struct sysroot root;
	struct roofs kept, loaded;
	struct error err;
};

static int set_up(void **state)
{
	struct shelf *shelf = calloc(1, sizeof(*shelf));
	struct limits limits;

	if (!shelf)
		return -1;
	*state = shelf;
	strcpy(shelf->cache, "/tmp/test_roofs.XXXXXX");
	if (!mkdtemp(shelf->cache) || sysroot_open(&shelf->root, NULL) < 0)
		return -1;
	shelf->kept = (struct roofs){
		.count = 3,
		.rows = 3,
		.cores = 2,
		.measured_s = (int64_t)time(NULL),
		.roofs = {{"roof/1/fp32/avx512", "AVX-512 FMA fp32, 1 core", METRIC_ROOF_FLOP_PER_S,
			   174889070000, 41250000},
			  {"roof/all/fp32/avx512", "AVX-512 FMA fp32, 2 cores",
			   METRIC_ROOF_FLOP_PER_S, 349000000001, 0},
			  {"roof/all/read/dram", "DRAM read, 2 cores", METRIC_ROOF_BYTES_PER_S,
			   21780000000, 0}},
	};
	limits_read(&shelf->root, &limits);
	shelf->kept.cpu_limit_ppm = llround(limits.cpus * 1e6);
	return setenv("XDG_CACHE_HOME", shelf->cache, 1);
}

static int tear_down(void **state)
{
	struct shelf *shelf = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", shelf->cache);
	sysroot_close(&shelf->root);
	free(shelf);
	return system(command);
}

static void keep(struct shelf *shelf)
{
	assert_int_equal(roofs_save(&shelf->root, &shelf->kept, shelf->path, sizeof(shelf->path),
				    &shelf->err),
			 0);
}

static int load(struct shelf *shelf)
{
	shelf->err = (struct error){0};
	return roofs_load(&shelf->root, &shelf->loaded, &shelf->err);
}

static void what_was_kept_comes_back_exactly(void **state)
{
	struct shelf *shelf = *state;
	struct stat status;

	assert_int_equal(load(shelf), -ENOENT);
	assert_string_equal(shelf->err.text, "");
	keep(shelf);
	assert_int_equal(load(shelf), 0);
	assert_int_equal(shelf->loaded.count, 3);
	assert_memory_equal(&shelf->loaded, &shelf->kept, sizeof(shelf->kept));
	assert_int_equal(stat(shelf->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void another_machines_is_refused(void **state)
{
	struct shelf *shelf = *state;

	keep(shelf);
	patched_replace(shelf->path, "meta,key,,", "meta,key,,other-");
	assert_int_equal(load(shelf), -EXDEV);
	assert_non_null(strstr(shelf->err.text, "another machine's"));
	assert_int_equal(shelf->loaded.count, 0);
}

static void another_cpu_limit_is_refused(void **state)
{
	struct shelf *shelf = *state;

	shelf->kept.cpu_limit_ppm = 123456;
	keep(shelf);
	assert_int_equal(load(shelf), -ESTALE);
	assert_non_null(strstr(shelf->err.text, "CPU limit"));
	assert_int_equal(shelf->loaded.count, 0);
}

static void a_bad_or_impossible_row_spoils_the_whole(void **state)
{
	static const struct {
		const char *old, *fresh;
	} cases[] = {
		{"174889070000", "nan"},
		{"174889070000", "-5"},
		{"174889070000", "12"},
		{"174889070000", "9999999999999999999"},
		{"174889070000", "2000000000000000000"},
		{",174889070000,", ",,"},
		{",174889070000,", ",174889070000,5000000000"},
		{"21780000000", "1e10"},
		{"41.250000", "-41.25"},
		{"41.250000", "0.000000"},
		{"roof/1/fp32", "roof/3/fp32"},
		{"roof/1/fp32/avx512", "roof/1/fp32"},
		{"roof/1/fp32/avx512", "roof/1/fp32/avx512/x"},
		{"roof/1/fp32/avx512", "roof/all/fp32/avx512"},
		{"0.000000000,roof", "0.000000000,thread"},
		{"ceilings,measured", "ceilings,estimated"},
		{"ceilings,measured", "theory,measured"},
		{"ceilings_cores,,2", "ceilings_cores,,0"},
		{"ceilings_cores,,2", "ceilings_cores,,x"},
		{"meta,key,", "meta,lock,"},
		{"AVX-512 FMA", "\"AVX-512 FMA"},
	};
	struct shelf *shelf = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		keep(shelf);
		patched_replace(shelf->path, cases[i].old, cases[i].fresh);
		if (load(shelf) != -EINVAL)
			fail_msg("%s for %s was taken", cases[i].fresh, cases[i].old);
		assert_non_null(strstr(shelf->err.text, "jouletop ceilings"));
		assert_int_equal(shelf->loaded.count, 0);
	}
}

static void a_file_cut_anywhere_is_refused(void **state)
{
	struct shelf *shelf = *state;
	struct stat status;

	keep(shelf);
	assert_int_equal(stat(shelf->path, &status), 0);
	for (off_t length = status.st_size - 1; length >= 0; length--) {
		assert_int_equal(truncate(shelf->path, length), 0);
		assert_int_equal(load(shelf), -EINVAL);
		assert_int_equal(shelf->loaded.count, 0);
	}
}

static void a_recorded_machine_has_none(void **state)
{
	struct shelf *shelf = *state;

	keep(shelf);
	shelf->root.recorded = true;
	assert_int_equal(load(shelf), -ENOENT);
}

static void they_become_domains_of_the_session(void **state)
{
	struct shelf *shelf = *state;
	struct desk desk;
	const struct series *series;
	struct domain *const *roofs;
	size_t count;

	desk_start(&desk);
	desk_tick(&desk);
	roofs_tell(&shelf->kept, desk.session);
	roofs = session_kind(desk.session, DOMAIN_ROOF, &count);
	assert_int_equal(count, 3);
	assert_string_equal(roofs[0]->name, "AVX-512 FMA fp32, 1 core");
	series = domain_series(roofs[0], METRIC_ROOF_FLOP_PER_S);
	assert_non_null(series);
	assert_string_equal(series->source, "ceilings");
	assert_int_equal(series->quality, QUALITY_MEASURED);
	assert_int_equal(series_cell(series, METRIC_ROOF_FLOP_PER_S)->value, 174889070000);
	assert_int_equal(series_cell(series, METRIC_SENSOR_POWER_UW)->value, 41250000);
	assert_null(series_cell(roofs[1]->series, METRIC_SENSOR_POWER_UW));
	assert_int_equal(series_cell(roofs[2]->series, METRIC_ROOF_BYTES_PER_S)->value,
			 21780000000);
	assert_string_equal(session_meta_get(desk.session, "ceilings_cores"), "2");
	desk_end(&desk);
}

static void theoretical_ones_are_estimated(void **state)
{
	struct shelf *shelf = *state;
	struct desk desk;
	const struct series *series;

	desk_start(&desk);
	desk_tick(&desk);
	shelf->kept.theory = true;
	roofs_tell(&shelf->kept, desk.session);
	series = session_find(desk.session, "roof/1/fp32/avx512")->series;
	assert_string_equal(series->source, "theory");
	assert_int_equal(series->quality, QUALITY_ESTIMATED);
	assert_null(session_meta_get(desk.session, "ceilings_cores"));
	desk_end(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_kept_comes_back_exactly, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(another_machines_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_cpu_limit_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_bad_or_impossible_row_spoils_the_whole, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_file_cut_anywhere_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_recorded_machine_has_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(they_become_domains_of_the_session, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(theoretical_ones_are_estimated, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("roofs", tests, NULL, NULL);
}
