/* SPDX-License-Identifier: Apache-2.0 */
/* The most this machine can do: operations per second by instruction set and data type, bytes per second by level of memory,
 * on one core and on all. Returns numbers, keeps nothing. */
#ifndef JOULETOP_CEILINGS_H
#define JOULETOP_CEILINGS_H

#include "base/error.h"
#include "ceilings/kernel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CEILINGS_KEY_SIZE    64
#define CEILINGS_NAME_SIZE   64
#define CEILINGS_REASON_SIZE 128

/* Memory: level 1..3 = caches, CEILINGS_DRAM = memory itself. */
#define CEILINGS_DRAM	     4

#define CEILINGS_UNDISTURBED 0.97

const char *ceilings_level_name(int level); /* "l1", "dram" */

/* What is known of the machine when it is decided what to run. */
struct ceilings_machine {
	uint32_t features; /* kernel_features() */
	size_t cores;	   /* that the affinity mask leaves us */
	/* Of the level 1..3 [level - 1]: of one core alone, and of each when all that are used work; 0 = none. */
	int64_t one_bytes[3], each_bytes[3];
	int64_t last_bytes;   /* all caches of the last level together */
	double cpu_limit;     /* of the control group, in CPUs; 0 = none */
	int64_t memory_bytes; /* that may be taken */
};

/* One ceiling: what it is, and after it was measured, what was reached. */
struct ceiling {
	char key[CEILINGS_KEY_SIZE];	    /* "roof/1/fp32/avx512", "roof/all/read/dram" */
	char name[CEILINGS_NAME_SIZE];	    /* "AVX-512 FMA fp32, 1 core" */
	char reason[CEILINGS_REASON_SIZE];  /* why it is not run; "" = it is */
	const struct kernel *kernel;	    /* operations, or NULL */
	const struct kernel_memory *memory; /* bytes, or NULL */
	int level;			    /* memory */
	size_t cores;
	int64_t bytes;	     /* memory: working set of each core */
	double per_s;	     /* operations or bytes (those loaded and stored); NAN = not measured */
	double middle_per_s; /* of the stretches of the last try, of which per_s is the best */
	/* Of the time that was measured, what the least lucky thread had of its core: below CEILINGS_UNDISTURBED others ran
	 * there, and per_s is too low. */
	double own_ratio;
	int64_t begin_ns, end_ns; /* when: CLOCK_MONOTONIC */
};

struct ceilings {
	struct ceiling *rows;
	size_t count;
	size_t cores, cores_allowed; /* used by "all"; that the affinity mask leaves us */
	double cpu_limit;
};

/* What would be run, and what not for which reason. Pure. Owner: caller, ceilings_finish. */
void ceilings_plan(const struct ceilings_machine *machine, struct ceilings *ceilings);
void ceilings_finish(struct ceilings *ceilings);
size_t ceilings_planned(const struct ceilings *ceilings); /* rows without a reason */

struct cores;

/* Looks at this machine; cpu_limit and memory_bytes are the caller's. Main thread. */
void ceilings_look(const struct cores *cores, double cpu_limit, int64_t memory_bytes,
		   struct ceilings_machine *out);

struct ceilings_options {
	int64_t time_ns; /* for all together */
	/* Before each: false ends it all. NULL = always on. */
	bool (*go_on)(void *user, size_t done, size_t count, const struct ceiling *next);
	void *user;
};

/* Fills per_s, own_ratio, begin_ns, end_ns. -EINTR when go_on said so, others with *err. */
int ceilings_measure(struct ceilings *ceilings, const struct cores *cores,
		     const struct ceilings_options *options, struct error *err);

#endif
