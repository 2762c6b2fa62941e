/* SPDX-License-Identifier: Apache-2.0 */
/* Recorded runs of load against a sensor's watts, and what an estimate fitted to some of them makes of the others. */
#include "tests/support/load_runs.h"

#include "base/memory.h"
#include "base/text.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS 16

/* Highest frequency of the recorded machines, from their makers' pages: the runs tell only the present one. */
static const struct {
	const char *text;
	double max_mhz;
} speeds[] = {{"EPYC 8024P", 3000}, {"E3-1240", 3800}};

/* Two more machines of the same series of recordings (mlco2/codecarbon, MIT licence), condensed: load, part of the highest
 * frequency, watts of one package (the Xeon has two). The first row of each run is left out, as in the files. */
static const struct {
	const char *cpu_model, *load;
	int count;
	double rows[LOAD_RUN_POINTS][3];
} condensed[] = {
	{"Intel(R) Xeon(R) CPU E5-2620 v3 @ 2.40GHz",
	 "all_cores",
	 10,
	 {
		 {0.100, 0.436, 8.2},
		 {0.200, 0.375, 15.5},
		 {0.300, 0.375, 19.2},
		 {0.405, 0.425, 22.6},
		 {0.502, 0.523, 31.1},
		 {0.600, 0.651, 31.0},
		 {0.699, 0.812, 38.5},
		 {0.808, 0.814, 55.9},
		 {0.897, 0.802, 57.9},
		 {0.996, 0.750, 58.5},
	 }},
	{"Intel(R) Xeon(R) CPU E5-2620 v3 @ 2.40GHz",
	 "some_cores",
	 10,
	 {
		 {0.087, 0.412, 8.2},
		 {0.170, 0.379, 17.4},
		 {0.290, 0.425, 19.9},
		 {0.379, 0.375, 24.8},
		 {0.500, 0.392, 25.2},
		 {0.587, 0.438, 33.6},
		 {0.667, 0.456, 35.8},
		 {0.792, 0.538, 36.0},
		 {0.875, 0.535, 37.9},
		 {1.000, 0.703, 39.8},
	 }},
	{"AMD Ryzen Threadripper 1950X 16-Core Processor",
	 "all_cores",
	 10,
	 {
		 {0.139, 0.705, 43.3},
		 {0.232, 0.743, 62.5},
		 {0.364, 0.823, 79.2},
		 {0.448, 0.830, 106.3},
		 {0.531, 0.879, 128.1},
		 {0.660, 1.000, 144.2},
		 {0.721, 1.000, 172.4},
		 {0.831, 1.000, 170.3},
		 {0.917, 0.987, 169.2},
		 {0.997, 0.977, 166.9},
	 }},
	{"AMD Ryzen Threadripper 1950X 16-Core Processor",
	 "some_cores",
	 10,
	 {
		 {0.122, 0.726, 45.4},
		 {0.229, 0.819, 76.2},
		 {0.322, 0.878, 93.3},
		 {0.414, 0.943, 123.0},
		 {0.520, 1.000, 147.4},
		 {0.640, 1.000, 174.8},
		 {0.731, 1.000, 173.3},
		 {0.801, 0.975, 169.4},
		 {0.925, 1.000, 167.4},
		 {1.000, 1.000, 166.0},
	 }},
};

static double tdp_of(const char *cpu_model)
{
	const struct estimate_tdp *row = estimate_tdp_find(cpu_model);

	return row ? (double)row->tdp_w : (double)NAN;
}

static double max_mhz_of(const char *cpu_model)
{
	for (size_t i = 0; i < ARRAY_SIZE(speeds); i++) {
		if (strstr(cpu_model, speeds[i].text))
			return speeds[i].max_mhz;
	}
	return NAN;
}

static void read_row(struct load_run *run, char *line)
{
	char *fields[FIELDS] = {0}, *rest = line;
	int count = 0;

	for (; count < FIELDS && rest; count++)
		fields[count] = strsep(&rest, ",");
	if (count < 9 || run->count == LOAD_RUN_POINTS)
		return;
	text_print(run->cpu_model, sizeof(run->cpu_model), "%s", fields[2]);
	text_print(run->load, sizeof(run->load), "%s", fields[1]);

	struct estimate_point point = {
		.load_ratio = atof(fields[5]) / 100,
		.speed_ratio = fmin(atof(fields[7]) / max_mhz_of(fields[2]), 1),
		.power_w = atof(fields[8]),
	};

	/* The meter of the recording program had not begun to count in the first row. */
	if (point.power_w < 1)
		run->left_out_w = point.power_w;
	else
		run->points[run->count++] = point;
}

static void read_file(struct load_run *run, const char *path)
{
	FILE *file = fopen(path, "re");
	char line[1024];

	*run = (struct load_run){.in_data = true, .left_out_w = NAN};
	for (int row = 0; file && fgets(line, sizeof(line), file); row++) {
		if (row > 0)
			read_row(run, line);
	}
	if (file)
		fclose(file);
	run->tdp_w = tdp_of(run->cpu_model);
}

