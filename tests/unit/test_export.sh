#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Phases of a recording: exported, summed up, and recorded again as they were. Speaks TAP.
set -u
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
session=$folder/s.csv
number=0

# check NAME CONDITION...
check() {
	local name=$1
	shift
	number=$((number + 1))
	if "$@" >&2; then echo "ok $number - $name"; else echo "not ok $number - $name"; fi
}

same() {
	diff "$1" "$2"
}

# 10 W of package and 2 W of DRAM, a reading a second; the marks lie between them.
{
	echo time_seconds,kind,id,parent,name,source,quality,energy_joules
	echo 0.0,meta,session_csv,,1,,,
	for i in 0 1 2 3 4 5 6; do
		case $i in
		1) echo 0.5,mark,begin,,train,,, && echo 0.75,mark,begin,,forward,,, ;;
		3) echo 2.25,mark,end,,forward,,, && echo 2.5,mark,end,,train,,, ;;
		5) echo 4.5,mark,begin,,never ended,,, ;;
		esac
		echo "$i.0,package,package-0,,package-0,powercap:intel-rapl:0,measured,$((i * 10))"
		echo "$i.0,dram,dram-0,,dram-0,powercap:intel-rapl:0:0,measured,$((i * 2))"
		echo "$i.0,tick,$((i + 1)),,,,,"
	done
} >"$session"

echo 1..4
cat >"$folder/expected" <<'END'
start_time,window_name,elapsed_time,cpu0_energy,dram0_energy
0.750000000,train/forward,1.500000000,15.000000,3.000000
0.500000000,train,2.000000000,20.000000,4.000000
END
"$JOULETOP" export --zeus "$session" >"$folder/zeus" 2>"$folder/said"
check 'repetitions have the columns of Zeus' same "$folder/expected" "$folder/zeus"
check 'what is still open is said' grep -q "'never ended' was still open" "$folder/said"
"$JOULETOP" replay -b "$session" 2>"$folder/summary" >&2
check 'the summary has the phases' grep -qE '^ +train +24.0 J +12.0 W +1 in 2.00 s, peak 12.0 W$' "$folder/summary"
"$JOULETOP" export "$session" 2>"$folder/usage"
check 'without a form it says how it is used' grep -q 'export --zeus FILE' "$folder/usage"
