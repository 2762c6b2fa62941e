#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Guests: x86
# The TPMI driver does not undo the wrap of the register: the count of perf falls by 2^32 units.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

# 400 J before the wrap, at 100 W.
machine start_raw=$((4294967296 - 400 * 16384)) tpmi=1 package_mw=100000 zones=1 power_events=1 powercap=1 power_pmu=1
run -d 0.2 --duration 8
result "$code" 'the run ends well' "$err"
fell() { awk "$table"'$6 == "perf_power:energy-pkg" && $at["energy_joules"] != "" { if ($at["energy_joules"] + 0 < last) print; last = $at["energy_joules"] + 0 }' s.csv; }
[ "$(( $(cat $parameters/start_raw) + $(awk '$1 == "package" { printf "%d", $3 * 0.016384 }' $parameters/truth) ))" -gt 4294967296 ]
result $? 'the register has wrapped'
near "$(slope perf_power:energy-pkg)" 100 0.5 'the energy by perf goes on across the wrap'
near "$(watts perf_power:energy-pkg)" 100 3 'none is lost or invented'
near "$(slope powercap:intel-rapl:0)" 100 0.5 'as by powercap'
[ -z "$(fell)" ]
result $? 'no total falls' "$(fell)"

# Without powercap nobody knows the range.
machine start_raw=$((4294967296 - 400 * 16384)) tpmi=1 package_mw=100000 power_events=1 power_pmu=1
run -d 0.2 --duration 8
contains "$(notes)" 'energy-pkg fell' 'a fall that cannot be undone is said'
[ -z "$(fell)" ]
result $? 'and no total falls' "$(fell)"
between "$(watts perf_power:energy-pkg)" 85 103 'and at most the energy of one reading is lost'
