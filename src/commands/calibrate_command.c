/* SPDX-License-Identifier: Apache-2.0 */
/* jouletop calibrate FILE: learns the watts of this processor model, for machines of it that have no sensor. */
#include "base/unit.h"
#include "commands/calibration.h"
#include "commands/engine.h"
#include "commands/usage.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

extern const struct command command_calibrate;

static int set_help(void *settings, const char *text, struct error *err)
{
	(void)text;
	(void)err;
	((struct settings *)settings)->help = true;
	return 0;
}

static const struct option_row calibrate_options[] = {
	{"help", 'h', NULL, "show this help", set_help},
	{0},
};

static void print_learnt(const struct calibration *calibration, const char *path)
{
	const struct estimate_calibration *estimate = &calibration->estimate;
	char idle[UNIT_TEXT_SIZE], full[UNIT_TEXT_SIZE];
	double least = 1, most = 0;

	for (size_t i = 0; i < estimate->count; i++) {
		least = fmin(least, estimate->points[i].load_ratio);
		most = fmax(most, estimate->points[i].load_ratio);
	}
	printf("%-12s %s, %d CPUs in a package\n", "processor", calibration->cpu_model,
	       estimate->cpus);
	printf("%-12s %zu, of loads from %.0f to %.0f %%\n", "points", estimate->count, 100 * least,
	       100 * most);
	printf("%-12s %s at rest, %s at full load (fitted)\n", "package",
	       unit_si(idle, estimate->idle_w, "W"), unit_si(full, estimate->full_w, "W"));
	printf("%-12s %s\n", "kept in", path);
}

static int calibrate_run(int argc, char **argv)
{
	struct settings settings = {0};
	struct calibration calibration;
	struct error err = {0};
	char path[1024];
	int first = option_parse(calibrate_options, argc, argv, 0, &settings, &err);

	if (first < 0)
		return usage_error(&err);
	if (usage_print(&command_calibrate, &settings))
		return ENGINE_OK;
	if (first != argc - 1) {
		error_set(&err, EINVAL,
			  "calibrate takes one recorded session: jouletop calibrate FILE.csv");
		return usage_error(&err);
	}
	if (calibration_learn(argv[first], &calibration, &err) < 0 ||
	    calibration_save(&calibration, path, sizeof(path), &err) < 0) {
		usage_error(&err);
		return err.code == ENODATA ? ENGINE_NOTHING : ENGINE_USAGE;
	}
	print_learnt(&calibration, path);
	return ENGINE_OK;
}

const struct command command_calibrate = {
	.name = "calibrate",
	.synopsis = "FILE",
	.summary =
		"Learns the watts of a processor model from a recorded session with a sensor, for machines without one",
	.options = calibrate_options,
	.run = calibrate_run,
};
