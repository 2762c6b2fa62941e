/* SPDX-License-Identifier: Apache-2.0 */
/* The kept idle power comes back as it was, with its age; one that is bad or another machine's is refused. */
#include "commands/baseline.h"

#include "base/clock.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/patched.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char cache[64];

static int make_cache(void **state)
{
	(void)state;
	strcpy(cache, "/tmp/test_baseline.XXXXXX");
	if (!mkdtemp(cache))
		return -1;
	return setenv("XDG_CACHE_HOME", cache, 1);
}

static int remove_cache(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", cache);
	return system(command);
}

static struct baseline example(int64_t age_s)
{
	struct baseline baseline = {
		.count = 3,
		.time_ns = 10 * CLOCK_NS_PER_S,
		.measured_s = (int64_t)time(NULL) - age_s,
		.idles = {{"package-0", 62.125}, {"package-1", 58.5}, {"dram-0", 7.000001}},
	};

	return baseline;
}

static void keep(const struct sysroot *root, int64_t age_s, char *path, size_t size)
{
	struct baseline baseline = example(age_s);
	struct error err = {0};

	assert_int_equal(baseline_save(root, &baseline, path, size, &err), 0);
}

static void what_was_kept_comes_back_per_device_with_its_age(void **state)
{
	struct baseline loaded;
	struct sysroot root;
	struct error err = {0};
	struct stat status;
	char path[1024];

	(void)state;
	assert_int_equal(sysroot_open(&root, NULL), 0);
	assert_int_equal(baseline_load(&root, &loaded, &err), -ENOENT);
	assert_string_equal(err.text, "");
	keep(&root, 2 * 86400 + 5, path, sizeof(path));
	assert_int_equal(baseline_load(&root, &loaded, &err), 0);
	assert_int_equal(loaded.count, 3);
	assert_string_equal(loaded.idles[1].domain, "package-1");
	assert_true(fabs(loaded.idles[1].power_w - 58.5) < 1e-9);
	assert_true(fabs(loaded.idles[2].power_w - 7.000001) < 1e-9);
	assert_string_equal(loaded.named, "10 s, 2 d");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	keep(&root, 125, path, sizeof(path));
	assert_int_equal(baseline_load(&root, &loaded, &err), 0);
	assert_string_equal(loaded.named, "10 s, 2 min");
	sysroot_close(&root);
}

static void another_machines_is_refused(void **state)
{
	struct baseline loaded;
	struct sysroot root;
	struct error err = {0};
	char path[1024];

	(void)state;
	assert_int_equal(sysroot_open(&root, NULL), 0);
	keep(&root, 0, path, sizeof(path));
	patched_replace(path, "meta,key,,", "meta,key,,other-");
	assert_int_equal(baseline_load(&root, &loaded, &err), -EXDEV);
	assert_non_null(strstr(err.text, "another machine's"));
	assert_int_equal(loaded.count, 0);
	sysroot_close(&root);
}

static void a_bad_row_spoils_the_whole(void **state)
{
	static const char *const bad[] = {"nan",      "-1.0",	"",	 "1e99",
					  "0.000000", "62.1,2", "\"62.1"};
	struct baseline loaded;
	struct sysroot root;
	char path[1024];

	(void)state;
	assert_int_equal(sysroot_open(&root, NULL), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct error err = {0};

		keep(&root, 0, path, sizeof(path));
		patched_replace(path, "62.125000", bad[i]);
		assert_int_equal(baseline_load(&root, &loaded, &err), -EINVAL);
		assert_non_null(strstr(err.text, "jouletop baseline"));
		assert_int_equal(loaded.count, 0);
	}
	sysroot_close(&root);
}

static void a_file_cut_anywhere_is_refused_or_whole(void **state)
{
	struct baseline loaded;
	struct sysroot root;
	struct stat status;
	char path[1024];

	(void)state;
	assert_int_equal(sysroot_open(&root, NULL), 0);
	keep(&root, 0, path, sizeof(path));
	assert_int_equal(stat(path, &status), 0);
	for (off_t length = status.st_size - 1; length >= 0; length--) {
		struct error err = {0};

		assert_int_equal(truncate(path, length), 0);
		if (baseline_load(&root, &loaded, &err) == 0) {
			assert_true(loaded.count > 0);
			assert_true(fabs(loaded.idles[0].power_w - 62.125) < 1e-9);
		} else {
			assert_int_equal(loaded.count, 0);
		}
	}
	sysroot_close(&root);
}

static void a_recorded_machine_has_none(void **state)
{
	struct baseline loaded;
	struct sysroot root;
	struct error err = {0};
	char path[1024];

	(void)state;
	assert_int_equal(sysroot_open(&root, NULL), 0);
	keep(&root, 0, path, sizeof(path));
	root.recorded = true;
	assert_int_equal(baseline_load(&root, &loaded, &err), -ENOENT);
	sysroot_close(&root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_kept_comes_back_per_device_with_its_age,
						make_cache, remove_cache),
		cmocka_unit_test_setup_teardown(another_machines_is_refused, make_cache,
						remove_cache),
		cmocka_unit_test_setup_teardown(a_bad_row_spoils_the_whole, make_cache,
						remove_cache),
		cmocka_unit_test_setup_teardown(a_file_cut_anywhere_is_refused_or_whole, make_cache,
						remove_cache),
		cmocka_unit_test_setup_teardown(a_recorded_machine_has_none, make_cache,
						remove_cache),
	};

	return cmocka_run_group_tests_name("baseline", tests, NULL, NULL);
}
