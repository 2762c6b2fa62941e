/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs with which a producer tells what it saw. A feed only takes; nothing is read back. One thread per feed. */
#ifndef JOULETOP_FEED_H
#define JOULETOP_FEED_H

#include "model/counter.h"
#include "model/event.h"

#include <stdarg.h>

struct feed; /* ids, counters and the current batch of one producer */

struct feed *feed_create(void);
void feed_destroy(struct feed *feed);

/* Announces a domain and returns its id in this feed (>= 1). The same key gives the same id while it lives; a changed
 * name is announced again. parent 0 = the machine. Text is cleaned and cut here, as in all verbs below. */
uint32_t feed_domain(struct feed *feed, enum domain_kind kind, const char *key, uint32_t parent,
		     const char *name);

/* Announces a source of readings for a domain: returns the series' id (>= 1). Same domain and source give the same id. */
uint32_t feed_series(struct feed *feed, uint32_t domain, const char *source, enum quality quality);

/* Says how a counter of a series behaves; without it, it does not wrap and is anchored at its first reading. */
void feed_rule(struct feed *feed, uint32_t series, enum metric metric,
	       const struct counter_rule *rule);

/* A raw counter reading; the feed makes the total (counter.h). A fall becomes a gap (ERANGE) and a note. */
void feed_counter(struct feed *feed, uint32_t series, enum metric metric, int64_t time_ns,
		  uint64_t raw);

/* Adds to a counter that the producer itself keeps as increments (scaled counters, integrated power, work). */
void feed_increase(struct feed *feed, uint32_t series, enum metric metric, int64_t time_ns,
		   int64_t amount);

void feed_gauge(struct feed *feed, uint32_t series, enum metric metric, int64_t time_ns,
		int64_t value);

/* The value could not be had: errno, and a reason for people ("" = errno's). Repeats of the same gap cost nothing. */
void feed_gap(struct feed *feed, uint32_t series, enum metric metric, int64_t time_ns, int code,
	      const char *reason);

/* The label that tells how finely the meter of a source counts: this and the source's name. */
#define FEED_RESOLUTION_LABEL "resolution "

void feed_label(struct feed *feed, uint32_t domain, const char *label, const char *value);

/* State of a source for the sources panel and doctor: what it gives, why not, what to do. "" = nothing to say. */
void feed_source(struct feed *feed, const char *name, enum source_state state, const char *gives,
		 const char *reason, const char *remedy);

void feed_note(struct feed *feed, int64_t time_ns, enum note_level level, uint32_t domain,
	       const char *format, ...) __attribute__((format(printf, 5, 6)));

void feed_mark(struct feed *feed, int64_t time_ns, enum mark_verb verb, const char *name);

/* Work done, in the workload's unit ("tokens", "flop"); quality given, source names who said so ("marks"). */
void feed_work(struct feed *feed, int64_t time_ns, const char *source, const char *unit,
	       int64_t count);

void feed_output(struct feed *feed, int64_t time_ns, int stream, const char *line, size_t length);
/* An operator ran between these times, for so long. */
void feed_span(struct feed *feed, uint32_t series, int64_t begin_ns, int64_t end_ns,
	       int64_t busy_ns);
void feed_retire(struct feed *feed, int64_t time_ns,
		 uint32_t domain); /* its series are gone with it */
void feed_tick(struct feed *feed, int64_t time_ns, uint32_t number, int64_t lateness_ns);
void feed_meta(struct feed *feed, const char *key, const char *value);
void feed_end(struct feed *feed, int64_t time_ns, int64_t status);

/* The batch being filled (never NULL); feed_swap exchanges it for an empty one and returns the full one. */
struct batch *feed_batch(struct feed *feed);
struct batch *feed_swap(struct feed *feed, struct batch *empty);

#endif
