/* SPDX-License-Identifier: Apache-2.0 */
/* Batches of steps, what a unit of work costs, and the band of what the rest will take. */
#include "model/projection.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

#define GROUPS_MIN 4
#define KEPT_MIN   6 /* batches that a warm-up must leave */

/* A drift over the whole run that is likely before anything was seen, as a part of the mean; and the least noise. */
#define DRIFT_RATIO 0.15
#define NOISE_RATIO 1e-3

/* Correlation of neighbouring groups: its estimate is too low by about this over their number; and what is believed at most. */
#define CORRELATION_BIAS 3.0
#define CORRELATION_MAX	 0.8

/* A step so much faster than all before, and of such a part of the total, was not worked for. */
#define JUMP_RATE  100.0
#define JUMP_PART  0.02
#define JUMP_AFTER 8

/* The work stands still when nothing came for so many mean steps, and for so long. */
#define STALL_STEPS 10.0
#define STALL_S	    10.0

/* Quantile 0.975 of Student's distribution by degrees of freedom. */
static double student(size_t freedom)
{
	static const double quantiles[] = {12.7, 12.7, 4.30, 3.18, 2.78, 2.57,
					   2.45, 2.36, 2.31, 2.26, 2.23};

	return freedom < ARRAY_SIZE(quantiles) ? quantiles[freedom] : 2.23;
}

/* Half as many batches of twice the size. */
static void merge(struct projection *projection)
{
	for (size_t i = 0; i < PROJECTION_BATCHES / 2; i++) {
		const struct projection_batch *pair = &projection->batches[2 * i];

		projection->batches[i] = (struct projection_batch){
			.work = pair[0].work + pair[1].work,
			.time_s = pair[0].time_s + pair[1].time_s,
			.energy_j = pair[0].energy_j + pair[1].energy_j,
		};
	}
	projection->count = PROJECTION_BATCHES / 2;
	projection->batch_steps *= 2;
}

static void add_step(struct projection *projection, const struct projection_batch *step)
{
	struct projection_batch *open = &projection->open;

	if (projection->batch_steps == 0)
		projection->batch_steps = 1;
	open->work += step->work;
	open->time_s += step->time_s;
	open->energy_j += step->energy_j;
	if (++projection->open_steps < projection->batch_steps)
		return;
	projection->batches[projection->count++] = *open;
	*open = (struct projection_batch){0};
	projection->open_steps = 0;
	if (projection->count == PROJECTION_BATCHES)
		merge(projection);
}

static bool is_jump(const struct projection *projection, double total,
		    const struct projection_batch *step)
{
	double work = 0, time_s = 0;

	if (projection->steps < JUMP_AFTER || step->work < JUMP_PART * total)
		return false;
	for (size_t i = 0; i < projection->count; i++) {
		work += projection->batches[i].work;
		time_s += projection->batches[i].time_s;
	}
	return step->work * time_s > JUMP_RATE * work * step->time_s;
}

/* What it took: the moment within the last step at which the total was reached. */
static void finish(struct projection *projection, double total, const struct projection_batch *step)
{
	double part = (total - projection->work) / step->work;

	projection->is_done = true;
	projection->done_time_s = projection->time_s + part * step->time_s;
	projection->done_energy_j = projection->energy_j + part * step->energy_j;
}

static void keep_early(struct projection *projection, double total)
{
	struct projection_figures figures;

	if (projection->has_early || projection->is_done ||
	    projection->work < PROJECTION_EARLY_RATIO * total)
		return;
	projection_look(projection, total, projection->time_s, projection->energy_j, &figures);
	if (isnan(figures.time_s.value))
		return;
	projection->has_early = true;
	projection->early_ratio = projection->work / total;
	projection->early_time_s = figures.time_s;
	projection->early_energy_j = figures.energy_j;
}

void projection_add(struct projection *projection, double total, double work, double time_s,
		    double energy_j)
{
	struct projection_batch step = {work - projection->work, time_s - projection->time_s,
					energy_j - projection->energy_j};

	if (projection->is_begun && !(step.work > 0 && step.time_s > 0))
		return;
	if (projection->is_begun) {
		if (!projection->is_done && work >= total)
			finish(projection, total, &step);
		if (is_jump(projection, total, &step)) {
			projection->jumps++;
			projection->skipped_work += step.work;
		} else {
			add_step(projection, &step);
		}
		projection->steps++;
	}
	projection->is_begun = true;
	projection->work = work;
	projection->time_s = time_s;
	projection->energy_j = energy_j;
	keep_early(projection, total);
}

