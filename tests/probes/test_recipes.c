/* SPDX-License-Identifier: Apache-2.0 */
/* The recipes: their numbers are those of libpfm4 where it has names for them, and each processor gets its own. */
#include "probes/counters/recipes.h"

#include "base/memory.h"
#include "base/text.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/machine.h"

#include <perfmon/pfmlib_perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has_table(const char *name)
{
	for (int i = 0; i < PFM_PMU_MAX; i++) {
		pfm_pmu_info_t info = {.size = sizeof(info)};

		if (pfm_get_pmu_info((pfm_pmu_t)i, &info) == PFM_SUCCESS &&
		    strcmp(info.name, name) == 0)
			return true;
	}
	return false;
}

/* Returns how many numbers were compared. */
static size_t prove(const struct recipe *recipe)
{
	size_t proven = 0;

	for (size_t i = 0; recipe && i < recipe->event_count; i++) {
		const struct recipe_event *event = &recipe->events[i];
		struct perf_event_attr attr = {.size = sizeof(attr)};
		pfm_perf_encode_arg_t argument = {.attr = &attr, .size = sizeof(argument)};
		char name[192];

		if (!recipe->table || !event->spelling || !has_table(recipe->table))
			continue;
		text_print(name, sizeof(name), "%s::%s", recipe->table, event->spelling);
		if (pfm_get_os_event_encoding(name, PFM_PLM0 | PFM_PLM3, PFM_OS_PERF_EVENT_EXT,
					      &argument) != PFM_SUCCESS)
			fail_msg("libpfm4 does not know %s", name);
		if (attr.config != event->config)
			fail_msg("%s is %#llx, not %#llx", name, (unsigned long long)attr.config,
				 (unsigned long long)event->config);
		proven++;
	}
	return proven;
}

static void each_number_is_what_libpfm4_makes_of_the_name(void **state)
{
	size_t proven = 0;

	(void)state;
	if (!has_table("skx"))
		skip(); /* libpfm4 of another architecture */
	for (size_t i = 0; i < recipe_models_intel_count; i++)
		proven += prove(recipe_models_intel[i].core);
	for (size_t i = 0; i < recipe_models_amd_count; i++)
		proven += prove(recipe_models_amd[i].core);
	assert_true(proven >= 60);
}

/* Where libpfm4 has no table, the same events in another recipe are proven, or the list is here: from the vendors' files. */
static void numbers_without_a_name_are_those_of_the_vendor(void **state)
{
	static const uint32_t arithmetic[] = {0xc7, 0xcf};
	static const uint64_t listed[] = {0x01c8, 0x02c8, 0x6f03,    0x4f03, 0x2f03, 0xaf03,
					  0x8f03, 0x80c0, 0x80c1,    0x80c2, 0x80c3, 0x80c4,
					  0x80c5, 0x80c6, 0x80c7,    0x4005, 0x02b7, 0x0f03,
					  0xf003, 0x1003, 0x060006a3};
	const struct recipe_model *const lists[] = {recipe_models_intel, recipe_models_amd,
						    recipe_models_arm};
	const size_t counts[] = {recipe_models_intel_count, recipe_models_amd_count,
				 recipe_models_arm_count};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		for (size_t k = 0; k < counts[i]; k++) {
			const struct recipe *recipe = lists[i][k].core;

			for (size_t e = 0; e < recipe->event_count; e++) {
				uint64_t config = recipe->events[e].config;
				bool known = false;

				for (size_t n = 0; n < ARRAY_SIZE(listed); n++)
					known |= config == listed[n];
				for (size_t n = 0; n < ARRAY_SIZE(arithmetic); n++)
					known |= (config & 0xff) == arithmetic[n] &&
						 config >> 16 == 0;
				assert_true(known);
			}
		}
	}
}

/* FP_ARITH_INST_RETIRED: the umask's bits are scalar, 128, 256, 512 bits wide, double and single in turn. */
static void intel_counts_are_multiplied_by_the_lanes_of_their_width(void **state)
{
	size_t seen = 0;

	(void)state;
	for (size_t i = 0; i < recipe_models_intel_count; i++) {
		const struct recipe *recipe = recipe_models_intel[i].core;

		for (size_t k = 0; k < recipe->event_count; k++) {
			const struct recipe_event *event = &recipe->events[k];
			unsigned int bit = 0;

			if ((event->config & 0xff) != 0xc7)
				continue;
			while (!(event->config >> (8 + bit) & 1))
				bit++;

			bool is_single = bit % 2;
			unsigned int bytes = bit < 2 ? (is_single ? 4 : 8) : 8U << (bit / 2);

			assert_int_equal(event->metric,
					 is_single ? METRIC_FLOP_FP32 : METRIC_FLOP_FP64);
			assert_int_equal(event->times, bytes / (is_single ? 4 : 8));
			assert_int_equal(event->use, bit < 2 ? RECIPE_SCALAR : RECIPE_VECTOR);
			seen++;
		}
	}
	assert_true(seen > 100);
}

static const struct recipe_model *find(const char *cpuinfo, char *who, size_t size)
{
	struct sysroot root;
	char directory[256];

	machine_make_directory(directory, sizeof(directory));
	machine_write(directory, "proc/cpuinfo", cpuinfo);
	assert_int_equal(sysroot_open(&root, directory), 0);

	const struct recipe_model *model = recipe_find(&root, who, size);

	sysroot_close(&root);
	machine_remove_directory(directory);
	return model;
}

