/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the roofline share. */
#ifndef JOULETOP_ROOFLINE_PRIVATE_H
#define JOULETOP_ROOFLINE_PRIVATE_H

#include "model/roofline.h"

/* Puts a roof at its place among at most `max`, sorted by what it reaches; the one at the end may fall out. */
void roofline_insert(struct roofline_roof *roofs, size_t *count, size_t max,
		     const struct roofline_roof *roof, bool descending);

/* A point of which nothing is known yet. */
struct roofline_point roofline_new_point(const struct domain *domain, const char *name);

/* Puts it among the points or, with a reason, into the margin. */
void roofline_add_point(struct roofline_points *points, const struct roofline_point *point);

/* What the maker says of a GPU: "bf16" "tensor", "read" "dram". false = nothing. */
bool roofline_gpu_roof(const struct domain *gpu, const char *what, const char *how,
		       struct roofline_roof *roof);

#endif
