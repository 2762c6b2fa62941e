/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the threads panel: collected, filtered, sorted, selected; and the rows that balance its books. */
#ifndef JOULETOP_THREADS_ROWS_H
#define JOULETOP_THREADS_ROWS_H

#include "views/parts/figure.h"

enum threads_column {
	THREADS_PID,
	THREADS_TID,
	THREADS_NAME,
	THREADS_BUSY,
	THREADS_IPC,
	THREADS_CLOCK,
	THREADS_FLOPS,
	THREADS_BYTES,
	THREADS_POWER,
	THREADS_ENERGY,
	THREADS_FLOPS_PER_WATT,
	THREADS_GPU,
	THREADS_MEMORY,
	THREADS_CPU,
	THREADS_USER,
	THREADS_CONTAINER,
	THREADS_COLUMNS
};

/* What a row is sorted by; indices are sorted, rows stay where they are. */
struct threads_key {
	double first, second;
	const char *text; /* NULL = sorted by the numbers */
	uint32_t row;
};

enum threads_prompt { THREADS_NO_PROMPT, THREADS_SEARCH, THREADS_FILTER };

enum threads_sums { THREADS_NO_SUMS, THREADS_BY_CONTAINER, THREADS_BY_USER, THREADS_SUMS };

/* Sums over rows; NAN until something known was added. */
struct threads_sum {
	double busy_ratio, power_w, energy_j;
	size_t count;
	bool estimated;
};

/* The private memory of the panel. */
struct threads_panel {
	struct group_row *rows;
	size_t row_count, row_capacity;
	struct threads_key *order, *scratch; /* what the filter lets through, sorted */
	size_t order_count, order_capacity, scratch_capacity;
	bool processes, tree;
	enum threads_sums sums; /* rows are sums of processes */
	bool sort_chosen;	/* else by watts, downwards */
	enum threads_column sort;
	bool ascending;
	struct table_cursor cursor;
	char selected[DOMAIN_KEY_SIZE]; /* the row that the cursor stays with */
	bool follows; /* the user has moved: stay with the row, not with the place */
	enum threads_prompt prompt;
	char search[64], filter[64], user[64];
	int64_t *tags; /* by domain number: born_ns + 1 of the tagged domain */
	size_t tag_capacity;
	struct threads_sum tagged;
	size_t visible; /* rows shown by the last draw */
};

/* Collects, filters, sorts, and puts the cursor on the selected row. */
void threads_collect(struct threads_panel *panel, const struct session *session);

/* The row at a place of the order. */
const struct group_row *threads_at(const struct threads_panel *panel, size_t place);

/* A label of the row's thread or of its process; "" when unknown. */
const char *threads_label(const struct group_row *row, const char *name);

/* Operations per joule; NAN = unknown. */
double threads_flops_per_watt(const struct group_row *row);

/* No column for what no process has. */
bool threads_any_label(const struct session *session, const char *name);

/* No column for what nothing counts. */
void threads_drop_uncounted(const struct threads_panel *panel, bool dropped[THREADS_COLUMNS]);

bool threads_matches(const struct group_row *row, const char *text);

/* Moves to the next row that matches the search text, from the cursor on (after it when `next`). */
void threads_find(struct threads_panel *panel, bool next);

/* Takes the row under the cursor as the selected one. */
void threads_select(struct threads_panel *panel, bool follows);

bool threads_is_tagged(const struct threads_panel *panel, const struct group_row *row);
void threads_tag(struct threads_panel *panel, const struct group_row *row);

struct threads_sum threads_nothing(void);
void threads_add(struct threads_sum *sum, double busy_ratio, double power_w, double energy_j);

/* The whole of the rows (each thread once, also in a tree), and what is not among them. */
struct threads_sum threads_all(const struct threads_panel *panel);
struct threads_sum threads_tagged(const struct threads_panel *panel);
struct threads_sum threads_kind(const struct threads_panel *panel, const struct session *session,
				enum domain_kind kind);
struct threads_sum threads_ended(const struct threads_panel *panel, const struct session *session);

/* True when a row's figures are not already in another row (a tree shows sums above their parts). */
bool threads_counts(const struct threads_panel *panel, const struct group_row *row);

extern const struct table_column threads_columns[THREADS_COLUMNS];

void threads_draw(void *self, const struct view_context *context, struct canvas *canvas,
		  struct rect area);

#endif
