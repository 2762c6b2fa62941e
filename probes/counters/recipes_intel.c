/* SPDX-License-Identifier: Apache-2.0 */
/* Floating point events of Intel's cores: numbers of Intel's own event files, names of libpfm4. */
#include "probes/counters/recipes.h"

/* FP_ARITH_INST_RETIRED counts instructions, one umask for each width; FMA counts twice. */
#define ARITH  "FP_ARITH_INST_RETIRED:"
#define ARITH2 "FP_ARITH_INST_RETIRED2:"
#define SINGLES                                                                           \
	{0x02c7, ARITH "SCALAR_SINGLE", METRIC_FLOP_FP32, 1, RECIPE_SCALAR},              \
		{0x08c7, ARITH "128B_PACKED_SINGLE", METRIC_FLOP_FP32, 4, RECIPE_VECTOR}, \
	{                                                                                 \
		0x20c7, ARITH "256B_PACKED_SINGLE", METRIC_FLOP_FP32, 8, RECIPE_VECTOR    \
	}
#define DOUBLES                                                                           \
	{0x01c7, ARITH "SCALAR_DOUBLE", METRIC_FLOP_FP64, 1, RECIPE_SCALAR},              \
		{0x04c7, ARITH "128B_PACKED_DOUBLE", METRIC_FLOP_FP64, 2, RECIPE_VECTOR}, \
	{                                                                                 \
		0x10c7, ARITH "256B_PACKED_DOUBLE", METRIC_FLOP_FP64, 4, RECIPE_VECTOR    \
	}
#define SINGLES_512                                                                     \
	{                                                                               \
		0x80c7, ARITH "512B_PACKED_SINGLE", METRIC_FLOP_FP32, 16, RECIPE_VECTOR \
	}
#define DOUBLES_512                                                                    \
	{                                                                              \
		0x40c7, ARITH "512B_PACKED_DOUBLE", METRIC_FLOP_FP64, 8, RECIPE_VECTOR \
	}

/* CYCLE_ACTIVITY.STALLS_L3_MISS: nothing was executed while a load waited for memory. */
#define STALLS                                                                                    \
	{                                                                                         \
		0x060006a3, "CYCLE_ACTIVITY:STALLS_L3_MISS", METRIC_STALL_CYCLES, 1, RECIPE_CHEAP \
	}

static const struct recipe_event avx2[] = {SINGLES, DOUBLES};
static const struct recipe_event avx2_stalls[] = {SINGLES, DOUBLES, STALLS};
static const struct recipe_event avx512[] = {SINGLES, SINGLES_512, DOUBLES, DOUBLES_512, STALLS};

/* FP_ARITH_INST_RETIRED2: half precision; a complex scalar is taken for one operation (it is two, and rare). */
static const struct recipe_event avx512_half[] = {
	SINGLES,
	SINGLES_512,
	DOUBLES,
	DOUBLES_512,
	{0x03cf, ARITH2 "SCALAR", METRIC_FLOP_FP16, 1, RECIPE_SCALAR},
	{0x04cf, ARITH2 "128B_PACKED_HALF", METRIC_FLOP_FP16, 8, RECIPE_VECTOR},
	{0x08cf, ARITH2 "256B_PACKED_HALF", METRIC_FLOP_FP16, 16, RECIPE_VECTOR},
	{0x10cf, ARITH2 "512B_PACKED_HALF", METRIC_FLOP_FP16, 32, RECIPE_VECTOR},
	{0x02b7, "EXE:AMX_BUSY", METRIC_FLOP_FP16, 0, RECIPE_AMX},
};

/* FP_FLOPS_RETIRED of Crestmont and later: operations, of vectors or not. */
static const struct recipe_event crestmont_events[] = {
	{0x02c8, NULL, METRIC_FLOP_FP32, 1, RECIPE_ANY},
	{0x01c8, NULL, METRIC_FLOP_FP64, 1, RECIPE_ANY},
};

#define LLC_MISSES   0x412e /* LONGEST_LAT_CACHE.MISS, on all of them */
#define EVENTS(list) .events = (list), .event_count = ARRAY_SIZE(list), .llc_config = LLC_MISSES

static const struct recipe haswell = {
	.name = "Haswell",
	.llc_config = LLC_MISSES,
	.missing = "Haswell has no event for floating point operations",
};
static const struct recipe broadwell = {
	.name = "Broadwell", .table = "bdw", EVENTS(avx2), .missing = ""};
static const struct recipe skylake = {
	.name = "Skylake", .table = "skl", EVENTS(avx2_stalls), .missing = ""};
static const struct recipe skylake_server = {
	.name = "Skylake server", .table = "skx", EVENTS(avx512), .missing = ""};
