/* SPDX-License-Identifier: Apache-2.0 */
/* Roofs by the kind of processor: what is known is multiplied, what is not known is not said. */
#include "model/theory.h"

#include "commands/roofs.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct theory_machine sapphire = {
	.vendor = "GenuineIntel",
	.family = 6,
	.model = 0x8f,
	.flags = "fpu fma avx2 avx512f avx512_fp16 amx_bf16 amx_int8",
	.cores = 56,
	.frequency_hz = 3.8e9,
};

static double find(const struct theory_machine *machine, const char *key)
{
	struct theory_roof roofs[THEORY_ROOFS_MAX];
	size_t count = theory_roofs(machine, roofs, THEORY_ROOFS_MAX);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(roofs[i].key, key) == 0)
			return roofs[i].flop_per_s;
	}
	return 0;
}

static void operations_are_cores_times_units_times_frequency(void **state)
{
	(void)state;
	desk_near(find(&sapphire, "roof/1/fp32/avx2"), 32 * 3.8e9);
	desk_near(find(&sapphire, "roof/1/fp64/avx512"), 32 * 3.8e9);
	desk_near(find(&sapphire, "roof/all/fp32/avx512"), 56 * 64 * 3.8e9);
	desk_near(find(&sapphire, "roof/1/fp16/avx512"), 128 * 3.8e9);
	desk_near(find(&sapphire, "roof/1/bf16/amx"), 1024 * 3.8e9);
	desk_near(find(&sapphire, "roof/all/int8/amx"), 56 * 2048 * 3.8e9);
}

static void what_the_flags_lack_is_not_said(void **state)
{
	struct theory_machine machine = sapphire;

	(void)state;
	machine.flags = "fpu fma avx2 avx512fake xamx_bf16";
	assert_true(find(&machine, "roof/1/fp32/avx2") > 0);
	assert_true(find(&machine, "roof/1/fp32/avx512") == 0);
	assert_true(find(&machine, "roof/1/bf16/amx") == 0);
}

static void an_unknown_kind_or_frequency_gives_nothing(void **state)
{
	struct theory_machine machine = sapphire;
	struct theory_roof roofs[THEORY_ROOFS_MAX];

	(void)state;
	machine.model = 0xff;
	assert_int_equal(theory_roofs(&machine, roofs, THEORY_ROOFS_MAX), 0);
	machine = sapphire;
	machine.frequency_hz = 0;
	assert_int_equal(theory_roofs(&machine, roofs, THEORY_ROOFS_MAX), 0);
	machine = sapphire;
	machine.vendor = "";
	assert_int_equal(theory_roofs(&machine, roofs, THEORY_ROOFS_MAX), 0);
}

static void of_all_cores_of_a_hybrid_nothing_is_said(void **state)
{
	struct theory_machine machine = sapphire;

	(void)state;
	machine.model = 0x97;
	assert_true(find(&machine, "roof/1/fp32/avx2") > 0);
	assert_true(find(&machine, "roof/all/fp32/avx2") == 0);
}

static void nominal_frequency_is_named(void **state)
{
	struct theory_machine machine = sapphire;
	struct theory_roof roofs[THEORY_ROOFS_MAX];

	(void)state;
	machine.nominal = true;
	machine.frequency_hz = 2.3e9;
	assert_true(theory_roofs(&machine, roofs, THEORY_ROOFS_MAX) > 0);
	assert_string_equal(roofs[0].name, "AVX2 FMA fp64, 1 core at 2.30 GHz nominal");
	assert_int_equal(theory_roofs(&machine, roofs, 3), 3);
}

static void keep_file(const char *root, const char *path, const char *text)
{
	char name[256];
	FILE *file;

	snprintf(name, sizeof(name), "%s/%s", root, path);
	for (char *slash = strchr(name + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(name, 0700);
		*slash = '/';
	}
	file = fopen(name, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static const struct roof *roof_of(const struct roofs *roofs, const char *key)
{
	for (size_t i = 0; i < roofs->count; i++) {
		if (strcmp(roofs->roofs[i].key, key) == 0)
			return &roofs->roofs[i];
	}
	fail_msg("no %s", key);
	return NULL;
}

/* Two cores of two threads each; the second may run faster. */
static void a_machines_files_tell_its_kind_cores_and_highest_frequency(void **state)
{
	static const char cpuinfo[] =
		"processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 17\n"
		"model name\t: AMD EPYC 9354\ncpu MHz\t\t: 1500.000\nflags\t\t: fma avx2 avx512f\n";
	char path[] = "/tmp/test_theory.XXXXXX", command[64];
	struct roofs *roofs = calloc(1, sizeof(*roofs));
	struct sysroot root;

	(void)state;
	assert_non_null(roofs);
	assert_non_null(mkdtemp(path));
	keep_file(path, "proc/cpuinfo", cpuinfo);
	for (int cpu = 0; cpu < 4; cpu++) {
		char name[128], text[16];

		snprintf(name, sizeof(name),
			 "sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
		snprintf(text, sizeof(text), "%d,%d\n", cpu % 2, cpu % 2 + 2);
		keep_file(path, name, text);
	}
	assert_int_equal(sysroot_open(&root, path), 0);
	roofs_from_theory(&root, roofs);
	assert_int_equal(roof_of(roofs, "roof/1/fp32/avx512")->per_s, 32 * 1500000000ll);
	assert_non_null(strstr(roofs->roofs[0].name, "nominal"));
	keep_file(path, "sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", "3700000\n");
	keep_file(path, "sys/devices/system/cpu/cpu1/cpufreq/cpuinfo_max_freq", "3800000\n");
	roofs_from_theory(&root, roofs);
	assert_int_equal(roof_of(roofs, "roof/all/fp64/avx2")->per_s, 2 * 16 * 3800000000ll);
	assert_null(strstr(roofs->roofs[0].name, "nominal"));
	assert_true(roofs->theory);
	sysroot_close(&root);
	snprintf(command, sizeof(command), "rm -rf '%s'", path);
	assert_int_equal(system(command), 0);
	free(roofs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operations_are_cores_times_units_times_frequency),
		cmocka_unit_test(what_the_flags_lack_is_not_said),
		cmocka_unit_test(an_unknown_kind_or_frequency_gives_nothing),
		cmocka_unit_test(of_all_cores_of_a_hybrid_nothing_is_said),
		cmocka_unit_test(nominal_frequency_is_named),
		cmocka_unit_test(a_machines_files_tell_its_kind_cores_and_highest_frequency),
	};

	return cmocka_run_group_tests_name("theory", tests, NULL, NULL);
}
