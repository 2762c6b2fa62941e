# SPDX-License-Identifier: Apache-2.0
# What scenarios of floating point operations share.
# shellcheck shell=bash disable=SC2154 # lib.sh comes first

# per_second COLUMN SOURCE: what the program's threads did in a second of CPU time.
per_second() {
	awk -v amount="$(total "$1" burn-thread "$2")" -v busy="$(total busy_seconds burn-thread)" \
		'BEGIN { if (amount != "" && busy > 0) printf "%.3f\n", amount / busy }'
}

# Share of the time that their counters ran; "" when it was all the time.
operations_ran() {
	awk "$table"'$2 == "thread" && $5 == "burn-thread" && $6 == "flops" && $at["running_ratio"] != "" { last = $at["running_ratio"] }
		END { print last }' s.csv
}

# operations WHAT PERCENT: 0xC7 counts one to 128 million instructions a second, each times the lanes of its width.
operations() {
	near "$(per_second flop_fp64 flops)" 585e6 "$2" "$1: FP64 operations per second of CPU time"
	near "$(per_second flop_fp32 flops)" 2338e6 "$2" "$1: FP32 operations per second of CPU time"
	near "$(per_second flop_vector flops)" 2920e6 "$2" "$1: of them by vectors"
}
