#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Are the ceilings ceilings? Alternating pairs with likwid-bench on the same core and working set, and matrix products of
# oneDNN and OpenBLAS, which may not exceed them.   ceilings.sh [PAIRS [SECONDS]], BUILD=folder
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

pairs=${1:-10}
seconds=${2:-0.5}
bench=$build/tests/bench
make -C "$build" -s tests/bench/ceilings_run tests/bench/gemm_run >/dev/null || exit 1

# likwid TEST BYTES UNIT: FLOP/s or bytes/s of one run on the first core.
likwid() {
	likwid-bench -t "$1" -w "N:$2B:1" -s 1 2>/dev/null | awk -v unit="$3" '$1 == unit "/s:" { print $2 * 1e6 }'
}

# compare KEY TEST UNIT [BYTES]
compare() {
	local key=$1 test=$2 unit=$3 bytes=${4:-} ours theirs best middle size i
	# shellcheck disable=SC2046 # three numbers
	set -- $("$bench/ceilings_run" "$key" 0.1)
	if [ $# -ne 3 ]; then
		echo "$key: not here"
		return
	fi
	size=${bytes:-$1}
	if [ -z "$(likwid "$test" "$size" "$unit")" ]; then
		echo "$key: likwid-bench $test does not run here"
		return
	fi
	: >"$own_dir/pairs"
	for ((i = 0; i < pairs; i++)); do
		if ((i % 2)); then theirs=$(likwid "$test" "$size" "$unit"); fi
		ours=$("$bench/ceilings_run" "$key" "$seconds")
		if ((i % 2 == 0)); then theirs=$(likwid "$test" "$size" "$unit"); fi
		read -r _ best middle <<<"$ours"
		echo "$best $middle $theirs" >>"$own_dir/pairs"
	done
	printf '%-22s %-24s %9s B  %8.2f G/s  %8.2f G/s  best %.3f  middle %.3f\n' "$key" "$test" "$size" \
		"$(awk '{ print $1 / 1e9 }' "$own_dir/pairs" | median)" "$(awk '{ print $3 / 1e9 }' "$own_dir/pairs" | median)" \
		"$(awk '$3 > 0 { print $1 / $3 }' "$own_dir/pairs" | median)" "$(awk '$3 > 0 { print $2 / $3 }' "$own_dir/pairs" | median)"
}

# exceed KEY THREADS LIBRARY PRECISION: how far the best of a library's products comes to the best of the kernel.
exceed() {
	local key=$1 threads=$2 i roof product
	: >"$own_dir/pairs"
	for ((i = 0; i < pairs; i++)); do
		# An OpenBLAS older than the processor would take its slowest kernels.
		product=$(OPENBLAS_CORETYPE=$core_type OMP_NUM_THREADS=$threads OPENBLAS_NUM_THREADS=$threads \
			taskset -c "0-$((threads - 1))" "$bench/gemm_run" "$3" "$4" 1024 "$seconds")
		read -r _ roof _ <<<"$("$bench/ceilings_run" "$key" "$seconds")"
		if [ -n "$product" ] && [ -n "$roof" ]; then echo "$product $roof"; fi >>"$own_dir/pairs"
	done
	printf '%-22s %-10s %-6s median %.3f of the roof, best of all %.3f of the best\n' "$key" "$3" "$4" \
		"$(awk '{ print $1 / $2 }' "$own_dir/pairs" | median)" \
		"$(awk '{ if ($1 > p) p = $1; if ($2 > r) r = $2 } END { print r ? p / r : 0 }' "$own_dir/pairs")"
}

echo "machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) CPUs, load $(cut -d' ' -f1 /proc/loadavg)"
echo "clock: $("$bench/ceilings_run" clock | awk '{ print $1 / 1e9 }') GHz (additions that wait for each other)"
if command -v likwid-bench >/dev/null; then
	vector=avx512
	"$bench/ceilings_run" roof/1/fp32/avx512 0.1 >"$own_dir/any" 2>/dev/null || vector=avx
	echo "ours, theirs: medians of $pairs alternating pairs; best and middle of our stretches of 20 ms against their mean of 1 s"
	compare roof/1/fp64/avx2 peakflops_avx_fma MFlops 24576
	compare roof/1/fp32/avx2 peakflops_sp_avx_fma MFlops 24576
	if [ $vector = avx512 ]; then
		compare roof/1/fp64/avx512 peakflops_avx512_fma MFlops 24576
		compare roof/1/fp32/avx512 peakflops_sp_avx512_fma MFlops 24576
	fi
	for level in l1 l2 l3 dram; do
		compare roof/1/read/$level load_$vector MByte
	done
	compare roof/1/copy/dram copy_mem_$vector MByte
	compare roof/1/triad/dram triad_mem_$vector MByte
fi
cores=$("$jouletop" ceilings --list | sed -n 's|^roof/all/fp32/[^,]*, \([0-9]*\) cores.*|\1|p' | head -1)
widest=$("$jouletop" ceilings --list | sed -n '/not here/d;s|^roof/1/fp32/\([a-z0-9]*\) .*|\1|p' | head -1)
core_type=
if [ "$widest" = avx512 ]; then core_type=SkylakeX; fi
for library in onednn openblas; do
	exceed "roof/1/fp32/$widest" 1 $library sgemm
	exceed "roof/all/fp32/$widest" "${cores:-1}" $library sgemm
done
exceed "roof/1/fp64/$widest" 1 openblas dgemm
exceed "roof/all/fp64/$widest" "${cores:-1}" openblas dgemm
