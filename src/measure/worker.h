/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that reads probes on a grid of times and posts what they feed: the sampler's own, or one
 * slow probe's. */
#ifndef JOULETOP_WORKER_H
#define JOULETOP_WORKER_H

#include "measure/sampler.h"

struct worker;

/* slow NULL: the sampler's worker, which owns options->watch, reads the fast probes and ticks; else
 * the worker of that probe. Not running yet. */
struct worker *worker_create(const struct sampler_options *options, int producer,
			     const struct probe *slow);
void worker_destroy(struct worker *worker); /* only of one that does not run */

/* 0 or -errno. */
int worker_start(struct worker *worker, const char *name);

/* From any thread. */
void worker_set_interval(struct worker *worker, int64_t interval_ns);
void worker_probe_again(struct worker *worker);
void worker_ask_to_stop(struct worker *worker);

/* Waits for its end and destroys it; from that time on it is abandoned: it posts no more and
 * destroys itself, if ever. */
void worker_end(struct worker *worker, int64_t until_ns);

#endif
