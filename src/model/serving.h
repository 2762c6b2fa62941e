/* SPDX-License-Identifier: Apache-2.0 */
/* Servers of language models: what they do, how full they are, how long they let wait. Pure. */
#ifndef JOULETOP_SERVING_H
#define JOULETOP_SERVING_H

#include "model/derive.h"

/* The meta data that says what 99 % of the latencies shall not exceed: "ttft=200ms,tpot=50ms". */
#define SERVING_SLO_KEY "slo"

struct serving_slo {
	double ttft_s, tpot_s; /* NAN = none */
};

/* 0, or -EINVAL. */
int serving_parse_slo(const char *text, struct serving_slo *slo);

/* Of the last minute; NAN = unknown. */
struct serving_latency {
	double p50_s, p99_s;
	double limit_s;	    /* of the SLO; NAN = none */
	double slack_ratio; /* how much of it is left, negative = missed */
	const char *reason; /* why there is none; "" = nothing to say */
};

struct serving_server {
	const char *name, *kind; /* "localhost:8000", "vllm" ("" = not known yet) */
	double running, waiting, kv_ratio;
	struct serving_latency ttft, tpot; /* to the first token, for each further one */
	const char *reason;		   /* why it cannot be read; "" = it is */
};

/* The servers, at most `max` of them; returns how many there are. */
size_t serving_servers(const struct session *session, struct serving_server *servers, size_t max);

/* The units that servers count, most telling first; NULL beyond the last. */
const char *serving_unit(size_t index);

#endif