static double amount_of(const struct projection_batch *batch, bool energy)
{
	return energy ? batch->energy_j : batch->time_s;
}

/* The number of batches at the beginning without which the standard error of the mean is least; all where too few are known. */
static size_t find_warm_up(const struct projection *projection, bool energy)
{
	double sum = 0, squares = 0, least = INFINITY;
	size_t count = projection->count, kept = 0, warm_up = count;
	size_t kept_min = count / 4 > KEPT_MIN ? count / 4 : KEPT_MIN;

	for (size_t i = count; i-- > 0;) {
		const struct projection_batch *batch = &projection->batches[i];
		double cost = amount_of(batch, energy) / batch->work;

		/* Before it the energy was not known. */
		if (isnan(cost))
			break;
		sum += cost;
		squares += cost * cost;
		kept++;

		double mean = sum / (double)kept;
		double error = fmax(squares / (double)kept - mean * mean, 0) / (double)kept;

		if (kept >= kept_min && error <= least) {
			least = error;
			warm_up = i;
		}
	}
	return warm_up;
}

/* A group of batches: where in the run it lies (0..1), and what a unit cost there. */
struct group {
	double place, work, cost;
};

static size_t make_groups(const struct projection *projection, double total, bool energy,
			  struct group groups[PROJECTION_GROUPS])
{
	size_t first = find_warm_up(projection, energy), kept = projection->count - first;
	size_t count = kept < PROJECTION_GROUPS ? kept : PROJECTION_GROUPS;
	double done = projection->work - projection->open.work;

	for (size_t g = count; g-- > 0;) {
		struct group *group = &groups[g];
		double amount = 0;

		*group = (struct group){0};
		for (size_t i = first + g * kept / count; i < first + (g + 1) * kept / count; i++) {
			group->work += projection->batches[i].work;
			amount += amount_of(&projection->batches[i], energy);
		}
		done -= group->work;
		group->place = (done + group->work / 2) / total;
		group->cost = amount / group->work;
	}
	return count;
}

/* The line through the groups. */
struct line {
	double place, cost, slope;
	double spread;	 /* sum of squared distances of the places */
	double variance; /* of a group about the line, with what correlation makes of it */
};

static struct line fit_line(const struct group *groups, size_t count)
{
	struct line line = {0};
	double product = 0, squares = 0, neighbours = 0, before = 0;

	for (size_t i = 0; i < count; i++) {
		line.place += groups[i].place / (double)count;
		line.cost += groups[i].cost / (double)count;
	}
	for (size_t i = 0; i < count; i++) {
		double distance = groups[i].place - line.place;

		line.spread += distance * distance;
		product += distance * (groups[i].cost - line.cost);
	}

	double slope = line.spread > 0 ? product / line.spread : 0;

	for (size_t i = 0; i < count; i++) {
		double rest = groups[i].cost - line.cost - slope * (groups[i].place - line.place);

		squares += rest * rest;
		neighbours += i > 0 ? rest * before : 0;
		before = rest;
	}

	double correlation = squares > 0 ? neighbours / squares : 0;

	correlation += CORRELATION_BIAS / (double)count;
	correlation = fmin(fmax(correlation, 0), CORRELATION_MAX);
	line.variance = fmax(squares / (double)(count - 2),
			     NOISE_RATIO * line.cost * NOISE_RATIO * line.cost) *
			(1 + correlation) / (1 - correlation);

	/* Both are known with some precision: the slope that was seen, and that no great one is likely. */
	double seen = line.spread / line.variance;
	double likely = 1 / (DRIFT_RATIO * line.cost * DRIFT_RATIO * line.cost);

	line.slope = slope * seen / (seen + likely);
	return line;
}

