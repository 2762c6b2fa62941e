/* SPDX-License-Identifier: Apache-2.0 */
/* How long a meter of energy may stand still before it is taken for broken. */
#ifndef JOULETOP_PROBES_STILL_H
#define JOULETOP_PROBES_STILL_H

#include <stdbool.h>
#include <stdint.h>

#define STILL_PERIODS 9

/* Zeroed = not begun. */
struct still {
	int64_t moved_ns;
	int64_t periods_ns[STILL_PERIODS]; /* the last ones between two moves */
	unsigned moves;
};

/* The meter is read for the first time, or anew: it has moved now, and says nothing about its
 * period. */
void still_begin(struct still *still, int64_t now_ns);
void still_moved(struct still *still, int64_t now_ns);

/* True when it has stood for more than ten of its usual periods (or of ours, when we look more
 * rarely), and two seconds. */
bool still_too_long(const struct still *still, int64_t now_ns, int64_t interval_ns);

#endif
