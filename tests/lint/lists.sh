#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What stands in Makefile.am is what there is, and what is linked in.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

build=${top_builddir:-build}
words=$(sed -e 's/\\$//' Makefile.am | tr ' \t=' '\n\n\n' | grep / | LC_ALL=C sort -u)

rule 'each file is named in Makefile.am' "$(
	{
		c_files src probes views tests
		find themes tests/lint tests/bench tests/sessions tests/golden tests/machines -type f -not -name '.*'
	} | LC_ALL=C sort -u | while read -r file; do
		if grep -qxF "$file" <<<"$words"; then continue; fi
		# A program of one source is named without its ending.
		if grep -qxF "${file%.c}" <<<"$words"; then continue; fi
		echo "$file"
	done
)"

# Left out for want of a library: configure has made comments of its lines.
is_left_out() {
	grep -qE "^#.*\b$1/$2(/|\.c)" "$build/Makefile"
}

# FOLDER/NAME.c and FOLDER/NAME/NAME.c.
public_files() {
	find "$1" -name '*.c' | LC_ALL=C sort | awk -F/ 'NF == 2 || $3 == $2 ".c"'
}

# linked FOLDER KIND: files of the folder whose symbol is not in the program or in no list.
linked() {
	local file name
	for file in $(public_files "$1"); do
		name=$(basename "$file" .c)
		if is_left_out "$1" "$name"; then continue; fi
		grep -qE " [RDrd] $2_$name\$" <<<"$symbols" || echo "$file: $2_$name is not in the program"
		grep -qF "&$2_$name," "$build/src/commands/lists.c" || echo "$file: $2_$name is not in the list"
	done
}

symbols=$(nm "$build/jouletop")
rule 'each probe is linked in' "$(linked probes probe)"
rule 'each view is linked in' "$(linked views view)"
rule 'each theme is built in' "$(
	for file in themes/*.theme; do
		grep -qF "{\"$(basename "$file" .theme)\"," "$build/src/commands/lists.c" || echo "$file"
	done
)"
rule 'no list names more than there is' "$(
	for kind in probe view command; do
		sed -n "s/^\t&\(${kind}_.*\),\$/\1/p" "$build/src/commands/lists.c"
	done | while read -r name; do
		grep -qE " [RDrd] $name\$" <<<"$symbols" || echo "$name"
	done
)"

own_dir=$(mktemp -d)
trap 'rm -rf "$own_dir"' EXIT
printf 'text = "a\\b" ??= x\n\ttab %%s\n' >"$own_dir/odd.theme"
{
	printf 'struct theme_text { const char *name, *text; };\n#include <stdio.h>\n'
	sh src/commands/lists.sh "$own_dir" --probes --views --themes odd.theme --commands |
		sed -n '/^const struct theme_text/,$p'
	printf 'int main(void) { fputs(theme_list[0].text, stdout); return 0; }\n'
} >"$own_dir/odd.c"
${CC:-cc} -o "$own_dir/odd" "$own_dir/odd.c" && "$own_dir/odd" >"$own_dir/odd.out"
rule 'a theme comes through the list as it was written' "$(diff "$own_dir/odd.theme" "$own_dir/odd.out" 2>&1)"
rule 'a probe in a folder of its own is one probe' "$(
	sh src/commands/lists.sh . --probes probes/one.c probes/two/two.c probes/two/part.c probes/two/part.h --views \
		--themes --commands | grep -o '&probe_.*,' | tr '\n' ' ' | grep -vxF '&probe_one, &probe_two, '
)"
rules_end
