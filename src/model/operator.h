/* SPDX-License-Identifier: Apache-2.0 */
/* Operators of a machine learning library: what each of them did, in what time, with how much energy. A view across the books:
 * nothing of it is part of a sum of energies. */
#ifndef JOULETOP_OPERATOR_H
#define JOULETOP_OPERATOR_H

#include "model/onednn.h"
#include "model/session.h"

/* The series of an operator's domain: what was executed, what was created, and its energy. */
#define OPERATOR_SOURCE	       "onednn"
#define OPERATOR_CREATE_MISS   "onednn:create:cache_miss"
#define OPERATOR_CREATE_HIT    "onednn:create:cache_hit"
#define OPERATOR_CREATE_NESTED "onednn:create_nested"
#define OPERATOR_ENERGY	       "onednn:overlap"

/* The label that holds its descriptor, as the library said it. */
#define OPERATOR_DESCRIPTOR "descriptor"

/* What operators are told apart by; they may be put together in a set. */
enum operator_key {
	OPERATOR_KIND = 1,
	OPERATOR_SHAPE = 2,
	OPERATOR_IMPLEMENTATION = 4,
	OPERATOR_TYPE = 8,
	OPERATOR_DIRECTION = 16,
	OPERATOR_ENGINE = 32,
	OPERATOR_EVERYTHING = 64, /* each domain by itself */
};

/* Creations: what was made anew and what a cache had. Those inside of another one's are in its time already. */
struct operator_creations {
	uint64_t misses, hits, nested;
	double time_s; /* of misses and hits */
};

/* One operator, or all that agree in the keys; texts of what was not asked for are empty, of what has none "-". */
struct operator_row {
	char kind[40], shape[96], implementation[48], type[ONEDNN_TYPE_SIZE], direction[8],
		engine[16];
	size_t domains;		     /* operators in it */
	const struct domain *domain; /* of the first */
	uint64_t calls;
	double time_s;
	double operations;    /* NAN = none that can be counted */
	double bytes;	      /* NAN = unknown */
	double energy_j;      /* while it ran, of the machine's total; NAN = unknown */
	double energy_time_s; /* of its time, that of which the energy is known */
	bool is_estimated;
	struct operator_creations created;
};

/* All rows by time, the longest first; *rows grows (owner: caller, free()). Returns how many. */
size_t operator_rows(const struct session *session, unsigned keys, struct operator_row **rows,
		     size_t *capacity);

/* Adds the figures of a row to those of another one. */
void operator_add(struct operator_row *into, const struct operator_row *row);

/* The sum of all rows. */
struct operator_row operator_sum(const struct operator_row *rows, size_t count);

/* Figures of a row; NAN = undefined. */
double operator_rate(const struct operator_row *row);	    /* operations per second of its time */
double operator_bandwidth(const struct operator_row *row);  /* bytes per second */
double operator_intensity(const struct operator_row *row);  /* operations per byte of its tensors */
double operator_efficiency(const struct operator_row *row); /* operations per joule */

/* A point of the operator roofline. The intensity is by the bytes of the tensors: compulsory traffic, an upper bound. */
struct operator_point {
	char name[64]; /* "convolution bwd_w" */
	double intensity, flop_per_s;
	double time_ratio; /* of the time of all operators */
	double power_w;	   /* while it ran; NAN = unknown */
};

/* Points of those that do operations, by kind, direction and type, the longest first; returns how many, `max` at most. */
size_t operator_points(const struct session *session, struct operator_point *points, size_t max);

#endif
