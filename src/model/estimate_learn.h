/* SPDX-License-Identifier: Apache-2.0 */
/* What a session with a sensor teaches: the watts of a package at each load. Pure. */
#ifndef JOULETOP_ESTIMATE_LEARN_H
#define JOULETOP_ESTIMATE_LEARN_H

#include "model/estimate.h"
#include "model/session.h"

#define LEARN_LOADS  16
#define LEARN_SPEEDS 4

/* Seconds spent in a cell of load and speed, and what was seen there, each times its seconds. */
struct learn_cell {
	double time_s, load_s, speed_s, energy_j;
};

/* Zeroed = nothing learnt yet. */
struct estimate_learner {
	struct learn_cell cells[LEARN_LOADS][LEARN_SPEEDS];
	int64_t energy_uj,
		energy_ns; /* of all packages when the open interval began; 0 = none is open */
	int64_t busy_ns, busy_time_ns;
	double speed; /* sum over the ticks of the interval */
	int ticks, cpus, packages;
};

/* After each tick. Looks at measured and sampled watts alone. */
void estimate_learn(struct estimate_learner *learner, const struct session *session);

/* What was learnt, one point per cell; fitted. -ENODATA: no package had a sensor; -ENOTSUP: a virtual machine's CPUs are not
 * those of the package; -ERANGE: the loads differ too little. */
int estimate_learnt(const struct estimate_learner *learner, const struct session *session,
		    struct estimate_calibration *calibration);

#endif
