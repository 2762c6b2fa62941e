#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Guests: x86
# Floating point operations of threads and bytes of the memory controller: rates, operations per byte, and what cannot be had.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"
. "$RIG_TREE/tests/rig/guest/operations.sh"

# As many counters as are wanted, and the memory's.
machine cpu.present=1 cpu.counters=12 memory_pmu=1 read_mbps=3000 write_mbps=1000
run -d 0.1 -- "$burn" 8 2
result "$code" 'the run ends well' "$err"
operations '12 counters' 1
[ -z "$(operations_ran)" ]
result $? 'they run all the time' "$(operations_ran)"
near "$(rate read_bytes package traffic:imc)" 3e9 1 'bytes read per second'
near "$(rate write_bytes package traffic:imc)" 1e9 1 'bytes written per second'
# All threads miss alike in a second of CPU time: the bytes that are shared out go by it.
part_of() { # COLUMN SOURCE: the part of the program's threads in what all threads have
	awk -v column="$1" -v source="$2" "$table"'
		$2 == "thread" && $6 == source && $at[column] != "" { last[$3] = $at[column]; own[$3] = $5 == "burn-thread" }
		END { for (id in last) { all += last[id]; if (own[id]) part += last[id] } if (all > 0) print part / all }' s.csv
}
near "$(part_of read_bytes traffic:shared)" "$(part_of busy_seconds counters)" 5 'bytes go by misses'
near "$(awk -v reads="$(total read_bytes burn-thread traffic:shared)" -v writes="$(total write_bytes burn-thread traffic:shared)" \
	'BEGIN { if (writes > 0) print reads / writes }')" 3 1 'reads and writes as the memory had them'
between "$(awk "$table"'$2 == "thread" && $6 == "traffic:shared" && $at["read_bytes"] != "" { last[$3] = $at["read_bytes"] }
	$2 == "package" && $6 == "traffic:imc" && $at["read_bytes"] != "" { all = $at["read_bytes"] }
	END { for (id in last) sum += last[id]; if (all > 0) print sum / all }' s.csv)" 0.4 1 'threads get no more than there was'
[ "$(awk "$table"'$6 == "traffic:shared" { print $7 }' s.csv | sort -u)" = attributed ]
result $? 'what is shared out is attributed'

# Eight counters, of which cache misses need one: the others stay, the operations take turns.
machine cpu.present=1
run -d 0.2 -- "$burn" 8 1
operations '8 counters' 2
between "$(operations_ran)" 0.2 0.9 'the share of time that they ran is told'
near "$(quotient cycles busy_seconds burn-thread)" 3e9 1 'cycles take no turns'
near "$(per_second read_bytes traffic:at-least)" 256e6 5 'without a memory controller: 64 bytes for each miss'
[ "$(awk "$table"'$6 == "traffic:at-least" { print $7 }' s.csv | sort -u)" = estimated ]
result $? 'and that it is a lower bound'

# Not there, or never counting.
machine cpu.present=1 cpu.core_events=15
run -d 0.2 -- "$burn" 2 1
[ -z "$(total flop_fp32 burn-thread flops)" ]
result $? 'without the event there are no operations' "$(total flop_fp32 burn-thread flops)"
[ "$(state flops)" = none ]
result $? 'and the source says so' "$(grep ,source,flops s.csv)"
machine cpu.present=1 cpu.mute_events=16
run -d 0.2 -- "$burn" 3 1
[ -z "$(total flop_fp32 burn-thread flops)" ]
result $? 'an event that never counts is unknown, not 0' "$(total flop_fp32 burn-thread flops)"
contains "$(notes)" 'no operation has been counted yet' 'and it is said'
