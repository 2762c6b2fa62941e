#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Guests: x86
# Fewer counters than events: what did not run is scaled, and it is said.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

reference=$(cat /sys/module/jouletop_cpu/parameters/reference_mhz)e6
running() { awk "$table"'$2 == "thread" && $5 == "burn-thread" && $at["running_ratio"] != "" { last = $at["running_ratio"] } END { print last }' s.csv; }
# Four events on four counters, of which the watchdog holds one: as a group they never run.
for held in 1 2; do
	machine cpu.present=1 cpu.counters=4 cpu.fixed_counters=0 cpu.watchdog=$held
	run -d 0.2 -- "$burn" 6 1
	name="4 counters, $held of them held"
	near "$(quotient cycles busy_seconds burn-thread)" 3e9 1 "$name: cycles"
	near "$(quotient instructions cycles burn-thread)" 1.5 1 "$name: instructions per cycle"
	near "$(quotient reference_cycles busy_seconds burn-thread)" "$reference" 1 "$name: reference cycles"
	near "$(quotient llc_misses busy_seconds burn-thread)" 4e6 1 "$name: LLC misses"
	between "$(running)" 0.3 0.7 "$name: the share of time that they ran is told"
	contains "$(notes)" 'take turns' "$name: it is said"
done
# All are held: nothing is known, and nothing is zero.
machine cpu.present=1 cpu.counters=4 cpu.fixed_counters=0 cpu.watchdog=4
run -d 0.2 -- "$burn" 4 1
[ -z "$(total cycles burn-thread)" ]
result $? 'counters that never run are a gap, not 0' "$(total cycles burn-thread)"
contains "$(notes)" 'did not run' 'with a reason'
