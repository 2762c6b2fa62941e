/* SPDX-License-Identifier: Apache-2.0 */
/* Floating point events of AMD's Zen cores. Each takes two counters: up to 64 operations retire in a cycle. */
#include "probes/counters/recipes.h"

#define MIXED "single and double precision are not told apart: both count as FP32"

/* Event 0x03; multiply-add counts as two. */
static const struct recipe_event zen1_events[] = {
	{0x0f03,
	 "RETIRED_SSE_AVX_OPERATIONS:SP_ADD_SUB_FLOPS:SP_MULT_FLOPS:SP_DIV_FLOPS:SP_MULT_ADD_FLOPS",
	 METRIC_FLOP_FP32, 1, RECIPE_ANY},
	{0xf003,
	 "RETIRED_SSE_AVX_OPERATIONS:DP_ADD_SUB_FLOPS:DP_MULT_FLOPS:DP_DIV_FLOPS:DP_MULT_ADD_FLOPS",
	 METRIC_FLOP_FP64, 1, RECIPE_ANY},
};
static const struct recipe_event zen2_events[] = {
	{0x0f03, "RETIRED_SSE_AVX_FLOPS:ADD_SUB_FLOPS:MULT_FLOPS:DIV_FLOPS:MAC_FLOPS",
	 METRIC_FLOP_FP32, 1, RECIPE_ANY},
};
static const struct recipe_event zen4_events[] = {
	{0x0f03, "RETIRED_SSE_AVX_FLOPS:ADD_SUB_FLOPS:MULT_FLOPS:DIV_FLOPS:MAC_FLOPS",
	 METRIC_FLOP_FP32, 1, RECIPE_ANY},
	{0x1003, "RETIRED_SSE_AVX_FLOPS:BFLOAT_MAC_FLOPS", METRIC_FLOP_FP16, 1, RECIPE_VECTOR},
};
/* The low four bits are the kind of operation, the next three the type of the numbers. */
static const struct recipe_event zen5_events[] = {
	{0x6f03, NULL, METRIC_FLOP_FP32, 1, RECIPE_VECTOR},
	{0x4f03, NULL, METRIC_FLOP_FP32, 1, RECIPE_SCALAR},
	{0x2f03, NULL, METRIC_FLOP_FP16, 1, RECIPE_VECTOR},
	{0xaf03, NULL, METRIC_FLOP_FP64, 1, RECIPE_VECTOR},
	{0x8f03, NULL, METRIC_FLOP_FP64, 1, RECIPE_SCALAR},
};

/* ANY_DATA_CACHE_FILLS_FROM_SYSTEM, from near and far memory: the L3 itself has no event of a thread. */
#define DRAM_FILLS   0x4844
#define EVENTS(list) .events = (list), .event_count = ARRAY_SIZE(list)

static const struct recipe zen1 = {
	.name = "Zen", .table = "amd64_fam17h_zen1", EVENTS(zen1_events), .missing = ""};
static const struct recipe zen2 = {
	.name = "Zen 2", .table = "amd64_fam17h_zen2", EVENTS(zen2_events), .missing = MIXED};
static const struct recipe zen3 = {.name = "Zen 3",
				   .table = "amd64_fam19h_zen3",
				   EVENTS(zen2_events),
				   .llc_config = DRAM_FILLS,
				   .missing = MIXED};
static const struct recipe zen4 = {.name = "Zen 4",
				   .table = "amd64_fam19h_zen4",
				   EVENTS(zen4_events),
				   .llc_config = DRAM_FILLS,
				   .missing = MIXED};
static const struct recipe zen5 = {
	.name = "Zen 5", EVENTS(zen5_events), .llc_config = DRAM_FILLS, .missing = ""};

const struct recipe_model recipe_models_amd[] = {
	{RECIPE_AMD, 0x17, 0x00, 0x2f, &zen1, NULL},
	{RECIPE_AMD, 0x17, 0x30, 0xff, &zen2, NULL},
	{RECIPE_AMD, 0x19, 0x00, 0x0f, &zen3, NULL},
	{RECIPE_AMD, 0x19, 0x10, 0x1f, &zen4, NULL}, /* Genoa, Storm Peak */
	{RECIPE_AMD, 0x19, 0x20, 0x5f, &zen3, NULL},
	{RECIPE_AMD, 0x19, 0x60, 0x7f, &zen4, NULL}, /* Raphael, Phoenix */
	{RECIPE_AMD, 0x19, 0xa0, 0xaf, &zen4, NULL}, /* Bergamo */
	{RECIPE_AMD, 0x1a, 0x00, 0xff, &zen5, NULL},
};
const size_t recipe_models_amd_count = ARRAY_SIZE(recipe_models_amd);
