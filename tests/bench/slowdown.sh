#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Does watching slow the watched? Pairs of a matrix multiplication with and without `jouletop -b -d 0.1`, in alternating order;
# and pairs without and without, which tell how fine this machine can resolve.   slowdown.sh [PAIRS [SECONDS]], BUILD=folder
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

pairs=${1:-20}
seconds=${2:-1}

# GFLOP/s of one run.
plain() { "$workloads/gemm" 512 "$seconds" | awk '/^rounds/ { print $6 }'; }
watched() { "$jouletop" -b -d 0.1 -- "$workloads/gemm" 512 "$seconds" 2>>"$own_dir/summary" | awk '/^rounds/ { print $6 }'; }

# pairs_of FIRST SECOND: how much slower SECOND is than FIRST, in percent, one a line.
pairs_of() {
	local first second i
	for ((i = 0; i < pairs; i++)); do
		if ((i % 2)); then
			first=$("$1") second=$("$2")
		else
			second=$("$2") first=$("$1")
		fi
		awk -v first="$first" -v second="$second" 'BEGIN { if (first > 0 && second > 0) print 100 * (first - second) / first }'
	done
}

# Median and its 95 % interval by 2,000 resamplings: "median low high".
interval() {
	awk '
	function median_of(values, count,   i, j, value) {
		for (i = 2; i <= count; i++) {
			value = values[i]
			for (j = i - 1; j > 0 && values[j] > value; j--) values[j + 1] = values[j]
			values[j + 1] = value
		}
		return count % 2 ? values[(count + 1) / 2] : (values[count / 2] + values[count / 2 + 1]) / 2
	}
	{ all[NR] = $1 }
	END {
		if (NR < 5) { print "- - -"; exit }
		srand(1)
		for (round = 1; round <= 2000; round++) {
			for (i = 1; i <= NR; i++) drawn[i] = all[1 + int(rand() * NR)]
			medians[round] = median_of(drawn, NR)
		}
		median_of(medians, 2000)
		printf "%.3f %.3f %.3f\n", median_of(all, NR), medians[50], medians[1950]
	}'
}

# Interrupts between processors so far: rescheduling, function calls, TLB shootdowns.
interprocessor_interrupts() {
	awk '/^ *(RES|CAL|TLB):/ { for (i = 2; i <= NF; i++) if ($i ~ /^[0-9]+$/) sum += $i } END { print sum + 0 }' /proc/interrupts
}

# interrupts_during COMMAND...: how many a second, while it runs; its output comes after.
interrupts_during() {
	local before output started=$SECONDS
	before=$(interprocessor_interrupts)
	output=$("$@")
	printf 'ipis_per_s %d %s\n' $((($(interprocessor_interrupts) - before) / (SECONDS - started))) "$output"
}

plain >/dev/null
read -r same same_low same_high < <(pairs_of plain plain | interval)
read -r slower slower_low slower_high < <(pairs_of plain watched | interval)
printf 'A/A  plain, plain     median %s %%   95 %% interval %s .. %s\n' "$same" "$same_low" "$same_high"
printf 'A/B  plain, watched   median %s %%   95 %% interval %s .. %s\n' "$slower" "$slower_low" "$slower_high"
if [ "$same" = - ] || awk -v low="$same_low" -v high="$same_high" 'BEGIN { exit !(high - low > 0.5) }'; then
	echo 'not resolvable here: two equal runs differ by more than 0.5 %. The cost of watching itself:'
	"$workloads/gemm" 512 100000 >/dev/null &
	background+=("$!")
	pid=$!
	echo "without: $(interrupts_during sleep 10)"
	echo "with:    $(interrupts_during "$pty_run" --warm 1 --seconds 10 "$jouletop" -b -d 0.1 -p "$pid")"
fi
