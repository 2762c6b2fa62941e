/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue of metrics as one table. */
#include "model/metric.h"

#include <string.h>

#define ZERO	METRIC_STILL_IS_ZERO
#define NO_NEWS METRIC_STILL_IS_NO_NEWS

/* The numbers of decimals of the small units. */
enum { DIGITS_COUNT = 0, DIGITS_MILLI = 3, DIGITS_MICRO = 6, DIGITS_NANO = 9 };

static const struct metric_info metric_rows[METRIC_COUNT] = {
	[METRIC_ENERGY_UJ] = {"energy_joules", METRIC_COUNTER, DIGITS_MICRO, NO_NEWS,
			      METRIC_SUM_ADD, "Energy used since the start."},
	[METRIC_BUSY_NS] = {"busy_seconds", METRIC_COUNTER, DIGITS_NANO, ZERO, METRIC_SUM_ADD,
			    "CPU: time that was not idle; thread, process: CPU time."},
	[METRIC_INTERRUPT_NS] = {"interrupt_seconds", METRIC_COUNTER, DIGITS_NANO, ZERO,
				 METRIC_SUM_ADD, "CPU: time in interrupts, part of busy."},
	[METRIC_STEAL_NS] = {"steal_seconds", METRIC_COUNTER, DIGITS_NANO, ZERO, METRIC_SUM_ADD,
			     "CPU: time that the hypervisor took, not part of busy."},
	[METRIC_RESIDENCY_NS] = {"residency_seconds", METRIC_COUNTER, DIGITS_NANO, ZERO,
				 METRIC_SUM_ADD, "Time spent in an idle state, summed over CPUs."},
	[METRIC_THROTTLE_NS] = {"throttle_seconds", METRIC_COUNTER, DIGITS_NANO, ZERO,
				METRIC_SUM_ADD, "Time slowed down by heat."},
	[METRIC_CYCLES] = {"cycles", METRIC_COUNTER, DIGITS_COUNT, ZERO, METRIC_SUM_ADD,
			   "Clock cycles while busy."},
	[METRIC_INSTRUCTIONS] = {"instructions", METRIC_COUNTER, DIGITS_COUNT, ZERO, METRIC_SUM_ADD,
				 "Instructions retired."},
	[METRIC_REFERENCE_CYCLES] = {"reference_cycles", METRIC_COUNTER, DIGITS_COUNT, ZERO,
				     METRIC_SUM_ADD,
				     "Cycles of the constant reference clock while busy."},
	[METRIC_LLC_MISSES] = {"llc_misses", METRIC_COUNTER, DIGITS_COUNT, ZERO, METRIC_SUM_ADD,
			       "Misses of the last level cache."},
	[METRIC_CONTEXT_SWITCHES] = {"context_switches", METRIC_COUNTER, DIGITS_COUNT, ZERO,
				     METRIC_SUM_ADD, "Times the scheduler switched away."},
	[METRIC_MIGRATIONS] = {"migrations", METRIC_COUNTER, DIGITS_COUNT, ZERO, METRIC_SUM_ADD,
			       "Moves from one CPU to another."},
	[METRIC_PAGE_FAULTS] = {"page_faults", METRIC_COUNTER, DIGITS_COUNT, ZERO, METRIC_SUM_ADD,
				"Page faults, minor and major."},
	[METRIC_WORK] = {"work", METRIC_COUNTER, DIGITS_COUNT, ZERO, METRIC_SUM_NONE,
			 "Work done since the start, in the unit that the domain names."},
	[METRIC_FLOP_FP64] = {"flop_fp64", METRIC_COUNTER, DIGITS_COUNT, ZERO, METRIC_SUM_ADD,
			      "Double precision operations; a fused multiply-add is two."},
	[METRIC_FLOP_FP32] = {"flop_fp32", METRIC_COUNTER, DIGITS_COUNT, ZERO, METRIC_SUM_ADD,
			      "Single precision operations; a fused multiply-add is two."},
	[METRIC_FLOP_FP16] = {"flop_fp16", METRIC_COUNTER, DIGITS_COUNT, ZERO, METRIC_SUM_ADD,
			      "Operations in half precision or bfloat16."},
	[METRIC_FLOP_VECTOR] = {"flop_vector", METRIC_COUNTER, DIGITS_COUNT, ZERO, METRIC_SUM_ADD,
				"Those of the operations that vector instructions did."},
	[METRIC_READ_BYTES] = {"read_bytes", METRIC_COUNTER, DIGITS_COUNT, ZERO, METRIC_SUM_ADD,
			       "Bytes read from memory; GPU: received over PCIe."},
	[METRIC_WRITE_BYTES] = {"write_bytes", METRIC_COUNTER, DIGITS_COUNT, ZERO, METRIC_SUM_ADD,
				"Bytes written to memory; GPU: sent over PCIe."},
	[METRIC_STALL_CYCLES] = {"stall_cycles", METRIC_COUNTER, DIGITS_COUNT, ZERO, METRIC_SUM_ADD,
				 "Cycles that waited for memory."},
	[METRIC_CALLS] = {"calls", METRIC_COUNTER, DIGITS_COUNT, ZERO, METRIC_SUM_ADD,
			  "Executions of an operator."},
	[METRIC_GPU_BUSY_NS] = {"gpu_busy_seconds", METRIC_COUNTER, DIGITS_NANO, ZERO,
				METRIC_SUM_ADD, "Time that a GPU worked for the process."},
	[METRIC_INTEGER_OPERATIONS] =
		{"integer_operations", METRIC_COUNTER, DIGITS_COUNT, ZERO, METRIC_SUM_ADD,
		 "Operators: operations on integers, and on types below 16 bits."},
	[METRIC_SENSOR_POWER_UW] = {"sensor_power_watts", METRIC_GAUGE, DIGITS_MICRO, NO_NEWS,
				    METRIC_SUM_ADD, "Power as a sensor says."},
	[METRIC_POWER_LOW_UW] = {"power_low_watts", METRIC_GAUGE, DIGITS_MICRO, NO_NEWS,
				 METRIC_SUM_ADD, "Lower end of an estimate."},
	[METRIC_POWER_HIGH_UW] = {"power_high_watts", METRIC_GAUGE, DIGITS_MICRO, NO_NEWS,
				  METRIC_SUM_ADD, "Upper end of an estimate."},
	[METRIC_POWER_LIMIT_UW] = {"power_limit_watts", METRIC_GAUGE, DIGITS_MICRO, NO_NEWS,
				   METRIC_SUM_ADD, "Power cap in force."},
	[METRIC_FREQUENCY_HZ] = {"frequency_hertz", METRIC_GAUGE, DIGITS_COUNT, NO_NEWS,
				 METRIC_SUM_MEAN, "Clock frequency."},
	[METRIC_FREQUENCY_MIN_HZ] = {"frequency_min_hertz", METRIC_GAUGE, DIGITS_COUNT, NO_NEWS,
				     METRIC_SUM_NONE, "Lowest clock frequency allowed."},
	[METRIC_FREQUENCY_MAX_HZ] = {"frequency_max_hertz", METRIC_GAUGE, DIGITS_COUNT, NO_NEWS,
				     METRIC_SUM_MAX, "Highest clock frequency allowed."},
	[METRIC_TEMPERATURE_MC] = {"temperature_celsius", METRIC_GAUGE, DIGITS_MILLI, NO_NEWS,
				   METRIC_SUM_MAX, "Temperature."},
	[METRIC_MEMORY_BYTES] = {"memory_bytes", METRIC_GAUGE, DIGITS_COUNT, NO_NEWS,
				 METRIC_SUM_ADD, "Resident memory."},
	[METRIC_RUNNING_PPM] = {"running_ratio", METRIC_GAUGE, DIGITS_MICRO, NO_NEWS,
				METRIC_SUM_MEAN,
				"Share of the time that the hardware counters ran."},
	[METRIC_CPU_NUMBER] = {"cpu", METRIC_GAUGE, DIGITS_COUNT, NO_NEWS, METRIC_SUM_NONE,
			       "CPU on which the thread was last seen."},
	[METRIC_WINDOW_NS] = {"window_seconds", METRIC_GAUGE, DIGITS_NANO, NO_NEWS, METRIC_SUM_MAX,
			      "Time over which a power sensor averages."},
	[METRIC_UTILIZATION_PPM] = {"utilization_ratio", METRIC_GAUGE, DIGITS_MICRO, NO_NEWS,
				    METRIC_SUM_MEAN,
				    "GPU: share of the time that anything ran on it."},
	[METRIC_MEMORY_UTILIZATION_PPM] = {"memory_utilization_ratio", METRIC_GAUGE, DIGITS_MICRO,
					   NO_NEWS, METRIC_SUM_MEAN,
					   "GPU: share of the time that its memory was in use."},
	[METRIC_MEMORY_TOTAL_BYTES] = {"memory_total_bytes", METRIC_GAUGE, DIGITS_COUNT, NO_NEWS,
				       METRIC_SUM_ADD, "Memory that is there."},
	[METRIC_MEMORY_FREQUENCY_HZ] = {"memory_frequency_hertz", METRIC_GAUGE, DIGITS_COUNT,
					NO_NEWS, METRIC_SUM_MEAN, "Clock of the memory."},
	[METRIC_SM_ACTIVITY_PPM] = {"sm_activity_ratio", METRIC_GAUGE, DIGITS_MICRO, NO_NEWS,
				    METRIC_SUM_MEAN,
				    "GPU: mean share of the multiprocessors that held work."},
	[METRIC_TENSOR_ACTIVITY_PPM] =
		{"tensor_activity_ratio", METRIC_GAUGE, DIGITS_MICRO, NO_NEWS, METRIC_SUM_MEAN,
		 "GPU: share of the cycles in which the tensor pipe worked."},
	[METRIC_FP64_ACTIVITY_PPM] = {"fp64_activity_ratio", METRIC_GAUGE, DIGITS_MICRO, NO_NEWS,
				      METRIC_SUM_MEAN,
				      "GPU: share of the cycles in which the FP64 pipe worked."},
	[METRIC_FP32_ACTIVITY_PPM] = {"fp32_activity_ratio", METRIC_GAUGE, DIGITS_MICRO, NO_NEWS,
				      METRIC_SUM_MEAN,
				      "GPU: share of the cycles in which the FP32 pipe worked."},
	[METRIC_FP16_ACTIVITY_PPM] = {"fp16_activity_ratio", METRIC_GAUGE, DIGITS_MICRO, NO_NEWS,
				      METRIC_SUM_MEAN,
				      "GPU: share of the cycles in which the FP16 pipe worked."},
	[METRIC_DRAM_ACTIVITY_PPM] = {"dram_activity_ratio", METRIC_GAUGE, DIGITS_MICRO, NO_NEWS,
				      METRIC_SUM_MEAN,
				      "GPU: share of the cycles in which its memory moved data."},
	[METRIC_GPU_MEMORY_BYTES] = {"gpu_memory_bytes", METRIC_GAUGE, DIGITS_COUNT, NO_NEWS,
				     METRIC_SUM_ADD, "Memory that the process holds on a GPU."},
	[METRIC_ROOF_FLOP_PER_S] = {"roof_flop_per_second", METRIC_GAUGE, DIGITS_COUNT, NO_NEWS,
				    METRIC_SUM_NONE,
				    "Roof: operations per second that were reached."},
	[METRIC_ROOF_BYTES_PER_S] = {"roof_bytes_per_second", METRIC_GAUGE, DIGITS_COUNT, NO_NEWS,
				     METRIC_SUM_NONE, "Roof: bytes per second that were reached."},
	[METRIC_REQUESTS_RUNNING] = {"requests_running", METRIC_GAUGE, DIGITS_COUNT, NO_NEWS,
				     METRIC_SUM_ADD, "Server: requests that it works on."},
	[METRIC_REQUESTS_WAITING] = {"requests_waiting", METRIC_GAUGE, DIGITS_COUNT, NO_NEWS,
				     METRIC_SUM_ADD, "Server: requests that wait."},
	[METRIC_KV_CACHE_PPM] = {"kv_cache_ratio", METRIC_GAUGE, DIGITS_MICRO, NO_NEWS,
				 METRIC_SUM_MAX,
				 "Server: share of the cache of keys and values in use."},
	[METRIC_TTFT_P50_NS] = {"ttft_p50_seconds", METRIC_GAUGE, DIGITS_NANO, NO_NEWS,
				METRIC_SUM_NONE,
				"Server: time to the first token, median of the last minute."},
	[METRIC_TTFT_P99_NS] = {"ttft_p99_seconds", METRIC_GAUGE, DIGITS_NANO, NO_NEWS,
				METRIC_SUM_NONE,
				"Server: time to the first token that 1 % exceeded."},
	[METRIC_TPOT_P50_NS] = {"tpot_p50_seconds", METRIC_GAUGE, DIGITS_NANO, NO_NEWS,
				METRIC_SUM_NONE,
				"Server: time per further token, median of the last minute."},
	[METRIC_TPOT_P99_NS] = {"tpot_p99_seconds", METRIC_GAUGE, DIGITS_NANO, NO_NEWS,
				METRIC_SUM_NONE,
				"Server: time per further token that 1 % exceeded."},
	[METRIC_HMMA_ACTIVITY_PPM] = {"hmma_activity_ratio", METRIC_GAUGE, DIGITS_MICRO, NO_NEWS,
				      METRIC_SUM_MEAN,
				      "GPU: share of the cycles in which the tensor pipe worked on "
				      "TF32, 16 bits or FP8 (HMMA)."},
	[METRIC_POWER_W] = {"power_watts", METRIC_GAUGE, DIGITS_MICRO, NO_NEWS, METRIC_SUM_ADD,
			    "Power: energy per second between the last two readings."},
	[METRIC_BUSY_RATIO] = {"busy_ratio", METRIC_GAUGE, DIGITS_MICRO, ZERO, METRIC_SUM_ADD,
			       "Busy time per second; 1 = one CPU."},
	[METRIC_IPC] = {"instructions_per_cycle", METRIC_GAUGE, DIGITS_MICRO, ZERO, METRIC_SUM_NONE,
			"Instructions per cycle."},
	[METRIC_CLOCK_HZ] = {"clock_hertz", METRIC_GAUGE, DIGITS_COUNT, ZERO, METRIC_SUM_NONE,
			     "Clock while busy: cycles / reference cycles x reference clock."},
	[METRIC_WORK_PER_S] = {"work_per_second", METRIC_GAUGE, DIGITS_MICRO, ZERO, METRIC_SUM_NONE,
			       "Work per second."},
	[METRIC_FLOP_PER_S] = {"flop_per_second", METRIC_GAUGE, DIGITS_COUNT, ZERO, METRIC_SUM_ADD,
			       "Floating point operations per second, all precisions."},
	[METRIC_BYTES_PER_S] = {"bytes_per_second", METRIC_GAUGE, DIGITS_COUNT, ZERO,
				METRIC_SUM_ADD, "Bytes read and written per second."},
};

const struct metric_info *metric_info(enum metric metric)
{
	return &metric_rows[metric];
}

enum metric metric_find(const char *name)
{
	for (int i = 0; i < METRIC_COUNT; i++) {
		if (strcmp(metric_rows[i].name, name) == 0)
			return (enum metric)i;
	}
	return METRIC_COUNT;
}

double metric_si(enum metric metric, int64_t raw)
{
	/* Divided, not multiplied by 1e-6: only this gives the double nearest to the decimal that the CSV shows. */
	static const double scales[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

	return (double)raw / scales[metric_rows[metric].digits];
}
