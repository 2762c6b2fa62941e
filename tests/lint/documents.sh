#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the documents name exists.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Names in code style that look like a path of ours and have no placeholder.
named_files() {
	grep -oE '\b(src|probes|views|themes|tests|\.ci)/[A-Za-z0-9_./-]*[A-Za-z0-9_]' "$1" | LC_ALL=C sort -u |
		grep -vE '(^|[/_.])[A-Z]{2,}([._/]|$)|\.o$'
}

for document in ARCHITECTURE.md HACKING.md README.md; do
	if [ ! -f "$document" ]; then
		left_out "$document names only what exists" 'not written yet'
		continue
	fi
	rule "$document names only what exists" "$(
		named_files "$document" | while read -r name; do
			[ -e "$name" ] || [ -e "$name.c" ] || [ -e "$name.h" ] || echo "$name"
		done
	)"
done
rules_end
