#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# On a machine with a GPU of NVIDIA: a GEMM, a copy and rest; the joules of jouletop beside the driver's own counter, the
# integral of its power sensor and what nvidia-smi said, and the band made of activity beside the program's own count.
#
#   tests/gpu/run.sh [SECONDS]     JOULETOP=build/jouletop   needs nvcc with cuBLAS, or LOAD=PROGRAM built from load.cu
set -u
seconds=${1:-60}
here=$(cd "$(dirname "$0")" && pwd)
JOULETOP=${JOULETOP:-$here/../../build/jouletop}
JOULETOP=$(realpath "$JOULETOP") || exit 1
export JOULETOP
place=$(mktemp -d)
trap 'kill "${smi:-}" 2>/dev/null; rm -rf "$place"' EXIT
cd "$place" || exit 1

load=${LOAD:-}
if [ -z "$load" ]; then
	load=$place/load
	nvcc -O2 -o "$load" "$here/load.cu" -lcublas -ldl -lpthread || exit 1
fi

# The last value of a column in the rows that match: FILE KIND ID-PATTERN SOURCE-PATTERN COLUMN
last() {
	awk -F, -v kind="$2" -v id="$3" -v source="$4" -v column="$5" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$2 == kind && $3 ~ id && $6 ~ source && $(at[column]) != "" { value = $(at[column]) } END { print value }' "$1"
}

# Time-weighted mean of a gauge while the phase lasts, rows hold what changed: FILE BEGIN END SOURCE COLUMN
mean() {
	awk -F, -v begin="$2" -v end="$3" -v source="$4" -v column="$5" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$2 == "gpu" && $6 == source && $(at[column]) != "" {
			if (have && $1 > begin) { from = time > begin ? time : begin; to = $1 < end ? $1 : end
				if (to > from) sum += value * (to - from) }
			have = 1; time = $1; value = $(at[column]) }
		END { if (have && time < end) sum += value * (end - (time > begin ? time : begin)); if (end > begin) print sum / (end - begin) }' "$1"
}

label() { awk -F, -v name="$2" '$2 == "label" && $3 == name { print $5; exit }' "$1"; }

percent() { awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%+.2f %%", (a / b - 1) * 100; else printf "-" }'; }

printf '%-5s %11s %11s %9s %11s %9s %11s %9s %8s\n' phase driver/J jouletop/J diff instant/J diff smi/J diff self/CPU
for phase in gemm copy idle; do
	nvidia-smi -i 0 --query-gpu=power.draw.instant --format=csv,noheader,nounits -lms 100 >smi.txt 2>/dev/null & smi=$!
	"$JOULETOP" -b -d 0.1 -o "$phase.csv" -- "$load" "$phase" "$seconds" >"$phase.out" 2>"$phase.txt"
	kill $smi 2>/dev/null; wait $smi 2>/dev/null
	read -r _ _ length _ counter_s _ per_second _ driver_j _ instant_j < <(tail -1 "$phase.out")
	jouletop_j=$(last "$phase.csv" phase "phase/$phase" '^gpu-' energy_joules)
	# The beginning and the end are not those of nvidia-smi: its middle alone counts.
	smi_j=$(awk -v s="$counter_s" '{ v[NR] = $1 } END { a = int(NR * 0.2); b = int(NR * 0.8); for (i = a; i < b; i++) sum += v[i]; if (b > a) printf "%.1f", sum / (b - a) * s }' smi.txt)
	self=$(sed -n 's/.*jouletop itself: *\([0-9.]* %\).*/\1/p' "$phase.txt")
	printf '%-5s %11s %11s %9s %11s %9s %11s %9s %8s\n' "$phase" "$driver_j" "$jouletop_j" "$(percent "$jouletop_j" "$driver_j")" \
		"$instant_j" "$(percent "$jouletop_j" "$instant_j")" "$smi_j" "$(percent "$jouletop_j" "$smi_j")" "$self"
	begin=$(awk -F, '$2 == "mark" && /begin/ { print $1; exit }' "$phase.csv")
	end=$(awk -F, '$2 == "mark" && /end/ { print $1 }' "$phase.csv" | tail -1)
	tensor=$(mean "$phase.csv" "$begin" "$end" nvml:gpm tensor_activity_ratio)
	dram=$(mean "$phase.csv" "$begin" "$end" nvml:gpm dram_activity_ratio)
	awk -v phase="$phase" -v tensor="$tensor" -v dram="$dram" -v tf32="$(label "$phase.csv" 'peak tf32')" \
		-v fp16="$(label "$phase.csv" 'peak fp16')" -v fp8="$(label "$phase.csv" 'peak fp8')" \
		-v bandwidth="$(label "$phase.csv" 'memory bandwidth')" -v own="$per_second" 'BEGIN {
		if (phase == "gemm" && tensor != "")
			printf "      band of activity %.0f..%.0f TFLOP/s (as fp16 %.0f), the program counted %.0f: %s\n", tensor * tf32 / 1e12,
				tensor * fp8 / 1e12, tensor * fp16 / 1e12, own / 1e12, (own >= tensor * tf32 && own <= tensor * fp8) ? "inside" : "OUTSIDE"
		if (phase == "copy" && dram != "")
			printf "      memory %.2f TB/s by activity, the program counted %.2f\n", dram * bandwidth / 1e12, own / 1e12
	}'
done
echo "lengths: $length s; the driver: $(label gemm.csv driver), $(label gemm.csv model)"
