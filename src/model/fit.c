/* SPDX-License-Identifier: Apache-2.0 */
/* Non-negative least squares with a weak prior: the posterior's width says what the data cannot tell. */
#include "model/fit.h"

#include <math.h>
#include <string.h>

#define NODE_FIRST_GHZ 0.8
#define NODE_STEP_GHZ  0.6

#define ROW_S	       0.9
#define ROWS_NEEDED    16
#define SWEEPS	       60
#define HELD_OUT_GOOD  0.08
#define MISPLACED_GOOD 0.10

/* A meter and the counters beside it are no better than this part of the mean power. */
#define NOISE_FLOOR 0.003

void fit_init(struct fit *fit)
{
	memset(fit, 0, sizeof(*fit));
	fit->held_out_ratio = NAN;
}

void fit_add_cycles(struct fit_work *work, double cycles, double frequency_hz)
{
	double place = (frequency_hz / 1e9 - NODE_FIRST_GHZ) / NODE_STEP_GHZ;

	if (!(place > 0))
		place = 0;
	if (place > FIT_BINS - 1)
		place = FIT_BINS - 1;

	int node = place < FIT_BINS - 1 ? (int)place : FIT_BINS - 2;
	double upper = place - node;

	work->amount[FIT_CYCLES + node] += (float)(cycles / 1e9 * (1 - upper));
	work->amount[FIT_CYCLES + node + 1] += (float)(cycles / 1e9 * upper);
}

void fit_add_own(struct fit_work *work, int place, double cycles)
{
	work->amount[FIT_OWN + place] += (float)(cycles / 1e9);
}

void fit_vacate(struct fit *fit, int place)
{
	for (size_t n = 0; n < FIT_ROWS; n++)
		fit->rows[n].amount[FIT_OWN + place] = 0;
	fit->pending.amount[FIT_OWN + place] = 0;
	fit->coefficients[FIT_OWN + place] = 0;
}

void fit_add_work(struct fit_work *sum, const struct fit_work *work)
{
	for (int i = 0; i < FIT_FEATURES; i++)
		sum->amount[i] += work->amount[i];
}

double fit_energy_j(const struct fit *fit, const struct fit_work *work)
{
	double energy_j = 0;

	for (int i = 0; i < FIT_FEATURES; i++)
		energy_j += fit->coefficients[i] * (double)work->amount[i];
	return energy_j;
}

static double quadratic(const double matrix[FIT_FEATURES][FIT_FEATURES],
			const double x[FIT_FEATURES])
{
	double sum = 0;

	for (int i = 0; i < FIT_FEATURES; i++) {
		double row = 0;

		if (x[i] == 0)
			continue;
		for (int k = 0; k < FIT_FEATURES; k++)
			row += matrix[i][k] * x[k];
		sum += x[i] * row;
	}
	return sum > 0 ? sum : 0;
}

double fit_share_error(const struct fit *fit, const struct fit_work *one,
		       const struct fit_work *all)
{
	double total_j = fit_energy_j(fit, all), part, direction[FIT_FEATURES];

	if (!(total_j > 0))
		return 1;
	part = fit_energy_j(fit, one) / total_j;
	for (int i = 0; i < FIT_FEATURES; i++)
		direction[i] = (double)one->amount[i] - part * (double)all->amount[i];
	return fmin(1, sqrt(quadratic(fit->covariance, direction)) / total_j);
}

static void sum_rows(struct fit *fit)
{
	memset(fit->gram, 0, sizeof(fit->gram));
	memset(fit->moment, 0, sizeof(fit->moment));
	for (size_t n = 0; n < fit->count; n++) {
		const float *x = fit->rows[n].amount;

		for (int i = 0; i < FIT_FEATURES; i++) {
			fit->moment[i] += (double)x[i] * fit->power_w[n];
			for (int k = 0; k <= i; k++)
				fit->gram[i][k] += (double)x[i] * (double)x[k];
		}
	}
	for (int i = 0; i < FIT_FEATURES; i++) {
		for (int k = 0; k < i; k++)
			fit->gram[k][i] = fit->gram[i][k];
	}
}

/* Precision of the prior of each coefficient. Cycles of any frequency are alike before they are seen; of another feature
 * that never occurred, one unit may cost as much as everything does. */
static void find_prior(const struct fit *fit, double mean_w, double prior[FIT_FEATURES])
{
	double cycles = 0;

	for (int i = FIT_CYCLES; i < FIT_CYCLES + FIT_BINS; i++)
		cycles += fit->gram[i][i];
	for (int i = 0; i < FIT_FEATURES; i++) {
		bool is_cycles = i < FIT_CYCLES + FIT_BINS;
		double square = (is_cycles ? cycles : fit->gram[i][i]) / (double)fit->count;

		prior[i] = (square > 0 ? square : 1) / (mean_w * mean_w);
	}
}

