/* SPDX-License-Identifier: Apache-2.0 */
/* Learns from recent intervals what work costs: energy = sum of non-negative coefficients x what the counters saw. Pure;
 * its memory is the struct, and a step allocates nothing. */
#ifndef JOULETOP_FIT_H
#define JOULETOP_FIT_H

#include <stdbool.h>
#include <stddef.h>

/* Cycles are spread over the two nearest nodes of frequency: 0.8, 1.4, ... 5.0 GHz. */
#define FIT_BINS 8

/* Processes with a place of their own. */
#define FIT_PLACES 8

/* What is known of the work of a thread, or of a package, in one interval. */
enum fit_feature {
	FIT_CYCLES, /* in 1e9; of a core that is shared, each thread has its part of its CPU's */
	FIT_INSTRUCTIONS = FIT_CYCLES + FIT_BINS, /* in 1e9 */
	FIT_LLC_MISSES,				  /* in 1e7 */
	FIT_VECTOR_FLOPS,			  /* in 1e9; 0 where nothing counts them */
	FIT_SHARED_TIME, /* seconds with the core's other CPU at work; 0 where that is not known */
	FIT_OWN, /* cycles of a process that has a place: what they cost beyond the others' */
	FIT_UNEXPLAINED =
		FIT_OWN +
		FIT_PLACES, /* package only: CPU seconds of threads that are not watched */
	FIT_TIME, /* package only: seconds; what is drawn without work and is not known as idle */
	FIT_FEATURES
};

/* Work as numbers; sums of them are work too. All zero is no work. */
struct fit_work {
	float amount[FIT_FEATURES];
};

#define FIT_ROWS 160 /* intervals remembered, of a second or more */

enum fit_state {
	FIT_LEARNING,	      /* too few intervals yet */
	FIT_POOR,	      /* what was held out is not predicted */
	FIT_NOT_IDENTIFIABLE, /* the intervals are too much alike to tell what costs what */
	FIT_GOOD
};

struct fit {
	struct fit_work rows[FIT_ROWS]; /* per second */
	double power_w[FIT_ROWS];
	size_t count, next;
	struct fit_work pending; /* intervals shorter than a row */
	double pending_j, pending_s;

	double gram[FIT_FEATURES][FIT_FEATURES], moment[FIT_FEATURES];
	double coefficients[FIT_FEATURES]; /* joules per amount */
	double covariance[FIT_FEATURES][FIT_FEATURES];
	double noise_w2; /* variance of a row's power around the model */
	double held_out_ratio; /* RMS error of intervals that the coefficients did not see; NAN = unknown */
	double freedom; /* parameters that the rows determine */
};

void fit_init(struct fit *fit);

/* Adds cycles at a mean frequency to the nodes beside it. */
void fit_add_cycles(struct fit_work *work, double cycles, double frequency_hz);
/* Adds cycles of the process that has this place. */
void fit_add_own(struct fit_work *work, int place, double cycles);
/* Another process gets the place: what was learnt of the former one is forgotten. */
void fit_vacate(struct fit *fit, int place);

void fit_add_work(struct fit_work *sum, const struct fit_work *work);

/* Learns from an interval of a package: what was done in it, its energy (idle taken off) and its length. */
void fit_learn(struct fit *fit, const struct fit_work *work, double energy_j, double length_s);

/* What the model says the work used; 0 before it has learnt. */
double fit_energy_j(const struct fit *fit, const struct fit_work *work);

/* Standard error of the part of one in the energy of all (0..1). */
double fit_share_error(const struct fit *fit, const struct fit_work *one,
		       const struct fit_work *all);

/* Whether its weights may be used. misplaced: half the sum of the standard errors of the shares. */
enum fit_state fit_judge(const struct fit *fit, double misplaced);

#endif