/* What the rest of the run will take of energy or time. */
static struct projection_value project(const struct projection *projection, double total,
				       bool energy)
{
	const struct projection_value unknown = {NAN, NAN, NAN};
	struct group groups[PROJECTION_GROUPS];
	double left = total - projection->work;

	/* One batch more than a warm-up must leave: with fewer it could not be told from noise. */
	if (projection->count <= KEPT_MIN || !(left > 0))
		return unknown;

	size_t count = make_groups(projection, total, energy, groups);

	if (count < GROUPS_MIN)
		return unknown;

	struct line line = fit_line(groups, count);

	if (!(line.cost > 0) || !isfinite(line.variance))
		return unknown;

	double place = (projection->work + left / 2) / total, distance = place - line.place;
	double precision = line.spread / line.variance +
			   1 / (DRIFT_RATIO * line.cost * DRIFT_RATIO * line.cost);
	double variance = line.variance / (double)count + distance * distance / precision +
			  line.variance * groups[count - 1].work / left;
	double mean = fmax(line.cost + line.slope * distance, 0);
	double half = student(count - 2) * sqrt(variance);

	return (struct projection_value){mean * left, fmax(mean - half, 0) * left,
					 (mean + half) * left};
}

static struct projection_value beyond(struct projection_value rest, double used)
{
	return (struct projection_value){used + rest.value, used + rest.low, used + rest.high};
}

static double error_of(double said, double became)
{
	return became > 0 ? said / became - 1 : NAN;
}

static bool holds(const struct projection_value *value, double truth)
{
	return value->low <= truth && truth <= value->high;
}

static void look_back(const struct projection *projection, struct projection_figures *figures)
{
	double energy_j = projection->done_energy_j, time_s = projection->done_time_s;

	figures->state = PROJECTION_DONE;
	figures->energy_j = (struct projection_value){energy_j, energy_j, energy_j};
	figures->time_s = (struct projection_value){time_s, time_s, time_s};
	figures->left_s = 0;
	if (!projection->has_early)
		return;
	figures->early_ratio = projection->early_ratio;
	figures->early_energy_error = error_of(projection->early_energy_j.value, energy_j);
	figures->early_time_error = error_of(projection->early_time_s.value, time_s);
	figures->early_energy_held = holds(&projection->early_energy_j, energy_j);
	figures->early_time_held = holds(&projection->early_time_s, time_s);
}

static double warm_up_s(const struct projection *projection)
{
	size_t energy = find_warm_up(projection, true), time = find_warm_up(projection, false);
	size_t first = energy > time && energy < projection->count ? energy : time;
	double sum_s = 0;

	for (size_t i = 0; i < first; i++)
		sum_s += projection->batches[i].time_s;
	return sum_s;
}

void projection_look(const struct projection *projection, double total, double now_s, double now_j,
		     struct projection_figures *figures)
{
	const struct projection_value unknown = {NAN, NAN, NAN};

	*figures = (struct projection_figures){
		.state = projection->is_begun && projection->work > 0 ? PROJECTION_LEARNS
								      : PROJECTION_NO_WORK,
		.total = total,
		.done = projection->work,
		.energy_j = unknown,
		.time_s = unknown,
		.cost = unknown,
		.carbon_g = unknown,
		.currency = "",
		.left_s = NAN,
		.steps = projection->steps,
		.jumps = projection->jumps,
		.silent_s = now_s - projection->time_s,
		.early_ratio = NAN,
		.early_energy_error = NAN,
		.early_time_error = NAN,
	};
	if (projection->is_done) {
		look_back(projection, figures);
		return;
	}
	/* Told to be all done before anything was seen. */
	if (projection->work >= total)
		return;

	struct projection_value rest_s = project(projection, total, false);
	double worked_s = projection->time_s, used_j = projection->energy_j;
	double step_s = projection->steps ? worked_s / (double)projection->steps : INFINITY;

	if (isnan(rest_s.value))
		return;
	figures->state = PROJECTION_RUNS;
	if (figures->silent_s > STALL_S && figures->silent_s > STALL_STEPS * step_s) {
		/* What it costs to stand still comes on top of what is still to be done. */
		figures->state = PROJECTION_STALLS;
		worked_s = now_s;
		used_j = now_j;
	}
	figures->time_s = beyond(rest_s, worked_s);
	figures->energy_j = beyond(project(projection, total, true), used_j);
	figures->left_s = fmax(figures->time_s.value - now_s, 0);
	figures->warm_up_s = warm_up_s(projection);
}
