/* SPDX-License-Identifier: Apache-2.0 */
/* GPUs as their probe tells them: peaks, activity of pipes, clock, watts. */
#ifndef JOULETOP_TEST_CARDS_H
#define JOULETOP_TEST_CARDS_H

#include "tests/support/desk.h"

#define CARD_0 "gpu-0000:1b:00.0"
#define CARD_1 "gpu-0000:1c:00.0"

/* Percent of the cycles; below 0 = not told. */
struct card {
	const char *key, *name;
	const char *sheet; /* what its maker calls it; NULL = nobody knows its peaks */
	double tensor, hmma, fp64, fp32, fp16, dram;
	int mhz, watts;
};

/* Round figures: fp8 2 P, bf16 and fp16 1 P, tf32 500 T at 1830 MHz; fp64 by tensors and fp32 60 T, fp64 30 T, fp16 without
 * tensors 120 T at 1980 MHz; memory 4 TB/s. */
void cards_peaks(struct desk *desk, const char *key, const char *name, const char *sheet);

/* One second of a card, peaks included. */
void cards_second(struct desk *desk, const struct card *card);

/* An H100 that computes and one that waits for its memory, for three seconds. */
void cards_training(struct desk *desk);

#endif
