#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# nvtop and jouletop on the made-up driver, field by field. Needs nvtop and tmux.
#
#   tests/gpu/nvtop.sh     BUILD=build  NVTOP=nvtop
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${BUILD:-$here/build}" && pwd)
nvtop=${NVTOP:-nvtop}
place=$(mktemp -d)
sleep 60 & pid=$!
trap 'kill $pid; tmux -L "compare$$" kill-server 2>/dev/null; rm -rf "$place"' EXIT
ln -s "$build/tests/support/nvml/libnvidia-ml.so.1" "$place/libnvidia-ml.so.1"
ln -s libnvidia-ml.so.1 "$place/libnvidia-ml.so" # nvtop looks for this name first
cat >"$place/script" <<END
all power_mw 312000
all limit_mw 650000
all utilization 60
all used_mib 4096
all reserved_mib 0
all celsius 61
all graphics_mhz 1755
all sm_mhz 1755
all gpm_21 512
all gpm_20 128
all process $pid 60 4000
END
export FAKE_NVML=$place/script LD_LIBRARY_PATH=$place
tmux -L "compare$$" new-session -d -x 120 -y 20 "TERM=screen LANG=C.UTF-8 '$nvtop' -p -C"
for _ in $(seq 100); do
	sleep 0.1
	tmux -L "compare$$" capture-pane -p >"$place/screen"
	grep -q "$pid .*60%" "$place/screen" && break
done
"$build/jouletop" -b -d 0.5 -n 7 -o "$place/session.csv" 2>/dev/null </dev/null

# The last value of a column of the first kind and source that match.
ours() {
	awk -F, -v kind="$1" -v source="$2" -v column="$3" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$2 == kind && $6 == source && $(at[column]) != "" { value = $(at[column]) } END { print value }' "$place/session.csv"
}
# nvtop's: the first word that follows.
theirs() { grep -oE "$1" "$place/screen" | head -1 | grep -oE '[0-9.]+' | head -"${2:-1}" | tail -1; }
bad=0
compare() { # FIELD OURS SCALE THEIRS
	awk -v name="$1" -v a="$2" -v scale="$3" -v b="$4" 'BEGIN {
		same = a != "" && b != "" && a * scale - b < 0.51 && b - a * scale < 0.51
		printf "%-22s %12s %12s  %s\n", name, a * scale, b, same ? "same" : "DIFFERENT"; exit !same }' || bad=1
}
printf '%-22s %12s %12s\n' field jouletop nvtop
compare "power W" "$(ours gpu nvml:instant sensor_power_watts)" 1 "$(theirs 'POW +[0-9]+')"
compare "cap W" "$(ours gpu nvml power_limit_watts)" 1 "$(theirs 'POW +[0-9]+ / +[0-9]+' 2)"
compare "SM clock MHz" "$(ours gpu nvml frequency_hertz)" 1e-6 "$(theirs 'GPU [0-9]+MHz')"
compare "memory clock MHz" "$(ours gpu nvml memory_frequency_hertz)" 1e-6 "$(theirs 'MEM [0-9]+MHz')"
compare "temperature C" "$(ours gpu nvml temperature_celsius)" 1 "$(theirs 'TEMP +[0-9]+')"
compare "use %" "$(ours gpu nvml utilization_ratio)" 100 "$(theirs '\| *[0-9]+%\]')"
compare "memory GiB" "$(ours gpu nvml memory_bytes)" 9.313225746154785e-10 "$(theirs '[0-9.]+Gi/')"
compare "memory in all GiB" "$(ours gpu nvml memory_total_bytes)" 9.313225746154785e-10 "$(theirs '/[0-9.]+Gi')"
compare "received MiB/s" "$(ours gpu nvml:pcie bytes_per_second | awk '{ print $1 * 512 / 640 / 1048576 }')" 1 "$(theirs 'RX: [0-9.]+')"
compare "process MiB" "$(ours process "nvml:gpu-0000:1b:00.0" gpu_memory_bytes)" 9.5367431640625e-7 "$(theirs '[0-9]+MiB')"
compare "process use %" "$(awk -F, '$2 == "process" && $6 ~ /^nvml:gpu/ { if (!n++) t = $1; T = $1; for (i = 1; i <= NF; i++) if (c == i) v = $i }
	NR == 1 { for (i = 1; i <= NF; i++) if ($i == "gpu_busy_seconds") c = i } END { if (T > t) print v / (T - t) }' "$place/session.csv")" 100 \
	"$(theirs 'Compute +[0-9]+%')"
exit $bad