static void expect(const char *vendor, int family, int number, const char *core, const char *atom)
{
	char text[256], who[64];

	text_print(text, sizeof(text),
		   "processor\t: 0\nvendor_id\t: %s\ncpu family\t: %d\nmodel\t\t: %d\n"
		   "model name\t: Some CPU\nstepping\t: 1\n",
		   vendor, family, number);

	const struct recipe_model *model = find(text, who, sizeof(who));

	assert_string_equal(who, "Some CPU");
	if (!core) {
		assert_null(model);
		return;
	}
	assert_non_null(model);
	assert_string_equal(model->core->name, core);
	assert_true((atom == NULL) == (model->atom == NULL));
	if (atom)
		assert_string_equal(model->atom->name, atom);
}

static void trap_6_processors_without_a_table_have_a_recipe_all_the_same(void **state)
{
	(void)state;
	expect("GenuineIntel", 6, 63, "Haswell", NULL);
	expect("GenuineIntel", 6, 85, "Skylake server", NULL);
	expect("GenuineIntel", 6, 106, "Ice Lake server", NULL);
	expect("GenuineIntel", 6, 143, "Sapphire Rapids", NULL);
	expect("GenuineIntel", 6, 207, "Emerald or Granite Rapids", NULL);
	expect("GenuineIntel", 6, 173, "Emerald or Granite Rapids", NULL);
	expect("GenuineIntel", 6, 151, "performance core", "Gracemont");
	expect("GenuineIntel", 6, 170, "performance core", "efficient core");
	expect("GenuineIntel", 6, 189, "performance core", "efficient core");
	expect("GenuineIntel", 6, 190, "Gracemont", NULL);
	expect("GenuineIntel", 6, 175, "efficient core", NULL);
	expect("GenuineIntel", 6, 15, NULL, NULL);
	expect("AuthenticAMD", 0x17, 0x01, "Zen", NULL);
	expect("AuthenticAMD", 0x17, 0x31, "Zen 2", NULL);
	expect("AuthenticAMD", 0x19, 0x01, "Zen 3", NULL);
	expect("AuthenticAMD", 0x19, 0x11, "Zen 4", NULL);
	expect("AuthenticAMD", 0x19, 0x61, "Zen 4", NULL);
	expect("AuthenticAMD", 0x19, 0x74, "Zen 4", NULL);
	expect("AuthenticAMD", 0x19, 0xa0, "Zen 4", NULL);
	expect("AuthenticAMD", 0x19, 0x50, "Zen 3", NULL);
	expect("AuthenticAMD", 0x1a, 0x02, "Zen 5", NULL);
	expect("AuthenticAMD", 0x15, 0x02, NULL, NULL);
}

static void arm_is_known_by_its_part(void **state)
{
	static const struct {
		const char *implementer, *part, *name;
	} parts[] = {
		{"0x41", "0xd0c", "Neoverse N1"},
		{"0x41", "0xd40", "Neoverse V1"},
		{"0x41", "0xd4f", "Neoverse N2, V2, N3 or V3"},
		{"0x41", "0xd84", "Neoverse N2, V2, N3 or V3"},
		{"0x46", "0x001", "A64FX"},
	};
	char text[256], who[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		text_print(text, sizeof(text),
			   "processor\t: 0\nBogoMIPS\t: 2000.00\nCPU implementer\t: %s\n"
			   "CPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: %s\n",
			   parts[i].implementer, parts[i].part);

		const struct recipe_model *model = find(text, who, sizeof(who));

		assert_non_null(model);
		assert_string_equal(model->core->name, parts[i].name);
	}
	assert_null(find("processor: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd03\n", who,
			 sizeof(who)));
	assert_string_equal(who, "part 0xd03");
}

static void what_cannot_be_counted_is_named(void **state)
{
	char who[64];
	const struct recipe_model *model;

	(void)state;
	model = find("vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 143\n", who,
		     sizeof(who));
	assert_string_equal(model->core->missing, "AMX not countable");
	model = find("vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 154\n", who,
		     sizeof(who));
	assert_int_equal(model->atom->event_count, 0);
	assert_non_null(strstr(model->atom->missing, "Gracemont"));
	for (size_t i = 0; i < recipe_models_intel_count; i++)
		assert_true(recipe_models_intel[i].core->event_count > 0 ||
			    *recipe_models_intel[i].core->missing);
}

static void nonsense_in_cpuinfo_is_no_processor(void **state)
{
	static const char *const texts[] = {
		"",
		"\n\n\n",
		"vendor_id",
		"vendor_id\t:",
		"vendor_id\t: GenuineIntel",
		"vendor_id\t: GenuineIntel\nmodel\t\t: -1\ncpu family\t: 6\n",
		"vendor_id\t: GenuineIntel\nmodel\t\t: 99999999999999999999\ncpu family\t: 6\n"};
	char who[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_null(find(texts[i], who, sizeof(who)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_number_is_what_libpfm4_makes_of_the_name),
		cmocka_unit_test(numbers_without_a_name_are_those_of_the_vendor),
		cmocka_unit_test(intel_counts_are_multiplied_by_the_lanes_of_their_width),
		cmocka_unit_test(trap_6_processors_without_a_table_have_a_recipe_all_the_same),
		cmocka_unit_test(arm_is_known_by_its_part),
		cmocka_unit_test(what_cannot_be_counted_is_named),
		cmocka_unit_test(nonsense_in_cpuinfo_is_no_processor),
	};

	setenv("LIBPFM_ENCODE_INACTIVE", "1", 1);
	if (pfm_initialize() != PFM_SUCCESS)
		return 77;
	return cmocka_run_group_tests_name("recipes", tests, NULL, NULL);
}
