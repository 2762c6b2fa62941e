/* SPDX-License-Identifier: Apache-2.0 */
/* Figures as all panels print them: a column shares one unit, `~` stands before an estimate, `-` for what is absent. */
#ifndef JOULETOP_FIGURE_H
#define JOULETOP_FIGURE_H

#include "screen/view.h"

/* The prefix that a whole column shares, so that its figures can be compared and do not jump. */
struct figure_unit {
	double factor;
	const char *prefix;
};

/* The prefix for a column whose largest figure this is; NAN gives none. Never below 1 unless `small`. */
struct figure_unit figure_unit(double largest, bool small);

/* A figure in that unit: "302.1", "~28.9", "-" for NAN. */
const char *figure_print(char out[UNIT_TEXT_SIZE], double value, struct figure_unit unit,
			 int digits, bool estimated);

/* Watts of a device: "412.3"; an estimate is not drawn more exact than it is: "~38". */
const char *figure_watts(char out[UNIT_TEXT_SIZE], double power_w, bool estimated);

/* A share under a head that says percent: "99.8". */
const char *figure_percent(char out[UNIT_TEXT_SIZE], double ratio);

/* "3 s", "12 s", "5 min", "2 h": at most six columns. */
const char *figure_age(char out[UNIT_TEXT_SIZE], double age_s);

/* What a series is called where room is small: "rapl", "perf", "hwmon", "est.". */
const char *figure_source(char out[UNIT_TEXT_SIZE], const char *source);

/* Why a series has no value: its reason, else the errno in words, else "no reading yet". */
const char *figure_gap(const struct series *series, int gap);

/* True when there is at least one source that is still being opened. */
bool figure_pending(const struct session *session);

/* True when the total sums up packages alone: only they have an idle power. */
bool figure_packages_only(const struct session *session);

/* The row y of an area as an area; empty when it lies outside. */
struct rect figure_row(struct rect area, int y);

/* Text in columns x .. x + width - 1 of row y; ends in `…` when cut. Never writes beyond. */
void figure_cell(struct canvas *canvas, struct rect area, struct rect cell, enum role role,
		 const char *text);

/* Means of the buckets; up to `hold` buckets without news keep the last value. Returns the largest, NAN when none. */
double figure_values(const struct history_bucket *buckets, size_t count, size_t hold,
		     double *values);

/* The history of a counter that stands still while nothing happens, of which nothing is told then: its silent buckets since its
 * first reading are zero. */
void figure_history_of_still(const struct session *session, const struct cell *cell,
			     int64_t bucket_ns, struct history_bucket *buckets, size_t count);

/* How long a chart's bucket is when `count` of them are to span span_ns, and how many of them a reading may be away. */
int64_t figure_bucket_ns(const struct session *session, int64_t span_ns, size_t count,
			 size_t *hold);

/* Moves the first line in sight of a text; true when the command was a movement. */
bool figure_scroll(size_t *top, enum command_id command, size_t lines, size_t visible);

#endif
