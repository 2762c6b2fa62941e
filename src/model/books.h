/* SPDX-License-Identifier: Apache-2.0 */
/* The books of energy: when a package's energy moves, the interval is closed and shared out among idle, watched threads,
 * others and unattributed; the shares' sum is the energy, to the microjoule. */
#ifndef JOULETOP_BOOKS_H
#define JOULETOP_BOOKS_H

#include "model/domain.h"
#include "model/session.h"

struct books;
struct estimate_calibration;

/* Measured idle power of one device. */
struct books_idle {
	char domain[DOMAIN_KEY_SIZE]; /* "package-0", "dram-0" */
	double power_w;
};

struct books_options {
	bool estimate; /* make an estimate where no sensor is */
	double tdp_w;  /* for it: thermal design power of a package; 0 = unknown */
	const struct estimate_calibration
		*calibration; /* for it: must outlive the books; NULL = none */
	bool watches_all; /* every thread of the machine is watched: what they do not explain is unattributed, not others */
	/* Measured idle power of packages that have none of their own; NAN = unknown: the lowest seen below 5 % load is used. */
	double baseline_w;
	const struct books_idle
		*idles; /* of single devices; copied as they appear: must outlive the books */
	size_t idle_count;
	const char *baseline_named; /* "10 s, 2026-11-20" */
};

/* The label of a slice of a GPU: how many of the GPU's compute slices it has. */
#define BOOKS_SLICE_SIZE "compute slices"

struct books *books_create(struct session *session, const struct books_options *options);
void books_destroy(struct books *books);

/* Called after each applied batch that held a tick: accumulates weights, closes intervals, writes the shares as series
 * with source "weight:model", "weight:cycles" or "weight:cpu-time" into the session. Live only; in replay the file has them. */
void books_tick(struct books *books);

/* What the panel says: the weight in use ("model", "cycles", "CPU time"), the idle power and its origin; "" and NAN = none
 * yet. */
const char *books_weight(const struct session *session);
/* The part of the watched energy that the weight may have given to the wrong thread, and what became of the model: "held-out
 * error 2 %", "not identifiable, ..."; NAN and "" = unknown. */
double books_band_ratio(const struct session *session);
const char *books_fit(const struct session *session);
/* "model, ±6 %"; "" = none yet. */
const char *books_weight_text(const struct session *session, char *out, size_t size);
double books_idle_w(const struct session *session, const char **named);

/* Bytes that a thread moved to and from memory are written too, each tick. Where controllers count them (quality measured; at
 * the package, its memory or its socket), the part of the watched threads goes by CPU time and each thread's by its misses of
 * the last level cache: source BOOKS_TRAFFIC_SHARED, quality attributed, drawn with `~`. Elsewhere only its misses are known,
 * 64 bytes each: source BOOKS_TRAFFIC_LEAST, quality estimated. That is the least it read, so that FLOP/byte is at most what
 * they give, drawn with `<=`. */
#define BOOKS_TRAFFIC_SHARED "traffic:shared"
#define BOOKS_TRAFFIC_LEAST  "traffic:at-least"

/* Splits energy over weights; sums exactly, rounding goes to the largest share. All zero weights: nothing is shared and
 * the whole energy is returned as rest. Pure. */
int64_t books_split(int64_t energy_uj, const uint64_t *weights, size_t count, int64_t *shares);

#endif
