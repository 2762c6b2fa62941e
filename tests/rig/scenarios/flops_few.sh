#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Guests: x86
# Floating point operations with too few counters: they take turns, or are unknown, and nothing else suffers.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"
. "$RIG_TREE/tests/rig/guest/operations.sh"

# Emulated, a turn takes a tenth of a millisecond that counts for both: longer ones are nearer to the truth.
slices=/sys/bus/event_source/devices/cpu/perf_event_mux_interval_ms
usual_ms=$(cat "$slices")
echo 20 >"$slices"
machine cpu.present=1 cpu.counters=4
run -d 0.2 -- "$burn" 8 1
operations '4 counters' 2
# The first tries are gaps.
machine cpu.present=1 cpu.counters=4 cpu.watchdog=1
run -d 0.2 -- "$burn" 10 1
between "$(per_second flop_fp32 flops)" 1170e6 2410e6 'one of them held: operations are counted after the first tries'
echo "$usual_ms" >"$slices"

machine cpu.present=1 cpu.counters=4 cpu.watchdog=4
run -d 0.2 -- "$burn" 8 1
[ -z "$(total flop_fp32 burn-thread flops)" ]
result $? 'operations whose counters others hold are absent, not 0' "$(total flop_fp32 burn-thread flops)"
near "$(quotient instructions cycles burn-thread)" 1.5 1 'instructions and cycles are counted'
contains "$(grep ,source,flops s.csv)" 'hold the counters' 'the source says why'

# Others count as well: below a quarter of the time.
machine cpu.present=1
run -d 0.2 -- "$burn" 8 1 40
between "$(operations_ran)" 0.001 0.25 'below a quarter of the time is told'
