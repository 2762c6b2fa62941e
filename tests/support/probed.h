/* SPDX-License-Identifier: Apache-2.0 */
/* One probe on a made-up or recorded machine: opened, read, and what it told. The test may make
 * reads fail. A test that holds the clock defines clock_now_ns itself. */
#ifndef JOULETOP_TESTS_PROBED_H
#define JOULETOP_TESTS_PROBED_H

#include "measure/probe.h"
#include "tests/support/machine.h"

struct probed {
	const struct probe *probe;
	void *self;
	char directory[128];
	struct sysroot root;
	struct machine *machine;
	struct feed *feed;
	struct probe_context context; /* interval 0.5 s */
};

/* Nothing is opened yet; the directory is there and empty. */
void probed_begin(struct probed *probed, const struct probe *probe);
void probed_end(struct probed *probed);

/* The same for a cmocka test, whose state it becomes. */
int probed_set_up(void **state, const struct probe *probe);
int probed_tear_down(void **state);

/* The machine: tests/machines/NAME.machine, text of that kind, or a directory. */
void probed_use_machine(struct probed *probed, const char *name);
void probed_use_text(struct probed *probed, const char *text);
void probed_use_root(struct probed *probed, const char *path);

/* A recorded one below $JOULETOP_DATA/machines; skips the test when it is not there. */
void probed_use_recorded(struct probed *probed, const char *name);

/* Opens; the second asserts that it succeeds. */
int probed_open(struct probed *probed, struct error *err);
void probed_must_open(struct probed *probed);
void probed_sample(struct probed *probed);

/* From the n-th read on (1 = the next), `count` reads fail with `code`. 0, 0, 0 = none. */
void probed_fail_reads(int from, int count, int code);
int probed_reads(void); /* since then */

/* Looks again and again at the machine as it was at first, with a probe that knows nothing: each time another of all reads
 * fails with `code`. `look` opens, samples and asserts. */
void probed_fail_each_read(struct probed *probed, int code, void (*look)(struct probed *probed));

/* What was told last of the energy of a domain and source. */
int probed_gap(struct probed *probed, const char *key, const char *source, const char **reason);
bool probed_energy(struct probed *probed, const char *key, const char *source, int64_t *energy_uj);
void probed_assert_energy(struct probed *probed, const char *key, const char *source,
			  int64_t expected_uj);

/* The parent that a domain was announced with; UINT32_MAX = it was not. */
uint32_t probed_parent(struct probed *probed, const char *key);

#endif
