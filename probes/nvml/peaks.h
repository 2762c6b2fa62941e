/* SPDX-License-Identifier: Apache-2.0 */
/* What the pipes and the memory of known GPUs do at most, as their maker says. */
#ifndef JOULETOP_PROBES_PEAKS_H
#define JOULETOP_PROBES_PEAKS_H

#include "measure/probe.h"

/* Labels of a GPU by its name: "peak fp64", "peak fp64 tensor", "peak fp32", "peak tf32", "peak fp16" (and bfloat16), "peak fp8"
 * in FLOP/s, "memory bandwidth" in bytes/s. An unknown GPU gets none. */
void peaks_tell(struct feed *feed, uint32_t domain, const char *name);

#endif
