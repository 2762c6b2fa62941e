/* SPDX-License-Identifier: Apache-2.0 */
/* The command line and the configuration file. */
#include "tests/support/cmocka_all.h"

#include "base/clock.h"
#include "base/memory.h"
#include "commands/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int read_words(struct settings *settings, struct error *err, const char *const *words)
{
	char *argv[16] = {(char *)(uintptr_t) "jouletop"};
	int argc = 1;

	for (; words[argc - 1]; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc - 1];
	return settings_read(settings, settings_options, argc, argv, err);
}

#define READ(settings, err, ...) read_words(settings, err, (const char *const[]){__VA_ARGS__, NULL})

static void write_config(char path[32], const char *text)
{
	int fd;

	strcpy(path, "config-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void times_are_read_in_their_units(void **state)
{
	struct settings settings;
	struct error err = {0};

	(void)state;
	assert_int_equal(READ(&settings, &err, "-d", "0.1"), 3);
	assert_int_equal(settings.interval_ns, 100 * CLOCK_NS_PER_MS);
	assert_int_equal(READ(&settings, &err, "--delay=250ms"), 2);
	assert_int_equal(settings.interval_ns, 250 * CLOCK_NS_PER_MS);
	assert_int_equal(READ(&settings, &err, "--duration", "1m"), 3);
	assert_int_equal(settings.duration_ns, 60 * CLOCK_NS_PER_S);
}

static void the_whole_run_is_told_in_units_of_work(void **state)
{
	static const struct {
		const char *text;
		double total;
	} totals[] = {{"50000", 50000}, {"50k", 50000}, {"1e6", 1e6}, {"1.5M", 1.5e6},
		      {"2 G", 2e9},	{"3T", 3e12},	{".5k", 500}};
	static const char *const wrong[] = {"",	  "0",	 "-5",	"many", "1e",
					    "5x", "nan", "inf", "1e30", "1.2.3"};
	struct settings settings;
	struct error err = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(totals); i++) {
		assert_int_equal(READ(&settings, &err, "--total-work", totals[i].text), 3);
		assert_true(settings.total_work == totals[i].total);
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_int_equal(READ(&settings, &err, "--total-work", wrong[i]), -EINVAL);
		assert_non_null(strstr(err.text, "--total-work"));
	}
}

static void a_price_may_name_its_currency(void **state)
{
	struct settings settings;
	struct error err = {0};

	(void)state;
	assert_int_equal(READ(&settings, &err, "--price", "0.30"), 3);
	assert_true(settings.price == 0.30);
	assert_string_equal(settings.currency, "");
	assert_int_equal(READ(&settings, &err, "--price", "0.25EUR"), 3);
	assert_true(settings.price == 0.25);
	assert_string_equal(settings.currency, "EUR");
	assert_int_equal(READ(&settings, &err, "--price", "30 €ct"), 3);
	assert_string_equal(settings.currency, "€ct");
	assert_int_equal(READ(&settings, &err, "--price", "EUR"), -EINVAL);
	assert_int_equal(READ(&settings, &err, "--price", "1 of a very long currency"), -EINVAL);
	assert_int_equal(READ(&settings, &err, "--carbon", "400"), 3);
	assert_true(settings.carbon_g == 400);
	assert_int_equal(READ(&settings, &err, "--carbon", "-1"), -EINVAL);
	assert_int_equal(READ(&settings, &err, "--carbon", "much"), -EINVAL);
}

static void operations_per_work_take_a_prefix_and_types_are_known_ones(void **state)
{
	struct settings settings;
	struct error err = {0};

	(void)state;
	assert_int_equal(READ(&settings, &err, "--flops-per-work", "1.2e9", "--data-type", "bf16"),
			 5);
	assert_true(settings.flops_per_work == 1.2e9);
	assert_string_equal(settings.data_type, "bf16");
	assert_int_equal(READ(&settings, &err, "--flops-per-work=6G"), 2);
	assert_true(settings.flops_per_work == 6e9);
	assert_string_equal(settings.data_type, "");
	assert_int_equal(READ(&settings, &err, "--flops-per-work", "0"), -EINVAL);
	assert_int_equal(READ(&settings, &err, "--flops-per-work", "-3"), -EINVAL);
	assert_int_equal(READ(&settings, &err, "--flops-per-work", "many"), -EINVAL);
	assert_int_equal(READ(&settings, &err, "--data-type", "fp31"), -EINVAL);
	assert_non_null(strstr(err.text, "bf16"));
}

static void wrong_values_are_refused_by_name(void **state)
{
	static const char *const wrong[][2] = {
		{"-d", "fast"}, {"-d", "0.001"}, {"-d", "-1"},
		{"-n", "0"},	{"-n", "1.5"},	 {"-p", "abc"},
		{"-p", "0"},	{"-p", "1,x"},	 {"-u", "no such user at all"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct settings settings;
		struct error err = {0};

		assert_true(READ(&settings, &err, wrong[i][0], wrong[i][1]) < 0);
		assert_non_null(strstr(err.text, wrong[i][1]));
	}
}

static void unknown_option_names_itself_and_the_help(void **state)
{
	struct settings settings;
	struct error err = {0};

	(void)state;
	assert_true(READ(&settings, &err, "--frobnicate") < 0);
	assert_non_null(strstr(err.text, "--frobnicate"));
	assert_non_null(strstr(err.text, "--help"));
}

static void words_after_two_dashes_are_left_alone(void **state)
{
	struct settings settings;
	struct error err = {0};

	(void)state;
	assert_int_equal(READ(&settings, &err, "-b", "--", "ls", "-d", "x"), 3);
	assert_true(settings.batch);
	assert_int_equal(settings.interval_ns, CLOCK_NS_PER_S);
}

static void several_pids_are_read(void **state)
{
	struct settings settings;
	struct error err = {0};

	(void)state;
	assert_int_equal(READ(&settings, &err, "-p", "12,345"), 3);
	assert_int_equal(settings.pid_count, 2);
	assert_int_equal(settings.pids[0], 12);
	assert_int_equal(settings.pids[1], 345);
}

static void command_line_wins_over_file_over_default(void **state)
{
	struct settings settings;
	struct error err = {0};
	char path[32];

	(void)state;
	write_config(path, "# mine\n delay = 2s \nascii = yes\n\nrecord-period=5s\n");
	assert_int_equal(READ(&settings, &err, "-c", path, "-d", "0.5"), 5);
	unlink(path);
	assert_int_equal(settings.interval_ns, CLOCK_NS_PER_S / 2);
	assert_int_equal(settings.record_period_ns, 5 * CLOCK_NS_PER_S);
	assert_true(settings.ascii);
	assert_false(settings.batch);
}

static void mistake_in_a_file_is_named_with_its_line(void **state)
{
	static const char *const wrong[] = {"x = 1\n", "delay\n", "delay = soon\n",
					    "ascii = maybe\n", "config = y\n"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct settings settings;
		struct error err = {0};
		char path[32], text[128];

		snprintf(text, sizeof(text), "\n%s", wrong[i]);
		write_config(path, text);
		assert_true(READ(&settings, &err, "-c", path) < 0);
		assert_non_null(strstr(err.text, path));
		assert_non_null(strstr(err.text, ":2:"));
		unlink(path);
	}
}

static void absent_file_is_an_error_only_when_asked_for(void **state)
{
	struct settings settings;
	struct error err = {0};

	(void)state;
	assert_int_equal(READ(&settings, &err, "-b"), 2);
	assert_int_equal(READ(&settings, &err, "-c", "no-such-file"), -ENOENT);
	assert_non_null(strstr(err.text, "no-such-file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_read_in_their_units),
		cmocka_unit_test(the_whole_run_is_told_in_units_of_work),
		cmocka_unit_test(a_price_may_name_its_currency),
		cmocka_unit_test(operations_per_work_take_a_prefix_and_types_are_known_ones),
		cmocka_unit_test(wrong_values_are_refused_by_name),
		cmocka_unit_test(unknown_option_names_itself_and_the_help),
		cmocka_unit_test(words_after_two_dashes_are_left_alone),
		cmocka_unit_test(several_pids_are_read),
		cmocka_unit_test(command_line_wins_over_file_over_default),
		cmocka_unit_test(mistake_in_a_file_is_named_with_its_line),
		cmocka_unit_test(absent_file_is_an_error_only_when_asked_for),
	};

	setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
