/* SPDX-License-Identifier: Apache-2.0 */
/* What can be said of a meter: what it contains, how fine and how often it speaks, how far it is from its twin. Pure. */
#ifndef JOULETOP_METER_H
#define JOULETOP_METER_H

#include "model/session.h"

struct meter {
	const char
		*contains; /* "the memory of the socket, beside the package"; "" = nothing known */
	const char *resolution; /* "61 uJ"; NULL = not known */
	double window_s;	/* over which a sensor averages, NAN = not known */
	double period_s;	/* between two of its moves, as seen; NAN = not known yet */
	bool is_slower; /* it moves more rarely than it is read: in between there is no news */
};

/* Of a series that gives power or energy. */
void meter_describe(const struct session *session, const struct series *series,
		    struct meter *meter);

/* How much more this series says of the domain's power than the preferred one, as a ratio (0.02 = 2 % more), over the run
 * where both counted energy, else of now; NAN when it cannot be said. */
double meter_difference_ratio(const struct session *session, const struct series *series,
			      const struct series *preferred);

#endif
