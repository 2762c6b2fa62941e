/* SPDX-License-Identifier: Apache-2.0 */
/* Machines drawn at random, and how well their energy is shared out. */
#include "tests/support/simulated.h"

#include "tests/support/sham.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define METER_NOISE   0.01
#define COUNTER_NOISE 0.01
#define MIX_NOISE     0.03
#define PHASE_TICKS   8

/* What the second thread of a core leaves of the first one's speed. */
#define SHARED_SPEED 0.65

static double uniform(struct simulated *machine, double low, double high)
{
	double part = (double)(sham_random(&machine->random) >> 11) / 9007199254740992.0;

	return low + (high - low) * part;
}

/* Near to normal: the sum of twelve. */
static double noisy(struct simulated *machine, double deviation)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += uniform(machine, 0, 1);
	return 1 + deviation * sum;
}

static void begin_phase(struct simulated *machine, struct simulated_job *job)
{
	job->frequency_hz = uniform(machine, machine->slowest_hz, machine->fastest_hz);
	job->duty_ratio = uniform(machine, 0.5, 1);
}

void simulated_start(struct simulated *machine, uint64_t seed)
{
	*machine = (struct simulated){.random = seed * 2654435761u + 88172645463325252u};
	for (int i = 0; i < 8; i++)
		sham_random(&machine->random);
	machine->cores = 3 + (int)uniform(machine, 0, 6);
	machine->smt = uniform(machine, 0, 1) < 0.5;
	machine->slowest_hz = uniform(machine, 0.8e9, 1.8e9);
	machine->fastest_hz = uniform(machine, 2.8e9, 5.2e9);
	machine->core_w = uniform(machine, 2, 8);
	machine->exponent = uniform(machine, 2, 3);
	machine->instruction_j = uniform(machine, 0.2e-9, 0.8e-9);
	machine->voltage_exponent = uniform(machine, 0, 0.6);
	machine->flop_j = uniform(machine, 0.03e-9, 0.12e-9);
	machine->miss_j = uniform(machine, 10e-9, 60e-9);
	machine->uncore_w = uniform(machine, 0, 4);
	for (int i = 0; i < SIMULATED_JOBS; i++) {
		struct simulated_job *job = &machine->jobs[i];

		job->ipc = uniform(machine, 0.3, 3.5);
		job->flops_per_cycle = i % 2 ? uniform(machine, 4, 30) : 0;
		job->misses_per_cycle =
			uniform(machine, 0, 1) < 0.5 ? 0 : uniform(machine, 0, 0.01);
		job->runs = uniform(machine, 0, 1) < 0.5;
		begin_phase(machine, job);
	}
}

/* Those who run are put on CPUs: with SMT two on a core where there is need, or chance. */
static void place(struct simulated *machine)
{
	int used[16] = {0};

	for (int i = 0; i < SIMULATED_JOBS; i++) {
		int core = (int)uniform(machine, 0, machine->cores);

		while (machine->jobs[i].runs && used[core] > (machine->smt ? 1 : 0) &&
		       (machine->smt || i < machine->cores))
			core = (core + 1) % machine->cores;
		machine->jobs[i].cpu = core;
		used[core] += machine->jobs[i].runs;
	}
}

static double shared_part(const struct simulated *machine, int index)
{
	double part = 0;

	for (int i = 0; i < SIMULATED_JOBS; i++) {
		if (machine->smt && i != index && machine->jobs[i].runs &&
		    machine->jobs[i].cpu == machine->jobs[index].cpu)
			part = fmin(1, part + machine->jobs[i].duty_ratio);
	}
	return part;
}

static double run_job(struct simulated *machine, int index)
{
	struct simulated_job *job = &machine->jobs[index];
	double part = shared_part(machine, index);
	double mix = machine->constant ? 1 : noisy(machine, MIX_NOISE);
	double relative = job->frequency_hz / machine->fastest_hz;
	double voltage = pow(relative, machine->voltage_exponent);

	memset(&job->work, 0, sizeof(job->work));
	job->busy_s = job->cycles = job->true_j = job->instructions = 0;
	if (!job->runs)
		return 0;
	job->busy_s = job->duty_ratio * SIMULATED_TICK_S;
	job->cycles = job->busy_s * job->frequency_hz;

	double speed = 1 - part * (1 - SHARED_SPEED);
	double done = job->cycles * speed * mix;
	double misses = done * job->misses_per_cycle, flops = done * job->flops_per_cycle;

	job->instructions = done * job->ipc;
	job->true_j =
		machine->core_w * pow(relative, machine->exponent) * job->busy_s * (1 - part / 2) +
		voltage * (job->instructions * machine->instruction_j + flops * machine->flop_j) +
		misses * machine->miss_j;
	/* What the counters say. */
	double known_part = machine->blind ? 0 : part;

	fit_add_cycles(&job->work,
		       job->cycles * (1 - known_part / 2) * noisy(machine, COUNTER_NOISE),
		       job->frequency_hz);
	job->work.amount[FIT_INSTRUCTIONS] =
		(float)(job->instructions * noisy(machine, COUNTER_NOISE) / 1e9);
	job->work.amount[FIT_LLC_MISSES] = (float)(misses * noisy(machine, COUNTER_NOISE) / 1e7);
	job->work.amount[FIT_VECTOR_FLOPS] =
		(float)((machine->blind ? 0 : flops) * noisy(machine, COUNTER_NOISE) / 1e9);
	fit_add_own(&job->work, index, job->cycles * (1 - known_part / 2));
	job->work.amount[FIT_SHARED_TIME] = (float)(job->busy_s * known_part);
	return job->true_j;
}

