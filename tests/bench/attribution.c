/* SPDX-License-Identifier: Apache-2.0 */
/* Prints how well each weight splits the energy of simulated machines whose rules it does not know. */
#include "tests/support/simulated.h"

#include <math.h>
#include <stdio.h>

#define MACHINES 40
#define TICKS	 120

static void run_all(bool blind)
{
	static const char *const names[SIMULATED_WEIGHTS] = {"CPU time", "cycles", "model"};
	static double jobs[SIMULATED_WEIGHTS][MACHINES * SIMULATED_JOBS];
	static double ticks[SIMULATED_WEIGHTS][MACHINES * TICKS];
	int job_count = 0, tick_count = 0, used = 0;

	for (int m = 0; m < MACHINES; m++) {
		struct simulated machine;
		struct simulated_result result;

		simulated_start(&machine, (uint64_t)m + 1);
		machine.blind = blind;
		simulated_run(&machine, TICKS, &result);
		used += result.modelled > 0;
		for (int i = 0; i < SIMULATED_JOBS; i++) {
			if (isnan(result.errors[0][i]))
				continue;
			for (int w = 0; w < SIMULATED_WEIGHTS; w++)
				jobs[w][job_count] = result.errors[w][i];
			job_count++;
		}
		for (int i = 0; i < result.modelled; i++, tick_count++) {
			for (int w = 0; w < SIMULATED_WEIGHTS; w++)
				ticks[w][tick_count] = result.tick_errors[w][i];
		}
	}
	printf("\n%s: a model in %d of %d machines, %d of %d ticks\n",
	       blind ? "without vector FLOPs and without knowledge of SMT"
		     : "with vector FLOPs and knowledge of SMT",
	       used, MACHINES, tick_count, MACHINES * TICKS);
	printf("%-10s  a job's energy is off by      of a tick's energy at the wrong job\n",
	       "weight");
	printf("%-10s  median     p95     max        median     p95\n", "");
	for (int w = 0; w < SIMULATED_WEIGHTS; w++) {
		printf("%-10s  %5.1f%%  %5.1f%%  %5.1f%%", names[w],
		       100 * simulated_percentile(jobs[w], job_count, 0.5),
		       100 * simulated_percentile(jobs[w], job_count, 0.95),
		       100 * simulated_percentile(jobs[w], job_count, 1));
		printf("        %5.1f%%  %5.1f%%\n",
		       100 * simulated_percentile(ticks[w], tick_count, 0.5),
		       100 * simulated_percentile(ticks[w], tick_count, 0.95));
	}
}

int main(void)
{
	run_all(false);
	run_all(true);
	return 0;
}
