/* SPDX-License-Identifier: Apache-2.0 */
/* jouletop baseline: measures the idle power of this machine and keeps it for later runs. */
#include "base/clock.h"
#include "base/unit.h"
#include "commands/baseline.h"
#include "commands/engine.h"
#include "commands/usage.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define TIME_MIN_NS CLOCK_NS_PER_S
#define TIME_MAX_NS (3600 * CLOCK_NS_PER_S)

extern const struct command command_baseline;

struct baseline_settings {
	int64_t time_ns;
	bool force, help;
};

static int set_time(void *settings, const char *text, struct error *err)
{
	struct baseline_settings *s = settings;

	if (unit_parse_duration(text, &s->time_ns) < 0)
		return error_set(err, EINVAL, "--time %s: not a time; write 10s or 1m", text);
	if (s->time_ns < TIME_MIN_NS || s->time_ns > TIME_MAX_NS)
		return error_set(err, ERANGE, "--time %s: must be between 1 and 3600 seconds",
				 text);
	return 0;
}

static int set_force(void *settings, const char *text, struct error *err)
{
	(void)text;
	(void)err;
	((struct baseline_settings *)settings)->force = true;
	return 0;
}

static int set_help(void *settings, const char *text, struct error *err)
{
	(void)text;
	(void)err;
	((struct baseline_settings *)settings)->help = true;
	return 0;
}

static const struct option_row baseline_options[] = {
	{"time", 0, "TIME", "measure for TIME (10s)", set_time},
	{"force", 0, NULL, "keep it even if the machine is not idle (load above 5 %)", set_force},
	{"help", 'h', NULL, "show this help", set_help},
	{0},
};

static void print_devices(const struct baseline *baseline)
{
	char watts[UNIT_TEXT_SIZE];

	for (size_t i = 0; i < baseline->count; i++)
		printf("%-20s %s\n", baseline->idles[i].domain,
		       unit_si(watts, baseline->idles[i].power_w, "W"));
	if (!isnan(baseline->load_ratio))
		printf("%-20s %.1f %%\n", "load", baseline->load_ratio * 100);
}

static int measure(const struct baseline_settings *settings, struct error *err)
{
	struct sysroot root;
	struct baseline baseline;
	char path[1024];
	int result = sysroot_open(&root, NULL);

	if (result < 0)
		return error_set(err, -result, "/: %s", strerror(-result));
	result = baseline_measure(&root, settings->time_ns, &baseline, err);
	if (result == 0)
		print_devices(&baseline);
	if (result == 0 && !settings->force && !(baseline.load_ratio <= BASELINE_LOAD_MAX))
		result = error_set(
			err, EBUSY,
			"not kept: the machine is not idle, its load is %.0f %% (at most 5 %%); stop what runs, or --force",
			baseline.load_ratio * 100);
	if (result == 0)
		result = baseline_save(&root, &baseline, path, sizeof(path), err);
	if (result == 0)
		printf("kept in %s\n", path);
	sysroot_close(&root);
	return result;
}

static int baseline_run(int argc, char **argv)
{
	struct baseline_settings settings = {.time_ns = 10 * CLOCK_NS_PER_S};
	struct settings usage = {0};
	struct error err = {0};
	int first = option_parse(baseline_options, argc, argv, 0, &settings, &err);

	if (first < 0)
		return usage_error(&err);
	usage.help = settings.help;
	if (usage_print(&command_baseline, &usage))
		return ENGINE_OK;
	if (first < argc) {
		error_set(&err, EINVAL, "baseline takes no words; see jouletop baseline --help");
		return usage_error(&err);
	}
	if (measure(&settings, &err) == 0)
		return ENGINE_OK;
	usage_error(&err);
	return err.code == ENODATA ? ENGINE_NOTHING : ENGINE_USAGE;
}

const struct command command_baseline = {
	.name = "baseline",
	.synopsis = "[options]",
	.summary = "Measures the idle power of this machine and keeps it for later runs",
	.options = baseline_options,
	.run = baseline_run,
};
