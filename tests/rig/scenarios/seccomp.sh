#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Guests: x86
# A seccomp filter that refuses perf_event_open, as in a container.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

machine package_mw=42000 zones=1 power_events=1 powercap=1 power_pmu=1 cpu.present=1
"$RIG_OUT/forbid" "$jouletop" doctor >doctor.txt 2>&1
contains "$(tr -s ' \n' '  ' <doctor.txt)" 'seccomp' 'doctor says that a seccomp filter may be the reason'
"$RIG_OUT/forbid" "$jouletop" -b -o s.csv -d 0.2 --duration 4 2>err.txt >/dev/null
result $? 'the run ends well' "$(cat err.txt)"
near "$(slope powercap:intel-rapl:0)" 42 1 'powercap is not concerned'
[ "$(state perf_power)" = 'no access' ]
result $? 'perf_power has no access' "$(state perf_power)"
[ "$(state counters)" = 'no access' ]
result $? 'counters have no access' "$(state counters)"
