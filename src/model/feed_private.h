/* SPDX-License-Identifier: Apache-2.0 */
/* What a feed remembers; shared by feed.c and feed_value.c alone. */
#ifndef JOULETOP_FEED_PRIVATE_H
#define JOULETOP_FEED_PRIVATE_H

#include "model/feed.h"
#include "model/keyset.h"

/* One metric of a series. */
struct feed_metric {
	struct counter counter;
	int64_t seen_ns; /* last reading that did not move */
	uint32_t rule;	 /* index into feed.rules */
	int16_t gap;	 /* errno of the last attempt */
	uint8_t metric;
	bool known : 1; /* the session has been told a value */
	bool still : 1; /* read without moving since it was told */
};

struct feed_series {
	uint32_t domain; /* 0 = a free id */
	uint32_t next;	 /* of the same domain; 0 = last */
	char *source;
	struct feed_metric *metrics;
	uint8_t quality, count, capacity;
};

struct feed_domain {
	char key[DOMAIN_KEY_SIZE];
	char name[DOMAIN_NAME_SIZE];
	uint32_t parent, first_series;
	uint8_t kind;
	bool used;
};

/* Ids that retired and may be given again. */
struct feed_free {
	uint32_t *ids;
	size_t count, capacity;
};

struct feed {
	struct batch *batch;
	int64_t now_ns; /* newest time told: domains are born then */
	struct keyset keys;
	struct feed_domain *domains; /* by id; 0 is not used */
	size_t domain_count, domain_capacity;
	struct feed_series *series; /* by id; 0 is not used */
	size_t series_count, series_capacity;
	struct counter_rule *rules; /* the different ones; 0 = the default */
	size_t rule_count, rule_capacity;
	struct feed_free free_domains, free_series;
	unsigned work_units;
};

/* Appends an event; the pointer is valid until the next one. */
struct event *feed_add(struct feed *feed, enum event_type type, int detail, uint32_t id,
		       int64_t time_ns);

/* Appends a cleaned text of less than `size` bytes and returns its offset. NULL = "". */
uint32_t feed_put(struct feed *feed, const char *text, size_t size);

/* The domain or series of an id; NULL when there is none. */
struct feed_domain *feed_find_domain(struct feed *feed, uint32_t id);
struct feed_series *feed_find_series(struct feed *feed, uint32_t id);

#endif
