/* SPDX-License-Identifier: Apache-2.0 */
/* The idle power of the machine: measured when it rests, kept for later runs. */
#ifndef JOULETOP_BASELINE_H
#define JOULETOP_BASELINE_H

#include "base/error.h"
#include "measure/sysroot.h"
#include "model/books.h"

#include <stddef.h>

#define BASELINE_DEVICES_MAX 64

/* Above this load of all CPUs a machine is not idle. */
#define BASELINE_LOAD_MAX 0.05

struct baseline {
	struct books_idle
		idles[BASELINE_DEVICES_MAX]; /* packages, GPUs, and memory where it has a meter */
	size_t count;
	char named[64];	    /* "10 s before the run", "10 s, 2 d" (measured for, age) */
	double load_ratio;  /* while it was measured; NAN = unknown */
	int64_t time_ns;    /* measured for */
	int64_t measured_s; /* when, seconds of UTC */
};

/* Measures for time_ns with a progress line on standard error. -ENODATA with *err when no package has a sensor. */
int baseline_measure(const struct sysroot *root, int64_t time_ns, struct baseline *baseline,
		     struct error *err);

/* Keeps it under $XDG_CACHE_HOME/jouletop/KEY, where KEY names CPU model, microcode and the CPUs we may use. *path: the file.
 * 0 or -errno with *err. */
int baseline_save(const struct sysroot *root, const struct baseline *baseline, char *path,
		  size_t size, struct error *err);

/* Takes the kept one. -ENOENT: there is none (silent); other failures with *err: it is not to be used. */
int baseline_load(const struct sysroot *root, struct baseline *baseline, struct error *err);

#endif
