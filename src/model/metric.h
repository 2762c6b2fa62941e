/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue of metrics: one vocabulary for the feed, the screen, the CSV columns and the documents. */
#ifndef JOULETOP_METRIC_H
#define JOULETOP_METRIC_H

#include <stdint.h>

/* Raw metrics are int64_t in the small unit of the name; the CSV shows them in SI with `digits` decimals.
 * Their order is the order of the CSV columns: append, never reorder. */
enum metric {
	/* counters: totals since the start */
	METRIC_ENERGY_UJ,
	METRIC_BUSY_NS,	     /* cpu: not idle; thread, process: CPU time */
	METRIC_INTERRUPT_NS, /* cpu: irq + softirq, part of busy */
	METRIC_STEAL_NS,     /* cpu: taken by the hypervisor, not part of busy */
	METRIC_RESIDENCY_NS, /* idle state */
	METRIC_THROTTLE_NS,  /* thermal throttling */
	METRIC_CYCLES,
	METRIC_INSTRUCTIONS,
	METRIC_REFERENCE_CYCLES,
	METRIC_LLC_MISSES,
	METRIC_CONTEXT_SWITCHES,
	METRIC_MIGRATIONS,
	METRIC_PAGE_FAULTS,
	METRIC_WORK,	  /* units of work done; the domain names the unit */
	METRIC_FLOP_FP64, /* floating point operations done; a fused multiply-add is two */
	METRIC_FLOP_FP32,
	METRIC_FLOP_FP16,   /* half precision and bfloat16 */
	METRIC_FLOP_VECTOR, /* of them, those of vector instructions */
	METRIC_READ_BYTES, /* package, dram: from memory; thread: its part; gpu: over PCIe; operator: all of its tensors */
	METRIC_WRITE_BYTES,
	METRIC_STALL_CYCLES,	   /* cycles that waited for memory */
	METRIC_CALLS,		   /* operator: executions */
	METRIC_GPU_BUSY_NS,	   /* process: time that a GPU worked for it */
	METRIC_INTEGER_OPERATIONS, /* operator: of integers, and of types below 16 bits */
	/* gauges */
	METRIC_SENSOR_POWER_UW, /* what a power sensor says */
	METRIC_POWER_LOW_UW,	/* band of an estimate */
	METRIC_POWER_HIGH_UW,
	METRIC_POWER_LIMIT_UW,
	METRIC_FREQUENCY_HZ,
	METRIC_FREQUENCY_MIN_HZ,
	METRIC_FREQUENCY_MAX_HZ,
	METRIC_TEMPERATURE_MC,
	METRIC_MEMORY_BYTES,	       /* resident */
	METRIC_RUNNING_PPM,	       /* share of the time that the counters ran */
	METRIC_CPU_NUMBER,	       /* where the thread was last seen */
	METRIC_WINDOW_NS,	       /* averaging window of a power sensor */
	METRIC_UTILIZATION_PPM,	       /* gpu: share of the time that anything ran on it */
	METRIC_MEMORY_UTILIZATION_PPM, /* gpu: share of the time that its memory was read or written */
	METRIC_MEMORY_TOTAL_BYTES,
	METRIC_MEMORY_FREQUENCY_HZ,
	METRIC_SM_ACTIVITY_PPM, /* gpu: mean share of the multiprocessors that held work */
	METRIC_TENSOR_ACTIVITY_PPM, /* gpu: share of the cycles in which the pipe worked, as all below */
	METRIC_FP64_ACTIVITY_PPM,
	METRIC_FP32_ACTIVITY_PPM,
	METRIC_FP16_ACTIVITY_PPM,
	METRIC_DRAM_ACTIVITY_PPM,
	METRIC_GPU_MEMORY_BYTES, /* process: what it holds on a GPU */
	METRIC_ROOF_FLOP_PER_S,	 /* roof: the most that was reached */
	METRIC_ROOF_BYTES_PER_S,
	METRIC_REQUESTS_RUNNING, /* server: at work on now; those below too */
	METRIC_REQUESTS_WAITING,
	METRIC_KV_CACHE_PPM, /* share of the cache of keys and values in use */
	METRIC_TTFT_P50_NS,  /* time to the first token, over the last minute */
	METRIC_TTFT_P99_NS,
	METRIC_TPOT_P50_NS, /* time for each further token */
	METRIC_TPOT_P99_NS,
	METRIC_HMMA_ACTIVITY_PPM, /* gpu: of the tensor pipe, on types of 8 to 19 bits */
	METRIC_RAW_COUNT,
	/* derived: doubles in SI, computed from the raw ones, never stored */
	METRIC_POWER_W = METRIC_RAW_COUNT,
	METRIC_BUSY_RATIO, /* thread, process: 1 = one CPU */
	METRIC_IPC,
	METRIC_CLOCK_HZ, /* cycles / reference cycles x TSC frequency */
	METRIC_WORK_PER_S,
	METRIC_FLOP_PER_S,  /* of all precisions */
	METRIC_BYTES_PER_S, /* read and written */
	METRIC_COUNT
};

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE };

/* What an unchanged counter means. */
enum metric_still {
	METRIC_STILL_IS_ZERO, /* nothing happened: rate 0 (CPU time, instructions) */
	METRIC_STILL_IS_NO_NEWS, /* the meter has not spoken yet: the last rate stands and ages (energy) */
};

/* How a metric adds up over child domains. */
enum metric_sum { METRIC_SUM_ADD, METRIC_SUM_MEAN, METRIC_SUM_MAX, METRIC_SUM_NONE };

struct metric_info {
	const char *name; /* CSV column and OpenMetrics name, with the SI unit: "energy_joules" */
	enum metric_kind kind;
	int digits; /* raw = SI value x 10^digits; derived: decimals written to the CSV */
	enum metric_still still;
	enum metric_sum sum;
	const char *help;
};

/* The row of a metric; never NULL for a valid metric. */
const struct metric_info *metric_info(enum metric metric);

/* The bit of a raw metric in a set of them; none for a derived one, which is never stored. */
static inline uint64_t metric_bit(enum metric metric)
{
	return metric < METRIC_RAW_COUNT ? UINT64_C(1) << metric : 0;
}

/* By column name; METRIC_COUNT when unknown. */
enum metric metric_find(const char *name);

/* Raw value in SI units. */
double metric_si(enum metric metric, int64_t raw);

#endif
