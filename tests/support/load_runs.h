/* SPDX-License-Identifier: Apache-2.0 */
/* Recorded runs of load against a sensor's watts, and what an estimate fitted to some of them makes of the others. */
#ifndef JOULETOP_TESTS_LOAD_RUNS_H
#define JOULETOP_TESTS_LOAD_RUNS_H

#include "model/estimate.h"

#include <stdbool.h>

#define LOAD_RUNS_MAX	8
#define LOAD_RUN_POINTS 16

struct load_run {
	char cpu_model[96];
	char load
		[16]; /* "all_cores": each CPU at a part of its time; "some_cores": some CPUs all the time */
	bool in_data; /* read from the data folder, not one of the two that only help to fit */
	struct estimate_point points[LOAD_RUN_POINTS]; /* watts of one package */
	int count;
	double tdp_w;	   /* of the model; NAN = not in the table */
	double left_out_w; /* the first row, a start-up artefact; NAN = none */
};

/* Reads all runs below $JOULETOP_DATA and adds two machines condensed here. Returns how many; 0 = no data folder. */
int load_runs_read(struct load_run *runs);

/* Idle and full part of the TDP that suit all machines but the one left out (NULL = none) best; each weighs the same. */
void load_runs_fit(const struct load_run *runs, int count, const char *left_out, double *idle,
		   double *full);

/* How many of a run's points lie in the band of an uncalibrated estimate with these parts; with_speed false: as in a VM
 * that does not tell the frequency. */
int load_runs_inside(const struct load_run *run, double idle, double full, bool with_speed);

/* Ways to calibrate: with all points of the machine but the tested one; with every second; with its other run alone. */
enum load_runs_way { LOAD_RUNS_POINT_OUT, LOAD_RUNS_HALVES, LOAD_RUNS_OTHER_RUN };

/* How many points of run `tested` lie in the band of an estimate that was calibrated with runs of the same machine. */
int load_runs_inside_calibrated(const struct load_run *runs, int count, int tested,
				enum load_runs_way way);

#endif