void simulated_tick(struct simulated *machine)
{
	double total_j = 0;

	for (int i = 0; i < SIMULATED_JOBS; i++) {
		if (machine->constant || uniform(machine, 0, PHASE_TICKS) >= 1)
			continue;
		machine->jobs[i].runs = !machine->jobs[i].runs;
		begin_phase(machine, &machine->jobs[i]);
	}
	if (!machine->constant || machine->work.amount[FIT_TIME] == 0)
		place(machine);
	memset(&machine->work, 0, sizeof(machine->work));
	for (int i = 0; i < SIMULATED_JOBS; i++) {
		total_j += run_job(machine, i);
		fit_add_work(&machine->work, &machine->jobs[i].work);
	}
	machine->work.amount[FIT_TIME] = (float)SIMULATED_TICK_S;

	/* The uncore's power belongs to whoever made it necessary, in the same parts. */
	double factor = total_j > 0 ? 1 + machine->uncore_w * SIMULATED_TICK_S / total_j : 1;

	for (int i = 0; i < SIMULATED_JOBS; i++)
		machine->jobs[i].true_j *= factor;
	machine->energy_j = total_j * factor * noisy(machine, METER_NOISE);
}

static double weight_of(const struct fit *fit, const struct simulated_job *job,
			enum simulated_weight weight)
{
	switch (weight) {
	case SIMULATED_CPU_TIME: return job->busy_s;
	case SIMULATED_CYCLES: return job->cycles;
	case SIMULATED_MODEL: return fit_energy_j(fit, &job->work);
	case SIMULATED_WEIGHTS: break;
	}
	return 0;
}

/* Both sides share the same energy: the split alone is judged, not the meter. */
static void judge_tick(const struct simulated *machine, const struct fit *fit,
		       double given_j[SIMULATED_WEIGHTS][SIMULATED_JOBS],
		       double true_j[SIMULATED_JOBS], struct simulated_result *result)
{
	double total_j = 0;

	for (int i = 0; i < SIMULATED_JOBS; i++) {
		total_j += machine->jobs[i].true_j;
		true_j[i] += machine->jobs[i].true_j;
	}
	for (int w = 0; w < SIMULATED_WEIGHTS; w++) {
		double sum = 0, wrong_j = 0;

		for (int i = 0; i < SIMULATED_JOBS; i++)
			sum += weight_of(fit, &machine->jobs[i], (enum simulated_weight)w);
		for (int i = 0; i < SIMULATED_JOBS && sum > 0; i++) {
			const struct simulated_job *job = &machine->jobs[i];
			double share_j =
				total_j * weight_of(fit, job, (enum simulated_weight)w) / sum;

			given_j[w][i] += share_j;
			wrong_j += fabs(share_j - job->true_j) / 2;
		}
		result->tick_errors[w][result->modelled] = total_j > 0 ? wrong_j / total_j : 0;
	}
	result->modelled++;
}

void simulated_run(struct simulated *machine, int ticks, struct simulated_result *result)
{
	double given_j[SIMULATED_WEIGHTS][SIMULATED_JOBS] = {{0}}, true_j[SIMULATED_JOBS] = {0};
	struct fit fit;

	memset(result, 0, sizeof(*result));
	fit_init(&fit);
	for (result->ticks = 0; result->ticks < ticks; result->ticks++) {
		simulated_tick(machine);
		fit_learn(&fit, &machine->work, machine->energy_j, SIMULATED_TICK_S);

		double misplaced = 0;

		for (int i = 0; i < SIMULATED_JOBS; i++)
			misplaced +=
				fit_share_error(&fit, &machine->jobs[i].work, &machine->work) / 2;
		result->state = fit_judge(&fit, misplaced);
		if (result->state == FIT_GOOD)
			judge_tick(machine, &fit, given_j, true_j, result);
	}
	for (int w = 0; w < SIMULATED_WEIGHTS; w++) {
		for (int i = 0; i < SIMULATED_JOBS; i++)
			result->errors[w][i] =
				true_j[i] > 0 ? fabs(given_j[w][i] / true_j[i] - 1) : NAN;
	}
	result->held_out_ratio = fit.held_out_ratio;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double simulated_percentile(double *values, int count, double part)
{
	qsort(values, (size_t)count, sizeof(*values), compare);
	return count > 0 ? values[(int)(part * (count - 1) + 0.5)] : NAN;
}
