/* SPDX-License-Identifier: Apache-2.0 */
/* What the table of presets and the matcher share. */
#ifndef JOULETOP_MATCH_PRIVATE_H
#define JOULETOP_MATCH_PRIVATE_H

#include "workload/match.h"

/* One kind of line. */
struct match_rule {
	const char *preset;  /* several rules may have one name */
	const char *pattern; /* POSIX extended */
	const char *unit;
	int number;	 /* group of the number; 0 = each match is one unit */
	int key;	 /* group that tells progress bars apart: their total; 0 = all are one */
	bool each;	 /* the number is of this line alone, not a running total */
	bool first_only; /* only the bar that was seen first counts */
};

extern const struct match_rule match_rules[];
extern const size_t match_rule_count;

#endif
