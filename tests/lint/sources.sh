#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The shape of each file: who may use it, what it is, how long it is.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

files=$(c_files src probes views tests)
scripts=$(find src tests bootstrap .ci/run -type f \( -name '*.sh' -o -name bootstrap -o -name run -o -name '*.py' \))

rule 'each source begins with its licence and a sentence on what it is' "$(
	for file in $files; do
		{
			IFS= read -r first
			IFS= read -r second
		} <"$file"
		if [ "$first" != '/* SPDX-License-Identifier: Apache-2.0 */' ]; then
			echo "$file: $first"
		elif [[ ! $second =~ ^/\*\ .{12,} ]]; then
			echo "$file: $second"
		fi
	done
)"
rule 'each script names its licence' "$(grep -L 'SPDX-License-Identifier: Apache-2.0' $scripts)"
rule 'no file is longer than 400 lines' "$(wc -l $files | awk '$1 > 400 && $2 != "total" { print $2 ": " $1 " lines" }')"
rule 'no function is longer than 80 lines' "$(awk '
	FNR == 1 { start = 0 }
	/^\{/ { start = FNR }
	/^\}/ { if (start && FNR - start - 1 > 80) print FILENAME ":" start ": " FNR - start - 1 " lines"; start = 0 }' $files)"
rule 'nothing is left to do' "$(grep -nHE '\b(TODO|FIXME|XXX|HACK)\b' $files | grep -v '^tests/lint/')"
rule 'no trailing blanks' "$(grep -nHE '[[:blank:]]+$' $files $scripts)"
rule 'no type of ours is renamed' "$(c_files src probes views | xargs grep -nHE '^[[:space:]]*typedef\b')"
rule 'only main and the commands end the program or print' "$(
	c_files src probes views | grep -vE '^src/(main\.c|commands/)' |
		xargs grep -nHE '\b(exit|printf|puts|putchar|perror)[[:space:]]*\(' | grep -vE ':[[:space:]]*(/?\*|//)'
)"
rules_end
