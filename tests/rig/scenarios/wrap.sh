#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Guests: x86
# A register that wraps often: no energy is lost or invented, or it is said why none is given.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

# 50 J at 100 W: a wrap each half second.
range='raw_range=819200 limit_mw=100000 package_mw=100000 zones=1'
# A guest that its host does not let run for a quarter of a second cannot know how often the register has wrapped, and says so.
for try in 1 2 3; do
	# shellcheck disable=SC2086 # several settings
	machine $range powercap=1
	run -d 0.1 --duration 31
	notes | grep -q 'not read for so long' || break
done
result "$code" 'the run ends well' "$err"
lacks "$(notes)" 'not read for so long' "the guest was let run (attempt $try)"
wraps=$(awk -v watts="$(watts powercap:intel-rapl:0)" "$table"'
	$6 == "powercap:intel-rapl:0" && $at["energy_joules"] != "" { last = $at["energy_joules"] }
	END { print int(last / 50) }' s.csv)
between "$wraps" 58 63 'the register wrapped about 60 times'
near "$(watts powercap:intel-rapl:0)" 100 0.5 'no energy is lost or invented over them'
lacks "$(notes)" 'fell' 'no wrap is taken for a fall'

# shellcheck disable=SC2086
machine $range powercap=1
run -d 0.5 --duration 3
contains "$(notes)" 'wraps faster than it is sampled' 'a zone that wraps faster than it is sampled says so'
[ -z "$(watts powercap:intel-rapl:0)" ]
result $? 'and gives no energy' "$(watts powercap:intel-rapl:0)"

# shellcheck disable=SC2086
machine $range power_events=1 powercap=1 power_pmu=1
run -d 0.5 --duration 4
near "$(slope perf_power:energy-pkg)" 100 1 'the count of perf is taken instead'
near "$(total_watts)" 100 5 'and makes the total'
