/* SPDX-License-Identifier: Apache-2.0 */
/* Machines drawn at random whose power follows rules that no model is told: what each job truly used is known. */
#ifndef JOULETOP_TESTS_SIMULATED_H
#define JOULETOP_TESTS_SIMULATED_H

#include "model/fit.h"

#include <stdbool.h>
#include <stdint.h>

#define SIMULATED_JOBS	 6
#define SIMULATED_TICK_S 1.0

/* A thread that does one kind of work, with phases in which it sleeps. */
struct simulated_job {
	double frequency_hz, duty_ratio, ipc, flops_per_cycle, misses_per_cycle;
	int cpu;
	bool runs;

	/* Of the last tick: what the counters say, and what only we know. */
	struct fit_work work;
	double busy_s, cycles, instructions, true_j;
};

struct simulated {
	uint64_t random;
	int cores;
	bool smt;
	bool constant; /* no phases, no changes but noise */
	bool blind;    /* nothing counts vector FLOPs, and nobody knows which CPUs share a core */
	double slowest_hz, fastest_hz;

	/* The hidden rules: a core's clock draws core_w x (f / fastest)^exponent while it is busy, two on one core share it;
	 * each instruction, FLOP and miss has its price, which rises with the voltage. */
	double core_w, exponent, instruction_j, voltage_exponent, flop_j, miss_j, uncore_w;

	struct simulated_job jobs[SIMULATED_JOBS];
	struct fit_work work; /* of the package */
	double energy_j;      /* above idle, as the meter says: with noise */
};

void simulated_start(struct simulated *machine, uint64_t seed);
void simulated_tick(struct simulated *machine);

/* How wrong the splits of a whole run were: per job, its part of the energy against the true part. */
enum simulated_weight { SIMULATED_CPU_TIME, SIMULATED_CYCLES, SIMULATED_MODEL, SIMULATED_WEIGHTS };

struct simulated_result {
	int ticks, modelled; /* run; of these with a model that was fit to be used */
	double errors[SIMULATED_WEIGHTS]
		     [SIMULATED_JOBS]; /* relative, over the modelled ticks; NAN = never ran */
	double tick_errors[SIMULATED_WEIGHTS]
			  [256]; /* part of the energy given to the wrong job, per modelled tick */
	double held_out_ratio;
	enum fit_state state; /* at the end */
};

void simulated_run(struct simulated *machine, int ticks, struct simulated_result *result);

/* Sorts; part 0..1. */
double simulated_percentile(double *values, int count, double part);

#endif