static const struct recipe ice_lake = {
	.name = "Ice Lake", .table = "icl", EVENTS(avx512), .missing = ""};
static const struct recipe ice_lake_server = {
	.name = "Ice Lake server", .table = "icx", EVENTS(avx512), .missing = ""};
static const struct recipe sapphire_rapids = {
	.name = "Sapphire Rapids",
	.table = "spr",
	EVENTS(avx512_half),
	.missing = "AMX not countable",
};
/* Their numbers are those of Sapphire Rapids, but libpfm4 has no table for them. */
static const struct recipe granite_rapids = {
	.name = "Emerald or Granite Rapids",
	EVENTS(avx512_half),
	.missing = "AMX not countable",
};
static const struct recipe golden_cove = {
	.name = "performance core", EVENTS(avx2_stalls), .missing = ""};
static const struct recipe gracemont = {
	.name = "Gracemont",
	.llc_config = LLC_MISSES,
	.missing = "Gracemont cores have no event for floating point operations",
};
static const struct recipe crestmont = {
	.name = "efficient core", EVENTS(crestmont_events), .missing = ""};

const struct recipe_model recipe_models_intel[] = {
	{RECIPE_INTEL, 6, 60, 60, &haswell, NULL},
	{RECIPE_INTEL, 6, 63, 63, &haswell, NULL},
	{RECIPE_INTEL, 6, 69, 70, &haswell, NULL},
	{RECIPE_INTEL, 6, 61, 61, &broadwell, NULL},
	{RECIPE_INTEL, 6, 71, 71, &broadwell, NULL},
	{RECIPE_INTEL, 6, 79, 79, &broadwell, NULL},
	{RECIPE_INTEL, 6, 86, 86, &broadwell, NULL},
	{RECIPE_INTEL, 6, 78, 78, &skylake, NULL},
	{RECIPE_INTEL, 6, 94, 94, &skylake, NULL},
	{RECIPE_INTEL, 6, 142, 142, &skylake, NULL},
	{RECIPE_INTEL, 6, 158, 158, &skylake, NULL},
	{RECIPE_INTEL, 6, 165, 166, &skylake, NULL},
	{RECIPE_INTEL, 6, 85, 85, &skylake_server, NULL}, /* and Cascade, Cooper Lake */
	{RECIPE_INTEL, 6, 125, 126, &ice_lake, NULL},
	{RECIPE_INTEL, 6, 140, 141, &ice_lake, NULL}, /* Tiger Lake */
	{RECIPE_INTEL, 6, 167, 167, &ice_lake, NULL}, /* Rocket Lake */
	{RECIPE_INTEL, 6, 106, 106, &ice_lake_server, NULL},
	{RECIPE_INTEL, 6, 108, 108, &ice_lake_server, NULL},
	{RECIPE_INTEL, 6, 143, 143, &sapphire_rapids, NULL},
	{RECIPE_INTEL, 6, 207, 207, &granite_rapids, NULL}, /* Emerald Rapids */
	{RECIPE_INTEL, 6, 173, 174, &granite_rapids, NULL},
	{RECIPE_INTEL, 6, 151, 151, &golden_cove, &gracemont}, /* Alder Lake */
	{RECIPE_INTEL, 6, 154, 154, &golden_cove, &gracemont},
	{RECIPE_INTEL, 6, 183, 183, &golden_cove, &gracemont}, /* Raptor Lake */
	{RECIPE_INTEL, 6, 186, 186, &golden_cove, &gracemont},
	{RECIPE_INTEL, 6, 191, 191, &golden_cove, &gracemont},
	{RECIPE_INTEL, 6, 190, 190, &gracemont, NULL},	       /* Alder Lake-N: small cores alone */
	{RECIPE_INTEL, 6, 170, 170, &golden_cove, &crestmont}, /* Meteor Lake */
	{RECIPE_INTEL, 6, 172, 172, &golden_cove, &crestmont},
	{RECIPE_INTEL, 6, 181, 181, &golden_cove, &crestmont}, /* Arrow Lake */
	{RECIPE_INTEL, 6, 197, 198, &golden_cove, &crestmont},
	{RECIPE_INTEL, 6, 189, 189, &golden_cove, &crestmont}, /* Lunar Lake */
	{RECIPE_INTEL, 6, 175, 175, &crestmont, NULL},	       /* Sierra Forest */
	{RECIPE_INTEL, 6, 182, 182, &crestmont, NULL},	       /* Grand Ridge */
	{RECIPE_INTEL, 6, 221, 221, &crestmont, NULL},	       /* Clearwater Forest */
};
const size_t recipe_models_intel_count = ARRAY_SIZE(recipe_models_intel);
