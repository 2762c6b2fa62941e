#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Guests: arm64
# The real PMU driver of arm64 above an emulated PMU: each instruction takes a nanosecond and one cycle.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

run -d 0.2 -- "$burn" 2 2
result "$code" 'the run ends well' "$err"
near "$(quotient instructions cycles burn-thread)" 1 1 'instructions per cycle of the threads'
near "$(quotient cycles busy_seconds burn-thread)" 1e9 1 'cycles per second of CPU time'
[ -z "$(total llc_misses burn-thread)" ]
result $? 'an event that the PMU does not have is absent, not 0' "$(total llc_misses burn-thread)"
[ "$(state counters)" = partial ]
result $? 'and the source says so' "$(grep ,source,counters s.csv)"

# Twelve events of the thread's own share the seven counters with ours.
run -d 0.2 -- "$burn" 4 1 12
result "$code" 'the run with twelve events ends well' "$err"
near "$(quotient instructions cycles burn-thread)" 1 1 'with twelve events beside them: instructions per cycle'
near "$(quotient cycles busy_seconds burn-thread)" 1e9 1 'with twelve events beside them: cycles'
running=$(awk "$table"'$2 == "thread" && $5 == "burn-thread" && $at["running_ratio"] != "" { last = $at["running_ratio"] }
	END { print last }' s.csv)
between "$running" 0.2 0.9 'the share of time that they ran is told'
