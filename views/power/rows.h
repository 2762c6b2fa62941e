/* SPDX-License-Identifier: Apache-2.0 */
/* What draws power, in the machine's order: the rows of the power panel. */
#ifndef JOULETOP_POWER_ROWS_H
#define JOULETOP_POWER_ROWS_H

#include "views/parts/figure.h"

#define POWER_ROWS_MAX	  96
#define POWER_HISTORY_MAX 600

struct power_row {
	const struct domain *domain; /* NULL = the total */
	bool part;		     /* inside the package above it */
	bool outside;		     /* not in the total: psys, board, wall, other sensors */
	bool estimated;
	struct derive_power now;
	double run_j;
};

/* The private memory of the panel. */
struct power_panel {
	struct power_row rows[POWER_ROWS_MAX]; /* the first is the total */
	size_t count;
	size_t left_out; /* beyond POWER_ROWS_MAX */
	bool any_estimated;
	double reference_w; /* what a full bar means: the largest limit or power seen */
	int64_t reference_time_ns;
	struct figure_unit joule; /* of the whole column */
	struct table_cursor cursor;
	struct history_bucket buckets[POWER_HISTORY_MAX];
	double values[POWER_HISTORY_MAX];
};

/* Looks at the session; false when nothing here has a power source. */
bool power_collect(struct power_panel *panel, const struct session *session);

/* The name as the panel shows it, parts indented. */
void power_row_name(const struct power_row *row, char *out, size_t size);

/* Why there is no power: "no power sensor: VM without RAPL, no hwmon". */
void power_absent(const struct session *session, char *out, size_t size);

/* True when the meter has not moved for so long that it must be said. */
bool power_is_old(const struct session *session, const struct power_row *row);

/* A source's name, and a remark when it moves more rarely than it is read. Returns out. */
const char *power_source_text(const struct session *session, const struct series *series, char *out,
			      size_t size);

/* What is known of a meter, a line for the answer to "?"; returns its length. */
size_t power_meter_text(const struct session *session, const struct series *series, char *out,
			size_t size);

/* Draws the history of a row as an area with its maximum at the right; domain NULL = total. */
void power_history(struct power_panel *panel, const struct session *session,
		   const struct domain *domain, struct canvas *canvas, struct rect area);

/* The form that has the whole screen. */
void power_draw_zoomed(struct power_panel *panel, const struct view_context *context,
		       struct canvas *canvas, struct rect area);

#endif
