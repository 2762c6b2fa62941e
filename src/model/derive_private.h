/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of derive share. */
#ifndef JOULETOP_DERIVE_PRIVATE_H
#define JOULETOP_DERIVE_PRIVATE_H

#include "model/derive.h"

/* The counters of floating point operations, in the order of their names (derive_precision_name). */
extern const enum metric derive_precisions[DERIVE_PRECISIONS];

/* What a counter did over a span. */
struct derive_step {
	double amount; /* SI; NAN = unknown */
	int64_t from_ns, to_ns;
};
struct derive_step derive_step(const struct session *session, const struct series *series,
			       enum metric metric, enum span span);

/* Amount per second of a step; NAN when it has no length. */
double derive_step_rate(const struct derive_step *step);

/* Watts of one series now. */
double derive_power_now_w(const struct session *session, const struct series *series);

/* The series that says a domain's energy or, without any energy, its power; NULL = none. A series that has never been
 * read stands behind all that have. */
const struct series *derive_power_series(const struct domain *domain);

/* True when at least one reading of the metric succeeded. */
bool derive_was_read(const struct cell *cell);

/* The next domain of the tree below `root` in pre-order, NULL at the end; skips what is below processes and CPUs. */
const struct domain *derive_next(const struct domain *root, const struct domain *domain);

/* The watts of the total in buckets up to end_ns, as history_read. */
void derive_total_history(const struct session *session, int64_t end_ns, int64_t bucket_ns,
			  struct history_bucket *out, size_t count);

/* Mean watts of the total between two times, from its history; NAN = unknown. */
double derive_mean_power_w(const struct session *session, int64_t from_ns, int64_t to_ns);

/* The work that the workload told, in its own unit rather than in FLOPs or bytes; NULL = none. */
const struct series *derive_work_series(const struct session *session);

/* A sum of counters over everything that ran: what they did in the span, and per second. NAN = nothing is known. */
struct derive_sum {
	double total, per_s;
};
void derive_sum_add(const struct session *session, const struct series *series, enum metric metric,
		    enum span span, struct derive_sum *sum);

/* Over living threads and what the ended ones left. */
struct derive_sum derive_sum_threads(const struct session *session, const enum metric *metrics,
				     size_t metric_count, enum span span);

/* Work divided by the energy of the span; of a sum without name and quality. */
struct derive_work derive_work_of_sum(const struct session *session, const struct derive_sum *sum,
				      enum span span);
struct derive_work derive_work_of_series(const struct session *session, const struct series *series,
					 enum span span);

#endif
