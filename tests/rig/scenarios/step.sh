#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Guests: x86
# Watts that change under way are seen at once.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

machine package_mw=20000 zones=1 powercap=1
export parameters jouletop
# shellcheck disable=SC2016 # expanded by the command
run -d 0.2 -- sh -c 'sleep 2; "$jouletop" mark begin hot; echo 90000 >"$parameters/package_mw"; sleep 2
	"$jouletop" mark end hot; echo 20000 >"$parameters/package_mw"; sleep 1'
result "$code" 'the run ends well' "$err"
# The power of the rows around a mark: watts of the row after COUNT more readings.
after_mark() {
	awk -v which="$1" -v count="$2" "$table"'
		$2 == "mark" { if (++marks == which) mark_s = $1 }
		$6 == "powercap:intel-rapl:0" && $at["power_watts"] != "" { time_s[++rows] = $1; watts[rows] = $at["power_watts"] }
		END { for (i = 1; i <= rows; i++) if (time_s[i] > mark_s) { print watts[i + count]; exit } }' s.csv
}
near "$(after_mark 1 2)" 90 3 'more watts are seen within two ticks'
near "$(after_mark 2 2)" 20 5 'fewer watts are seen within two ticks'
