/* SPDX-License-Identifier: Apache-2.0 */
/* Figures made from totals: rates, watts, ratios. Doubles in SI; NAN = undefined. Pure. */
#ifndef JOULETOP_DERIVE_H
#define JOULETOP_DERIVE_H

#include "model/session.h"

/* The stretch of time a figure is about. */
enum span {
	SPAN_NOW,    /* between the last two readings that moved */
	SPAN_WINDOW, /* since the window began (key w) */
	SPAN_RUN,    /* since the start */
};

/* Increase per second of a counter in SI units. SPAN_NOW of a METRIC_STILL_IS_ZERO counter that did not move at the last
 * tick is 0; of an energy counter it is the last known rate. A gap is NAN. */
double derive_rate(const struct session *session, const struct series *series, enum metric metric,
		   enum span span);

/* Increase over the span in SI units (joules, seconds, units of work). */
double derive_total(const struct session *session, const struct series *series, enum metric metric,
		    enum span span);

/* Floating point operations of all precisions per second, and bytes read and written per second: the sum of what is counted;
 * NAN when nothing is, or when one of them could not be counted now (a gap: AMX, cores without such events): a part is not the
 * whole. */
double derive_flop_per_s(const struct session *session, const struct series *series,
			 enum span span);
double derive_bytes_per_s(const struct session *session, const struct series *series,
			  enum span span);

/* False when the counters of a series ran for less than a quarter of the time: their numbers are shown, but not trusted. */
bool derive_is_trusted(const struct series *series);

/* Operations and bytes per second. */
#define DERIVE_PRECISIONS 3 /* fp64, fp32, fp16 */
struct derive_flow {
	double flop_per_s, bytes_per_s; /* NAN = not counted */
	double by_precision[DERIVE_PRECISIONS];
	enum quality flop_quality, bytes_quality;
	bool bytes_at_least; /* from misses alone, or from another proxy without a measured total */
	const char *reason;  /* why there are no operations; NULL or "" = none was given */
};
/* What a domain's own series say: a process has mostly none, its row (group.h) sums up its threads. */
struct derive_flow derive_own_flow(const struct session *session, const struct domain *domain,
				   enum span span);
struct derive_flow derive_no_flow(void);

/* The operations that were counted in a span, of all threads that ran; NAN = none of that precision. */
void derive_flops_by_precision(const struct session *session, enum span span,
			       double flops[DERIVE_PRECISIONS]);

void derive_flow_add(struct derive_flow *sum, const struct derive_flow *part);
const char *derive_precision_name(size_t precision);

/* A sum in which an unknown part is left out; NAN when all are unknown. */
double derive_add(double sum, double value);

/* A gauge's last value in SI units. */
double derive_gauge(const struct series *series, enum metric metric);

/* A derived metric of the catalogue for one series (CSV, exporters). */
double derive_metric(const struct session *session, const struct series *series,
		     enum metric metric);

/* Watts and joules of a domain from its preferred series, with how they were had. */
struct derive_power {
	const struct series *series; /* NULL = no source */
	double power_w, energy_j;
	double low_w, high_w; /* band of an estimate, else NAN */
	double limit_w;	      /* its cap, else NAN */
	double age_s;	      /* since the meter last moved */
	enum quality quality;
	int gap; /* errno when it cannot be read, reason in series->gap_reason; ENODATA without a reason: the meter
		  * has not moved yet */
};
struct derive_power derive_power(const struct session *session, const struct domain *domain,
				 enum span span);

/* The machine's total from the finest set that covers without overlap; `covers` says which ("package-0 + dram-0 + gpu-0"). */
struct derive_power derive_total_power(const struct session *session, enum span span, char *covers,
				       size_t size);

/* The domains that the total sums up: at most `max` of them into parts; returns how many there are. */
size_t derive_total_parts(const struct session *session, const struct domain **parts, size_t max);

/* True when the domain is one of those that the total sums up. */
bool derive_in_total(const struct domain *domain);

/* Watts above idle: attributed to threads, others and unattributed; NAN without a baseline. */
double derive_above_idle_w(const struct session *session, enum span span);

/* Busy CPUs of the machine (1 = one CPU), and how many CPUs there are. */
double derive_busy(const struct session *session, enum span span);

/* Mean frequency of the CPUs over the highest they have, of those that say both; NAN = none does. */
double derive_speed_ratio(const struct session *session);

/* What perf per watt counts, best available first; named. */
struct derive_work {
	char unit[32];	   /* "samples", "flop", "instr", "CPU s"; "" = there is none */
	const char *named; /* where it comes from: "marks", "counters", "operators", "CPU time" */
	enum quality quality;
	double per_s, total;
	double per_j;	    /* gross; NAN when energy is unknown */
	double per_j_above; /* above idle */
};
struct derive_work derive_work(const struct session *session, enum span span);

/* Floating point operations, best source first: work x --flops-per-work, marks, counters, operators. Total NAN and unit "":
 * nobody says. */
struct derive_work derive_flops(const struct session *session, enum span span);

/* --flops-per-work; NAN = not said. */
double derive_flops_per_work(const struct session *session);

/* The work last told in a unit ("flop", "byte"); "" = in a unit of the user's own. NULL = none. */
const struct series *derive_marked(const struct session *session, const char *unit);

/* The same for one unit; unit "" = nobody tells of it. */
struct derive_work derive_work_unit(const struct session *session, const char *unit,
				    enum span span);

/* The same history for charts: work per joule in buckets of bucket_ns. */
void derive_work_history(const struct session *session, int64_t bucket_ns,
			 struct history_bucket *out, size_t count);

/* The history of the total's watts. */
void derive_power_history(const struct session *session, const struct domain *domain,
			  int64_t bucket_ns, struct history_bucket *out,
			  size_t count); /* domain NULL = total */

/* jouletop's own cost: busy ratio, watts (NAN = unknown), resident bytes. */
struct derive_self {
	double busy_ratio, power_w, energy_j;
	int64_t memory_bytes;
};
struct derive_self derive_self(const struct session *session, enum span span);

#endif
