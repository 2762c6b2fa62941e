/* SPDX-License-Identifier: Apache-2.0 */
/* Prints how often the truth lies in the band of the estimate, on recorded runs of machines that it was not fitted to. */
#include "base/text.h"
#include "tests/support/load_runs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tally {
	int inside[5], points;
};

enum { COLUMN_FITTED, COLUMN_NO_SPEED, COLUMN_POINT_OUT, COLUMN_HALVES, COLUMN_OTHER_RUN };

static void add(struct tally *sum, const struct tally *tally)
{
	for (int i = 0; i < 5; i++)
		sum->inside[i] += tally->inside[i];
	sum->points += tally->points;
}

static void print_tally(const char *name, const struct tally *tally)
{
	printf("%-48.48s", name);
	for (int i = 0; i < 5; i++)
		printf("  %2d/%2d %3.0f%%", tally->inside[i], tally->points,
		       100.0 * tally->inside[i] / tally->points);
	printf("\n");
}

static void print_run(const struct load_run *runs, int count, int tested, struct tally *tally)
{
	const struct load_run *run = &runs[tested];
	double idle, full;
	char name[128];

	load_runs_fit(runs, count, run->cpu_model, &idle, &full);
	*tally = (struct tally){
		.inside = {load_runs_inside(run, idle, full, true),
			   load_runs_inside(run, idle, full, false),
			   load_runs_inside_calibrated(runs, count, tested, LOAD_RUNS_POINT_OUT),
			   load_runs_inside_calibrated(runs, count, tested, LOAD_RUNS_HALVES),
			   load_runs_inside_calibrated(runs, count, tested, LOAD_RUNS_OTHER_RUN)},
		.points = run->count,
	};
	text_print(name, sizeof(name), "%.30s %s %.0f-%.0f%%", run->cpu_model, run->load,
		   100 * idle, 100 * full);
	print_tally(name, tally);
}

static void print_left_out(const struct load_run *runs, int count)
{
	for (int i = 0; i < count; i++) {
		if (!isnan(runs[i].left_out_w))
			printf("left out: the first row of %s, %s: %.2f W, a start-up artefact\n",
			       runs[i].cpu_model, runs[i].load, runs[i].left_out_w);
	}
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* What condensing the list of TDPs cost. */
static void print_table(void)
{
	static double ratios[8192];
	const char *data = getenv("JOULETOP_DATA");
	char path[1024], line[512];
	int models = 0, found = 0, near = 0;

	text_print(path, sizeof(path), "%s/facts/codecarbon/cpu_power_tdp.csv", data);
	FILE *file = fopen(path, "re");

	while (file && fgets(line, sizeof(line), file) && found < 8192) {
		char *comma = strrchr(line, ',');
		double tdp_w = comma ? atof(comma + 1) : 0;

		if (tdp_w <= 0)
			continue;
		*comma = '\0';
		models++;

		const struct estimate_tdp *row = estimate_tdp_find(line);

		if (!row)
			continue;
		ratios[found] = fmax(row->tdp_w / tdp_w, tdp_w / row->tdp_w);
		near += ratios[found++] <= 1.25;
	}
	if (file)
		fclose(file);
	if (found == 0)
		return;
	qsort(ratios, (size_t)found, sizeof(*ratios), compare);
	printf("\ntable of TDPs: %d of %d listed models match a row; %.0f%% within a quarter, 95%% within a factor of %.1f\n",
	       found, models, 100.0 * near / found, ratios[found * 95 / 100]);
}

int main(void)
{
	struct load_run runs[LOAD_RUNS_MAX];
	struct tally data = {0}, all = {0}, tally;
	int count = load_runs_read(runs);
	double idle, full;

	if (count == 0) {
		printf("no recorded runs: set JOULETOP_DATA\n");
		return 0;
	}
	print_left_out(runs, count);
	printf("\npoints in the band: factor %.1f from end to end, fitted to the other machines, with and without frequency;\n"
	       "factor %.1f, calibrated on the same machine without the point, with every second point, with the other run\n\n",
	       ESTIMATE_BAND * ESTIMATE_BAND, ESTIMATE_BAND_CALIBRATED * ESTIMATE_BAND_CALIBRATED);
	printf("%-48s  %-11s  %-11s  %-11s  %-11s  %-11s\n", "machine, load, fitted to the others",
	       "others", "no frequ.", "point out", "halves", "other run");
	for (int i = 0; i < count; i++) {
		print_run(runs, count, i, &tally);
		add(&all, &tally);
		if (runs[i].in_data)
			add(&data, &tally);
	}
	print_tally("two machines of the data folder", &data);
	print_tally("all four machines", &all);
	load_runs_fit(runs, count, NULL, &idle, &full);
	printf("\nfitted to all: %.0f %% to %.0f %% of the TDP; used: %.0f %% to %.0f %%\n",
	       100 * idle, 100 * full, 100 * ESTIMATE_IDLE_PART, 100 * ESTIMATE_FULL_PART);
	print_table();
	return 0;
}