/* Coordinate descent from where the last step ended: a few sweeps are enough, and no order of the rows matters. */
static void descend(struct fit *fit, const double prior[FIT_FEATURES])
{
	for (int sweep = 0; sweep < SWEEPS; sweep++) {
		for (int i = 0; i < FIT_FEATURES; i++) {
			double slope = fit->moment[i];
			double diagonal = fit->gram[i][i] + prior[i] * fit->noise_w2;

			for (int k = 0; k < FIT_FEATURES; k++)
				slope -= k == i ? 0 : fit->gram[i][k] * fit->coefficients[k];
			fit->coefficients[i] = fmax(0, slope / diagonal);
		}
	}
}

/* In place, of a symmetric positive definite matrix: Gauss-Jordan without pivoting is stable for these. */
static void invert(double matrix[FIT_FEATURES][FIT_FEATURES])
{
	for (int p = 0; p < FIT_FEATURES; p++) {
		double pivot = 1 / matrix[p][p];

		matrix[p][p] = 1;
		for (int k = 0; k < FIT_FEATURES; k++)
			matrix[p][k] *= pivot;
		for (int i = 0; i < FIT_FEATURES; i++) {
			double factor = matrix[i][p];

			if (i == p)
				continue;
			matrix[i][p] = 0;
			for (int k = 0; k < FIT_FEATURES; k++)
				matrix[i][k] -= factor * matrix[p][k];
		}
	}
}

static void find_covariance(struct fit *fit, const double prior[FIT_FEATURES])
{
	double(*matrix)[FIT_FEATURES] = fit->covariance;

	for (int i = 0; i < FIT_FEATURES; i++) {
		for (int k = 0; k < FIT_FEATURES; k++)
			matrix[i][k] = fit->gram[i][k] / fit->noise_w2;
		matrix[i][i] += prior[i];
	}
	invert(matrix);
}

/* Each row is predicted as if it had not been learnt from: its residual over one minus its leverage. */
static double hold_out(const struct fit *fit, double mean_w, double *freedom)
{
	double square = 0;

	*freedom = 0;
	for (size_t n = 0; n < fit->count; n++) {
		double x[FIT_FEATURES], leverage, error_w;

		for (int i = 0; i < FIT_FEATURES; i++)
			x[i] = (double)fit->rows[n].amount[i];
		leverage = quadratic(fit->covariance, x) / fit->noise_w2;
		error_w = (fit->power_w[n] - fit_energy_j(fit, &fit->rows[n])) /
			  fmax(0.05, 1 - leverage);
		*freedom += leverage;
		square += error_w * error_w;
	}
	return sqrt(square / (double)fit->count) / mean_w;
}

static double residual_w2(const struct fit *fit, double freedom)
{
	double square = 0;

	for (size_t n = 0; n < fit->count; n++) {
		double error_w = fit->power_w[n] - fit_energy_j(fit, &fit->rows[n]);

		square += error_w * error_w;
	}
	return square / fmax(1, (double)fit->count - freedom);
}

static void solve(struct fit *fit)
{
	double prior[FIT_FEATURES], mean_w = 0;

	for (size_t n = 0; n < fit->count; n++)
		mean_w += fit->power_w[n] / (double)fit->count;
	if (!(mean_w > 0))
		return;
	sum_rows(fit);
	find_prior(fit, mean_w, prior);

	double floor_w2 = NOISE_FLOOR * NOISE_FLOOR * mean_w * mean_w;

	fit->noise_w2 = fmax(fit->noise_w2, floor_w2);
	descend(fit, prior);
	fit->noise_w2 = fmax(residual_w2(fit, fit->freedom), floor_w2);
	find_covariance(fit, prior);
	fit->held_out_ratio = hold_out(fit, mean_w, &fit->freedom);
}

void fit_learn(struct fit *fit, const struct fit_work *work, double energy_j, double length_s)
{
	struct fit_work *row = &fit->rows[fit->next];

	if (!(energy_j >= 0) || !(length_s > 0))
		return;
	fit_add_work(&fit->pending, work);
	fit->pending_j += energy_j;
	fit->pending_s += length_s;
	if (fit->pending_s < ROW_S)
		return;
	for (int i = 0; i < FIT_FEATURES; i++)
		row->amount[i] = fit->pending.amount[i] / (float)fit->pending_s;
	fit->power_w[fit->next] = fit->pending_j / fit->pending_s;
	fit->next = (fit->next + 1) % FIT_ROWS;
	fit->count += fit->count < FIT_ROWS;
	fit->pending = (struct fit_work){0};
	fit->pending_j = fit->pending_s = 0;
	if (fit->count >= ROWS_NEEDED)
		solve(fit);
}

enum fit_state fit_judge(const struct fit *fit, double misplaced)
{
	if (isnan(fit->held_out_ratio))
		return FIT_LEARNING;
	if (fit->held_out_ratio > HELD_OUT_GOOD)
		return FIT_POOR;
	return misplaced <= MISPLACED_GOOD ? FIT_GOOD : FIT_NOT_IDENTIFIABLE;
}
