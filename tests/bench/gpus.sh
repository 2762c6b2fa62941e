#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Eight made-up GPUs at 10 Hz: ticks missed, how late they came, how often each GPU was read, and what it cost.
# gpus.sh [SECONDS] [GPUS], BUILD=folder
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

seconds=${1:-20}
gpus=${2:-8}
make -C "$build" -s tests/support/nvml/libnvidia-ml.so.1 >/dev/null || exit 1
export FAKE_NVML=$own_dir/script
{
	echo "all gpus $gpus"
	echo "all energy_step_ms 100"
	for gpu in $(seq 0 $((gpus - 1))); do echo "$gpu process $$ $((10 + gpu * 5)) 1024"; done
} >"$FAKE_NVML"
measure() { # NAME
	"$jouletop" -b -d 0.1 -n $((seconds * 10)) -p $$ -o "$own_dir/$1.csv" 2>"$own_dir/$1.txt" </dev/null
	sed -n "s/^ *jouletop itself/$1/p" "$own_dir/$1.txt"
}
measure without
LD_LIBRARY_PATH=$build/tests/support/nvml measure with
awk -F, '
	$2 == "tick" { if (n++) { gap = $1 - last; if (gap > most) most = gap; if (gap > 0.15) missed++ } last = $1 }
	$2 == "gpu" && $6 == "nvml:energy" && $8 != "" { reads[$3]++ }
	END { printf "%d ticks, %d missed, longest time between two %.0f ms\n", n, missed, most * 1e3
		for (gpu in reads) { if (!least || reads[gpu] < least) least = reads[gpu]; count++ }
		printf "%d GPUs, the least often read one moved %d times\n", count, least }' "$own_dir/with.csv"
