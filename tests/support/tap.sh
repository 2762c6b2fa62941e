# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Results of a script that speaks TAP. It ends with echo "1..$count".
count=0

result() { # RESULT NAME [WHAT WAS SEEN]
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		[ -n "${3:-}" ] && printf '%s\n' "$3" | head -40 | sed 's/^/# /'
	fi
}

omitted() { # NAME REASON
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}
