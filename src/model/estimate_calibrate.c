/* SPDX-License-Identifier: Apache-2.0 */
/* The curve of one processor model, learnt from a session in which a sensor said its watts. */
#include "model/estimate.h"

#include <errno.h>
#include <math.h>

#define POINTS_MIN 4
#define LOADS_MIN  0.4 /* between the least and the greatest load */

/* The grid on which idle and full power are searched, as parts of the greatest reading. */
#define FULL_FROM  0.70
#define FULL_STEP  0.05
#define FULL_STEPS 14
#define IDLE_STEP  0.025
#define IDLE_STEPS 16

/* How near in load and speed a point must have been to count, and the weight of the curve itself beside the points. */
#define NEAR_RATIO   0.15
#define CURVE_WEIGHT 0.5

static double curve_w(double idle_w, double full_w, double shape)
{
	/* Never zero: the logarithm of it is taken. */
	return fmax(idle_w + (full_w - idle_w) * shape, 1e-6);
}

/* The sum of |log| errors: a reading that lies far off does not bend the curve as a square would let it. */
static double error_of(const struct estimate_calibration *calibration, double idle_w, double full_w)
{
	double sum = 0;

	for (size_t i = 0; i < calibration->count; i++) {
		const struct estimate_point *point = &calibration->points[i];
		double shape = estimate_shape(point->load_ratio, point->speed_ratio);

		sum += fabs(log(curve_w(idle_w, full_w, shape) / point->power_w));
	}
	return sum;
}

static bool covers_loads(const struct estimate_calibration *calibration, double *greatest_w)
{
	double least = 1, most = 0;

	*greatest_w = 0;
	for (size_t i = 0; i < calibration->count; i++) {
		const struct estimate_point *point = &calibration->points[i];

		if (!(point->power_w > 0) || !isfinite(point->power_w))
			return false;
		least = fmin(least, point->load_ratio);
		most = fmax(most, point->load_ratio);
		*greatest_w = fmax(*greatest_w, point->power_w);
	}
	return calibration->count >= POINTS_MIN && most - least >= LOADS_MIN;
}

int estimate_calibrate(struct estimate_calibration *calibration)
{
	double greatest_w, best = INFINITY;

	if (calibration->count > ESTIMATE_POINTS_MAX || !covers_loads(calibration, &greatest_w))
		return -ERANGE;
	for (int f = 0; f < FULL_STEPS; f++) {
		double full_w = greatest_w * (FULL_FROM + FULL_STEP * f);

		for (int i = 0; i < IDLE_STEPS; i++) {
			double idle_w = greatest_w * IDLE_STEP * i;
			double error = error_of(calibration, idle_w, full_w);

			if (error >= best)
				continue;
			best = error;
			calibration->idle_w = idle_w;
			calibration->full_w = full_w;
		}
	}
	return 0;
}

static double nearness(const struct estimate_point *point, double load_ratio, double speed_ratio)
{
	double load = (point->load_ratio - load_ratio) / NEAR_RATIO;
	double speed = point->speed_ratio > 0 && speed_ratio > 0
			       ? (point->speed_ratio - speed_ratio) / NEAR_RATIO
			       : 0;

	return exp(-0.5 * (load * load + speed * speed));
}

double estimate_calibrated_w(const struct estimate_calibration *calibration, double load_ratio,
			     double speed_ratio)
{
	double curve = curve_w(calibration->idle_w, calibration->full_w,
			       estimate_shape(load_ratio, speed_ratio));
	double weights = CURVE_WEIGHT, sum = 0;

	for (size_t i = 0; i < calibration->count; i++) {
		const struct estimate_point *point = &calibration->points[i];
		double weight = nearness(point, load_ratio, speed_ratio);
		double shape = estimate_shape(point->load_ratio, point->speed_ratio);

		weights += weight;
		sum += weight * log(point->power_w /
				    curve_w(calibration->idle_w, calibration->full_w, shape));
	}
	return curve * exp(sum / weights);
}
