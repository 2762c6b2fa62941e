#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Do the counters count what was done? The operations and bytes of two programs that know them, by the hardware's events and by
# their own marks; for machines with a PMU.   known_work.sh [SECONDS], BUILD=folder
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

seconds=${1:-10}

# The columns by name; quoted text holds commas, but not before them.
table='BEGIN { FS = "," }
	NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	{ gsub(/"[^"]*"/, "text") }'

# last KIND SOURCE COLUMN...: the totals at the end, of all domains of the kind and all columns. "" when there is none.
last() {
	local kind=$1 source=$2
	shift 2
	awk -v kind="$kind" -v source="$source" -v columns="$*" "$table"'
		$2 == kind && (source == "" || $6 == source || $6 == "ended-threads") {
			count = split(columns, column, " ")
			for (i = 1; i <= count; i++) if ($at[column[i]] != "") total[$3 " " $6 " " column[i]] = $at[column[i]]
		}
		END { for (id in total) { sum += total[id]; any = 1 } if (any) printf "%.0f\n", sum }' "$own_dir/s.csv"
}

# work UNIT: what the program says it did.
work() {
	awk -v key="work/$1" "$table"'$3 == key && $at["work"] != "" { last = $at["work"] } END { if (last) print last }' "$own_dir/s.csv"
}

compare() { # NAME COUNTED MARKED
	if [ -z "$2" ] || [ -z "$3" ]; then
		echo "$1: not run: nothing counts it here ($(reason))"
		return
	fi
	awk -v name="$1" -v counted="$2" -v marked="$3" \
		'BEGIN { printf "%s: counted %.4g, marked %.4g, ratio %.4f\n", name, counted, marked, counted / marked }'
}

reason() { awk "$table"'$2 == "source" && ($3 == "flops" || $3 == "traffic") { print $3 " " $4 }' "$own_dir/s.csv" | sort -u | paste -sd' '; }

run() { "$jouletop" -b -d 0.2 -o "$own_dir/s.csv" -- "$@" >/dev/null 2>&1; }

if ! compgen -G '/sys/bus/event_source/devices/cpu' >/dev/null && ! compgen -G '/sys/bus/event_source/devices/cpu_core' >/dev/null &&
	! compgen -G '/sys/bus/event_source/devices/armv8_pmuv3*' >/dev/null; then
	echo 'not run: no PMU'
	exit 0
fi

run "$workloads/gemm" 512 "$seconds"
compare 'gemm, operations' "$(last thread flops flop_fp64 flop_fp32 flop_fp16)" "$(work flop)"
run "$workloads/stream" 1024 "$seconds"
compare 'stream, operations' "$(last thread flops flop_fp64 flop_fp32 flop_fp16)" "$(work flop)"
compare 'stream, bytes of the memory controllers (with all that others moved)' \
	"$(last package "" read_bytes write_bytes)" "$(work byte)"
compare 'stream, bytes of its threads' "$(last thread traffic:shared read_bytes write_bytes)" "$(work byte)"