static void add_condensed(struct load_run *run, size_t index)
{
	*run = (struct load_run){.count = condensed[index].count, .left_out_w = NAN};
	text_print(run->cpu_model, sizeof(run->cpu_model), "%s", condensed[index].cpu_model);
	run->tdp_w = tdp_of(run->cpu_model);
	text_print(run->load, sizeof(run->load), "%s", condensed[index].load);
	for (int i = 0; i < run->count; i++)
		run->points[i] = (struct estimate_point){condensed[index].rows[i][0],
							 condensed[index].rows[i][1],
							 condensed[index].rows[i][2]};
}

static int is_run(const struct dirent *entry)
{
	return strstr(entry->d_name, ".csv") != NULL;
}

int load_runs_read(struct load_run *runs)
{
	const char *data = getenv("JOULETOP_DATA");
	struct dirent **entries;
	char folder[1024], path[2048];
	int count = 0, found;

	text_print(folder, sizeof(folder), "%s/facts/codecarbon/cpu_load_vs_rapl",
		   data ? data : "");
	found = scandir(folder, &entries, is_run, alphasort);
	for (int i = 0; i < found; i++) {
		text_print(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (count < LOAD_RUNS_MAX - (int)ARRAY_SIZE(condensed))
			read_file(&runs[count++], path);
		free(entries[i]);
	}
	if (found <= 0)
		return 0;
	free(entries);
	for (size_t i = 0; i < ARRAY_SIZE(condensed); i++)
		add_condensed(&runs[count++], i);
	return count;
}

static double error_of(const struct load_run *run, double idle, double full)
{
	double sum = 0;

	for (int i = 0; i < run->count; i++) {
		const struct estimate_point *point = &run->points[i];
		double shape = estimate_shape(point->load_ratio, point->speed_ratio);
		double part = idle + (full - idle) * shape;
		double error = log(part * run->tdp_w / point->power_w);

		sum += error * error;
	}
	return sum / run->count;
}

void load_runs_fit(const struct load_run *runs, int count, const char *left_out, double *idle,
		   double *full)
{
	double best = INFINITY;

	for (int i = 2; i <= 20; i++) {
		for (int f = 40; f <= 110; f += 2) {
			double sum = 0;

			for (int r = 0; r < count; r++) {
				if (!left_out || strcmp(runs[r].cpu_model, left_out) != 0)
					sum += error_of(&runs[r], i / 100.0, f / 100.0);
			}
			if (sum >= best)
				continue;
			best = sum;
			*idle = i / 100.0;
			*full = f / 100.0;
		}
	}
}

static bool is_within(double watts, double estimated_w, double band)
{
	return watts >= estimated_w / band && watts <= estimated_w * band;
}

int load_runs_inside(const struct load_run *run, double idle, double full, bool with_speed)
{
	int inside = 0;

	for (int i = 0; i < run->count; i++) {
		const struct estimate_point *point = &run->points[i];
		double shape =
			estimate_shape(point->load_ratio, with_speed ? point->speed_ratio : 0);

		inside += is_within(point->power_w, run->tdp_w * (idle + (full - idle) * shape),
				    ESTIMATE_BAND);
	}
	return inside;
}

/* The points of the machine that are used to calibrate when one of them is tested. */
static void gather(const struct load_run *runs, int count, int tested, int point,
		   enum load_runs_way way, struct estimate_calibration *calibration)
{
	int before = 0, place = 0;

	/* Numbers of points run through all runs of the machine. */
	for (int r = 0; r < tested; r++)
		before +=
			strcmp(runs[r].cpu_model, runs[tested].cpu_model) == 0 ? runs[r].count : 0;
	*calibration = (struct estimate_calibration){0};
	for (int r = 0; r < count; r++) {
		if (strcmp(runs[r].cpu_model, runs[tested].cpu_model) != 0)
			continue;
		for (int i = 0; i < runs[r].count; i++, place++) {
			if ((way == LOAD_RUNS_POINT_OUT && place == before + point) ||
			    (way == LOAD_RUNS_HALVES && place % 2 == (before + point) % 2) ||
			    (way == LOAD_RUNS_OTHER_RUN && r == tested))
				continue;
			calibration->points[calibration->count++] = runs[r].points[i];
		}
	}
}

int load_runs_inside_calibrated(const struct load_run *runs, int count, int tested,
				enum load_runs_way way)
{
	const struct load_run *run = &runs[tested];
	int inside = 0;

	for (int i = 0; i < run->count; i++) {
		struct estimate_calibration calibration;

		gather(runs, count, tested, i, way, &calibration);
		if (estimate_calibrate(&calibration) < 0)
			continue;
		inside += is_within(run->points[i].power_w,
				    estimate_calibrated_w(&calibration, run->points[i].load_ratio,
							  run->points[i].speed_ratio),
				    ESTIMATE_BAND_CALIBRATED);
	}
	return inside;
}
