/* SPDX-License-Identifier: Apache-2.0 */
/* Floating point events of Arm's cores: speculative, and of all precisions together but on A64FX. */
#include "probes/counters/recipes.h"

#define MIXED "the precisions are not told apart: all count as FP32; speculative, with all lanes"

/* FP_FIXED_OPS_SPEC: scalar and NEON. FP_SCALE_OPS_SPEC: SVE, for each 128 bits of the vector length.
 * STALL_BACKEND_MEM: a counter is left for it. */
#define OPERATIONS(granules)                                               \
	{0x80c1, NULL, METRIC_FLOP_FP32, 1, RECIPE_ANY},                   \
		{0x80c0, NULL, METRIC_FLOP_FP32, granules, RECIPE_VECTOR}, \
	{                                                                  \
		0x4005, NULL, METRIC_STALL_CYCLES, 1, RECIPE_CHEAP         \
	}
static const struct recipe_event sve_128[] = {OPERATIONS(1)};
static const struct recipe_event sve_256[] = {OPERATIONS(2)};
/* FP_{HP,SP,DP}_{FIXED,SCALE}_OPS_SPEC. */
static const struct recipe_event a64fx_events[] = {
	{0x80c5, NULL, METRIC_FLOP_FP32, 1, RECIPE_ANY},
	{0x80c4, NULL, METRIC_FLOP_FP32, 4, RECIPE_VECTOR},
	{0x80c7, NULL, METRIC_FLOP_FP64, 1, RECIPE_ANY},
	{0x80c6, NULL, METRIC_FLOP_FP64, 4, RECIPE_VECTOR},
	{0x80c3, NULL, METRIC_FLOP_FP16, 1, RECIPE_ANY},
	{0x80c2, NULL, METRIC_FLOP_FP16, 4, RECIPE_VECTOR},
};

#define LL_CACHE_MISS_RD 0x37
#define EVENTS(list) \
	.events = (list), .event_count = ARRAY_SIZE(list), .llc_config = LL_CACHE_MISS_RD

static const struct recipe neoverse_n1 = {
	.name = "Neoverse N1",
	.llc_config = LL_CACHE_MISS_RD,
	.missing = "Neoverse N1 counts floating point instructions but not their operations",
};
static const struct recipe neoverse_v1 = {.name = "Neoverse V1", EVENTS(sve_256), .missing = MIXED};
static const struct recipe neoverse_128 = {
	.name = "Neoverse N2, V2, N3 or V3", EVENTS(sve_128), .missing = MIXED};
static const struct recipe a64fx = {
	.name = "A64FX", EVENTS(a64fx_events), .missing = "speculative, with all lanes"};

const struct recipe_model recipe_models_arm[] = {
	{RECIPE_ARM, 0, 0xd0c, 0xd0c, &neoverse_n1, NULL},
	{RECIPE_ARM, 0, 0xd40, 0xd40, &neoverse_v1, NULL},
	{RECIPE_ARM, 0, 0xd49, 0xd49, &neoverse_128, NULL}, /* N2 */
	{RECIPE_ARM, 0, 0xd4f, 0xd4f, &neoverse_128, NULL}, /* V2: Grace, Graviton 4 */
	{RECIPE_ARM, 0, 0xd83, 0xd84, &neoverse_128, NULL}, /* V3AE, V3 */
	{RECIPE_ARM, 0, 0xd8e, 0xd8e, &neoverse_128, NULL}, /* N3 */
	{RECIPE_FUJITSU, 0, 0x001, 0x001, &a64fx, NULL},
};
const size_t recipe_models_arm_count = ARRAY_SIZE(recipe_models_arm);
