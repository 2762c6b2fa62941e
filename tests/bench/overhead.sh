#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What watching 1,000 threads (100 of them running) costs: jouletop beside htop and top, in the same terminal.
# overhead.sh [SECONDS], BUILD=folder
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

seconds=${1:-10}
"$workloads/threads" 1000 100 100000 >/dev/null &
pid=$!
background+=("$pid")
sleep 1

measure() {
	local text=$1 figures
	shift
	figures=$("$pty_run" --size 200x50 --warm 2 --seconds "$seconds" "$@" 2>/dev/null)
	if [ -z "$figures" ]; then
		printf '%-34s not available\n' "$text"
		return
	fi
	# shellcheck disable=SC2086 # name and value in turn
	set -- $figures
	printf '%-34s %14s %10s %14s %14s\n' "$text" "$2" "$4" "$6" "$8"
}

printf '%-34s %14s %10s %14s %14s\n' "200x50, $seconds s, $(nproc) CPUs" 'CPU ms/s' 'RSS MiB' 'switches/s' 'KiB drawn/s'
measure 'jouletop -d 0.1 -p PID' "$jouletop" -d 0.1 -p "$pid"
measure 'jouletop -d 0.1 -p PID -o FILE' "$jouletop" -d 0.1 -p "$pid" -o "$own_dir/session.csv"
measure 'jouletop -d 1 -p PID' "$jouletop" -d 1 -p "$pid"
measure 'jouletop -d 0.1 -b -p PID -o FILE' "$jouletop" -d 0.1 -b -p "$pid" -o "$own_dir/batch.csv"
# htop counts in tenths of a second.
measure 'htop -d 1 -p PID (0.1 s)' htop -d 1 -p "$pid"
measure 'htop -d 1 (0.1 s, all)' htop -d 1
measure 'top -H -d 0.1 -p PID' top -H -d 0.1 -p "$pid"
measure 'top -H -d 0.1 (all)' top -H -d 0.1
