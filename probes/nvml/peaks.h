/* SPDX-License-Identifier: Apache-2.0 */
/* What the pipes and the memory of known GPUs do at most, as their maker says. */
#ifndef JOULETOP_PROBES_PEAKS_H
#define JOULETOP_PROBES_PEAKS_H

#include "measure/probe.h"

/* Roofs of a GPU by its name, as children of its domain: "roof/KEY/bf16/tensor" in FLOP/s without sparsity with the clock at
 * which it holds (where that is told), "roof/KEY/read/dram" in bytes/s. Their name is what the maker calls the GPU; where they
 * come from is its label "peaks". An unknown GPU gets none. */
void peaks_tell(struct feed *feed, uint32_t gpu, const char *key, const char *name);

#endif
