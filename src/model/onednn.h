/* SPDX-License-Identifier: Apache-2.0 */
/* The verbose lines of oneDNN, of every version from 0.21 on: what a line says, and how much work an operator is. Pure; bytes of
 * others: nothing in them is trusted. */
#ifndef JOULETOP_ONEDNN_H
#define JOULETOP_ONEDNN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ONEDNN_LINE_MAX 16384 /* a longer line is none of theirs */

/* A part of a line; lent. */
struct onednn_part {
	const char *at;
	size_t length;
};

enum onednn_verb {
	ONEDNN_NONE,	/* no line of oneDNN's */
	ONEDNN_EXEC,	/* an operator was executed */
	ONEDNN_CREATE,	/* ... was created, or found in the cache */
	ONEDNN_INFO,	/* about the library and the machine */
	ONEDNN_MESSAGE, /* check, dispatch, error, graph: known, and not counted */
	ONEDNN_UNKNOWN, /* begins like one of theirs and makes no sense: cut, mixed with another, of a version to come */
	ONEDNN_VERBS
};

struct onednn_line {
	enum onednn_verb verb;
	struct onednn_part event; /* "exec", "create:cache_hit" */
	struct onednn_part
		descriptor; /* from the engine to the problem: what tells operators apart */
	bool has_time;
	int64_t time_ns;  /* how long it took */
	int64_t stamp_ns; /* when it began, since 1970; 0 = not said */
};

/* Reads one line without its end. */
void onednn_read(const char *text, size_t length, struct onednn_line *line);

/* How long the marker is that text begins with ("onednn_verbose,"); 0 = with none, -1 = with a part of one that goes on
 * beyond its end. */
int onednn_marker(const char *text, size_t length);

/* The fields of a descriptor; an empty part = the version does not say it. */
struct onednn_descriptor {
	struct onednn_part engine, kind, implementation, direction, memory, attributes, auxiliary,
		shape;
};

/* Splits a descriptor. -EINVAL when it is none: too few fields, a kind that is no word, control characters, a second marker. */
int onednn_split(const char *text, size_t length, struct onednn_descriptor *descriptor);

#define ONEDNN_TYPE_SIZE 24

enum onednn_precision { ONEDNN_NO_FLOAT, ONEDNN_FP64, ONEDNN_FP32, ONEDNN_FP16, ONEDNN_PRECISIONS };

/* What one execution is. Operations by the rule of benchdnn: a multiply-add is two, taps that lie in the padding do not count,
 * and all but convolutions, inner products, matrix products and recurrent layers do none. Bytes: its tensors, padding of their
 * layout included, each read or written once; what a cache does not keep comes on top. */
struct onednn_work {
	int64_t operations; /* -1 = unknown; 0 = none by definition */
	int64_t bytes;	    /* -1 = unknown */
	enum onednn_precision
		precision; /* of the operations; ONEDNN_NO_FLOAT: of integers, or of types below 16 bits */
	char type[ONEDNN_TYPE_SIZE]; /* "f32", "bf16>f32", "u8:s8:s32"; "?" = not said */
};
struct onednn_work onednn_work(const struct onednn_descriptor *descriptor);

/* "fwd", "bwd_d", "bwd_w", "bwd", "" = it has none. */
const char *onednn_direction(struct onednn_part direction);

/* True when a part is this text. */
bool onednn_is(struct onednn_part part, const char *text);
bool onednn_begins(struct onednn_part part, const char *text);

#endif
