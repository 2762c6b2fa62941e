#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Guests: x86
# Zones that die, go and come back while they are watched: gaps with a reason, no energy out of nothing.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

machine package_mw=42000 core_mw=30000 zones=3 powercap=1
"$jouletop" -b -o s.csv -d 0.2 --duration 7 >/dev/null 2>err.txt </dev/null &
running=$!
sleep 2.5
rig dead_zones=2
sleep 1.5
rig dead_zones=0
wait $running
result $? 'the run ends well' "$(cat err.txt)"
contains "$(notes)" 'energy_uj cannot be read' 'a zone that fails is a gap with a reason'
near "$(slope powercap:intel-rapl:0)" 42 0.5 'the other zone is not concerned'
between "$(watts powercap:intel-rapl:0:0)" 20 31 'the zone that failed invents no energy'
largest() { awk -v source="$1" "$table"'$6 == source && $at["power_watts"] + 0 > most { most = $at["power_watts"] + 0 } END { print most }' s.csv; }
last_watts() { awk -v source="$1" "$table"'$6 == source && $at["power_watts"] != "" { last = $at["power_watts"] } END { print last }' s.csv; }
between "$(largest powercap:intel-rapl:0:0)" 29 40 'and its power is never more than was drawn'
near "$(last_watts powercap:intel-rapl:0:0)" 30 10 'it is back when it can be read again'

"$jouletop" -b -o s.csv -d 0.2 --duration 8 >/dev/null 2>err.txt </dev/null &
running=$!
sleep 2.5
rig powercap=0
sleep 1.5
rig powercap=1
wait $running
result $? 'the run ends well though the driver was unloaded' "$(cat err.txt)"
contains "$(notes)" 'the zone is gone' 'a driver that was unloaded is a gap with a reason'
between "$(largest powercap:intel-rapl:0)" 41 55 'no energy comes out of nothing'
rows=$(awk "$table"'$6 == "powercap:intel-rapl:0" && $at["energy_joules"] != "" { last = $1 } END { print last }' s.csv)
between "$rows" 6 9 'it is measured again when the driver is back'

# With perf beside it the energy goes on.
machine package_mw=42000 zones=1 power_events=1 powercap=1 power_pmu=1
"$jouletop" -b -o s.csv -d 0.2 --duration 6 >/dev/null 2>err.txt </dev/null &
running=$!
sleep 2.5
rig powercap=0
wait $running
near "$(slope perf_power:energy-pkg)" 42 1 'perf measures on when powercap has gone'
near "$(total_watts)" 42 5 'and the total is whole'
