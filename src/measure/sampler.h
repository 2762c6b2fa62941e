/* SPDX-License-Identifier: Apache-2.0 */
/* The producers that measure: one thread for the watch and the fast probes, one for each slow probe. */
#ifndef JOULETOP_SAMPLER_H
#define JOULETOP_SAMPLER_H

#include "measure/mailbox.h"
#include "measure/probe.h"

struct sampler_options {
	const struct sysroot *root;
	const struct probe *const *probes; /* NULL-terminated list */
	struct mailbox *mailbox;
	struct watch *watch; /* the sampler owns it from here on */
	int64_t interval_ns;
	uint32_t tick_limit; /* stop after so many ticks; 0 = never */
	const char *marks_path;
	const char *const *work_urls; /* copied */
	size_t work_url_count;
	int first_producer; /* producers first_producer .. first_producer + sampler_producers - 1 */
	void (*ready)(
		void *user); /* called once on the sampler's thread when the first tick is done; may be NULL */
	void *ready_user;
};

struct sampler;

/* Starts the threads; they post until stopped. The first tick comes at once. NULL with *err when no thread can start. */
struct sampler *sampler_start(const struct sampler_options *options, struct error *err);

/* How many producers it uses (1 + slow probes). */
int sampler_producers(const struct probe *const *probes);

/* From any thread; takes effect at the next tick. */
void sampler_set_interval(struct sampler *sampler, int64_t interval_ns);
void sampler_probe_again(struct sampler *sampler); /* closes and opens every probe that is not ok */

/* Asks all to stop, waits at most 200 ms, abandons what hangs (its memory is left to it). */
void sampler_stop(struct sampler *sampler);

#endif
