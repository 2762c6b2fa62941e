/* SPDX-License-Identifier: Apache-2.0 */
/* What a source of readings looks like: one file under probes/, one `const struct probe probe_NAME` at its end. */
#ifndef JOULETOP_PROBE_H
#define JOULETOP_PROBE_H

#include "base/clock.h"		/* IWYU pragma: export */
#include "base/error.h"		/* IWYU pragma: export */
#include "base/memory.h"	/* IWYU pragma: export */
#include "base/text.h"		/* IWYU pragma: export */
#include "base/thread.h"	/* IWYU pragma: export */
#include "measure/perfevent.h"	/* IWYU pragma: export */
#include "measure/sysroot.h"	/* IWYU pragma: export */
#include "measure/watch.h"	/* IWYU pragma: export */
#include "measure/watch_stat.h" /* IWYU pragma: export */
#include "model/feed.h"		/* IWYU pragma: export */

/* What a probe is given. All of it outlives the probe. */
struct probe_context {
	const struct sysroot *root;
	struct feed *feed;   /* the producer's own */
	int64_t interval_ns; /* how often sample is called; refreshed when the user changes it */
	/* How long the machine was suspended since the last sample. CLOCK_MONOTONIC stands still meanwhile and meters may
	 * not: what they counted then belongs to no interval. */
	int64_t slept_ns;
	const char *marks_path;	      /* where `marks` listens; NULL elsewhere */
	const char *const *work_urls; /* metrics pages that `serving` reads */
	size_t work_url_count;
};

struct probe {
	const char *name;    /* as in the sources panel */
	const char *gives;   /* "package, core, dram energy" */
	size_t private_size; /* zeroed memory handed as self */

	/* A slow probe may block: it has a thread and a feed of its own, watch is NULL in sample. A fast one runs on the
	 * sampler's thread. */
	bool slow;
	int64_t period_ns; /* slow: at least this long between two samples; 0 = the interval */

	/* Finds out what is here and announces it (feed_domain, feed_series, feed_source). 0; -ENODEV = not here, no fault
	 * (SOURCE_NONE with err's text as reason); any other -errno with *err = fault (SOURCE_FAILED, or what the probe has
	 * itself said with feed_source before). Called again after the user asked to probe again: close comes before it. */
	int (*open)(void *self, const struct probe_context *context, struct error *err);

	/* Feeds one reading of everything. Single values that cannot be read are gaps. -errno only when the whole source
	 * is gone (it is closed, said, and tried again at the user's wish). */
	int (*sample)(void *self, const struct probe_context *context, const struct watch *watch);

	void (*close)(void *self); /* accepts a self whose open failed or never ran */
};

#endif
