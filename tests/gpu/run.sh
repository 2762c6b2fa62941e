#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# On a machine with a GPU of NVIDIA: products of several data types, a copy and rest. Two tables: the joules of jouletop beside the
# driver's own counter, the integral of its power sensor and what nvidia-smi said; and the band made of activity beside the
# program's own count. Needs no network: nvcc with cuBLAS, or python3 with PyTorch, or LOAD=PROGRAM that takes the same words.
#
#   tests/gpu/run.sh [SECONDS]     JOULETOP=build/jouletop   PHASES="gemm tf32 fp32 fp64 fp8 copy idle"
set -u
seconds=${1:-60}
here=$(cd "$(dirname "$0")" && pwd)
JOULETOP=${JOULETOP:-$here/../../build/jouletop}
JOULETOP=$(realpath "$JOULETOP") || exit 1
export JOULETOP
place=$(mktemp -d)
trap 'kill "${smi:-}" 2>/dev/null; rm -rf "$place"' EXIT
cd "$place" || exit 1

phases=${PHASES:-gemm tf32 fp32 fp64 copy idle}
read -ra load <<<"${LOAD:-}"
if [ ${#load[@]} = 0 ] && command -v nvcc >/dev/null && nvcc -O2 -o load "$here/load.cu" -lcublas -ldl -lpthread 2>nvcc.txt; then
	load=("$place/load")
elif [ ${#load[@]} = 0 ] && python3 -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null; then
	load=(python3 "$here/load.py")
	phases=${PHASES:-gemm tf32 fp32 fp64 fp8 copy idle}
elif [ ${#load[@]} = 0 ]; then
	echo "neither nvcc with cuBLAS nor PyTorch with a GPU is here" >&2
	cat nvcc.txt >&2 2>/dev/null
	exit 1
fi

# The last value of a column in the rows that match: FILE KIND ID-PATTERN SOURCE-PATTERN COLUMN
last() {
	awk -F, -v kind="$2" -v id="$3" -v source="$4" -v column="$5" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$2 == kind && $3 ~ id && $6 ~ source && $(at[column]) != "" { value = $(at[column]) } END { print value }' "$1"
}

label() { grep -m 1 ",label,$2," "$1" | cut -d, -f5- | sed 's/,*$//; s/"//g'; }

percent() { awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%+.2f %%", (a / b - 1) * 100; else printf "-" }'; }

# The band of a phase, made anew of the rows of the recording: means over its ticks of activity times clock.
# FILE PHASE COUNTED-PER-SECOND
band() {
	awk -F, -v phase="$2" -v own="$3" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$2 == "mark" { inside = /begin/ }
		$2 == "roof" && $3 ~ /^roof\/gpu-/ {
			split($3, part, "/"); name = part[3] "/" part[4]
			if ($(at["roof_flop_per_second"]) != "") peak[name] = $(at["roof_flop_per_second"])
			if ($(at["roof_bytes_per_second"]) != "") bandwidth = $(at["roof_bytes_per_second"])
			if ($(at["frequency_hertz"]) != "") clock[name] = $(at["frequency_hertz"]) }
		$2 == "gpu" {
			if ($6 == "nvml" && $(at["frequency_hertz"]) != "") now = $(at["frequency_hertz"])
			for (k in columns) if ($6 == "nvml:gpm" && $(at[columns[k]]) != "") { value[k] = $(at[columns[k]]); told[k] = 1 } }
		$2 == "tick" && inside && told["t"] && now > 0 { ticks++; for (k in columns) { sum[k] += value[k]; paced[k] += value[k] * now } }
		BEGIN { columns["t"] = "tensor_activity_ratio"; columns["h"] = "hmma_activity_ratio"; columns["fp64"] = "fp64_activity_ratio"
			columns["fp32"] = "fp32_activity_ratio"; columns["fp16"] = "fp16_activity_ratio"; columns["m"] = "dram_activity_ratio"
			type["gemm"] = "bf16"; type["tf32"] = "tf32"; type["fp32"] = "fp32"; type["fp64"] = "fp64"; type["fp8"] = "fp8" }
		# So many operations per second that a pipe did at its activity and clock.
		function did(k, name) { return clock[name] > 0 ? paced[k] / ticks * peak[name] / clock[name] : sum[k] / ticks * peak[name] }
		END {
			if (!ticks || !told["t"]) { printf "%-5s the driver told no activity\n", phase; exit }
			if (phase == "copy")
				printf "%-5s memory %.2f TB/s by activity %.1f %%, the program counted %.2f (%+.1f %%)\n", phase, sum["m"] / ticks * bandwidth / 1e12,
					sum["m"] / ticks * 100, own / 1e12, (sum["m"] / ticks * bandwidth / own - 1) * 100
			if (!(phase in type)) exit
			shorts = told["h"] ? did("h", "tf32/tensor") : 0
			longs = did("t", "fp64/tensor") - (told["h"] ? did("h", "fp64/tensor") : 0)
			if (longs < 0) longs = 0
			high = peak["fp8/tensor"] > 0 ? did("t", "fp8/tensor") : did("t", "bf16/tensor")
			vectors = did("fp64", "fp64/vector") + did("fp32", "fp32/vector") + did("fp16", "fp16/vector")
			low = shorts + longs + vectors / 2; high += vectors
			t = type[phase]
			if (t == "fp32") as_type = did("fp32", "fp32/vector")
			else if (t == "fp64") as_type = longs + did("fp64", "fp64/vector")
			else as_type = did(told["h"] ? "h" : "t", t "/tensor")
			printf "%-5s %9.1f %9.1f %9.1f %9.1f %9s %8s  %5.1f %5.1f %5.1f %5.1f %5.1f  %6.0f\n", phase, low / 1e12, high / 1e12, as_type / 1e12, own / 1e12,
				sprintf("%+.1f %%", (as_type / own - 1) * 100), (own >= low && own <= high ? "inside" : "OUTSIDE"), sum["t"] / ticks * 100,
				sum["h"] / ticks * 100, sum["fp64"] / ticks * 100, sum["fp32"] / ticks * 100, sum["fp16"] / ticks * 100, now / 1e6 }' "$1"
}

printf '%-5s %11s %11s %9s %11s %9s %11s %9s %8s\n' phase driver/J jouletop/J diff instant/J diff smi/J diff self/CPU
for phase in $phases; do
	nvidia-smi -i 0 --query-gpu=power.draw.instant --format=csv,noheader,nounits -lms 100 >smi.txt 2>/dev/null & smi=$!
	"$JOULETOP" -b -d 0.1 --record-period 0 -o "$phase.csv" -- "${load[@]}" "$phase" "$seconds" >"$phase.out" 2>"$phase.txt"
	kill $smi 2>/dev/null; wait $smi 2>/dev/null
	read -r _ _ length _ counter_s _ per_second _ driver_j _ instant_j < <(tail -1 "$phase.out")
	if [ -z "${instant_j:-}" ]; then
		echo "$phase: the load failed: $(tail -1 "$phase.txt")"
		continue
	fi
	jouletop_j=$(last "$phase.csv" phase "phase/$phase" '^gpu-' energy_joules)
	# The beginning and the end are not those of nvidia-smi: its middle alone counts.
	smi_j=$(awk -v s="$counter_s" '{ v[NR] = $1 } END { a = int(NR * 0.2); b = int(NR * 0.8); for (i = a; i < b; i++) sum += v[i]; if (b > a) printf "%.1f", sum / (b - a) * s }' smi.txt)
	self=$(sed -n 's/.*jouletop itself: *\([0-9.]* %\).*/\1/p' "$phase.txt")
	printf '%-5s %11s %11s %9s %11s %9s %11s %9s %8s\n' "$phase" "$driver_j" "$jouletop_j" "$(percent "$jouletop_j" "$driver_j")" \
		"$instant_j" "$(percent "$jouletop_j" "$instant_j")" "$smi_j" "$(percent "$jouletop_j" "$smi_j")" "$self"
	band "$phase.csv" "$phase" "$per_second" >>bands.txt
done
echo
printf '%-5s %9s %9s %9s %9s %9s %8s  %5s %5s %5s %5s %5s  %6s\n' phase low/T high/T 'as-type/T' counted/T diff band tensor hmma fp64 fp32 fp16 MHz
cat bands.txt 2>/dev/null
for phase in $phases; do [ -s "$phase.csv" ] && newest=$phase.csv; done
echo "lengths: ${length:-?} s; the driver: $(label "$newest" driver), $(label "$newest" model); peaks: $(label "$newest" peaks)"
