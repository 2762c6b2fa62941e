#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Guests: x86-sockets
# Two packages, with one die and with two each, and a CPU that goes off line.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

machine packages=2 package_mw=40000,60000 core_mw=10000,20000 dram_mw=5000,7000 powercap=1 power_pmu=1
run -d 0.2 --duration 6
result "$code" 'the run ends well' "$err"
watts_of() { awk -v id="$1" -v part="$2" "$table"'
	$3 == id && index($6, part) == 1 && $at["energy_joules"] != "" {
		if (!seen++) { first = $at["energy_joules"]; first_s = $1 }
		last = $at["energy_joules"]; last_s = $1
	}
	END { if (last_s > first_s) printf "%.6f\n", (last - first) / (last_s - first_s) }' s.csv; }
for part in powercap: perf_power:; do
	near "$(watts_of package-0 "$part")" 40 3 "package 0 by $part"
	near "$(watts_of package-1 "$part")" 60 3 "package 1 by $part"
	near "$(watts_of dram-1 "$part")" 7 3 "DRAM 1 by $part"
	near "$(watts_of cores-1 "$part")" 20 3 "cores 1 by $part"
done
near "$(total_watts)" 112 3 'the total is both packages with their DRAM'

machine packages=2 dies=2 package_mw=10000,20000,30000,40000 zones=1 power_events=1 powercap=1 power_pmu=1
run -d 0.2 --duration 6
for row in '0-die-0 10' '0-die-1 20' '1-die-0 30' '1-die-1 40'; do
	read -r die truth <<<"$row"
	near "$(watts_of "package-$die" powercap:)" "$truth" 3 "package-$die by powercap"
	near "$(watts_of "package-$die" perf_power:)" "$truth" 3 "package-$die by perf"
done
near "$(total_watts)" 100 3 'the total is all dies'

# The CPU on which perf counts package 1 goes off line.
machine packages=2 package_mw=40000,60000 zones=1 power_events=1 powercap=1 power_pmu=1
first=$(cut -d, -f2 /sys/bus/event_source/devices/power/cpumask)
"$jouletop" -b -o s.csv -d 0.2 --duration 7 >/dev/null 2>err.txt </dev/null &
running=$!
sleep 3
echo 0 >"/sys/devices/system/cpu/cpu$first/online"
wait $running
result $? "the run ends well though CPU $first went off line" "$(cat err.txt)"
result "$(cat "/sys/devices/system/cpu/cpu$first/online")" 'the CPU is off line'
near "$(watts_of package-1 perf_power:)" 60 3 'perf counts its package on another CPU'
near "$(watts_of package-1 powercap:)" 60 3 'powercap is not concerned'
near "$(total_watts)" 100 3 'the total is whole'
echo 1 >"/sys/devices/system/cpu/cpu$first/online"
