#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Guests: x86
# The roofline panel as its reader sees it: intensity (FLOP/byte) and FLOP/s of a program whose rates are set in the module.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

look=$RIG_OUT/look
if [ ! -x "$look" ]; then
	omitted 'intensity and FLOP/s in the panel' 'libvterm is missing'
	exit 0
fi

# panel THREADS DELAY: what the box of the point says at each tick, into box.txt: "AI 1.462 FLOP/B  2.92 GFLOP/s"; the CPU seconds of
# each thread into used.txt.
panel() {
	"$look" 'AI ' 3 "$jouletop" -d "$2" --duration 10 -- sh -c "$burn 9 $1 >used.txt" >box.txt 2>err.txt
	cp box.txt "box-$counters-$1.txt"
}

# middle_of FIELD: of all ticks the one in the middle, since an emulated machine is held up now and then; 1 = FLOP/byte, 2 = FLOP/s.
middle_of() {
	sed -nE 's,^AI [≤~]*([0-9.]+) FLOP/B +~?([0-9.]+) ([kMGT]?)FLOP/s.*,\1 \2\3,p' box.txt |
		sed -E 's/k$/e3/; s/M$/e6/; s/G$/e9/; s/T$/e12/' | cut -d' ' -f"$1" | sort -g |
		awk '{ value[NR] = $1 } END { if (NR >= 6) print value[int((NR + 1) / 2)] }'
}

# Every thread does 585 FP64 and 2338 FP32 MFLOP and misses 4 million lines of 64 bytes in a second of its CPU time. The tick in the
# middle is as busy as the mean at least, and as a whole CPU at most.
used() { awk '{ sum += $1 } END { print sum / 9 }' used.txt; }
within() { # VALUE FACTOR LEAST MOST NAME: 2 % around what CPU time leaves open
	between "$1" "$(awk -v factor="$2" -v least="$3" 'BEGIN { print 0.98 * factor * least }')" \
		"$(awk -v factor="$2" -v most="$4" 'BEGIN { print 1.02 * factor * most }')" "$5 ($3 to $4 CPUs)"
}
for counters in 8 4; do
	machine cpu.present=1 cpu.counters=$counters
	panel 1 0.5
	near "$(middle_of 1)" 11.418 2 "$counters counters: FLOP for each byte that was missed"
	within "$(middle_of 2)" 2923e6 "$(used)" 1 "$counters counters: FLOP/s of one thread"
done

# With a memory controller a CPU second has the same part of its 4 GB/s whoever has it. How much was busy beside the program is
# left open: a kernel that is emulated on a busy host counts too few ticks.
idle_s() { awk '/^cpu / { print ($5 + $6) / 100 }' /proc/stat; }
counters=12
machine cpu.present=1 cpu.counters=$counters memory_pmu=1 read_mbps=3000 write_mbps=1000
panel 2 1 &
sleep 3
idle_before_s=$(idle_s) from_s=$(cut -d' ' -f1 /proc/uptime)
sleep 5
cpus=$(awk -v idle="$(idle_s)" -v before="$idle_before_s" -v to="$(cut -d' ' -f1 /proc/uptime)" -v from="$from_s" \
	'BEGIN { print 2 - (idle - before) / (to - from) }')
wait
within "$(middle_of 1)" 0.73075 "$(used)" "$cpus" 'FLOP for each byte of the memory controller'
