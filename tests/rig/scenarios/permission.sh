#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Guests: x86
# Who may count what, without root: what doctor recommends works.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

chown nobody .
machine package_mw=42000 zones=1 power_events=1 powercap=1 power_pmu=1 cpu.present=1
[ "$(stat -Lc %a /sys/class/powercap/intel-rapl:0/energy_uj)" = 400 ]
result $? 'energy_uj is for root only, as the kernel makes it'
while read -r paranoid power counters; do
	echo "$paranoid" >/proc/sys/kernel/perf_event_paranoid
	states
	is "paranoid $paranoid" powercap 'no access'
	is "paranoid $paranoid" perf_power "${power/_/ }"
	is "paranoid $paranoid" counters "${counters/_/ }"
done <<'TEXT'
-1 ok ok
0 ok ok
1 no_access ok
2 no_access partial
3 no_access no_access
TEXT
as_nobody "$jouletop" -b -d 0.2 --duration 1 2>err.txt >/dev/null
contains "$(cat err.txt)" 'estimated' 'without access to energy, watts are estimated'
contains "$(cat doctor.txt)" 'setcap cap_perfmon+ep' 'doctor says what to do'

# Literally what it says, as root.
remedy=$(remedy_of perf_power)
sh -c "$remedy" >remedy.txt 2>&1
result $? "what doctor recommends for perf_power can be done: $remedy" "$(cat remedy.txt doctor.txt)"
states
is 'after that' perf_power ok
is 'after that' counters ok
as_nobody "$jouletop" -b -d 0.2 --duration 4 -o s.csv 2>err.txt >/dev/null
near "$(slope perf_power:energy-pkg)" 42 1 'the energy comes from perf then'
near "$(total_watts)" 42 5 'and makes the total'

# The same seconds, seen by root through powercap and by nobody through perf.
root_copy=/rig/jouletop-root
cp "$JOULETOP" "$root_copy"
"$root_copy" -b -d 0.2 --duration 8 -o root.csv 2>root.txt >/dev/null </dev/null &
as_nobody "$jouletop" -b -d 0.2 --duration 8 -o s.csv 2>err.txt >/dev/null
wait
near "$(slope perf_power:energy-pkg)" "$(slope powercap:intel-rapl:0 root.csv)" 0.5 \
	'root by powercap and others by perf agree'
rm -f "$root_copy"

for paranoid in -1 1 2; do
	echo "$paranoid" >/proc/sys/kernel/perf_event_paranoid
	states
	is "with CAP_PERFMON, paranoid $paranoid" perf_power ok
	is "with CAP_PERFMON, paranoid $paranoid" counters ok
done
setcap -r "$jouletop"
echo 3 >/proc/sys/kernel/perf_event_paranoid

# The other way that it names.
chmod a+r /sys/class/powercap/*/energy_uj
states
is 'energy_uj readable by all' powercap ok
as_nobody "$jouletop" -b -d 0.2 --duration 4 -o s.csv 2>err.txt >/dev/null
near "$(slope powercap:intel-rapl:0)" 42 1 'the energy comes from powercap then'
