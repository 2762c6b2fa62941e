/* SPDX-License-Identifier: Apache-2.0 */
/* A machine with roofs and a workload below them, for tests of the roofline; its figures add up. */
#ifndef JOULETOP_TEST_ROOFS_H
#define JOULETOP_TEST_ROOFS_H

#include "tests/support/desk.h"

/* One roof, in operations or (flops false) bytes per second; power_w 0 = it was measured without a sensor. */
void roofs_roof(struct desk *desk, const char *key, bool flops, int64_t per_s, int64_t power_w,
		enum quality quality);

/* All cores: AVX-512 3.1 T, AVX2 1.58 T in fp32, half of it in fp64, DRAM 255 GB/s, L3 900 GB/s; one core: a sixteenth of
 * the operations, 20 GB/s. */
void roofs_machine(struct desk *desk, enum quality quality);

/* What a process with one thread does in a second; what is negative nobody counts. */
struct roofs_task {
	int pid;
	const char *name;
	int64_t flop_fp32, flop_fp64, bytes, misses, watts;
	enum quality bytes_quality;
};

/* Feeds the second before the next tick; all of one in the first call announces. */
void roofs_second(struct desk *desk, const struct roofs_task *task);

/* Two processes below measured roofs for 12 s: train 0.75 TFLOP/s at 11.8 FLOP/byte and 121 W, loader 5 GFLOP/s at 0.1 and
 * 12 W, and optimizer, whose operations nobody counts. */
void roofs_training(struct desk *desk);

/* A tick in which marks tell of so many operations and bytes; 0 = nothing of them. */
void roofs_mark(struct desk *desk, int64_t flops, int64_t bytes);

#endif
