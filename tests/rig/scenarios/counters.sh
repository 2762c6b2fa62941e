#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Guests: x86
# Counters of threads: cycles, instructions, clock, misses, and an event that never counts.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

machine cpu.present=1
run -d 0.2 -- "$burn" 4 2
result "$code" 'the run ends well' "$err"
reference=$(cat /sys/module/jouletop_cpu/parameters/reference_mhz)e6
busy=$(total busy_seconds burn-thread)
near "$(quotient instructions cycles burn-thread)" 1.5 1 'instructions per cycle of the threads'
near "$(quotient cycles busy_seconds burn-thread)" 3e9 1 'cycles per second of CPU time'
near "$(quotient reference_cycles busy_seconds burn-thread)" "$reference" 1 'reference cycles per second of CPU time'
near "$(quotient llc_misses busy_seconds burn-thread)" 4e6 1 'LLC misses per second of CPU time'
truth=$(awk '{ sum += $1 } END { print sum }' out.txt)
near "$busy" "$truth" 12 'their CPU time is counted from their first tick on'
clock=$(awk "$table"'$2 == "thread" && $5 == "burn-thread" && $6 == "counters" && $at["clock_hertz"] != "" { print $at["clock_hertz"] }' s.csv |
	sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }')
near "$clock" 3e9 1 'the clock of the threads'

machine cpu.present=1 cpu.mute_events=8
run -d 0.2 -- "$burn" 3 1
[ -z "$(total llc_misses burn-thread)" ]
result $? 'an event that can be opened and never counts is absent, not 0' "$(total llc_misses burn-thread)"
contains "$(notes)" 'counts nothing on this machine' 'and it is said'
near "$(quotient instructions cycles burn-thread)" 1.5 1 'the others are not concerned'

machine cpu.present=1 cpu.core_events=3
run -d 0.2 -- "$burn" 3 1
[ -z "$(total llc_misses burn-thread)" ]
result $? 'an event that is not there is absent' "$(total llc_misses burn-thread)"
[ "$(state counters)" = partial ]
result $? 'the source says that something is missing' "$(grep ,source,counters s.csv)"
near "$(quotient instructions cycles burn-thread)" 1.5 1 'the others are counted'
