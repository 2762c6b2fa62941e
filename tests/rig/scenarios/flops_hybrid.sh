#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Guests: x86-hybrid
# Operations of threads on large cores are counted; on small cores that cannot they are unknown and not zero.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

machine cpu.present=1 cpu.counters=12
run -d 0.2 -- taskset -c 0 "$burn" 4 1
near "$(awk -v amount="$(total flop_fp32 burn-thread flops)" -v busy="$(total busy_seconds burn-thread)" \
	'BEGIN { if (busy > 0) print amount / busy }')" 2338e6 1 'FP32 operations per second of CPU time on the large core'
run -d 0.2 -- taskset -c 1 "$burn" 3 1
[ -z "$(total flop_fp32 burn-thread flops)" ]
result $? 'on the small core they are absent' "$(total flop_fp32 burn-thread flops)"
contains "$(grep ,source,flops s.csv)" 'small cores' 'and the source says so'
