/* SPDX-License-Identifier: Apache-2.0 */
/* A session sampled without a screen, for the jobs that need readings before or instead of a run. */
#ifndef JOULETOP_COLLECT_H
#define JOULETOP_COLLECT_H

#include "base/error.h"
#include "measure/sysroot.h"
#include "model/session.h"

struct collect_options {
	const struct sysroot *root;
	int64_t interval_ns;
	int64_t time_ns; /* at most so long */
	/* Asked after each look at the mailbox: ends it earlier; NULL = never. */
	bool (*enough)(void *user, const struct session *session);
	void *user;
	void (*progress)(int64_t done_ns, int64_t time_ns); /* after each sample; NULL = silent */
};

/* Watches jouletop alone, runs all probes and the estimate. Returns the session (owner: caller), NULL with *err. None of its
 * threads runs afterwards. */
struct session *collect_run(const struct collect_options *options, struct error *err);

#endif
