/* SPDX-License-Identifier: Apache-2.0 */
/* The probe of NVIDIA's GPUs on the made-up driver, and what it told. */
#ifndef JOULETOP_TESTS_GPUS_H
#define JOULETOP_TESTS_GPUS_H

#include "tests/support/probed.h"

/* Where the first GPUs of the made-up driver sit. */
#define GPU_0		 "gpu-0000:1b:00.0"
#define GPU_1		 "gpu-0000:1c:00.0"
#define GPU_2		 "gpu-0000:1d:00.0"

#define GPUS_DEADLINE_NS (20 * CLOCK_NS_PER_S)

/* For cmocka: *state is a struct probed on this machine, with an empty script. */
int gpus_set_up(void **state);
int gpus_tear_down(void **state);

void gpus_open_and_sample(struct probed *probed);

/* What was told last. */
void gpus_expect(struct probed *probed, const char *key, const char *source, enum metric metric,
		 int64_t expected);
void gpus_expect_gap(struct probed *probed, const char *key, const char *source, enum metric metric,
		     int code);

/* Samples until the metric has a gap of that code (0 = a value), or too long. */
void gpus_sample_until(struct probed *probed, const char *key, const char *source,
		       enum metric metric, int code);

#endif
