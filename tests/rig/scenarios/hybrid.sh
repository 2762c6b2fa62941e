#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Guests: x86-hybrid
# A hybrid processor: both PMUs are counted, and added for a thread that moves.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

machine cpu.present=1
for row in '0 3e9 1.5 large' '1 2e9 0.8 small'; do
	read -r cpu hertz ipc name <<<"$row"
	run -d 0.2 -- taskset -c "$cpu" "$burn" 3 1
	near "$(quotient cycles busy_seconds burn-thread)" "$hertz" 1 "clock on the $name core"
	near "$(quotient instructions cycles burn-thread)" "$ipc" 1 "instructions per cycle on the $name core"
done
export burn
# shellcheck disable=SC2016
run -d 0.2 -- sh -c 'taskset -c 0 "$burn" 6 1 & sleep 3; taskset -a -c -p 1 $! >/dev/null; wait'
# Between the two clocks, and as many instructions as the share of each says.
between "$(quotient cycles busy_seconds burn-thread)" 2.2e9 2.8e9 'a thread that moves has cycles of both'
expected=$(awk -v cycles="$(total cycles burn-thread)" -v busy="$(total busy_seconds burn-thread)" 'BEGIN {
	large_s = (cycles - 2e9 * busy) / 1e9; print large_s * 4.5e9 + (busy - large_s) * 1.6e9 }')
near "$(total instructions burn-thread)" "$expected" 1 'and instructions of both'
