# SPDX-License-Identifier: Apache-2.0
# What the lints share: the files of the project, and TAP.
# shellcheck shell=bash

cd "${top_srcdir:-$(dirname "${BASH_SOURCE[0]}")/../..}" || exit 1
case_count=0

# C files of the given folders, one a line; a kernel module follows the kernel's rules.
c_files() {
	find "$@" -name '*.[ch]' -type f -not -path 'tests/rig/module/*' 2>/dev/null | LC_ALL=C sort
}

# rule NAME OFFENDERS: passes when nobody offends.
rule() {
	case_count=$((case_count + 1))
	if [ -z "$2" ]; then
		echo "ok $case_count - $1"
		return
	fi
	echo "not ok $case_count - $1"
	printf '%s\n' "$2" | head -n 60 | sed 's/^/# /'
}

# left_out NAME REASON
left_out() {
	case_count=$((case_count + 1))
	echo "ok $case_count - $1 # SKIP $2"
}

# To be called last.
rules_end() {
	echo "1..$case_count"
}
