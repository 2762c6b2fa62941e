#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Guests: arm64-blind
# A PMU that counts cycles but no instructions, though a raw event for them opens and reads 0.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

run -d 0.2 -- "$burn" 3 1
result "$code" 'the run ends well' "$err"
[ -z "$(total instructions burn-thread)" ]
result $? 'instructions that are not counted are a gap, never 0' "$(total instructions burn-thread)"
between "$(quotient cycles busy_seconds burn-thread)" 0.9e9 1.1e9 'cycles are counted'
[ "$(state counters)" = partial ]
result $? 'the source says that something is missing' "$(grep ,source,counters s.csv)"
contains "$(grep ,source,counters s.csv | tail -n 1)" 'instructions' 'and what'
