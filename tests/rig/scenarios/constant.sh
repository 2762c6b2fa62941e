#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Guests: x86
# Constant watts: what is measured is what was drawn, and nothing is counted twice.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

machine package_mw=42000 core_mw=30000 uncore_mw=4000 dram_mw=6500 psys_mw=61000 \
	zones=31 mmio_zones=9 power_events=31 powercap=1 power_pmu=1
run -d 0.2 --duration 6
result "$code" 'the run ends well' "$err"
while read -r source truth what; do
	near "$(slope "$source")" "$truth" 0.5 "$what"
	near "$(watts "$source")" "$truth" 3 "$what, from the first to the last reading"
done <<'TEXT'
powercap:intel-rapl:0 42 energy of the package by powercap
powercap:intel-rapl:0:0 30 energy of the cores by powercap
powercap:intel-rapl:0:1 4 energy of the uncore by powercap
powercap:intel-rapl:0:2 6.5 energy of the DRAM by powercap
powercap:intel-rapl:1 61 energy of the platform by powercap
perf_power:energy-pkg 42 energy of the package by perf
perf_power:energy-cores 30 energy of the cores by perf
perf_power:energy-gpu 4 energy of the uncore by perf
perf_power:energy-ram 6.5 energy of the DRAM by perf
perf_power:energy-psys 61 energy of the platform by perf
TEXT
near "$(slope powercap:intel-rapl:0)" "$(slope perf_power:energy-pkg)" 0.5 'powercap and perf agree'
[ -z "$(watts powercap:intel-rapl-mmio:0)" ]
result $? 'a zone of intel-rapl-mmio that repeats another is left out'
near "$(total_watts)" 48.5 3 'the total is package and DRAM, once'
contains "$err" 'package-0 + dram-0' 'the summary says what the total is made of'
lacks "$err" 'estimated' 'nothing is estimated where everything is measured'

# Only the twin is left.
machine package_mw=42000 zones=0 mmio_zones=1 powercap=1
run -d 0.2 --duration 2
near "$(slope powercap:intel-rapl-mmio:0)" 42 1 'a zone of intel-rapl-mmio alone is the package'
near "$(total_watts)" 42 5 'it is in the total'
