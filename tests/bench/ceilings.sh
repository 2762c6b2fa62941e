#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Are the ceilings ceilings? Alternating pairs with likwid-bench on the same core and working set, and matrix products of
# oneDNN and OpenBLAS, which may not exceed them.   ceilings.sh [PAIRS [SECONDS]], BUILD=folder
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

pairs=${1:-10}
seconds=${2:-0.08}
# On a machine that is not ours alone both get the core for as long as they run.
alone=()
if chrt -f 1 true 2>/dev/null; then alone=(chrt -f 1); fi
# A working set in the first cache for kernels that need none.
registers=24576
bench=$build/tests/bench
make -C "$build" -s tests/bench/ceilings_run tests/bench/gemm_run >/dev/null || exit 1

# likwid TEST BYTES UNIT ITERATIONS: FLOP/s or bytes/s of one run on the first core.
likwid() {
	${alone[@]+"${alone[@]}"} likwid-bench -t "$1" -w "N:$2B:1" -i "$4" 2>/dev/null | awk -v unit="$3" '$1 == unit "/s:" { print $2 * 1e6 }'
}

# likwid_best TEST BYTES UNIT ITERATIONS: the best of four short runs, as ours is the best of four stretches.
likwid_best() {
	for _ in 1 2 3 4; do likwid "$@"; done | sort -g | tail -1
}

# iterations TEST BYTES: for runs of about 20 ms.
iterations() {
	${alone[@]+"${alone[@]}"} likwid-bench -t "$1" -w "N:$2B:1" -s 1 2>/dev/null |
		awk '/^Time:/ { time = $2 } /^Iterations:/ { count = $2 } END { n = time > 0 ? int(count * 0.02 / time) : 0; print n < 1 ? 1 : n }'
}

# compare KEY TEST UNIT
compare() {
	local key=$1 test=$2 unit=$3 count ours theirs best size i
	size=$("$bench/ceilings_run" "$key" 0.1 | cut -d' ' -f1)
	if [ -z "$size" ]; then
		echo "$key: not here"
		return
	fi
	if [ "$size" = 0 ]; then size=$registers; fi
	count=$(iterations "$test" "$size")
	if [ -z "$(likwid "$test" "$size" "$unit" "$count")" ]; then
		echo "$key: likwid-bench $test does not run here"
		return
	fi
	: >"$own_dir/pairs"
	for ((i = 0; i < pairs; i++)); do
		if ((i % 2)); then theirs=$(likwid_best "$test" "$size" "$unit" "$count"); fi
		ours=$(${alone[@]+"${alone[@]}"} "$bench/ceilings_run" "$key" "$seconds")
		if ((i % 2 == 0)); then theirs=$(likwid_best "$test" "$size" "$unit" "$count"); fi
		read -r _ best _ <<<"$ours"
		echo "$best $theirs" >>"$own_dir/pairs"
	done
	awk '$2 > 0 { print $1 / $2 }' "$own_dir/pairs" | sort -n >"$own_dir/ratios"
	printf '%-20s %-24s %10s B  ours %7.2f  theirs %7.2f G/s  ratio %.3f (%.3f to %.3f), best of all %.3f\n' \
		"$key" "$test" "$size" "$(awk '{ print $1 / 1e9 }' "$own_dir/pairs" | median)" \
		"$(awk '{ print $2 / 1e9 }' "$own_dir/pairs" | median)" "$(median <"$own_dir/ratios")" \
		"$(head -1 "$own_dir/ratios")" "$(tail -1 "$own_dir/ratios")" \
		"$(awk '{ if ($1 > a) a = $1; if ($2 > b) b = $2 } END { print b ? a / b : 0 }' "$own_dir/pairs")"
}

# exceed KEY THREADS LIBRARY PRECISION: how far the best of a library's products comes to the best of the kernel.
exceed() {
	local key=$1 threads=$2 i roof product
	: >"$own_dir/pairs"
	for ((i = 0; i < pairs; i++)); do
		# An OpenBLAS older than the processor would take its slowest kernels.
		product=$(OPENBLAS_CORETYPE=$core_type OMP_NUM_THREADS=$threads OPENBLAS_NUM_THREADS=$threads \
			${alone[@]+"${alone[@]}"} taskset -c "0-$((threads - 1))" "$bench/gemm_run" "$3" "$4" 1024 0.3)
		read -r _ roof _ <<<"$(${alone[@]+"${alone[@]}"} "$bench/ceilings_run" "$key" 0.2)"
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
	echo "medians of $pairs alternating pairs, in each the best of four stretches of 20 ms"
	compare roof/1/fp64/avx2 peakflops_avx_fma MFlops
	compare roof/1/fp32/avx2 peakflops_sp_avx_fma MFlops
	if [ $vector = avx512 ]; then
		compare roof/1/fp64/avx512 peakflops_avx512_fma MFlops
		compare roof/1/fp32/avx512 peakflops_sp_avx512_fma MFlops
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
