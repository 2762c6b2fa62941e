#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Milliseconds from exec to the first screen that bears the program's name or title; median and worst of several starts.
# first_frame.sh [STARTS], BUILD=folder
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

starts=${1:-11}

measure() {
	local title=$1 times
	shift
	times=$(for _ in $(seq "$starts"); do
		"$pty_run" --size 120x40 --seconds 5 --until "$title" "$@" 2>/dev/null
	done | awk '{ print $2 }')
	printf '%-12s %8s %8s   (%d of %d starts)\n' "$(basename "$1")" "$(median <<<"$times")" "$(sort -n <<<"$times" | tail -n 1)" \
		"$(grep -c . <<<"$times")" "$starts"
}

printf '%-12s %8s %8s\n' 'ms to title' median worst
measure jouletop "$jouletop"
measure Tasks htop
measure 'top -' top
