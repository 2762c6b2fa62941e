#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The format of C is clang-format's (version 14, others differ in details), that of shell scripts is shellcheck's.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

formatter=$(command -v clang-format-14 || true)
if [ -n "$formatter" ]; then
	rule 'clang-format changes nothing' "$(
		c_files src probes views tests | xargs "$formatter" --dry-run 2>&1 | grep -oE '^[^:]+:[0-9]+' | awk -F: '
			{ if (!count[$1]++) first[$1] = $2 }
			END { for (file in count) print file ":" first[file] ": " count[file] " places" }' | LC_ALL=C sort
	)"
else
	left_out 'clang-format changes nothing' 'clang-format-14 is not installed'
fi

if command -v shellcheck >/dev/null; then
	rule 'shellcheck finds nothing' "$(
		find bootstrap .ci/run src tests -type f \( -name '*.sh' -o -name bootstrap -o -name run \) -print0 |
			xargs -0 shellcheck -x -P SCRIPTDIR -S warning -f gcc
	)"
else
	left_out 'shellcheck finds nothing' 'shellcheck is not installed'
fi
rules_end
